"""The whole layout: parts that nothing joins each by itself, packed; in each layers, an order, heights, and the ways of the edges."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import sqrt
from typing import Final, NamedTuple

from scanner.views.html.picture.layout.heights import heights_of
from scanner.views.html.picture.layout.layers import Forward, Pair, layers_of, without_cycles
from scanner.views.html.picture.layout.ordering import centred, ordered

GAP: Final = 14.0
"""Between boxes of a layer."""

_CHANNEL: Final = 70.0
"""Between layers, at least; more where many edges pass."""

_WIDE_CHANNEL: Final = 190.0
_BETWEEN: Final = 48.0
"""Between parts that nothing joins."""

_LANE: Final = 8.0
"""The height that an edge takes where it passes a layer."""

_BENDS: Final = 12_000
"""Passed layers in all; edges that would pass more are drawn right through."""

_BUNDLE: Final = 3
"""Long edges with a common end from which on they share their way, up to where they part."""

_SIDE: Final = 1.7
"""How much wider than high a picture should be."""

_PORTS: Final = 0.7
"""The share of a side at which edges end."""


_NO_STYLES: Final[Mapping[Pair, str]] = {}


class Size(NamedTuple):
    """A node: its box, and the layer that it stands in or to the right of."""

    width: float
    height: float
    least: int = 0


class Box(NamedTuple):
    """Where a node stands: its upper left corner and its size."""

    x: float
    y: float
    width: float
    height: float
    layer: int


class Route(NamedTuple):
    """The way of an edge, from a side of its source to one of its target: pairs of points, between which it is level, joined by
    curves. It leads to the left where it is `back`."""

    source: int
    target: int
    points: tuple[tuple[float, float], ...]
    back: bool


class Placed(NamedTuple):
    """Boxes by node, the ways in the order of the edges, without edges from a node to itself, and the size of all."""

    boxes: tuple[Box, ...]
    routes: tuple[Route, ...]
    width: float
    height: float


def lay_out(sizes: Sequence[Size], pairs: Sequence[Pair], styles: Mapping[Pair, str] = _NO_STYLES) -> Placed:
    """A layout of nodes `0 … n - 1` with edges between them, several between the same two drawn as one. Edges of different `styles` do not
    share a way. The same input gives the same layout."""
    pairs = [pair for pair in dict.fromkeys(pairs) if pair[0] != pair[1]]
    parts = [_part(nodes, sizes, near, styles) for nodes, near in _parts(len(sizes), pairs)]
    boxes: dict[int, Box] = {}
    routes: dict[Pair, Route] = {}
    width = height = 0.0
    for part, x, y in _packed(parts):
        for node, box in part.boxes.items():
            boxes[node] = box._replace(x=box.x + x, y=box.y + y)
        for route in part.routes:
            moved = tuple((left + x, top + y) for left, top in route.points)
            routes[route.source, route.target] = route._replace(points=moved)
        width, height = max(width, x + part.width), max(height, y + part.height)
    return Placed(
        tuple(boxes[node] for node in range(len(sizes))), tuple(routes[pair] for pair in pairs), width, height
    )


class _Part(NamedTuple):
    boxes: dict[int, Box]
    routes: list[Route]
    width: float
    height: float


def _parts(count: int, pairs: Sequence[Pair]) -> list[tuple[list[int], list[Pair]]]:
    """The nodes that edges join, with those, in the order of their first nodes."""
    leader = list(range(count))

    def find(node: int) -> int:
        while leader[node] != node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    for source, target in pairs:
        one, two = find(source), find(target)
        leader[max(one, two)] = min(one, two)
    found: dict[int, tuple[list[int], list[Pair]]] = {}
    for node in range(count):
        found.setdefault(find(node), ([], []))[0].append(node)
    for pair in pairs:
        found[find(pair[0])][1].append(pair)
    return list(found.values())


def _packed(parts: Sequence[_Part]) -> list[tuple[_Part, float, float]]:
    """Parts below each other, small ones beside each other as far as they leave the picture wider than high."""
    area = sum((part.width + _BETWEEN) * (part.height + _BETWEEN) for part in parts)
    room = max(max((part.width for part in parts), default=0.0), sqrt(area * _SIDE))
    found = []
    x = y = tallest = 0.0
    for part in parts:
        if x and x + part.width > room:
            x, y, tallest = 0.0, y + tallest + _BETWEEN, 0.0
        found.append((part, x, y))
        x += part.width + _BETWEEN
        tallest = max(tallest, part.height)
    return found


class _Bent(NamedTuple):
    """An edge with the nodes that it passes, from left to right: its ends, and in every layer between a made one."""

    nodes: tuple[int, ...]
    turned: bool


def _part(
    nodes: Sequence[int], sizes: Sequence[Size], near: Sequence[Pair], styles: Mapping[Pair, str]
) -> _Part:
    number = {node: at for at, node in enumerate(nodes)}
    mine = [(number[source], number[target]) for source, target in near]
    forward = without_cycles(len(nodes), mine)
    layer = layers_of(
        [sizes[node].least for node in nodes], forward.pairs, max(12, int(1.9 * sqrt(len(nodes))))
    )
    tall = [sizes[node].height + GAP for node in nodes]
    real = len(nodes)
    bent = _bent(forward, [styles.get(pair, "") for pair in near], layer, tall)
    rows: list[list[int]] = [[] for _ in range(max(layer) + 1)]
    for one, at in enumerate(layer):
        rows[at].append(one)
    out: list[list[int]] = [[] for _ in layer]
    into: list[list[int]] = [[] for _ in layer]
    joined: set[Pair] = set()
    for edge in bent:
        for one, two in pairwise(edge.nodes):
            if layer[two] - layer[one] == 1 and (one, two) not in joined:
                joined.add((one, two))
                out[one].append(two)
                into[two].append(one)
    rows = centred(ordered(rows, out, into), out, into)
    weights = [1.0 if one < real else 2.5 for one in range(len(layer))]
    middles = heights_of(rows, out, into, tall, weights)
    lefts, widths = _columns(rows, bent, layer, [sizes[node].width for node in nodes])
    boxes = {
        node: Box(
            lefts[layer[at]],
            middles[at] - sizes[node].height / 2,
            sizes[node].width,
            sizes[node].height,
            layer[at],
        )
        for at, node in enumerate(nodes)
    }
    routes = _routes(nodes, bent, near, boxes, layer, middles, lefts, widths)
    height = max(middle + size / 2 for middle, size in zip(middles, tall, strict=True))
    return _Part(boxes, routes, lefts[-1] + widths[-1], height)


def _bent(forward: Forward, styles: Sequence[str], layer: list[int], tall: list[float]) -> list[_Bent]:
    """Edges with a node in every layer that they pass; makes these nodes. Long edges of one style share them, from one source or to
    one target."""
    pairs = forward.pairs
    spans = sorted(layer[target] - layer[source] - 1 for source, target in pairs)
    left, longest = _BENDS, 0
    for span in spans:
        left -= span
        if left < 0:
            break
        longest = span
    long = [0 < layer[target] - layer[source] - 1 <= longest for source, target in pairs]
    leaving: Counter[tuple[int, str]] = Counter()
    arriving: Counter[tuple[int, str]] = Counter()
    for (source, target), style, passes in zip(pairs, styles, long, strict=True):
        leaving[source, style] += passes
        arriving[target, style] += passes
    lanes: dict[tuple[int, int, str, int], int] = {}
    found = []
    for at, ((source, target), style) in enumerate(zip(pairs, styles, strict=True)):
        out, into = leaving[source, style], arriving[target, style]
        first, last = source, target
        if max(out, into) >= _BUNDLE:
            first, last = (source, -1) if out > into else (-1, target)
        passed = []
        for through in range(layer[source] + 1, layer[target]) if long[at] else ():
            lane = lanes.setdefault((first, last, style, through), len(layer))
            if lane == len(layer):
                layer.append(through)
                tall.append(_LANE)
            passed.append(lane)
        found.append(_Bent((source, *passed, target), at in forward.turned))
    return found


def _columns(
    rows: Sequence[Sequence[int]], bent: Sequence[_Bent], layer: Sequence[int], wide: Sequence[float]
) -> tuple[list[float], list[float]]:
    """Where each layer begins, and how wide it is."""
    leaving = [0] * len(rows)
    for edge in bent:
        for one in edge.nodes[:-1]:
            leaving[layer[one]] += 1
    lefts, widths = [], []
    x = 0.0
    for row, edges in zip(rows, leaving, strict=True):
        width = max((wide[one] for one in row if one < len(wide)), default=0.0)
        lefts.append(x)
        widths.append(width)
        x += width + min(_CHANNEL + 2.0 * edges, _WIDE_CHANNEL)
    return lefts, widths


def _routes(
    nodes: Sequence[int],
    bent: Sequence[_Bent],
    near: Sequence[Pair],
    boxes: dict[int, Box],
    layer: Sequence[int],
    middles: Sequence[float],
    lefts: Sequence[float],
    widths: Sequence[float],
) -> list[Route]:
    starts = _ports(bent, middles, nodes, boxes, leaving=True)
    ends = _ports(bent, middles, nodes, boxes, leaving=False)
    found = []
    for at, (edge, (source, target)) in enumerate(zip(bent, near, strict=True)):
        first, last = boxes[nodes[edge.nodes[0]]], boxes[nodes[edge.nodes[-1]]]
        points = [(first.x + first.width, starts[at])]
        right = lefts[first.layer] + widths[first.layer]
        if right > points[0][0]:
            points.append((right, starts[at]))  # beside a wider box of its layer it keeps its height
        else:
            points.append(points[0])
        for one in edge.nodes[1:-1]:
            x = lefts[layer[one]]
            points += [(x, middles[one]), (x + widths[layer[one]], middles[one])]
        points += [(last.x, ends[at]), (last.x, ends[at])]
        found.append(Route(source, target, tuple(reversed(points) if edge.turned else points), edge.turned))
    return found


def _ports(
    bent: Sequence[_Bent],
    middles: Sequence[float],
    nodes: Sequence[int],
    boxes: dict[int, Box],
    *,
    leaving: bool,
) -> list[float]:
    """The height at which each edge leaves its box, or arrives there: side by side, in the order of where they come from."""
    by_box: dict[int, dict[int, list[int]]] = {}
    for at, edge in enumerate(bent):
        mine, other = (edge.nodes[0], edge.nodes[1]) if leaving else (edge.nodes[-1], edge.nodes[-2])
        by_box.setdefault(mine, {}).setdefault(other, []).append(at)
    found = [0.0] * len(bent)
    for mine, others in by_box.items():
        box = boxes[nodes[mine]]
        step = min(box.height * _PORTS / len(others), 9.0)
        top = box.y + box.height / 2 - step * (len(others) - 1) / 2
        for number, other in enumerate(sorted(others, key=lambda one: (middles[one], one))):
            for at in others[other]:
                found[at] = top + step * number
    return found
