"""The table for people: every job takes as many lines as its longest cell."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Final, NamedTuple

from scanner.analysis.taint.exposed import ExposedJob
from scanner.report.columns import broken, columns, cut, remark
from scanner.report.escape import visible
from scanner.report.table import Column, table
from scanner.report.words import where
from scanner.views.exposure.rows import (
    SAID,
    Answer,
    Sum,
    arrived,
    checked,
    held,
    legend,
    started,
    summed,
    used,
)

WIDTH: Final = 100
_SHOWN: Final = 8
"""Lines of one cell."""

_COLUMNS: Final = (
    Column(""),
    Column("job", 12),
    Column("started by", 10, rank=2),
    Column("checks", 8, rank=1),
    Column("holds", 8),
    Column("of theirs", 10, rank=1),
)


class _Fit(NamedTuple):
    """Columns from which on a cell takes a second line."""

    job: int
    checks: int
    holds: int
    theirs: int


_FITS: Final = (
    _Fit(40, 40, 40, 60),
    _Fit(24, 22, 24, 32),
    _Fit(20, 16, 20, 26),
    _Fit(16, 15, 16, 22),
    _Fit(14, 15, 14, 20),
)
_NAMED: Final = ("started by", "holds", "of theirs")
"""What stands below each other where even the last of these is too wide."""

_ORDER: Final = ((5, "theirs"), (4, "holds"), (1, "job"), (3, "checks"))
"""The columns that are made wider where there is room, by their number."""


def write(answer: Answer, *, width: int | None = None) -> str:
    told, width = width, max(width or WIDTH, 60)
    blocks = []
    if answer.rows:
        fitting = _fitting(answer, width)
        if fitting is None:
            blocks += ["\n".join(_stacked(row, width)) for row in answer.rows]
        else:
            blocks.append("\n".join(table(_COLUMNS, fitting, width, indent="")))
        words = [*((one, SAID[one]) for one in used(answer.rows)), *legend(answer.rows)]
        blocks.append("\n".join(part for word, said in words for part in _sentence(f"{word}: {said}", width)))
    others = [part for one in summed(answer) for part in _sentence(visible(_summed(one)), width)]
    if others:
        blocks.append("\n".join(others))
    said = [("problem", f"{where(one.at)}: {one.message}") for one in answer.report.problems]
    said += [("note", note) for note in answer.report.notes]
    remarks = [line for head, text in said for line in remark(head, text, told)]
    if remarks:
        blocks.append("\n".join(remarks))
    if blocks:
        blocks.append(f"knowledge {answer.report.short_knowledge}")
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _summed(one: Sum) -> str:
    more = f" +{one.more}" if one.more else ""
    return f"{one.sentence}: {', '.join(one.names)}{more}" if one.names else one.sentence


def _sentence(text: str, width: int) -> list[str]:
    """A text of words in lines, the further ones indented."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and columns(lines[-1]) + 1 + columns(word) > width:
            lines.append(f"  {word}")
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return [cut(line, width) for line in lines]


def _stacked(row: ExposedJob, width: int) -> Iterator[str]:
    """A job without a table: what would stand in a column is in lines below it."""
    place = row.job.place()
    head = f"{row.standing}: {row.job.label} ({row.job.path.rpartition('/')[2]}:{place.begin.line})"
    yield from _indented(head, width, "", "  ")
    starts = [
        f"{', '.join(part.strip() for part in started(one, row))}; checks: {', '.join(checked(one, row))}"
        for one in row.entrances
    ]
    cells = (starts, list(held(row)), [arrived(one, row) for one in row.arrivals])
    size = max(map(len, _NAMED)) + 4
    for name, lines in zip(_NAMED, cells, strict=True):
        lead = f"  {name}".ljust(size)
        for line in _folded(lines):
            yield from _indented(line, width, lead, " " * (size + 2))
            lead = " " * size


def _indented(text: str, width: int, first: str, further: str) -> list[str]:
    """All of a text in lines, the further ones behind another margin."""
    line, *rest = broken(visible(text), width - max(len(first), len(further)))
    return [f"{first}{line}", *(f"{further}{one}" for one in rest)]


def _fitting(answer: Answer, width: int) -> list[list[str]] | None:
    """The lines of the table, with as few broken cells as fit; None where there is no room for it."""
    widths = [_widths(_lines(answer, fit)) for fit in _FITS]
    fit, taken = _FITS[-1], list(widths[-1])
    if sum(taken) > width:
        return None
    for number, name in _ORDER:
        for wider, sizes in zip(_FITS, widths, strict=True):
            if sum(taken) - taken[number] + sizes[number] <= width:
                fit = fit._replace(**{name: getattr(wider, name)})
                taken[number] = sizes[number]
                break
    return _lines(answer, fit)


def _lines(answer: Answer, fit: _Fit) -> list[list[str]]:
    return [line for row in answer.rows for line in _row(row, fit)]


def _widths(lines: list[list[str]]) -> list[int]:
    """What each column takes, with the space before it."""
    sizes = (max(columns(visible(line[at])) for line in lines) for at in range(len(_COLUMNS)))
    return [
        max(size, len(column.title)) + (2 if at and size else 0)
        for at, (size, column) in enumerate(zip(sizes, _COLUMNS, strict=True))
    ]


def _row(row: ExposedJob, fit: _Fit) -> list[list[str]]:
    place = row.job.place()
    name = [f"{row.job.label} :{place.begin.line}", row.job.path.rpartition("/")[2]]
    events: list[str] = []
    checks: list[str] = []
    for one in row.entrances:
        pairs = zip_longest(started(one, row), _wrapped(checked(one, row), fit.checks), fillvalue="")
        for event, check in pairs:
            events.append(event)
            checks.append(check)
    cells: list[list[str]] = [
        [row.standing],
        _wrapped(name, fit.job),
        _folded(events),
        _folded(checks, ""),
        _folded(_wrapped(held(row), fit.holds)),
        _folded(_wrapped([arrived(one, row) for one in row.arrivals], fit.theirs)),
    ]
    return [list(line) for line in zip_longest(*cells, fillvalue="")]


def _wrapped(lines: list[str], size: int) -> list[str]:
    """Long lines in up to three, the further ones indented; behind that they are cut."""
    found: list[str] = []
    for line in lines:
        rest, indent = line, ""
        for _ in range(2):
            room = size - len(indent)
            if len(rest) <= room:
                break
            at = _break(rest, room)
            found.append(indent + rest[:at].rstrip())
            rest, indent = rest[at:], "  "
        found.append(indent + cut(rest, size - len(indent)))
    return found


def _break(text: str, room: int) -> int:
    """Where a line ends: behind a word, else behind a part of a name, else in the midst of it."""
    for marks, least in ((" ", room // 3), ("_-./", 1)):
        at = max(text.rfind(mark, least, room + (mark == " ")) for mark in marks) + 1
        if at > 0:
            return at
    return room


def _folded(lines: list[str], last: str = "… and {} more") -> list[str]:
    if len(lines) <= _SHOWN:
        return lines
    return [*lines[: _SHOWN - 1], last.format(len(lines) - _SHOWN + 1)]
