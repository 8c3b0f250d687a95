"""The tables of inputs for people."""

from collections.abc import Iterator
from typing import Final

from scanner.report.escape import visible
from scanner.report.table import WIDTH, Column, table
from scanner.report.text import cut, remark, where
from scanner.views.facts import cut_source, short
from scanner.views.inputs.tables import LockRows, Row
from scanner.views.inputs.words import (
    Answer,
    age_of,
    branch_of,
    by_place,
    evaluated,
    facts,
    rules_of,
    support_of,
    unlisted,
)

_COLUMNS: Final = (
    Column("input", 16, rank=2),
    Column("from", 16, rank=1, cut=cut_source),
    Column("branch", 12),
    Column("revision"),
    Column("date"),
    Column("age", None, True),
    Column("followers", None, True),
    Column("revs", None, True),
)
_TIGHT: Final = tuple(
    column if column.least is None else column._replace(least=column.least - 4) for column in _COLUMNS
)
"""The same for a terminal on which even the narrow columns do not fit."""

_TIGHTER: Final = 70
_NARROW: Final = 100
"""Below it, the date (the age is there) and the columns that only count are left out."""


def write(answer: Answer, *, width: int | None = None) -> str:
    told, width = width, max(width or WIDTH, 60)
    blocks = ["\n".join(_lock(lock, width)) for lock in answer.locks]
    blocks += [
        f"{cut(visible(one.source.shown), width)} (no lock beside it)\n  findings: {rules_of(one.findings)}"
        for one in answer.unlocked
    ]
    problems = [
        line
        for one in answer.report.problems
        for line in remark("problem", f"{where(one.at)}: {one.message}", told)
    ]
    if problems:
        blocks.append("\n".join(problems))
    notes = [line for note in answer.report.notes for line in remark("note", note, told)]
    if notes:
        blocks.append("\n".join(notes))
    if blocks:
        blocks.append(f"knowledge {answer.report.short_knowledge}")
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _lock(lock: LockRows, width: int) -> Iterator[str]:
    yield cut(f"{visible(lock.lock.source.shown)} ({facts(lock)})", width)
    rows = [_row(row, narrow=width < _NARROW) for row in lock.rows]
    if rows:
        yield from table(_COLUMNS if width >= _TIGHTER else _TIGHT, rows, width)
    if lock.steps:
        yield cut(f"  {visible(evaluated(lock))}", width)
    told = [*by_place(lock), *((row.input.name, row.findings) for row in lock.rows if row.findings)]
    if told:
        yield "  findings"
        told.sort(key=lambda one: -max(finding.severity for finding in one[1]))
        for name, found in told:
            yield f"    {visible(name)}: {rules_of(found)}"
    if lock.unlisted:
        yield f"  {unlisted(lock)}"


def _row(row: Row, *, narrow: bool) -> list[str]:
    branch, support = branch_of(row), support_of(row.support)
    return [
        row.input.name,
        row.source,
        f"{branch}, {support}" if support else branch,
        short(row.revision) or "",
        str(row.date or "") if not narrow else "",
        age_of(row),
        str(row.followers) if row.followers and not narrow else "",
        str(row.copies[0]) if row.copies[0] > 1 and not narrow else "",
    ]
