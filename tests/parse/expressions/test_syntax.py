"""The tree of an expression: places of its parts, names, limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.parse.expressions.evaluate import constant
from scanner.parse.expressions.names import Names
from scanner.parse.expressions.syntax import (
    Access,
    Call,
    Expression,
    Literal,
    Malformed,
    Name,
    Operation,
    nodes,
    parse,
    parts,
)

NAMES = Names(("github", "env"), {"success": (0, 0), "hashfiles": (1, 255)})


@pytest.mark.parametrize(
    ("text", "at", "reason"),
    [
        ("github.x == nothing", 12, "`nothing` is not known here"),
        ("GitHub.x && foo(1)", 12, "`foo` is no function here"),
        ("hashFiles()", 0, "at least 1 argument, not 0"),
        ("contains(github.x)", 0, "2 arguments, not 1"),
        ("tojson(1, 2)", 0, "1 argument, not 2"),
        ("success(1)", 0, "no arguments, not 1"),
        ("case(true, 1, false, 2)", 0, "odd number"),
        ("github.x = 1", 9, "`==`"),
        ("github.x & 1", 9, "`&&`"),
        ("github.x | 1", 9, "`||`"),
        ('github.x == "y"', 12, "single quotes"),
        ("github.x ? 1", 9, "`case("),
        ("'a'[0]", 3, "not expected"),
        ("'a'.b", 3, "not a number"),
        ("github.x-y z", 11, "`z` is not expected"),
        ("a.b@c", 2, "no meaning"),
        ("f(1,,2)", 4, "a value is missing"),
    ],
)
def test_names_and_mistakes(text: str, at: int, reason: str) -> None:
    tree = parse(text, NAMES)
    assert isinstance(tree, Malformed)
    assert tree.at == at
    assert reason in tree.reason


@pytest.mark.parametrize(
    "text",
    [
        "Success() && HASHFILES('x', 'y')",
        "github['x'].y[0].*",
        "contains(env.A,\u00a0'b',)",
        "fromJSON('{}').a",
    ],
)
def test_what_is_fine(text: str) -> None:
    assert not isinstance(parse(text, NAMES), Malformed)


def test_levels_of_the_tree_count_and_brackets_do_not() -> None:
    assert not isinstance(parse("!" * 49 + "a"), Malformed)
    assert isinstance(parse("!" * 50 + "a"), Malformed)
    assert not isinstance(parse("(" * 60 + "a" + ")" * 60), Malformed)
    ladder = "a"
    for _ in range(12):
        ladder = f"(b || c && d == {ladder})"
    assert not isinstance(parse(ladder), Malformed)
    for _ in range(12):
        ladder = f"(b || c && d == {ladder})"
    assert isinstance(parse(ladder), Malformed)


def written(tree: Expression) -> str:
    """An expression written out, with brackets around everything."""
    match tree:
        case Literal(None):
            return "null"
        case Literal(bool() as value):
            return "true" if value else "false"
        case Literal(float() as value):
            return "NaN" if value != value else repr(value).replace("inf", "Infinity")
        case Literal(str() as value):
            return "'" + value.replace("'", "''") + "'"
        case Name(name):
            return name
        case Access(base, None):
            return f"({written(base)})[*]"
        case Access(base, Literal() | Name() | Access() | Call() | Operation() as key):
            return f"({written(base)})[{written(key)}]"
        case Call(function, arguments):
            return f"{function}({', '.join(map(written, arguments))})"
        case Operation("!", (operand,)):
            return f"!({written(operand)})"
        case Operation(operator, operands):
            return f" {operator} ".join(f"({written(operand)})" for operand in operands)
    raise AssertionError(tree)


names = st.sampled_from(["github", "env", "a-b", "_x"])
leaves = st.builds(Name, names, st.just(0), st.just(0)) | st.builds(
    Literal,
    st.none() | st.booleans() | st.floats(min_value=0, width=16) | st.text("a'{}$ \n", max_size=4),
    st.just(0),
    st.just(0),
)
trees: st.SearchStrategy[Expression] = st.recursive(
    leaves,
    lambda inner: (
        st.builds(
            Access, st.builds(Name, names, st.just(0), st.just(0)), inner | st.none(), st.just(0), st.just(0)
        )
        | st.builds(
            Call,
            st.sampled_from(["contains", "format", "success"]),
            st.lists(inner, max_size=3).map(tuple),
            st.just(0),
            st.just(0),
        )
        | st.builds(Operation, st.just("!"), st.tuples(inner), st.just(0), st.just(0))
        | st.builds(
            Operation,
            st.sampled_from(["==", "!=", "<", ">=", "&&", "||"]),
            st.tuples(inner, inner),
            st.just(0),
            st.just(0),
        )
    ),
    max_leaves=10,
)


def shape(tree: Expression) -> object:
    """A tree without places."""
    match tree:
        case Literal(value):
            return "literal", repr(value)
        case Name(name):
            return "name", name
        case Access(base, key):
            return "access", shape(base), None if key is None else shape(key)
        case Call(function, arguments):
            return "call", function, [shape(argument) for argument in arguments]
        case Operation(operator, operands):
            return operator, [shape(operand) for operand in operands]


@given(trees)
def test_what_is_written_is_read_again(tree: Expression) -> None:
    text = written(tree)
    again = parse(text)
    assert not isinstance(again, Malformed)
    assert shape(again) == shape(tree)


@given(trees)
def test_places_nest(tree: Expression) -> None:
    text = written(tree)
    read = parse(text)
    assert not isinstance(read, Malformed)
    for node in nodes(read):
        assert 0 <= node.start < node.end <= len(text)
        for part in parts(node):
            assert node.start <= part.start < part.end <= node.end
        if isinstance(node, Name):
            assert text[node.start : node.end] == node.name
        if isinstance(node, Literal):
            alone = parse(text[node.start : node.end])
            assert isinstance(alone, Literal)
            assert repr(alone.value) == repr(node.value)
        if isinstance(node, Operation | Call):
            alone = parse(text[node.start : node.end])
            # Brackets around the operands are no part of them.
            assert isinstance(alone, Malformed) or shape(alone) == shape(node)


@given(st.text(alphabet="ab.[]()'!&|=<>,*0x-+ \n\u00a0{}1eé", max_size=40))
def test_no_text_raises(text: str) -> None:
    for tree in (parse(text), parse(text, NAMES)):
        if isinstance(tree, Malformed):
            assert 0 <= tree.at <= tree.end <= len(text)
        else:
            constant(tree)
