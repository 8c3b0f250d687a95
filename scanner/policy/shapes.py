"""The shapes of a policy's values. One description reads YAML with a place in every error and gives the JSON Schema
(2020-12) that editors complete by, so that the two cannot differ.

A section of a policy is a `Record` of `Key`s; what it reads are `Fields`, typed by the key that they are asked with.
"""

from collections.abc import Callable, Collection, Iterable
from collections.abc import Mapping as Map
from datetime import date
from types import TracebackType
from typing import Any, Final, Generic, Protocol, TypeVar

from scanner.model.errors import PolicyError
from scanner.model.nearest import closest, nearest
from scanner.model.quoting import quoted
from scanner.model.source import Position, Span
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence

Schema = dict[str, Any]
"""A JSON Schema, or a part of one."""

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


def refuse(at: Span, message: str) -> PolicyError:
    """The error for a place in a policy."""
    place = at.begin
    return PolicyError(f"{at.shown}:{place.line}:{place.column}", message, place)


class Mistakes:
    """What is wrong in parts that do not depend on one another: `with mistakes:` around the reading of each of them,
    `mistakes.refuse()` behind the last."""

    __slots__ = ("_found",)

    MOST: Final = 50
    """More are not looked for: the advice behind a misspelt name costs time."""

    def __init__(self) -> None:
        self._found: Final[list[PolicyError]] = []

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, PolicyError):
            return False
        self._found.extend(error.every)
        if len(self._found) >= self.MOST:
            self.refuse()
        return True

    def __bool__(self) -> bool:
        return bool(self._found)

    def refuse(self) -> None:
        """Raises what has been found; does nothing when that is nothing."""
        if self._found:
            raise self.gathered()

    def gathered(self) -> PolicyError:
        """The first mistake with the others, those of a file together and in the order of its text."""
        files: dict[str, list[PolicyError]] = {}
        for found in self._found:
            files.setdefault(found.file, []).append(found)
        # What an alias repeats is wrong once.
        every = {str(one): one for several in files.values() for one in sorted(several, key=_in_order)}
        one, *more = every.values()
        return PolicyError(one.where, str(one).removeprefix(f"{one.where}: "), one.at, tuple(more))


def _in_order(error: PolicyError) -> Position:
    return error.at or Position(0, 0)


class Shape(Protocol[T_co]):
    """What a value must look like. `read` raises PolicyError at the place of what is wrong; `what` names the value in its
    message (`` `expires` ``)."""

    def read(self, node: Node, what: str) -> T_co: ...

    def schema(self) -> Schema: ...


class Text:
    """A text. `pattern` is a regular expression for editors, `check` raises ValueError with what is wrong."""

    def __init__(self, pattern: str = "", check: Callable[[str], object] | None = None) -> None:
        self._pattern: Final = pattern
        self._check: Final = check

    def read(self, node: Node, what: str) -> str:
        if not isinstance(node, Scalar) or node.is_null:
            raise refuse(first(node), f"{what} must be a text{but(node)}")
        if not node.value.strip():
            raise refuse(node.span, f"{what} is empty")
        if self._check is not None:
            try:
                self._check(node.value)
            except ValueError as error:
                raise refuse(node.content, f"{what}: {error}") from None
        return node.value

    def schema(self) -> Schema:
        # A number is a text too, where a text is wanted: `name: 5`.
        return {"type": ["string", "number", "boolean"], "pattern": self._pattern or r"\S"}


class Choice(Generic[T]):
    """One of some words."""

    def __init__(self, words: Map[str, T]) -> None:
        self._words: Final = words

    def read(self, node: Node, what: str) -> T:
        if isinstance(node, Scalar) and node.value in self._words:
            return self._words[node.value]
        meant = closest(node.value, tuple(self._words)) if isinstance(node, Scalar) else None
        advice = f"; did you mean {quoted(meant)}?" if meant is not None else ""
        raise refuse(first(node), f"{what} must be one of {', '.join(self._words)}{but(node)}{advice}")

    def schema(self) -> Schema:
        return {"enum": list(self._words)}


