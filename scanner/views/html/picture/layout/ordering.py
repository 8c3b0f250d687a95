"""The order within layers: sweeps by the middle of the neighbours, exchanges of neighbours, and the best order that was seen."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Final

SWEEPS: Final = 14
_WITHOUT_GAIN: Final = 4
_EXCHANGED: Final = 6_000
"""Edges between layers up to which neighbours are exchanged: that looks at all pairs of them."""

Links = Sequence[Sequence[int]]


def ordered(layers: Sequence[Sequence[int]], out: Links, into: Links) -> list[list[int]]:
    """An order of each layer with as few crossings as is found; never more than in the order given. Edges join neighbouring layers."""
    best = [list(layer) for layer in layers]
    fewest = crossings(best, out)
    edges = sum(map(len, out))
    now = [list(layer) for layer in best]
    idle = 0
    for sweep in range(SWEEPS):
        if not fewest or idle >= _WITHOUT_GAIN:
            break
        _sweep(now, out, into, down=sweep % 2 == 0, ties=sweep % 4 >= 2)
        if edges <= _EXCHANGED:
            _exchange(now, out, into)
        count = crossings(now, out)
        idle += 1
        if count < fewest:
            best, fewest, idle = [list(layer) for layer in now], count, 0
    return best


def centred(layers: Sequence[Sequence[int]], out: Links, into: Links) -> list[list[int]]:
    """The same order, but of neighbours that hang at the same nodes those with nothing behind them stand half above, half below the others.
    No crossing comes of it, and what passes a fan of leaves passes through its middle, so that the next fan stands beside it and not below."""
    return [
        [
            node
            for _, alike in groupby(layer, key=lambda node: sorted(into[node]))
            for node in _leaves_outside(tuple(alike), out)
        ]
        for layer in layers
    ]


def _leaves_outside(nodes: Sequence[int], out: Links) -> list[int]:
    leaves = [node for node in nodes if not out[node]]
    half = len(leaves) // 2
    return [*leaves[:half], *(node for node in nodes if out[node]), *leaves[half:]]


def crossings(layers: Sequence[Sequence[int]], out: Links) -> int:
    """How often edges between neighbouring layers cross."""
    return sum(_between(layer, below, out) for layer, below in pairwise(layers))


def _between(layer: Sequence[int], below: Sequence[int], out: Links) -> int:
    place = {node: at for at, node in enumerate(below)}
    tree = [0] * (len(below) + 1)
    seen = count = 0
    for node in layer:
        ends = sorted(place[one] for one in out[node])
        for end in ends:
            at, before = end + 1, 0
            while at:
                before += tree[at]
                at &= at - 1
            count += seen - before
        for end in ends:
            at = end + 1
            while at < len(tree):
                tree[at] += 1
                at += at & -at
        seen += len(ends)
    return count


def _sweep(layers: list[list[int]], out: Links, into: Links, *, down: bool, ties: bool) -> None:
    links = into if down else out
    steps = range(1, len(layers)) if down else range(len(layers) - 2, -1, -1)
    for at in steps:
        place = {node: number for number, node in enumerate(layers[at - 1 if down else at + 1])}
        layer = layers[at]
        wanted = []
        last = 0.0
        for number, node in enumerate(layer):
            ends = [place[one] for one in links[node]]
            if ends:
                last = sum(ends) / len(ends)
            # Who has no neighbour stays with who stood before it.
            wanted.append((last, -number if ties and ends else number, node))
        wanted.sort()
        layers[at] = [node for _, _, node in wanted]


def _exchange(layers: list[list[int]], out: Links, into: Links) -> None:
    for at, layer in enumerate(layers):
        sides = []
        for other, links in ((at - 1, into), (at + 1, out)):
            if 0 <= other < len(layers):
                place = {node: number for number, node in enumerate(layers[other])}
                sides.append({node: sorted(place[one] for one in links[node]) for node in layer})
        for number in range(len(layer) - 1):
            one, two = layer[number], layer[number + 1]
            kept = sum(_crossed(side[one], side[two]) for side in sides)
            if kept and sum(_crossed(side[two], side[one]) for side in sides) < kept:
                layer[number], layer[number + 1] = two, one


def _crossed(upper: Sequence[int], lower: Sequence[int]) -> int:
    """Pairs of ends, both in order, of which the upper node's lies below the lower node's."""
    return sum(bisect_left(lower, end) for end in upper)
