"""Every expression of the workflows and actions, with the node it belongs to and the place of each of its parts."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import JobNode, LocalActionNode, StepNode, WorkflowNode
from scanner.model.source import Source, Span
from scanner.parse.expressions.syntax import Expression, Malformed, parse
from scanner.parse.fences import Fence, condition
from scanner.parse.fences import unclosed as unclosed_in
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence
from scanner.parse.scalars import Places


class Written(NamedTuple):
    """One expression as it is written: between fences, or (`bare`) an `if:` without them.

    `owner` is the innermost node around it and `owner.id` the id for a `Hit`. `path` are the keys that lead to it from the
    root of the file, without the positions in lists and without `parallel`: ("jobs", "build", "steps", "with", "path"); of
    an expression in a key itself, the last one is that key. `tree` is parsed without knowing which names exist.
    """

    owner: WorkflowNode | JobNode | StepNode | LocalActionNode
    path: tuple[str, ...]
    scalar: Scalar
    fence: Fence
    bare: bool

    @property
    def tree(self) -> Expression | Malformed:
        return parse(self.fence.text)

    @property
    def is_condition(self) -> bool:
        return is_condition(self.path)

    @property
    def at(self) -> Span:
        """The expression with its fences, on one line."""
        return self.fence.at.first_line()

    def span(self, part: Expression) -> Span:
        """The place of a part of the tree, on one line."""
        return self.fence.span(part.start, part.end).first_line()


def is_condition(path: tuple[str, ...]) -> bool:
    """Whether the text at a path of keys is a condition, which GitHub evaluates without fences too."""
    match path:
        case ("jobs", _, "if") | ("jobs", _, "steps", "if") | ("jobs", _, "snapshot", "if"):
            return True
        case ("runs", "steps", "if") | ("runs", "pre-if" | "post-if"):
            return True
    return False


Owner = WorkflowNode | JobNode | StepNode | LocalActionNode
Pairs = Iterable[tuple[Scalar, Node]]


@per_graph
def written(graph: Graph) -> tuple[Written, ...]:
    """The expressions of all workflows and actions, those of jobs and steps that never run included.

    What aliases repeat is there once for each place that uses it (see `aliases.once`). Texts in which a `${{` is not closed
    hold no expression behind it: see `unclosed`.
    """
    return tuple(
        Written(owner, path, scalar, fence, "${{" not in scalar.value)
        for owner, path, scalar in _scalars(graph)
        for fence in condition(scalar)
    )


def unclosed(graph: Graph) -> Iterator[tuple[Span, str]]:
    """Every `${{` without its `}}`, with the id of the node around it."""
    for owner, _, scalar in _scalars(graph):
        at = unclosed_in(scalar)
        if at is not None:
            yield Places(scalar).span(at, at + len("${{")), owner.id


@per_graph
def _scalars(graph: Graph) -> tuple[tuple[Owner, tuple[str, ...], Scalar], ...]:
    """The texts with a fence and the conditions."""
    return tuple(_walk(graph))


def _walk(graph: Graph) -> Iterator[tuple[Owner, tuple[str, ...], Scalar]]:
    fenced: dict[str, bool] = {}

    def has(source: Source) -> bool:
        found = fenced.get(source.path)
        if found is None:
            # Escapes can hide the dollar, not both braces.
            found = fenced[source.path] = "{{" in source.text
        return found

    for workflow in graph.of(WorkflowNode):
        if has(workflow.source):
            yield from _below(workflow, (), _without(workflow.workflow.root, "jobs"))
    path: tuple[str, ...]
    for job in graph.of(JobNode):
        path = ("jobs", job.job.id.value)
        if has(job.workflow.source):
            yield from _below(job, path, _without(job.job.at, "steps"))
        else:
            yield from _guard(job, (*path, "if"), job.job.condition)
    for step in graph.of(StepNode):
        path = ("runs", "steps") if step.job is None else ("jobs", step.job.id.value, "steps")
        if has(step.owner.source):
            yield from _below(step, path, _without(step.step.at, "parallel"))
        else:
            yield from _guard(step, (*path, "if"), step.step.condition)
    for action in graph.of(LocalActionNode):
        for key, value in action.action.root.pairs:
            if key.value == "runs" and isinstance(value, Mapping):
                yield from _below(action, ("runs",), _without(value, "steps"))
            elif has(action.source):
                yield from _below(action, (), ((key, value),))


def _without(mapping: Mapping, name: str) -> Pairs:
    return (pair for pair in mapping.pairs if pair[0].value != name)


def _below(
    owner: Owner, path: tuple[str, ...], pairs: Pairs
) -> Iterator[tuple[Owner, tuple[str, ...], Scalar]]:
    waiting: list[tuple[tuple[str, ...], Node]] = []

    def push(path: tuple[str, ...], pairs: Pairs) -> None:
        new: list[tuple[tuple[str, ...], Node]] = []
        for key, value in pairs:
            below = (*path, key.value)
            if "${{" in key.value:
                new.append((below, key))
            new.append((below, value))
        waiting.extend(reversed(new))

    push(path, pairs)
    while waiting:
        path, node = waiting.pop()
        match node:
            case Scalar():
                if "${{" in node.value:
                    yield owner, path, node
                elif path[-1].endswith("if"):
                    yield from _guard(owner, path, node)
            case Sequence():
                waiting.extend((path, item) for item in reversed(node.items))
            case Mapping():
                push(path, node.pairs)


def _guard(
    owner: Owner, path: tuple[str, ...], guard: Scalar | None
) -> Iterator[tuple[Owner, tuple[str, ...], Scalar]]:
    if guard is not None and is_condition(path) and not guard.is_null:
        yield owner, path, guard
