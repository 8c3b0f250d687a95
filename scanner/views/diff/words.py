"""The words that all formats of a difference share."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from scanner.analysis.locks.ages import day_of
from scanner.analysis.locks.references import revision_of
from scanner.model.counting import counted
from scanner.model.finding import Finding, Problem, Severity
from scanner.parse.nix.lock import LockedInput
from scanner.report.words import by_severity
from scanner.results import Report
from scanner.rules import changes
from scanner.views.diff.compare import Change, Difference, LockChanges
from scanner.views.facts import short

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

    @property
    def compared(self) -> bool:
        """Whether there was something to compare."""
        return bool(self.difference.locks or self.difference.policies)

    @property
    def remarks(self) -> list[str]:
        """What people should know beside the judgments: what is too mild for those, but stands in no table."""
        mild = (one.message for one in self.difference.policies if one.severity < SAID)
        return [*mild, *self.report.notes]


def said(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that somebody should act on."""
    return tuple(one for one in findings if one.severity >= SAID)


def once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What people should read, the worst first; a rule of the scan that a judgment repeats is left out."""
    findings = sorted(said(findings), key=lambda one: -one.severity)
    judged = {(one.rule, one.subject) for one in findings}
    return tuple(one for one in findings if (changes.SAME.get(one.rule), one.subject) not in judged)


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
    words = [f"{count} {word}" for word, count in sorted(counts.items(), key=lambda item: -item[1])]
    words += dict.fromkeys(changes.KINDS[one.rule].word for one in lock.findings)
    return ", ".join(words) or "changed as a whole"


def moved(change: Change) -> int | None:
    """By how many days an input has moved forward; negative for one that has moved back."""
    if isinstance(change.old, LockedInput) and isinstance(change.new, LockedInput):
        one, other = day_of(change.old.locked), day_of(change.new.locked)
        if one is not None and other is not None:
            return (other - one).days
    return None


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
    """One line. It counts what people are shown: judgments and new findings to act on, and what only the tables hold."""
    shown = once(answer.report.findings)
    if answer.changed:
        inputs = sum(len(lock.changes) for lock in answer.changed)
        text = f"{counted(inputs, 'input')} of {counted(len(answer.changed), 'lock')} changed"
        in_tables = (
            one for one in answer.report.findings if one.severity < SAID and one.rule in changes.KINDS
        )
        severities = by_severity((*shown, *in_tables))
        text += f": {severities}" if severities else ""
    else:
        text = "No locked input has changed"
    text += ", but the policy has" if answer.difference.policies and not answer.changed else ""
    fresh, gone = sum(one.rule not in changes.KINDS for one in shown), len(answer.difference.gone)
    if fresh or gone:
        text += f"; {counted(fresh, 'finding')} new and {gone} gone"
    problems = len(answer.report.problems) + len(answer.old_problems)
    return text + (f"; {counted(problems, 'problem')}" if problems else "")


def gone(findings: Sequence[Finding]) -> str:
    """`stale-input (2), duplicate-input`."""
    counts: dict[str, int] = {}
    for one in findings:
        counts[one.rule] = counts.get(one.rule, 0) + 1
    return ", ".join(
        rule if count == 1 else f"{rule} ({count})" for rule, count in list(counts.items())[:_GONE]
    )
