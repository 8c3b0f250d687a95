"""YAML as GitHub reads it: values, positions, and bounded work on hostile text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence
from scanner.parse.yaml import MAX_DEPTH, compose
from tests.notation import plain


def read(text: str) -> tuple[Node | None, list[Problem]]:
    problems: list[Problem] = []
    return compose(Source("ci.yml", "workflow", text), problems), problems


def mapping(text: str) -> Mapping:
    root, problems = read(text)
    assert not problems
    assert isinstance(root, Mapping)
    return root


def scalar(root: Mapping, key: str) -> Scalar:
    node = root.get(key)
    assert isinstance(node, Scalar)
    return node


@pytest.mark.parametrize(
    "text", ["on", "yes", "no", "off", "22:22", "010", "0x1F", "1_000", "y", "~x", "2026-11-22"]
)
def test_scalars_keep_their_text(text: str) -> None:
    """YAML 1.1 would make booleans, octal numbers, sexagesimals and dates of these."""
    node = scalar(mapping(f"a: {text}\n"), "a")
    assert node.value == text
    assert node.boolean is None
    assert not node.is_null


@pytest.mark.parametrize(
    ("text", "boolean", "null"),
    [
        ("true", True, False),
        ("False", False, False),
        ("'true'", None, False),
        ("", None, True),
        ("~", None, True),
        ("null", None, True),
        ("'null'", None, False),
        ('""', None, False),
    ],
)
def test_core_schema(text: str, boolean: bool | None, null: bool) -> None:
    node = scalar(mapping(f"a: {text}\n"), "a")
    assert (node.boolean, node.is_null) == (boolean, null)


def test_merge_key_is_an_ordinary_key() -> None:
    root = mapping("base: &b {x: 1}\njob:\n  <<: *b\n  y: 2\n")
    job = root.get("job")
    assert isinstance(job, Mapping)
    assert [key.value for key, _ in job.pairs] == ["<<", "y"]
    assert job.get("x") is None


def test_anchor_may_be_defined_twice_and_the_latest_counts() -> None:
    root = mapping("a: &x 1\nb: *x\nc: &x 2\nd: *x\n")
    assert [scalar(root, key).value for key in "abcd"] == ["1", "1", "2", "2"]


def test_alias_is_the_anchored_node() -> None:
    root = mapping("a: &x [1, 2]\nb: *x\n")
    assert root.get("a") is root.get("b")


def test_duplicate_key_is_said_at_the_second_and_the_first_counts() -> None:
    root, problems = read("on: push\njobs: {}\non: pull_request\n")
    assert isinstance(root, Mapping)
    assert scalar(root, "on").value == "push"
    assert [(problem.at.text, problem.at.begin) for problem in problems] == [("on", (3, 1))]


def test_a_second_document_is_said_and_not_read() -> None:
    root, problems = read("a: 1\n---\nb: 2\n")
    assert isinstance(root, Mapping)
    assert [problem.at.begin.line for problem in problems] == [2]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [1\n", (1, 4)),
        ("a:\n\tb: 1\n", (2, 1)),
        ("a: *missing\n", (1, 4)),
        ("a: &x [*x]\n", (1, 8)),
        ("a: {{ x }}\n", (1, 5)),
        ("a: b\x07c\n", (1, 5)),
        ("é: b\x07c\n", (1, 5)),
        ("a: 1\n<<<<<<< HEAD\nb: 2\n=======\n", (3, 1)),
    ],
)
def test_bad_text_is_one_problem_with_its_place(text: str, place: tuple[int, int]) -> None:
    root, problems = read(text)
    assert root is None
    assert len(problems) == 1
    assert problems[0].at.begin == place


def test_merge_markers_are_named() -> None:
    _, problems = read("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> main\n")
    assert "unresolved merge" in problems[0].message


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[{a: "])
def test_depth_is_bounded_before_the_native_stack_is(opening: str) -> None:
    """PyYAML's own composer crashes the process on this."""
    root, problems = read(opening * 1_000_000)
    assert root is None
    assert "nested deeper" in problems[0].message
    assert problems[0].at.start <= MAX_DEPTH * len(opening) * 2


