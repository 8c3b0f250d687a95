"""A difference as text and as JSON, and the words that all of its formats share."""

from collections.abc import Iterable, Sequence
from json import dumps
from typing import Final, NamedTuple

from scanner import __version__
from scanner.analysis.references import revision_of
from scanner.model.finding import Finding, Problem, Severity
from scanner.parse.nix.lock import Lock, LockedInput
from scanner.report.escape import inert_json, visible
from scanner.report.json import Json, to_data
from scanner.report.table import WIDTH, Column, table
from scanner.report.text import where
from scanner.report.text import write as write_findings
from scanner.results import Report
from scanner.views import changes
from scanner.views.diff import Change, Difference, LockChanges
from scanner.views.facts import compare_link, day_of, short, source_of
from scanner.views.pairs import Follows, State

SCHEMA: Final = 1
SAID: Final = Severity.LOW
"""What is less severe stands in the table only."""

_GONE: Final = 10


class Answer(NamedTuple):
    """All that a format shows. `old` and `new` name the two states; `report` is that of the new one, with the judgments
    and the new findings that were asked for; `old_problems` is what could not be read of the old one."""

    old: str
    new: str
    difference: Difference
    report: Report
    old_problems: tuple[Problem, ...]

    @property
    def changed(self) -> list[LockChanges]:
        return [lock for lock in self.difference.locks if lock.status != "unchanged"]


