"""What gets into outputs and variables through the commands of a script, each way with a twin that lets nothing through."""

import pytest

from scanner.analysis.taint.origins import Origin, Origins, Scope
from scanner.analysis.taint.taint import taint_of
from scanner.graph.nodes.workflows import StepNode
from scanner.parse.expressions.contexts import Context, flowing
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import fences
from tests.memory import KNOWLEDGE, repository

PATH = ".github/workflows/ci.yml"


def indented(script: str, by: int = 10) -> str:
    return "\n".join(" " * by + line for line in script.split("\n"))


def last_step(text: str, before: bool = False) -> list[Origin]:
    graph, _ = repository({PATH: text})
    node = list(graph.of(StepNode))[-1]
    asked = taint_of(graph, KNOWLEDGE).origins if before else Origins(graph)
    found: list[Origin] = []
    assert node.step.run is not None
    for fence in fences(node.step.run.script):
        tree = parse(fence.text)
        assert not isinstance(tree, Malformed)
        for context in flowing(tree):
            found += asked.of(context, Scope(node.owner, node.job, node.step))
    return found


def given(script: str, shell: str = "bash", use: str = "steps.s.outputs.t") -> set[str]:
    """The fields of the event that reach an output of a step with a script, in which TITLE is the title of an issue."""
    text = f"""on: issues
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - id: s
        shell: {shell}
        env: {{TITLE: '${{{{ github.event.issue.title }}}}', N: '${{{{ github.event.issue.number }}}}'}}
        run: |
{indented(script)}
      - run: echo ${{{{ {use} }}}}
"""
    return {origin.name for origin in last_step(text) if origin.kind in ("event", "fetched")} - {
        "github.event.issue.number"
    }


TITLE = {"github.event.issue.title"}
OUT = '>> "$GITHUB_OUTPUT"'


