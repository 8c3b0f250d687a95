"""The texts that a value with expressions can become, where the file says them."""

from collections.abc import Iterator
from itertools import islice, product
from typing import Final, NamedTuple

from scanner.analysis.matrix import matrix_values
from scanner.model.source import Span
from scanner.parse.expressions import (
    Access,
    Context,
    Expression,
    Literal,
    Malformed,
    Operation,
    fences,
    flowing,
    parse,
)
from scanner.parse.nodes import Scalar
from scanner.parse.workflow import Job

OPEN: Final = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands in a text for what is not known."""

MAX_TEXTS: Final = 256


class Text(NamedTuple):
    """A text that a value can be; `said` are the places outside the value that it comes from."""

    value: str
    said: tuple[Span, ...] = ()


def texts_of(scalar: Scalar, job: Job | None) -> Iterator[Text]:
    """Every text that a value can become; what an expression keeps open is `OPEN`."""
    parts: list[list[Text]] = []
    at = 0
    for fence in fences(scalar):
        start = scalar.value.index("${{", at)
        parts.append([Text(scalar.value[at:start])])
        at = start + len("${{") + len(fence.text) + len("}}")
        tree = parse(fence.text)
        parts.append([Text(OPEN)] if isinstance(tree, Malformed) else list(_outcomes(tree, job)))
    parts.append([Text(scalar.value[at:])])
    combinations = product(*parts)
    for combination in islice(combinations, MAX_TEXTS):
        said = tuple(span for part in combination for span in part.said)
        yield Text("".join(part.value for part in combination), said)
    if next(combinations, None) is not None:
        yield Text(OPEN)


def _outcomes(tree: Expression, job: Job | None) -> Iterator[Text]:
    match tree:
        case Literal(None | False):
            yield Text("")
        case Literal(str() as value):
            yield Text(value)
        case Operation("||", operands):
            for operand in operands:
                yield from _outcomes(operand, job)
        case Operation("&&", (_, right)):
            yield from _outcomes(right, job)
        case Access():
            for context in flowing(tree):
                yield from _matrix(context, job)
        case _:
            yield Text(OPEN)


def _matrix(context: Context, job: Job | None) -> Iterator[Text]:
    if context.path[0] != "matrix" or job is None:
        yield Text(OPEN)
        return
    values = matrix_values(job, context.path[1:])
    for value in values.written:
        open = "${{" in value.value
        yield Text(OPEN if open else "" if value.is_null else value.value, (value.content.first_line(),))
    if values.computed:
        yield Text(OPEN, tuple(value.content.first_line() for value in values.computed[:1]))
    elif not values.written:
        yield Text("")