def said(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that somebody should act on."""
    return tuple(one for one in findings if one.severity >= SAID)


def once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What people should read, the worst first; a rule of the scan that a judgment repeats is left out."""
    findings = sorted(said(findings), key=lambda one: -one.severity)
    judged = {(one.rule, one.subject) for one in findings}
    return tuple(one for one in findings if (changes.SAME.get(one.rule), one.subject) not in judged)


# ---------------------------------------------------------------- the words that formats share


def headline(lock: LockChanges) -> str:
    """`3 updated, 1 added`: the first word of each change, counted."""
    match lock.status:
        case "added":
            return "new lock"
        case "removed":
            return "gone"
        case "unreadable":
            return "cannot be compared: one of its two states cannot be read"
        case "unchanged":
            return "no input has changed"
    counts: dict[str, int] = {}
    for change in lock.changes:
        word = change.words.partition(",")[0]
        counts[word] = counts.get(word, 0) + 1
    words = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{count} {word}" for word, count in words) or "changed as a whole"


def days(change: Change) -> int | None:
    """By how many days an input has moved forward."""
    if isinstance(change.old, LockedInput) and isinstance(change.new, LockedInput):
        one, other = day_of(change.old.locked), day_of(change.new.locked)
        if one is not None and other is not None:
            return (other - one).days
    return None


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


def version(change: Change, state: LockedInput) -> str | None:
    """What tells the two sides apart: the revision, or the hash where that alone has changed."""
    if any(one.kind is changes.HASH_CHANGED for one in change.verdicts):
        return short(state.locked.nar_hash)
    return short(revision_of(state.locked))


def with_source(change: Change) -> bool:
    """Whether a row must say where the input comes from."""
    if not isinstance(change.old, LockedInput) or not isinstance(change.new, LockedInput):
        return True
    return any(one.kind is changes.SOURCE_CHANGED for one in change.verdicts)


def signed(number: int | None) -> str:
    return f"{number:+,}" if number else ""


def rows_of(lock: LockChanges) -> list[Change]:
    """The flake's own inputs first."""
    return sorted(lock.changes, key=lambda change: not change.own)


def summary(answer: Answer) -> str:
    found = answer.report.findings
    if not answer.changed:
        text = "No locked input has changed"
    else:
        inputs = sum(len(lock.changes) for lock in answer.changed)
        text = f"{_count(inputs, 'input')} of {_count(len(answer.changed), 'lock')} changed"
        counts = dict.fromkeys(sorted(Severity, reverse=True), 0)
        for one in found:
            counts[one.severity] += 1
        severities = ", ".join(f"{count} {severity}" for severity, count in counts.items() if count)
        text += f": {severities}" if severities else ""
    fresh, gone = len(answer.difference.fresh), len(answer.difference.gone)
    if fresh or gone:
        text += f"; {_count(fresh, 'finding')} new and {gone} gone"
    problems = len(answer.report.problems) + len(answer.old_problems)
    return text + (f"; {_count(problems, 'problem')}" if problems else "")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def gone(findings: Sequence[Finding]) -> str:
    """`stale-input (2), duplicate-input`."""
    counts: dict[str, int] = {}
    for one in findings:
        counts[one.rule] = counts.get(one.rule, 0) + 1
    return ", ".join(
        rule if count == 1 else f"{rule} ({count})" for rule, count in list(counts.items())[:_GONE]
    )


# ---------------------------------------------------------------- text

_COLUMNS: Final = (
    Column("input", 14),
    Column("change", 12),
    Column("from", 18),
    Column("to", 18),
    Column("days", None, True),
)


def to_text(answer: Answer, *, colour: bool = False, quiet: bool = False, width: int | None = None) -> str:
    """Tables of what has changed, then what somebody should look at, with its lines of source."""
    blocks: list[str] = []
    for lock in answer.changed:
        lines = [f"{visible(lock.path)}: {headline(lock)}"]
        if lock.changes:
            lines += table(_COLUMNS, [_text_row(change) for change in rows_of(lock)], width or WIDTH)
        blocks.append("\n".join(lines))
    report = answer.report._replace(findings=once(answer.report.findings), unknowns=(), notes=())
    findings = write_findings(report, colour=colour, quiet=True, width=width).rstrip("\n")
    if findings:
        blocks.append(findings)
    if answer.old_problems:
        blocks.append(
            "\n".join(
                f"problem: {answer.old}: {where(one.at)}: {visible(one.message)}"
                for one in answer.old_problems
            )
        )
    if not quiet:
        notes = [f"note: {visible(note)}" for note in answer.report.notes]
        if answer.difference.gone:
            notes.append(f"gone since {visible(answer.old)}: {gone(answer.difference.gone)}")
        blocks.append("\n".join([*notes, summary(answer)]))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _text_row(change: Change) -> list[str]:
    return [
        change.name,
        change.words,
        _state(change, change.old),
        _state(change, change.new),
        signed(days(change)),
    ]


# ---------------------------------------------------------------- json


def to_json(answer: Answer) -> str:
    """The contract of `snowfence diff --format json`; `schema` counts its versions."""
    shown = {(one.fingerprint, one.rule) for one in answer.report.findings}
    fresh = [one for one in answer.difference.fresh if (one.fingerprint, one.rule) in shown]
    counts = dict.fromkeys(sorted(Severity, reverse=True), 0)
    for one in answer.report.findings:
        counts[one.severity] += 1
    document: dict[str, Json] = {
        "schema": SCHEMA,
        "tool": {"name": "snowfence", "version": __version__},
        "old": answer.old,
        "new": answer.new,
        "now": answer.report.now.isoformat(),
        "policies": list(answer.report.policies),
        "knowledge": answer.report.knowledge,
        "summary": {str(severity): count for severity, count in counts.items()},
        "locks": [_lock_data(lock, shown) for lock in answer.difference.locks],
        "findings": [to_data(one) for one in fresh],
        "gone": [to_data(one) for one in answer.difference.gone],
        "problems": [
            {
                "side": side,
                "path": one.at.shown,
                "line": one.at.begin.line,
                "column": one.at.begin.column,
                "message": one.message,
            }
            for side, problems in (("old", answer.old_problems), ("new", answer.report.problems))
            for one in problems
        ],
        "notes": list(answer.report.notes),
    }
    return inert_json(dumps(document, indent=1)) + "\n"


def _lock_data(lock: LockChanges, shown: set[tuple[str, str]]) -> Json:
    return {
        "path": lock.path,
        "status": lock.status,
        "old": _lock_facts(lock.old),
        "new": _lock_facts(lock.new),
        "judgments": [to_data(one) for one in lock.findings if (one.fingerprint, one.rule) in shown],
        "inputs": [_change_data(change, shown) for change in rows_of(lock)],
    }


def _lock_facts(lock: Lock | None) -> Json:
    return (
        None if lock is None else {"tool": lock.tool.name, "version": lock.version, "inputs": len(lock.nodes)}
    )


def _change_data(change: Change, shown: set[tuple[str, str]]) -> Json:
    link = None
    if isinstance(change.old, LockedInput) and isinstance(change.new, LockedInput):
        link = compare_link(change.old, change.new)
    return {
        "name": change.name,
        "path": None if change.path is None else list(change.path),
        "own": change.own,
        "subject": change.subject,
        "changes": [one.kind.id.removeprefix("diff-") for one in change.verdicts],
        "severity": str(change.severity),
        "old": _state_data(change.old),
        "new": _state_data(change.new),
        "days": days(change),
        "compare": link,
        "judgments": [to_data(one) for one in change.findings if (one.fingerprint, one.rule) in shown],
    }


def _state_data(state: State) -> Json:
    match state:
        case LockedInput():
            day = day_of(state.locked)
            return {
                "label": state.label,
                "type": state.locked.type,
                "source": source_of(state.locked),
                "revision": revision_of(state.locked),
                "narHash": state.locked.nar_hash,
                "date": None if day is None else day.isoformat(),
                "asked": str(state.original) if state.original.attributes else None,
                "flake": state.flake,
            }
        case Follows():
            return {"follows": list(state.path)}
        case None:
            return None
