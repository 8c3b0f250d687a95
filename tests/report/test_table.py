"""Tables for a terminal."""

from hypothesis import given
from hypothesis.strategies import integers

from scanner.report.columns import broken, columns, cut
from scanner.report.escape import visible
from scanner.report.table import Column, table, table_rows
from tests.report.reports import texts


@given(texts)
def test_cells_fit_their_columns(text: str) -> None:
    lines = table((Column("a", 8), Column("b")), [[text * 3, "x"], ["y", "z"]], 40)
    assert all(columns(line) <= 40 for line in lines)
    assert columns(cut(text, 5)) <= 5


def test_columns_without_text_are_left_out() -> None:
    assert table((Column("a"), Column("b"), Column("c")), [["1", "", "2"]], 80) == ["  a  c", "  1  2"]


def test_columns_of_a_lower_rank_give_way_first() -> None:
    shape = (Column("first", 2, rank=1), Column("second", 4))
    row = ["a" * 20, "b" * 10]
    assert table(shape, [row], 30)[1] == f"  {'a' * 20}  {'b' * 5}…"
    assert table(shape, [row], 20)[1] == f"  {'a' * 11}…  bbb…"


def test_what_a_column_does_not_use_goes_to_the_others() -> None:
    """A cut at a word is shorter than it may be."""
    shape = (
        Column("a", 2, rank=0, cut=lambda text, room: text if len(text) <= room else "…"),
        Column("b", 2),
    )
    assert table(shape, [["x" * 30, "y" * 10]], 30)[1] == f"  …  {'y' * 10}"


def test_a_column_that_wraps_is_never_cut() -> None:
    shape = (Column("id", 8, wraps=True), Column("what"))
    rows = [["unpinned-flake-reference", "5"], ["x", "6"]]
    assert table(shape, rows, 16, "") == [
        "id         what",
        "unpinned-  5",
        "flake-",
        "reference",
        "x          6",
    ]
    assert [len(one) for one in table_rows(shape, rows, 16, "")] == [1, 3, 1]


def test_a_cell_is_bounded() -> None:
    """A name of 60,000 letters would be thousands of lines, and each would be measured to the end."""
    for letter in "xé":
        lines = table((Column("id", 8, wraps=True), Column("what")), [[letter * 60_000, "x"]], 40)
        assert len(lines) < 60
        assert lines[-1].endswith("characters)")


@given(texts, integers(1, 30))
def test_a_broken_text_is_whole(text: str, room: int) -> None:
    shown = visible(text)
    lines = broken(shown, room)
    assert "".join(lines).replace(" ", "") == shown.replace(" ", "")
    assert all(columns(line) <= room or len(line) == 1 for line in lines)
