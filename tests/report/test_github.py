import re

import pytest
from hypothesis import given

from scanner.model.finding import Note, Problem, Severity
from scanner.model.source import Source, Span
from scanner.report.github import SHOWN, write
from scanner.results import Base, Report, known_as
from tests.report.reports import PINNED, WORKFLOW, finding, report, reports, span


def test_a_finding() -> None:
    assert write(report(PINNED)) == (
        "::error file=.github/workflows/ci.yml,line=5,endLine=5,col=15,endColumn=34,"
        "title=high[unreadable-input]::the action is not pinned\n"
        "1 finding in 1 of 3 files: 1 high; knowledge sha256:0\n"
    )


@pytest.mark.parametrize(
    ("severity", "kind"),
    [
        (Severity.CRITICAL, "error"),
        (Severity.HIGH, "error"),
        (Severity.MEDIUM, "warning"),
        (Severity.LOW, "notice"),
        (Severity.INFO, "notice"),
    ],
)
def test_kinds(severity: Severity, kind: str) -> None:
    assert write(report(finding(PINNED.at, severity=severity))).startswith(f"::{kind} file=")


def test_escaping() -> None:
    source = Source("a,b:c%.yml", "workflow", "x")
    line = write(
        report(finding(Span(source, 0, 1), "100%\n::error::x, \x1b[1m", variant="a:b,c"))
    ).splitlines()[0]
    assert line == (
        "::error file=a%2Cb%3Ac%25.yml,line=1,endLine=1,col=1,endColumn=2,"
        "title=high[unreadable-input/a%3Ab%2Cc]::100%25\\n::error::x, \\x1b[1m"
    )


def test_a_path_stands_in_one_line_behind_the_message() -> None:
    hops = (
        Note(span(WORKFLOW, "push"), "the title of an issue"),
        Note(PINNED.at, "becomes part of\nthe code"),
    )
    line = write(report(finding(PINNED.at, flow=hops))).splitlines()[0]
    assert line.endswith(
        "::the action is not pinned. Path: the title of an issue → becomes part of\\nthe code"
    )


def test_the_most_severe_come_first_and_what_is_not_annotated_is_said() -> None:
    found = write(
        report(
            *[
                finding(PINNED.at, f"medium {number}", severity=Severity.MEDIUM)
                for number in range(SHOWN + 2)
            ],
            *[finding(PINNED.at, f"high {number}") for number in range(SHOWN)],
            finding(PINNED.at, "critical", severity=Severity.CRITICAL),
        )
    ).splitlines()
    assert found[0].endswith("::critical")
    assert found[1].endswith("::high 0")
    assert found[SHOWN + 1].endswith("::medium 0")
    assert found[-1] == (
        "3 of 23 are not annotated: GitHub shows 10 errors, 10 warnings and 10 notices of a step. "
        "Upload the report as SARIF to see all of them"
    )


def test_new_ones_come_first() -> None:
    known = finding(PINNED.at, "known", severity=Severity.CRITICAL)._replace(fingerprint="1:1")
    new = finding(PINNED.at, "new", severity=Severity.LOW)._replace(fingerprint="2:1")
    made = report(known, new)._replace(base=Base("main", frozenset({known_as(known)}), ()))
    found = write(made).splitlines()
    assert found[0].startswith("::notice ")
    assert found[0].endswith("title=new low[unreadable-input]::new")
    assert found[1].endswith("title=critical[unreadable-input]::known")
    assert "1 new, 0 gone" in found[2]


def test_several_lines_become_one_since_the_runner_refuses_columns_otherwise() -> None:
    line = write(report(finding(span(WORKFLOW, "jobs:\n  build")))).splitlines()[0]
    assert "line=2,endLine=2,col=1,endColumn=6," in line


def test_problems_without_a_finding_are_annotated() -> None:
    problem = Problem(PINNED.at, PINNED.message)
    assert write(report(problems=(problem,))).startswith("::error file=.github/workflows/ci.yml,line=5,")
    assert write(report(PINNED, problems=(problem,))).count("::error ") == 1


@given(reports)
def test_one_command_for_each_finding_and_no_other(made: Report) -> None:
    text = write(made)
    assert all(char == "\n" or char >= " " for char in text)
    commands = [line for line in text.splitlines() if line.lstrip().startswith("::")]
    assert len(commands) == len(made.findings) + len(
        {(one.at, one.message) for one in made.problems} - {(one.at, one.message) for one in made.findings}
    )
    for command in commands:
        match = re.match(
            r"::(error|warning|notice) file=[^,:]+,line=\d+,endLine=\d+,col=(\d+),endColumn=(\d+),title=[^,:]+::",
            command,
        )
        assert match is not None
        assert int(match[2]) <= int(match[3])
    assert not any("##[" in line for line in text.splitlines() if line not in commands)
