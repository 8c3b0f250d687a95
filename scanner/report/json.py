"""For programs: the whole report as one JSON object. Its shape is a contract; `schema` counts its versions.

Texts are as they were found: the file is ASCII, so `\\u` escapes carry what no encoding can, lone surrogates included.
"""

from collections.abc import Iterable
from json import dumps
from typing import Final

from scanner import __version__
from scanner.model.finding import Finding, Fix, Note, Problem, Severity
from scanner.model.json import Json
from scanner.model.source import Position, Span
from scanner.report.escape import inert_json
from scanner.results import Report

SCHEMA: Final = 1


def write(report: Report) -> str:
    return document(
        report,
        {"root": report.root, "files": report.inputs},
        {
            **_base(report),
            "summary": summary(report.findings),
            "gate": _gate(report),
            "findings": [
                to_data(finding, None if report.base is None else report.is_new(finding))
                for finding in report.findings
            ],
            "problems": [problem_data(problem) for problem in report.problems],
            "unknowns": [
                {
                    "rule": unknown.rule,
                    "subject": unknown.subject,
                    **_place(unknown.at),
                    "reason": unknown.reason,
                }
                for unknown in report.unknowns
            ],
            "ignored": [
                {
                    "finding": to_data(one.finding),
                    "by": one.by,
                    "at": _place(one.at),
                    one.by: _place(one.at),  # what stands there by its name, as readers of comments know it
                    "reason": one.reason,
                }
                for one in report.ignored
            ],
        },
    )


def document(report: Report, subject: dict[str, Json], found: dict[str, Json], schema: int = SCHEMA) -> str:
    """A document of any command: what every one begins and ends with, around what it is about and what it found."""
    whole: dict[str, Json] = {
        "schema": schema,
        "tool": {"name": "snowfence", "version": __version__},
        **subject,
        "now": report.now.isoformat(),
        "policies": list(report.policies),
        "knowledge": report.knowledge,
        **found,
        "notes": list(report.notes),
    }
    return inert_json(dumps(whole, indent=1)) + "\n"


def _gate(report: Report) -> Json:
    """What fails the run; null where nothing does."""
    gate = report.gate
    return {"least": [str(one) for one in gate.least], "failing": gate.failing} if gate is not None else None


def summary(findings: Iterable[Finding]) -> Json:
    """The number of findings of each severity, the highest first."""
    counts = dict.fromkeys(sorted(Severity, reverse=True), 0)
    for finding in findings:
        counts[finding.severity] += 1
    return {str(severity): count for severity, count in counts.items()}


def problem_data(problem: Problem) -> dict[str, Json]:
    """What could not be read, as it stands in JSON."""
    return {"path": problem.at.shown, **_position(problem.at.begin), "message": problem.message}


def _base(report: Report) -> dict[str, Json]:
    if report.base is None:
        return {}
    return {"base": {"name": report.base.name, "gone": [to_data(one) for one in report.base.gone]}}


def to_data(finding: Finding, new: bool | None = None) -> Json:
    """A finding as it stands in JSON; `new` is whether the base does not have it, None without one."""
    return {
        "rule": finding.rule,
        "variant": finding.variant,
        "severity": str(finding.severity),
        "confidence": str(finding.confidence),
        "subject": finding.subject,
        **_place(finding.at),
        "message": finding.message,
        "related": [note_data(note) for note in finding.related],
        "flow": [note_data(note) for note in finding.flow],
        "fingerprint": finding.fingerprint,
        "fix": None if finding.fix is None else _fix_data(finding.fix),
        **({} if new is None else {"new": new}),
    }


def _fix_data(fix: Fix) -> Json:
    edits: list[Json] = [{**_place(edit.at), "text": edit.text} for edit in fix.edits]
    return {"what": fix.what, "edits": edits}


def note_data(note: Note) -> Json:
    """A further place, or one of a path, as it stands in JSON."""
    return {**_place(note.at), "message": note.message}


def _place(at: Span) -> dict[str, Json]:
    return {"path": at.shown, "start": _position(at.begin), "end": _position(at.finish)}


def _position(position: Position) -> dict[str, Json]:
    return {"line": position.line, "column": position.column}
