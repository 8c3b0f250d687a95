"""What an expression evaluates to, with given contexts or without a run."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from scanner.parse.expressions.contexts import context_of
from scanner.parse.expressions.functions import FUNCTIONS, EvaluationError, Memory
from scanner.parse.expressions.names import BUILT_IN, miscounted
from scanner.parse.expressions.syntax import Access, Call, Expression, Literal, Name, Operation
from scanner.parse.expressions.values import (
    Array,
    Data,
    Object,
    Value,
    equal,
    is_primitive,
    less,
    number,
    text,
    truthy,
    value_of,
)


class Failed(NamedTuple):
    """An expression that has no value, whatever the run: GitHub stops there."""

    reason: str


class Open:
    """A value that only a run can tell."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "OPEN"


OPEN: Final = Open()

_Values = Mapping[str, Value]

Known = Mapping[tuple[str, ...], Value]
"""Values of contexts by their paths in lower case: ("github", "event_name")."""


def contexts(data: Mapping[str, Data]) -> _Values:
    """Contexts as plain data, ready for `evaluate`; their names are compared without case."""
    return {name.lower(): value_of(value) for name, value in data.items()}


def evaluate(tree: Expression, contexts: _Values) -> Value | Failed:
    """The value with these contexts (see `contexts`), any other being null. A function that needs a run (`hashFiles`,
    `success`) fails."""
    found = _guarded(tree, contexts, None)
    return Failed("it calls a function that needs a run") if isinstance(found, Open) else found


def constant(tree: Expression) -> Value | Open | Failed:
    """The value if it is the same in every run: no context and no function of the run decides it. `false && x` is false."""
    return _guarded(tree, {}, OPEN)


Leaf = Callable[[Expression], bool | None]
"""Whether a part of a condition counts as true, as far as somebody knows."""


def truth(tree: Expression, known: Known | None = None, leaf: Leaf | None = None) -> bool | None:
    """Whether the value counts as true in every run, or as false in every run; None when that depends on the run.

    More is known than by `constant`: `x && false` is `x` or false, and never true. `known` are contexts whose value is given, and
    `leaf` is asked about every part that `!`, `&&` and `||` put together: then the answer is about the runs in which that holds.
    """
    match tree:
        case Operation("!", (operand,)):
            inner = truth(operand, known, leaf)
            return None if inner is None else not inner
        case Operation("&&" | "||" as operator, operands):
            decides = operator == "||"
            answer: bool | None = not decides
            for operand in operands:
                side = truth(operand, known, leaf)
                if side is decides:
                    return decides
                answer = None if side is None else answer
            return answer
    if leaf is not None:
        answer = leaf(tree)
        if answer is None:
            answer = _compared_with_truth(tree, known, leaf)
        if answer is not None:
            return answer
    found = _guarded(tree, {}, OPEN, known)
    return None if isinstance(found, Open | Failed) else truthy(found)


def _compared_with_truth(tree: Expression, known: Known | None, leaf: Leaf) -> bool | None:
    """The answer to `x == true` and the like, where `leaf` knows whether `x` is true."""
    match tree:
        case Operation(
            "==" | "!=" as operator, (side, Literal(bool() as value)) | (Literal(bool() as value), side)
        ) if isinstance(side, Access | Call | Operation):
            inner = truth(side, known, leaf) if isinstance(side, Operation) else leaf(side)
            return None if inner is None else (inner is value) is (operator == "==")
    return None


def _guarded(
    tree: Expression, contexts: _Values, other: Open | None, known: Known | None = None
) -> Value | Open | Failed:
    try:
        return _Evaluator(contexts, other, known or {}).value(tree)
    except EvaluationError as error:
        return Failed(str(error))


