"""The tables of inputs for people."""

from collections.abc import Iterator
from typing import Final

from scanner.report.columns import flowing, remark
from scanner.report.escape import visible
from scanner.report.table import WIDTH, Column, table
from scanner.report.words import where
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
    Column("input", 14, rank=1, wraps=True),
    Column("from", 20, rank=1, cut=cut_source),
    Column("branch", 16, wraps=True),
    Column("revision", 7, rank=2, wraps=True),
    Column("date"),
    Column("age", None, True),
    Column("followers", None, True),
    Column("revs", None, True),
)
LEAST: Final = 40
"""Columns of the narrowest terminal that is reckoned with."""

_NARROW: Final = 100
"""Below it, the date (the age is there) and the columns that only count are left out."""

_NARROWER: Final = 76
"""Below it, the revision, too: whose code it is, and how old, are worth more than where exactly it stands."""

_TIGHT: Final = tuple(one._replace(least=10) if one.title == "branch" else one for one in _COLUMNS)
"""The same for a narrow terminal."""


def write(answer: Answer, *, width: int | None = None) -> str:
    blocks = ["\n".join(_lock(lock, width)) for lock in answer.locks]
    blocks += [
        "\n".join(
            [
                *_flowing(f"{one.source.shown} (no lock beside it)", width),
                *_flowing(f"  findings: {rules_of(one.findings)}", width),
            ]
        )
        for one in answer.unlocked
    ]
    problems = [
        line
        for one in answer.report.problems
        for line in remark("problem", f"{where(one.at)}: {one.message}", width)
    ]
    if problems:
        blocks.append("\n".join(problems))
    notes = [line for note in answer.report.notes for line in remark("note", note, width)]
    if notes:
        blocks.append("\n".join(notes))
    if blocks:
        blocks.append(f"knowledge {answer.report.short_knowledge}")
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _lock(lock: LockRows, told: int | None) -> Iterator[str]:
    width = max(told or WIDTH, LEAST)
    yield from _flowing(f"{lock.lock.source.shown} ({facts(lock)})", told)
    rows = [_row(row, width) for row in lock.rows]
    if rows:
        yield from table(_COLUMNS if width >= _NARROW else _TIGHT, rows, width)
    if lock.steps:
        yield from _flowing(f"  {evaluated(lock)}", told)
    said = [*by_place(lock), *((row.input.name, row.findings) for row in lock.rows if row.findings)]
    if said:
        yield "  findings"
        said.sort(key=lambda one: -max(finding.severity for finding in one[1]))
        for name, found in said:
            yield from _flowing(f"    {name}: {rules_of(found)}", told)
    if lock.unlisted:
        yield from _flowing(f"  {unlisted(lock)}", told)


def _flowing(text: str, told: int | None) -> list[str]:
    return flowing(visible(text), None if told is None else max(told, LEAST), 2)


def _row(row: Row, width: int) -> list[str]:
    branch, support = branch_of(row), support_of(row.support)
    narrow = width < _NARROW
    return [
        row.input.name,
        row.source,
        f"{branch}, {support}" if support else branch,
        (short(row.revision) or "") if width >= _NARROWER else "",
        str(row.date or "") if not narrow else "",
        age_of(row),
        str(row.followers) if row.followers and not narrow else "",
        str(row.copies[0]) if row.copies[0] > 1 and not narrow else "",
    ]
