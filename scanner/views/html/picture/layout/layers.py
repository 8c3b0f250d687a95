"""Layers: every edge leads to the right, and no layer holds more boxes than one can take in."""

from collections.abc import Sequence
from typing import NamedTuple

Pair = tuple[int, int]


class Forward(NamedTuple):
    """Edges without cycles: those at the positions `turned` stand in `pairs` the other way round."""

    pairs: tuple[Pair, ...]
    turned: frozenset[int]


def without_cycles(count: int, pairs: Sequence[Pair]) -> Forward:
    """Turns the edges that lead back to where a walk from the first node has come through (edges of a depth-first search)."""
    out: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    arrives = [False] * count
    for at, (source, target) in enumerate(pairs):
        out[source].append((at, target))
        arrives[target] = True
    state = [0] * count  # 1: on the way that led here, 2: done
    turned = set()
    for start in (*(one for one in range(count) if not arrives[one]), *range(count)):
        if state[start]:
            continue
        state[start] = 1
        way = [(start, iter(out[start]))]
        while way:
            node, rest = way[-1]
            for at, target in rest:
                if state[target] == 1:
                    turned.add(at)
                elif not state[target]:
                    state[target] = 1
                    way.append((target, iter(out[target])))
                    break
            else:
                state[node] = 2
                way.pop()
    ahead = tuple(
        (target, source) if at in turned else (source, target) for at, (source, target) in enumerate(pairs)
    )
    return Forward(ahead, frozenset(turned))


def layers_of(least: Sequence[int], pairs: Sequence[Pair], room: int) -> list[int]:
    """The layer of every node: as far to the left as its edges and its `least` layer let it, but at most `room` in a layer. Who finds no
    room goes one further to the right, those first at which nothing hangs. `pairs` have no cycle."""
    count = len(least)
    out: list[list[int]] = [[] for _ in range(count)]
    waits = [0] * count
    for source, target in pairs:
        out[source].append(target)
        waits[target] += 1
    found = [0] * count
    ready: list[int] = [one for one in range(count) if not waits[one]]
    layer = 0
    while ready:
        # Those with something behind them first, so that what waits makes nothing else wait; else as they came.
        ready.sort(key=lambda one: (least[one] > layer, not out[one]))
        fit = min(room, sum(least[one] <= layer for one in ready))
        here, ready = ready[:fit], ready[fit:]
        for one in here:
            found[one] = layer
            for target in out[one]:
                waits[target] -= 1
                if not waits[target]:
                    ready.append(target)
        layer = layer + 1 if here else min(least[one] for one in ready)
    first = min(found, default=0)
    return [one - first for one in found]