@pytest.mark.parametrize(
    "script",
    [
        f'echo "t=$TITLE" {OUT}',
        f"echo t=${{TITLE}} {OUT}",
        f'X="$TITLE"\necho "t=$X" {OUT}',
        f'export X="a-$TITLE"\nY=$X\necho "t=$Y" {OUT}',
        f'X=a\nX+="$TITLE"\necho "t=$X" {OUT}',
        f'X=$(echo "$TITLE" | tr a-z A-Z | head -c 20)\necho "t=$X" {OUT}',
        f'X=`echo "$TITLE"`\necho "t=$X" {OUT}',
        f'read -r X <<< "$TITLE"\necho "t=$X" {OUT}',
        f'IFS=, read -ra WORDS <<< "$TITLE"\necho "t=${{WORDS[0]}}" {OUT}',
        f'WORDS=(a "$TITLE")\necho "t=${{WORDS[@]}}" {OUT}',
        f'for X in a $TITLE; do echo "t=$X" {OUT}; done',
        f'echo "$TITLE" | while read -r X; do echo "t=$X" {OUT}; done',
        f'while read -r X; do echo "t=$X" {OUT}; done <<< "$TITLE"',
        f'while read -r X; do echo "t=$X" {OUT}; done < <(echo "$TITLE")',
        f'mapfile -t LINES < <(echo "$TITLE")\necho "t=${{LINES[0]}}" {OUT}',
        f'{{\n  echo "t<<EOF"\n  echo "$TITLE"\n  echo "EOF"\n}} {OUT}',
        f'echo "t<<$D" {OUT}\necho "$TITLE" {OUT}\necho "$D" {OUT}',
        f"cat <<EOF {OUT}\nt=$TITLE\nEOF",
        f"cat << 'EOF' > f.txt\nx\nEOF\ncat <<EOF {OUT}\na=b\nt<<X\n$TITLE\nX\nEOF",
        f'printf "t=%s\\n" "$TITLE" {OUT}',
        f'printf "%s=%s\\n" t "$TITLE" {OUT}',
        f'printf "a=%s\\nt=%s\\n" b "$TITLE" {OUT}',
        'echo "t=$TITLE" | tee -a $GITHUB_OUTPUT',
        '{ echo "t=$TITLE"; echo "u=1"; } | tee -a $GITHUB_OUTPUT',
        'echo "::set-output name=t::$TITLE"',
        'echo "::set-output name=t::$(echo $TITLE | sed s/a/b/)"',
        f'f() {{\n  echo "t=$1" {OUT}\n}}\nf "$TITLE"',
        f'f() {{ echo "${{1}}"; }}\nX=$(f "$TITLE")\necho "t=$X" {OUT}',
        f'echo "$TITLE" > title.txt\necho "t=$(cat title.txt)" {OUT}',
        f'X=$(jq -r .issue.title "$GITHUB_EVENT_PATH")\necho "t=$X" {OUT}',
        f'X=$(jq -r .issue.title < $GITHUB_EVENT_PATH)\necho "t=$X" {OUT}',
        f'X=$(cat "$GITHUB_EVENT_PATH" | jq -r ".issue.title")\necho "t=$X" {OUT}',
        f'if [ -n "$A" ]; then X=a; else X="$TITLE"; fi\necho "t=$X" {OUT}',
        f'X="$TITLE"\nif [ -n "$A" ]; then X=a; fi\necho "t=$X" {OUT}',
        f'X="$TITLE"\n[ -n "$A" ] && X=a\necho "t=$X" {OUT}',
        f'NAME=t\necho "$NAME=$TITLE" {OUT}',
        f'echo "t=${{{{ github.event.issue.title }}}}" {OUT}',
        f'echo "t=${{TITLE//a/b}}" {OUT}',
        f'echo "t=${{TITLE:0:40}}" {OUT}',
        f'echo "t=${{A:-$TITLE}}" {OUT}',
        f'echo "t=$(echo "$TITLE" | grep -o ".*")" {OUT}',
        f'[[ "$TITLE" =~ ^[a-z] ]] || exit 1\necho "t=$TITLE" {OUT}',
        f'[[ "$TITLE" =~ ^[0-9]+$ ]] && echo ok\necho "t=$TITLE" {OUT}',
        f'if [[ "$TITLE" =~ ^[0-9]+$ ]]; then echo ok; fi\necho "t=$TITLE" {OUT}',
        f'[[ "$TITLE" =~ ^.*$ ]] || exit 1\necho "t=$TITLE" {OUT}',
        f'[[ "$A" =~ ^[0-9]+$ ]] || exit 1\necho "t=$TITLE" {OUT}',
        f'case "$TITLE" in a*) ;; *) exit 1 ;; esac\necho "t=$TITLE" {OUT}',
        f'echo "t=$(echo "$TITLE" | tr -d "a-z")" {OUT}',
        f'echo "t=$(sed "s/[^a-z]//" <<< "$TITLE")" {OUT}',
    ],
)  # fmt: skip
def test_what_passes(script: str) -> None:
    assert given(script) == TITLE


