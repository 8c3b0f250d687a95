"""GitLab's code-quality report: a JSON list of issues, which its merge requests compare with those of the target branch.

The keys and the five severities are those of https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.
GitLab tells issues apart by their fingerprints, so each has one of its own.
"""

from hashlib import sha256
from json import dumps
from typing import Final

from scanner.model.finding import Finding, Severity
from scanner.model.json import Json
from scanner.report.escape import bounded, inert_json, visible
from scanner.results import Report, known_as

SEVERITIES: Final = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}


def write(report: Report) -> str:
    seen: dict[str, int] = {}
    issues: list[Json] = []
    for finding in report.findings:
        key = known_as(finding)
        number = seen[key] = seen.get(key, 0) + 1
        issues.append(_issue(finding, key if number == 1 else f"{key}#{number}"))
    return inert_json(dumps(issues, indent=1)) + "\n"


def _issue(finding: Finding, key: str) -> Json:
    return {
        "description": bounded(finding.message),
        "check_name": finding.rule,
        "fingerprint": sha256(key.encode("utf-8", "surrogatepass")).hexdigest(),
        "severity": SEVERITIES[finding.severity],
        "location": {
            "path": visible(finding.at.source.committed),
            "lines": {"begin": finding.at.begin.line},
        },
    }
