"""For people: every finding with its line of source, grouped by file, and one line that sums up.

The shape is that of rustc and zizmor. Nothing here may be slow to import, and the work is linear in what is shown: of a
line only the part around the span is looked at.
"""

from collections.abc import Iterator
from typing import Final

from scanner.model.finding import Finding, Note, Problem, Severity, Undecided
from scanner.model.source import Span
from scanner.report.escape import bounded, inert, visible
from scanner.results import Report

UNREADABLE: Final = "unreadable-input"
NOTES: Final = 6
"""Related places shown for one finding."""

_TAB: Final = "    "
_COLOURS: Final = {
    Severity.CRITICAL: "1;35",
    Severity.HIGH: "1;31",
    Severity.MEDIUM: "1;33",
    Severity.LOW: "1;36",
    Severity.INFO: "1;32",
}
_BOLD: Final = "1"
_RULE: Final = "1;34"
_FAINT: Final = "2"


def write(report: Report, *, colour: bool = False, quiet: bool = False, width: int = 120) -> str:
    """`width` crops long lines of source. `quiet` leaves findings and problems only."""
    return _Text(colour, max(width, 40)).report(report, quiet)


class _Text:
    def __init__(self, colour: bool, width: int) -> None:
        self.colour = colour
        self.width = width

    def paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text

    def report(self, report: Report, quiet: bool) -> str:
        silent = list(silent_problems(report))
        blocks = [self.finding(finding) for finding in report.findings]
        blocks += [self.problem(problem) for problem in silent]
        if not quiet:
            if report.unknowns:
                blocks.append([self.undecided(unknown) for unknown in report.unknowns])
            if report.notes:
                blocks.append([f"{self.paint(_BOLD, 'note')}: {bounded(note)}" for note in report.notes])
            blocks.append([self.paint(_BOLD, summary(report))])
        return (
            inert("\n".join([line for block in blocks for line in (*block, "")][:-1])) + "\n"
            if blocks
            else ""
        )

    # ------------------------------------------------------------ blocks

    def finding(self, finding: Finding) -> list[str]:
        colour = _COLOURS[finding.severity]
        name = finding.rule if finding.variant is None else f"{finding.rule}/{finding.variant}"
        lines = self.block(f"{finding.severity}[{visible(name)}]", colour, finding.message, finding.at)
        margin = " " * len(str(finding.at.begin.line))
        # The place itself may end its own flow; it has been shown.
        notes = [*(note for note in finding.flow if note.at != finding.at), *finding.related]
        lines += [f"{margin} {self.paint(_RULE, '=')} {self.note(note)}" for note in notes[:NOTES]]
        if len(notes) > NOTES:
            lines.append(f"{margin} {self.paint(_RULE, '=')} and {len(notes) - NOTES} further places")
        return lines

    def problem(self, problem: Problem) -> list[str]:
        return self.block("problem", _COLOURS[Severity.HIGH], problem.message, problem.at)

    def undecided(self, unknown: Undecided) -> str:
        head = self.paint(_COLOURS[Severity.INFO], f"undecided[{visible(unknown.rule)}]")
        return f"{head}: {where(unknown.at)}: {bounded(unknown.reason)}"

    def note(self, note: Note) -> str:
        return f"{self.paint(_BOLD, 'note')}: {where(note.at)}: {bounded(note.message)}"

    def block(self, head: str, colour: str, message: str, at: Span) -> list[str]:
        number = str(at.begin.line)
        margin = " " * len(number)
        bar = self.paint(_RULE, "|")
        lines = [
            f"{self.paint(colour, head)}{self.paint(_BOLD, f': {bounded(message)}')}",
            f"{margin}{self.paint(_RULE, '-->')} {where(at)}",
        ]
        if at.source.text:
            before, marked, after = _excerpt(at, self.width - len(number) - 3)
            carets = "^" * max(columns(marked), 1)
            shown = f"{before}{marked}{after}".rstrip()
            lines += [
                f"{margin} {bar}",
                f"{self.paint(_RULE, number)} {bar} {shown}".rstrip(),
                f"{margin} {bar} {' ' * columns(before)}{self.paint(colour, carets)}",
            ]
        return lines


