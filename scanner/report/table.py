"""Tables for a terminal: aligned columns that give way to each other in the order in which they can."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from scanner.report.escape import visible
from scanner.report.text import columns, cut

WIDTH: Final = 120
"""Columns of a table that is not for a terminal."""


class Column(NamedTuple):
    """`least` are the columns below which it is not cut, None for one that is never cut, `most` those which it never
    has more of. Columns of a lower `rank` give way first. `cut` makes a cell fit into a number of columns."""

    title: str
    least: int | None = None
    right: bool = False
    rank: int = 0
    most: int = 60
    cut: Callable[[str, int], str] = cut


def table(
    shape: Sequence[Column], rows: Sequence[Sequence[str]], width: int, indent: str = "  "
) -> list[str]:
    """The lines of a table, its titles first; a column without any text is left out."""
    cells = [[visible(cell) for cell in row] for row in rows]
    kept = [at for at in range(len(shape)) if any(row[at] for row in cells)]
    titles = [shape[at].title for at in kept]
    lines = [titles, *([row[at] for at in kept] for row in cells)]
    sizes = [max(columns(line[at]) for line in lines) for at in range(len(kept))]
    chosen = [shape[at] for at in kept]
    room = width - len(indent) - 2 * (len(kept) - 1)
    fitting = _fitting(sizes, chosen, room)
    # A column may not use all that is left to it, when it cuts at a word; the others get the rest.
    used = [max(columns(one.cut(line[at], fitting[at])) for line in lines) for at, one in enumerate(chosen)]
    sizes = _fitting(
        [tight if tight < left else size for size, left, tight in zip(sizes, fitting, used, strict=True)],
        chosen,
        room,
    )
    return [(indent + "  ".join(map(_cell, line, sizes, chosen))).rstrip() for line in lines]


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
    text = column.cut(text, size)
    space = " " * (size - columns(text))
    return space + text if column.right else text + space
