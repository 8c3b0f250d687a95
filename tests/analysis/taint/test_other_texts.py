"""What gets into the outputs of scripts in JavaScript, Python and cmd, each way with a twin that lets nothing through."""

import pytest

from scanner.analysis.taint.kept_texts import begins
from scanner.analysis.taint.other_texts import variables_read
from tests.analysis.taint.test_script_texts import given, indented, last_step

TITLE = {"github.event.issue.title"}


def told(script: str) -> set[str]:
    """What reaches the output `t` of a script of actions/github-script in a run of `issues`."""
    text = f"""on: issues
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - id: s
        uses: actions/github-script@v8
        with:
          script: |
{indented(script, 12)}
      - run: echo ${{{{ steps.s.outputs.t }}}}
"""
    return {origin.name for origin in last_step(text) if origin.kind in ("event", "fetched")}


GIVEN = "const t = context.payload.issue.title\n"


@pytest.mark.parametrize(
    ("through", "not_through"),
    [
        # a condition decides, its branches get in
        ("core.setOutput('t', t ? t : 'none')", "core.setOutput('t', /^bug/.test(t) ? 'bug' : 'other')"),
        ("core.setOutput('t', `${t}? yes : no`)", "core.setOutput('t', t.includes('a') ? 'yes' : 'no')"),
        ("core.setOutput('t', t ?? 'none')", "core.setOutput('t', t && t.length > 3 ? 'long' : 'short')"),
        # numbers
        ("core.setOutput('t', String(t))", "core.setOutput('t', Number(t))"),
        ("core.setOutput('t', parseInt(t, 10) || t)", "core.setOutput('t', parseInt(t, 10))"),
        # what is left of it
        ("core.setOutput('t', t.replace(/[^a-z]/, ''))", "core.setOutput('t', t.replace(/[^a-z]/g, ''))"),
        ("core.setOutput('t', t.replace(/[^ -~]/g, ''))", "core.setOutput('t', t.trim().replace(/[^a-z0-9-]+/gi, '-'))"),
        ("core.setOutput('t', t.replace(/[^a-z]/g, '') + t)", "core.setOutput('t', 'v' + t.replace(/[^a-z]/g, ''))"),
        ("core.setOutput('t', t.replace(/[a-z]/g, ''))", "core.setOutput('t', t.replace(/[^a-z]/g, ''))"),
        # checks that leave
        ("if (!['a', 'b'].includes(t)) { core.setFailed('no') }\ncore.setOutput('t', t)", "if (!['a', 'b'].includes(t)) { core.setFailed('no'); return }\ncore.setOutput('t', t)"),
        ("if (!other.includes(t)) return\ncore.setOutput('t', t)", "const known = ['a', 'b']\nif (!known.includes(t)) return\ncore.setOutput('t', t)"),
        ("if (!/[a-z]+/.test(t)) { return }\ncore.setOutput('t', t)", "if (!/^[a-z]+$/.test(t)) { return }\ncore.setOutput('t', t)"),
        ("if (!/^[a-z]+$/m.test(t)) { return }\ncore.setOutput('t', t)", "if (!/^[a-z]+$/.test(t)) throw new Error('no')\ncore.setOutput('t', t)"),
        ("if (x) { if (!/^[a-z]+$/.test(t)) { return } }\ncore.setOutput('t', t)", "if (/^[a-z]+$/.test(t)) { core.setOutput('t', t) }"),
        ("core.setOutput('t', t)\nif (!/^[a-z]+$/.test(t)) { return }", "if (!/^[a-z]+$/.test(t)) { return }\ncore.setOutput('t', t)"),
        ("let u = ''\nif (!/^[a-z]+$/.test(u)) { return }\nu = t\ncore.setOutput('t', u)", "let u = t\nif (!/^[a-z]+$/.test(u)) { return }\ncore.setOutput('t', u)"),
        # loops and lists
        ("for (const w of t.split(' ')) { core.setOutput('t', w) }", "for (const w of ['a']) { core.setOutput('t', w) }"),
        ("const [k, v] = t.split('=')\ncore.setOutput('t', v)", "const [k, v] = 'a=b'.split('=')\ncore.setOutput('t', v)"),
    ],
)  # fmt: skip
def test_javascript(through: str, not_through: str) -> None:
    assert told(GIVEN + through) == TITLE
    assert told(GIVEN + not_through) == set()


