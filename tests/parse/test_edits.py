"""Edits of YAML: what is written is read as meant, and nothing else has changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.finding import Edit, Problem
from scanner.model.source import Source, Span
from scanner.parse.edits import added, comment_behind, removed, rewritten, value, without_comment
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence
from scanner.parse.yaml import compose


def read(text: str) -> Mapping:
    problems: list[Problem] = []
    root = compose(Source("a.yml", "workflow", text), problems)
    assert isinstance(root, Mapping)
    assert not problems
    return root


def plain(node: Node | None) -> object:
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key.value: plain(item) for key, item in node.pairs}
    return None


def made(text: str, edit: Edit | None) -> str | None:
    return None if edit is None else text[: edit.at.start] + edit.text + text[edit.at.end :]


def step(text: str) -> Mapping:
    steps = read(text).get("steps")
    assert isinstance(steps, Sequence)
    [found] = steps.items
    assert isinstance(found, Mapping)
    return found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("steps:\n  - uses: a@v1\n", "steps:\n  - uses: a@v1\n    with:\n      k: v\n"),
        ("steps:\n- uses: a@v1", "steps:\n- uses: a@v1\n  with:\n    k: v"),
        ("steps:\r\n- uses: a@v1 # v1\r\n", "steps:\r\n- uses: a@v1 # v1\r\n  with:\r\n    k: v\r\n"),
        ("steps:\n- name: x\n  uses: 'a@v1'\n", "steps:\n- name: x\n  uses: 'a@v1'\n  with:\n    k: v\n"),
        ("steps: [{uses: a@v1}]\n", "steps: [{with: { k: v }, uses: a@v1}]\n"),
        ("steps: [{ uses: a@v1 }]\n", "steps: [{ with: { k: v }, uses: a@v1 }]\n"),
        ("steps:\n- uses: >-\n    a@v1\n", "steps:\n- with:\n    k: v\n  uses: >-\n    a@v1\n"),
        ("steps:\n- ? uses\n  : a@v1\n", None),
        ("x: &a b\nsteps:\n- uses: *a\n", None),
    ],
)
def test_a_pair_in_a_mapping_of_its_own(before: str, after: str | None) -> None:
    at = step(before)
    assert made(before, added(at, "k", "v", within="with", after="uses")) == after
    if after is not None:
        assert plain(step(after)) == {"with": {"k": "v"}, **dict(plain(at))}  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("with:\n  a: b\n", "with:\n  k: v\n  a: b\n"),
        ("with: {a: b}\n", "with: {k: v, a: b}\n"),
        ("with: {}\n", "with: {k: v}\n"),
        ("with: { }\n", "with: { k: v }\n"),
        ("with:\n  k: w\n", None),
    ],
)
def test_a_pair_more(before: str, after: str | None) -> None:
    given = read(before).get("with")
    assert isinstance(given, Mapping)
    assert made(before, added(given, "k", "v")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("env:\n  k: v\n  a: b\n", "env:\n  a: b\n"),
        ("env:\n  a: b\n  k: |\n    x\n    y\n\nz: 1\n", "env:\n  a: b\n\nz: 1\n"),
        ("env:\n  a: b\n  k: v # why", "env:\n  a: b\n"),
        ("env: {a: b, k: v}\n", "env: {a: b}\n"),
        ("env: {k: v, a: b}\n", "env: {a: b}\n"),
        ("env:\n  k: v\nz: 1\n", "z: 1\n"),
        ("env: {k: v} # x\r\nz: 1\r\n", "z: 1\r\n"),
        ("env:\n  a: b\n  k: [v,\n    w]\n", "env:\n  a: b\n"),
    ],
)
def test_a_pair_less(before: str, after: str) -> None:
    root = read(before)
    env = root.get("env")
    assert isinstance(env, Mapping)
    assert made(before, removed(env, "k", of=root, named="env")) == after
    read(after)


def test_the_first_pair_of_an_item() -> None:
    text = "steps:\n  - env: x\n    run: y\n"
    assert made(text, removed(step(text), "env")) == "steps:\n  - run: y\n"


@pytest.mark.parametrize("text", ["steps:\n  - env: x\n    # on run\n    run: y\n", "steps:\n  - run: y\n"])
def test_what_may_mean_something_stays(text: str) -> None:
    assert removed(step(text), "env") is None
    assert removed(step(text), "nothing") is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("k: old\n", "k: new\n"),
        ("k: 'old' # x\n", "k: 'new' # x\n"),
        ('k: "old"\n', 'k: "new"\n'),
        ('k: "\\x6fld"\n', None),
        ("k: |\n  old\n", None),
    ],
)
def test_another_value(before: str, after: str | None) -> None:
    node = read(before).get("k")
    assert isinstance(node, Scalar)
    assert made(before, value(node, "new")) == after


@given(
    st.text(max_size=12),
    st.sampled_from(("k: old\n", "k: 'old'\n", 'k: "old"\n', "a: {k: old}\n", "a: [x, k: old]\n")),
)
def test_a_value_is_read_as_it_was_given(new: str, text: str) -> None:
    source = Source("a.yml", "workflow", text)
    start = text.index("old")
    after = made(text, rewritten(Span(source, start, start + 3), "old", new))
    if after is not None:
        before = plain(read(text))
        assert str(plain(read(after))) == str(before).replace("'old'", repr(new))


def test_comments() -> None:
    node = read("k: old\n").get("k")
    assert isinstance(node, Scalar)
    assert made("k: old\n", comment_behind(node, "v1")) == "k: old # v1\n"
    text = "a: 1  # x\n# y\nb: 2\n"
    source = Source("a.yml", "workflow", text)
    assert made(text, without_comment(Span(source, 6, 9))) == "a: 1\n# y\nb: 2\n"
    assert made(text, without_comment(Span(source, 10, 13))) == "a: 1  # x\nb: 2\n"
