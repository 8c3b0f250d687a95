"""What a step runs out of the workspace: each kind with its negative twin."""

import pytest

from scanner.analysis.taint.execution import Execution, executed, runs_in
from scanner.analysis.taint.places import lies_in, place_of
from scanner.analysis.taint.trees import Tree
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.source import Source, Span
from tests.memory import KNOWLEDGE, repository

WORKFLOW = """\
on: push
jobs:
  one:
    runs-on: {runner}
    steps:
{steps}
"""


def graph_of(steps: str, runner: str = "ubuntu-latest") -> Graph:
    text = "\n".join(f"      {line}" for line in steps.splitlines())
    return repository({".github/workflows/w.yml": WORKFLOW.format(steps=text, runner=runner)})[0]


def executions(steps: str, runner: str = "ubuntu-latest") -> list[Execution]:
    graph = graph_of(steps, runner)
    return [one for node in graph.of(StepNode) for one in executed(graph, KNOWLEDGE, node)]


def of_script(
    script: str, extra: str = "", runner: str = "ubuntu-latest"
) -> list[tuple[str, str | None, str | None]]:
    lines = "\n".join(f"    {line}" for line in script.splitlines())
    return [(one.what, one.folder, one.file) for one in executions(f"- run: |\n{lines}\n{extra}", runner)]


@pytest.mark.parametrize(
    ("script", "what"),
    [
        ("make", "make"),
        ("sudo make install", "make"),
        ("CI=1 npm ci", "npm ci"),
        ("npm --loglevel error run build", "npm run"),
        ("npm t", "npm t"),
        ("npm run build --ignore-scripts", "npm run"),
        ("yarn", "yarn"),
        ("yarn build", "yarn build"),
        ("pnpm --filter web build", "pnpm build"),
        ("npx eslint .", "eslint"),
        ("npx --yes prettier --check .", "prettier"),
        ("pip install -r requirements.txt", "pip install"),
        ("pip install .[test]", "pip install"),
        ("python3 -m pip install -e .", "pip install"),
        ("python -m pytest -v", "pytest"),
        ("pytest -v", "pytest"),
        ("python -m scripts.build", "python -m scripts.build"),
        ("poetry run black .", "poetry run"),
        ("cargo +nightly test", "cargo test"),
        ("cargo install --path tool", "cargo install"),
        ("go test ./...", "go test"),
        ("mvn -B verify", "mvn"),
        ("bundle exec rake", "bundle exec"),
        ("terraform -chdir=infra plan", "terraform plan"),
        ("docker build -t me/app:1 .", "docker build"),
        ("docker compose up -d", "docker compose up"),
        ("gcloud builds submit .", "gcloud builds submit"),
        ("nix develop -c true", "nix develop"),
        ("nix run .#tool", "nix run"),
        ("pre-commit run --all-files", "pre-commit run"),
        ("awk -f sum.awk data", "awk"),
        ("java -jar tool.jar", "java"),
        ("bash -c 'make test'", "make"),
        ("echo $(make version)", "make"),
    ],
)
def test_tools_that_run_the_project(script: str, what: str) -> None:
    assert [one for one, _, _ in of_script(script)] == [what]


@pytest.mark.parametrize(
    "script",
    [
        "echo make",
        "antfoo",
        "make --version",
        "make -v",
        "npm -v",
        "npm --version",
        "npm ci --ignore-scripts",
        "npm i -g corepack@latest",
        "npm config set fund false",
        "yarn --version",
        "yarn install --ignore-scripts",
        "yarn config list",
        "pnpm store path",
        "pip install requests",
        "pip install requests==2.0 'black[d]>=24'",
        "python3 -m pip install build",
        "python3 -m venv env",
        "pip --version",
        "cargo install ripgrep",
        "cargo fmt --check",
        "go install example.org/tool@latest",
        "go version",
        "gradle --version",
        "docker build https://example.org/me/app.git",
        "docker push me/app",
        "docker run --rm alpine",
        "nix run nixpkgs#hello",
        "nix shell nixpkgs#jq -c jq .",
        "nix-shell -p jq --run true",
        "terraform fmt -check",
        "pre-commit --version",
        "awk '{ print $1 }' data",
        "sed -e s/a/b/ file",
        "git status",
        "cat Makefile",
    ],
)
def test_uses_that_run_nothing_of_the_project(script: str) -> None:
    assert of_script(script) == []


