"""SARIF 2.1.0 (OASIS, errata 01) for GitHub code scanning, and valid for everyone else.

What GitHub reads, requires and refuses is in github/docs, `sarif-support.md` and `sarif-limits.md`. It takes a file whole or not
at all, so nothing here depends on the input being well-behaved: texts are cut and escaped, paths are
percent-encoded, every result has one location of one line, and what does not fit is left out, the least severe first. Suppressed
results would be open alerts there, and so would be those that only a base has: the former are written when asked for, the latter never.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

import sarif_om as om

from scanner import HOME, __version__
from scanner.model.counting import counted
from scanner.model.finding import Finding, Ignored
from scanner.model.source import Span
from scanner.report.escape import bounded
from scanner.report.links import uri
from scanner.report.sarif_json import to_json
from scanner.report.sarif_results import RELATED, STEPS, Detail, Results, physical, plain, sentence
from scanner.report.sarif_rules import Descriptors, descriptors
from scanner.results import Report

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

RESULTS: Final = 25_000
"""GitHub's limit of one run; it shows the 5,000 most severe."""

COMPRESSED: Final = 9_000_000
"""Bytes of all results with gzip: with the rules and notifications they stay under GitHub's 10 MB."""

ALL_STEPS: Final = 100_000
ALL_RELATED: Final = 100_000
"""Places in all paths, and related ones, of one run: a file of this size is written in a second or two."""

NOTIFICATIONS: Final = 1_000
_FAST: Final = 1
"""The level of compression with which a file is measured: it makes larger files than that of the upload."""

# What is tried one after the other until the file is small enough: shares of what can be said of a finding, and of the findings.
_DETAILS: Final = (
    (1, Detail(STEPS, RELATED, 2_000)),
    (1, Detail(50, 20, 500)),
    (1, Detail(10, 5, 250)),
    (1, Detail(4, 2, 120)),
    (4, Detail(4, 1, 120)),
    (16, Detail(2, 0, 120)),
)


class Written(NamedTuple):
    """A SARIF file, and what of the report it leaves out, in sentences for people."""

    text: str
    cut: tuple[str, ...]


class _One(NamedTuple):
    """A finding that becomes a result; `ignored` is what takes it out."""

    finding: Finding
    ignored: Ignored | None


def write(report: Report, *, category: str | None = None, suppressed: bool = False) -> str:
    """The text of `written`."""
    return written(report, category=category, suppressed=suppressed).text


def written(report: Report, *, category: str | None = None, suppressed: bool = False) -> Written:
    """A report as a file that GitHub takes, with the most severe results first: of many it keeps the first of the worst.

    `category` tells apart several uploads for one commit; without it the uploading action's own counts. With `suppressed` what comments,
    exceptions and acceptance take out is written, too.
    """
    every = [_One(finding, None) for finding in report.findings]
    if suppressed:
        every += [_One(one.finding, one) for one in report.ignored]
    ranked = sorted(every, key=lambda one: (one.ignored is not None, -one.finding.severity))
    rules, places = descriptors(report.rules, (one.finding for one in every))
    lines, cut = _lines(ranked, places, None if report.base is None else report.is_new)
    run = om.Run(
        tool=om.Tool(
            driver=om.ToolComponent(
                name="snowfence", semantic_version=__version__, information_uri=HOME, rules=rules
            )
        ),
        automation_details=om.RunAutomationDetails(id=f"{category}/") if category else None,
        column_kind="utf16CodeUnits",
        invocations=[
            om.Invocation(
                # GitHub refuses the upload of a run that was not; what could not be read is a finding.
                execution_successful=True,
                tool_execution_notifications=_notifications(report, cut) or None,
            )
        ],
        results=[],
        properties=_properties(report),
    )
    return Written(to_json(om.SarifLog(schema_uri=SCHEMA, version="2.1.0", runs=[run]), lines), tuple(cut))


def _properties(report: Report) -> dict[str, object]:
    found: dict[str, object] = {
        "policies": list(report.policies),
        "knowledge": report.knowledge,
        "now": report.now.isoformat(),
    }
    if report.base is not None:
        found["base"] = bounded(report.base.name)
    return found


# ---------------------------------------------------------------- limits


