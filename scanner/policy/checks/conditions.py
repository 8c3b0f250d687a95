"""What a check asks, once it is read: a tree of conditions. `key` tells equal conditions, so that checks share what was worked out;
`scope` is what is asked."""

from typing import Final

from scanner.policy.checks.operators import Identity, Operator
from scanner.policy.checks.vocabulary import Scope


class All:
    """All of the parts hold."""

    __slots__ = ("key", "parts", "scope")

    def __init__(self, scope: Scope, parts: "tuple[Condition, ...]") -> None:
        self.scope: Final[Scope] = scope
        self.parts: Final = parts
        self.key: Final[Identity] = Identity("all", scope, *(part.key for part in parts))


class Any:
    """One of the parts holds."""

    __slots__ = ("key", "parts", "scope")

    def __init__(self, scope: Scope, parts: "tuple[Condition, ...]") -> None:
        self.scope: Final[Scope] = scope
        self.parts: Final = parts
        self.key: Final[Identity] = Identity("any", scope, *(part.key for part in parts))


class Not:
    """The part does not hold."""

    __slots__ = ("key", "part", "scope")

    def __init__(self, part: "Condition") -> None:
        self.scope: Final[Scope] = part.scope
        self.part: Final = part
        self.key: Final[Identity] = Identity("not", part.key)


class Test:
    """An operator asked of an attribute."""

    __slots__ = ("key", "name", "operator", "scope")

    def __init__(self, scope: Scope, name: str, operator: Operator) -> None:
        self.scope: Final[Scope] = scope
        self.name: Final = name
        self.operator: Final = operator
        self.key: Final[Identity] = Identity("test", scope, name, operator.key)


class End:
    """A condition on the node at one end of an edge: its `source` or its `target`."""

    __slots__ = ("end", "key", "part", "scope")

    def __init__(self, scope: Scope, end: str, part: "Condition") -> None:
        self.scope: Final[Scope] = scope
        self.end: Final = end
        self.part: Final = part
        self.key: Final[Identity] = Identity("end", scope, end, part.key)


class Nodes:
    """Nodes of some kinds of which a condition holds."""

    __slots__ = ("key", "scope", "where")

    def __init__(self, scope: Scope, where: "Condition | None") -> None:
        self.scope: Final[Scope] = scope
        self.where: Final = where
        self.key: Final[Identity] = Identity("nodes", scope, where.key if where is not None else None)


class Reach:
    """A path of at least one edge leads to one of the nodes `to` (with `back`: from one of them). `along` are the kinds of edges that
    count (None: all), `within` is the greatest number of edges, `through` are nodes of which one stands between the ends, `count` asks
    the number of different nodes that are reached."""

    __slots__ = ("along", "back", "count", "key", "scope", "through", "to", "within")

    def __init__(
        self,
        scope: Scope,
        to: Nodes,
        *,
        back: bool,
        along: tuple[str, ...] | None,
        within: int | None,
        through: Nodes | None,
        count: Operator | None,
    ) -> None:
        self.scope: Final[Scope] = scope
        self.to: Final = to
        self.back: Final = back
        self.along: Final = along
        self.within: Final = within
        self.through: Final = through
        self.count: Final = count
        self.key: Final[Identity] = Identity(
            "reach", scope, to.key, back, along, within,
            through.key if through is not None else None, count.key if count is not None else None,
        )  # fmt: skip


Condition = All | Any | Not | Test | End | Reach
