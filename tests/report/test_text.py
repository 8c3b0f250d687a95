import re

import pytest
from hypothesis import given

from scanner.model.finding import Ignored, Note, Problem, Severity, Undecided
from scanner.model.source import Position, Source, Span
from scanner.report.chain import PATH_HEAD, PATH_TAIL
from scanner.report.columns import columns
from scanner.report.text import NOTES, write
from scanner.report.words import TAKEN_OUT
from scanner.results import Base, Gate, Report, known_as
from tests.report.reports import PINNED, WORKFLOW, finding, report, reports, span


def test_a_finding() -> None:
    assert write(report(PINNED)) == (
        "high[unreadable-input]: the action is not pinned\n"
        " --> .github/workflows/ci.yml:5:15\n"
        "  |\n"
        "5 |       - uses: actions/checkout@v4\n"
        "  |               ^^^^^^^^^^^^^^^^^^^\n"
        "\n"
        "1 finding in 1 of 3 files: 1 high; knowledge sha256:0\n"
    )


def test_everything_that_a_report_holds() -> None:
    lock = Source("flake.lock", "flake-lock", "{}\n")
    found = write(
        report(
            finding(
                span(WORKFLOW, "push"),
                "privileged",
                variant="privileged",
                severity=Severity.CRITICAL,
                flow=(
                    Note(span(WORKFLOW, "on"), "an outsider starts it"),
                    Note(span(WORKFLOW, "push"), "here"),
                ),
                related=(Note(span(WORKFLOW, "build"), "the job"),),
            ),
            problems=(Problem(Span(lock, 1, 2), "it ends too early"),),
            unknowns=(Undecided("stale-input", Span(lock, 0, 1), "lock:flake.lock", "it has no date"),),
            notes=("git did not answer",),
            inputs=2,
        )
    )
    assert found == (
        "critical[unreadable-input/privileged]: privileged\n"
        " --> .github/workflows/ci.yml:1:5\n"
        "  |\n"
        "1 | on: push\n"
        "  |     ^^^^\n"
        "  = from: .github/workflows/ci.yml:1:1: an outsider starts it: `on`\n"
        "  =   to: here: here\n"
        "  = note: .github/workflows/ci.yml:3:3: the job\n"
        "\n"
        "problem: it ends too early\n"
        " --> flake.lock:1:2\n"
        "  |\n"
        "1 | {}\n"
        "  |  ^\n"
        "\n"
        "undecided[stale-input]: flake.lock:1:1: it has no date\n"
        "\n"
        "note: git did not answer\n"
        "\n"
        "1 finding in 1 of 2 files: 1 critical; 1 undecided; 1 problem; knowledge sha256:0\n"
    )


def test_many_open_questions_of_one_rule_are_folded() -> None:
    many = tuple(Undecided("a-rule", PINNED.at, "", f"no date of {number}") for number in range(495))
    few = tuple(Undecided("b-rule", PINNED.at, "", f"no name of {number}") for number in range(4))
    said = write(report(unknowns=(*many, *few)))
    assert said.count("no date of") == 3
    assert said.count("no name of") == 4
    assert "undecided[a-rule]: and 492 more; `--format json` lists all\n" in said


def test_questions_that_are_open_for_one_reason_are_said_together() -> None:
    away = "the server is away"
    many = tuple(
        Undecided(rule, PINNED.at, "", f"nobody can tell {number}, because {away}", away)
        for rule in ("a-rule", "b-rule")
        for number in range(4)
    )
    other = Undecided("a-rule", PINNED.at, "", "nobody can tell 9, because it is hidden", "it is hidden")
    said = write(report(unknowns=(*many, other)))
    assert said.count(away) == 1
    assert (
        "undecided[2 rules]: 8 questions have no answer, because the server is away; `--format json` lists them\n"
        in said
    )
    assert (
        "undecided[a-rule]: .github/workflows/ci.yml:5:15: nobody can tell 9, because it is hidden\n" in said
    )


