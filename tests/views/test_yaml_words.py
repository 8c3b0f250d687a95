"""Texts as YAML: whatever they are, they are read as what they are."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.nodes import Scalar, Sequence
from scanner.parse.yaml import compose
from scanner.views.yaml_words import remark, value, word, wrapped

_TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)


@settings(max_examples=300, deadline=None)
@given(_TEXTS)
def test_any_text_is_a_word_of_yaml(text: str) -> None:
    written = word(text)
    assert "\n" not in written
    assert yaml.safe_load(f"[{written}]") == [text]
    problems: list[Problem] = []
    root = compose(Source("p", "policy", f"[{written}]"), problems)
    assert not problems
    assert isinstance(root, Sequence)
    item = root.items[0]
    assert isinstance(item, Scalar)
    assert item.value == text
    assert item.boolean is None
    assert not item.is_null


_DATA = st.recursive(
    st.booleans() | st.integers(-999, 999) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(_DATA)
def test_any_option_is_written_as_it_is(data: object) -> None:
    assert yaml.safe_load(value(data)) == data


@pytest.mark.parametrize(
    "text",
    ["", "on", "No", "null", "~", ".5", ".inf", ".NaN", "1e3", "0x1f", "2026-01-31", "-", "a: b", "a #b"],
)
def test_what_looks_like_something_else_is_quoted(text: str) -> None:
    assert word(text) == f'"{text}"'


@pytest.mark.parametrize(
    "text", ["actions", ".github/workflows/ci.yml", "actions/checkout@v4", "nixos-25.05"]
)
def test_what_is_plain_stays_plain(text: str) -> None:
    assert word(text) == text


@settings(max_examples=200, deadline=None)
@given(_TEXTS)
def test_a_remark_is_one_comment(text: str) -> None:
    problems: list[Problem] = []
    root = compose(Source("p", "policy", f"a: 1\n{remark(text, 2)}\nb: 2\n"), problems)
    assert not problems
    assert [key.value for key, _ in getattr(root, "pairs", ())] == ["a", "b"]


@given(st.lists(st.text("ab", min_size=1, max_size=9), max_size=20), st.integers(5, 40))
def test_lines_hold_the_same_words(words: list[str], width: int) -> None:
    lines = list(wrapped(" ".join(words), width))
    assert " ".join(lines).split() == words
    assert all(len(line) <= width or " " not in line for line in lines)