def where(at: Span) -> str:
    """`path:line:column`, which terminals and editors turn into a link."""
    line, column = at.begin
    return f"{visible(at.shown)}:{line}:{column}"


def silent_problems(report: Report) -> Iterator[Problem]:
    """The problems that no finding shows, since the policy leaves out the rule that would."""
    if report.problems:
        shown = {(finding.at, finding.message) for finding in report.findings if finding.rule == UNREADABLE}
        for problem in report.problems:
            if (problem.at, problem.message) not in shown:
                yield problem


def summary(report: Report) -> str:
    """One line: what was found, where, how bad, and what could not be decided or read."""
    found = len(report.findings)
    parts: list[str] = []
    if found:
        counts: dict[Severity, int] = {}
        for finding in report.findings:
            counts[finding.severity] = counts.get(finding.severity, 0) + 1
        files = len({finding.at.shown for finding in report.findings})
        severities = ", ".join(f"{counts[one]} {one}" for one in sorted(counts, reverse=True))
        # A finding may also stand in a file that could not be read as an input.
        inputs = max(files, report.inputs)
        parts.append(f"{_count(found, 'finding')} in {files} of {_count(inputs, 'file')}: {severities}")
    else:
        parts.append(f"No findings in {_count(report.inputs, 'file')}")
    if report.unknowns:
        parts.append(f"{len(report.unknowns)} undecided")
    silent = sum(1 for _ in silent_problems(report))
    if silent:
        parts.append(_count(silent, "problem"))
    return "; ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


# ---------------------------------------------------------------- the line of source


def _excerpt(at: Span, room: int) -> tuple[str, str, str]:
    """What stands before, in and behind the first line of the span, shown in at most `room` columns."""
    text, starts = at.source.text, at.source.line_starts
    line = at.begin.line
    begin = starts[line - 1]
    end = starts[line] if line < len(starts) else len(text)
    while end > begin and text[end - 1] in "\r\n":
        end -= 1
    start = min(at.start, end)
    stop = max(start, min(at.end, end))
    # A character takes a column or more, so what is further away than `room` cannot be shown.
    before = _shown(text[max(begin, start - room - 1) : start])
    marked = _shown(text[start : min(stop, start + room + 1)])
    after = _shown(text[stop : min(end, stop + room + 1)])
    if columns(before) + columns(marked) + columns(after) <= room:
        return before, marked, after
    marked = _head(marked, room)
    left = room - columns(marked)
    after_room = min(columns(after), left // 3)
    before = _tail(before, left - after_room)
    return before, marked, _head(after, left - columns(before))


def _shown(text: str) -> str:
    return visible(text.replace("\t", _TAB))


def columns(text: str) -> int:
    """How many columns a terminal gives a text that holds no control characters (UAX #11, wcwidth)."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        2 if east_asian_width(char) in "WF" else 0 if category(char) in ("Mn", "Me") else 1 for char in text
    )


def _head(text: str, room: int) -> str:
    """The beginning of a text in at most `room` columns; `…` where it is cut."""
    if columns(text) <= room:
        return text
    kept, used = 0, 1
    while kept < len(text) and (used := used + columns(text[kept])) <= room:
        kept += 1
    return f"{text[:kept]}…" if room > 0 else ""


def _tail(text: str, room: int) -> str:
    """The end of a text in at most `room` columns; `…` where it is cut."""
    if columns(text) <= room:
        return text
    kept, used = len(text), 1
    while kept > 0 and (used := used + columns(text[kept - 1])) <= room:
        kept -= 1
    return f"…{text[kept:]}" if room > 0 else ""
