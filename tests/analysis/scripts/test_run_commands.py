"""What single commands install, upload, write and download, in bash and in PowerShell."""

import textwrap

import pytest

from scanner.analysis.scripts.commands import commands_of
from scanner.analysis.scripts.downloads import is_fixed, is_here, is_plain, is_versioned, unverified
from scanner.analysis.scripts.env_files import writes
from scanner.analysis.scripts.packages import installation
from scanner.analysis.scripts.registries import upload
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from tests.memory import repository


def step(script: str, shell: str = "bash") -> tuple[Graph, StepNode]:
    """The one step of an action."""
    body = textwrap.indent(script, " " * 8)
    text = f"runs:\n  using: composite\n  steps:\n    - shell: {shell}\n      run: |\n{body}\n"
    graph, problems = repository({"action.yml": text})
    assert not problems
    (node,) = graph.of(StepNode)
    return graph, node


def installed(script: str, shell: str = "bash") -> list[str]:
    graph, node = step(script, shell)
    found = [installation(ran.command) for ran in commands_of(graph, node)]
    return [" ".join(word.text for word in one.packages) for one in found if one is not None]


@pytest.mark.parametrize(
    ("script", "packages"),
    [
        ("npm install a b@1 && npm i -g c", ["a b@1", "c"]),
        ("npm isntall a", ["a"]),
        ("npm --prefix web install a", ["a"]),
        ("npm install --prefix web", []),
        ("npm install -- a", ["a"]),
        ("npm ci; npm update a; npm run install a; npx a", []),
        ("gem --silent i a -v 1", ["a"]),
        ("gem install --file Gemfile; gem install -g; gem help install a", []),
        ("bundle add a --skip-install", ["a"]),
        ("bundle exec git add .; bundle install", []),
        ("yarn global add a; yarn --cwd web add b; yarn workspace w add c", ["a", "b", "c"]),
        ("yarn workspace add b; yarn add; yarn run lint add a", []),
        ("pnpm -C web add a; pnpm recursive add b; pnpm -r add c", ["a", "b", "c"]),
        ("pnpm --filter add lint a; pnpm dlx x add y", []),
        ("bun add a", ["a"]),
        ("sudo npm i a; bash -c 'npm i b'; for p in x; do npm i $p; done", ["a", "b", "$p"]),
        ("echo npm install a\n# npm install b\ncat <<E\nnpm install c\nE", []),
    ],
)
def test_installations(script: str, packages: list[str]) -> None:
    assert installed(script) == packages


def test_installations_in_powershell() -> None:
    assert installed("if ($x) { & npm install `\n  a } else { npm 'install a' }", "pwsh") == ["a"]
    assert installed("npm install a", "cmd") == []


@pytest.mark.parametrize(
    ("command", "uploads"),
    [
        ("cargo +nightly publish", True),
        ("cargo publish -n", False),
        ("cargo --dry-run publish", False),
        ("uv publish --token x", True),
        ("uv run -- twine upload x", True),
        ("uvx twine@6 upload x", True),
        ("poetry publish --dry-run", False),
        ("python3.12 -m twine upload x", True),
        ("python -m build", False),
        ("pipx run twine==6 upload x", True),
        ("bundle exec gem push a.gem", True),
        ("bundle exec rake release", False),
        ("npm --workspace a publish", True),
        ("yarn npm publish --dry-run", False),
        ("yarn publish", True),
        ("bunx npm@11 publish", True),
        ("nuget.exe push a", True),
        ("dotnet nuget push a", True),
        ("dotnet publish", False),
        ("git push", False),
    ],
)
def test_uploads(command: str, uploads: bool) -> None:
    graph, node = step(command)
    (ran,) = commands_of(graph, node)
    assert (upload(ran.command) is not None) is uploads


@pytest.mark.parametrize(
    ("command", "elsewhere"),
    [
        ("npm publish", False),
        ("npm publish --registry https://registry.npmjs.org/", False),
        ("twine upload --repository-url https://test.pypi.org/legacy/ x", False),
        ("twine upload -r testpypi x", False),
        ("npm publish --registry=https://npm.pkg.github.com", True),
        ("dotnet nuget push a --source $FEED", True),
        ("gem push --host https://gems.example.org a", True),
    ],
)
def test_registries(command: str, elsewhere: bool) -> None:
    graph, node = step(command)
    (ran,) = commands_of(graph, node)
    found = upload(ran.command)
    assert found is not None
    assert found.elsewhere is elsewhere


