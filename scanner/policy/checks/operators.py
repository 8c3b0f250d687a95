"""What is asked of the value of an attribute: `is`, `in`, `matches`, `lt`, … and, of lists, `any`, `all`, `none`, `count`.

An operator answers True or False, or with the `Missing` that stands where a value is expected. `key` tells equal operators, so that
what several checks ask is worked out once.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final, Protocol

from scanner.analysis.attributes.attribute import Missing, Open, Type, Value, untold
from scanner.model.globs import Glob
from scanner.model.quoting import quoted
from scanner.policy.checks.operands import listed, shown, version
from scanner.policy.checks.patterns import Pattern

Truth = bool | Missing
PatternLike = Pattern | Glob


class Identity:
    """What tells equal operators and conditions: names, operands, and the keys of the parts. The hash is worked out once, since a key is
    asked for with every finding."""

    __slots__ = ("_hash", "_parts")

    def __init__(self, *parts: object) -> None:
        self._parts: Final = parts
        self._hash: Final = hash(parts)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Identity) and self._hash == other._hash and self._parts == other._parts
        )


def both(truths: "list[Truth]") -> Truth:
    """All of them hold (Kleene): one that is false decides, then one that is missing."""
    missing: Missing | None = None
    for truth in truths:
        if truth is False:
            return False
        if isinstance(truth, Missing) and missing is None:
            missing = truth
    return True if missing is None else missing


def either(truths: "list[Truth]") -> Truth:
    """One of them holds (Kleene): one that is true decides, then one that is missing."""
    missing: Missing | None = None
    for truth in truths:
        if truth is True:
            return True
        if isinstance(truth, Missing) and missing is None:
            missing = truth
    return False if missing is None else missing


class Operator(Protocol):
    """`phrase` says in a message what is asked (`is one of …`), `why` adds to a value why it holds or does not (`, which is none
    of …`)."""

    @property
    def key(self) -> Identity: ...

    def ask(self, value: Value) -> Truth: ...

    def phrase(self) -> str: ...

    def why(self, name: str, value: Value, outcome: bool) -> str: ...


_ORDER: Final[dict[str, tuple[Callable[..., bool], str, str]]] = {
    "lt": (lambda a, b: a < b, "below", "not below"),
    "le": (lambda a, b: a <= b, "at most", "above"),
    "gt": (lambda a, b: a > b, "above", "not above"),
    "ge": (lambda a, b: a >= b, "at least", "below"),
}
ORDER: Final = tuple(_ORDER)
_OF_DATES: Final = {
    "lt": ("before", "not before"),
    "le": ("not after", "after"),
    "gt": ("after", "not after"),
    "ge": ("not before", "before"),
}


class Among:
    """`is`, `in` and `not-in`."""

    __slots__ = ("_listed", "_set", "_type", "key", "name", "wanted")

    def __init__(self, name: str, type: Type, wanted: tuple[object, ...]) -> None:
        self.name: Final = name
        self.wanted: Final = wanted
        self._type: Final = type
        self._set: Final = frozenset(wanted)
        self._listed = ""
        self.key: Final[Identity] = Identity(name, type, self._set)

    def ask(self, value: Value) -> Truth:
        found = comparable(value, self._type)
        if isinstance(found, Missing):
            return found
        if isinstance(found, Open) and found not in self._set:
            return _open(found)
        return (found in self._set) != (self.name == "not-in")

    def phrase(self) -> str:
        if self.name == "is":
            return f"is {self._all()}"
        return f"is {'none' if self.name == 'not-in' else 'one'} of {self._all()}"

    def _all(self) -> str:
        """All that is wanted, for messages; the same in each of them."""
        self._listed = self._listed or listed(self.wanted)
        return self._listed

    @property
    def of_versions(self) -> bool:
        return self._type is Type.VERSION

    def why(self, name: str, value: Value, outcome: bool) -> str:
        said = f"`{name}` is {shown(value)}"
        among = outcome != (self.name == "not-in")
        if self.name == "is":
            return said if among or self._type is Type.FLAG else f"{said}, not {self._all()}"
        return f"{said}, which is {'one' if among else 'none'} of {self._all()}"


class Ordered:
    """`lt`, `le`, `gt` and `ge`."""

    __slots__ = ("_compare", "_type", "key", "limit", "name")

    def __init__(self, name: str, type: Type, limit: object) -> None:
        self.name: Final = name
        self.limit: Final = limit
        self._type: Final = type
        self._compare: Final = _ORDER[name][0]
        self.key: Final[Identity] = Identity(name, type, limit)

    def ask(self, value: Value) -> Truth:
        found = comparable(value, self._type)
        return found if isinstance(found, Missing) else self._compare(found, self.limit)

    def phrase(self) -> str:
        return f"is {self._words[0]} {shown(self.limit)}"

    @property
    def _words(self) -> tuple[str, str]:
        """How a value stands to the limit where the answer is yes, and where it is no."""
        return _OF_DATES[self.name] if self._type is Type.DATE else _ORDER[self.name][1:]

    def why(self, name: str, value: Value, outcome: bool) -> str:
        return f"`{name}` is {shown(value)}, which is {self._words[0 if outcome else 1]} {shown(self.limit)}"


class Like:
    """`matches` and `glob`."""

    __slots__ = ("_pattern", "key", "name", "of_versions")

    def __init__(self, name: str, pattern: PatternLike, type: Type = Type.TEXT) -> None:
        self.of_versions: Final = type is Type.VERSION
        self.name: Final = name
        self._pattern: Final = pattern
        self.key: Final[Identity] = Identity(name, pattern.text)

    def ask(self, value: Value) -> Truth:
        if not isinstance(value, str):
            return _no_text(value)
        matches = self._pattern.matches(value)
        return _open(value) if isinstance(value, Open) and not matches else matches

    def phrase(self) -> str:
        return f"matches {quoted(self._pattern.text)}"

    def why(self, name: str, value: Value, outcome: bool) -> str:
        holds = "matches" if outcome else "does not match"
        return f"`{name}` is {shown(value)}, which {holds} {quoted(self._pattern.text)}"


class Exists:
    """Whether there is a value. An empty list is one; where only a run decides, nothing tells whether there is one."""

    __slots__ = ("key", "wanted")

    def __init__(self, wanted: bool) -> None:
        self.wanted: Final = wanted
        self.key: Final[Identity] = Identity("exists", wanted)

    def ask(self, value: Value) -> Truth:
        if isinstance(value, Missing):
            return value if value.unknown else not self.wanted
        return self.wanted

    def phrase(self) -> str:
        return "is there" if self.wanted else "is not there"

    def why(self, name: str, value: Value, outcome: bool) -> str:
        return absent(name, value) if isinstance(value, Missing) else f"`{name}` is {shown(value)}"


class Every:
    """Several operators, all of which must hold."""

    __slots__ = ("key", "parts")

    def __init__(self, parts: tuple[Operator, ...]) -> None:
        self.parts: Final = parts
        self.key: Final[Identity] = Identity("every", *(part.key for part in parts))

    def ask(self, value: Value) -> Truth:
        return both([part.ask(value) for part in self.parts])

    def phrase(self) -> str:
        return " and ".join(part.phrase() for part in self.parts)

    def why(self, name: str, value: Value, outcome: bool) -> str:
        if outcome:
            return f"`{name}` is {shown(value)}"
        return next(part.why(name, value, False) for part in self.parts if part.ask(value) is False)


class Not:
    """What another operator denies."""

    __slots__ = ("key", "part")

    def __init__(self, part: Operator) -> None:
        self.part: Final = part
        self.key: Final[Identity] = Identity("not", part.key)

    def ask(self, value: Value) -> Truth:
        found = self.part.ask(value)
        return found if isinstance(found, Missing) else not found

    def phrase(self) -> str:
        return f"not ({self.part.phrase()})"

    def why(self, name: str, value: Value, outcome: bool) -> str:
        return self.part.why(name, value, not outcome)


class Quantified:
    """`any`, `all` and `none` of a list. `all` and `none` hold of an empty one, `any` does not."""

    __slots__ = ("_how", "_known", "_part", "key")

    def __init__(self, how: str, part: Operator) -> None:
        self._how: Final = how
        self._part: Final = part
        self._known: Final[dict[str, Truth]] = {}
        self.key: Final[Identity] = Identity(how, part.key)

    def ask(self, value: Value) -> Truth:
        items = _items(value)
        if items is None:
            return _no_text(value)
        truths = [self._item(item) for item in items]
        if self._how == "all":
            return both(truths)
        found = either(truths)
        return found if self._how == "any" or isinstance(found, Missing) else not found

    def deciding(self, value: Value, outcome: bool) -> str | None:
        """The one item that shows why `all` fails, and why `any` holds or `none` does not."""
        return next(self._failing(value, outcome), None)

    def failing(self, value: Value, outcome: bool) -> tuple[str, ...]:
        """All items that show it."""
        return tuple(self._failing(value, outcome))

    def _failing(self, value: Value, outcome: bool) -> Iterator[str]:
        if outcome == (self._how == "any"):
            yield from (one for one in _items(value) or () if self._item(one) is (self._how != "all"))

    def _item(self, item: str) -> Truth:
        found = self._known.get(item)
        if found is None:
            found = self._known[item] = self._part.ask(item)
        return found

    def phrase(self) -> str:
        return f"holds {self._how} that {self._part.phrase()}"

    def why(self, name: str, value: Value, outcome: bool) -> str:
        items = value if isinstance(value, tuple) and not isinstance(value, Missing) else ()
        item = self.deciding(value, outcome)
        if item is not None:
            return f"`{name}` holds {self._part.why('', item, self._how != 'all').removeprefix('`` is ')}"
        if not items:
            return f"`{name}` is empty"
        which = "each" if self._how == "all" else "none"
        return f"`{name}` is {listed(items)}, of which {which} {self._part.phrase()}"


class Counted:
    """What is asked of the number of items of a list."""

    __slots__ = ("_part", "key")

    def __init__(self, part: Operator) -> None:
        self._part: Final = part
        self.key: Final[Identity] = Identity("count", part.key)

    def ask(self, value: Value) -> Truth:
        if isinstance(value, Missing) or not isinstance(value, tuple):
            return _no_text(value)
        return self._part.ask(len(value))

    def phrase(self) -> str:
        return f"has a number of items that {self._part.phrase()}"

    def why(self, name: str, value: Value, outcome: bool) -> str:
        number = len(value) if isinstance(value, tuple) else 0
        return self._part.why(name, number, outcome).replace(f"`{name}` is", f"the number of `{name}` is", 1)


def deciding(operator: Operator, value: Value, outcome: bool) -> str | None:
    """The item of a list that shows why an operator holds or does not; None where no single one does."""
    match operator:
        case Quantified():
            return operator.deciding(value, outcome)
        case Every(parts=parts):
            asked = (part for part in parts if part.ask(value) is outcome)
            return next((one for part in asked if (one := deciding(part, value, outcome)) is not None), None)
        case Not(part=part):
            return deciding(part, value, not outcome)
    return None


def deciding_texts(operator: Operator, value: Value, outcome: bool) -> tuple[str, ...]:
    """The text, or the items of a list, by which an operator holds or does not; of numbers, dates and versions none."""
    match operator:
        case Quantified():
            return operator.failing(value, outcome)
        case Every(parts=parts):
            asked = (part for part in parts if part.ask(value) is outcome)
            return tuple(dict.fromkeys(one for part in asked for one in deciding_texts(part, value, outcome)))
        case Not(part=part):
            return deciding_texts(part, value, not outcome)
        case Like() | Among() if isinstance(value, str) and not operator.of_versions:
            return (value,)
    return ()


def comparable(value: Value, type: Type) -> object:
    """What is compared: of a version its parts, where it is one."""
    if type is not Type.VERSION or isinstance(value, Missing):
        return value
    found = version(value) if isinstance(value, str) else None
    return found if found is not None else Missing(f"{shown(value)} is no version that can be compared")


def absent(name: str, missing: Missing) -> str:
    """That there is no value, and why."""
    return f"`{name}` is missing: {missing.reason}" if missing.reason else f"`{name}` is missing"


def _items(value: Value) -> tuple[str, ...] | None:
    """The items of a list; None where there is no list."""
    return None if isinstance(value, Missing | str | int | date | timedelta) else value


def _open(item: Open) -> Missing:
    return untold(f"{shown(item)} stands for all that a run may add")


def _no_text(value: Value) -> Missing:
    return (
        value
        if isinstance(value, Missing)
        else Missing(f"{shown(value)} is of another kind than is asked for")
    )


def bounds(operator: Operator) -> tuple[int, ...]:
    """The numbers at which what an operator answers can change."""
    match operator:
        case Among():
            return tuple(one for one in operator.wanted if isinstance(one, int))
        case Ordered(limit=int() as limit):
            return (limit,)
        case Every():
            return tuple(one for part in operator.parts for one in bounds(part))
        case Not():
            return bounds(operator.part)
        case _:
            return ()