@pytest.mark.parametrize(
    "script",
    [
        f'X="$TITLE"\nX=fixed\necho "t=$X" {OUT}',
        f'echo "t=fixed" {OUT}\nX="$TITLE"',
        f'echo "t=$TITLE" {OUT}\necho "t=fixed" {OUT}',
        f'echo "u=$TITLE" {OUT}\necho "t=$N" {OUT}',
        f"echo 't=$TITLE' {OUT}",
        f"cat <<'EOF' {OUT}\nt=$TITLE\nEOF",
        f'{{\n  echo "u<<EOF"\n  echo "$TITLE"\n  echo "EOF"\n  echo "t=1"\n}} {OUT}',
        f'printf "u=%s\\nt=%s\\n" "$TITLE" b {OUT}',
        f'echo "t=${{#TITLE}}" {OUT}',
        f'echo "t=$((N + 1))" {OUT}',
        f'echo "t=${{TITLE:+set}}" {OUT}',
        f'echo "t=${{TITLE//[^a-z0-9]/-}}" {OUT}',
        f'echo "t=$(echo "$TITLE" | wc -c)" {OUT}',
        f'echo "t=$(echo "$TITLE" | sha256sum | cut -c1-8)" {OUT}',
        f'echo "t=$(echo "$TITLE" | tr -cd "a-zA-Z0-9")" {OUT}',
        f'echo "t=$(echo "$TITLE" | tr -dc "[:alnum:]-" | head -c 5)" {OUT}',
        f'echo "t=$(echo "$TITLE" | sed "s/[^a-z0-9]//g")" {OUT}',
        f'echo "t=$(echo "$TITLE" | sed -E "s/[^a-zA-Z0-9]+/-/g")" {OUT}',
        f'echo "t=$(echo "$TITLE" | grep -oE "[0-9]+")" {OUT}',
        f'[[ "$TITLE" =~ ^[0-9]+$ ]] || exit 1\necho "t=$TITLE" {OUT}',
        f'[[ "$TITLE" =~ ^v[0-9]+\\.[0-9]+$ ]] || {{ echo no; exit 1; }}\necho "t=$TITLE" {OUT}',
        f'if ! [[ "$TITLE" =~ ^[a-z0-9-]+$ ]]; then\n  echo no\n  exit 1\nfi\necho "t=$TITLE" {OUT}',
        f'if [[ ! "$TITLE" =~ ^[a-z0-9-]+$ ]]; then exit 1; fi\necho "t=$TITLE" {OUT}',
        f'if [[ $TITLE =~ ^[0-9]+$ ]]; then\n  echo "t=$TITLE" {OUT}\nfi',
        f'if [[ $TITLE =~ ^[0-9]+$ ]]; then\n  echo ok\nelse\n  exit 1\nfi\necho "t=$TITLE" {OUT}',
        f"RE='^[0-9]+$'\n[[ $TITLE =~ $RE ]] || exit 1\necho \"t=$TITLE\" {OUT}",
        f"echo \"$TITLE\" | grep -qE '^[0-9]+$' || exit 1\necho \"t=$TITLE\" {OUT}",
        f"if ! echo \"$TITLE\" | grep -Eq '^[0-9]+$'; then exit 1; fi\necho \"t=$TITLE\" {OUT}",
        f'case "$TITLE" in\n  major|minor) ;;\n  *) exit 1 ;;\nesac\necho "t=$TITLE" {OUT}',
        f'case "$TITLE" in\n  major) echo "t=$TITLE" {OUT} ;;\nesac',
        f'if [ "$TITLE" = "prod" ]; then echo "t=$TITLE" {OUT}; fi',
        f'[[ "$TITLE" == prod ]] || exit 1\necho "t=$TITLE" {OUT}',
        f'if [[ "$TITLE" == *x* ]]; then X=yes; else X=no; fi\necho "t=$X" {OUT}',
        f'case "$TITLE" in *x*) X=yes ;; *) X=no ;; esac\necho "t=$X" {OUT}',
        f'echo "$TITLE" | grep -q x && X=1\necho "t=$X" {OUT}',
        f'X=$(jq -r .issue.number "$GITHUB_EVENT_PATH")\necho "t=$X" {OUT}',
        f'X=$(jq ".issue.labels | length" "$GITHUB_EVENT_PATH")\necho "t=$X" {OUT}',
        'echo "$TITLE"\necho "::set-output name=t::done"',
    ],
)  # fmt: skip
def test_what_does_not(script: str) -> None:
    assert given(script) == set()


@pytest.mark.parametrize(
    ("script", "passes"),
    [
        ('"t=$env:TITLE" >> $env:GITHUB_OUTPUT', True),
        ('$x = $env:TITLE\necho "t=$x" | Out-File -FilePath $env:GITHUB_OUTPUT -Append', True),
        ('$x = "a $($env:TITLE)"\nAdd-Content -Path $env:GITHUB_OUTPUT -Value "t=$x"', True),
        ('Write-Output "::set-output name=t::$env:TITLE"', True),
        ('"t=fixed" >> $env:GITHUB_OUTPUT\n$x = $env:TITLE', False),
        ("$x = $env:TITLE -replace '[^a-z0-9]', ''\n\"t=$x\" >> $env:GITHUB_OUTPUT", False),
        ('$x = $env:TITLE\n$x = "a"\n"t=$x" >> $env:GITHUB_OUTPUT', False),
    ],
)
def test_powershell(script: str, passes: bool) -> None:
    assert given(script, "pwsh") == (TITLE if passes else set())


