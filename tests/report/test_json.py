import json
from typing import Any

import pytest
from hypothesis import given

from scanner.model.finding import Ignored, IgnoredBy, Note, Problem, Severity, Undecided
from scanner.report.json import write
from scanner.report.words import TAKEN_OUT
from scanner.results import Report
from tests.report.reports import PINNED, WORKFLOW, finding, report, reports, span


def read(made: Report) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(write(made))
    return found


def test_the_contract() -> None:
    found = read(
        report(
            PINNED._replace(
                variant="privileged",
                related=(Note(span(WORKFLOW, "build"), "the job"),),
                flow=(Note(span(WORKFLOW, "push"), "starts"),),
            ),
            problems=(Problem(span(WORKFLOW, "jobs"), "no jobs"),),
            unknowns=(Undecided("stale-input", span(WORKFLOW, "on"), "subject", "no date"),),
            notes=("a note",),
        )
    )
    path = ".github/workflows/ci.yml"
    assert found["schema"] == 1
    assert found["root"] == "."
    assert found["findings"] == [
        {
            "rule": "unreadable-input",
            "variant": "privileged",
            "severity": "high",
            "confidence": "medium",
            "subject": f"file:{path}",
            "path": path,
            "start": {"line": 5, "column": 15},
            "end": {"line": 5, "column": 34},
            "message": "the action is not pinned",
            "related": [
                {
                    "path": path,
                    "start": {"line": 3, "column": 3},
                    "end": {"line": 3, "column": 8},
                    "message": "the job",
                }
            ],
            "flow": [
                {
                    "path": path,
                    "start": {"line": 1, "column": 5},
                    "end": {"line": 1, "column": 9},
                    "message": "starts",
                }
            ],
            "fingerprint": "0123456789abcdef:1",
            "fix": None,
        }
    ]
    assert found["problems"] == [{"path": path, "line": 2, "column": 1, "message": "no jobs"}]
    assert found["unknowns"] == [
        {
            "rule": "stale-input",
            "subject": "subject",
            "path": path,
            "start": {"line": 1, "column": 1},
            "end": {"line": 1, "column": 3},
            "reason": "no date",
        }
    ]
    assert found["notes"] == ["a note"]
    assert found["files"] == 3
    assert found["policies"] == ["recommended"]
    assert found["knowledge"] == "sha256:0"
    assert found["now"] == "2026-11-22"
    assert found["tool"]["name"] == "snowfence"
    assert found["summary"] == {"critical": 0, "high": 1, "medium": 0, "low": 0, "info": 0}


@pytest.mark.parametrize("by", TAKEN_OUT)
def test_what_is_taken_out_names_what_did_it_and_where(by: IgnoredBy) -> None:
    [one] = read(report(ignored=(Ignored(PINNED, span(WORKFLOW, "build"), "it is meant", by),)))["ignored"]
    assert (one["by"], one["reason"]) == (by, "it is meant")
    assert (one[by]["path"], one[by]["start"]) == (WORKFLOW.path, {"line": 3, "column": 3})
    assert one["finding"]["fingerprint"] == PINNED.fingerprint


def test_summary_counts_every_severity() -> None:
    made = report(*[finding(PINNED.at, severity=one) for one in (*Severity, Severity.LOW)])
    assert read(made)["summary"] == {"critical": 1, "high": 1, "medium": 1, "low": 2, "info": 1}


@given(reports)
def test_texts_come_back_as_they_were(made: Report) -> None:
    text = write(made)
    assert text.isascii()
    assert "##[" not in text
    assert not any(line.strip().startswith("::") for line in text.splitlines())
    found = json.loads(text)
    assert [one["message"] for one in found["findings"]] == [one.message for one in made.findings]
    assert [one["path"] for one in found["findings"]] == [one.at.shown for one in made.findings]
    assert [one["reason"] for one in found["unknowns"]] == [one.reason for one in made.unknowns]
    assert found["notes"] == list(made.notes)
    assert text == write(made)
