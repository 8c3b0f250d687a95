"""A sketch as SVG, with classes and no styles: `picture.css` has the colours. All text goes through `_escaped`."""

from collections.abc import Iterator
from hashlib import sha256
from html import escape
from math import ceil
from pathlib import Path
from typing import Final, NamedTuple

from scanner.report.escape import bounded, visible
from scanner.views.html.picture.layout.layout import Box, Route, Size, lay_out
from scanner.views.html.picture.lettering import BELOW_ROOM, BELOW_SIZE, fitted, halved, width
from scanner.views.html.picture.picture import Drawn, Picture
from scanner.views.html.picture.shapes import outline
from scanner.views.html.picture.sketch import Explained, Figure, Line, Sign, Sketch, without_secrets

_TITLE: Final = 13.0
_BOLD: Final = 1.14
"""How much wider bold letters are, in the widest of the usual fonts."""

_SIGN: Final = 10.0
_HEIGHT: Final = 44.0
_LINE: Final = 16.0
_NARROWEST: Final = 110.0
_LEFT: Final = 14.0
_RIGHT: Final = 12.0
_BAND: Final = 6.0
_WIDEST: Final = BELOW_ROOM + _LEFT + _RIGHT + _BAND
_MARGIN: Final = 28.0
_SIGN_HEIGHT: Final = 16.0
_ARROW: Final = 5.0


def draw(sketch: Sketch, prefix: str) -> Picture:
    """The picture of a sketch; `prefix` is what stands before the paths of its repository."""
    world = _world(sketch, sha256(prefix.encode("utf-8", "surrogatepass")).hexdigest()[:6])
    svg = "\n".join((_head(sketch, world.width, world.height), *world.parts, "</svg>"))
    return Picture(
        sketch.title, svg, world.nodes, sketch.note, _legend(sketch.legend), world.width, world.height
    )


def draw_alone(sketch: Sketch) -> str:
    """An SVG file with its style, its legend below the picture, and what is left out."""
    world = _world(sketch, "0")
    style = (Path(__file__).parent / "picture.css").read_text("utf-8")
    parts = [
        f"<style>{escape(style, quote=False)}</style>",
        '<rect class="paper" width="100%" height="100%"/>',
        *world.parts,
    ]
    y, widest = world.height, world.width
    for entry in sketch.legend:
        parts.append(f'<g transform="translate({_MARGIN:g} {y})">{_sample(entry)}</g>')
        parts.append(f'<text class="below" x="{_MARGIN + 60:g}" y="{y + 13}">{_escaped(entry.text)}</text>')
        widest = max(widest, round(_MARGIN * 2 + 60 + width(entry.text, BELOW_SIZE)))
        y += 24
    if sketch.note:
        parts.append(f'<text class="below" x="{_MARGIN:g}" y="{y + 13}">{_escaped(sketch.note)}</text>')
        y += 24
    return "\n".join((_head(sketch, widest, y + round(_MARGIN)), *parts, "</svg>")) + "\n"


def _head(sketch: Sketch, width: int, height: int) -> str:
    return (
        f'<svg class="drawing" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'role="graphics-document" aria-label="{_escaped(sketch.title)}" preserveAspectRatio="xMidYMid meet">'
        f"<title>{_escaped(sketch.title)}</title><desc>{_escaped(sketch.about)}</desc>"
    )


class _World(NamedTuple):
    parts: tuple[str, ...]
    nodes: tuple[Drawn, ...]
    width: int
    height: int


def _world(sketch: Sketch, unique: str) -> _World:
    """What moves: edges, and nodes above them. `unique` tells its ids from those of other pictures."""
    figures = tuple(map(without_secrets, sketch.figures))
    numbers = {figure.id: at for at, figure in enumerate(figures)}
    lines = {(numbers[line.source], numbers[line.target]): line for line in sketch.lines}
    styles = {pair: " ".join(line.kinds) for pair, line in lines.items()}
    placed = lay_out([_size(figure) for figure in figures], list(lines), styles)
    keys = [f"{sketch.name}-{unique}-{number}" for number in range(len(figures))]
    reading = sorted(range(len(keys)), key=lambda one: (placed.boxes[one].x, placed.boxes[one].y))
    # What leads outsiders in is drawn last, above the rest.
    routes = sorted(placed.routes, key=lambda one: "outsider" in styles[one.source, one.target])
    moved = f'transform="translate({_MARGIN:g} {_MARGIN:g})"'
    parts = (
        f'<g class="world"><g class="edges" {moved}>',
        *(_edge(route, lines[route.source, route.target], keys) for route in routes),
        f'</g><g class="figures" {moved}>',
        *(_node(figures[one], placed.boxes[one], keys[one]) for one in reading),
        "</g></g>",
    )
    nodes = tuple(_drawn(figures[one], keys[one]) for one in reading)
    return _World(parts, nodes, round(placed.width + 2 * _MARGIN), round(placed.height + 2 * _MARGIN))


