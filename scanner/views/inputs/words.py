"""The words that all formats of the tables of inputs share."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from scanner.graph.nodes.workflows import StepNode
from scanner.model.counting import counted
from scanner.model.finding import Finding, Severity
from scanner.results import Report
from scanner.views.inputs.tables import LockRows, Row, Support, Unlocked

_STEPS: Final = 4


class Answer(NamedTuple):
    """All that a format shows: the tables, the flakes that lock nothing, and the report of the scan that the findings
    are from."""

    locks: tuple[LockRows, ...]
    unlocked: tuple[Unlocked, ...]
    report: Report

    def findings(self) -> Iterator[Finding]:
        for lock in self.locks:
            yield from lock.all_findings()
        for flake in self.unlocked:
            yield from flake.findings


def facts(lock: LockRows) -> str:
    """`nix, version 7: 9 own inputs, 13 in all`."""
    total = f", {lock.total:,} in all" if lock.total != lock.own else ""
    return f"{lock.lock.tool.name}, version {lock.lock.version}: {counted(lock.own, 'own input')}{total}"


def branch_of(row: Row) -> str:
    if row.pinned:
        return "(one commit)"
    return row.branch or ""


def support_of(support: Support | None) -> str:
    match support:
        case Support("rolling"):
            return "rolling"
        case Support("ended", end):
            return f"ended {end}"
        case Support(_, end):
            return f"until {end}"
    return ""


def rules_of(findings: Sequence[Finding]) -> str:
    """`high unlocked-input, low duplicate-input, stale-input`: the rules, the worst first; a severity holds until the next."""
    worst: dict[str, Severity] = {}
    for one in sorted(findings, key=lambda one: -one.severity):
        worst.setdefault(one.rule, one.severity)
    parts: list[str] = []
    last = None
    for rule, severity in worst.items():
        parts.append(rule if severity == last else f"{severity} {rule}")
        last = severity
    return ", ".join(parts)


def by_place(lock: LockRows) -> list[tuple[str, Sequence[Finding]]]:
    """What is said of the lock as a whole and of its flake.nix."""
    places: dict[str, list[Finding]] = {}
    for one in lock.findings:
        at_lock = one.at.path == lock.lock.source.path
        places.setdefault("the lock" if at_lock else one.at.shown, []).append(one)
    return list(places.items())


def unlisted(lock: LockRows) -> str:
    """What is said of inputs that are not listed."""
    if not lock.unlisted:
        return ""
    return f"{counted(len(lock.unlisted), 'finding')} on inputs of inputs: --transitive"


def age_of(row: Row) -> str:
    return f"{row.age:,} d" if row.age is not None else ""


def evaluated(lock: LockRows) -> str:
    """`evaluated by 3 steps: ci.yml (2), release.yml (1)`."""
    if not lock.steps:
        return ""
    files = _workflows(lock.steps)
    names = [f"{path.rpartition('/')[2]} ({len(steps)})" for path, steps in list(files.items())[:_STEPS]]
    left = len(files) - _STEPS
    more = f" and {counted(left, 'more file')}" if left > 0 else ""
    return f"evaluated by {counted(len(lock.steps), 'step')}: {', '.join(names)}{more}"


def _workflows(steps: Iterable[StepNode]) -> dict[str, list[StepNode]]:
    found: dict[str, list[StepNode]] = {}
    for step in steps:
        found.setdefault(step.path, []).append(step)
    return found