@pytest.mark.parametrize(
    ("script", "file"),
    [
        ("./build.sh --fast", "build.sh"),
        ("scripts/build", "scripts/build"),
        ("bash build.sh", "build.sh"),
        ("sh -eux cmd", "cmd"),
        ("bash -o pipefail x.sh", "x.sh"),
        ("bash < x.sh", "x.sh"),
        ("source env.sh", "env.sh"),
        (". ./env.sh", "env.sh"),
        ("python foo.py", "foo.py"),
        ("python3.12 -u tools/foo.py", "tools/foo.py"),
        ("node x.js", "x.js"),
        ("ruby x.rb", "x.rb"),
        ("timeout 10 ./x", "x"),
        ('"$GITHUB_WORKSPACE/x.sh"', "x.sh"),
        ("${{ github.workspace }}/x.sh", "x.sh"),
        ("cd a && ./x", "a/x"),
        ("(cd a && true); ./x", "x"),
        ("$RUNNER_TEMP/x", "$RUNNER_TEMP/x"),
        ("/tmp/x", "/tmp/x"),
    ],
)
def test_scripts(script: str, file: str) -> None:
    assert [one for _, _, one in of_script(script)] == [file]


@pytest.mark.parametrize(
    "script",
    [
        "bash -c 'echo hello'",
        "python -c 'print(1)'",
        "python - <<'EOF'\nprint(1)\nEOF",
        "node --version",
        "node -e 'console.log(1)'",
        "/usr/bin/tool",
        "chmod +x x.sh",
        "echo ./x.sh",
        "ls ./bin",
        "bash <(curl https://example.org/x)",
        "source <(tool completion)",
        "deno run https://example.org/x.ts",
    ],
)
def test_no_scripts_of_the_workspace(script: str) -> None:
    assert of_script(script) == []


@pytest.mark.parametrize(
    ("script", "folder"),
    [
        ("make", ""),
        ("make -C sub", "sub"),
        ("make -Csub", "sub"),
        ("make --directory=sub", "sub"),
        ("npm --prefix web ci", "web"),
        ("cd web\nnpm ci", "web"),
        ("cd web && cd ..\nnpm ci", ""),
        ("pushd web\nnpm ci", "web"),
        ('cd "$(mktemp -d)"\nmake', None),
        ("cd $RUNNER_TEMP/a\nmake", "$RUNNER_TEMP/a"),
        ("cd $GITHUB_WORKSPACE/a\nmake", "a"),
        ("cargo build --manifest-path a/Cargo.toml", "a"),
        ("pip install ./a[x]", "a"),
        ("docker build -f a/Dockerfile b", "b"),
        ("go test ./a/...", "a"),
        ("./scripts/$NAME.sh", "scripts"),
        ("nix develop ./a --command true", "a"),
        ("nix run .#tool", ""),
        ("nix run ${{ inputs.flake }}", None),
    ],
)
def test_folders(script: str, folder: str | None) -> None:
    assert [one for _, one, _ in of_script(script)] == [folder]


def test_working_directory() -> None:
    assert of_script("make", "  working-directory: a/b") == [("make", "a/b", None)]
    assert of_script("make", "  working-directory: ${{ matrix.dir }}") == [("make", None, None)]


def test_powershell() -> None:
    assert of_script(".\\build.ps1 -Fast", runner="windows-latest") == [(".\\build.ps1", "", "build.ps1")]
    assert of_script("& ./build.ps1", runner="windows-latest") == [("./build.ps1", "", "build.ps1")]
    assert of_script("npm.cmd ci", runner="windows-latest") == [("npm ci", "", None)]
    assert of_script("Write-Output ./build.ps1", runner="windows-latest") == []


def test_other_languages_are_not_read() -> None:
    assert executions("- run: make\n  shell: python") == []


@pytest.mark.parametrize(
    ("step", "folder"),
    [
        ("- uses: ./.github/actions/a", ".github/actions/a"),
        ("- uses: pre-commit/action@v3", ""),
        ("- uses: ruby/setup-ruby@v1\n  with: { bundler-cache: true, working-directory: a }", "a"),
        ("- uses: docker/build-push-action@v6\n  with: { context: . }", ""),
        ("- uses: actions/setup-node@v4\n  with: { cache: yarn }", ""),
        ("- uses: actions/github-script@v7\n  with:\n    script: require('./a/b.js')({ github })", "a"),
        (
            "- uses: actions/github-script@v7\n  with:\n    script: require(`${process.env.GITHUB_WORKSPACE}/a/b.js`)",
            "a",
        ),
        (
            "- uses: actions/github-script@v7\n  with:\n    script: await import('${{ github.workspace }}/a/b.mjs')",
            "a",
        ),
    ],
)
def test_actions(step: str, folder: str) -> None:
    assert [one.folder for one in executions(step)] == [folder]