def test_accepted_findings_stand_behind_the_others_when_asked_for() -> None:
    taken = tuple(Ignored(PINNED, PINNED.at, "", by) for by in TAKEN_OUT)
    made = report(PINNED, ignored=taken)
    assert "accepted high[" not in write(made)
    heads = [line for line in write(made, quiet=True, show_accepted=True).splitlines() if "[unread" in line]
    assert [line.partition("[")[0] for line in heads] == ["high", "accepted high"]


def test_quiet_leaves_findings_and_problems() -> None:
    silent = Problem(Span(WORKFLOW, 0, 2), "silent")
    shown = write(
        report(
            PINNED,
            problems=(silent, Problem(PINNED.at, PINNED.message)),
            unknowns=(Undecided("a", PINNED.at, "b", "c"),),
            notes=("a note",),
        ),
        quiet=True,
    )
    assert [line for line in shown.splitlines() if "]: " in line or line.startswith("problem")] == [
        "high[unreadable-input]: the action is not pinned",
        "problem: silent",
    ]
    assert "note" not in shown
    assert "1 finding" not in shown
    assert write(report(), quiet=True) == ""


@pytest.mark.parametrize(
    ("made", "summary"),
    [
        (report(inputs=9), "No findings in 9 files"),
        (report(inputs=1), "No findings in 1 file"),
        (
            report(*[finding(PINNED.at, severity=one) for one in (*Severity, Severity.LOW)], inputs=9),
            "6 findings in 1 of 9 files: 1 critical, 1 high, 1 medium, 2 low, 1 info",
        ),
        # A file that could not be read is no input, and yet has a finding.
        (report(PINNED, inputs=0), "1 finding in 1 of 1 file: 1 high"),
        (
            report(
                inputs=1,
                unknowns=(Undecided("a-rule", PINNED.at, "", "no date"),),
                ignored=tuple(Ignored(PINNED, PINNED.at, "", by) for by in (*TAKEN_OUT, "accepted")),
            ),
            "No findings in 1 file; 1 undecided; 1 ignored by comments; 1 excepted by the policy; 2 accepted",
        ),
    ],
)
def test_summary(made: Report, summary: str) -> None:
    assert write(made).splitlines()[-1] == f"{summary}; knowledge sha256:0"


def excerpt(text: str, marked: str, width: int = 60) -> list[str]:
    """The line of source and the line of carets."""
    source = Source("a.yml", "workflow", text)
    return write(report(finding(span(source, marked))), width=width).splitlines()[3:5]


@pytest.mark.parametrize(
    ("text", "marked", "line", "carets"),
    [
        ("\tkey:\tvalue", "value", "1 |     key:    value", "  |             ^^^^^"),
        ("漢字: value", "value", "1 | 漢字: value", "  |       ^^^^^"),
        ("a: 漢字", "漢字", "1 | a: 漢字", "  |    ^^^^"),
        ("e\u0301: value", "value", "1 | e\u0301: value", "  |    ^^^^^"),
        ("\x1b[2J: value", "value", "1 | \\x1b[2J: value", "  |          ^^^^^"),
        ("key: value  \r\n", "key", "1 | key: value", "  | ^^^"),
        ("a: |\n  one\n  two\n", "|\n  one", "1 | a: |", "  |    ^"),
        ("key:", "", "1 | key:", "  | ^"),
    ],
)
def test_carets_stand_below_the_span(text: str, marked: str, line: str, carets: str) -> None:
    assert excerpt(text, marked) == [line, carets]


@pytest.mark.parametrize(
    "text", ["x" * 500 + "SPAN" + "y" * 500, "漢" * 500 + "SPAN" + "字" * 500, "SPAN" + "x" * 900]
)
def test_a_long_line_is_cropped_around_the_span(text: str) -> None:
    line, carets = excerpt(text, "SPAN", width=60)
    assert columns(line) <= 60
    assert "…" in line
    before = line[: line.index("SPAN")]
    assert carets == "  | " + " " * (columns(before) - 4) + "^^^^"


def test_a_span_that_is_too_long_itself_is_cut() -> None:
    line, carets = excerpt("key: " + "x" * 500, "x" * 500, width=60)
    assert columns(line) <= 60
    assert line.endswith("x…")
    assert len(carets) <= 60


