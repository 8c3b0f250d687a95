"""The top of the page: what was scanned and by which rules, how many findings of each severity there are, and the score."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from scanner import __version__
from scanner.model.areas import AREAS
from scanner.model.counting import counted
from scanner.model.finding import Finding, Severity
from scanner.report.words import TAKEN_OUT, silent_problems, verdict
from scanner.results import Base, Report
from scanner.views.html.findings import chip
from scanner.views.html.markup import NOTHING, Markup, folded, joined, message, several, short, tag, text
from scanner.views.html.part import Part
from scanner.views.score.points import FULL, Points, shown
from scanner.views.score.posture import AreaScore, Posture, posture
from scanner.views.score.words import headline, limits, place, points, reason, remarks, what

SCORES: Final = 50
"""Repositories whose score is shown."""

_LOSSES: Final = 12
_TURN: Final = 100
_LEAST: Final = 3
"""How much of a bar is coloured where nothing is left: that it was judged is to be seen."""

_ROOT: Final = 300


def header(report: Report) -> Markup:
    """The name of the page, and the facts that its results hold for."""
    facts = [
        ("scanned", text(counted(report.inputs, "file"))),
        ("on", tag("time", {"datetime": report.now.isoformat()}, text(report.now.isoformat()))),
        ("policy", short(" + ".join(report.policies), 200)),
        ("knowledge", tag("code", {"title": report.knowledge}, text(report.short_knowledge))),
        ("snowfence", text(__version__)),
    ]
    return tag(
        "header",
        "top",
        tag(
            "div",
            "name",
            tag("p", "brand", _SIGN, text("snowfence")),
            tag("h1", None, _root(report.root)),
        ),
        tag(
            "dl",
            "facts",
            *(tag("div", None, tag("dt", None, text(name)), tag("dd", None, said)) for name, said in facts),
        ),
        _theme(),
    )


_SIGN: Final = Markup(
    '<svg class="sign" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">'
    '<path d="M4 21V6l2-3 2 3v15M10 21V6l2-3 2 3v15M16 21V6l2-3 2 3v15M2 10h20M2 16h20"/></svg>'
)


def _root(root: str) -> Markup:
    """What was scanned: its last folder, behind the way to it."""
    way, slash, name = root.rstrip("/").rpartition("/")
    if not name or name == ".":
        return text("Report")
    return joined((tag("span", "way", short(way + slash, _ROOT)) if slash else NOTHING, short(name, _ROOT)))


def _theme() -> Markup:
    choices = (
        ("auto", "as the system has it", "Auto"),
        ("light", "light", "Light"),
        ("dark", "dark", "Dark"),
    )
    return tag(
        "div",
        {"class": "theme needs-js", "role": "group", "aria-label": "colours"},
        *(
            tag(
                "button",
                {
                    "type": "button",
                    "data-theme": name,
                    "aria-pressed": "true" if name == "auto" else "false",
                    "title": said,
                },
                text(label),
            )
            for name, said, label in choices
        ),
    )


def counts(report: Report) -> Markup:
    """How many findings of each severity there are, as switches of the filter, and what else was found. With a base the new ones come
    first."""
    found = Counter(one.severity for one in report.findings)
    new = Counter(one.severity for one in report.new())
    tiles = [
        tag(
            "button",
            {
                "type": "button",
                "class": f"tile {severity}",
                "data-only": int(severity),
                "aria-pressed": "false",
                "disabled": not found[severity],
            },
            *_number(found[severity], new[severity] if report.base is not None else None),
            chip(severity),
        )
        for severity in sorted(Severity, reverse=True)
    ]
    others = joined(_others(report))
    return tag(
        "section",
        {"class": "counts", "aria-labelledby": "counts-title"},
        tag("h2", {"id": "counts-title"}, _headline(report)),
        _gate(report),
        tag("div", "tiles", *tiles),
        tag("ul", "others", others) if others else NOTHING,
        several((message(note) for note in report.notes), "notes") if report.notes else NOTHING,
    )


def _number(all: int, new: int | None) -> Iterator[Markup]:
    """How many there are; with a base how many of them are new."""
    if new is None:
        yield tag("strong", None, text(f"{all:,}"))
    else:
        yield tag("span", None, tag("strong", None, text(f"{new:,}")), text(" new"))
        yield tag("span", "of", text(f"of {all:,}"))


def _headline(report: Report) -> Markup:
    if report.base is not None:
        found = counted(len(report.new()), "new finding") if report.new() else "No new findings"
        return text(f"{found} since {report.base.name[:_ROOT]}")
    if not report.findings:
        return text(f"No findings in {counted(report.inputs, 'file')}")
    return text(_in_files(report.findings))


def _in_files(findings: Sequence[Finding]) -> str:
    files = len({one.at.shown for one in findings})
    return f"{counted(len(findings), 'finding')} in {counted(files, 'file')}"


def _gate(report: Report) -> Markup:
    """Whether the findings fail the run, in the words of the other reports; the first one stands out."""
    if report.gate is None:
        return NOTHING
    verb, _, rest = verdict(report).partition(" ")
    return tag("p", "gate", tag("strong", verb, text(verb.capitalize())), text(f" {rest}"))


def _others(report: Report) -> Iterator[Markup]:
    if report.base is not None:
        yield tag("li", None, text(f"{_in_files(report.findings)} in all, "), _gone_link(report.base))
    if report.unknowns:
        yield tag("li", None, tag("a", {"href": "#undecided"}, text(f"{len(report.unknowns):,} undecided")))
    for by, said in TAKEN_OUT.items():
        number = sum(one.by == by for one in report.ignored)
        if number:
            yield tag("li", None, tag("a", {"href": "#taken-out"}, text(f"{number:,} {said}")))
    problems = sum(1 for _ in silent_problems(report))
    if problems:
        yield tag("li", None, tag("a", {"href": "#problems"}, text(counted(problems, "problem"))))


def _gone_link(base: Base) -> Markup:
    said = text(f"{len(base.gone):,} gone")
    return tag("a", {"href": "#gone"}, said) if base.gone else said


# ---------------------------------------------------------------- the score


def scores(parts: Sequence[Part]) -> Markup:
    """The score of each repository: its areas with what takes their points."""
    each = [_score(part, alone=len(parts) == 1) for part in parts[:SCORES]]
    if len(parts) > SCORES:
        each.append(tag("p", "remark", text(f"{len(parts) - SCORES:,} more repositories have no room here")))
    return tag(
        "section",
        {"class": "scores", "aria-labelledby": "score-title"},
        tag("h2", {"id": "score-title"}, text("Score")),
        *each,
    )


def _score(part: Part, *, alone: bool) -> Markup:
    found = posture(part.report, part.policy, part.kinds)
    said = [message(note) for note in remarks(found) if note not in found.report.notes]
    whole = joined(
        (
            tag("div", "whole", _ring(found), tag("p", None, tag("strong", None, text(headline(found))))),
            tag("div", "areas", *map(_area, found.areas)),
            several(said, "notes") if said else NOTHING,
        )
    )
    if alone:
        return tag("div", "score", whole)
    return folded(
        joined((short(part.prefix.rstrip("/") or ".", 200), text(f" – {headline(found)}"))),
        whole,
        kind="fold score",
    )


def _ring(of: Posture) -> Markup:
    """The score as a part of a circle; the words beside it say the same."""
    if of.total is None:
        return NOTHING
    return Markup(
        f'<svg class="ring {_grade(of.total)}" viewBox="0 0 40 40" aria-hidden="true">'
        '<circle class="track" cx="20" cy="20" r="16" pathLength="100"/>'
        f'<circle class="part" cx="20" cy="20" r="16" pathLength="100" stroke-dasharray="{_percent(of.total)} {_TURN}" '
        f'transform="rotate(-90 20 20)"/><text x="20" y="20">{shown(of.total)}</text></svg>'
    )


def _percent(of: Points) -> int:
    return of * _TURN // FULL


def _grade(of: Points) -> str:
    """A class for the colour."""
    return "good" if of >= 8_000 else "fair" if of >= 5_000 else "poor"


def _area(area: AreaScore) -> Markup:
    if area.left is None:
        return tag(
            "div",
            "area unjudged",
            tag("span", "label", text(area.name)),
            tag("span", "quiet", text(reason(area))),
        )
    bar = Markup(
        f'<svg class="bar {_grade(area.left)}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="track" width="100" height="6"/><rect class="part" width="{max(_percent(area.left), _LEAST)}" height="6"/></svg>'
    )
    taking = [one for one in area.losses if one.points]
    lost = [
        joined(
            (
                text(f"{points(one)} "),
                tag("code", None, short(one.rule, 100)),
                text(f": {what(one)}, "),
                short(place(one), 200),
            )
        )
        for one in taking[:_LOSSES]
    ]
    if len(taking) > _LOSSES:
        lost.append(text(f"and {len(taking) - _LOSSES:,} more"))
    lost += [message(one) for one in limits(area)]
    return folded(
        joined((tag("span", "label", text(area.name)), bar, tag("span", "points", text(shown(area.left))))),
        tag("p", "quiet", text(AREAS[area.name])),
        several(lost) if lost else tag("p", None, text("Nothing is lost.")),
        kind="area",
    )
