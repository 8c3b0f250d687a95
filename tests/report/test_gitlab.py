"""GitLab's code-quality report, against the description of its format."""

import json
import re

import jsonschema
import pytest
from hypothesis import given

from scanner.model.finding import Severity
from scanner.model.source import Source, Span
from scanner.report.gitlab import write
from scanner.results import Report
from tests.report.reports import PINNED, finding, report, reports

SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string"},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "minLength": 1},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
"""What https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format says."""


def test_a_finding() -> None:
    [issue] = json.loads(write(report(PINNED)))
    assert re.fullmatch("[0-9a-f]{64}", issue.pop("fingerprint"))
    assert issue == {
        "description": "the action is not pinned",
        "check_name": "unreadable-input",
        "severity": "critical",
        "location": {"path": ".github/workflows/ci.yml", "lines": {"begin": 5}},
    }


def test_nothing_found() -> None:
    assert write(report()) == "[]\n"


@pytest.mark.parametrize(
    ("severity", "name"),
    list(zip(sorted(Severity), ["info", "minor", "major", "critical", "blocker"], strict=True)),
)
def test_severities(severity: Severity, name: str) -> None:
    assert json.loads(write(report(finding(PINNED.at, severity=severity))))[0]["severity"] == name


def test_paths_are_those_of_the_checkout_and_two_repositories_never_share_a_fingerprint() -> None:
    sources = [Source("ci.yml", "workflow", "x", prefix=f"{name}/", base="all/") for name in ("a", "b")]
    issues = json.loads(write(report(*(finding(Span(source, 0, 1)) for source in sources))))
    assert [one["location"]["path"] for one in issues] == ["all/a/ci.yml", "all/b/ci.yml"]
    assert issues[0]["fingerprint"] != issues[1]["fingerprint"]


def test_a_line_that_moves_keeps_the_fingerprint() -> None:
    moved = Source(PINNED.at.source.path, "workflow", f"\n\n{PINNED.at.source.text}")
    other = PINNED._replace(at=Span(moved, PINNED.at.start + 2, PINNED.at.end + 2))
    one, two = (json.loads(write(report(found)))[0] for found in (PINNED, other))
    assert (one["location"]["lines"]["begin"], two["location"]["lines"]["begin"]) == (5, 7)
    assert one["fingerprint"] == two["fingerprint"]


@given(reports)
def test_hostile_reports_have_the_format(made: Report) -> None:
    text = write(made)
    issues = json.loads(text)
    jsonschema.validate(issues, SCHEMA)
    assert len({one["fingerprint"] for one in issues}) == len(issues) == len(made.findings)
    assert "##[" not in text
