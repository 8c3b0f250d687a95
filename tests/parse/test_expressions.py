"""Expressions: where they stand in the raw text, their syntax, and which contexts occur and flow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.source import Source
from scanner.parse.expressions.contexts import flowing, occurring
from scanner.parse.expressions.syntax import MAX_DEPTH, MAX_REMEMBERED, Malformed, parse
from scanner.parse.fences import condition, fences, unclosed
from scanner.parse.nodes import Mapping, Scalar
from scanner.parse.yaml import compose


def scalar(text: str) -> Scalar:
    root = compose(Source("ci.yml", "workflow", text), [])
    assert isinstance(root, Mapping)
    node = root.pairs[0][1]
    assert isinstance(node, Scalar)
    return node


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: x ${{ github.ref }} y ${{b}}", ["${{ github.ref }}", "${{b}}"]),
        ("a: |\n  echo ${{ github.ref }}\n", ["${{ github.ref }}"]),
        ("a: >\n  echo\n  ${{ github.ref }}\n", ["${{ github.ref }}"]),
        ('a: "\\t${{ github.ref }}"', ["${{ github.ref }}"]),
        ("a: '${{ ''}}'' }}'", ["${{ ''}}'' }}"]),
        ("a: ${{ '}}' }}", ["${{ '}}' }}"]),
        ("a: ${{ open", []),
        ("a: none", []),
    ],
)
def test_fences_are_found_in_the_raw_text(text: str, found: list[str]) -> None:
    assert [fence.at.text for fence in fences(scalar(text))] == found


def test_an_escaped_fence_is_found_and_its_parts_too() -> None:
    (fence,) = fences(scalar('a: "\\x24{{ github.ref }}"'))
    assert fence.text == " github.ref "
    assert not fence.exact
    assert fence.at.text == "\\x24{{ github.ref }}"
    assert fence.span(1, 7).text == "github"


@pytest.mark.parametrize(
    ("text", "part", "shown"),
    [
        ("a: 'x ${{ f(''b'') }}'", "b", "b"),
        ("a: >-\n  x ${{ f(b)\n  == c }}\n", "c", "c"),
        ("a: |\n  x ${{ f(b,\n    c) }}\n", "f(b,\n  c)", "f(b,"),
    ],
)
def test_a_part_has_its_place_where_characters_move(text: str, part: str, shown: str) -> None:
    (fence,) = fences(scalar(text))
    start = fence.text.index(part)
    assert fence.span(start, start + len(part)).text == shown


@pytest.mark.parametrize(
    ("text", "at"),
    [("a: x ${{ open", 2), ("a: ${{ a }} ${{ 'b }}", 9), ("a: ${{ a }}", None), ("a: none", None)],
)
def test_a_fence_that_is_not_closed(text: str, at: int | None) -> None:
    assert unclosed(scalar(text)) == at


def test_a_part_of_a_fence_has_its_own_place() -> None:
    (fence,) = fences(scalar("a: |\n  # é😀\n  x ${{ format('{0}', github.head_ref) }}\n"))
    tree = parse(fence.text)
    assert not isinstance(tree, Malformed)
    (context,) = flowing(tree)
    span = fence.span(context.start, context.end)
    assert span.text == "github.head_ref"
    assert span.begin == (3, 23)


def test_a_condition_needs_no_fence() -> None:
    (fence,) = condition(scalar("a: github.actor == 'x'"))
    assert fence.text == "github.actor == 'x'"
    assert fence.exact


@pytest.mark.parametrize(
    ("text", "all", "value"),
    [
        ("github.event.issue.title", ["github.event.issue.title"], ["github.event.issue.title"]),
        (
            "github['Event'].commits[0].message",
            ["github.event.commits.*.message"],
            ["github.event.commits.*.message"],
        ),
        ("a && b || 'x'", ["a", "b"], ["b"]),
        ("a == 'x'", ["a"], []),
        ("!a", ["a"], []),
        ("contains(a, 'x')", ["a"], []),
        ("format('{0}', a)", ["a"], ["a"]),
        ("toJSON(a).b", ["a"], ["a"]),
        ("(a || b).c.d", ["a", "b"], ["a.c.d", "b.c.d"]),
        ("(a && (b || c))[0]", ["a", "b", "c"], ["b.*", "c.*"]),
        ("fromJSON(a)[b]", ["b", "a"], ["a"]),
        ("case(a, b, c, d, e)", ["a", "b", "c", "d", "e"], ["b", "d", "e"]),
        ("hashFiles(a)", ["a"], []),
        ("a.*.b", ["a.*.b"], ["a.*.b"]),
        ("a[b.c]", ["a.*", "b.c"], ["a.*"]),
        ("'text'", [], []),
    ],
)
def test_contexts(text: str, all: list[str], value: list[str]) -> None:
    tree = parse(text)
    assert not isinstance(tree, Malformed)
    assert [str(context) for context in occurring(tree)] == all
    assert [str(context) for context in flowing(tree)] == value


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", 0),
        ("a b", 2),
        ("a ==", 4),
        ("(a", 2),
        ("a[1", 3),
        ("'open", 0),
        ("a.'x'", 2),
        ("a & b", 2),
        ("f(a b)", 4),
        ("1x", 0),
    ],
)
def test_malformed_says_where(text: str, at: int) -> None:
    tree = parse(text)
    assert isinstance(tree, Malformed)
    assert tree.at == at


@pytest.mark.parametrize(
    "text", ["(" * 5000, "!" * 5000 + "a", "a" + "[a" * 5000, "f(" * 5000, "a" + ".b" * 5000]
)
def test_depth_is_bounded(text: str) -> None:
    tree = parse(text)
    assert isinstance(tree, Malformed)
    assert str(MAX_DEPTH) in tree.reason


def test_long_chains_are_flat_and_long_texts_are_refused() -> None:
    for operator in ("||", "&&"):
        tree = parse(f" {operator} ".join(["a"] * 3000))
        assert not isinstance(tree, Malformed)
        assert len(list(occurring(tree))) == 3000
        assert len(list(flowing(tree))) == (3000 if operator == "||" else 1)
    assert isinstance(parse("a || " * 5000 + "a"), Malformed)


@given(st.text(alphabet="a.b[]()'!&|=<>,*0x-+ \n", max_size=40))
def test_no_text_raises(text: str) -> None:
    tree = parse(text)
    if not isinstance(tree, Malformed):
        for context in [*occurring(tree), *flowing(tree)]:
            assert 0 <= context.start < context.end <= len(text)


def test_a_choice_with_many_fields_is_read_in_bounded_work() -> None:
    tree = parse("(" + "||".join(["a", "b.c"] * 1_000) + ").d" + ".e" * 40)
    assert not isinstance(tree, Malformed)
    found = [str(context) for context in flowing(tree)]
    assert len(found) == 2_000
    assert set(found) == {"a.d" + ".e" * 40, "b.c.d" + ".e" * 40}


def test_choices_inside_of_choices_are_told_apart() -> None:
    tree = parse("((a || b).c && (d || e.f)).g.h")
    assert not isinstance(tree, Malformed)
    assert [str(context) for context in flowing(tree)] == ["d.g.h", "e.f.g.h"]


def test_the_tree_of_a_long_text_is_not_kept() -> None:
    short, long = "github.a == 1", " || ".join(["github.a"] * 200)
    assert parse(short) is parse(short)
    assert len(long) > MAX_REMEMBERED
    assert parse(long) == parse(long)
    assert parse(long) is not parse(long)


@pytest.mark.parametrize(
    ("text", "read"), [("False", "false"), ("TRUE", "true"), ("'False'", "False"), ("no", "no")]
)
def test_an_unquoted_boolean_is_a_boolean(text: str, read: str) -> None:
    (fence,) = condition(scalar(f"if: {text}"))
    assert fence.text == read
    assert fence.span(0, len(read)).text == text.strip("'")