def _escaped(text: str) -> str:
    """Text for an element or an attribute: on one line, no control character, no markup, no lone surrogate."""
    return _marked_up(bounded(text))


def _marked_up(text: str) -> str:
    """The same of a text that is visible; XML, other than HTML, cannot hold the two last code points of its plane."""
    return escape(text.replace("\ufffe", "?").replace("\uffff", "?"))


def _drawn(figure: Figure, key: str) -> Drawn:
    facts = tuple((visible(name), bounded(value)) for name, value in figure.facts)
    return Drawn(key, figure.id, bounded(figure.full), figure.kind, facts, figure.subjects)


def _lines(figure: Figure) -> tuple[tuple[str, ...], str]:
    """Its title, in two lines where one is too short, and what stands below."""
    titles = halved(visible(figure.title[:300]), _TITLE * _BOLD, BELOW_ROOM)
    return titles, visible(figure.below[:300])


def _size(figure: Figure) -> Size:
    titles, below = _lines(figure)
    title = max(width(one[:200], _TITLE * _BOLD) for one in titles)
    wide = max(title, width(below[:200], BELOW_SIZE)) + _LEFT + _RIGHT + _BAND
    signs = sum(_sign_width(sign) + 3 for sign in figure.signs) + 20
    height = _HEIGHT + _LINE * (len(titles) - 1)
    return Size(ceil(min(max(wide, signs, _NARROWEST), _WIDEST)), height, figure.least)


# ---------------------------------------------------------------- nodes


def _node(figure: Figure, box: Box, key: str) -> str:
    titles, below = _lines(figure)
    room = box.width - _LEFT - _RIGHT - (_BAND if figure.stripe else 0)
    left = _LEFT + (_BAND if figure.stripe else 0)
    classes = " ".join(("node", f"kind-{figure.kind}", *figure.classes))
    shown = [fitted(one, _TITLE * _BOLD, room) for one in titles]
    shown_title, shown_below = " ".join(shown), fitted(below, BELOW_SIZE, room)
    abouts = [sign.about for sign in figure.signs]
    whole = [
        figure.full if figure.full != shown_title else "",
        figure.whole or (figure.below if shown_below != below else ""),
        *abouts,
    ]
    # What is cut in the box, or not said there. Its name begins with what is seen (WCAG 2.2, "Label in Name").
    more = ", ".join(one for one in whole if one)
    seen = " ".join(one for one in (shown_title, shown_below, *(sign.text for sign in figure.signs)) if one)
    label = ", ".join(one for one in (seen, more) if one)
    parts = [
        f'<g class="{classes}" id="{key}" tabindex="0" role="button" aria-label="{_escaped(label)}" '
        f'transform="translate({box.x:.1f} {box.y:.1f})">',
        f'<path class="outline" d="{outline(figure.shape, box.width, box.height)}"/>',
    ]
    if figure.stripe:
        parts.append(_band(figure.stripe, 0, 0, box.height))
    y = 19.0 if below else 27.0
    for one in shown:
        parts.append(f'<text class="name" x="{left:g}" y="{y:g}">{_marked_up(one)}</text>')
        y += _LINE
    if below:
        parts.append(f'<text class="below" x="{left:g}" y="{y:g}">{_marked_up(shown_below)}</text>')
    right = box.width + 6
    for sign in figure.signs:
        right -= _sign_width(sign)
        parts.append(_sign(sign, right, -_SIGN_HEIGHT * 0.7))
        right -= 3
    if more:
        parts.append(f"<title>{_escaped(more)}</title>")
    parts.append("</g>")
    return " ".join(parts)  # texts that follow each other without a space would be read as one word


def _sign_width(sign: Sign) -> float:
    return round(width(sign.text, _SIGN) * 1.08 + 11)


