"""What is new and what is gone since an earlier state, where both were judged alike."""

from collections.abc import Iterable

from scanner.model.finding import Finding
from scanner.policy.accepted import Entry, entry_of
from scanner.results import Base, Report, known_as


def either(before: Iterable[Entry], now: Iterable[Entry]) -> tuple[Entry, ...]:
    """What at least one of two states has accepted, each finding once, as the later has it."""
    return tuple({one.fingerprint: one for one in (*before, *now)}.values())


def base_of(name: str, before: Report, now: Report) -> Base:
    """What was known before: a finding that has become worse since, or whose run has come to hold more, was not. `name` is that of the
    earlier state for people."""
    left = {one.fingerprint: one for one in now.findings}
    silent = {one.finding.fingerprint for one in now.ignored}
    known = frozenset(
        known_as(one)
        for one in before.findings
        if one.fingerprint not in left or _covers(one, left[one.fingerprint], now)
    )
    gone = (one for one in before.findings if one.fingerprint not in left and one.fingerprint not in silent)
    return Base(name, known, tuple(gone))


def _covers(before: Finding, now: Finding, report: Report) -> bool:
    return entry_of(before, report.now).covers(now)