@pytest.mark.parametrize(
    ("script", "passes"),
    [
        ('import os\nprint(f"::set-output name=t::{os.environ[\'TITLE\']}")', True),
        ("import os\ntitle = os.environ['TITLE']\nprint(f\"t={title}\", file=open(os.environ['GITHUB_OUTPUT'], 'a'))", True),
        ("import os\ntitle = os.environ['TITLE']\nprint(\"t=1\", file=open(os.environ['GITHUB_OUTPUT'], 'a'))", False),
    ],
)  # fmt: skip
def test_python(script: str, passes: bool) -> None:
    assert given(script, "python") == (TITLE if passes else set())


@pytest.mark.parametrize(
    ("script", "passes"),
    [
        ('echo "T=$TITLE" >> "$GITHUB_ENV"', True),
        ('{ echo "T<<EOF"; echo "$TITLE"; echo "EOF"; } >> $GITHUB_ENV', True),
        ('echo "::set-env name=T::$TITLE"', True),
        ('echo "T=$TITLE" >> "$GITHUB_ENV"\necho "T=x" >> "$GITHUB_ENV"', False),
        ('export T="$TITLE"', False),
    ],
)
def test_the_environment_of_later_steps(script: str, passes: bool) -> None:
    assert given(script, use="env.T") == (TITLE if passes else set())


def fetched(command: str, checkout: str = "") -> set[str]:
    text = f"""on: workflow_dispatch
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
{checkout}      - id: s
        run: |
{indented(f"X=$({command})")}
          echo "t=$X" >> $GITHUB_OUTPUT
      - run: echo ${{{{ steps.s.outputs.t }}}}
"""
    return {origin.name for origin in last_step(text, bool(checkout)) if origin.kind == "fetched"}


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("gh pr view 1 --json title --jq .title", {"github.event.pull_request.title"}),
        ("gh pr view $N --json headRefName,number -q .headRefName", {"github.event.pull_request.head.ref"}),
        ("gh pr view 1 --json headRefOid -q .headRefOid", {"github.event.pull_request.head.sha"}),
        ("gh pr view 1 --json title,number -q .number", {"github.event.pull_request.number"}),
        ("gh pr view 1 --json title | jq -r .title", {"github.event.pull_request.title"}),
        ("gh pr view 1 --json title | jq length", set()),
        ("gh issue view 1 --json body", {"github.event.issue.body"}),
        ("gh api repos/a/b/pulls/1 --jq .head.ref", {"github.event.pull_request.head.ref"}),
        ("gh api /repos/a/b/pulls/1 | jq -r .head.sha", {"github.event.pull_request.head.sha"}),
        ("gh api repos/a/b/pulls/1/files --jq '.[].filename'", {"the names of changed files"}),
        ("curl -s https://api.github.com/repos/a/b/pulls/1 | jq -r '.title'", {"github.event.pull_request.title"}),
        ("gh pr diff 1 --name-only", {"the names of changed files"}),
        ("gh release list", set()),
        ("git log -1 --format=%s", set()),
        ("date", set()),
    ],
)  # fmt: skip
def test_what_commands_fetch(command: str, found: set[str]) -> None:
    assert fetched(command) == found


CHECKOUT = """      - uses: actions/checkout@v4
        with: {ref: 'refs/pull/${{ github.event.inputs.pr }}/head', path: pr}
"""


@pytest.mark.parametrize(
    ("command", "passes"),
    [
        ("git log -1 --format=%s", True),
        ("git diff --name-only HEAD~1", True),
        ("git log -1 --format=%H", False),
        ("git rev-parse HEAD", False),
        ("cat pr/VERSION", True),
        ("< pr/VERSION tr a b", True),
        ("jq -r .version pr/package.json", True),
        ("cat VERSION", False),
        ("wc -l pr/VERSION", False),
        ("cat /etc/os-release", False),
    ],
)
def test_files_of_others(command: str, passes: bool) -> None:
    assert bool(fetched(command, CHECKOUT)) is passes


