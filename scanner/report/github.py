"""Annotations of GitHub Actions: one workflow command for each finding, new ones first, then the most severe.

Escaping is that of actions/toolkit (packages/core/src/command.ts). A command has one line, since the runner refuses columns on
several (ActionCommandManager.ValidateLinesAndColumns); `endColumn` is exclusive. GitHub shows ten annotations of each
kind for a step; the log shows all of them.
"""

from typing import Final

from scanner.model.finding import Severity
from scanner.model.source import Span
from scanner.report.chain import in_one_line
from scanner.report.escape import bounded, inert, visible
from scanner.report.words import silent_problems, summary
from scanner.results import Report

SHOWN: Final = 10
"""Annotations of one kind that GitHub shows for one step."""

KINDS: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}


def write(report: Report) -> str:
    lines: list[str] = []
    counts = dict.fromkeys(KINDS.values(), 0)

    def annotate(severity: Severity, title: str, at: Span, message: str) -> None:
        kind = KINDS[severity]
        counts[kind] += 1
        lines.append(_command(kind, title, at.first_line(), message))

    for problem in silent_problems(report):
        annotate(Severity.HIGH, "problem", problem.at, problem.message)
    for finding in sorted(report.findings, key=lambda one: (not report.is_new(one), -one.severity)):
        path = in_one_line(finding)
        message = f"{finding.message}. Path: {path}" if path else finding.message
        new = "new " if report.is_new(finding) else ""
        annotate(finding.severity, f"{new}{finding.severity}[{finding.name}]", finding.at, message)
    remarks = [f"note: {bounded(note)}" for note in report.notes]
    remarks.append(f"{summary(report)}; knowledge {report.short_knowledge}")
    hidden = sum(max(count - SHOWN, 0) for count in counts.values())
    if hidden:
        remarks.append(
            f"{hidden:,} of {len(lines):,} are not annotated: GitHub shows {SHOWN} errors, {SHOWN} warnings and "
            f"{SHOWN} notices of a step. Upload the report as SARIF to see all of them"
        )
    return "\n".join([*lines, *(inert(remark) for remark in remarks)]) + "\n"


def _command(kind: str, title: str, at: Span, message: str) -> str:
    line, column = at.begin
    properties = (
        f"file={_property(at.source.committed)},line={line},endLine={line},col={column},endColumn={at.finish.column},"
        f"title={_property(title)}"
    )
    return f"::{kind} {properties}::{_data(bounded(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")