def test_a_file_without_text_has_no_excerpt() -> None:
    assert write(report(finding(Span(Source("flake.lock", "flake-lock"), 0, 0)))).splitlines()[:3] == [
        "high[unreadable-input]: the action is not pinned",
        " --> flake.lock:1:1",
        "",
    ]


def test_colour_only_when_asked_for() -> None:
    plain, coloured = write(report(PINNED)), write(report(PINNED), colour=True)
    assert "\x1b" not in plain
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == plain


def test_the_work_of_one_finding_does_not_grow_with_its_line() -> None:
    """Many findings in a lock of one line: what is read of it is bounded, whatever its length."""

    class Counting(str):
        __slots__ = ()
        read = 0

        def __getitem__(self, key: object) -> str:
            part = str.__getitem__(self, key)  # type: ignore[index]
            Counting.read += len(part)
            return part

    class Elsewhere(Source):
        def position(self, offset: int) -> Position:
            return Position(1, offset + 1)

    source = Elsewhere("flake.lock", "flake-lock", Counting("x" * 100_000))
    write(report(finding(Span(source, 50_000, 50_010))))
    assert Counting.read < 1000


@given(reports)
def test_no_line_is_obeyed_by_a_terminal_or_a_runner(made: Report) -> None:
    found = write(made, width=50, show_accepted=True)
    assert "##[" not in found
    assert all(char == "\n" or char >= " " for char in found)
    for line in found.split("\n"):
        assert not line.strip().startswith("::")
        assert "".join(line.splitlines()) == line
    found.encode("utf-8")


@given(reports)
def test_every_caret_stands_within_the_width(made: Report) -> None:
    for line in write(made, width=50).split("\n"):
        if re.match(r" +\| +\^", line):
            assert columns(line) <= 50


def test_messages_are_wrapped_at_words_for_a_terminal() -> None:
    made = report(
        finding(
            PINNED.at,
            "one two three four five six seven eight nine ten eleven",
            related=(Note(span(WORKFLOW, "build"), "the job that runs it"),),
        )
    )
    assert write(made, width=44, quiet=True).splitlines() == [
        "high[unreadable-input]: one two three four",
        "    five six seven eight nine ten eleven",
        " --> .github/workflows/ci.yml:5:15",
        "  |",
        "5 |       - uses: actions/checkout@v4",
        "  |               ^^^^^^^^^^^^^^^^^^^",
        "  = note: .github/workflows/ci.yml:3:3: the",
        "        job that runs it",
    ]
    assert "nine ten eleven\n" in write(made)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_colour_runs_over_the_end_of_a_line(width: int) -> None:
    made = report(finding(PINNED.at, "word " * 60, related=(Note(PINNED.at, "word " * 60),)))
    for line in write(made, width=width, colour=True).splitlines():
        assert line.count("\x1b[0m") * 2 == line.count("\x1b[")
        assert columns(re.sub("\x1b\\[[0-9;]*m", "", line)) <= width


def path_of(*flow: Note, width: int | None = None) -> list[str]:
    """The lines of a finding behind the excerpt."""
    return write(report(finding(PINNED.at, flow=flow)), quiet=True, width=width).splitlines()[5:]


def test_a_path_is_told_from_its_beginning_to_the_place_of_the_finding() -> None:
    assert path_of(
        Note(span(WORKFLOW, "push"), "the title of an issue"),
        Note(span(WORKFLOW, "build"), "kept in `build`"),
        Note(PINNED.at, "becomes part of the code"),
    ) == [
        "  = from: .github/workflows/ci.yml:1:5: the title of an issue: `push`",
        "  =   to: .github/workflows/ci.yml:3:3: kept in `build`",  # which says its text already
        "  =   to: here: becomes part of the code",
    ]


def test_what_the_place_before_has_shown_is_not_shown_again() -> None:
    lines = path_of(
        Note(span(WORKFLOW, "build"), "a name"),
        Note(span(WORKFLOW, "  build:"), "of a job"),
        Note(span(WORKFLOW, "steps"), "of a step"),
    )
    assert [line.partition(":3")[2].partition(": ")[2] for line in lines[:2]] == [
        "a name: `build`",
        "of a job",
    ]
    assert lines[2].endswith("of a step: `steps`")