@pytest.mark.parametrize(
    "step",
    [
        "- uses: actions/checkout@v4",
        "- uses: $/actions/a",
        "- uses: docker://alpine",
        "- uses: ruby/setup-ruby@v1",
        "- uses: docker/build-push-action@v6",
        "- uses: docker/build-push-action@v6\n  with: { context: 'https://example.org/a.git' }",
        "- uses: docker/build-push-action@v6\n  with: { context: '{{defaultContext}}:a' }",
        "- uses: actions/setup-node@v4\n  with: { cache: npm }",
        "- uses: actions/github-script@v7\n  with:\n    script: require('fs')",
    ],
)
def test_actions_that_run_nothing_of_the_workspace(step: str) -> None:
    assert executions(step) == []


def test_commands_of_github_script() -> None:
    step = "- uses: actions/github-script@v7\n  with:\n    script: |\n      {0}\n"
    (found,) = executions(step.format("await exec.exec('npm ci')"))
    assert (found.what, found.folder, found.at.text) == ("npm ci", "", "exec('npm ci'")
    (found,) = executions(step.format('require("child_process").execSync("./a/x --fast")'))
    assert (found.what, found.file) == ("./a/x", "a/x")
    assert executions(step.format("await exec.exec('git status')")) == []
    assert executions(step.format("core.info('npm ci')")) == []


def test_commands_that_an_action_is_given() -> None:
    step = "- uses: nick-fields/retry@v3\n  with:\n    timeout_minutes: 5\n    command: {0}\n"
    (found,) = executions(step.format("cd web && npm ci"))
    assert (found.what, found.folder, found.at.text) == ("npm ci", "web", "npm ci")
    assert executions(step.format("curl https://example.org")) == []


def test_a_local_action_runs_its_own_files() -> None:
    action = "runs:\n  using: composite\n  steps:\n    - run: $GITHUB_ACTION_PATH/x.sh\n      shell: bash\n"
    graph, _ = repository({".github/actions/a/action.yml": action})
    found = [one for node in graph.of(StepNode) for one in executed(graph, KNOWLEDGE, node)]
    assert [one.file for one in found] == [".github/actions/a/x.sh"]


@pytest.mark.parametrize(
    ("path", "here", "place"),
    [
        (".", "", ""),
        ("a/../b", "c", "c/b"),
        ("../b", "c", "b"),
        ("../b", "", "../b"),
        ("${{ github.workspace }}", "c", ""),
        ("${{  runner.temp  }}/a/", "", "$RUNNER_TEMP/a"),
        ("~/a", "", "~/a"),
        ("$HOME", "", "~"),
        ("$HOMES/a", "", None),
        ("/github/workspace/a", "", "a"),
        ("a", None, None),
        ("/tmp/a", None, "/tmp/a"),
        ("-", "a", None),
    ],
)
def test_places(path: str, here: str | None, place: str | None) -> None:
    assert place_of(path, here) == place


@pytest.mark.parametrize(
    ("path", "folder", "inside"),
    [
        ("a/x", "", True),
        ("a/x", "a", True),
        ("ab/x", "a", False),
        ("", "a", False),
        ("", "", True),
        ("/tmp/x", "", False),
        ("$RUNNER_TEMP/x", "$RUNNER_TEMP", True),
    ],
)
def test_containment(path: str, folder: str, inside: bool) -> None:
    assert lies_in(path, folder) is inside


@pytest.mark.parametrize(
    ("folder", "file", "tree", "answer"),
    [
        ("", None, "", True),
        ("", None, "pr", False),
        ("pr/a", None, "pr", True),
        ("", "pr/x.sh", "pr", True),
        (None, None, "pr", None),
        ("", None, None, None),
    ],
)
def test_what_runs_in_a_tree(
    folder: str | None, file: str | None, tree: str | None, answer: bool | None
) -> None:
    at = Span(Source("w.yml", "workflow", ""), 0, 0)
    one = Tree(kind="artifact", at=at, by="step", folder=tree, fixed=False)
    assert runs_in(Execution(at, "make", folder, file), one) is answer


def test_the_place_is_the_command() -> None:
    (found,) = executions("- run: |\n    true\n    sudo make -C a  # build\n")
    assert found.at.text == "make -C a"


@pytest.mark.parametrize(
    ("script", "contained"),
    [
        ("nix build", True),
        ("nix flake check", True),
        ("nix develop", False),
        ("nix run .", False),
        ("docker build .", True),
        ("docker compose up", False),
        ("make", False),
    ],
)
def test_what_a_sandbox_or_container_keeps(script: str, contained: bool) -> None:
    assert [one.contained for one in executions(f"- run: {script}")] == [contained]
