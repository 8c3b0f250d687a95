"""The texts that a value with expressions can become, where the file says them."""

from collections.abc import Iterator
from itertools import islice, product
from typing import Final, NamedTuple

from scanner.analysis.workflows.matrix import matrix_values
from scanner.model.source import Span
from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.syntax import Access, Expression, Literal, Malformed, Operation, parse
from scanner.parse.fences import fences
from scanner.parse.nodes import Scalar
from scanner.parse.workflow import Job

OPEN: Final = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands in a text for what is not known."""

MAX_TEXTS: Final = 256


class Text(NamedTuple):
    """A text that a value can be; `said` are the places outside the value that it comes from."""

    value: str
    said: tuple[Span, ...] = ()


class Templates:
    """Answers are kept: many values of a job ask for the same part of its matrix."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, tuple[str, ...]], tuple[Text, ...]] = {}

    def texts(self, scalar: Scalar, job: Job | None) -> Iterator[Text]:
        """Every text that a value can become; what an expression keeps open is `OPEN`."""
        parts: list[tuple[Text, ...]] = []
        at = 0
        for fence in fences(scalar):
            start = scalar.value.index("${{", at)
            parts.append((Text(scalar.value[at:start]),))
            at = start + len("${{") + len(fence.text) + len("}}")
            tree = parse(fence.text)
            parts.append((Text(OPEN),) if isinstance(tree, Malformed) else tuple(self._outcomes(tree, job)))
        parts.append((Text(scalar.value[at:]),))
        combinations = product(*parts)
        for combination in islice(combinations, MAX_TEXTS):
            said = tuple(span for part in combination for span in part.said)
            yield Text("".join(part.value for part in combination), said)
        if next(combinations, None) is not None:
            yield Text(OPEN)

    def _outcomes(self, tree: Expression, job: Job | None) -> Iterator[Text]:
        match tree:
            case Literal(None | False):
                yield Text("")
            case Literal(str() as value):
                yield Text(value)
            case Operation("||", operands):
                for operand in operands:
                    yield from self._outcomes(operand, job)
            case Operation("&&", (*_, last)):
                yield from self._outcomes(last, job)
            case Access():
                for context in flowing(tree):
                    if context.path[0] != "matrix" or job is None:
                        yield Text(OPEN)
                    else:
                        yield from self._matrix(context.path[1:], job)
            case _:
                yield Text(OPEN)

    def _matrix(self, path: tuple[str, ...], job: Job) -> tuple[Text, ...]:
        key = (id(job.at), path)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = tuple(islice(_from_matrix(job, path), MAX_TEXTS + 1))
        return known


def _from_matrix(job: Job, path: tuple[str, ...]) -> Iterator[Text]:
    values = matrix_values(job, path)
    if values.computed:
        yield Text(OPEN, (values.computed[0].content.first_line(),))
    for value in values.written:
        open = "${{" in value.value
        yield Text(OPEN if open else "" if value.is_null else value.value, (value.content.first_line(),))
    if not values.computed and not values.written:
        yield Text("")
