"""What stands behind operators: texts, numbers, true and false, dates, durations and versions, written down or taken from `values`."""

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Map
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from scanner.analysis.attributes.attribute import Type
from scanner.model.counting import counted
from scanner.model.nearest import nearest
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence
from scanner.policy.shapes import Day, Flag, Whole, but, first, refuse

if TYPE_CHECKING:
    from packaging.version import Version

T = TypeVar("T")

VALUE: Final = "value"
"""The key of a reference: `{value: allowed-owners}`."""

_UNITS: Final = {
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}
_MAX_DIGITS: Final = 5
_MAX_ITEMS: Final = 10_000
MAX_CONDITIONS: Final = 20_000
"""Conditions of all checks of a policy."""
MAX_ALL_ITEMS: Final = 500_000
"""Items of all their lists; a list among `values` that stands alone behind an operator counts once."""
_SHOWN: Final = 5
"""Items of a list that a message shows."""


class Shared:
    """What the checks of a policy have in common while they are read: the names of `values` that they use, what has been made of a list
    among them, and how much there is in all, which is bounded."""

    def __init__(self) -> None:
        self.used: Final[dict[str, None]] = {}
        self._made: Final[dict[tuple[object, ...], object]] = {}
        self._conditions = 0
        self._items = 0

    def once(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        """What was made before, by a key that says all of it."""
        if key not in self._made:
            self._made[key] = make()
        found: T = self._made[key]  # type: ignore[assignment]
        return found

    def condition(self, at: Span) -> None:
        """One more condition. Raises PolicyError for one too many."""
        self._conditions += 1
        if self._conditions > MAX_CONDITIONS:
            raise refuse(at, f"the checks of a policy have more than {MAX_CONDITIONS:,} conditions in all")

    def item(self, at: Span) -> None:
        """One more item of a list that is read."""
        self._items += 1
        if self._items > MAX_ALL_ITEMS:
            raise refuse(
                at,
                f"the lists in the checks of a policy have more than {MAX_ALL_ITEMS:,} items in all; "
                "a list that several of them use can stand once, below `values`",
            )


class Values:
    """The entries of `values`, as one check uses them. `shared` is that of all checks of the policy."""

    def __init__(self, check: str, values: Map[str, Node], shared: Shared) -> None:
        self.check: Final = check
        self.shared: Final = shared
        self._values: Final = values

    def find(self, node: Node, what: str) -> tuple[Node, str]:
        """A node, or the value to which it refers, and what to call it in a message."""
        if not isinstance(node, Mapping) or node.key(VALUE) is None:
            return node, what
        for key, _ in node.pairs:
            if key.value != VALUE:
                raise refuse(key.span, f"beside `value` nothing may stand, and here is {quoted(key.value)}")
        name = node.get(VALUE)
        if not isinstance(name, Scalar) or name.is_null:
            raise refuse(
                first(name if name is not None else node), "`value` must be the name of an entry of `values`"
            )
        found = self._values.get(name.value)
        if found is None:
            known = list(self._values)
            more = nearest(name.value, known) if known else "; the policy has no `values`"
            raise refuse(name.span, f"there is no value {quoted(name.value)}{more}")
        self.shared.used[name.value] = None
        return found, f"the value {quoted(name.value)}, which the check `{self.check}` uses as {what},"

    def items(self, node: Node, what: str) -> Iterator[tuple[Node, str]]:
        """The items of a list of operands, those of lists among `values` with the others."""
        found, called = self.find(node, what)
        if not isinstance(found, Sequence):
            raise refuse(first(found), f"{called} must be a list{but(found)}")
        if not found.items:
            raise refuse(first(found), f"{called} is an empty list, so nothing is in it")
        for item in found.items:
            one, name = self.find(item, f"an item of {called}")
            if isinstance(one, Sequence):
                yield from ((inner, name) for inner in one.items)
            else:
                yield one, name


def operand(node: Node, type: Type, what: str) -> "str | int | bool | date | timedelta | Version":
    """The typed value of a scalar. Raises PolicyError at its place."""
    match type:
        case Type.TEXT:
            return text(node, what)
        case Type.NUMBER:
            return Whole(-1_000_000_000).read(node, what)
        case Type.FLAG:
            return Flag().read(node, what)
        case Type.DATE:
            return _date(node, what)
        case Type.DURATION:
            return duration(node, what)
        case Type.VERSION:
            found = version(text(node, what))
            if found is None:
                raise refuse(first(node), f"{what} must be a version, as in `4.1` or `v2.3.0`{but(node)}")
            return found


def literal(node: Node, type: Type, what: str) -> object:
    """An operand that is compared as a whole. A text with a star in it is refused: who writes one means a pattern, and `forbid` would
    pass for ever."""
    found = operand(node, type, what)
    if type is Type.TEXT and isinstance(found, str) and "*" in found and found != "*":
        pattern = quoted("{glob: " + found + "}")
        raise refuse(
            first(node),
            f"{what} is compared as a whole, and `*` means nothing in it; write {pattern} for a pattern, and `[*]` in one for the star itself",
        )
    return found


def operands(node: Node, type: Type, values: Values, what: str) -> tuple[object, ...]:
    """The typed items of a list, each once."""
    found: dict[object, None] = {}
    for number, (item, called) in enumerate(values.items(node, what)):
        if number >= _MAX_ITEMS:
            raise refuse(first(item), f"{what} has more than {_MAX_ITEMS:,} items")
        values.shared.item(first(item))
        found[literal(item, type, called)] = None
    return tuple(found)


def text(node: Node, what: str) -> str:
    """A text as it stands, which a quoted one without characters is too."""
    if not isinstance(node, Scalar) or node.is_null:
        raise refuse(first(node), f"{what} must be a text{but(node)}")
    return node.value


def _date(node: Node, what: str) -> date:
    if isinstance(node, Scalar) and _duration(node.value) is not None:
        raise refuse(
            node.span,
            f"{what} must be a date as YYYY-MM-DD, not {quoted(node.value)}; for an age use an attribute that is one",
        )
    return Day().read(node, what)


def duration(node: Node, what: str) -> timedelta:
    """`30d` and the like."""
    found = _duration(node.value) if isinstance(node, Scalar) else None
    if found is None:
        unit = ""
        if isinstance(node, Scalar) and node.value.isascii() and node.value.isdigit() and len(node.value) < 9:
            unit = f"; {quoted(f'{node.value}d')} are days"
        elif isinstance(node, Scalar) and node.value[-1:] in ("m", "M"):
            unit = "; months are written in days"
        raise refuse(
            first(node), f"{what} must be a duration, as in `12h`, `30d`, `2w` or `1y`{but(node)}{unit}"
        )
    return found


def _duration(written: str) -> timedelta | None:
    number, unit = written[:-1], written[-1:]
    if unit not in _UNITS or not number.isascii() or not number.isdigit() or len(number) > _MAX_DIGITS:
        return None
    return int(number) * _UNITS[unit]


def version(written: str) -> "Version | None":
    """A version as `packaging` reads it, None where it is none."""
    from packaging.version import InvalidVersion, Version

    if len(written) > 100:
        return None
    try:
        return Version(written)
    except (InvalidVersion, ValueError):
        return None


def shown(value: object) -> str:
    """A value in a message."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case timedelta():
            days, seconds = divmod(int(value.total_seconds()), 86_400)
            hours = seconds // 3600
            if days and not hours:
                return counted(days, "day")
            return counted(hours, "hour") if not days else f"{counted(days, 'day')} {counted(hours, 'hour')}"
        case tuple():
            return listed(value)
        case int() | date():
            return str(value)
        case _:
            return quoted(str(value))


def listed(values: tuple[object, ...]) -> str:
    """Several values in a message, not more than a few of them."""
    if not values:
        return "nothing"
    few = ", ".join(shown(value) for value in values[:_SHOWN])
    return few if len(values) <= _SHOWN else f"{few} and {len(values) - _SHOWN} more"
