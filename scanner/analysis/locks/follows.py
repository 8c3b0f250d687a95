"""Follows that lead nowhere: to an input that is not there, or round in a circle."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from scanner.parse.nix.lock import Lock

Edge = tuple[str, str]


class DeadEnd(NamedTuple):
    """The follows `name` of the node `label`. `missing` is the part of its `path` that is not there, as the names up to
    it; None where the path comes back to itself through the follows in `circle`, of which this is the first."""

    label: str
    name: str
    path: tuple[str, ...]
    missing: tuple[str, ...] | None
    circle: tuple[Edge, ...] = ()


def dead_ends(lock: Lock, labels: Collection[str]) -> Iterator[DeadEnd]:
    """The follows of the nodes `labels` (and the root) at which resolution ends, each cause once. Linear in the lock."""
    blocked: dict[Edge, Edge] = {}
    for label, name, target, follows in lock.edges():
        if target is not None or not follows or not (label == lock.root or label in labels):
            continue
        path = lock.inputs_of(label)[name]
        if isinstance(path, str):
            continue
        stop = _stop(lock, path)
        if isinstance(stop, int):
            yield DeadEnd(label, name, path, path[: stop + 1])
        elif stop is not None:
            blocked[label, name] = stop
    yield from _circles(lock, blocked)


def _stop(lock: Lock, path: tuple[str, ...]) -> int | Edge | None:
    """The step of a path whose input is not there, or the follows on its way that leads nowhere; None when the path is
    sound or the node behind a label is missing, which the reader says."""
    current = lock.root
    for index, name in enumerate(path):
        target = lock.inputs_of(current).get(name)
        if target is None:
            return index
        resolved = lock.resolve(current, name)
        if resolved is None:
            return None if isinstance(target, str) else (current, name)
        current = resolved
    return None


def _circles(lock: Lock, blocked: dict[Edge, Edge]) -> Iterator[DeadEnd]:
    done: set[Edge] = set()
    for start in blocked:
        way: dict[Edge, None] = {}
        edge: Edge | None = start
        while edge is not None and edge not in done and edge not in way:
            way[edge] = None
            edge = blocked.get(edge)
        if edge is not None and edge in way:
            edges = list(way)
            circle = tuple(edges[edges.index(edge) :])
            path = lock.inputs_of(edge[0])[edge[1]]
            yield DeadEnd(*edge, (path,) if isinstance(path, str) else path, None, circle)
        done.update(way)
