"""What an attribute is, how functions become attributes, and how they are asked."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from enum import Enum
from types import UnionType
from typing import Any, Final, NamedTuple, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

from scanner.graph.graph import Edge, EdgeKind, Graph
from scanner.graph.nodes.base import Node
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span

Version = NewType("Version", str)
"""A text that is compared as a version: `v4.1`, `2.34.8`."""


class Missing(NamedTuple):
    """There is no value, and why: the node has no such thing (`a path has no owner`), or with `unknown` there may be one that nobody can
    tell here. It is neither equal nor unequal to anything."""

    reason: str
    unknown: bool = False


def untold(reason: str) -> Missing:
    """There may be a value, and only a run, or somebody outside of the repository, can tell it."""
    return Missing(reason, unknown=True)


class Open(str):
    """An item of a list that stands for others which only a run can tell: `*` among secrets."""

    __slots__ = ()


Single = str | int | bool | date | timedelta
Value = Single | tuple[str, ...] | Missing


class Type(Enum):
    """What an attribute holds, in the words of `snowfence schema nodes`."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "true or false"
    DATE = "date"
    DURATION = "duration"
    VERSION = "version"


_TYPES: Final[dict[Any, Type]] = {
    str: Type.TEXT,
    int: Type.NUMBER,
    bool: Type.FLAG,
    date: Type.DATE,
    timedelta: Type.DURATION,
    Version: Type.VERSION,
}


class World:
    """What attributes are asked in: the graph, what is known, and the day. What was asked is kept."""

    __slots__ = ("_known", "graph", "knowledge", "now")

    def __init__(self, graph: Graph, knowledge: Knowledge, now: date) -> None:
        self.graph: Final = graph
        self.knowledge: Final = knowledge
        self.now: Final = now
        self._known: Final[dict[Attribute, dict[str, Value]]] = {}

    def value(self, attribute: "Attribute", node: Node) -> Value:
        """What a node answers."""
        known = self._known.setdefault(attribute, {})
        found = known.get(node.id)
        if found is None:
            found = known[node.id] = attribute.ask(node, self)
        return found


Places = Iterable[tuple[str | None, Span]]
"""Where a value stands: the items of a list, each with its text, and (None) the value as a whole."""

At = Callable[[Any, World], Places]


class Attribute:
    """A question to the nodes of one class. `many`: the answer is a list, of texts. `at` are the places of the value, where it is the text
    of a file."""

    __slots__ = ("about", "ask", "at", "many", "name", "node", "type")

    def __init__(
        self,
        name: str,
        node: type[Node],
        type: Type,
        many: bool,
        about: str,
        ask: Callable[[Any, World], Value],
        at: At | None = None,
    ) -> None:
        self.name: Final = name
        self.node: Final = node
        self.type: Final = type
        self.many: Final = many
        self.about: Final = about
        self.ask: Final = ask
        self.at: Final = at

    def place(self, node: Node, world: World, item: str | None = None) -> Span | None:
        """Where the file of a node says the value, or one item of a list; None where no text of the file does."""
        here = [] if self.at is None else [one for one in self.at(node, world) if one[1].path == node.path]
        at = self._chosen(here, item)
        line = at.first_line() if at is not None else None
        return line if line is not None and line.start < line.end else None

    def _chosen(self, here: list[tuple[str | None, Span]], item: str | None) -> Span | None:
        """The place of an item; else that of the value as a whole, for a list of one that of the one."""
        whole = next((at for text, at in here if text is None), None)
        if item is not None:
            return next((at for text, at in here if text == item), whole)
        items = {at for text, at in here if text is not None}
        if self.many and len(items) == 1:
            return items.pop()
        return whole if whole is not None or not here else here[0][1]

    def __repr__(self) -> str:
        return f"<{self.node.kind}.{self.name}>"


class EdgeAttribute:
    """A question to the edges of one kind; otherwise as `Attribute`."""

    __slots__ = ("about", "ask", "edge", "many", "name", "type")

    def __init__(
        self,
        name: str,
        edge: EdgeKind,
        type: Type,
        many: bool,
        about: str,
        ask: Callable[[Edge, World], Value],
    ) -> None:
        self.name: Final = name
        self.edge: Final[EdgeKind] = edge
        self.type: Final = type
        self.many: Final = many
        self.about: Final = about
        self.ask: Final = ask

    def __repr__(self) -> str:
        return f"<{self.edge}.{self.name}>"


AskT = TypeVar("AskT", bound=Callable[[Any, World], Value])
AskEdgeT = TypeVar("AskEdgeT", bound=Callable[[Edge, World], Value])

DECLARED: Final[list[Attribute]] = []
"""Every attribute of the modules that are loaded; `table` loads all of them."""

DECLARED_OF_EDGES: Final[list[EdgeAttribute]] = []


def attribute(*nodes: type[Node], at: At | None = None) -> Callable[[AskT], AskT]:
    """Makes a function an attribute of classes of nodes: its name with hyphens is the attribute's, its docstring says what it
    is, its return type what it holds. `at` says where the value stands; a node of the outside world stands where it is used."""

    def declare(ask: AskT) -> AskT:
        type, many = _held(get_type_hints(ask)["return"])
        for node in nodes:
            DECLARED.append(Attribute(_name(ask), node, type, many, _about(ask), ask, at))
        return ask

    return declare


def edge_attribute(*kinds: EdgeKind) -> Callable[[AskEdgeT], AskEdgeT]:
    """Makes a function an attribute of kinds of edges, as `attribute` does for nodes."""

    def declare(ask: AskEdgeT) -> AskEdgeT:
        type, many = _held(get_type_hints(ask)["return"])
        for kind in kinds:
            DECLARED_OF_EDGES.append(EdgeAttribute(_name(ask), kind, type, many, _about(ask), ask))
        return ask

    return declare


def _name(ask: Callable[..., Value]) -> str:
    """The name of a function with hyphens, without the underscore that keeps it apart from a word of Python."""
    return ask.__name__.strip("_").replace("_", "-")


def _about(ask: Callable[..., Value]) -> str:
    return " ".join((ask.__doc__ or "").split())


def _held(annotation: Any) -> tuple[Type, bool]:
    """The type of a return annotation without `Missing`, and whether it is a list."""
    united = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    held = next(part for part in united if part is not Missing)
    return (Type.TEXT, True) if get_origin(held) is tuple else (_TYPES[held], False)
