"""The syntax of the Nix language: what Nix 2.34 takes and refuses, and what is read of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.nix.syntax import MAX_DEPTH, parse
from scanner.parse.nix.tree import Attributes, Computed, Function, Items, Name, Node, Number, Path, Text


def read(text: str) -> tuple[Node | None, list[Problem]]:
    problems: list[Problem] = []
    return parse(Source("flake.nix", "flake-nix", text), problems), problems


def lines(text: str) -> list[str]:
    return [line for line in text.strip().split("\n") if line]


# Every line was judged by `nix-instantiate --parse` of Nix 2.34.8 (with pipe operators, undefined names apart).
ACCEPTED = r"""
{ a, b, }: a
{ a, ... }: a
{ ... }: 1
{ }@x: 1
x@{ }: x
a: b: { c }@d: e
{ a ? 1, b ? a: a }: b
{a}:{b}:c
{ a.b = 1; a = { c = 2; }; }
{ a = { c.d = 2; }; a = rec { c.e = 2; }; }
{ a = ({ c.d = 2; }); a.c.e = 2; }
{ "a" = 1; ${"b"} = 2; ${''c''} = 3; "d${""}" = 4; d = 5; or.or = 6; }
{ inherit a "b" ${"c"} or; inherit (d) e; inherit; }
{ a = let b = 1; in b; c = if d then e else f: g; }
let { body = 1; }.body
let "a" = 1; ${"b"} = 2; inherit (x) c; in a
f let { body = 1; }
if a then b else if c then d else e: f
a == b && c == d -> e -> f
a < b == c < d
!a == b
- - a ? b ? c
a ? b."c".${d}
a.b or c.d or e f
a or
f a or b
[ a.b or c (-1) or ]
a |> b |> c
a <| b <| c
a: b |> c
with a; assert b; c: d
a.or.or
1.5 .5 1. 0.5
9223372036854775807
./a ./. ../a /a a/b -/a ~/a <a/b>
./a/${b} ./${a}/c ./${a}//b ./a//${b}
a:b
a<b>c
a//b
"a" "$" "$$" "$${a}" "\${a}" "${"${"a"}"}"
''a'' ''''$a'' ''''${a}'' '''''a'' '' '$ '' ''$'a''
''${''a''}''
"${{ a = 1; }.a}"
1 /* a */ + /** b **/ 2 # c
/***/ 1
"é" # é
__curPos
"""

REFUSED = r"""
1 + | + | the file ends here
{ a = 1 } | } | `;` is expected here
{ a = 1; | ; | the file ends here
{ a = 1; }} | } | the end of the file
{ a = 1; a = 2; } | a | `a` is already defined in line 1
{ a.b = 2; a.b.c = 1; } | b | `b` is already defined
{ a.b.c = 1; a.b = 2; } | b | `b` is already defined
{ a = { c = 2; }; a = { c = 3; }; } | c | `c` is already defined
{ inherit a; a = 1; } | a | `a` is already defined
{ inherit (x) a; a.b = 1; } | a | `a` is already defined
{ inherit "a${b}"; } | "a${b}" | must be written out
{ ''a'' = 1; } | ''a'' | a name
{ a, ..., }: a | , | `}`
{ a. = 1; } | = | a name
{ a b = 1; } | b | `=`
{ if = 1; } | if | a name or `}`
{ a, a }: a | a | already takes `a`
{ x }@x: x | x | already takes `x`
{ , }: 1 | , | a name or `}`
{ ..., a }: a | , | `}`
{ a } | } | `:`
{ or }: 1 | } | `=`
let ${"a" + "b"} = 1; in 1 | ${"a" + "b"} | must be written out
let a = 1; | ; | the file ends here
f let a = 1; in a | a | `{`
1 + if a then b else c | if | a value
1 + let a = 1; in a | a | `{`
[ a: b ] | : | a value or `]`
[ -1 ] | - | a value or `]`
[ 1, 2 ] | , | a value or `]`
f a: b | : | the end of the file
f { a, b }: c | , | `=`
a == b == c | == | needs parentheses
a == !b != c | != | needs parentheses
a < b <= c | <= | needs parentheses
a <| b |> c | |> | `<|`
a |> b: c | : | the end of the file
(a or).b or or | or | a value
or | or | a value
9223372036854775808 | 9223372036854775808 | too large
1.0e999 | 1.0e999 | out of range
1.0e-999 | 1.0e-999 | out of range
./a/ | ./a/ | slash
./a//b | ./a//b | slash
./${a}/ | ./${a}/ | slash
"a | " | is not closed
"a${b}c | " | is not closed
''a | '' | is not closed
"a${b" | " | is not closed
/* a | /* | is not closed
$a | $ | no meaning
'a' | ' | no meaning
é | é | no meaning
"""


@pytest.mark.parametrize("text", lines(ACCEPTED))
def test_what_nix_takes(text: str) -> None:
    node, problems = read(text)
    assert not problems
    assert node is not None


@pytest.mark.parametrize("row", lines(REFUSED))
def test_what_nix_refuses(row: str) -> None:
    text, at, said = row.rsplit(" | ", 2)
    node, problems = read(text)
    assert node is None
    (problem,) = problems
    assert said in problem.message
    assert problem.at.text == at


def test_an_empty_file() -> None:
    node, (problem,) = read("# nothing\n")
    assert node is None
    assert "the file ends here" in problem.message


def test_values_that_are_written_out() -> None:
    text = r"""{ t = "a"; i = ''b''; u = x:y; p = ./a; h = ~/a; n = 7; d = 1.5; b = true; l = [ "a" b ]; f = { a, b ? 1 }: 2;
      s = { }; r = rec { }; c = "${a}"; o = 1 + 1; k = f x; e = a.b; m = -1; w = with a; b; z = (3); }"""
    node, problems = read(text)
    assert not problems
    assert isinstance(node, Attributes)
    kinds = {name: type(entry.value) for name, entry in node.entries.items()}
    computed = dict.fromkeys("cokemw", Computed)
    sets = dict.fromkeys("sr", Attributes)
    literals = dict.fromkeys("tiu", Text) | dict.fromkeys("ph", Path) | dict.fromkeys("ndz", Number)
    assert kinds == literals | sets | computed | {"b": Name, "l": Items, "f": Function}
    function = node.entries["f"].value
    assert isinstance(function, Function)
    assert [(formal.name, text[formal.start : formal.end]) for formal in function.formals] == [
        ("a", "a"),
        ("b", "b"),
    ]
    assert {
        name: entry.value.what for name, entry in node.entries.items() if isinstance(entry.value, Computed)
    } == {
        "c": "an interpolation",
        "o": "an operation",
        "k": "a call",
        "e": "a selection",
        "m": "an operation",
        "w": "`with`",
    }


def test_sets_are_merged_and_names_stand_where_they_first_are() -> None:
    text = '{ a.b.c = 1; a = rec { b.d = 2; "e f" = 3; }; }'
    node, _ = read(text)
    assert isinstance(node, Attributes)
    merged = node.entries["a"].value
    assert isinstance(merged, Attributes)
    assert not merged.recursive  # as in Nix: the first one decides
    assert list(merged.entries) == ["b", "e f"]
    inner = merged.entries["b"]
    assert isinstance(inner.value, Attributes)
    assert list(inner.value.entries) == ["c", "d"]
    assert (inner.start, text[inner.start : inner.end]) == (4, "b")


def test_computed_names_are_kept_apart() -> None:
    text = '{ a."b${c}".d = 1; a.${e} = 2; a.f = 3; }'
    node, _ = read(text)
    assert isinstance(node, Attributes)
    inner = node.entries["a"].value
    assert isinstance(inner, Attributes)
    assert list(inner.entries) == ["f"]
    assert [text[start:end] for start, end in inner.computed] == ['"b${c}"', "${e}"]


NESTED = [
    ("[", "1", "]"),
    ("(", "1", ")"),
    ("{ a = ", "1", "; }"),
    ('"${', "1", '}"'),
    ("./a/${", "1", "}"),
    ("{ ${", "a", "} = 1; }"),
    ("{ inherit (", "a", ") b; }"),
    ("{ a ? ", "1", " }: a"),
    ("a.${", "b", "}"),
    ("let a = ", "1", "; in a"),
    ("if ", "a", " then b else c"),
]


@pytest.mark.parametrize(("before", "middle", "after"), NESTED)
def test_depth_is_bounded(before: str, middle: str, after: str) -> None:
    def nested(levels: int) -> list[Problem]:
        return read(before * levels + middle + after * levels)[1]

    assert not nested(MAX_DEPTH - 2)
    for levels in (MAX_DEPTH + 2, 20_000):
        (problem,) = nested(levels)
        assert "not read by snowfence" in problem.message


@pytest.mark.parametrize(
    ("before", "last"),
    [
        ("a: ", "b"),
        ("let in ", "a"),
        ("with a; ", "b"),
        ("if a then b else ", "c"),
        ("a + ", "b"),
        ("a -> ", "b"),
        ("! ", "a"),
        ("- ", "a"),
        ("a.b or ", "c"),
        ("f ", "a"),
        ("a.", "b"),
    ],
)
def test_what_only_is_long_has_no_bound(before: str, last: str) -> None:
    assert not read(before * 20_000 + last)[1]


def test_paths_may_be_as_deep_as_they_are_long() -> None:
    deep = "a." * 20_000
    assert not read(f"{{ x = {{ {deep}b = 1; }}; x = {{ {deep}c = 2; }}; }}")[1]
    assert "already defined" in read(f"{{ x = {{ {deep}b = 1; }}; x = {{ {deep}b = 2; }}; }}")[1][0].message


PIECES = st.sampled_from(
    [
        *"{ } [ ] ( ) ; = : , @ ? ! . ... \" '' ${ $ ' \\ a b or let in rec inherit if then else with assert".split(),
        *"1 1.5 ./a a/ <a> ~/ x:y // ++ == -> < - /* */ # é".split(),
        *(" ", "\n", "\x00", "\r\n"),
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=30))
def test_nothing_raises(text: str) -> None:
    node, problems = read(text)
    assert (node is None) == bool(problems)
    for problem in problems:
        assert 0 <= problem.at.start <= problem.at.end <= len(text)
        assert "\n" not in problem.at.text
