"""CSV, read back by Python's reader; nothing is a formula."""

import csv
import io

import pytest
from hypothesis import given

from scanner import HOME, __version__
from scanner.model.source import Source, Span
from scanner.report.csv import COLUMNS, write
from scanner.results import Base, Report, known_as
from tests.report.reports import PINNED, finding, report, reports


def rows(made: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(write(made), newline=""), strict=True))


def test_a_finding() -> None:
    assert rows(report(PINNED)) == [
        {
            "severity": "high",
            "confidence": "medium",
            "rule": "unreadable-input",
            "variant": "",
            "path": ".github/workflows/ci.yml",
            "line": "5",
            "column": "15",
            "end_line": "5",
            "end_column": "34",
            "message": "the action is not pinned",
            "subject": "file:.github/workflows/ci.yml",
            "fingerprint": "0123456789abcdef:1",
            "new": "",
            "page": f"{HOME}/blob/v{__version__}/docs/rules/unreadable-input.md",
        }
    ]


def test_nothing_found_is_a_header() -> None:
    assert write(report()) == f"{','.join(COLUMNS)}\r\n"


def test_new() -> None:
    made = report(PINNED)
    assert rows(made._replace(base=Base("main", frozenset(), ())))[0]["new"] == "true"
    known = Base("main", frozenset({known_as(PINNED)}), ())
    assert rows(made._replace(base=known))[0]["new"] == "false"


def test_the_path_is_that_in_the_checkout() -> None:
    source = Source("flake.lock", "lock", "x", prefix="a/", base="svc/")
    assert rows(report(finding(Span(source, 0, 1))))[0]["path"] == "svc/a/flake.lock"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "＝1", " =1", "=cmd|' /C calc'!A0"])
def test_no_cell_is_a_formula(text: str) -> None:
    [row] = rows(report(finding(Span(Source(text, "workflow", "x"), 0, 1), text)))
    assert row["message"] == row["path"] == f"'{text}"


@given(reports)
def test_hostile_findings_are_one_line_each(made: Report) -> None:
    text = write(made)
    assert text.count("\n") == text.count("\r\n") == len(made.findings) + 1
    found = rows(made)
    assert len(found) == len(made.findings)
    for row in found:
        assert set(row) == set(COLUMNS)
        assert not any(value.lstrip().startswith(("=", "+", "-", "@", "\t")) for value in row.values())


def test_cells_are_bounded() -> None:
    """Excel takes 32,767 characters, and Python's reader 131,072."""
    long = "\u202e" * 200_000
    source = Source(f"{long}.yml", "workflow", "x")
    made = report(PINNED._replace(at=Span(source, 0, 1), subject=long, message=long))
    (row,) = rows(made)
    assert max(map(len, row.values())) < 32_767
    assert "(199000 more characters)" in row["subject"]
