"""Trees for a terminal: lines with guides before them, as wide as it is and as deep as people read."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from scanner.model.secrets import masked
from scanner.report.columns import columns, cut
from scanner.report.escape import visible

DEPTH: Final = 60
"""Levels that are drawn: what lies deeper is counted on one line."""

_DIM: Final = "2"


class Line(NamedTuple):
    """A line of a tree and what stands below it, asked for when it is drawn. `detail` is what one may overlook, a `faint` line is so as a whole."""

    text: str
    detail: str = ""
    below: Callable[[], Sequence["Line"]] | None = None
    faint: bool = False


class Guides(NamedTuple):
    """What stands before a line: of one with others behind it, of the last one, and of what is below each."""

    other: str
    last: str
    below_other: str
    below_last: str
    arrow: str
    more: str


UNICODE: Final = Guides("├── ", "└── ", "│   ", "    ", "→", "…")
ASCII: Final = Guides("|-- ", "`-- ", "|   ", "    ", "->", "...")


def draw(
    roots: Sequence[Line],
    *,
    indent: str = "",
    guides: Guides = UNICODE,
    width: int | None = None,
    colour: bool = False,
) -> Iterator[str]:
    """The lines of several trees, each beginning at `indent`; texts are made safe to show here. Of a terminal's `width` none is wider.
    What is below a line is asked for once it is drawn, in the order of the lines."""
    for root in roots:
        yield indent + _shown(root, _room(width, indent), colour)
        waiting = [(indent, list(root.below() if root.below is not None else ()), 0)]
        while waiting:
            before, lines, at = waiting.pop()
            if at >= len(lines):
                continue
            waiting.append((before, lines, at + 1))
            last = at + 1 == len(lines)
            lead = before + (guides.last if last else guides.other)
            if len(waiting) > DEPTH:
                yield f"{lead}{guides.more} {len(lines) - at} more, and what is below"
                waiting.pop()
                continue
            yield lead + _shown(lines[at], _room(width, lead), colour)
            below = lines[at].below
            if below is not None:
                waiting.append(
                    (before + (guides.below_last if last else guides.below_other), list(below()), 0)
                )


def _room(width: int | None, lead: str) -> int | None:
    return None if width is None else max(width - len(lead), 10)


def _shown(line: Line, room: int | None, colour: bool) -> str:
    text, detail = visible(masked(line.text)), visible(masked(line.detail))
    if room is not None:
        text = cut(text, room)
        left = room - columns(text) - 2
        detail = cut(detail, left) if left >= 10 else ""
    if line.faint:
        text, detail = f"{text}  {detail}" if detail else text, ""
        return _dim(text) if colour else text
    if not detail:
        return text
    return f"{text}  {_dim(detail) if colour else detail}"


def _dim(text: str) -> str:
    return f"\x1b[{_DIM}m{text}\x1b[0m"


def merged(paths: Sequence[Sequence[str]], guides: Guides = UNICODE, width: int | None = None) -> list[Line]:
    """Paths as trees: what several have in common at their beginnings is said once. Steps between which nothing branches stand on one line, as
    far as it is wide enough."""
    tree: _Tree = {}
    for path in paths:
        here = tree
        for step in path:
            here = here.setdefault(step, {})
    return _lines(tree, guides, width)


_Tree = dict[str, "_Tree"]


def _lines(tree: _Tree, guides: Guides, room: int | None) -> list[Line]:
    found = []
    for text, below in tree.items():
        joined, used = [text], columns(visible(text))
        while len(below) == 1:
            [(step, further)] = below.items()
            used += len(guides.arrow) + 2 + columns(visible(step))
            if room is not None and used > room:
                break
            joined.append(step)
            below = further
        found.append(
            Line(f" {guides.arrow} ".join(joined), below=_later(below, guides, room) if below else None)
        )
    return found


def _later(tree: _Tree, guides: Guides, room: int | None) -> Callable[[], list[Line]]:
    return lambda: _lines(tree, guides, None if room is None else room - len(guides.last))
