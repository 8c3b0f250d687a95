"""Typed answers to "what stands here?", each wrong type said once with its place."""

from typing import NamedTuple

from scanner.model.finding import Problem
from scanner.model.quoting import quoted
from scanner.model.source import Source, Span
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence


class Entry(NamedTuple):
    """A key with a text as value (`env`, `with`, `secrets`, `permissions`)."""

    key: Scalar
    value: Scalar

    @property
    def line(self) -> Span:
        """From the key to the value, as far as they stand on one line."""
        return Span(self.key.source, self.key.start, self.value.end).first_line()


class Block(NamedTuple):
    """A map of texts, or one expression that stands for all of it."""

    entries: tuple[Entry, ...] = ()
    expression: Scalar | None = None

    def get(self, name: str) -> Scalar | None:
        """The value of a key; GitHub compares the names of inputs without case."""
        name = name.lower()
        for entry in self.entries:
            if entry.key.value.lower() == name:
                return entry.value
        return None


EMPTY = Block()


def is_expression(node: Node) -> bool:
    return isinstance(node, Scalar) and "${{" in node.value


class Reader:
    """Reads the nodes of one source; what has the wrong type becomes a problem and an empty answer."""

    __slots__ = ("problems", "source")

    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems

    def wrong(self, node: Node, what: str, wanted: str) -> None:
        end = node.end if isinstance(node, Scalar) else node.start + 1
        self.problems.append(
            Problem(
                Span(self.source, node.start, end).first_line(),
                f"{what} must be {wanted}, not {described(node)}; GitHub refuses the file",
            )
        )

    def root(self, node: Node | None, what: str, wanted: str) -> Mapping | None:
        """The mapping that the whole file must be; said when it is empty or something else."""
        if isinstance(node, Mapping) and node.pairs:
            return node
        if node is not None:
            self.wrong(node, what, wanted)
        elif not self.problems:
            self.problems.append(
                Problem(Span(self.source, 0, 0), f"the file is empty; {what} must be {wanted}")
            )
        return None

    def mapping(self, node: Node | None, what: str) -> Mapping | None:
        if node is None or (isinstance(node, Scalar) and node.is_null):
            return None
        if isinstance(node, Mapping):
            return node
        if not is_expression(node):
            self.wrong(node, what, "a mapping")
        return None

    def items(self, node: Node | None, what: str) -> list[Node]:
        """The items of a list; nothing for an expression, whose value is not known."""
        if node is None or (isinstance(node, Scalar) and node.is_null):
            return []
        if isinstance(node, Sequence):
            return node.items
        if not is_expression(node):
            self.wrong(node, what, "a list")
        return []

    def text(self, node: Node | None, what: str) -> Scalar | None:
        if node is None or (isinstance(node, Scalar) and node.is_null):
            return None
        if isinstance(node, Scalar):
            return node
        self.wrong(node, what, "a text")
        return None

    def texts(self, node: Node | None, what: str) -> tuple[Scalar, ...]:
        """One text or a list of them."""
        if isinstance(node, Sequence):
            found = (self.text(item, what) for item in node.items)
            return tuple(item for item in found if item is not None)
        one = self.text(node, what)
        return () if one is None else (one,)

    def block(self, node: Node | None, what: str) -> Block:
        if node is None or (isinstance(node, Scalar) and node.is_null):
            return EMPTY
        if isinstance(node, Scalar) and is_expression(node):
            return Block(expression=node)
        mapping = self.mapping(node, what)
        if mapping is None:
            return EMPTY
        entries = []
        for key, value in mapping.pairs:
            if isinstance(value, Scalar):
                entries.append(Entry(key, value))
            else:
                self.wrong(value, f"the value of {quoted(key.value)} in {what}", "a text")
        return Block(tuple(entries))


def described(node: Node) -> str:
    """What stands there, for a message."""
    match node:
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar() if node.is_null:
            return "empty"
        case Scalar():
            return quoted(node.value, 40)
