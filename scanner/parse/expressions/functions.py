"""The functions of the expression language that have a value without a run, as `expressions` of actions/languageservices
describes them."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Final

from scanner.model.quoting import quoted
from scanner.parse.expressions.values import (
    Array,
    Data,
    Object,
    Value,
    equal,
    is_primitive,
    text,
    upper,
    value_of,
)

MAX_MEMORY: Final = 1_048_576
"""Bytes of all texts that one evaluation may make; a text takes two for each unit and 26 more."""

MAX_JSON_DEPTH: Final = 100


class EvaluationError(Exception):
    """An expression has no value: GitHub fails the run with this message."""


class Memory:
    """Counts the texts that an evaluation makes, before they are made."""

    __slots__ = ("used",)

    def __init__(self) -> None:
        self.used = 0

    def take(self, characters: int) -> None:
        self.used += 2 * characters + 26
        if self.used > MAX_MEMORY:
            raise EvaluationError("the texts in it are longer than GitHub allows")


Function = Callable[[Sequence[Value], Memory], Value]


def _contains(arguments: Sequence[Value], _: Memory) -> Value:
    within, item = arguments
    if isinstance(within, Array):
        return any(equal(item, one) for one in within.items)
    return is_primitive(within) and is_primitive(item) and upper(text(item)) in upper(text(within))


def _starts(arguments: Sequence[Value], _: Memory) -> Value:
    whole, part = arguments
    return is_primitive(whole) and is_primitive(part) and upper(text(whole)).startswith(upper(text(part)))


def _ends(arguments: Sequence[Value], _: Memory) -> Value:
    whole, part = arguments
    return is_primitive(whole) and is_primitive(part) and upper(text(whole)).endswith(upper(text(part)))


def _format(arguments: Sequence[Value], memory: Memory) -> Value:
    pattern, found, at = text(arguments[0]), list[str](), 0

    def add(part: str) -> None:
        memory.take(len(part))
        found.append(part)

    while at < len(pattern):
        opening, closing = pattern.find("{", at), pattern.find("}", at)
        if opening < 0 and closing < 0:
            add(pattern[at:])
            break
        first = min(one for one in (opening, closing) if one >= 0)
        if pattern.startswith(("{{", "}}"), first):
            add(pattern[at : first + 1])
            at = first + 2
            continue
        digits = first + 1
        while pattern[digits : digits + 1].isdecimal() and pattern[digits].isascii():
            digits += 1
        if first == closing or closing < 0 or digits == first + 1:
            raise EvaluationError(
                f"{quoted(pattern)} is no pattern for `format`: `{{` and `}}` are written twice"
            )
        index = int(pattern[first + 1 : min(digits, first + 10)]) + 1
        if index >= len(arguments):
            raise EvaluationError(f"{quoted(pattern)} asks for more values than `format` is given")
        if digits != closing:
            raise EvaluationError(f"{quoted(pattern)} formats a value in a way that GitHub does not know")
        add(pattern[at:first])
        add(text(arguments[index]))
        at = closing + 1
    return "".join(found)


def _join(arguments: Sequence[Value], memory: Memory) -> Value:
    items = arguments[0]
    if not isinstance(items, Array):
        return text(items) if is_primitive(items) else ""
    between = text(arguments[1]) if len(arguments) > 1 and is_primitive(arguments[1]) else ","
    parts = [text(item) for item in items.items]
    memory.take(sum(len(part) + len(between) for part in parts))
    return between.join(parts)


def _from_json(arguments: Sequence[Value], memory: Memory) -> Value:
    given = text(arguments[0])
    memory.take(len(given))
    try:
        data: Data = json.loads(given, parse_int=float, parse_constant=_no_constant)
        return value_of(data)
    except (ValueError, RecursionError) as error:
        raise EvaluationError("`fromJSON` is given a text that is not JSON") from error


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _to_json(arguments: Sequence[Value], memory: Memory) -> Value:
    parts: list[str] = []
    _write(arguments[0], parts, memory, 0)
    return "".join(parts)


def _write(value: Value, parts: list[str], memory: Memory, depth: int) -> None:
    """JSON with two blanks for each level."""

    def add(part: str) -> None:
        memory.take(len(part))
        parts.append(part)

    if depth > MAX_JSON_DEPTH:
        raise EvaluationError("`toJSON` is given a value that is nested too deep")
    match value:
        case Array():
            entries, begin, end = [("", item) for item in value.items], "[", "]"
        case Object():
            entries = [(f"{encode_basestring(key)}: ", item) for key, item in value.pairs()]
            begin, end = "{", "}"
        case str():
            return add(encode_basestring(value))
        case float() if not math.isfinite(value):
            return add("null")
        case None:
            return add("null")
        case _:
            return add(text(value))
    if not entries:
        return add(begin + end)
    indent = "  " * (depth + 1)
    for index, (key, item) in enumerate(entries):
        add(f"{',' if index else begin}\n{indent}{key}")
        _write(item, parts, memory, depth + 1)
    add(f"\n{indent[2:]}{end}")
    return None


FUNCTIONS: Final[Mapping[str, Function]] = {
    "contains": _contains,
    "endswith": _ends,
    "format": _format,
    "fromjson": _from_json,
    "join": _join,
    "startswith": _starts,
    "tojson": _to_json,
}
"""By their names in lower case, each given as many arguments as `names.BUILT_IN` says. `case` is not among them: it does not
evaluate all that it is given."""
