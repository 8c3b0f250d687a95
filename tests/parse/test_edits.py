"""Edits of YAML: what is written is read as meant, and nothing else has changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.finding import Edit, Problem
from scanner.model.source import Source, Span
from scanner.parse.edits import (
    added,
    comment_behind,
    emptied,
    fix,
    last_value,
    longer,
    removed,
    rewritten,
    value,
    without_comment,
)
from scanner.parse.nodes import Mapping, Scalar, Sequence
from scanner.parse.yaml import compose
from tests.notation import plain


def read(text: str) -> Mapping:
    problems: list[Problem] = []
    root = compose(Source("a.yml", "workflow", text), problems)
    assert isinstance(root, Mapping)
    assert not problems
    return root


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
        ("steps: [\n  uses: a@v1\n]\n", None),
        ("steps: [ # x:\n  uses: a@v1\n]\n", None),
        ("steps: !!seq [\n  uses: a@v1\n]\n", None),
        (
            "steps: # x\n  # y\n- # z\n  uses: a@v1\n",
            "steps: # x\n  # y\n- # z\n  uses: a@v1\n  with:\n    k: v\n",
        ),
        ("x: &a b\nsteps:\n- uses: *a\n", None),
        ("x: &-p b\nsteps:\n- uses: *-p\n", None),
        ('x: &_ b\nsteps: [{"uses":*_ }]\n', None),
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
        ("with: { # c\n  }\n", None),
        ("with: {# c\n  }\n", None),
        ("with: !!map {a: b}\n", None),
        ("with: !!map\n  a: b\n", None),
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


def mapping(text: str, key: str) -> tuple[Mapping, Mapping]:
    root = read(text)
    found = root.get(key)
    assert isinstance(found, Mapping)
    return root, found


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("k: old\n", True),
        ("k: old\r\nz: 1\r\n", True),
        ("k: old\nz: 1 # x\r", False),
        ("k: old\nz: 1 # x\ry: 2\n", False),
        ("k: old\n# \x85\n", False),
        ("k: old\n# \u2028\n", False),
        ("k: old # \u2029\n", False),
        ("k: old\nz: |+\n  x\n\n", False),
        ("k: old\nz: >2+ # x\n  x\n\n", False),
        ("k: old\nz: 'a |+ b'\n", True),
    ],
)
def test_lines_that_not_all_readers_see_alike(text: str, change: bool) -> None:
    node = read(text).get("k")
    assert isinstance(node, Scalar)
    assert (value(node, "new") is not None) == change
    assert (last_value(node, "new") is not None) == change
    assert (fix("write it", Edit(node.span, "new")) is not None) == change


def test_a_comment_that_ends_at_a_lone_carriage_return() -> None:
    """libyaml ends the line there, so all that follows is no comment."""
    text = "permissions:\n  issues: write # old\r  contents: read\r\nz: 1\n"
    root, scopes = mapping(text, "permissions")
    assert list(plain(root)) == ["permissions", "z"]  # type: ignore[call-overload]
    assert [key.value for key, _ in scopes.pairs] == ["issues", "contents"]
    assert removed(scopes, "issues") is None
    assert emptied(root, "permissions") is None


@pytest.mark.parametrize(
    ("text", "after"),
    [
        # The remark would become a part of the text above.
        ("env:\n  a: |\n    x\n  k: v\n    # remark\n  b: c\n", None),
        ("env:\n  a: |\n    x\n  k: v\n\n      \n  b: c\n", None),
        (
            "env:\n  a: |\n    x\n  k: v\n  # remark\n    # more\n",
            "env:\n  a: |\n    x\n  # remark\n    # more\n",
        ),
        ("env: !!map {\n    k: v\n  , a: b }\n", None),
        ("env: !!map {a: !!map {x: y}, k: v}\n", None),
        ("env: {a: !!map {x: y}, k: v}\n", "env: {a: !!map {x: y}}\n"),
    ],
)
def test_a_pair_less_beside_texts_of_several_lines(text: str, after: str | None) -> None:
    root, env = mapping(text, "env")
    assert made(text, removed(env, "k", of=root, named="env")) == after
    if after is not None:
        left = {key: item for key, item in dict(plain(env)).items() if key != "k"}  # type: ignore[call-overload]
        assert plain(read(after).get("env")) == left


def test_what_only_looks_like_a_comment_above_a_key() -> None:
    text = "name: 'a\n# b'\njobs: x\n"
    assert added(read(text), "k", "v", before="jobs") is None
    text = "name: a\n# b\njobs: x\n"
    assert made(text, added(read(text), "k", "v", before="jobs")) == "name: a\nk: v\n# b\njobs: x\n"


def test_a_pair_behind_a_tagged_text_of_several_lines() -> None:
    text = "a: b\nc: !!str |\n  x\n"
    assert made(text, added(read(text), "k", "v", last=True)) == f"k: v\n{text}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("k: bash -e # x\n", "k: 'bash -e {0}' # x\n"),
        ("a: {k: bash -e}\n", "a: {k: 'bash -e {0}'}\n"),
        ("a: [k: bash -e]\n", "a: [k: 'bash -e {0}']\n"),
        ("a: {k: 'bash -e'}\n", "a: {k: 'bash -e {0}'}\n"),
        ('a: {k: "bash -e"}\n', 'a: {k: "bash -e {0}"}\n'),
        ("k: |-\n  bash -e\n", "k: |-\n  bash -e {0}\n"),
        ("k: |\n  bash -e\n", None),
        ('k: "bash \\x2de"\n', None),
        ("k: bash 'e\n", None),
        ("k: bash\n  -e\n", None),
        ("k: !!str bash -e\n", None),
    ],
)
def test_more_behind_a_text(before: str, after: str | None) -> None:
    root = read(before)
    inner = root.get("a")
    if isinstance(inner, Sequence):
        inner = inner.items[0]
    node = (inner if isinstance(inner, Mapping) else root).get("k")
    assert isinstance(node, Scalar)
    assert made(before, longer(node, " {0}")) == after
    if after is not None:
        assert repr(plain(read(after))) == repr(plain(root)).replace(node.value, f"{node.value} {{0}}")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- |\n  x\n# c\n  # more\n- y\n", None),
        ("- |\n  x\n# c\n    \n- y\n", None),
        ("- |\n  x\n # c\n# more\n  # last\n- y\n", "- |\n  x\n# more\n  # last\n- y\n"),
        ("- x\n# c\n\n- y\n# end", "- x\n\n- y\n# end"),
        ("- x\n# c\r\n- y\r\n", "- x\n- y\r\n"),
        ("- x # c\ry\n", None),
    ],
)
def test_a_comment_that_ends_a_text_of_several_lines(before: str, after: str | None) -> None:
    source = Source("a.yml", "workflow", before)
    at = before.index("# c")
    done = fix("remove it", without_comment(Span(source, at, at + 3)))
    assert (made(before, done.edits[0]) if done is not None else None) == after