class _Evaluator:
    """One evaluation; `other` is what contexts are that are not given. The depth of a tree is bounded by its parser."""

    __slots__ = ("contexts", "known", "memory", "other")

    def __init__(self, contexts: _Values, other: Open | None, known: Known) -> None:
        self.contexts = contexts
        self.known = known
        self.other = other
        self.memory = Memory()

    def value(self, tree: Expression) -> Value | Open:
        match tree:
            case Literal(value):
                return value
            case Name(name):
                return self.contexts.get(name.lower(), self.other)
            case Access(base, key):
                if self.known and (path := context_of(tree)) in self.known:
                    return self.known[path]
                return self.access(base, key)
            case Call(function, arguments):
                return self.call(function.lower(), arguments)
            case Operation("!", (operand,)):
                found = self.value(operand)
                return found if isinstance(found, Open) else not truthy(found)
            case Operation("&&" | "||" as operator, operands):
                return self.choice(operands, operator == "||")
            case Operation(operator, (left, right)):
                one, two = self.value(left), self.value(right)
                return (
                    OPEN if isinstance(one, Open) or isinstance(two, Open) else _compared(operator, one, two)
                )
        return OPEN

    def choice(self, operands: tuple[Expression, ...], stop: bool) -> Value | Open:
        """The first operand that is true (`||`) or false (`&&`), else the last."""
        found: Value | Open = None
        for operand in operands:
            found = self.value(operand)
            if isinstance(found, Open) or truthy(found) is stop:
                break
        return found

    def access(self, base: Expression, key: Expression | None) -> Value | Open:
        within = self.value(base)
        if key is None:
            return within if isinstance(within, Open) else Array(_items(within), True)
        at = self.value(key)
        if isinstance(at, Open) or isinstance(within, Open):
            return OPEN
        if isinstance(within, Array) and within.filtered:
            found = (_item(item, at) for item in within.items)
            return Array((item[0] for item in found if item), True)
        item = _item(within, at)
        return item[0] if item else None

    def call(self, function: str, arguments: tuple[Expression, ...]) -> Value | Open:
        arity = BUILT_IN.get(function)
        if arity is None:
            return OPEN
        wrong = miscounted(function, len(arguments), arity)
        if wrong is not None:
            raise EvaluationError(wrong)
        if function == "case":
            return self.case(arguments)
        values: list[Value] = []
        for argument in arguments:
            found = self.value(argument)
            if isinstance(found, Open):
                return OPEN
            values.append(found)
        return FUNCTIONS[function](values, self.memory)

    def case(self, arguments: tuple[Expression, ...]) -> Value | Open:
        """The value behind the first condition that is true, else the last; what stands behind it is not evaluated."""
        for condition, value in zip(arguments[:-1:2], arguments[1::2], strict=True):
            found = self.value(condition)
            if isinstance(found, Open):
                return OPEN
            if not isinstance(found, bool):
                raise EvaluationError("a condition of `case` is neither true nor false")
            if found:
                return self.value(value)
        return self.value(arguments[-1])


def _compared(operator: str, one: Value, other: Value) -> bool:
    match operator:
        case "==":
            return equal(one, other)
        case "!=":
            return not equal(one, other)
        case "<":
            return less(one, other)
        case ">":
            return less(other, one)
        case "<=":
            return equal(one, other) or less(one, other)
        case _:
            return equal(one, other) or less(other, one)


def _items(value: Value) -> Iterator[Value]:
    """What `.*` takes of a value; of what `.*` has answered, the items of its items."""
    if isinstance(value, Array) and value.filtered:
        for item in value.items:
            yield from item.items if isinstance(item, Array) else ()
            yield from item.values() if isinstance(item, Object) else ()
    elif isinstance(value, Array):
        yield from value.items
    elif isinstance(value, Object):
        yield from value.values()


def _item(value: Value, at: Value) -> tuple[Value] | None:
    """The item of a list or map, in a tuple; None when there is none."""
    match value:
        case Object() if is_primitive(at) and value.has(text(at)):
            return (value.get(text(at)),)
        case Array():
            index = number(at)
            if math.isfinite(index) and 0 <= index < len(value.items):
                return (value.items[int(index)],)
    return None
