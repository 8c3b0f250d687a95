"""What Nix sees of a value without evaluating it: literals, and names that already have a value.

A name of a `rec` set has one as soon as Nix has passed its definition (`ExprVar::maybeThunk` of Nix 2.34), so
`rec { a = "x"; b = a; }` is a text twice. Nix passes definitions in the order in which their names first appeared.
"""

from typing import Final, NamedTuple

from scanner.model.finding import Problem
from scanner.model.quoting import quoted
from scanner.model.source import Source, Span
from scanner.parse.nix.reference import Attribute as Value
from scanner.parse.nix.texts import inside, value_of
from scanner.parse.nix.tree import (
    Attribute,
    Attributes,
    Computed,
    Formal,
    Function,
    Items,
    Name,
    Node,
    Number,
    Path,
    Text,
)

Scope = tuple[Attributes, ...]
"""The `rec` sets around a value, the nearest last."""

_CONSTANTS: Final = frozenset(("true", "false", "null"))
_MAX_NAMES: Final = 32
"""Names that stand for one another one after the other."""


def inner(attributes: Attributes, scope: Scope) -> Scope:
    """What can be seen by the values of a set."""
    return (*scope, attributes) if attributes.recursive else scope


def resolved(entry: Attribute, scope: Scope) -> tuple[Node, Scope]:
    """The value of an attribute that stands in `scope`, and the scope of that value's own parts."""
    for _ in range(_MAX_NAMES):
        node = entry.value
        if not isinstance(node, Name):
            return node, scope
        sets = scope
        if entry.inherited and sets and sets[-1].entries.get(entry.name) is entry:
            sets = sets[:-1]  # `inherit x` looks outside of its own set
        while sets and node.name not in sets[-1].entries:
            sets = sets[:-1]
        if not sets:
            if node.name in _CONSTANTS:
                return node, scope
            return Computed(f"the variable {quoted(node.name)}", node.start, node.end), scope
        found = sets[-1].entries[node.name]
        if sets[-1].entries.get(entry.name) is entry and found.start >= entry.start:
            break
        entry, scope = found, sets
    return Computed("a name that has no value yet", entry.start, entry.end), scope


def is_boolean(node: Node) -> bool:
    return isinstance(node, Name) and node.name in ("true", "false")


def is_true(node: Node) -> bool:
    return isinstance(node, Name) and node.name == "true"


def described(node: Node) -> str:
    """A value in a few words."""
    match node:
        case Text():
            return "a text"
        case Path():
            return "a path"
        case Number():
            return "a number"
        case Name("null"):
            return "`null`"
        case Name():
            return f"`{node.name}`"
        case Items():
            return "a list"
        case Function():
            return "a function"
        case Attributes():
            return "a set"
        case Computed():
            return node.what


class Set(NamedTuple):
    """An attribute set, and the scope of its values."""

    attributes: Attributes
    scope: Scope


class Literals:
    """Reads values of one type; what Nix does not take becomes a problem with its place. `what` names the value."""

    __slots__ = ("problems", "source", "text")

    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self.problems = problems
        self.source = source
        self.text = source.text

    def span(self, place: Node | Attribute | Formal) -> Span:
        """Where a value or the name of an attribute stands."""
        return Span(self.source, place.start, place.end)

    def problem(self, at: Span, message: str) -> None:
        self.problems.append(Problem(at.first_line(), message))

    def wrong(self, entry: Attribute, node: Node, what: str, wanted: str) -> None:
        """`node` is what `entry` has been resolved to, which may stand elsewhere."""
        self.problem(
            self.span(entry if entry.inherited else entry.value),
            f"{what} must be written out as {wanted}, not as {described(node)}: Nix evaluates nothing here and refuses "
            "the flake"
            if isinstance(node, Computed)
            else f"{what} must be {wanted}, not {described(node)}; Nix refuses the flake",
        )

    def set(self, entry: Attribute, scope: Scope, what: str) -> Set | None:
        node, scope = resolved(entry, scope)
        if not isinstance(node, Attributes):
            self.wrong(entry, node, what, "a set")
            return None
        for start, end in node.computed:
            self.problem(
                Span(self.source, start, end),
                f"a name in {what} must be written out: Nix evaluates nothing here and refuses the flake",
            )
        return None if node.computed else Set(node, inner(node, scope))

    def text_node(self, entry: Attribute, scope: Scope, what: str) -> Text | None:
        node, _ = resolved(entry, scope)
        if isinstance(node, Text):
            return node
        self.wrong(entry, node, what, "a text")
        return None

    def boolean(self, entry: Attribute, scope: Scope, what: str) -> bool | None:
        node, _ = resolved(entry, scope)
        if is_boolean(node):
            return is_true(node)
        self.wrong(entry, node, what, "`true` or `false`")
        return None

    def scalar(self, entry: Attribute, scope: Scope, what: str) -> Value | None:
        """The value of an attribute of a fetcher."""
        node, _ = resolved(entry, scope)
        match node:
            case Text():
                return self.value(node)
            case Number(int(number)):
                return number
            case Name() if is_boolean(node):
                return is_true(node)
        self.wrong(entry, node, what, "a text, a whole number, `true` or `false`")
        return None

    def value(self, node: Text) -> str:
        return value_of(self.text, node.start, node.end)

    def inside(self, node: Text) -> Span:
        """Where a text stands, without its marks."""
        return Span(self.source, *inside(self.text, node.start, node.end)).first_line()
