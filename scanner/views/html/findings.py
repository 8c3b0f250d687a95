"""Findings on the page: a row for each that opens on what there is to know of it, in groups by rule, what is new and the worst first.

A finding's name on the page is made of its fingerprint, so that a link to it leads to the same finding in the pages of later runs.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from shlex import quote
from typing import Final, NamedTuple

from scanner.model.counting import counted
from scanner.model.finding import Finding, Note, Severity
from scanner.model.source import Span
from scanner.report.chain import PATH_HEAD, PATH_TAIL, chain
from scanner.results import Report
from scanner.views.html.excerpts import excerpt, repaired
from scanner.views.html.markup import NOTHING, Markup, Value, joined, message, short, tag, text
from scanner.views.html.prose import rule_anchor

FULL: Final = 2_000
"""Findings that have all there is to know of them; the others, less severe, are rows that do not open."""

ROWS: Final = 20_000
"""Findings on the page."""

ROOM: Final = 16_000_000
"""Characters of what rows open on; those behind have nothing to open."""

RELATED: Final = 20
"""Related places of a finding."""

_NO_NAME: Final = re.compile(r"[^0-9A-Za-z]")
_STAKES: Final = 30
SHOWN: Final = 1_000
"""Characters of a path."""


class Numbered(NamedTuple):
    """A finding with its 1-based place in the report's order, and its name on the page."""

    number: int
    finding: Finding
    anchor: str

    @property
    def subject(self) -> tuple[str, str]:
        """What it is about, in all repositories of a scan: the prefix of its repository and the id of the node."""
        return self.finding.at.source.prefix, self.finding.subject


Shown = Mapping[tuple[str, str], str]
"""The key of the node of a picture that shows a subject."""


def numbered(report: Report) -> list[Numbered]:
    """Every finding: the new ones first, then the worst, else in the order of the report."""
    found = []
    used: Counter[str] = Counter()
    for number, one in enumerate(report.findings, 1):
        name = _name(one)
        used[name] += 1
        found.append(Numbered(number, one, name if used[name] == 1 else f"{name}_{used[name]}"))
    found.sort(key=lambda one: _rank(report, one.finding))
    return found


def _rank(report: Report, finding: Finding) -> tuple[bool, int]:
    """What is looked at first is the least."""
    return not report.is_new(finding), -finding.severity


def _name(finding: Finding) -> str:
    """`f-` and the fingerprint, of letters that selectors and addresses need no escapes for; repositories may have equal ones, so behind it
    a digest of what tells them apart."""
    prefix = finding.at.source.prefix
    more = f"-{sha256(prefix.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}" if prefix else ""
    return f"f-{_NO_NAME.sub('-', finding.fingerprint)}{more}"


def by_subject(findings: Iterable[Numbered]) -> dict[tuple[str, str], list[Numbered]]:
    """The findings about each node."""
    found: dict[tuple[str, str], list[Numbered]] = {}
    for one in findings:
        found.setdefault(one.subject, []).append(one)
    return found


def chip(severity: Severity) -> Markup:
    """A severity: a word, with a sign and a colour that stand for it as well."""
    return tag("span", f"chip {severity}", text(str(severity)))


def where(at: Span) -> Markup:
    """`path:line:column`; the line may be broken behind a slash."""
    line, column = at.begin
    path = text(at.shown[:SHOWN]).replace("/", "/<wbr>")
    return tag("span", "where", Markup(path), text(f":{line}:{column}"))


def groups(report: Report, findings: list[Numbered], shown: Shown, titles: Mapping[str, str]) -> Markup:
    """All findings by rule, the rule with a new one and with the worst first, then that with the most."""
    left_out = findings[ROWS:]
    rules: dict[str, list[Markup]] = {}
    worst: dict[str, tuple[bool, int]] = {}
    room = ROOM
    for place, one in enumerate(findings[:ROWS]):
        full = place < FULL and room > 0
        row = _full(report, one, shown, titles) if full else _compact(report, one)
        room -= len(row) if full else 0
        rules.setdefault(one.finding.rule, []).append(row)
        worst.setdefault(one.finding.rule, _rank(report, one.finding))
    order = sorted(rules, key=lambda rule: (worst[rule], -len(rules[rule]), rule))
    said = NOTHING
    if left_out:
        last = "the least severe" if report.base is None else "those known before or the least severe"
        said = tag(
            "p",
            "remark",
            text(
                f"{counted(len(left_out), 'finding')}, {last}, have no room here; the other formats hold all of them"
            ),
        )
    return joined((*(_group(rule, rules[rule], titles) for rule in order), said))


def _group(rule: str, rows: list[Markup], titles: Mapping[str, str]) -> Markup:
    return tag(
        "section",
        {"class": "group by-rule"},
        tag(
            "h3",
            None,
            tag("span", "name", message(titles.get(rule, rule))),
            Markup(" "),
            tag("span", "count", text(f"{len(rows):,}")),
        ),
        *rows,
    )


