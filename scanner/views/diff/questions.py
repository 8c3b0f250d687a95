"""What own checks ask in two states of a policy: their conditions, and the values that these refer to."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.nodes import Mapping as YamlMapping
from scanner.parse.nodes import Node, Scalar, Sequence
from scanner.views.diff.effects import Effect, plain

Roots = Mapping[str, Node | None]
"""The files of a policy by their paths."""


def values(old: Roots, new: Roots, checks: AbstractSet[str]) -> Iterator[Effect]:
    """Values that are other ones. What they let pass depends on the checks that ask for them; `checks` are all of both."""
    before, after = _entries(old, "values"), _entries(new, "values")
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name, []), after.get(name, [])
        was, now = ([plain(entry.node) for entry in entries] for entries in (one, other))
        if was == now:
            continue
        at, stood = (entries[0].at if entries else None for entries in (other, one))
        if not checks:
            yield Effect("changed", "values", quoted(name), "is another value", at=at, was=stood)
        elif len(was) == len(now) == 1 and _passes_less(name, was[0], now[0], (old, new), checks):
            yield Effect("tightened", "values", quoted(name), "lets less pass", at=at, was=stood)
        else:
            says = "is another value, so that checks may report less"
            yield Effect("loosened", "values", quoted(name), says, at=at, was=stood)


_TURNING: Final = frozenset(("not", "none", "count", "reaches", "reached-by"))
"""Below these, more that holds may mean less that is reported, or nobody can tell."""


def _passes_less(
    name: str, was: object, now: object, states: tuple[Roots, Roots], checks: AbstractSet[str]
) -> bool:
    """Whether a list surely makes every check report more: what `require` asks to be in it has become shorter, or longer what `forbid`
    does."""
    if not isinstance(was, list) or not isinstance(now, list):
        return False
    shorter, longer = (all(one in several for one in ones) for ones, several in ((now, was), (was, now)))
    used = False
    for roots in states:
        bodies = {id: entry.node for id, entries in _entries(roots, "checks").items() for entry in entries}
        if not checks <= bodies.keys():
            return False  # a pack's check, or a new one: what it asks does not stand in both
        for body in bodies.values():
            for path in _uses(body, name):
                used = True
                sure = shorter if path[0] == "require" else longer if path[0] == "forbid" else False
                if not sure or path[-1] != "in" or not _TURNING.isdisjoint(path):
                    return False
    return used


def _uses(body: Node, name: str) -> Iterator[tuple[str, ...]]:
    """The keys that lead to each `{value: name}`."""
    waiting: list[tuple[tuple[str, ...], Node]] = [((), body)]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, YamlMapping):
            for key, value in node.pairs:
                if key.value == "value" and isinstance(value, Scalar) and value.value == name:
                    yield path or ("",)
                else:
                    waiting.append(((*path, key.value), value))
        elif isinstance(node, Sequence):
            waiting.extend((path, item) for item in node.items)


def bodies(old: Roots, new: Roots, ids: AbstractSet[str]) -> Iterator[Effect]:
    """Checks of both that ask something else. Their severity is asked of the policy."""
    before, after = _entries(old, "checks"), _entries(new, "checks")
    for id in sorted(ids):
        one, other = before.get(id, []), after.get(id, [])
        if [_question(entry.node) for entry in one] != [_question(entry.node) for entry in other]:
            at, stood = (entries[0].at if entries else None for entries in (other, one))
            says = "asks something else and may report less"
            yield Effect("loosened", "checks", quoted(id), says, at=at, was=stood)


def _question(body: Node) -> object:
    asked = plain(body)
    return {key: one for key, one in asked.items() if key != "severity"} if isinstance(asked, dict) else asked


class _Entry(NamedTuple):
    """A key of a section, and what stands there."""

    at: Span
    node: Node


def _entries(roots: Roots, section: str) -> dict[str, list[_Entry]]:
    """What all files say under a section, in the order in which they are read."""
    found: dict[str, list[_Entry]] = {}
    for root in roots.values():
        part = root.get(section) if isinstance(root, YamlMapping) else None
        for key, value in part.pairs if isinstance(part, YamlMapping) else ():
            found.setdefault(key.value, []).append(_Entry(key.span, value))
    return found
