"""Inputs by which actions hand a text of others to a shell, or to a program as its options."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.taint.origin import Origin, Scope
from scanner.analysis.taint.taint import Taint
from scanner.analysis.taint.weight import Weighed, rank, weigh
from scanner.graph.nodes.workflows import StepNode
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span
from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import fences
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse


class Given(NamedTuple):
    """`at` is the expression. `does` says what one more option does, None for an input that goes to a shell."""

    at: Span
    action: str
    input: str
    does: str | None
    origin: Origin
    weighed: Weighed


def handed_on(knowledge: Knowledge, taint: Taint, node: StepNode) -> Iterator[Given]:
    """The expressions in such inputs of a step that others decide."""
    call = node.step.call
    if call is None or not isinstance(call.target, RepositoryUse):
        return
    slug = call.target.slug
    shell, settings = knowledge.text_sinks.shell_inputs(slug), knowledge.text_sinks.settings(slug)
    if not shell and not settings:
        return
    for entry in call.inputs.entries:
        name = entry.key.value.lower()
        if name in shell or name in settings:
            for at, origin, weighed in decided(taint, node, entry.value):
                yield Given(at, call.target.name, name, settings.get(name), origin, weighed)


def decided(taint: Taint, node: StepNode, value: Scalar) -> Iterator[tuple[Span, Origin, Weighed]]:
    """The expressions of a text that others decide, each with the worst of its origins."""
    scope = Scope(node.owner, node.job, node.step)
    for fence in fences(value):
        tree = parse(fence.text)
        if isinstance(tree, Malformed):
            continue
        for context in flowing(tree):
            found = [
                (weighed, origin)
                for origin in taint.origins.of(context, scope)
                if (weighed := weigh(taint, node, origin)) is not None
            ]
            if found:
                weighed, origin = max(found, key=lambda one: rank(one[0]))
                yield fence.span(context.start, context.end).first_line(), origin, weighed