class Whole:
    """A whole number between two bounds."""

    def __init__(self, least: int = 0, most: int = 1_000_000_000) -> None:
        self._least: Final = least
        self._most: Final = most

    def read(self, node: Node, what: str) -> int:
        if isinstance(node, Scalar) and node.plain:
            digits = node.value.removeprefix("-")
            if digits.isascii() and digits.isdigit() and len(digits) < 12:
                found = int(node.value)
                if self._least <= found <= self._most:
                    return found
                raise refuse(node.span, f"{what} must be between {self._least} and {self._most}")
        raise refuse(first(node), f"{what} must be a whole number{but(node)}")

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self._least, "maximum": self._most}


class Number:
    """A number between two bounds, with or without a fraction."""

    def __init__(self, least: float = 0, most: float = 1_000_000) -> None:
        self._least: Final = least
        self._most: Final = most

    def read(self, node: Node, what: str) -> float:
        if isinstance(node, Scalar) and node.plain and len(node.value) < 20:
            digits = node.value.removeprefix("-").replace(".", "", 1)
            if digits.isascii() and digits.isdigit():
                found = float(node.value)
                if self._least <= found <= self._most:
                    return found
                raise refuse(node.span, f"{what} must be between {self._least:g} and {self._most:g}")
        raise refuse(first(node), f"{what} must be a number{but(node)}")

    def schema(self) -> Schema:
        return {"type": "number", "minimum": self._least, "maximum": self._most}


class Flag:
    """`true` or `false`."""

    def read(self, node: Node, what: str) -> bool:
        if isinstance(node, Scalar) and node.boolean is not None:
            return node.boolean
        raise refuse(first(node), f"{what} must be true or false{but(node)}")

    def schema(self) -> Schema:
        return {"type": "boolean"}


