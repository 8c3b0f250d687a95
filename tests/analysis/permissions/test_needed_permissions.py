"""What the steps of a job can need, and what is not known."""

import pytest

from scanner.analysis.permissions.needed_permissions import Needs, needs_of
from scanner.graph.nodes.workflows import JobNode
from tests.memory import KNOWLEDGE, repository


def needs(steps: str, job: str = "", head: str = "", **more: str) -> Needs:
    text = f"on: push\n{head}jobs:\n  a:\n    runs-on: ubuntu-latest\n{job}    steps:\n{steps}"
    graph, _ = repository({".github/workflows/a.yml": text, **more})
    node = next(node for node in graph.of(JobNode) if node.label == "a")
    return needs_of(graph, node.id, KNOWLEDGE)


TOKEN = "        env: {GH_TOKEN: '${{ github.token }}'}\n"
CHECKOUT = "      - uses: actions/checkout@v4\n"


@pytest.mark.parametrize(
    ("steps", "block"),
    [
        ("      - run: echo hello\n", "permissions: {}"),
        (CHECKOUT, "permissions: { contents: read }"),
        (f"{CHECKOUT}      - run: git push\n", "permissions: { contents: write }"),
        ("      - run: git push\n", "permissions: {}"),
        (
            f"{CHECKOUT}      - run: git remote add mirror git@gitee.com:a/b.git && git push --mirror mirror\n",
            "permissions: { contents: read }",
        ),
        (
            f"{CHECKOUT}      - run: git remote add -f m https://gitlab.com/a/b\n      - run: git push --force m HEAD\n",
            "permissions: { contents: read }",
        ),
        (
            f"{CHECKOUT}      - run: git push ssh://git@codeberg.org:22/a/b main\n",
            "permissions: { contents: read }",
        ),
        (
            f"{CHECKOUT}      - run: git remote add m https://x:y@github.com/a/b && git push m\n",
            "permissions: { contents: write }",
        ),
        (
            f"{CHECKOUT}      - run: git remote add m $MIRROR && git push m\n",
            "permissions: { contents: write }",
        ),
        (
            f"{CHECKOUT}      - run: git remote add m git@gitee.com:a/b && git push origin\n",
            "permissions: { contents: write }",
        ),
        (f"      - run: gh issue create\n{TOKEN}", "permissions: { issues: write }"),
        ("      - run: gh issue create\n", "permissions: {}"),
        (f"      - run: gh run list | jq . > x\n{TOKEN}", None),
        (f"      - run: gh workflow run x.yml && nix build\n{TOKEN}", "permissions: { actions: write }"),
        ("      - uses: actions/deploy-pages@v4\n", "permissions: { id-token: write, pages: write }"),
        (f"{CHECKOUT}      - run: make\n", None),
        (
            f"{CHECKOUT}        with: {{persist-credentials: false}}\n      - run: make\n",
            "permissions: { contents: read }",
        ),
        (
            "      - uses: actions/github-script@v7\n        with: {script: github.rest.pulls.update()}\n",
            "permissions: { pull-requests: write }",
        ),
        (
            "      - uses: actions/github-script@v7\n"
            "        with: {github-token: '${{ secrets.PAT }}', script: github.rest.pulls.update()}\n",
            "permissions: {}",
        ),
        (
            "      - uses: peter-evans/repository-dispatch@v3\n        with: {token: '${{ secrets.PAT }}'}\n",
            "permissions: {}",
        ),
        ("      - uses: peter-evans/repository-dispatch@v3\n", "permissions: { contents: write }"),
    ],
)
def test_the_least_block(steps: str, block: str | None) -> None:
    assert needs(steps).block(None) == block


@pytest.mark.parametrize(
    "steps",
    [
        "      - uses: owner/unknown@v1\n",
        "      - uses: ./nowhere\n",
        "      - uses: docker://alpine\n" + TOKEN,
        "      - run: make\n" + TOKEN,
        "      - run: ./bin/gh pr list\n" + TOKEN,
        "      - run: make ${{ secrets.GITHUB_TOKEN }}\n",
        '      - run: echo "T=${{ github.token }}" >> $GITHUB_ENV\n',
        '      - run: echo "//npm.pkg.github.com/:_authToken=$GH_TOKEN" > .npmrc\n' + TOKEN,
        "      - run: gh auth login --with-token <<< ${{ github.token }}\n      - run: make\n",
        "      - run: git config --get http.extraheader\n",
        "      - run: import os\n        shell: python\n" + TOKEN,
        '      - run: curl -u "x:$GH_TOKEN" https://example.org\n' + TOKEN,
        "      - uses: docker/build-push-action@v6\n        with: {secrets: 'T=${{ github.token }}'}\n",
        "      - uses: actions/github-script@v7\n        with: {script: exec.exec('make')}\n" + TOKEN,
        "      - uses: nick-fields/retry@v3\n        with: {command: make}\n" + TOKEN,
    ],
)
def test_steps_of_which_nothing_is_known(steps: str) -> None:
    found = needs(steps)
    assert found.open is not None
    assert found.block(None) is None
    assert found.block({}) is None
    assert not found.unneeded("packages")


