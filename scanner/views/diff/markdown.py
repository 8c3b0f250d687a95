"""A difference as Markdown, for the pull request of an update."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.locks.ages import day_of
from scanner.model.finding import Finding, Problem
from scanner.parse.nix.lock import LockedInput
from scanner.report import gfm
from scanner.views.diff.compare import Change, LockChanges
from scanner.views.diff.pairs import Follows, State
from scanner.views.diff.words import (
    SAID,
    Answer,
    gone,
    headline,
    moved,
    once,
    signed,
    summary,
    version,
    with_source,
)
from scanner.views.facts import compare_link, source_of

_FOLD: Final = 15
"""Rows of a table that are not folded."""

_HEADER: Final = ("input", "change", "from", "to", "days")
MARKER: Final = "<!-- snowfence diff -->"
"""What a workflow looks for when it replaces its comment instead of writing another one."""


def write(answer: Answer) -> str:
    """What to look at first, then the tables."""
    parts = [f"{MARKER}\n## {_title(answer)}\n"]
    if answer.compared:
        parts.append(f"{gfm.escape(summary(answer))}.\n")
        parts.append(
            f"Compared {gfm.code(answer.old)} with {gfm.code(answer.new)}; knowledge {gfm.code(answer.report.short_knowledge)}.\n"
        )
    notes = [
        *(
            f"- not read: {gfm.code(_place(one))}: {gfm.message(one.message)}"
            for one in answer.report.problems
        ),
        *(
            f"- not read in {gfm.code(answer.old)}: {gfm.code(_place(one))}: {gfm.message(one.message)}"
            for one in answer.old_problems
        ),
        *(f"- {gfm.message(note)}" for note in answer.remarks),
    ]
    if notes:
        parts.append("\n".join(notes[:20]) + "\n")
    room = gfm.LIMIT - sum(len(part.encode("utf-8", "replace")) for part in parts) - 1000
    findings = once(answer.report.findings)
    if findings:
        rows = (
            (
                f"**{one.severity}**",
                gfm.code(_place(one)),
                f"{gfm.message(one.message)} ({gfm.code(one.rule)})",
            )
            for one in findings
        )
        parts.append("### Look at this\n\n" + gfm.table(("severity", "where", "what"), rows, room // 2))
        room -= len(parts[-1].encode("utf-8", "replace"))
    if answer.difference.gone:
        parts.append(f"No longer found: {gfm.escape(gone(answer.difference.gone))}.\n")
    locks = answer.changed
    for at, lock in enumerate(locks):
        if room < 500:
            parts.append(f"… and {len(locks) - at:,} more locks, which do not fit here.\n")
            break
        parts += _markdown_lock(lock, room)
        room = gfm.LIMIT - 1000 - sum(len(part.encode("utf-8", "replace")) for part in parts)
    return "\n".join(parts)


def _title(answer: Answer) -> str:
    if not answer.compared:
        return "Nothing was compared"
    if not answer.changed:
        return "The policy has changed" if answer.difference.policies else "No locked input has changed"
    return "Changes of locked inputs"


def _place(one: Finding | Problem) -> str:
    return f"{one.at.shown}:{one.at.begin.line}"


def _markdown_lock(lock: LockChanges, room: int) -> Iterator[str]:
    yield f"### {gfm.code(lock.path)}\n\n{gfm.escape(headline(lock))}.\n"
    room -= 300
    own = [change for change in lock.changes if change.own]
    others = [change for change in lock.changes if not change.own]
    for title, changes_, unfolded in (
        ("inputs of the flake itself", own, True),
        ("inputs of inputs", others, False),
    ):
        if not changes_:
            continue
        text = gfm.table(_HEADER, (_markdown_row(change) for change in changes_), max(room, 400))
        room -= len(text.encode("utf-8", "replace"))
        if unfolded and len(changes_) <= _FOLD:
            yield text
        else:
            yield gfm.folded(f"{len(changes_):,} {title}", text)


def _markdown_row(change: Change) -> list[str]:
    word = gfm.escape(change.words)
    to = _cell(change, change.new)
    if isinstance(change.old, LockedInput) and isinstance(change.new, LockedInput):
        link = compare_link(change.old, change.new)
        if link is not None:
            to = f"{to} ({gfm.link('compare', link)})"
    return [
        gfm.code(change.name),
        f"**{word}**" if change.severity is not None and change.severity > SAID else word,
        _cell(change, change.old),
        to,
        signed(moved(change)),
    ]


def _cell(change: Change, state: State) -> str:
    match state:
        case LockedInput():
            parts = [gfm.code(source_of(state.locked))] if with_source(change) else []
            revision, day = version(change, state), day_of(state.locked)
            parts += [gfm.code(revision)] if revision is not None else []
            parts += [str(day)] if day is not None else []
            return " ".join(parts)
        case Follows():
            return f"follows {gfm.code(str(state))}"
        case None:
            return ""
