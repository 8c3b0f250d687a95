"""Markdown for comments on pull requests and summaries of runs: what was found, what of it is new, the worst first.

What matters is open, the rest opens with a click; all of it together stays within what GitHub takes for a comment, and what does not
fit is counted.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from scanner import __version__
from scanner.model.counting import counted
from scanner.model.finding import Finding, Ignored, IgnoredBy, Severity
from scanner.model.source import Span
from scanner.report import gfm
from scanner.report.chain import in_one_line
from scanner.report.escape import inert
from scanner.report.links import pages, uri
from scanner.report.text import TAKEN_OUT, by_severity, silent_problems
from scanner.results import Report

MARKER: Final = "<!-- snowfence scan -->"
"""What a workflow looks for when it replaces its comment instead of writing another one."""

OPEN: Final = 15
"""Findings in the table that is not folded."""

NOTES: Final = 5
"""Remarks that are not folded."""

PATH: Final = 300
"""Characters of the path of a finding that are shown."""

_HEADER: Final = ("severity", "where", "finding")
_SHORT: Final = ("where", "what")
_LEAST: Final = 1_500
"""Octets without which a part is counted rather than begun."""

_FOOT: Final = 3_000
"""Octets that are kept for the last lines."""


def write(report: Report, *, blob_url: str | None = None) -> str:
    """`blob_url` is where the scanned state of the repository can be read, behind which a path makes a link
    (`https://github.com/OWNER/NAME/blob/COMMIT/`)."""
    return inert(_Document(report, blob_url).text())


class _Document:
    def __init__(self, report: Report, blob_url: str | None) -> None:
        self.report = report
        self.blob_url = blob_url
        self.pages = pages(report)
        self.parts: list[str] = []
        self.left = gfm.LIMIT - _FOOT
        self.cut: list[str] = []

    def text(self) -> str:
        self.add(f"{MARKER}\n## {_title(self.report)}\n")
        self.add(*_sentences(self.report))
        notes = [f"- note: {gfm.message(note)}\n" for note in self.report.notes]
        if notes:
            self.add(*notes[:NOTES], "\n")
        self.findings()
        self.rest(notes[NOTES:])
        if self.cut:
            self.parts.append(f"Not shown, since it does not fit here: {gfm.escape(', '.join(self.cut))}\n\n")
        return "".join([*self.parts, _foot(self.report)])

    # ------------------------------------------------------------ what fits

    def add(self, *parts: str) -> None:
        for part in parts:
            self.parts.append(part)
            self.left -= gfm.size(part)

    def table(
        self, header: tuple[str, ...], rows: Iterable[tuple[str, ...]], count: int, summary: str | None = None
    ) -> None:
        """A table of `count` rows, folded under a summary where there is one; counted where there is no room for it."""
        said = summary or counted(count, "finding")
        if self.left < _LEAST:
            self.cut.append(said)
            return
        text = gfm.table(header, rows, self.left - 300)
        self.add(f"{text}\n" if summary is None else f"{gfm.folded(summary, text)}\n")

    # ------------------------------------------------------------ findings

    def findings(self) -> None:
        report = self.report
        new = sorted(report.new(), key=lambda one: -one.severity)
        ranked = sorted(report.findings, key=lambda one: -one.severity)
        if report.base is None:
            first, more = ranked[:OPEN], ranked[OPEN:]
            self.open("Look at these first" if more else "Findings", first)
            self.by_severity(more, "more")
            return
        self.open("New", new[:OPEN])
        self.by_severity(new[OPEN:], "more new")
        known = [one for one in ranked if not report.is_new(one)]
        if known:
            what = f"{counted(len(known), 'finding')} known before: {by_severity(known)}"
            self.table(_HEADER, map(self.row, known), len(known), what)
        gone = sorted(report.base.gone, key=lambda one: -one.severity)
        if gone:
            # Their lines are those of the base, to which no link leads.
            rows = ((f"{one.severity}", gfm.code(_place(one.at)), self.said(one)) for one in gone)
            self.table(_HEADER, rows, len(gone), f"{counted(len(gone), 'finding')} gone")

    def open(self, title: str, findings: list[Finding]) -> None:
        if findings:
            self.add(f"### {title}\n\n")
            rows = (self.row(one, whole=True) for one in findings)
            self.table(_HEADER, rows, len(findings))

    def by_severity(self, findings: list[Finding], what: str) -> None:
        """Findings in folds, the worst of which is the first."""
        for severity in sorted({one.severity for one in findings}, reverse=True):
            ones = [one for one in findings if one.severity == severity]
            self.table(_HEADER, map(self.row, ones), len(ones), f"{len(ones):,} {what}: {severity}")

    def row(self, one: Finding, *, whole: bool = False) -> tuple[str, str, str]:
        """`whole`: with its path and what mends it."""
        said = self.said(one)
        if whole:
            path = in_one_line(one)
            if path:
                said += f"<br>Path: {gfm.message(path if len(path) <= PATH else f'{path[: PATH - 1]}…')}"
            if one.fix is not None:
                said += f"<br>Fix: {gfm.message(one.fix.what)}"
        severity = f"**{one.severity}**" if one.severity >= Severity.HIGH else str(one.severity)
        return severity, self.place(one.at), said

    def said(self, one: Finding) -> str:
        rule, page = gfm.code(one.rule), self.pages.get(one.rule)
        return f"{gfm.message(one.message)} ({rule if page is None else gfm.link(rule, page)})"

    def place(self, at: Span) -> str:
        shown = gfm.code(_place(at))
        if self.blob_url is None or not shown:
            return shown
        return gfm.link(shown, f"{self.blob_url}{uri(at.source.committed)}#L{at.begin.line}")

    # ------------------------------------------------------------ the rest

    def rest(self, notes: list[str]) -> None:
        problems = list(silent_problems(self.report))
        if problems:
            rows = ((self.place(one.at), gfm.message(one.message)) for one in problems)
            self.table(_SHORT, rows, len(problems), f"{counted(len(problems), 'problem')} of input")
        unknowns = self.report.unknowns
        if unknowns:
            rows = (
                (self.place(one.at), f"{gfm.message(one.reason)} ({gfm.code(one.rule)})") for one in unknowns
            )
            said = f"{counted(len(unknowns), 'question')} that cannot be decided"
            self.table(_SHORT, rows, len(unknowns), said)
        for by, ones in _taken_out(self.report):
            rows = (
                (
                    self.place(one.finding.at),
                    f"{self.said(one.finding)}{'<br>Reason: ' + gfm.message(one.reason) if one.reason else ''}",
                )
                for one in ones
            )
            self.table(_SHORT, rows, len(ones), f"{counted(len(ones), 'finding')} {TAKEN_OUT[by]}")
        if notes:
            texts = ((note.removeprefix("- note: ").rstrip(),) for note in notes)
            self.table(("note",), texts, len(notes), f"{counted(len(notes), 'more note')}")


def _place(at: Span) -> str:
    return f"{at.shown}:{at.begin.line}"


def _title(report: Report) -> str:
    base = report.base
    if base is None:
        if not report.findings:
            return f"No findings in {counted(report.inputs, 'file')}"
        return f"{counted(len(report.findings), 'finding')}: {by_severity(report.findings)}"
    new = report.new()
    if new:
        return f"{counted(len(new), 'new finding')}: {by_severity(new)}"
    return f"No new findings in {counted(report.inputs, 'file')}"


def _sentences(report: Report) -> Iterator[str]:
    """What stands below the title: the comparison with the base, and what is no finding."""
    parts: list[str] = []
    base = report.base
    if base is not None:
        known = sum(1 for one in report.findings if not report.is_new(one)) + base.hidden
        parts.append(
            f"Compared with {gfm.code(base.name[:100])}: {known:,} known before, {len(base.gone):,} gone"
        )
        silenced = [one for one in report.ignored if base.knows(one.finding)]
        if silenced:
            be = "is" if len(silenced) == 1 else "are"
            parts.append(f"**{counted(len(silenced), 'finding')} of it {be} silenced now**")
    if report.unknowns:
        parts.append(f"{len(report.unknowns):,} undecided")
    parts += [f"{len(ones):,} {TAKEN_OUT[by]}" for by, ones in _taken_out(report)]
    problems = sum(1 for _ in silent_problems(report))
    if problems:
        parts.append(counted(problems, "problem"))
    if parts:
        yield f"{'; '.join(parts)}.\n\n"


def _taken_out(report: Report) -> Iterator[tuple[IgnoredBy, list[Ignored]]]:
    for by in TAKEN_OUT:
        ones = [one for one in report.ignored if one.by == by]
        if ones:
            yield by, ones


def _foot(report: Report) -> str:
    names = ", ".join(gfm.code(name[:60]) for name in report.policies[:3])
    more = f" and {len(report.policies) - 3} more" if len(report.policies) > 3 else ""
    return (
        f"<sub>snowfence {__version__}, policy {names}{more}, knowledge {gfm.code(report.short_knowledge)}, "
        f"{report.now.isoformat()}</sub>\n"
    )
