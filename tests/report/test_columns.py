"""Lines in the width of a terminal."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scanner.report.columns import columns, flowing


def test_further_lines_are_indented_by_more() -> None:
    assert flowing("  a bb ccc dddd", 8, 2) == ["  a bb", "    ccc", "    dddd"]
    assert flowing("  a bb ccc dddd", None) == ["  a bb ccc dddd"]


@given(
    st.lists(st.text(st.characters(codec="ascii", categories=["L"]), min_size=1, max_size=8), min_size=1),
    st.integers(0, 6),
    st.integers(20, 60),
)
def test_each_line_is_as_full_as_it_can_be(words: list[str], begin: int, width: int) -> None:
    lines = flowing(f"{' ' * begin}{' '.join(words)}", width, 2)
    assert " ".join(line.strip() for line in lines) == " ".join(words)
    assert all(columns(line) <= width for line in lines)
    for line, after in pairwise(lines):
        assert after.startswith(" " * (begin + 2))
        assert columns(line) + 1 + len(after.split()[0]) > width, "its next word had room"
