"""What scripts ask about those who are behind a run, and whether they fail for outsiders; every one with its negative twin."""

from collections.abc import Mapping

import pytest

from scanner.analysis.outsiders.asking import Asking, Reply, asking
from scanner.analysis.outsiders.checks import Kind
from scanner.graph.nodes.workflows import StepNode
from tests.memory import repository

ASK = "gh api repos/a/b/collaborators/$WHO/permission -q .permission"
ENV = {"A": "${{ github.event.comment.author_association }}", "WHO": "${{ github.actor }}"}
MEMBER = "github.rest.orgs.checkMembershipForUser({org, username})"
LEVEL = "const p = await github.rest.repos.getCollaboratorPermissionLevel({owner, repo, username})\n"


def of(script: str, env: Mapping[str, str] = ENV, more: str = "run: |") -> Asking:
    lines = "".join(f"          {line}\n" for line in script.splitlines())
    given = "".join(f"          {name}: {value}\n" for name, value in env.items())
    graph, _ = repository(
        {
            ".github/workflows/ci.yml": f"on: issue_comment\njobs:\n  a:\n    runs-on: x\n    steps:\n      - env:\n{given}        {more}\n{lines}"
        }
    )
    return asking(next(graph.of(StepNode)))


def code(script: str) -> Asking:
    return of(script, more="uses: actions/github-script@v8\n        with:\n         script: |")


def fails(found: Asking) -> str:
    """The kinds of which each alone is enough."""
    return " ".join(sorted(kind for kind in found.kinds if found.fails(frozenset((kind,)))))


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        # Comments and texts ask nothing.
        ("# see https://docs.github.com/rest/members/ for it\ncommand -v make || exit 1", ""),
        ('echo "exit 1 in /collaborators/"', ""),
        ('if [ "$WHO" = "me" ]; then echo hello; fi\nmake --version || exit 1', ""),
        # The exit is in the branch of the test.
        ('[ "$A" = OWNER ] || exit 1', "association"),
        ('[ "$A" = OWNER ] || echo no', ""),
        ('[ "$A" = OWNER ] && exit 1\nmake', ""),
        # What the last command says, the script does.
        ('[ "$A" = OWNER ]', "association"),
        ('if [ "$A" = OWNER ]; then make; fi', ""),
        ('[ "$A" != OWNER ] && exit 1', "association"),
        ('[[ "$A" == OWNER ]] || { echo no; exit 1; }', "association"),
        ('[[ "$A" == OWNER ]] || { echo no; }\nmake || exit 1', ""),
        ('[ "$A" = OWNER ] || (echo no && exit 1)', "association"),
        ('if [[ "$A" != OWNER && "$A" != MEMBER ]]; then\n  echo no\n  exit 1\nfi', "association"),
        ('if [[ "$A" == OWNER || "$A" == MEMBER ]]; then echo yes; else exit 1; fi', "association"),
        ('if [[ "$A" == OWNER ]]; then exit 1; else echo yes; fi', ""),
        ('if ! [ "$WHO" = me ]; then exit 2; fi', "actor"),
        ('if [ "$WHO" = spam ]; then exit 1; fi', ""),
        ('if [ "$WHO" != "dependabot[bot]" ]; then exit 1; fi', ""),
        ('if [ "$WHO" = me ]; then exit 0; fi\nexit 1', "actor"),
        ('if [ "$X" = me ]; then exit 0; fi\nexit 1', ""),
        ('[ "$X" = 1 ] && exit 0\n[ "$WHO" = me ] || exit 1', ""),
        ('case "$A" in\n  OWNER|MEMBER) ;;\n  *) exit 1 ;;\nesac', "association"),
        ('case "$X" in\n  OWNER|MEMBER) ;;\n  *) exit 1 ;;\nesac', ""),
        ('case "$A" in\n  OWNER) exit 1 ;;\n  *) echo yes ;;\nesac', ""),
        # What is compared comes from the lookup.
        (f'P=$({ASK})\nif [ "$P" != admin ]; then exit 1; fi', "permission"),
        (f'P=$({ASK})\nif [ "$X" != admin ]; then exit 1; fi', ""),
        (f'P=$({ASK})\n[ "$P" = none ] && exit 1', ""),
        (f"{ASK} | grep -qE 'admin|write' || exit 1", "permission"),
        (f"{ASK} | grep -qE 'admin|write' || true", ""),
        (f"{ASK} > p.txt\ngrep -q admin p.txt || exit 1", "permission"),
        (f"{ASK} > p.txt\ngrep -q admin q.txt || exit 1", ""),
        ('URL=https://api.github.com/orgs/o/members/$WHO\ncurl --fail "$URL"', "permission"),
        ('URL=https://api.github.com/orgs/o/members/$WHO\ncurl "$URL"', ""),
        ("gh api orgs/o/members/$WHO", "permission"),
        ("gh api orgs/o/members/$WHO || true", ""),
        ("set +e\ngh api orgs/o/members/$WHO\nmake", ""),
        ('may() { gh api "orgs/o/members/$1"; }\nif ! may "$WHO"; then exit 1; fi', "permission"),
        ('die() { echo "$1"; exit 1; }\n[ "$A" = OWNER ] || die no', "association"),
        ('die() { echo "$1"; }\n[ "$A" = OWNER ] || die no\nmake', ""),
        ('OK=0\nif [ "$A" = OWNER ]; then OK=1; fi\n[ "$OK" = 1 ] || exit 1', "association"),
        ('OK=1\nif [ "$A" = OWNER ]; then OK=1; fi\n[ "$OK" = 1 ] || exit 1', ""),
        # Two ways in: each alone stops nobody.
        ('[ "$A" = OWNER ] || [ "$WHO" = me ] || exit 1', ""),
    ],
)
def test_shell(script: str, expected: str) -> None:
    assert fails(of(script)) == expected


