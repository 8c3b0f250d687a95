"""For programs: the whole report as one JSON object. Its shape is a contract; `schema` counts its versions.

Texts are as they were found: the file is ASCII, so `\\u` escapes carry what no encoding can, lone surrogates included.
"""

from json import dumps
from typing import Final

from scanner import __version__
from scanner.model.finding import Finding, Note, Severity
from scanner.model.source import Position, Span
from scanner.report.escape import inert_json
from scanner.results import Report

SCHEMA: Final = 1

Json = None | int | str | list["Json"] | dict[str, "Json"]


def write(report: Report) -> str:
    counts = dict.fromkeys(sorted(Severity, reverse=True), 0)
    for finding in report.findings:
        counts[finding.severity] += 1
    document: dict[str, Json] = {
        "schema": SCHEMA,
        "tool": {"name": "snowfence", "version": __version__},
        "root": report.root,
        "now": report.now.isoformat(),
        "policies": list(report.policies),
        "knowledge": report.knowledge,
        "inputs": report.inputs,
        "summary": {str(severity): count for severity, count in counts.items()},
        "findings": [to_data(finding) for finding in report.findings],
        "problems": [
            {"path": problem.at.shown, **_position(problem.at.begin), "message": problem.message}
            for problem in report.problems
        ],
        "unknowns": [
            {"rule": unknown.rule, **_place(unknown.at), "reason": unknown.reason}
            for unknown in report.unknowns
        ],
        "notes": list(report.notes),
    }
    return inert_json(dumps(document, indent=1)) + "\n"


def to_data(finding: Finding) -> Json:
    """A finding as it stands in JSON."""
    return {
        "rule": finding.rule,
        "variant": finding.variant,
        "severity": str(finding.severity),
        "confidence": str(finding.confidence),
        "subject": finding.subject,
        **_place(finding.at),
        "message": finding.message,
        "related": [_note(note) for note in finding.related],
        "flow": [_note(note) for note in finding.flow],
        "fingerprint": finding.fingerprint,
    }


def _note(note: Note) -> Json:
    return {**_place(note.at), "message": note.message}


def _place(at: Span) -> dict[str, Json]:
    return {"path": at.shown, "start": _position(at.begin), "end": _position(at.finish)}


def _position(position: Position) -> dict[str, Json]:
    return {"line": position.line, "column": position.column}
