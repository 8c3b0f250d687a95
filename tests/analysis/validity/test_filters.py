"""Patterns of event filters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.validity.filters import fault


@pytest.mark.parametrize(
    "pattern",
    [
        "main",
        "releases/**",
        "!old",
        "v[0-9]+",
        "v1.?",
        "**",
        "*.x",
        r"\!literal",
        r"a\:b",
        "feature/[a-z]*",
        "[12]+",
    ],
)
def test_branches_accepted(pattern: str) -> None:
    assert fault(pattern, paths=False) is None


@pytest.mark.parametrize("pattern", ["!", "a b", "a:b", "a~1", "v[0", "v[]", "?x", "+", "!+x", "a/?"])
def test_branches_refused(pattern: str) -> None:
    assert fault(pattern, paths=False) is not None


@pytest.mark.parametrize("pattern", [".github/**", "**/a b.txt", "**.js", "a:b", "...", ".a"])
def test_paths_accepted(pattern: str) -> None:
    assert fault(pattern, paths=True) is None


@pytest.mark.parametrize("pattern", ["./src/**", "../x", ".", "src/ ", "!./a"])
def test_paths_refused(pattern: str) -> None:
    assert fault(pattern, paths=True) is not None


@given(st.text(max_size=20), st.booleans())
def test_every_pattern_has_an_answer(pattern: str, paths: bool) -> None:
    said = fault(pattern, paths=paths)
    assert said is None or said
