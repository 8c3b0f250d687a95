"""CSV for spreadsheets (RFC 4180, UTF-8): a header, then one line for each finding.

A spreadsheet runs a cell that begins like a formula, so that one gets an apostrophe in front, which it takes for "text"
(https://owasp.org/www-community/attacks/CSV_Injection). Columns are only ever added, behind the others.
"""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Final

from scanner.model.finding import Finding
from scanner.report.escape import bounded, inert, visible
from scanner.report.links import pages
from scanner.results import Report

COLUMNS: Final = (
    "severity",
    "confidence",
    "rule",
    "variant",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "message",
    "subject",
    "fingerprint",
    "new",
    "page",
)

_FORMULA: Final = frozenset("=+-@\t\r\n＝＋－＠")
"""What a formula begins with; some spreadsheets take the wide forms for the others."""


def write(report: Report) -> str:
    """`new` is `true` or `false` where the report has a base, else empty."""
    text = StringIO()
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    of_rules = pages(report)
    for finding in report.findings:
        new = "" if report.base is None else str(report.is_new(finding)).lower()
        lines.writerow([*map(_cell, _texts(finding)), new, of_rules.get(finding.rule, "")])
    return inert(text.getvalue())


def _texts(finding: Finding) -> Iterator[str]:
    begin, end = finding.at.begin, finding.at.finish
    yield from (str(finding.severity), str(finding.confidence), finding.rule, finding.variant or "")
    yield bounded(finding.at.source.committed)
    yield from map(str, (begin.line, begin.column, end.line, end.column))
    # A cell of a spreadsheet holds 32,767 characters, that of Python's reader 131,072.
    yield from (bounded(finding.message), bounded(finding.subject), finding.fingerprint)


def _cell(text: str) -> str:
    """A cell that is text, whatever it begins with."""
    shown = visible(text)
    return f"'{shown}" if shown.lstrip()[:1] in _FORMULA and shown.strip() else shown
