"""Lines of source around a place, with the place marked.

Bounded: a few lines, each of so many columns; of a long line the part around the place. Secrets of URLs are masked, as in every report.
"""

from collections.abc import Iterator
from typing import Final

from scanner.model.finding import Edit, Fix
from scanner.model.secrets import masked
from scanner.model.source import Source, Span
from scanner.views.html.markup import NOTHING, Markup, Value, joined, tag, text

AROUND: Final = 3
"""Lines before and behind the place."""

MOST: Final = 14
"""Lines of the place itself."""

COLUMNS: Final = 220
"""Characters of a line."""

EDITS: Final = 20
"""Changed stretches of a fix."""

_BEFORE: Final = 90
"""Characters before a place that is far in its line."""


def excerpt(at: Span, around: int = AROUND, most: int = MOST) -> Markup:
    """The lines of a place; nothing for a file without text."""
    if not at.source.text:
        return NOTHING
    first, last = at.begin.line, _last_line(at)
    cut = last - first >= most
    shown = first + most - 1 if cut else last
    below = 0 if cut else around
    end = min(shown + below, len(at.source.line_starts))
    while end > shown and not at.source.line(end).strip():
        end -= 1
    lines = [
        _line(at, number, marked=first <= number <= last) for number in range(max(first - around, 1), end + 1)
    ]
    if cut:
        lines.append(tag("span", "more", text(f"… and {last - shown:,} more lines")))
    return tag("pre", {"class": "excerpt", "tabindex": 0, "aria-label": "source"}, tag("code", None, *lines))


def _last_line(at: Span) -> int:
    """The last line that the place has a character in."""
    return at.source.position(max(at.start, at.end - 1)).line


def _bounds(source: Source, number: int) -> tuple[int, int]:
    """The offsets of a line without its break."""
    starts = source.line_starts
    begin = starts[number - 1]
    end = starts[number] if number < len(starts) else len(source.text)
    while end > begin and source.text[end - 1] in "\r\n":
        end -= 1
    return begin, end


def _line(at: Span, number: int, *, marked: bool) -> Markup:
    begin, end = _bounds(at.source, number)
    attributes: dict[str, Value] = {"class": "line hit" if marked else "line", "data-n": number}
    if not marked:
        high = min(end, begin + COLUMNS)
        more = tag("i", None, text("…")) if high < end else NOTHING
        return tag("span", attributes, _shown(at.source, begin, high), more)
    start = min(max(at.start, begin), end)
    stop = max(start, min(at.end, end))
    low = max(begin, start - _BEFORE) if start - begin > COLUMNS - 60 else begin
    high = min(end, low + COLUMNS)
    inner = min(stop, high)
    return tag(
        "span",
        attributes,
        tag("i", None, text("…")) if low > begin else NOTHING,
        _shown(at.source, low, start),
        tag("mark", None, _shown(at.source, start, inner)) if inner > start else tag("mark", "here"),
        _shown(at.source, inner, high),
        tag("i", None, text("…")) if high < end else NOTHING,
    )


def _shown(source: Source, low: int, high: int) -> Markup:
    """The text between two offsets of a line."""
    return text(source.masked[low:high].replace("\t", "    ")) if high > low else NOTHING


# ---------------------------------------------------------------- what a fix changes


def repaired(fix: Fix) -> Markup:
    """The lines that a fix changes, before and after."""
    blocks = [_block(source, edits) for source, edits in _stretches(fix.edits)][: EDITS + 1]
    more = tag("p", "more", text("… and more places")) if len(blocks) > EDITS else NOTHING
    return joined((*blocks[:EDITS], more))


def _stretches(edits: tuple[Edit, ...]) -> Iterator[tuple[Source, list[Edit]]]:
    """Edits whose lines touch each other, together."""
    group: list[Edit] = []
    for edit in sorted(edits, key=lambda one: (one.at.shown, one.at.start)):
        if group and (
            edit.at.source is not group[-1].at.source or edit.at.begin.line > group[-1].at.finish.line + 1
        ):
            yield group[0].at.source, group
            group = []
        group.append(edit)
    if group:
        yield group[0].at.source, group


def _block(source: Source, edits: list[Edit]) -> Markup:
    first = edits[0].at.begin.line
    last = max(edits[-1].at.finish.line, first)
    begin, end = _bounds(source, first)[0], _bounds(source, last)[1]
    old = source.text[begin:end]
    pieces: list[str] = []
    at = begin
    for edit in edits:
        pieces += (source.text[at : edit.at.start], edit.text)
        at = max(at, edit.at.end)
    new = "".join((*pieces, source.text[at : max(at, end)]))
    lines = [*_side("del", "-", old, first), *_side("ins", "+", new, first)]
    place = tag("p", "where", text(f"{source.shown}:{first}"))
    code = tag(
        "pre", {"class": "excerpt fix", "tabindex": 0, "aria-label": "the fix"}, tag("code", None, *lines)
    )
    return joined((place, code))


def _side(name: str, sign: str, of: str, first: int) -> Iterator[Markup]:
    if not of:
        return
    lines = masked(of).split("\n")
    for number, line in enumerate(lines[:MOST], first):
        shown = line[:COLUMNS].rstrip("\r").replace("\t", "    ")[:COLUMNS]
        yield tag(name, {"class": "line", "data-n": number}, text(f"{sign} {shown}"))
    if len(lines) > MOST:
        yield tag("span", "more", text(f"… and {len(lines) - MOST:,} more lines"))
