"""Patterns of uses: the forms of zizmor's repository patterns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.uses.use_patterns import fits, pattern_of
from scanner.parse.uses import RepositoryUse, use_of


@pytest.mark.parametrize(
    ("pattern", "uses", "expected"),
    [
        ("*", "a/b@v1", True),
        ("a/*", "A/b/c@v1", True),
        ("a/*", "ab/c@v1", False),
        ("a/b", "A/B@v1", True),
        ("a/b", "a/b/c@v1", False),
        ("a/b/*", "a/b@v1", True),
        ("a/b/*", "a/b/c/d@v1", True),
        ("a/b/c", "a/b/c@v1", True),
        ("a/b/c", "a/b/C@v1", False),
        ("a/b@v1", "a/b@v1", True),
        ("a/b@v1", "a/b@V1", False),
        ("a/b@v1", "a/b/c@v1", False),
        ("a/b/c@v1", "a/b/c@v1", True),
        ("a/setup-*", "a/setup-node@v1", True),
        ("a/setup-*", "a/x-setup-@v1", False),
        ("a/*-*-action", "a/one-two-action@v1", True),
    ],
)
def test_a_pattern_means_what_it_says(pattern: str, uses: str, expected: bool) -> None:
    one, use = pattern_of(pattern), use_of(uses)
    assert one is not None and isinstance(use, RepositoryUse)
    assert one.matches(use) is expected


@pytest.mark.parametrize("text", ["", "a", "a/", "/b", "a/b@", "a/b/"])
def test_what_is_no_pattern(text: str) -> None:
    assert pattern_of(text) is None


@given(
    st.lists(st.text("ab", max_size=3), min_size=1, max_size=4),
    st.lists(st.text("ab", max_size=3), max_size=4),
)
def test_a_star_stands_for_any_text(parts: list[str], fillings: list[str]) -> None:
    pattern = "*".join(parts)
    filled = "".join(
        part + (fillings[at] if at < len(fillings) and at < len(parts) - 1 else "")
        for at, part in enumerate(parts)
    )
    assert fits(filled, pattern)
    assert not fits(filled + "c", pattern) or pattern.endswith("*")
