"""What an id may look like."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.validity.identifiers import fault


@pytest.mark.parametrize("name", ["a", "_", "_a", "a__", "A-1", "a" * 99])
def test_accepted(name: str) -> None:
    assert fault(name) is None


@pytest.mark.parametrize("name", ["", "1a", "-a", "__", "__a", "a.b", "a b", "ä", "a" * 100, "a\n"])
def test_refused(name: str) -> None:
    assert fault(name) is not None


@given(st.text(alphabet="aZ_-0.é ", max_size=101))
def test_as_the_documentation_says(name: str) -> None:
    good = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,98}", name) is not None and not name.startswith("__")
    assert (fault(name) is None) == good