class Day:
    """A date as `YYYY-MM-DD`."""

    def read(self, node: Node, what: str) -> date:
        if isinstance(node, Scalar):
            parts = node.value.split("-")
            if (
                [len(part) for part in parts] == [4, 2, 2]
                and "".join(parts).isdecimal()
                and node.value.isascii()
            ):
                try:
                    return date(*map(int, parts))
                except ValueError as error:
                    raise refuse(node.content, f"{what} must be a date as YYYY-MM-DD: {error}") from None
        raise refuse(first(node), f"{what} must be a date as YYYY-MM-DD{but(node)}")

    def schema(self) -> Schema:
        return {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


class ListOf(Generic[T]):
    """A list; with `or_one` a single item may stand without its brackets."""

    def __init__(self, item: Shape[T], *, or_one: bool = False, least: int = 0) -> None:
        self._item: Final = item
        self._or_one: Final = or_one
        self._least: Final = least

    def read(self, node: Node, what: str) -> tuple[T, ...]:
        match node:
            case Sequence():
                if len(node.items) < self._least:
                    raise refuse(first(node), f"{what} is an empty list")
                found: list[T] = []
                mistakes = Mistakes()
                for item in node.items:
                    with mistakes:
                        found.append(self._item.read(item, f"an item of {what}"))
                mistakes.refuse()
                return tuple(found)
            case _ if self._or_one and not (isinstance(node, Scalar) and node.is_null):
                return (self._item.read(node, what),)
        raise refuse(first(node), f"{what} must be a list{but(node)}")

    def schema(self) -> Schema:
        item = self._item.schema()
        several = {"type": "array", "items": item, **({"minItems": self._least} if self._least else {})}
        return {"anyOf": [item, several]} if self._or_one else several


class MapOf(Generic[T]):
    """A mapping from names of one's own to values of one shape, in the order of the file. `name` checks a key and raises
    ValueError with what is wrong; `pattern` is a regular expression of keys for editors."""

    def __init__(
        self, value: Shape[T], *, name: Callable[[str], object] | None = None, pattern: str = ""
    ) -> None:
        self._value: Final = value
        self._name: Final = name
        self._pattern: Final = pattern

    def read(self, node: Node, what: str) -> dict[str, T]:
        if not isinstance(node, Mapping):
            raise refuse(first(node), f"{what} must be a mapping{but(node)}")
        found: dict[str, T] = {}
        mistakes = Mistakes()
        for key, value in node.pairs:
            with mistakes:
                if self._name is not None:
                    try:
                        self._name(key.value)
                    except ValueError as error:
                        raise refuse(key.span, str(error)) from None
                found[key.value] = self._value.read(value, f"{quoted(key.value)} in {what}")
        mistakes.refuse()
        return found

    def schema(self) -> Schema:
        names = {"propertyNames": {"pattern": self._pattern}} if self._pattern else {}
        return {"type": "object", **names, "additionalProperties": self._value.schema()}


class Raw:
    """Any value, kept as its node: for what can be read only later, or with other words than shapes have."""

    def __init__(self, schema: Callable[[], Schema] = dict) -> None:
        self._schema: Final = schema

    def read(self, node: Node, what: str) -> Node:
        return node

    def schema(self) -> Schema:
        return self._schema()


class Key(Generic[T]):
    """A key of a record: its name, the shape of its value, and what editors show about it. `required` says why it has to
    be there, empty where it need not. A key that may be `idle` can stand there with nothing behind it, as when all of its entries
    are comments."""

    __slots__ = ("about", "idle", "name", "required", "shape")

    def __init__(
        self, name: str, shape: Shape[T], about: str, *, required: str = "", idle: bool = False
    ) -> None:
        self.name: Final = name
        self.shape: Final = shape
        self.about: Final = about
        self.required: Final = required
        self.idle: Final = idle

    def schema(self) -> Schema:
        found = self.shape.schema()
        return {
            "description": self.about,
            **({"anyOf": [found, {"type": "null"}]} if self.idle else found),
        }


class Fields:
    """What a record has read. `node` is the whole of it, for places."""

    __slots__ = ("_values", "node")

    def __init__(self, node: Mapping, values: dict[str, Any]) -> None:
        self.node: Final = node
        self._values: Final = values

    def get(self, key: Key[T]) -> T | None:
        """The value of a key, None where the policy does not name it."""
        found: T | None = self._values.get(key.name)
        return found

    def at(self, key: Key[Any]) -> Span:
        """The place of a key, that of the whole record where it is not named."""
        found = self.node.key(key.name)
        return found.span if found is not None else first(self.node)


class Record:
    """A mapping with known keys; `name` says in messages what it is (`an exception`)."""

    def __init__(self, name: str, keys: Iterable[Key[Any]]) -> None:
        self.name: Final = name
        self.keys: Final = {key.name: key for key in keys}

    def read(self, node: Node, what: str) -> Fields:
        mistakes = Mistakes()
        fields = self.gather(node, what, mistakes)
        mistakes.refuse()
        return fields

    def gather(self, node: Node, what: str, mistakes: Mistakes) -> Fields:
        """What can be read; what is wrong is added to the mistakes."""
        if not isinstance(node, Mapping):
            raise refuse(first(node), f"{what} must be a mapping with {_listed(self.keys)}{but(node)}")
        values: dict[str, Any] = {}
        for name, value in node.pairs:
            with mistakes:
                key = self.keys.get(name.value)
                if key is None:
                    raise refuse(
                        name.span,
                        f"{self.name} has no key {quoted(name.value)}{nearest(name.value, list(self.keys))}",
                    )
                if not (key.idle and isinstance(value, Scalar) and value.is_null):
                    values[key.name] = key.shape.read(value, f"`{key.name}`")
        for key in self.keys.values():
            if key.required and node.get(key.name) is None:
                with mistakes:
                    raise refuse(first(node), f"{self.name} needs {quoted(key.name)}: {key.required}")
        return Fields(node, values)

    def schema(self) -> Schema:
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {key.name: key.schema() for key in self.keys.values()},
            "required": [key.name for key in self.keys.values() if key.required],
        }


def first(node: Node) -> Span:
    """The first line of a value, for messages about all of it."""
    return node.span.first_line()


def one_of(name: str, names: Collection[str], what: str) -> None:
    """Raises ValueError with the nearest valid name, for `Text.check` and `MapOf.name`."""
    if name not in names:
        raise ValueError(f"there is no {what} {quoted(name)}{nearest(name, names)}")


def _listed(names: Collection[str]) -> str:
    return ", ".join(quoted(name) for name in names)


def but(node: Node) -> str:
    """What stands there instead, for the end of a message."""
    match node:
        case Scalar() if node.is_null:
            return ", and nothing stands here"
        case Scalar():
            return f", not {quoted(node.value)}"
        case Sequence():
            return ", not a list"
        case Mapping():
            return ", not a mapping"
