"""What is looked at first: the order of findings, and equal ones as one."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from scanner.model.counting import counted
from scanner.model.finding import Finding
from scanner.report.escape import visible
from scanner.report.words import where
from scanner.results import Report

FIRST_PLACES: Final = 3
"""Places of equal findings that are named."""


class Group(NamedTuple):
    """Findings of one rule that say the same with the same severity, each at another place; `first` is the first of `all`."""

    first: Finding
    all: tuple[Finding, ...]


def ranked(report: Report, findings: Iterable[Finding]) -> list[Finding]:
    """New ones first, then the severe, and among equals those that have a way for outsiders; else in the order of the report."""
    return sorted(findings, key=lambda one: (not report.is_new(one), -one.severity, not _has_way(one)))


def _has_way(one: Finding) -> bool:
    """Whether its path is known, or what outsiders gain by it."""
    return bool(one.flow or one.stakes)


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """Equal findings together, where the first of them stands."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for one in findings:
        groups.setdefault((one.name, one.severity, one.message), []).append(one)
    return [Group(ones[0], tuple(ones)) for ones in groups.values()]


def looked_at_first(report: Report, most: int) -> list[tuple[str, str]]:
    """The worst of many findings, what and where: `high[unpinned-uses]`, `ci.yml:3:9 and 3 more places`; none where they are few."""
    if len(report.findings) <= most:
        return []
    found = []
    for group in grouped(ranked(report, report.findings))[:most]:
        one, more = group.first, len(group.all) - 1
        new = "new " if report.is_new(one) else ""
        others = f" and {counted(more, 'more place')}" if more else ""
        found.append((f"{new}{one.severity}[{visible(one.name)}]", f"{where(one.at)}{others}"))
    return found
