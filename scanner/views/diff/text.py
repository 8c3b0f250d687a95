"""A difference for people: tables of what has changed, then what somebody should look at, with its lines of source."""

from typing import Final

from scanner.analysis.locks.ages import day_of
from scanner.parse.nix.lock import LockedInput
from scanner.report.columns import columns, cut, remark
from scanner.report.escape import visible
from scanner.report.table import WIDTH, Column, table
from scanner.report.text import write as write_findings
from scanner.report.words import where
from scanner.views.diff.compare import Change
from scanner.views.diff.pairs import Follows, State
from scanner.views.diff.words import (
    Answer,
    gone,
    headline,
    moved,
    once,
    rows_of,
    signed,
    summary,
    version,
    with_source,
)
from scanner.views.facts import cut_source, source_of


def _cut(cell: str, room: int) -> str:
    """A state in at most `room` columns: where the input comes from gives way before its revision, and of that the end of the
    repository's name first."""
    words = cell.split(" ")
    longest = max(range(len(words)), key=lambda at: len(words[at]))
    left = room - columns(cell) + columns(words[longest])
    if columns(cell) > room and left > _LEAST_SOURCE:
        words[longest] = (cut_source if longest else cut)(words[longest], left)
    return cut(" ".join(words), room)


_LEAST_SOURCE: Final = 5
_COLUMNS: Final = (
    Column("input", 14),
    Column("change", 12),
    Column("from", 18, cut=_cut),
    Column("to", 18, cut=_cut),
    Column("days", None, True),
)


def write(
    answer: Answer,
    *,
    colour: bool = False,
    quiet: bool = False,
    width: int | None = None,
    links: bool = False,
) -> str:
    blocks: list[str] = []
    room = width or WIDTH
    if answer.compared and not quiet:
        blocks.append(
            f"Compared {visible(answer.old)} with {visible(answer.new)}; knowledge {answer.report.short_knowledge}"
        )
    for lock in answer.changed:
        lines = [cut(f"{visible(lock.path)}: {headline(lock)}", room)]
        if lock.changes:
            lines += table(_COLUMNS, [_row(change) for change in rows_of(lock)], room)
        blocks.append("\n".join(lines))
    report = answer.report._replace(findings=once(answer.report.findings), unknowns=(), notes=())
    findings = write_findings(report, colour=colour, quiet=True, width=width, links=links).rstrip("\n")
    if findings:
        blocks.append(findings)
    if answer.old_problems:
        blocks.append(
            "\n".join(
                f"problem: {visible(answer.old)}: {where(one.at)}: {visible(one.message)}"
                for one in answer.old_problems
            )
        )
    if not quiet:
        notes = [line for note in answer.remarks for line in remark("note", note, width)]
        if answer.difference.gone:
            notes += remark(f"gone since {answer.old}", gone(answer.difference.gone), width)
        if answer.compared:
            notes.append(summary(answer))
        blocks.append("\n".join(notes))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _row(change: Change) -> list[str]:
    return [
        change.name,
        change.words,
        _state(change, change.old),
        _state(change, change.new),
        signed(moved(change)),
    ]


def _state(change: Change, state: State) -> str:
    """One side of an input in a cell: `e643668 2025-09-24`."""
    match state:
        case LockedInput():
            source, found = source_of(state.locked), version(change, state)
            if change.new is not None and change.old is not None and with_source(change):
                return f"{source} {found or ''}"
            parts = (found, str(day_of(state.locked) or ""), source if with_source(change) else None)
            return " ".join(part for part in parts if part)
        case Follows():
            return f"→ {state}"
        case None:
            return ""
