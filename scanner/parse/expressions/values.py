"""The values of the expression language and how GitHub turns one type into another.

Source: "Evaluate expressions in workflows and actions" and the `expressions` package of actions/languageservices. Where that
package differs from the runner (the format of numbers: 15 significant digits; case of letters that have two), the runner counts.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

INFINITIES: Final = {"Infinity": math.inf, "+Infinity": math.inf, "-Infinity": -math.inf}
# Their upper case is a letter of ASCII, and .NET, in which GitHub compares, keeps them apart.
_KEPT: Final = "ıſ"


class Array:
    """A list; `filtered` is true for what `.*` answers, on which an index is taken of every item. Two lists are equal only
    when they are the same one."""

    __slots__ = ("filtered", "items")

    def __init__(self, items: Iterable["Value"], filtered: bool = False) -> None:
        self.items: Final = tuple(items)
        self.filtered: Final = filtered

    def __repr__(self) -> str:
        return f"Array({list(self.items)!r})"


class Object:
    """A map whose keys are compared without case, in the order in which they were given; of keys that differ only in case
    the first counts."""

    __slots__ = ("_values",)

    def __init__(self, pairs: Iterable[tuple[str, "Value"]]) -> None:
        self._values: Final[dict[str, tuple[str, Value]]] = {}
        for key, value in pairs:
            self._values.setdefault(upper(key), (key, value))

    def __repr__(self) -> str:
        return f"Object({dict(self.pairs())!r})"

    def get(self, key: str) -> "Value":
        """None, which is also null, for a key that is not there."""
        return self._values.get(upper(key), ("", None))[1]

    def has(self, key: str) -> bool:
        return upper(key) in self._values

    def pairs(self) -> Iterator[tuple[str, "Value"]]:
        return iter(self._values.values())

    def values(self) -> Iterator["Value"]:
        return (value for _, value in self._values.values())


Value = None | bool | float | str | Array | Object

Data = None | bool | int | float | str | Sequence["Data"] | Mapping[str, "Data"]
"""What JSON can say."""


def value_of(data: Data) -> Value:
    """Plain data as a value; the depth of `data` is the caller's business."""
    match data:
        case None | bool() | str() | float():
            return data
        case int():
            return as_float(data)
        case Mapping():
            return Object((key, value_of(value)) for key, value in data.items())
        case _:
            return Array(value_of(item) for item in data)


def as_float(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def upper(text: str) -> str:
    """Upper case letter by letter, as texts are compared: `ß` has none, a dotless i is no `I`."""
    if text.isascii():
        return text.upper()
    return "".join(char if char in _KEPT or len(raised := char.upper()) != 1 else raised for char in text)


def truthy(value: Value) -> bool:
    """False are null, false, 0, NaN and the empty text; every list and map is true."""
    match value:
        case None | bool():
            return bool(value)
        case float():
            return value != 0 and value == value
        case str():
            return value != ""
    return True


def text(value: Value) -> str:
    """A value as a text: null is empty, a number has at most 15 digits, a list is `Array`, a map `Object`."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return _number_text(value)
        case str():
            return value
        case Array():
            return "Array"
        case Object():
            return "Object"


def _number_text(number: float) -> str:
    if number != number:
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    return format(number, ".15g").replace("e", "E")


def number(value: Value) -> float:
    """A value as a number: NaN where it is none."""
    match value:
        case None:
            return 0.0
        case bool():
            return 1.0 if value else 0.0
        case float():
            return value
        case str():
            trimmed = value.strip()
            return number_in(trimmed) if trimmed else 0.0
    return math.nan


def number_in(written: str) -> float:
    """A number as written: decimal with sign and exponent, `0x` or `0o` without sign, Infinity; NaN for all else."""
    if written in INFINITIES:
        return INFINITIES[written]
    if not written.isascii() or "_" in written:
        return math.nan
    try:
        match written[:2]:
            case "0x" if written[2:].isalnum():
                return as_float(int(written[2:], 16))
            case "0o" if written[2:].isdigit():
                return as_float(int(written[2:], 8))
        # Python's own words for infinity and NaN are none here.
        if written.lstrip("+-")[:1] in "0123456789.":
            return float(written)
    except ValueError:
        pass
    return math.nan


def equal(one: Value, other: Value) -> bool:
    """`==`: values of different types are compared as numbers, texts without case."""
    one, other = _coerced(one, other)
    match one, other:
        case (None, None):
            return True
        case (float(), float()):
            return one == other
        case (str(), str()):
            return upper(one) == upper(other)
        case (bool(), bool()):
            return one is other
    return one is other


def less(one: Value, other: Value) -> bool:
    """`<`: false for values that cannot be compared."""
    one, other = _coerced(one, other)
    match one, other:
        case (bool(), bool()):
            return not one and other
        case (float(), float()):
            return one < other
        case (str(), str()):
            return _units(upper(one)) < _units(upper(other))
    return False


def _units(raised: str) -> bytes:
    """A text as the runner orders it: by its units of UTF-16."""
    return raised.encode("utf-16-be", "surrogatepass")


def _coerced(one: Value, other: Value) -> tuple[Value, Value]:
    """Both values as they are compared: as numbers when the types differ and neither is a list or a map."""
    if type(one) is not type(other) and is_primitive(one) and is_primitive(other):
        return number(one), number(other)
    return one, other


def is_primitive(value: Value) -> bool:
    """Whether a value is neither a list nor a map."""
    return not isinstance(value, Array | Object)
