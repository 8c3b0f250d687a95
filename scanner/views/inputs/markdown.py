"""The tables of inputs as Markdown."""

from collections.abc import Iterator
from typing import Final

from scanner.model.finding import Severity
from scanner.report import gfm
from scanner.report.words import where
from scanner.views.facts import short
from scanner.views.inputs.tables import LockRows, Row
from scanner.views.inputs.words import (
    Answer,
    age_of,
    by_place,
    evaluated,
    facts,
    rules_of,
    support_of,
    unlisted,
)

_HEADER: Final = ("input", "from", "branch", "revision", "date", "age", "findings")
_FOLD: Final = 25


def write(answer: Answer) -> str:
    parts: list[str] = []
    room = gfm.LIMIT - 2_000
    for at, lock in enumerate(answer.locks):
        if room < 1_000:
            parts.append(f"… and {len(answer.locks) - at:,} more locks, which do not fit here.\n")
            break
        parts += _lock(lock, room)
        room = gfm.LIMIT - 2_000 - sum(len(part.encode("utf-8", "replace")) for part in parts)
    lines = [
        f"- {gfm.code(one.source.shown)} has no lock beside it: {gfm.escape(rules_of(one.findings))}"
        for one in answer.unlocked
    ]
    lines += [
        f"- not read: {gfm.code(where(one.at))}: {gfm.message(one.message)}" for one in answer.report.problems
    ]
    lines += [f"- {gfm.message(note)}" for note in answer.report.notes]
    kept: list[str] = []
    for line in lines:
        room -= len(line.encode("utf-8", "replace"))
        if room > 0:
            kept.append(line)
    if kept:
        parts.append("\n".join(kept) + "\n")
    if parts:
        parts.append(f"knowledge {gfm.code(answer.report.short_knowledge)}\n")
    return "\n".join(parts)


def _lock(lock: LockRows, room: int) -> Iterator[str]:
    yield f"### {gfm.code(lock.lock.source.shown)}\n\n{gfm.escape(facts(lock))}.\n"
    if lock.steps:
        yield f"E{gfm.escape(evaluated(lock))[1:]}.\n"
    for place, findings in by_place(lock):
        yield f"Findings on {gfm.escape(place)}: {gfm.escape(rules_of(findings))}.\n"
    if lock.unlisted:
        yield f"{gfm.escape(unlisted(lock))}.\n"
    text = gfm.table(_HEADER, (_row(row) for row in lock.rows), room - 700)
    if len(lock.rows) > _FOLD:
        text = gfm.folded(f"{len(lock.rows):,} inputs", text)
    if lock.rows:
        yield text


def _row(row: Row) -> list[str]:
    support = support_of(row.support)
    branch = "one commit" if row.pinned else gfm.code(row.branch) if row.branch else ""
    found = gfm.escape(rules_of(row.findings))
    severe = bool(row.findings) and row.findings[0].severity >= Severity.HIGH
    return [
        gfm.code(row.input.name),
        gfm.code(row.source),
        f"{branch} ({support})" if support else branch,
        gfm.code(short(row.revision) or ""),
        str(row.date or ""),
        age_of(row),
        f"**{found}**" if severe else found,
    ]