def _lines(
    ranked: Sequence[_One], places: Descriptors, is_new: Callable[[Finding], bool] | None
) -> tuple[list[str], list[str]]:
    """The results that an upload can hold as lines of JSON, and what is left out."""
    for share, detail in _DETAILS:
        kept = ranked[: RESULTS // share]
        detail = _shared(kept, detail)
        fits, lines = _fitting(Results(places, detail, is_new), kept)
        if fits:
            break
    else:  # names of files that nothing can compress: as many results as fit as they are
        sizes = accumulate(map(len, lines))
        lines = lines[: sum(size <= COMPRESSED for size in sizes)]
        kept = kept[: len(lines)]
    return lines, list(_cuts(ranked, kept, detail))


def _fitting(results: Results, kept: Sequence[_One]) -> tuple[bool, list[str]]:
    """The results as lines of JSON, and whether they are not too much for an upload; as soon as they are, no more is written."""
    lines: list[str] = []
    size = packed = 0
    packer = None
    for one in kept:
        line = results.line(one.finding, one.ignored)
        lines.append(line)
        size += len(line)
        if size <= COMPRESSED:
            continue
        if packer is None:
            from zlib import compressobj

            packer = compressobj(_FAST)
            packed = len(packer.compress("\n".join(lines).encode("ascii")))
        else:
            packed += len(packer.compress(line.encode("ascii")))
        if packed > COMPRESSED:
            return False, lines
    return packer is None or packed + len(packer.flush()) <= COMPRESSED, lines


def _shared(kept: Sequence[_One], detail: Detail) -> Detail:
    """The detail with which all paths and related places fit into a run, each having as many as any other."""
    return detail._replace(
        steps=_share(
            [len(one.finding.flow) + 1 for one in kept if one.finding.flow], detail.steps, ALL_STEPS
        ),
        related=_share([len(one.finding.related) for one in kept], detail.related, ALL_RELATED),
    )


def _share(sizes: list[int], most: int, room: int) -> int:
    """The largest number up to `most` so that the sizes, each cut to it, fit into the room."""
    left = room
    for number, size in enumerate(sorted(sizes)):
        size = min(size, most)
        waiting = len(sizes) - number
        if size * waiting > left:
            return left // waiting
        left -= size
    return most


def _cuts(ranked: Sequence[_One], kept: Sequence[_One], detail: Detail) -> Iterator[str]:
    """What is left out, in sentences."""
    less = len(ranked) - len(kept)
    if less:
        yield (
            f"{counted(less, 'finding')} of the lowest severities {'is' if less == 1 else 'are'} left out: GitHub takes {len(kept):,} of "
            "one run" + ("" if len(kept) == RESULTS else " of this size")
        )
    longer = sum(len(one.finding.flow) + 1 > detail.steps for one in kept if one.finding.flow)
    if longer:
        yield f"{counted(longer, 'path')} {'is' if longer == 1 else 'are'} cut to {detail.steps} places: GitHub takes no more of one run"
    if detail.text < _DETAILS[0][1].text:
        yield f"texts are cut to {detail.text} characters, so that the file is no larger than GitHub takes it"
    more = sum(len(one.finding.related) > detail.related for one in kept)
    if more:
        yield (
            f"{counted(more, 'finding')} {'has' if more == 1 else 'have'} more than {detail.related} related places, of which the others are left out"
        )


# ---------------------------------------------------------------- notifications


def _notifications(report: Report, cut: Iterable[str]) -> list[om.Notification]:
    """What is no result: remarks of the run, input that could not be read, questions that stay open."""
    found = [_notification("note", note) for note in report.notes]
    found += [_notification("warning", text) for text in cut]
    found += [_notification("error", problem.message, problem.at) for problem in report.problems]
    found += [
        _notification("note", f"{unknown.rule} is undecided: {unknown.reason}", unknown.at)
        for unknown in report.unknowns[: NOTIFICATIONS + 1]
    ]
    more = len(found) - NOTIFICATIONS + max(0, len(report.unknowns) - NOTIFICATIONS - 1)
    if more > 0:
        last = _notification("warning", f"{counted(more, 'further notification')} are left out")
        found = [*found[:NOTIFICATIONS], last]
    return found


def _notification(level: str, text: str, at: Span | None = None) -> om.Notification:
    return om.Notification(
        level=level,
        message=om.Message(text=sentence(plain(bounded(text)))),
        locations=None if at is None else [{"physicalLocation": physical(at, uri(at.source.committed))}],
    )