def test_a_place_on_the_path_shows_the_beginning_of_its_text_without_secrets() -> None:
    source = Source(
        "a.yml", "workflow", "a: https://user:hunter2hunter2@host.org/" + "x" * 90_000 + "\nb: c\n"
    )
    (line, _) = path_of(Note(Span(source, 0, len(source.text)), "begins"), Note(PINNED.at, "ends"))
    assert line.endswith("…`")
    assert len(line) < 100
    assert "hunter2" not in line


@pytest.mark.parametrize("size", [2, 22, PATH_HEAD + PATH_TAIL])
def test_a_path_is_shown_whole(size: int) -> None:
    lines = path_of(*[Note(Span(WORKFLOW, at, at), f"hop {at}") for at in range(size)])
    assert len(lines) == size


def test_of_an_endless_path_the_beginning_and_the_end_are_shown() -> None:
    lines = path_of(*[Note(Span(WORKFLOW, at, at), f"hop {at}.") for at in range(80)])
    assert len(lines) == PATH_HEAD + PATH_TAIL + 1
    assert "hop 0." in lines[0]
    assert lines[PATH_HEAD] == f"  =   ..: {80 - PATH_HEAD - PATH_TAIL} places in between"
    assert "hop 79." in lines[-1]


def test_a_path_does_not_count_among_the_related_places() -> None:
    hops = tuple(Note(Span(WORKFLOW, at, at), f"hop {at}") for at in range(NOTES))
    related = (Note(span(WORKFLOW, "build"), "a place"),) * NOTES
    found = write(report(finding(PINNED.at, flow=hops, related=related)), quiet=True)
    assert found.count("hop ") == NOTES
    assert found.count("a place") == NOTES
    assert "more" not in found


def test_only_the_first_related_places_are_shown() -> None:
    made = report(finding(PINNED.at, related=(Note(PINNED.at, "a place"),) * (NOTES + 2)))
    lines = write(made, quiet=True).splitlines()
    assert lines[-1] == "  = and 2 more"
    assert sum("a place" in line for line in lines) == NOTES


def many() -> Report:
    ones = [finding(PINNED.at, "one"), *(finding(span(WORKFLOW, "push"), "two") for _ in range(3))]
    worst = finding(span(WORKFLOW, "jobs"), "three", severity=Severity.CRITICAL, variant="executed")
    return report(finding(PINNED.at, "low", severity=Severity.LOW), *ones, worst)._replace(
        gate=Gate((Severity.HIGH,), 5)
    )


def test_the_end_says_where_the_worst_stands_and_whether_the_run_fails() -> None:
    assert write(many()).endswith(
        "\n\nlook at these first:\n"
        "  critical[unreadable-input/executed] .github/workflows/ci.yml:2:1\n"
        "  high[unreadable-input] .github/workflows/ci.yml:5:15\n"
        "  high[unreadable-input] .github/workflows/ci.yml:1:5 and 2 more places\n"
        "\n6 findings in 1 of 3 files: 1 critical, 4 high, 1 low; knowledge sha256:0\n"
        "fails the gate: 5 findings at or above high\n"
    )
    assert "look at these first" not in write(report(PINNED, PINNED, PINNED))
    quiet = write(many(), quiet=True)
    assert "look at these first" not in quiet and "gate" not in quiet


@pytest.mark.parametrize("width", [40, 60, 80])
def test_the_end_fits_into_the_terminal(width: int) -> None:
    _, _, end = write(many(), width=width).partition("look at these first")
    assert max(map(columns, end.splitlines())) <= max(width, 48)
    assert ".github/workflows/ci.yml:1:5 and 2 more places" in end.replace("\n   ", "")


def test_new_ones_are_looked_at_first() -> None:
    made = many()
    worst = made.findings[-1]._replace(fingerprint="worst:1")
    base = Base("main", frozenset([known_as(worst)]), ())
    text = write(made._replace(findings=(*made.findings[:-1], worst), base=base))
    assert "first:\n  new high[unreadable-input] .github/workflows/ci.yml:5:15\n" in text