def _sign(sign: Sign, x: float, y: float) -> str:
    wide = _sign_width(sign)
    return (
        f'<g class="sign sign-{sign.kind}" transform="translate({x:g} {y:g})">'
        f'<rect width="{wide:g}" height="{_SIGN_HEIGHT:g}" rx="8"/>'
        f'<text x="{wide / 2:g}" y="11.7" text-anchor="middle">{_escaped(sign.text)}</text></g>'
    )


def _band(name: str, x: float, y: float, height: float) -> str:
    """The band of an age, its notches telling apart what its colour does: more of them are older."""
    marks = {"fresh": 0, "months": 1, "year": 2, "stale": 3, "ancient": 4}.get(name, 0)
    left, wide = x + 3, _BAND
    parts = [f'<g class="band band-{name}">']
    parts.append(
        f'<rect class="ground" x="{left:g}" y="{y + 3:g}" width="{wide:g}" height="{height - 6:g}" rx="2"/>'
    )
    for mark in range(marks):
        at = y + height - 10 - mark * 6
        parts.append(f'<path class="notch" d="M{left:g} {at:g}h{wide:g}"/>')
    if name == "unknown":
        cuts = "".join(f"M{left:g} {at:g}l{wide:g} -5" for at in range(int(y + 13), int(y + height - 4), 6))
        parts.append(f'<path class="hatch" d="{cuts}"/>')
    return "".join((*parts, "</g>"))


# ---------------------------------------------------------------- edges


def _edge(route: Route, line: Line, keys: list[str]) -> str:
    classes = " ".join(
        ("edge", *(f"edge-{kind}" for kind in line.kinds), *(("edge-back",) if route.back else ()))
    )
    return (
        f'<path class="{classes}" data-from="{keys[route.source]}" data-to="{keys[route.target]}" '
        f'd="{_way(route)}"><title>{_escaped(line.about)}</title></path>'
    )


def _way(route: Route) -> str:
    points = [(x, y) for at, (x, y) in enumerate(route.points) if not at or (x, y) != route.points[at - 1]]
    (x, y), rest = points[0], points[1:]
    parts = [f"M{x:.1f} {y:.1f}"]
    for number, (nextx, nexty) in enumerate(rest):
        if number:  # dashes begin anew, so that those of edges that share a way lie upon each other
            parts.append(f"M{x:.1f} {y:.1f}")
        if abs(nexty - y) < 0.5:
            parts.append(f"L{nextx:.1f} {nexty:.1f}")
        else:
            half = (x + nextx) / 2
            parts.append(f"C{half:.1f} {y:.1f} {half:.1f} {nexty:.1f} {nextx:.1f} {nexty:.1f}")
        x, y = nextx, nexty
    side = _ARROW if route.back else -_ARROW
    # Each half begins anew, so that dashes leave it whole.
    parts.append(f"M{x:.1f} {y:.1f}l{side:g} {side * 0.7:.1f}M{x:.1f} {y:.1f}l{side:g} {side * -0.7:.1f}")
    return "".join(parts)


# ---------------------------------------------------------------- what it means


def _legend(entries: tuple[Explained, ...]) -> str:
    if not entries:
        return ""
    items = "".join(f"<li>{_sample(one)} {_escaped(one.text)}</li>" for one in entries)
    return f'<ul class="picture-legend">{items}</ul>'


def _sample(entry: Explained) -> str:
    wide, inside = 30.0, "".join(_inside(entry))
    if entry.sample == "sign":
        text = entry.name.partition(" ")[2]
        wide = _sign_width(Sign("", text, ""))
    return (
        f'<svg class="drawing sample" viewBox="0 0 {wide:g} 18" width="{wide:g}" height="18" aria-hidden="true">'
        f"{inside}</svg>"
    )


def _inside(entry: Explained) -> Iterator[str]:
    match entry.sample:
        case "stripe":
            yield _band(entry.name, 8, -13, 44)
        case "sign":
            kind, _, text = entry.name.partition(" ")
            yield _sign(Sign(kind, text, ""), 0, 1)
        case "line":
            kinds = " ".join(f"edge-{kind}" for kind in entry.name.split())
            yield f'<path class="edge {kinds}" d="M1 9H28M28 9l-5 -3.5M28 9l-5 3.5"/>'
        case "shape":
            kind, _, classes = entry.name.partition(" ")
            yield f'<g class="node kind-{kind} {classes}"><rect class="outline" x="1" y="2" width="28" height="14" rx="3"/></g>'