def test_code_that_is_not_read_may_use_the_identity_and_what_git_has() -> None:
    found = needs(f"{CHECKOUT}      - run: make\n")
    assert found.open is None
    assert found.may == {"id-token", "contents"}
    assert found.unneeded("packages")
    without = needs(CHECKOUT + "        with: {persist-credentials: false}\n      - run: make\n")
    assert without.may == {"id-token"}
    assert without.unneeded("contents")
    other = needs(CHECKOUT + "        with: {token: '${{ secrets.PAT }}'}\n      - run: git push\n")
    assert other.unneeded("contents")


def test_what_may_be_needed_is_kept() -> None:
    found = needs(f"{CHECKOUT}      - run: make\n")
    granted = {"contents": "write", "id-token": "write", "packages": "write"}
    assert found.block(granted) == "permissions: { contents: write, id-token: write }"
    assert found.block({"contents": "read"}) == "permissions: { contents: read }"
    assert found.block({}) == "permissions: { contents: read }"


def test_variables_of_the_job_and_the_workflow_hand_out_the_token() -> None:
    env = "env: {T: '${{ secrets.GITHUB_TOKEN }}'}\n"
    assert needs("      - run: make\n", job=f"    {env}").open is not None
    assert needs("      - run: make\n", head=env).open is not None
    assert needs("      - run: make\n").open is None


def test_installers_of_nix_read_with_the_token() -> None:
    use = "      - uses: cachix/install-nix-action@v31\n        with: {extra_nix_config: 'access-tokens = x=${{ github.token }}'}\n"
    assert needs(use).block(None) == "permissions: { contents: read }"


def test_inputs_that_call_for_more() -> None:
    use = "      - uses: aws-actions/configure-aws-credentials@v4\n        with: {aws-region: x}\n"
    assert needs(use).unneeded("id-token")
    assert not needs(use.replace("aws-region", "role-to-assume")).unneeded("id-token")
    stale = "      - uses: actions/stale@v9\n"
    assert needs(stale).unneeded("contents")
    assert not needs(f"{stale}        with: {{delete-branch: true}}\n").unneeded("contents")


def test_registries() -> None:
    login = "      - uses: docker/login-action@v3\n        with: {registry: ghcr.io, password: '${{ github.token }}'}\n"
    assert not needs(login).unneeded("packages")
    assert needs(login.replace("ghcr.io", "quay.io")).unneeded("packages")
    credentials = "    container: {image: x, credentials: {username: a, password: '${{ github.token }}'}}\n"
    assert needs("      - run: echo\n", job=credentials).needs == {"packages": "read"}


ACTION = "name: x\ninputs: {token: {default: '${{ github.token }}'}}\nruns:\n  using: composite\n  steps:\n"


def test_actions_of_the_repository_are_read() -> None:
    use = "      - uses: ./act\n"
    script = "    - run: gh issue close 1\n      shell: bash\n      env: {GH_TOKEN: '${{ inputs.token }}'}\n"
    assert needs(use, **{"act/action.yml": ACTION + script}).needs == {"issues": "write"}
    other = use + "        with: {token: '${{ secrets.PAT }}'}\n"
    assert needs(other, **{"act/action.yml": ACTION + script}).needs == {}
    javascript = "name: x\nruns: {using: node20, main: x.js}\n"
    assert needs(use, **{"act/action.yml": javascript}).open is not None
    # What a checkout in it leaves behind is there for the steps after it.
    checkout = "    - uses: actions/checkout@v4\n"
    assert needs(f"{use}      - run: git push\n", **{"act/action.yml": ACTION + checkout}).needs == {
        "contents": "write"
    }


def test_actions_that_use_themselves_end() -> None:
    again = ACTION + "    - uses: ./act\n" * 50
    assert needs("      - uses: ./act\n" * 50, **{"act/action.yml": again}).open is not None


