"""What checks can speak of: the kinds of nodes and edges of a scan, and their attributes."""

from collections.abc import Iterable
from typing import NamedTuple

from scanner.analysis.attributes.attribute import Attribute, EdgeAttribute, Type
from scanner.analysis.attributes.table import attributes, edge_attributes
from scanner.graph.edge_kinds import EDGE_KINDS, node_classes
from scanner.graph.nodes.base import Node
from scanner.model.quoting import quoted


class Scope(NamedTuple):
    """What a condition is asked of: nodes of these kinds, or edges of them."""

    edges: bool
    kinds: tuple[str, ...]

    def __str__(self) -> str:
        """In a message: `an action`, `an action or image`, `an edge uses`."""
        if self.edges:
            return f"an edge {' or '.join(quoted(kind) for kind in self.kinds)}"
        return a(" or ".join(self.kinds)) if len(self.kinds) <= 3 else "a node"


class Held(NamedTuple):
    """What an attribute holds: a value of a type, or with `many` a list of them."""

    type: Type
    many: bool

    def __str__(self) -> str:
        return f"a list of {self.type.value}s" if self.many else self.type.value


def a(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def node_kinds() -> tuple[str, ...]:
    return kinds_of(node_classes())


def edge_kinds() -> tuple[str, ...]:
    return tuple(EDGE_KINDS)


def kinds_of(classes: Iterable[type[Node]]) -> tuple[str, ...]:
    """The kinds of classes of nodes, of which several may share one."""
    return tuple(dict.fromkeys(one.kind for one in classes))


def ends(scope: Scope, end: str) -> Scope:
    """The nodes at which edges begin (`source`) or end (`target`)."""
    found = [EDGE_KINDS[kind] for kind in EDGE_KINDS if kind in scope.kinds]
    return Scope(
        False,
        kinds_of(one for kind in found for one in (kind.sources if end == "source" else kind.targets)),
    )


def names(scope: Scope) -> list[str]:
    """The attributes that at least one of the kinds has."""
    return list(dict.fromkeys(name for kind in scope.kinds for name in _of_kind(scope, kind)))


def held(scope: Scope, name: str) -> dict[Held, str]:
    """What an attribute holds, each with a kind of which that is so; empty where no kind has the attribute."""
    found: dict[Held, str] = {}
    for kind in scope.kinds:
        one = _of_kind(scope, kind).get(name)
        if one is not None:
            found.setdefault(one, kind)
    return found


def _of_kind(scope: Scope, kind: str) -> dict[str, Held]:
    if scope.edges:
        return {
            name: _held(one)
            for edge, known in edge_attributes().items()
            if edge == kind
            for name, one in known.items()
        }
    return {name: _held(next(iter(classes.values()))) for name, classes in attributes().get(kind, {}).items()}


def _held(one: Attribute | EdgeAttribute) -> Held:
    return Held(one.type, one.many)