def returned(script: str, use: str = "steps.s.outputs.t") -> set[str]:
    """What reaches an output of a step of `actions/github-script`."""
    text = f"""on: issues
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - id: s
        uses: actions/github-script@v7
        env: {{TITLE: '${{{{ github.event.issue.title }}}}'}}
        with:
          script: |
{indented(script, 12)}
      - run: echo ${{{{ {use} }}}}
"""
    return {origin.name for origin in last_step(text) if origin.kind in ("event", "fetched")}


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("core.setOutput('t', context.payload.issue.title)", TITLE),
        ("const x = context.payload.issue.title.trim()\ncore.setOutput('t', x)", TITLE),
        ("const { title } = context.payload.issue\ncore.setOutput('t', title)", TITLE),
        ("core.setOutput('t', process.env.TITLE)", TITLE),
        ("core.setOutput('t', `${{ github.event.issue.title }}`)", TITLE),
        ("core.setOutput('t', context.payload.issue.number)", {"github.event.issue.number"}),
        ("core.setOutput('t', context.payload.issue.title.length)", set()),
        ("core.setOutput('t', 'context.payload.issue.title')", set()),
        ("const x = context.payload.issue.title\ncore.setOutput('t', 'fixed')", set()),
        ("const m = process.env.TITLE.match(/v(\\d+)/)\ncore.setOutput('t', m[1])", set()),
        ("const r = /(.*) (a|b)$/\nconst m = process.env.TITLE.match(r)\ncore.setOutput('t', m[2] || 'c')", set()),
        ("const r = /(.*) (a|b)$/\nconst m = process.env.TITLE.match(r)\ncore.setOutput('t', m[1])", TITLE),
        ("const m = process.env.TITLE.match(/v(.*)/)\ncore.setOutput('t', m[1])", TITLE),
        (
            "const pr = await github.rest.pulls.get({owner: process.env.TITLE})\ncore.setOutput('t', pr.data.head.ref)",
            {"github.event.pull_request.head.ref"},
        ),
        (
            "const { data: pr } = await github.rest.pulls.get({})\ncore.setOutput('t', pr.head.sha)",
            {"github.event.pull_request.head.sha"},
        ),
    ],
)  # fmt: skip
def test_scripts_of_actions(script: str, found: set[str]) -> None:
    assert returned(script) == found


def test_fields_of_what_a_script_returns() -> None:
    script = "const result = await github.rest.pulls.get({})\nreturn result.data"
    head = returned(script, "fromJSON(steps.s.outputs.result).head.ref")
    assert head == {"github.event.pull_request.head.ref"}
    merged = returned(script, "fromJSON(steps.s.outputs.result).merged")
    assert merged == {"github.event.pull_request.merged"}


def test_fields_that_jq_picks() -> None:
    pull = 'gh api repos/a/b/pulls/1)\nX=$(echo "$X" | jq -r .head.ref'
    assert fetched(pull) == {"github.event.pull_request.head.ref"}
    assert fetched(pull.replace(".head.ref", ".number")) == {"github.event.pull_request.number"}
    fields = 'gh pr view 1 --json headRefName,headRefOid)\nX=$(jq -r .headRefOid <<< "$X"'
    assert fetched(fields) == {"github.event.pull_request.head.sha"}


def test_all_outputs_at_once() -> None:
    script = f'echo "a=1" {OUT}\necho "t=$TITLE" {OUT}'
    assert given(script, use="toJSON(steps.s.outputs)") == TITLE
    assert given(f'echo "a=1" {OUT}', use="toJSON(steps.s.outputs)") == set()


