"""The table for people: every job takes as many lines as its longest cell."""

from itertools import zip_longest
from typing import Final

from scanner.analysis.taint.exposed import ExposedJob
from scanner.report.escape import visible
from scanner.report.table import Column, table
from scanner.report.text import cut, where
from scanner.views.exposure.rows import SAID, Answer, arrived, checked, held, started, summed, used

WIDTH: Final = 100
_SHOWN: Final = 8
"""Lines of one cell."""

_COLUMNS: Final = (
    Column(""),
    Column("job", 16),
    Column("started by", 18, rank=2),
    Column("checks", 8),
    Column("holds", 18),
    Column("of theirs", 22, rank=1),
)
_JOB: Final = 16
_HOLDS: Final = 18
_THEIRS: Final = 22
"""Columns from which on a cell takes a second line."""


def write(answer: Answer, *, width: int | None = None) -> str:
    width = max(width or WIDTH, 60)
    blocks = []
    if answer.rows:
        lines = [line for row in answer.rows for line in _row(row)]
        blocks.append("\n".join(table(_COLUMNS, lines, width, indent="")))
        blocks.append("\n".join(cut(f"{one}: {SAID[one]}", width) for one in used(answer.rows)))
    others = [cut(visible(line), width) for line in summed(answer)]
    if others:
        blocks.append("\n".join(others))
    remarks = [f"problem: {where(one.at)}: {visible(one.message)}" for one in answer.report.problems]
    remarks += [f"note: {visible(note)}" for note in answer.report.notes]
    if remarks:
        blocks.append("\n".join(remarks))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _row(row: ExposedJob) -> list[list[str]]:
    place = row.job.place()
    name = [f"{row.job.label} :{place.begin.line}", row.job.path.rpartition("/")[2]]
    events: list[str] = []
    checks: list[str] = []
    for one in row.entrances:
        said = started(one, row)
        events += said
        checks += [checked(one, row), *[""] * (len(said) - 1)]
    cells: list[list[str]] = [
        [row.standing],
        _wrapped(name, _JOB),
        _folded(events),
        _folded(checks, ""),
        _folded(_wrapped(held(row), _HOLDS)),
        _folded(_wrapped([arrived(one, row) for one in row.arrivals], _THEIRS)),
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
            at = max((rest.rfind(mark, room // 2, room) for mark in " _-./"), default=-1) + 1 or room
            found.append(indent + rest[:at].rstrip())
            rest, indent = rest[at:], "  "
        found.append(indent + cut(rest, size - len(indent)))
    return found


def _folded(lines: list[str], last: str = "… and {} more") -> list[str]:
    if len(lines) <= _SHOWN:
        return lines
    return [*lines[: _SHOWN - 1], last.format(len(lines) - _SHOWN + 1)]