def test_all_comments_of_an_issue() -> None:
    asked = "const all = await github.paginate(github.rest.issues.listComments, { ...context.repo })\n"
    asked += "const one = all.find(c => c.body.startsWith('/v'))\n"
    assert told(asked + "core.setOutput('t', one.body)")
    assert told(asked + "core.setOutput('t', one.id)") == set()


@pytest.mark.parametrize(
    ("through", "not_through"),
    [
        ('f.write("t=" + os.environ["TITLE"] + "\\n")', 'f.write("t=" + os.environ["N"] + "\\n")'),
        ("f.write('t=%s' % os.environ['TITLE'])", "f.write('t=%s' % len(os.environ['TITLE']))"),
        ("print('t=' + os.getenv('TITLE'), file=f)", "print('t=' + 'TITLE', file=f)"),
        ("f.write(f\"t={os.environ['TITLE']}\\n\")", "f.write(f\"t={os.environ['N']}\\n\")"),
    ],
)
def test_python(through: str, not_through: str) -> None:
    lead = 'import os\nf = open(os.environ["GITHUB_OUTPUT"], "a")\n'
    assert given(lead + through, "python") == TITLE
    assert given(lead + not_through, "python") == set()


def test_cmd() -> None:
    assert given("echo t=%TITLE%>> %GITHUB_OUTPUT%", "cmd") == TITLE
    assert given("echo t=%N%>> %GITHUB_OUTPUT%", "cmd") == set()


@pytest.mark.parametrize(
    ("through", "not_through"),
    [
        ("""python3 -c 'import os; print("t=" + os.environ["TITLE"])' >> "$GITHUB_OUTPUT\"""", """python3 -c 'print("t=TITLE")' >> "$GITHUB_OUTPUT\""""),
        ("""python3 - <<'PY' >> "$GITHUB_OUTPUT"\nimport os\nprint("t=" + os.environ["TITLE"])\nPY""", """python3 - <<'PY' >> "$GITHUB_OUTPUT"\nimport os\nprint("t=" + os.environ["N"])\nPY"""),
        ("""node -e 'console.log("t=" + process.env.TITLE)' >> "$GITHUB_OUTPUT\"""", """node -e 'console.log("t=" + process.env.N)' >> "$GITHUB_OUTPUT\""""),
        ("""awk 'BEGIN { print "t=" ENVIRON["TITLE"] }' >> "$GITHUB_OUTPUT\"""", """awk 'BEGIN { print "t=" ENVIRON["N"] }' >> "$GITHUB_OUTPUT\""""),
        ("""[[ "$TITLE" =~ ^v(.*)$ ]]\necho "t=${BASH_REMATCH[1]}" >> "$GITHUB_OUTPUT\"""", """[[ "$TITLE" =~ ^v([0-9.]+)$ ]]\necho "t=${BASH_REMATCH[1]}" >> "$GITHUB_OUTPUT\""""),
    ],
)  # fmt: skip
def test_programs_in_a_shell(through: str, not_through: str) -> None:
    assert given(through) == TITLE
    assert given(not_through) == set()


def test_variables_that_a_program_names() -> None:
    assert variables_read(
        "os.environ['A'] + os.getenv('B') + ENV['C'] + $ENV{D} + process.env.E + $ENV.F"
    ) == tuple("ABCDEF")
    assert variables_read("print('A')") == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("'a' + b", "a"), ("`a${b}`", "a"), ("`${b}a`", ""), ("b", ""), ('f"a{b}"', "a"), (" 'a'", "a"), ("'it\\'s'", "it")],
)  # fmt: skip
def test_what_an_expression_begins_with(text: str, expected: str) -> None:
    assert begins(text) == expected
