"""What every report for people says in the same words: places, what was taken out, and the line that sums up."""

from collections.abc import Iterable, Iterator
from typing import Final

from scanner.model.counting import counted
from scanner.model.finding import Finding, IgnoredBy, Problem, Severity
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.report.escape import visible
from scanner.results import UNREADABLE, Report

TAKEN_OUT: Final[dict[IgnoredBy, str]] = {
    "comment": "ignored by comments",
    "exception": "excepted by the policy",
    "accepted": "accepted",
}
"""What findings that are taken out are called in a summary."""


def where(at: Span) -> str:
    """`path:line:column`, relative to the root that was named."""
    line, column = at.begin
    return f"{visible(at.shown)}:{line}:{column}"


def silent_problems(report: Report) -> Iterator[Problem]:
    """The problems that no finding shows, since the policy leaves out the rule that would."""
    if report.problems:
        shown = {(finding.at, finding.message) for finding in report.findings if finding.rule == UNREADABLE}
        for problem in report.problems:
            if (problem.at, problem.message) not in shown:
                yield problem


def summary(report: Report) -> str:
    """One line: what was found, where, how bad, what was taken out, and what could not be decided or read."""
    found, base = len(report.findings), report.base
    new = "new " if base is not None and base.hidden else ""
    parts: list[str] = []
    if found:
        files = len({finding.at.shown for finding in report.findings})
        severities = by_severity(report.findings)
        # A finding may also stand in a file that could not be read as an input.
        inputs = max(files, report.inputs)
        parts.append(
            f"{counted(found, f'{new}finding')} in {files} of {counted(inputs, 'file')}: {severities}"
        )
    else:
        parts.append(f"No {new}findings in {counted(report.inputs, 'file')}")
    if base is not None:
        compared = [] if new else [f"{len(report.new()):,} new"]
        compared += [f"{base.hidden:,} more that {quoted(base.name)} has too"] if new else []
        parts.append(", ".join([*compared, f"{len(base.gone):,} gone"]))
    if report.unknowns:
        parts.append(f"{len(report.unknowns)} undecided")
    for by, said in TAKEN_OUT.items():
        count = sum(1 for one in report.ignored if one.by == by)
        if count:
            parts.append(f"{count} {said}")
    silent = sum(1 for _ in silent_problems(report))
    if silent:
        parts.append(counted(silent, "problem"))
    return "; ".join(parts)


def verdict(report: Report) -> str:
    """`fails the gate: 11 findings at or above high`, `passes the gate (high)`; empty where nothing fails the run."""
    gate = report.gate
    if gate is None:
        return ""
    gates = "the gate" if len(gate.least) == 1 else "the gates of the repositories"
    least = " or ".join(map(str, gate.least))
    if not gate.failing:
        return f"passes {gates} ({least})"
    return f"fails {gates}: {counted(gate.failing, 'finding')} at or above {least}"


def lets_pass(report: Report, finding: Finding) -> str | None:
    """Why the gate lets a finding pass, None where it does not, or where there is no gate."""
    gate = report.gate
    if gate is None:
        return None
    if gate.only_new and report.base is not None and report.base.knows(finding):
        return f"known in the base {quoted(report.base.name)}"
    least = gate.least_for(finding)
    return f"below the gate ({least})" if finding.severity < least else None


def by_severity(findings: Iterable[Finding]) -> str:
    """`1 critical, 2 low`."""
    counts: dict[Severity, int] = {}
    for finding in findings:
        counts[finding.severity] = counts.get(finding.severity, 0) + 1
    return ", ".join(f"{counts[one]} {one}" for one in sorted(counts, reverse=True))