def test_called_workflows_need_what_they_ask_for() -> None:
    caller = "on: push\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n"
    called = "on: workflow_call\njobs:\n  b:\n    runs-on: x\n    permissions: {checks: write}\n    steps: [{run: make}]\n"
    files = {".github/workflows/a.yml": caller, ".github/workflows/b.yml": called}
    graph, _ = repository(files)
    node = next(node for node in graph.of(JobNode) if node.label == "a")
    assert needs_of(graph, node.id, KNOWLEDGE).needs == {"checks": "write"}
    elsewhere = caller.replace("./.github/workflows/b.yml", "o/r/.github/workflows/b.yml@v1")
    graph, _ = repository({".github/workflows/a.yml": elsewhere})
    assert needs_of(graph, node.id, KNOWLEDGE).open is not None


def test_workflows_that_call_each_other_end() -> None:
    def text(other: str) -> str:
        calls = "".join(f"  j{number}:\n    uses: ./.github/workflows/{other}.yml\n" for number in range(40))
        return f"on: workflow_call\njobs:\n  a:\n    uses: ./.github/workflows/{other}.yml\n{calls}"

    graph, _ = repository({".github/workflows/a.yml": text("b"), ".github/workflows/b.yml": text("a")})
    node = next(node for node in graph.of(JobNode) if node.label == "a")
    assert needs_of(graph, node.id, KNOWLEDGE).open is not None


def test_a_called_workflow_may_be_handed_the_token() -> None:
    head = "on:\n  workflow_call:\n    secrets: {gh-token: {}}\n"
    text = f"{head}jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n"
    text += "        env: {T: '${{ secrets.gh-token }}'}\n"
    graph, _ = repository({".github/workflows/a.yml": text})
    node = next(graph.of(JobNode))
    assert needs_of(graph, node.id, KNOWLEDGE).open is not None


LOGIN = "        env: {GITHUB_TOKEN: '${{ github.token }}', PASS: '${{ github.token }}'}\n"


@pytest.mark.parametrize(
    ("script", "block"),
    [
        ("echo $GITHUB_TOKEN | docker login ghcr.io -u x --password-stdin", {"packages"}),
        ("docker login ghcr.io -u x --password-stdin <<< $GITHUB_TOKEN", {"packages"}),
        ('printf %s "$PASS" | sudo docker login ghcr.io -u x --password-stdin', {"packages"}),
        ("echo machine api.github.com login x password $GITHUB_TOKEN > ~/.netrc", None),
        ("echo login $PASS > x", None),
        ("echo $GITHUB_TOKEN | tee token | docker login ghcr.io -u x --password-stdin", None),
        ("echo $GITHUB_TOKEN; echo a | docker login ghcr.io -u x --password-stdin", None),
        ("sed s/x/$GITHUB_TOKEN/ a > b", None),
        ("envsubst < a > b", None),
        ("echo ::add-mask::$GITHUB_TOKEN", set()),
        ('[ -n "$GITHUB_TOKEN" ]', set()),
        ("curl -fsSL https://api.github.com/repos/o/r/releases/latest", {"contents"}),
    ],
)
def test_only_a_login_may_read_the_token(script: str, block: set[str] | None) -> None:
    found = needs(f"      - run: |\n          {script}\n{LOGIN}")
    if block is None:
        assert found.open is not None
    else:
        assert found.open is None
        assert set(found.needs) == block
        assert set(found.needs.values()) <= {"read"}


def test_other_languages_are_not_read_as_bash() -> None:
    for shell in ("/usr/bin/python3 {0}", "deno run {0}", "/usr/bin/pwsh {0}", "cmd"):
        assert needs(f"      - run: gh issue list\n        shell: {shell}\n{TOKEN}").open is not None
    text = (
        f"on: push\njobs:\n  a:\n    runs-on: windows-latest\n    steps:\n      - run: gh issue list\n{TOKEN}"
    )
    graph, _ = repository({".github/workflows/a.yml": text})
    (node,) = graph.of(JobNode)
    found = needs_of(graph, node.id, KNOWLEDGE)
    assert found.open is not None
    assert found.needs == {"issues": "read"}


def test_a_row_from_memory_leads_to_no_block() -> None:
    found = needs("      - uses: svenstaro/upload-release-action@v2\n")
    assert found.needs == {"contents": "write"}
    assert found.block(None) is None
    other = (
        "      - uses: svenstaro/upload-release-action@v2\n        with: {repo_token: '${{ secrets.PAT }}'}\n"
    )
    assert needs(other).open is None
