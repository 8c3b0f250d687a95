"""Contexts that an `if:` holds to texts which stand in the file: `if: inputs.target == 'production'`."""

import json
from typing import Final

from scanner.analysis.taint.origin import Scope
from scanner.analysis.workflows.conditions import expression_of, joined
from scanner.parse.expressions.contexts import context_of
from scanner.parse.expressions.syntax import Call, Expression, Literal, Malformed, Operation, parse
from scanner.parse.nodes import Scalar

_NONE: Final[frozenset[tuple[str, ...]]] = frozenset()


class Conditions:
    """Answers are kept: every expression of a step asks."""

    def __init__(self) -> None:
        self._known: dict[int, frozenset[tuple[str, ...]]] = {}

    def fixes(self, path: tuple[str, ...], scope: Scope) -> bool:
        """Whether a step only runs when a context has one of a few texts, by its condition or its job's."""
        for holder in (scope.step, scope.job):
            guard = holder.condition if holder is not None else None
            if guard is not None and path in self._fixed(guard):
                return True
        return False

    def _fixed(self, guard: Scalar) -> frozenset[tuple[str, ...]]:
        known = self._known.get(id(guard))
        if known is None:
            text = expression_of(guard)
            tree = parse(text) if text is not None and ("==" in text or "contains" in text) else None
            known = _NONE if tree is None or isinstance(tree, Malformed) else _fixed(tree, True)
            self._known[id(guard)] = known
        return known


def _fixed(tree: Expression, wanted: bool) -> frozenset[tuple[str, ...]]:
    """The contexts that have a text of the file whenever a part of a condition is `wanted`."""
    pair = joined(tree, wanted)
    if pair is not None:
        every, operands = pair
        sides = [_fixed(operand, value) for operand, value in operands]
        if every:
            return _NONE.union(*sides)
        return sides[0].intersection(*sides[1:])
    match tree:
        case Operation("==" | "!=" as operator, (left, right)) if (operator == "==") is wanted:
            for side, other in ((left, right), (right, left)):
                path = context_of(side)
                if path and isinstance(other, Literal):
                    return frozenset((path,))
        case Call(name, (Call(inner, (Literal(str() as texts),)), item)) if wanted:
            path = context_of(item)
            if name.lower() == "contains" and inner.lower() == "fromjson" and path and _is_list(texts):
                return frozenset((path,))
    return _NONE


def _is_list(text: str) -> bool:
    try:
        return isinstance(json.loads(text), list)
    except (ValueError, RecursionError):
        return False
