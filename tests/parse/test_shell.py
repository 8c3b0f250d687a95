"""The commands of scripts, and where each of their characters stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.parse.shell import commands
from scanner.parse.shell_words import Word


def words(script: str) -> list[str]:
    return [" ".join(command.texts) for command in commands(script) if command.words]


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("nix build .#a", ["nix build .#a"]),
        ("cd sub && nix build; make || true", ["cd sub", "nix build", "make", "true"]),
        ("a | b & c |& d", ["a", "b", "c", "d"]),
        ("# nix build\nnix run # not this\nx a#b", ["nix run", "x a#b"]),
        ("nix \\\n  build \\\r\n  .#a", ["nix build .#a"]),
        ("X=1 Y=$(nix eval .#x) sudo -E -u root nix build", ["nix eval .#x", "nix build"]),
        ('echo "say $(nix run .#hi) twice"', ["nix run .#hi", "echo say $(nix run .#hi) twice"]),
        ("echo 'not $(nix run)'", ["echo not $(nix run)"]),
        ("echo \\$(not \\`this", ["echo $", "not `this"]),
        ("`nix run`", ["nix run", "`nix run`"]),
        ("timeout 30 nix build", ["nix build"]),
        ("time -p nix build", ["nix build"]),
        ("x | xargs -n 1 nix build", ["x", "nix build"]),
        ("/usr/bin/env -u A B=1 nix build", ["nix build"]),
        ("echo ${{ a && b }} x", ["echo ${{ a && b }} x"]),
        ("diff <(nix eval .#a) b", ["nix eval .#a", "diff <(nix eval .#a) b"]),
        ("", []),
        # redirections
        ("nix build > out.txt 2>&1 < in", ["nix build"]),
        ("nix build &> log .#x &>>log", ["nix build .#x"]),
        # compound commands
        ("if nix flake check; then a; else b; fi", ["nix flake check", "a", "b"]),
        ("while ! a; do b; done", ["a", "b"]),
        ("for h in x $(nix eval .#y); do nix build .#$h; done", ["nix eval .#y", "nix build .#$h"]),
        ("for ((i=0; i<3; i++)); do a; done", ["a"]),
        ("f() { nix build; }; function g { a; }\nh () (b)", ["nix build", "a", "b"]),
        ("{ a; b; } | c", ["a", "b", "c"]),
        ('case "$x" in a|b) nix build;; (c) d ;& *) e;; esac; f', ["nix build", "d", "e", "f"]),
        ("case x in\n# one\na)\n  b\n  ;;\nesac\nc", ["b", "c"]),
        ("x=$(case y in a) b;; esac) c", ["b", "c"]),
        ("case x in a) case y in b) c;; esac;; d) e;; esac; g", ["c", "e", "g"]),
        ("[[ a && ( b < c ) ]] && nix build", ["nix build"]),
        ("if [[ $(nix eval .#x) == y ]]; then a; fi", ["nix eval .#x", "a"]),
        ("(( a = 1 | 2 )) && b", ["b"]),
        ("((cd x; a) && b)", ["cd x", "a", "b"]),
        ("echo $(( (1 + 2) * 3 )) x", ["echo $(( (1 + 2) * 3 )) x"]),
        ("echo $((a; b) | c)", ["a", "b", "c", "echo $((a; b) | c)"]),
        ("a=( --x 'nix build' $(b) # nix run\n c ); d", ["b", "d"]),
        ("a+=(x y) b", ["b"]),
        ("echo {a,b}*.nix -x {} \\; | c", ["echo {a,b}*.nix -x {} ;", "c"]),
        ("echo ${x:-$(nix eval .#y)} ${#a} ${b%\\}}", ["nix eval .#y", "echo ${x:-$(nix eval .#y)} ${#a} ${b%\\}}"]),
        ("echo !(a|b) c", ["echo !(a|b) c"]),
        # here-documents
        ("cat <<EOF\nnix build\nEOF\nnix run", ["cat", "nix run"]),
        ("cat <<-'EOF'\n\tnix build $(a)\n\tEOF\nnix run", ["cat", "nix run"]),
        ("cat <<EOF\n$(nix eval .#a) \\$(b)\nEOF\nc", ["cat", "nix eval .#a", "c"]),
        ("cat <<A <<B | d\na\nA\nb\nB\nc", ["cat", "d", "c"]),
        ("cat <<EOF\nnix build", ["cat"]),
        ("x=$(cat <<EOF\nnix build\nEOF\n) a", ["cat", "a"]),
    ],
)  # fmt: skip
def test_commands(script: str, found: list[str]) -> None:
    assert words(script) == found


def test_a_here_document_is_read_by_its_command() -> None:
    found = list(commands("bash <<'EOF' | tee log\nnix build\nEOF\na <<< 'b c'\ncat <<-X\n\ta\n\t\tb\n\tX\n"))
    assert [(one.program, one.input.text if one.input is not None else None) for one in found] == [
        ("bash", "nix build\n"),
        ("tee", None),
        ("a", "b c"),
        ("cat", "a\nb\n"),
    ]


def test_assignments_are_kept() -> None:
    first, second = commands("NIX_PATH=a=b X=1 nix build\nY=1")
    assert [word.text for word in first.assignments] == ["NIX_PATH=a=b", "X=1"]
    assert first.texts == ("nix", "build")
    assert (second.words, [word.text for word in second.assignments], second.program) == ((), ["Y=1"], "")


def test_a_command_knows_its_subshell() -> None:
    found = {one.program: one.shell for one in commands("a; (b; (c)); (d); x=$(e); f `g`")}
    assert found["a"] == found["f"] == ()
    assert len(found["b"]) == len(found["d"]) == len(found["e"]) == len(found["g"]) == 1
    assert found["c"][:1] == found["b"]
    assert len({found["b"], found["d"], found["e"], found["g"]}) == 4


def test_every_character_of_a_word_knows_its_place() -> None:
    script = "nix run \"git\"hub:o\\/r'#x' \\\n$(a 'b')"
    inner, outer = commands(script)
    assert script[inner.words[1].start : inner.words[1].end] == "b"
    reference = outer.words[2]
    assert reference.text == "github:o/r#x"
    assert "".join(script[reference.offset(at)] for at in range(len(reference.text))) == reference.text


def test_places_of_a_script_in_a_word() -> None:
    script = """bash -c "cd x; nix run 'a'\\"b\\"" """
    word = next(commands(script)).words[2]
    inner = [one.inside(word) for one in commands(word.text)][1]
    assert [script[one.start : one.end] for one in inner.words] == ["nix", "run", "a'\\\"b"]
    assert inner.words[2].part(1).text == "b"
    assert script[inner.words[2].part(1).start] == "b"


@given(st.text(alphabet="a $(){}'\"`\\<>|&;#\n\tEOFcasein=-[]!", max_size=200))
def test_no_script_raises_and_places_hold_their_characters(script: str) -> None:
    for command in commands(script):
        assert command.words or command.assignments or command.redirections or command.bare or command.test
        targets = [one.target for one in command.redirections]
        inputs = [command.input] if command.input else []
        for word in (*command.words, *command.assignments, *inputs, *targets):
            assert 0 <= word.start <= word.end <= len(script) or not word.text
            for at, char in enumerate(word.text):
                assert script[word.offset(at)] == char


@given(st.lists(st.tuples(st.integers(0, 9), st.text("ab", min_size=1, max_size=4)), min_size=1, max_size=5))
def test_part_and_around_agree(stretches: list[tuple[int, str]]) -> None:
    text, pieces, offset = "", [], 0
    for gap, part in stretches:
        offset += gap + 1
        pieces.append((len(text), offset))
        text += part
        offset += len(part)
    word = Word(text, tuple(pieces))
    for start in range(len(text)):
        inner = word.part(start)
        assert [inner.offset(at) for at in range(len(inner.text))] == [
            word.offset(start + at) for at in range(len(inner.text))
        ]


@pytest.mark.parametrize(
    "piece",
    ["$(", "`", '"', "<<A ", "<<A\n$(", "${", "$((", "(", "((", "'", "\\\n", "<(", "case a in b) ", "[[ ", "a=(", "x ;; "],
)  # fmt: skip
def test_the_work_is_bounded(piece: str) -> None:
    """Counted, not timed: what comes out is no more than what went in."""
    script = piece * 20_000
    assert sum(len(word.text) for command in commands(script) for word in command.words) <= 25 * len(script)


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("a > x 2>>y 2>&1 >&- <in", [(">", "x"), (">>", "y"), ("<", "in")]),
        ("a &> x &>>y >| z 3<>w", [("&>", "x"), ("&>>", "y"), (">|", "z"), ("<>", "w")]),
        ('a>>"$GITHUB_ENV"', [(">>", "$GITHUB_ENV")]),
        ("> x", [(">", "x")]),
        ("cat <<EOF >> x\nb\nEOF\n", [(">>", "x")]),
        ("a > >(tee log)", []),
        ("while read l; do b; done >> x", [(">>", "x")]),
    ],
)
def test_redirections(script: str, found: list[tuple[str, str]]) -> None:
    all = [(one.operator, one.target.text) for command in commands(script) for one in command.redirections]
    assert all == found


@pytest.mark.parametrize(
    ("script", "piped"),
    [
        ("a | b |& c || d; e", ["b", "c"]),
        ("a |\n  # why\n  b", ["b"]),
        ("curl x | while read l; do y; done", ["read l"]),
        ("x && (a | b)", ["b"]),
        ("[[ a || b ]] | c", ["c"]),
    ],
)
def test_pipes(script: str, piped: list[str]) -> None:
    found = [command for command in commands(script) if command.pipe is not None]
    assert [" ".join(command.texts) for command in found] == piped
    assert all(script[command.pipe] == "|" for command in found if command.pipe is not None)


@pytest.mark.parametrize(
    ("script", "begins"),
    [
        ("x; { a; b; } >> f", "{ a"),
        ("(a; b) > f", "(a"),
        ("if a; then { b; }; fi > f", "if a"),
        ("for x in 1; do while b; do c; done; done >f", "for x"),
        ("case $x in a) b;; esac > f", "case"),
        ("case $x in a) b\nesac > f", "case"),
        ("function f { a; }; until b; do c; done > f", "until"),
    ],
)
def test_groups(script: str, begins: str) -> None:
    found = [command.group for command in commands(script) if command.redirections]
    assert [script[at : at + len(begins)] for at in found if at is not None] == [begins]


@pytest.mark.parametrize(
    ("word", "computed"),
    [
        ("plain", False),
        ("'$x'", False),
        ('"a b"', False),
        ("\\$x", False),
        ("5$", False),
        ("$", False),
        ("${{ github.sha }}", False),
        ("$'a\\n'", False),
        ("$x", True),
        ('"$x"', True),
        ("a${x}", True),
        ("$(x)", True),
        ("`x`", True),
        ("$((1 + 1))", True),
        ("$?", True),
        ("<(x)", True),
    ],
)
def test_what_the_shell_computes(word: str, computed: bool) -> None:
    command = list(commands(f"echo {word}"))[-1]
    assert command.words[-1].computed is computed


@pytest.mark.parametrize(
    ("word", "text"),
    [
        (r"$'it\'s'", "it's"),
        (r"$'a\x41\101\u00e9\n\q'", "aAAé\n\\q"),
        (r"$'\ud800'", "?"),
        (r"$'a\\'", "a\\"),
    ],
)
def test_ansi_c_quotes(word: str, text: str) -> None:
    (command,) = commands(f"echo {word} b")
    assert command.texts == ("echo", text, "b")


def test_patterns_end_on_their_line() -> None:
    first, *_, last = commands("ls ?(a *(b\nls @(c|d).x ?(e)")
    assert first.words[1].text.startswith("?(")
    assert last.texts == ("ls", "@(c|d).x", "?(e)")


@pytest.mark.parametrize(
    ("script", "bare"),
    [("env >> f", "env"), ("sudo env A=b >> f", "env"), ("env make >> f", ""), ("> f", "")],
)
def test_wrappers_alone(script: str, bare: str) -> None:
    (command,) = commands(script)
    assert command.bare == bare


def test_branches_and_loops_are_told_apart() -> None:
    found = list(commands("a\nif b; then c; else d; fi\n{ e; }\nf && g\nfor x in 1 $Y; do h; done"))
    blocks = {one.program: one.block for one in found if one.words}
    assert blocks["a"] == blocks["e"] == blocks["f"] == ()
    assert blocks["c"][:1] == blocks["d"][:1] == blocks["b"]
    assert blocks["c"] != blocks["d"]
    assert [one.program for one in found if one.chained] == ["g"]
    assert [[word.text for word in one.loop] for one in found if one.loop] == [["x", "1", "$Y"]]


def test_arrays_and_the_ends_of_groups() -> None:
    array, *group = commands('A=(1 "$T")\n{ a; } | b\nwhile c; do d; done <<< "$T"')
    assert [word.text for word in array.array] == ["1", "$T"]
    assert [one.group for one in group if not one.words] == [11, 22]
    last = group[-1].input
    assert last is not None
    assert last.text == "$T"