def _attributes(report: Report, one: Numbered, kind: str) -> dict[str, Value]:
    finding = one.finding
    return {
        "class": f"finding {finding.severity} {kind}",
        "id": one.anchor,
        "data-severity": int(finding.severity),
        "data-rule": finding.rule,
        "data-file": finding.at.shown[:SHOWN],
        "data-line": finding.at.begin.line,
        "data-new": report.is_new(finding),
    }


def _head(report: Report, one: Numbered) -> Markup:
    finding = one.finding
    return joined(
        (
            chip(finding.severity),
            tag(
                "span",
                "said",
                message(finding.message),
                tag("span", "new", text("new")) if report.is_new(finding) else NOTHING,
            ),
            tag("span", "at", where(finding.at), Markup(" "), tag("span", "rule", text(finding.name))),
        )
    )


def _compact(report: Report, one: Numbered) -> Markup:
    return tag("div", {**_attributes(report, one, "compact"), "tabindex": -1}, _head(report, one))


def _full(report: Report, one: Numbered, shown: Shown, titles: Mapping[str, str]) -> Markup:
    return tag(
        "details",
        _attributes(report, one, "full"),
        tag("summary", None, _head(report, one)),
        tag("div", "body", *_body(report, one, shown.get(one.subject), titles)),
    )


def _body(report: Report, one: Numbered, node: str | None, titles: Mapping[str, str]) -> Iterator[Markup]:
    finding = one.finding
    yield tag(
        "p",
        "about",
        tag("strong", None, message(titles.get(finding.rule, finding.rule))),
        Markup(" "),
        tag("a", {"class": "quiet", "href": f"#{rule_anchor(finding.rule)}"}, text("why, and how to fix it")),
    )
    yield excerpt(finding.at)
    if notes := chain(finding):
        yield tag("h4", None, text("How it gets there"))
        yield tag("ol", "flow", *_flow(notes, finding))
    if finding.stakes:
        yield tag("h4", None, text("What there is to lose"))
        stakes = [tag("li", None, tag("code", None, short(one, 200))) for one in finding.stakes[:_STAKES]]
        yield tag("ul", "stakes", *stakes)
    if finding.related:
        yield tag("h4", None, text("See also"))
        related = [_note(note) for note in finding.related[:RELATED]]
        if len(finding.related) > RELATED:
            related.append(tag("li", None, text(f"and {len(finding.related) - RELATED:,} more")))
        yield tag("ul", "related", *related)
    if finding.fix is not None:
        yield tag("h4", None, text("Fix: "), message(finding.fix.what))
        yield repaired(finding.fix)
    yield _foot(report, one, node)


def _flow(notes: tuple[Note, ...], finding: Finding) -> Iterator[Markup]:
    """The places of a path; of a very long one the beginning and the end."""
    for number, note in enumerate(notes):
        if PATH_HEAD <= number < len(notes) - PATH_TAIL:
            if number == PATH_HEAD:
                between = len(notes) - PATH_HEAD - PATH_TAIL
                yield tag("li", {"class": "more"}, text(f"{between:,} places in between"))
            continue
        here = note.at == finding.at
        yield tag(
            "li",
            {"value": number + 1},
            message(note.message),
            Markup(" "),
            tag("span", "quiet", text("here")) if here else where(note.at),
            NOTHING if here else excerpt(note.at, 0, 3),
        )


def _note(note: Note) -> Markup:
    return tag("li", None, message(note.message), Markup(" "), where(note.at))


def _foot(report: Report, one: Numbered, node: str | None) -> Markup:
    finding = one.finding
    command = f"snowfence why {finding.fingerprint}{_repository(report, finding)}"
    show: Markup = NOTHING
    if node is not None:
        show = tag(
            "button",
            {"type": "button", "class": "act needs-js", "data-show": node},
            text("Show in the picture"),
        )
    return tag(
        "p",
        "foot",
        show,
        tag(
            "button",
            {"type": "button", "class": "act needs-js", "data-copy": command},
            text("Copy “snowfence why”"),
        ),
        tag("a", {"class": "act", "href": f"#{one.anchor}"}, text("Link")),
        tag("span", "quiet", text(f"confidence {finding.confidence}")),
        tag("code", "quiet", short(finding.subject, 200)),
        tag("code", {"class": "quiet", "title": "fingerprint"}, text(finding.fingerprint)),
    )


def _repository(report: Report, finding: Finding) -> str:
    """The repository of a finding as an argument of a command; nothing for the folder that one is in, or where it cannot be written."""
    prefix = finding.at.source.prefix.rstrip("/")
    path = f"{report.root.rstrip('/')}/{prefix}" if prefix else report.root
    path = path.removeprefix("./")
    if path in ("", ".") or not path.isprintable():
        return ""
    return f" {quote(f'./{path}' if path.startswith('-') else path)}"
