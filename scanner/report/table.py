"""Tables for a terminal: aligned columns that give way to each other in the order in which they can."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from scanner.report.escape import visible
from scanner.report.text import columns

WIDTH: Final = 120
"""Columns of a table that is not for a terminal."""

_WIDEST: Final = 60


class Column(NamedTuple):
    """`least` are the columns below which it is not cut, None for one that is never cut."""

    title: str
    least: int | None = None
    right: bool = False


def table(
    shape: Sequence[Column], rows: Sequence[Sequence[str]], width: int, indent: str = "  "
) -> list[str]:
    """The lines of a table, its titles first; a column without any text is left out."""
    cells = [[visible(cell) for cell in row] for row in rows]
    kept = [at for at in range(len(shape)) if any(row[at] for row in cells)]
    titles = [shape[at].title for at in kept]
    lines = [titles, *([row[at] for at in kept] for row in cells)]
    sizes = [max(columns(line[at]) for line in lines) for at in range(len(kept))]
    sizes = _fitting(sizes, [shape[at].least for at in kept], width - len(indent) - 2 * (len(kept) - 1))
    return [
        (
            indent + "  ".join(_cell(line[at], sizes[at], shape[kept[at]].right) for at in range(len(kept)))
        ).rstrip()
        for line in lines
    ]


def _fitting(sizes: list[int], least: list[int | None], room: int) -> list[int]:
    """The widest column that can gives way until the line fits, or nothing can."""
    sizes = [
        size if bound is None else min(size, max(_WIDEST, bound))
        for size, bound in zip(sizes, least, strict=True)
    ]
    while sum(sizes) > room:
        able = [at for at, bound in enumerate(least) if bound is not None and sizes[at] > bound]
        if not able:
            return sizes
        widest = max(able, key=lambda at: sizes[at])
        sizes[widest] -= 1
    return sizes


def _cell(text: str, size: int, right: bool) -> str:
    text = cut(text, size)
    space = " " * (size - columns(text))
    return space + text if right else text + space


def cut(text: str, room: int) -> str:
    """The beginning of a text in at most `room` columns; `…` where it is cut."""
    if columns(text) <= room:
        return text
    kept, used = 0, 1
    while kept < len(text) and (used := used + columns(text[kept])) <= room:
        kept += 1
    return f"{text[:kept]}…"