def test_depth_below_the_bound_is_read() -> None:
    root, problems = read("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert isinstance(root, Sequence)
    assert not problems


def test_alias_bomb_is_refused_by_the_size_of_its_expansion() -> None:
    lines = ["a: &a [" + ", ".join("x" * 9) + "]"]
    for before, name in zip("abcdefghi", "bcdefghij", strict=True):
        lines.append(f"{name}: &{name} [" + ", ".join([f"*{before}"] * 9) + "]")
    root, problems = read("\n".join(lines))
    assert root is None
    assert "exhaust" in problems[0].message


def test_many_harmless_aliases_are_read() -> None:
    root, problems = read("a: &a {x: 1}\nb:\n" + "  - *a\n" * 20_000)
    assert root is not None
    assert not problems


def test_lines_are_those_of_editors() -> None:
    """libyaml breaks lines at U+2028 and U+0085; a column counts UTF-16 units."""
    root = mapping("a: x\u2028y\u0085z\nb: '😀' # c\nc: {d: '😀', e: 1}\r\nf: 2\r\n")
    assert scalar(root, "a").value == "x\u2028y\u0085z"
    assert scalar(root, "b").span.begin == (2, 4)
    assert scalar(root, "b").span.finish == (2, 8)
    inner = root.get("c")
    assert isinstance(inner, Mapping)
    assert scalar(inner, "e").span.begin == (3, 17)
    assert scalar(root, "f").span.begin == (4, 4)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("a: plain text", "plain text"),
        ("a: 'single'", "single"),
        ('a: "double"', "double"),
        ("a: |\n  block\n  of two\n\nb: 1", "block\n  of two"),
        ("a: >-\n  folded\n", "folded"),
        ("a: ''", "''"),
    ],
)
def test_content_leaves_quotes_and_indicators_out(text: str, content: str) -> None:
    assert scalar(mapping(text), "a").content.text == content


VALUES = st.recursive(
    st.text(alphabet="ab' :#\"\\\n😀é", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES, st.sampled_from(["flow", "block"]), st.sampled_from(["'", '"']))
def test_what_a_dumper_writes_is_read_back(value: object, style: str, quote: str) -> None:
    import yaml

    text = yaml.safe_dump(
        value, default_flow_style=style == "flow", default_style=quote, allow_unicode=True, width=20
    )
    root, problems = read(text)
    assert not problems
    assert root is not None
    assert plain(root) == value


@given(st.text(alphabet="a:-[]{}&*!|>'\"#%@`,? \n\t\r\ufeff\u2028\x00😀0", max_size=60))
def test_no_text_raises_and_every_place_is_inside(text: str) -> None:
    _, problems = read(text)
    for problem in problems:
        assert 0 <= problem.at.start <= len(text) + 1
        begin, end = problem.at.begin, problem.at.finish
        assert begin <= end


def test_an_aliased_text_counts_by_its_length() -> None:
    """Each of its expressions is read again wherever an alias stands."""
    text = " ".join(["${{a.b}}"] * 400)
    root, problems = read(f"a: &a {text}\nb:\n" + "- *a\n" * 700)
    assert root is None
    assert "exhaust" in problems[0].message


@pytest.mark.parametrize(
    "text",
    [
        "https://u:hunter2hunter2@x.org/: 1\nhttps://u:hunter2hunter2@x.org/: 2\n",
        "a: *ghp_hunter2hunter2hunter2hunter2hunter2hu\n",
    ],
)
def test_messages_hold_no_secrets(text: str) -> None:
    _, problems = read(text)
    assert problems
    assert not any("hunter2" in problem.message for problem in problems)


@pytest.mark.parametrize(
    ("text", "place", "char"),
    [
        ("on: push\njobs:\n  a:\n    steps: [\n", (4, 12), "["),
        ("a: [1, {b: 2},\n# more\n\n", (1, 4), "["),
        ("a: {b: [c\n", (1, 8), "["),
        ("a: 'x\n\n", (1, 4), "'"),
        ("a: b\nfoo\n", (2, 1), "f"),
    ],
)
def test_a_text_that_ends_too_early_is_shown_where_the_open_part_begins(
    text: str, place: tuple[int, int], char: str
) -> None:
    [problem] = read(text)[1]
    assert (problem.at.begin, problem.at.text) == (place, char)


@pytest.mark.parametrize("text", ["jobs:\n\t", "- run: echo\n\t\n"])
def test_a_tab_at_the_end_is_shown_where_it_is(text: str) -> None:
    [problem] = read(text)[1]
    assert problem.at.begin == (2, 1)
    assert "Indent with spaces" in problem.message


@given(st.text(st.sampled_from("a:b,[]{}'\"&*!|>-?#% \n\t\\"), max_size=30))
def test_no_problem_stands_behind_the_last_line_with_text(text: str) -> None:
    lines = max(text.rstrip(" \n").count("\n") + 1, 1)
    assert all(problem.at.begin.line <= lines for problem in read(text)[1])


@pytest.mark.parametrize("tag", ["", "!!map ", "&a "])
def test_what_stands_in_brackets_ends_with_them(tag: str) -> None:
    text = f"a: {tag}{{ b: c }} # d\ne: [f: g , h]\n"
    problems: list[Problem] = []
    root = compose(Source("a.yml", "workflow", text), problems)
    assert isinstance(root, Mapping)
    inner, items = root.get("a"), root.get("e")
    assert inner is not None
    assert inner.span.text == f"{tag}{{ b: c }}"
    assert isinstance(items, Sequence)
    assert [item.span.text for item in items.items] == ["f: g", "h"]
