"""For people: every finding with its line of source, grouped by file, and one line that sums up.

The shape is that of rustc and zizmor. Nothing here may be slow to import, and the work is linear in what is shown: of a
line only the part around the span is looked at.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from scanner.model.finding import Finding, Note, Severity, Undecided
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.report.chain import PATH_HEAD, PATH_TAIL, chain
from scanner.report.columns import columns, cut, tail, wrapped
from scanner.report.escape import bounded, inert, visible
from scanner.report.links import hyperlink, pages
from scanner.report.ranking import looked_at_first
from scanner.report.words import silent_problems, summary, verdict, where
from scanner.results import Report

WIDTH: Final = 120
"""Columns of an excerpt that is not for a terminal."""

NOTES: Final = 6
"""Related places shown for one finding."""

WORST: Final = 3
"""Findings that are named at the end, where there are more."""

QUESTIONS: Final = 3
"""Open questions of one rule that are shown, where there are more than one beyond them."""

EXCERPT: Final = 40
"""Characters of the text at a place of a path."""

_LOOKED_AT: Final = 400
"""Characters there that can be blank before it begins."""

_TAB: Final = "    "

_COLOURS: Final = {
    Severity.CRITICAL: "1;35",
    Severity.HIGH: "1;31",
    Severity.MEDIUM: "1;33",
    Severity.LOW: "1;36",
    Severity.INFO: "1;32",
}
_BOLD: Final = "1"
_GUTTER: Final = "1;34"


def write(
    report: Report,
    *,
    colour: bool = False,
    quiet: bool = False,
    width: int | None = None,
    show_accepted: bool = False,
    links: bool = False,
) -> str:
    """`width` is that of the terminal: messages are wrapped to it. `quiet` leaves findings and problems only. With `show_accepted`
    the accepted findings stand behind the others, with `links` the names of rules lead to their pages."""
    return _Text(colour, width, pages(report) if links else {}).report(report, quiet, show_accepted)


def shown(finding: Finding) -> str:
    """One finding as it stands in the whole report."""
    return "".join(f"{line}\n" for line in _Text(False, None).finding(finding))


class _Text:
    def __init__(self, colour: bool, width: int | None, pages: Mapping[str, str] = {}) -> None:
        self.colour = colour
        self.pages = pages
        self.wrapping = width is not None
        self.width = max(width or WIDTH, 40)

    def report(self, report: Report, quiet: bool, show_accepted: bool) -> str:
        blocks = [
            self.finding(finding, "new " if report.is_new(finding) else "") for finding in report.findings
        ]
        blocks += [
            self.block("problem", _COLOURS[Severity.HIGH], problem.message, problem.at)
            for problem in silent_problems(report)
        ]
        if show_accepted:
            blocks += [
                self.finding(one.finding, "accepted ") for one in report.ignored if one.by == "accepted"
            ]
        if not quiet:
            blocks.append(list(self.all_undecided(report.unknowns)))
            blocks.append([line for note in report.notes for line in self.flowing("", "note", _BOLD, note)])
            blocks.append(self.worst(report))
            blocks.append(self.closing(report))
        text = "\n\n".join(["\n".join(block) for block in blocks if block])
        return f"{inert(text)}\n" if text else ""

    def closing(self, report: Report) -> list[str]:
        """What sums up, the knowledge that it holds for, and whether the run fails."""
        said, known = summary(report), f"knowledge {report.short_knowledge}"
        if self.wrapping and columns(said) + len(known) + 2 > self.width:
            lines = [*(self.paint(_BOLD, line) for line in wrapped(said, self.width, self.width)), known]
        else:
            lines = [f"{self.paint(_BOLD, said)}; {known}"]
        gate = verdict(report)
        if gate:
            fails = report.gate is not None and report.gate.failing
            lines.append(self.paint(_COLOURS[Severity.HIGH if fails else Severity.INFO], gate))
        return lines

    def worst(self, report: Report) -> list[str]:
        """Where to look first, for who sees the last lines only."""
        found = looked_at_first(report, WORST)
        if not found:
            return []
        lines = [self.paint(_BOLD, "look at these first:")]
        for what, at in found:
            if self.wrapping and columns(what) + 1 + columns(at) + 2 > self.width:
                room = self.width - 4
                lines += [f"  {what}", *(f"    {part}" for part in wrapped(at, room, room))]
            else:
                lines.append(f"  {what} {at}")
        return lines

    def finding(self, finding: Finding, mark: str = "") -> list[str]:
        name = finding.name
        head = f"{mark}{finding.severity}[{visible(name)}]"
        lines = self.block(head, _COLOURS[finding.severity], finding.message, finding.at)
        lines[0] = self.linked(lines[0], finding.rule, name)
        margin = " " * len(str(finding.at.begin.line))
        lines += self.path(f"{margin} = ", finding)
        for note in finding.related[:NOTES]:
            lines += self.flowing(f"{margin} = ", "note", _BOLD, note.message, note.at)
        if len(finding.related) > NOTES:
            lines.append(f"{margin} = and {len(finding.related) - NOTES} more")
        if finding.fix is not None:
            lines += self.flowing(f"{margin} = ", "fix", _BOLD, finding.fix.what)
        return lines

    def path(self, lead: str, finding: Finding) -> list[str]:
        """`from: place: what happens there: text`, then a `to:` for each further place. The place of the finding itself has been
        shown; of a very long path the beginning and the end are."""
        notes = chain(finding)
        lines: list[str] = []
        for number, note in enumerate(notes):
            if PATH_HEAD <= number < len(notes) - PATH_TAIL:
                if number == PATH_HEAD:
                    lines.append(f"{lead}  ..: {len(notes) - PATH_HEAD - PATH_TAIL} places in between")
                continue
            head = "  to" if number else "from"
            if note.at == finding.at:
                lines += self.flowing(lead, head, _BOLD, f"here: {note.message}")
            else:
                said = with_excerpt(note, notes[number - 1].at if number else None)
                lines += self.flowing(lead, head, _BOLD, said, note.at)
        return lines

    def all_undecided(self, unknowns: tuple[Undecided, ...]) -> Iterator[str]:
        """The open questions; many that are open for one reason together, of very many of one rule the first, and how many there are."""
        by_reason: dict[str, list[Undecided]] = {}
        for one in unknowns:
            by_reason.setdefault(one.because, []).append(one)
        shared = {
            because: ones for because, ones in by_reason.items() if because and len(ones) > QUESTIONS + 1
        }
        unknowns = tuple(one for one in unknowns if one.because not in shared)
        by_rule: dict[str, list[Undecided]] = {}
        for one in unknowns:
            by_rule.setdefault(one.rule, []).append(one)
        folded = {rule for rule, ones in by_rule.items() if len(ones) > QUESTIONS + 1}
        said: dict[str, int] = {}
        for one in unknowns:
            number = said[one.rule] = said.get(one.rule, 0) + 1
            if one.rule not in folded or number <= QUESTIONS:
                yield from self.undecided(one)
        for rule in sorted(folded):
            more = f"and {len(by_rule[rule]) - QUESTIONS} more; `--format json` lists all"
            yield from self.flowing("", f"undecided[{visible(rule)}]", _COLOURS[Severity.INFO], more)
        for because, ones in sorted(shared.items()):
            rules = sorted({one.rule for one in ones})
            of = visible(rules[0]) if len(rules) == 1 else f"{len(rules)} rules"
            text = f"{len(ones)} questions have no answer, because {because}; `--format json` lists them"
            yield from self.flowing("", f"undecided[{of}]", _COLOURS[Severity.INFO], text)

    def undecided(self, unknown: Undecided) -> list[str]:
        name = visible(unknown.rule)
        lines = self.flowing("", f"undecided[{name}]", _COLOURS[Severity.INFO], unknown.reason, unknown.at)
        lines[0] = self.linked(lines[0], unknown.rule, name)
        return lines

    def block(self, head: str, colour: str, message: str, at: Span) -> list[str]:
        """A message, its place, and the line of source with the span underlined."""
        number = str(at.begin.line)
        margin = " " * len(number)
        bar = self.paint(_GUTTER, "|")
        lines = self.flowing("", head, colour, message, weight=_BOLD)
        lines.append(f"{margin}{self.paint(_GUTTER, '-->')} {where(at)}")
        if at.source.text:
            before, marked, after = _excerpt(at, self.width - len(number) - 3)
            carets = "^" * max(columns(marked), 1)
            lines += [
                f"{margin} {bar}",
                f"{self.paint(_GUTTER, number)} {bar} {before}{marked}{after}".rstrip(),
                f"{margin} {bar} {' ' * columns(before)}{self.paint(colour, carets)}",
            ]
        return lines

    def flowing(
        self, lead: str, head: str, colour: str, text: str, at: Span | None = None, *, weight: str = ""
    ) -> list[str]:
        """`lead head: place: text`, wrapped with its further lines indented."""
        text = bounded(text) if at is None else f"{where(at)}: {bounded(text)}"
        indent = " " * (len(lead) + 4)
        lines = [text]
        if self.wrapping:
            lines = wrapped(text, self.width - len(lead) - columns(head) - 2, self.width - len(indent))
        first, *rest = (self.paint(weight, line) for line in lines)
        return [f"{lead}{self.paint(colour, head)}: {first}", *(f"{indent}{line}" for line in rest)]

    def linked(self, line: str, rule: str, name: str) -> str:
        """A line that begins with the name of a rule in brackets, which leads to its page where there is one."""
        page = self.pages.get(rule)
        return line.replace(f"[{name}]", f"[{hyperlink(name, page)}]", 1) if page is not None else line

    def paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code else text


def with_excerpt(note: Note, before: Span | None) -> str:
    """What happens at a place of a path, with the text there, unless the message or the place before it has shown that."""
    source, start, end = note.at
    if before is not None and before.source is source and start <= before.start and before.end <= end:
        return note.message
    line = Span(source, start, end).first_line()
    text = source.masked[start : min(line.end, start + _LOOKED_AT)].strip()
    shown = quoted(text, EXCERPT) if text else ""
    return f"{note.message}: {shown}" if shown and shown not in note.message else note.message


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
    low, high = max(begin, start - room - 1), min(stop, start + room + 1)
    text = at.source.masked
    before = _shown(text[low:start])
    marked = _shown(text[start:high])
    after = _shown(text[stop : min(end, stop + room + 1)])
    if columns(before) + columns(marked) + columns(after) <= room:
        return before, marked, after
    marked = cut(marked, room)
    left = room - columns(marked)
    after_room = min(columns(after), left // 3)
    before = tail(before, left - after_room)
    return before, marked, cut(after, left - columns(before))


def _shown(text: str) -> str:
    return visible(text.replace("\t", _TAB))
