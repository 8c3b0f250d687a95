"""Markdown for comments on pull requests and summaries of runs: what was found, what of it is new, the worst first.

What matters is open, the rest opens with a click; all of it together stays within what GitHub takes for a comment, and what does not
fit is counted.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from scanner import __version__
from scanner.model.counting import counted
from scanner.model.finding import Finding, Ignored, IgnoredBy, Severity
from scanner.model.source import Span
from scanner.report import gfm
from scanner.report.chain import in_one_line
from scanner.report.escape import inert
from scanner.report.links import pages, uri
from scanner.report.ranking import FIRST_PLACES, Group, grouped, ranked
from scanner.report.words import TAKEN_OUT, by_severity, silent_problems, verdict
from scanner.results import Report

MARKER: Final = "<!-- snowfence scan -->"
"""What a workflow looks for when it replaces its comment instead of writing another one."""

OPEN: Final = 15
"""Rows of the table that is not folded; equal findings are one row."""

NOTES: Final = 5
"""Remarks that are not folded."""

PATH: Final = 300
"""Characters of the path of a finding that are shown."""

PLACE: Final = 200
"""Characters of the path of a file that are shown."""

URL: Final = 1_000
"""Characters of a link to a place; a longer one is left out."""

_HEADER: Final = ("severity", "finding")
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
        report = self.report
        self.add(f"{MARKER}\n## {_title(report)}\n\n")
        self.add(*_sentences(report))
        # How old the knowledge is stands at the end: it is the same below every pull request.
        notes = [f"- {gfm.message(note)}\n" for note in report.notes if note not in report.on_knowledge]
        if notes:
            self.add(*notes[:NOTES], "\n")
        self.findings()
        self.rest(notes[NOTES:])
        if self.cut:
            self.parts.append(f"There is no room here for: {gfm.escape('; '.join(self.cut))}.\n\n")
        return "".join([*self.parts, _foot(report)])

    # ------------------------------------------------------------ what fits

    def add(self, *parts: str) -> None:
        for part in parts:
            self.parts.append(part)
            self.left -= gfm.size(part)

    def table(
        self, header: tuple[str, ...], rows: Iterable[tuple[str, ...]], said: str, *, fold: bool = True
    ) -> None:
        """A table that opens with a click on what is `said` of it, or is open; only that is said where there is no room for it."""
        self.fitting(said, lambda room: gfm.table(header, rows, room), fold)

    def fitting(self, said: str, write: Callable[[int], str], fold: bool) -> None:
        if self.left < _LEAST:
            self.cut.append(said)
            return
        text = write(self.left - 300)
        self.add(f"{gfm.folded(said, text)}\n" if fold else f"{text}\n")

    # ------------------------------------------------------------ findings

    def findings(self) -> None:
        report, base = self.report, self.report.base
        if base is None:
            groups = grouped(ranked(report, report.findings))
            self.open("Look at these first" if len(groups) > OPEN else "Findings", groups[:OPEN])
            self.by_severity(groups[OPEN:], "more ")
            return
        groups = grouped(ranked(report, report.new()))
        self.open("New", groups[:OPEN])
        self.by_severity(groups[OPEN:], "more new ")
        known = [one for one in report.findings if not report.is_new(one)]
        if known:
            what = f"{counted(len(known), 'finding')} known before: {by_severity(known)}"
            self.groups(grouped(ranked(report, known)), what)
        if base.gone:
            gone = grouped(ranked(report._replace(base=None), base.gone))
            # Their lines are those of the base, to which no link leads.
            self.groups(gone, f"{counted(len(base.gone), 'finding')} gone", linked=False)

    def open(self, title: str, groups: list[Group]) -> None:
        if groups:
            self.add(f"### {title}\n\n")
            self.groups(groups, counted(_size(groups), "finding"), fold=False)

    def by_severity(self, groups: list[Group], which: str) -> None:
        """Findings in folds, the worst of which is the first."""
        for severity in sorted({one.first.severity for one in groups}, reverse=True):
            ones = [one for one in groups if one.first.severity == severity]
            self.groups(ones, counted(_size(ones), f"{which}{severity} finding"))

    def groups(self, groups: list[Group], said: str, *, fold: bool = True, linked: bool = True) -> None:
        """A row for each group; `linked`: its places are those of the state that was scanned."""
        severities = {one.first.severity for one in groups}
        of_all = f"{next(iter(severities))} " if len(severities) == 1 else ""

        def left_out(rows: Iterable[int]) -> str:
            return counted(_size(groups[at] for at in rows), f"more {of_all}finding")

        rows = (self.row(one, whole=not fold, linked=linked) for one in groups)
        self.fitting(said, lambda room: gfm.table(_HEADER, rows, room, left_out), fold)

    def row(self, group: Group, *, whole: bool, linked: bool) -> tuple[str, str]:
        """`whole`: with its path and what mends it. The message comes first, so that it is seen on a telephone."""
        one = group.first
        said = f"{self.said(one)}<br>{self.places(group, linked)}"
        if whole:
            path = in_one_line(one)
            if path:
                said += f"<br>Path: {gfm.message(path if len(path) <= PATH else f'{path[: PATH - 1]}…')}"
            fixes = {None if each.fix is None else each.fix.what for each in group.all}
            if one.fix is not None and len(fixes) == 1:
                said += f"<br>Fix: {gfm.message(one.fix.what)}"
        severity = f"**{one.severity}**" if one.severity >= Severity.HIGH else str(one.severity)
        return severity, said

    def places(self, group: Group, linked: bool) -> str:
        shown = [
            self.place(one.at) if linked else gfm.code(_place(one.at)) for one in group.all[:FIRST_PLACES]
        ]
        more = len(group.all) - len(shown)
        said = f" and {counted(more, 'more place')}" if more else ""
        return f"{', '.join(shown)}{said}"

    def said(self, one: Finding) -> str:
        rule, page = gfm.code(one.rule), self.pages.get(one.rule)
        return f"{gfm.message(one.message)} ({rule if page is None else gfm.link(rule, page)})"

    def place(self, at: Span) -> str:
        shown = gfm.code(_place(at))
        if self.blob_url is None or not shown:
            return shown
        url = f"{self.blob_url}{uri(at.source.committed)}#L{at.begin.line}"
        return gfm.link(shown, url) if len(url) <= URL else shown

    # ------------------------------------------------------------ the rest

    def rest(self, notes: list[str]) -> None:
        problems = list(silent_problems(self.report))
        if problems:
            rows = ((self.place(one.at), gfm.message(one.message)) for one in problems)
            self.table(_SHORT, rows, f"{counted(len(problems), 'problem')} of input")
        unknowns = self.report.unknowns
        if unknowns:
            rows = (
                (self.place(one.at), f"{gfm.message(one.reason)} ({gfm.code(one.rule)})") for one in unknowns
            )
            said = f"{counted(len(unknowns), 'question')} that cannot be decided"
            self.table(_SHORT, rows, said)
        for by, ones in _taken_out(self.report):
            rows = (
                (
                    self.place(one.finding.at),
                    f"{self.said(one.finding)}{'<br>Reason: ' + gfm.message(one.reason) if one.reason else ''}",
                )
                for one in ones
            )
            self.table(_SHORT, rows, f"{counted(len(ones), 'finding')} {TAKEN_OUT[by]}")
        if notes:
            texts = ((note.removeprefix("- ").rstrip(),) for note in notes)
            self.table(("note",), texts, f"{counted(len(notes), 'more note')}")


def _place(at: Span) -> str:
    """`path:line`; the path in the whole checkout, which is what a pull request shows."""
    path = at.source.committed
    if len(path) > PLACE:  # the file's own name says more than the folders in the middle
        path = f"{path[: PLACE // 2 - 1]}…{path[-PLACE // 2 :]}"
    return f"{path}:{at.begin.line}"


def _size(groups: Iterable[Group]) -> int:
    """The findings in groups."""
    return sum(len(one.all) for one in groups)


def _title(report: Report) -> str:
    """What was found, or what of it is new, and whether the run fails."""
    gate = verdict(report)
    return f"{_found(report)}; {gate}" if gate else _found(report)


def _found(report: Report) -> str:
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
    notes = "".join(f"<br>{_sentence(gfm.message(note))}" for note in report.on_knowledge[:NOTES])
    return (
        f"<sub>snowfence {__version__}, policy {names}{more}, knowledge {gfm.code(report.short_knowledge)}, "
        f"{report.now.isoformat()}{notes}</sub>\n"
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
