"""A mistake in a workflow or action, and how the rules say it."""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from scanner.model.finding import Hit, Note, Problem
from scanner.model.nearest import nearest
from scanner.model.source import Span
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence


class Mistake(NamedTuple):
    """Something that GitHub refuses or misreads, with the id of the `rule` that says it.

    `at` is the text to underline, `start` the offset of the node that is wrong, where a reader would say it too; `subject` is
    the id of the graph's node around it. `message` depends on nothing but the mistake, since it tells findings apart from run to
    run; `advice` is what follows it. `variant` is one of the rule's, for another severity.
    """

    rule: str
    at: Span
    start: int
    subject: str
    message: str
    advice: str = ""
    variant: str | None = None
    related: tuple[Note, ...] = ()


class Said(NamedTuple):
    """What is wrong with the value `at`, which stands below `key`, before it is known whose it is."""

    at: Node
    key: Scalar | None
    message: str
    advice: str = ""

    def mistake(self, rule: str, subject: str, end: str = "") -> Mistake:
        return Mistake(
            rule, place(self.at, self.key), self.at.start, subject, self.message + end, self.advice
        )


class Advice:
    """`nearest` for the first mistakes of a run and not too many names: looking for a name costs."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = 100

    def __call__(self, name: str, names: Collection[str]) -> str:
        self.left -= 1
        return nearest(name, names) if self.left >= 0 and len(names) <= 200 else ""


def hits(mistakes: Iterable[Mistake], rule: str, problems: Iterable[Problem]) -> Iterator[Hit]:
    """The mistakes of one rule, without those that a reader has said already, each place and message once."""
    said = {(problem.at.path, problem.at.start) for problem in problems}
    seen: set[tuple[Span, str]] = set()
    for mistake in mistakes:
        if mistake.rule != rule or (mistake.at.path, mistake.start) in said:
            continue
        key = (mistake.at, mistake.message)
        if key not in seen:
            seen.add(key)
            yield Hit(
                mistake.at,
                mistake.subject,
                mistake.message + mistake.advice,
                mistake.variant,
                evidence=(mistake.message,),
                related=mistake.related,
            )


def place(node: Node, key: Scalar | None = None) -> Span:
    """Where to point for a value: its text when it is a scalar that has one, else its key, else where it begins."""
    if isinstance(node, Scalar) and node.value and not node.is_null:
        return node.content.first_line()
    if key is not None:
        return key.content.first_line()
    if isinstance(node, Mapping) and node.pairs:
        return node.pairs[0][0].content.first_line()
    if isinstance(node, Sequence) and node.items and isinstance(node.items[0], Scalar):
        return node.items[0].content.first_line()
    return Span(node.source, node.start, max(node.end, node.start)).first_line()
