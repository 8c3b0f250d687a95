"""Tables for a terminal: aligned columns that give way to each other in the order in which they can."""

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

from scanner.report.columns import broken, columns, cut
from scanner.report.escape import bounded

WIDTH: Final = 120
"""Columns of a table that is not for a terminal."""


class Column(NamedTuple):
    """`least` are the columns below which it is not cut, None for one that is never cut, `most` those which it never
    has more of. Columns of a lower `rank` give way first. `cut` makes a cell fit into a number of columns; one that `wraps` goes on
    in further lines instead, since what it says must be there as a whole (of a bounded cell)."""

    title: str
    least: int | None = None
    right: bool = False
    rank: int = 0
    most: int = 60
    cut: Callable[[str, int], str] = cut
    wraps: bool = False

    def lines(self, cell: str, size: int) -> list[str]:
        """A cell in so many columns."""
        return broken(cell, size) if self.wraps else [self.cut(cell, size)]


def table(
    shape: Sequence[Column], rows: Sequence[Sequence[str]], width: int, indent: str = "  "
) -> list[str]:
    """The lines of a table, its titles first; a column without any text is left out."""
    return [line for row in table_rows(shape, rows, width, indent) for line in row]


def table_rows(
    shape: Sequence[Column], rows: Sequence[Sequence[str]], width: int, indent: str = "  "
) -> list[list[str]]:
    """The same, with the lines of each row."""
    cells = [[bounded(cell) for cell in row] for row in rows]
    kept = [at for at in range(len(shape)) if any(row[at] for row in cells)]
    titles = [shape[at].title for at in kept]
    lines = [titles, *([row[at] for at in kept] for row in cells)]
    sizes = [max(columns(line[at]) for line in lines) for at in range(len(kept))]
    chosen = [shape[at] for at in kept]
    room = width - len(indent) - 2 * (len(kept) - 1)
    fitting = _fitting(sizes, chosen, room)
    # A column may not use all that is left to it, when it cuts at a word; the others get the rest.
    used = [
        max(columns(part) for line in lines for part in one.lines(line[at], fitting[at]))
        for at, one in enumerate(chosen)
    ]
    sizes = _fitting(
        [tight if tight < left else size for size, left, tight in zip(sizes, fitting, used, strict=True)],
        chosen,
        room,
    )
    found = []
    for line in lines:
        parts = (one.lines(cell, size) for cell, size, one in zip(line, sizes, chosen, strict=True))
        found.append(
            [
                (indent + "  ".join(map(_cell, part, sizes, chosen))).rstrip()
                for part in zip_longest(*parts, fillvalue="")
            ]
        )
    return found


def _fitting(sizes: list[int], shape: Sequence[Column], room: int) -> list[int]:
    """Among the columns of the lowest rank that can, the widest gives way until the line fits, or nothing can."""
    sizes = [
        size if column.least is None else min(size, column.most)
        for size, column in zip(sizes, shape, strict=True)
    ]
    while sum(sizes) > room:
        able = [at for at, one in enumerate(shape) if one.least is not None and sizes[at] > one.least]
        if not able:
            return sizes
        widest = min(able, key=lambda at: (shape[at].rank, -sizes[at]))
        sizes[widest] -= 1
    return sizes


def _cell(text: str, size: int, column: Column) -> str:
    space = " " * (size - columns(text))
    return space + text if column.right else text + space