@pytest.mark.parametrize(
    ("script", "shell", "files"),
    [
        ('echo "A=$x" >> $GITHUB_ENV', "bash", ["GITHUB_ENV"]),
        ('echo "A=$x" > "${GITHUB_PATH}"', "bash", ["GITHUB_PATH"]),
        ("echo 'A=$x' >> $GITHUB_ENV; echo A=b\"c\" >> $GITHUB_ENV", "bash", []),
        ("x | grep A | sudo tee -a $GITHUB_ENV >/dev/null", "bash", ["GITHUB_ENV"]),
        ("echo A=b | tee -a $GITHUB_ENV", "bash", []),
        ("(echo A=b; { x; } > log; echo c) >> $GITHUB_ENV", "bash", ["GITHUB_ENV"]),
        ("{ echo A=b; } >> $GITHUB_ENV; > $GITHUB_ENV", "bash", []),
        ("cat >> $GITHUB_ENV <<E\nA=b\nE", "bash", []),
        ("cat >> $GITHUB_ENV <<E\nA=$(x)\nE", "bash", ["GITHUB_ENV"]),
        ("cat >> $GITHUB_ENV <<'E'\nA=$(x)\nE", "bash", []),
        ("x >> GITHUB_ENV; x >> $GITHUB_ENVX; x >> $GITHUB_OUTPUT; x < $GITHUB_ENV", "bash", []),
        ("x >> $env:github_env", "pwsh", ["GITHUB_ENV"]),
        ('x | Tee-Object -Append -FilePath "${env:GITHUB_PATH}"', "pwsh", ["GITHUB_PATH"]),
        ('Add-Content -Path:$env:GITHUB_ENV -Value "A=$x"', "pwsh", ["GITHUB_ENV"]),
        ("echo A=b | Out-File $env:GITHUB_ENV; 'A=b' >> $env:GITHUB_ENV", "pwsh", []),
        ("x >> $GITHUB_ENV; x >> '$env:GITHUB_ENV'; Get-Content $env:GITHUB_ENV", "pwsh", []),
        ('echo A=%B%>>%github_env%\n>> "%GITHUB_PATH%" echo %C%', "cmd", ["GITHUB_ENV", "GITHUB_PATH"]),
        ("echo A=b>> %GITHUB_ENV%\nrem x >> %GITHUB_ENV%\necho %GITHUB_ENV%", "cmd", []),
        ("open(os.environ['GITHUB_ENV'])", "python", []),
    ],
)
def test_writes(script: str, shell: str, files: list[str]) -> None:
    graph, node = step(script, shell)
    assert [write.file for write in writes(graph, node)] == files


@pytest.mark.parametrize(
    ("script", "shell", "urls"),
    [
        ("curl https://a | bash -s -- -y", "bash", ["https://a"]),
        ("curl -H 'X: y' -o - https://a | gunzip | sudo sh", "bash", ["https://a"]),
        ("curl https://a | python3 -c x; curl https://b | sh x.sh; curl https://c | jq .", "bash", []),
        ("curl -s $U | bash", "bash", [None]),
        (". <(curl https://a); bash -x <(wget -qO- https://b)", "bash", ["https://a", "https://b"]),
        ('eval `curl https://a`; sh -ec "$(curl https://b)"', "bash", ["https://a", "https://b"]),
        ('sh -c "echo $(curl https://a)"; x=$(curl https://b)', "bash", []),
        ('bash <<< "$(curl https://a)"', "bash", ["https://a"]),
        ("wget https://a/x.sh?y; bash x.sh", "bash", ["https://a/x.sh?y"]),
        ("curl -fsSLO https://a/x; chmod 755 x", "bash", ["https://a/x"]),
        ("curl https://a > y; ./y", "bash", ["https://a"]),
        ("wget -O x https://a; chmod 644 x; cat x", "bash", []),
        ("wget -O x https://a; sha256sum -c sums; ./x", "bash", []),
        ("wget -O x https://a; gh attestation verify x; ./x", "bash", []),
        ('python3 -c "$(curl https://a)"; ruby -e "$(curl https://b)"', "bash", ["https://a", "https://b"]),
        ('source /dev/stdin <<< "$(curl https://a)"', "bash", ["https://a"]),
        (
            "{ (curl https://a); } | sh; while ! curl https://b | sh; do x; done",
            "bash",
            ["https://a", "https://b"],
        ),
        ("bash -c 'curl https://a | sh'; ./x < <(curl https://b)", "bash", ["https://a"]),
        ("irm https://a | iex", "pwsh", ["https://a"]),
        ('iex "x"; irm https://a; Get-Content b | iex', "pwsh", []),
        ("curl https://a | sh", "pwsh", ["https://a"]),
    ],
)
def test_downloads(script: str, shell: str, urls: list[str | None]) -> None:
    graph, node = step(script, shell)
    assert [download.url for download in unverified(graph, node)] == urls


def test_addresses() -> None:
    assert is_here("http://localhost:80/x")
    assert is_here("127.0.0.1/x")
    assert not is_here("https://localhost.example.org")
    assert is_plain("http://a")
    assert is_plain("a.org/x")
    assert not is_plain("https://a")
    assert is_fixed("https://raw.githubusercontent.com/o/r/08dcb3a5e62fa31e2da3d490afc4176ef55ecd72/x")
    assert not is_fixed("https://raw.githubusercontent.com/o/r/v1/x")
    assert is_versioned("https://a/v1.2/x")
    assert is_versioned("https://a/${VERSION}/x")
    assert not is_versioned("https://a.b1.2.org/x")
