"""What stands behind the findings, folded: what is gone, undecided, taken out or not read, the inputs, what outsiders reach, the rules."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from scanner.analysis.taint.exposed import Standing
from scanner.engine import Described
from scanner.knowledge.tables import Knowledge
from scanner.model.counting import counted
from scanner.model.finding import Finding, Undecided
from scanner.report.links import page_of
from scanner.report.words import TAKEN_OUT, silent_problems
from scanner.results import Report, RuleInUse
from scanner.rules.pages import read_page
from scanner.views.exposure.rows import SAID, answer, arrived, checked, held, legend, started, summed, used
from scanner.views.html.findings import chip, where
from scanner.views.html.markup import NOTHING, Markup, folded, joined, message, short, table, tag, text
from scanner.views.html.part import Part
from scanner.views.html.prose import rendered, rule_anchor
from scanner.views.inputs.tables import Row, tables, unlocked
from scanner.views.inputs.words import age_of, branch_of, evaluated, facts, rules_of, support_of

LISTED: Final = 1_000
"""Rows of a table."""

_CELL: Final = 12


def gone(report: Report) -> Markup:
    """What an earlier state had and this one does not."""
    if report.base is None or not report.base.gone:
        return NOTHING
    found = report.base.gone
    return _section(
        "gone",
        f"{counted(len(found), 'finding')} gone since {report.base.name[:200]}",
        table(("severity", "rule", "finding", "place"), _rows_of(found), "findings that are gone"),
        _rest(len(found)),
    )


def undecided(report: Report) -> Markup:
    """The open questions, by what keeps them open."""
    if not report.unknowns:
        return NOTHING
    ranked = sorted(report.unknowns, key=_because)
    rows = (
        (tag("code", None, short(one.rule, 100)), message(one.reason), where(one.at))
        for one in ranked[:LISTED]
    )
    return _section(
        "undecided",
        f"{counted(len(ranked), 'question')} that could not be decided",
        tag("p", None, text("A question that has no answer is not passed: these may hide findings.")),
        table(("rule", "why", "place"), rows, "undecided questions"),
        _rest(len(ranked)),
    )


def _because(one: Undecided) -> str:
    return one.because


def problems(report: Report) -> Markup:
    """What could not be read, and no finding says so."""
    found = list(silent_problems(report))
    if not found:
        return NOTHING
    rows = ((message(one.message), where(one.at)) for one in found[:LISTED])
    return _section(
        "problems",
        counted(len(found), "problem"),
        table(("what is wrong", "place"), rows, "problems"),
        _rest(len(found)),
    )


def taken_out(report: Report) -> Markup:
    """Findings that comments, the policy or the file of accepted findings take out, with their reasons."""
    if not report.ignored:
        return NOTHING
    rows = (
        (
            chip(one.finding.severity),
            tag("code", None, short(one.finding.name, 100)),
            joined((message(one.finding.message), Markup("<br>"), where(one.finding.at))),
            text(TAKEN_OUT[one.by]),
            joined((short(one.reason or "no reason given", 300), Markup("<br>"), where(one.at))),
        )
        for one in report.ignored[:LISTED]
    )
    return _section(
        "taken-out",
        f"{counted(len(report.ignored), 'finding')} taken out",
        table(("severity", "rule", "finding", "by", "reason"), rows, "findings that are taken out"),
        _rest(len(report.ignored)),
    )


def _rows_of(findings: Iterable[Finding]) -> Iterable[tuple[Markup, ...]]:
    for one, _ in zip(findings, range(LISTED), strict=False):
        yield (
            chip(one.severity),
            tag("code", None, short(one.name, 100)),
            message(one.message),
            where(one.at),
        )


def _rest(number: int) -> Markup:
    return tag("p", "remark", text(f"and {number - LISTED:,} more")) if number > LISTED else NOTHING


def _section(id: str, title: str, *content: Markup) -> Markup:
    heading = tag("h2", None, text(title))
    return tag("section", None, folded(heading, *content, id=id, kind="chapter"))


# ---------------------------------------------------------------- inputs and outsiders


def inputs(parts: Sequence[Part], knowledge: Knowledge) -> Markup:
    """What is locked, lock by lock, as `snowfence inputs` shows it."""
    blocks: list[Markup] = []
    number = left = 0
    for part in parts:
        for lock in tables(part.graph, knowledge, part.report.now, part.report.findings, transitive=False):
            number += lock.own
            if not lock.rows:
                continue
            if len(blocks) >= LISTED // 10:
                left += 1
                continue
            rows = map(_input, lock.rows[:LISTED])
            blocks += [
                tag("h3", None, short(lock.lock.source.shown, 300)),
                tag("p", "quiet", text(". ".join(filter(None, (facts(lock), evaluated(lock)))))),
                table(
                    ("input", "source", "branch", "revision", "date", "age", "findings"),
                    rows,
                    f"inputs of {lock.lock.source.shown[:200]}",
                ),
                _rest(len(lock.rows)),
            ]
        for flake in unlocked(part.graph, part.report.findings):
            blocks.append(tag("p", None, short(flake.source.shown, 300), text(" has no lock")))
    if not blocks:
        return NOTHING
    if left:
        blocks.append(tag("p", "remark", text(f"and {counted(left, 'more lock')}")))
    return _section("inputs", f"{counted(number, 'locked input')}", *blocks)


def _input(row: Row) -> tuple[Markup, ...]:
    support = support_of(row.support)
    branch = branch_of(row)
    copies = f" ({row.copies[0]} revisions)" if row.copies[0] > 1 else ""
    return (
        tag("strong", None, short(row.input.name, 100)),
        joined((short(row.source, 200), text(copies))),
        short(f"{branch}, {support}" if support else branch, 100),
        tag("code", None, short((row.revision or "")[:12], 12)),
        text(str(row.date or "")),
        text(age_of(row)),
        text(rules_of(row.findings)),
    )


def exposure(parts: Sequence[Part], knowledge: Knowledge) -> Markup:
    """What outsiders can start, and what they reach there, as `snowfence exposure` shows it."""
    blocks: list[Markup] = []
    standings: Counter[Standing] = Counter()
    for part in parts:
        found = answer(part.graph, knowledge, part.report)
        standings.update(row.standing for row in found.rows)
        if part.prefix and (found.rows or found.empty):
            blocks.append(tag("h3", None, short(part.prefix.rstrip("/"), 300)))
        if found.rows:
            rows = (
                (
                    tag("span", f"standing {row.standing}", text(row.standing)),
                    joined(
                        (
                            tag("strong", None, short(row.job.label, 100)),
                            Markup("<br>"),
                            where(row.job.place()),
                        )
                    ),
                    _lines(line for one in row.entrances[:_CELL] for line in started(one, row)),
                    _lines(line for one in row.entrances[:_CELL] for line in checked(one, row)),
                    _lines(held(row)),
                    _lines(arrived(one, row) for one in row.arrivals[:_CELL]),
                )
                for row in found.rows[:LISTED]
            )
            blocks.append(
                table(
                    ("standing", "job", "started by", "checks", "holds", "of theirs"),
                    rows,
                    "jobs that outsiders start",
                )
            )
            words = [*((one, SAID[one]) for one in used(found.rows)), *legend(found.rows)]
            blocks.append(
                tag(
                    "dl",
                    "legend",
                    *(
                        joined((tag("dt", None, text(word)), tag("dd", None, text(said))))
                        for word, said in words
                    ),
                )
            )
        for one in summed(found):
            names = f": {', '.join(one.names)}{f' +{one.more}' if one.more else ''}" if one.names else ""
            blocks.append(tag("p", "quiet", short(one.sentence + names)))
    if not blocks:
        return NOTHING
    return _section("exposure", f"What outsiders reach: {_reached(standings)}", *blocks)


def _reached(standings: Counter[Standing]) -> str:
    """`2 jobs; perhaps 5 more, …; 16 behind checks`: what is not known, and what checks protect, is counted by itself."""
    possible, checks = standings["possible"], standings["checked"]
    known = standings.total() - possible - checks
    parts = [counted(known, "job") if known else "no job that is known"]
    if possible:
        parts.append(
            f"perhaps {possible:,}{' more' if known else ''}, of which nothing here says who starts them"
        )
    if checks:
        parts.append(f"{checks:,} behind checks")
    return "; ".join(parts)


def _lines(lines: Iterable[str]) -> Markup:
    shown = [short(line.strip(), 120) for line, _ in zip(lines, range(_CELL), strict=False)]
    return joined(shown, "<br>")


# ---------------------------------------------------------------- rules


class Guide:
    """The page of a rule that has findings."""

    __slots__ = ("markdown", "page", "rule", "title")

    def __init__(self, one: RuleInUse) -> None:
        self.rule = one.rule
        self.page = page_of(one)
        if isinstance(one.place, Described):
            self.title, self.markdown = one.place.title, one.place.markdown
        else:
            page = read_page(one.place)
            self.title, self.markdown = page.title, page.markdown


def guides_of(report: Report) -> list[Guide]:
    """The pages of the rules that found something."""
    found = {one.rule for one in report.findings}
    return [Guide(one) for one in report.rules if one.rule.id in found]


def guides(of: Sequence[Guide]) -> Markup:
    """Why each rule matters and how to fix what it finds."""
    if not of:
        return NOTHING
    return tag(
        "section",
        {"id": "rules", "aria-labelledby": "rules-title"},
        tag("h2", {"id": "rules-title"}, text("Rules: why, and how to fix")),
        *(_guide(one, frozenset(guide.rule.id for guide in of)) for one in of),
    )


def _guide(one: Guide, on_page: frozenset[str]) -> Markup:
    tags = " · ".join((f"area {one.rule.area}", *one.rule.tags, *one.rule.same_as))
    page = NOTHING
    if one.page is not None:
        page = tag(
            "a",
            {"href": one.page, "rel": "noopener noreferrer"},
            text("the whole page, with examples"),
        )
    return folded(
        joined((tag("h3", None, message(one.title[:300])), tag("code", "quiet", text(one.rule.id)))),
        tag("p", "quiet", short(tags, 500)),
        tag("div", "prose", rendered(one.markdown.partition("\n## Examples")[0], 4, on_page)),
        tag("p", None, page),
        tag(
            "p",
            "needs-js",
            tag(
                "button",
                {"type": "button", "class": "act", "data-rule-only": one.rule.id},
                text("Show its findings"),
            ),
        ),
        id=rule_anchor(one.rule.id),
        kind="fold guide",
    )