@pytest.mark.parametrize(
    "script",
    [
        f'# [[ "$TITLE" =~ ^[0-9]+$ ]] || exit 1\necho "t=$TITLE" {OUT}',
        f'[[ "$TITLE" =~ ^[0-9]+$ ]] || echo no\necho "t=$TITLE" {OUT}',
        f'X=1\n[[ "$X" =~ ^[0-9]+$ ]] || exit 1\nX=$TITLE\necho "t=$X" {OUT}',
        f'echo "t=$(expr "$TITLE" : "\\(.*\\)")" {OUT}',
        f'echo "t=$(basename "$TITLE")" {OUT}',
        f'echo "t=$(realpath -m "$TITLE")" {OUT}',
        f'echo "t=$(echo "$TITLE" | base64 -d)" {OUT}',
        f'echo "t=$(echo "$TITLE" | comm - /dev/null)" {OUT}',
        f'echo "t=$(echo "$TITLE" | python3 -c \'print(input())\')" {OUT}',
    ],
)
def test_what_checks_and_cleans_nothing(script: str) -> None:
    assert given(script) == TITLE


@pytest.mark.parametrize(
    "script",
    [
        f'[[ "$TITLE" =~ ^[0-9]+$ ]] || exit 1\necho "t=$TITLE" {OUT}',
        f'echo "t=$(echo "$TITLE" | base64 -w0)" {OUT}',
        f'echo "t=$(curl -fsS https://example.com/pulls/base_url)" {OUT}',
        f'echo "t=$(curl -fsS "https://example.com/?api.github.com/pulls")" {OUT}',
    ],
)
def test_what_lets_nothing_through(script: str) -> None:
    assert given(script) == set()


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://api.github.com/repos/a/b/pulls/1", True),
        ("$GITHUB_API_URL/repos/a/b/pulls/1", True),
        ("${{ github.event.pull_request.url }}", True),
        ("${{ github.event.issue.comments_url }}/comments", True),
        ("https://api.github.com.example.com/repos/a/b/pulls/1", False),
    ],
)
def test_addresses_of_the_api(url: str, found: bool) -> None:
    fields = given(f'echo "t=$(curl -s "{url}" | jq -r .body)" {OUT}')
    assert any(field.endswith(".body") for field in fields) is found


@pytest.mark.parametrize(
    ("use", "output", "passed"),
    [
        ("a/b@v1", "text", True),
        ("a/b@v1", "issue-number", False),
        ("peter-evans/create-pull-request@v7", "pull-request-url", False),
        ("peter-evans/create-pull-request@v7", "pull-request-branch", True),
    ],
)
def test_outputs_that_are_no_text(use: str, output: str, passed: bool) -> None:
    found = last_step(
        f"""on: issues
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - id: s
        uses: {use}
        with:
          title: ${{{{ github.event.issue.title }}}}
      - run: echo ${{{{ steps.s.outputs.{output} }}}}
"""
    )
    assert ("github.event.issue.title" in {origin.name for origin in found}) is passed


def test_a_hop_says_what_it_is() -> None:
    (origin,) = last_step(
        """on: issues
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - env:
          TITLE: ${{ github.event.issue.title }}
        run: echo "NAME=$TITLE" >> "$GITHUB_ENV"
      - run: echo ${{ env.NAME }}
"""
    )
    assert [(hop.kind, hop.name) for hop in origin.hops if hop.kind] == [
        ("kept", "TITLE"),
        ("exported", "name"),
    ]


def test_routes_that_github_script_requests() -> None:
    files = {
        ".github/workflows/a.yml": """\
on: issue_comment
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - id: s
        uses: actions/github-script@v7
        with:
          script: |
            const pr = await github.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', {pull_number: 1})
            core.setOutput('ref', pr.data.head.ref)
            const meta = await github.request('GET /meta')
            core.setOutput('meta', meta.data.head.ref)
"""
    }
    graph, _ = repository(files)
    taint = taint_of(graph, KNOWLEDGE)
    node = next(graph.of(StepNode))
    scope = Scope(node.owner, node.job, None)
    found = {
        name: [one.path for one in taint.origins.of(Context(("steps", "s", "outputs", name), 0, 1), scope)]
        for name in ("ref", "meta")
    }
    assert found["ref"] == [("github", "event", "pull_request", "head", "ref")]
    assert all(path[:3] != ("github", "event", "pull_request") for path in found["meta"])