def test_several_ways_in_together() -> None:
    found = of('[ "$A" = OWNER ] || [ "$WHO" = me ] || exit 1')
    both: frozenset[Kind] = frozenset(("association", "actor"))
    assert found.fails(both)
    assert not of('[ "$A" = OWNER ] || [ "$X" = me ] || exit 1').fails(both)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("// context.actor must not be == null\nif (process.env.X == context.actor) { process.exit(1) }", ""),
        ("if (context.actor !== 'me') { core.setFailed('no') }", "actor"),
        ("if (context.actor !== 'me') { core.info('setFailed') }", ""),
        ("core.info('if context.actor !== me'); if (x) { core.setFailed('no') }", ""),
        ("if (context.actor === 'me') { return }\nthrow new Error('no')", "actor"),
        ("if (x === 'me') { return }\nthrow new Error('no')", ""),
        (
            f"{LEVEL}if (!['admin', 'write'].includes(p.data.permission)) {{\n  core.setFailed('no'); return\n}}",
            "permission",
        ),
        (f"{LEVEL}if (!['admin', 'write'].includes(other)) {{\n  core.setFailed('no'); return\n}}", ""),
        (f"{LEVEL}const ok = p.data.permission === 'admin'\nif (!ok) throw new Error('no')", "permission"),
        (f"{LEVEL}const ok = p.data.permission === 'admin'\nif (ok) throw new Error('no')", ""),
        (f"await {MEMBER}", "permission"),
        (f"try {{ await {MEMBER} }} catch (e) {{ core.info('none') }}", ""),
        (f"try {{ await {MEMBER} }} catch (e) {{ core.setFailed('none') }}", "permission"),
        (
            "async function main() {\n  if (context.actor !== 'me') { core.setFailed('no') }\n}\nmain()",
            "actor",
        ),
        ("async function main() {\n  if (context.actor !== 'me') { core.setFailed('no') }\n}", ""),
        (
            "const pushed = new Date(pr.data.head.repo.pushed_at)\n"
            "if (pushed >= new Date(context.payload.comment.created_at)) { core.setFailed('late') }",
            "time",
        ),
        (
            "const pushed = new Date(pr.data.head.repo.pushed_at)\n"
            "if (pushed >= new Date(context.payload.comment.created_at)) { core.info('late') }\ncore.setFailed",
            "",
        ),
    ],
)
def test_code(script: str, expected: str) -> None:
    assert fails(code(script)) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('if ($env:WHO -ne "me") { exit 1 }', "actor"),
        ('if ($env:WHO -eq "me") { exit 1 }', ""),
        ('# $env:WHO -ne "me"\nif ($x) { exit 1 }', ""),
    ],
)
def test_powershell(script: str, expected: str) -> None:
    assert fails(of(script, more="shell: pwsh\n        run: |")) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (
            'if [ "$A" = OWNER ]; then echo "ok=true" >> "$GITHUB_OUTPUT"; else echo "ok=false" >> "$GITHUB_OUTPUT"; fi',
            {"false"},
        ),
        ('OK=no\n[ "$A" = OWNER ] && OK=yes\necho "ok=$OK" >> "$GITHUB_OUTPUT"', {"no"}),
        ('[ "$A" = OWNER ]\necho "ok=true" >> "$GITHUB_OUTPUT"', None),
        ('if [ "$A" = OWNER ]; then :; fi\necho "ok=1" >> "$GITHUB_OUTPUT"', {"1"}),
    ],
)
def test_outputs(script: str, expected: set[str] | None) -> None:
    found = of(script)
    reply = found.reply("ok", found.kinds)
    assert reply == (Reply(frozenset(expected)) if expected else Reply(refuses=True))


def test_it_comes_to_an_end() -> None:
    assert fails(of("if [ a ]; then\n" * 500 + '[ "$A" = OWNER ] || exit 1\n')) == ""
    assert fails(of('[ "$A" = OWNER ] || exit 1\n' + "x $(a) $(b)\n" * 3000)) == "association"
    assert fails(code("if (context.actor !== 'me') {" * 2000)) == ""
    assert fails(code("x = ((((" * 2000 + " context.actor !== 'me'")) == ""
