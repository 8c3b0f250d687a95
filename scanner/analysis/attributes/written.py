"""What a file of GitHub says at a key, or why that is missing: left out, or decided by a run; and where it says so."""

from collections.abc import Callable, Iterable, Iterator
from math import ceil, isfinite
from typing import Any, Final

from scanner.analysis.attributes.attribute import At, Missing, Places, World, untold
from scanner.graph.graph import EdgeKind
from scanner.graph.nodes.base import Node as GraphNode
from scanner.graph.nodes.workflows import JobNode, LocalActionNode, StepNode, WorkflowNode
from scanner.model.source import Span
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence
from scanner.parse.reader import Block

COMPUTED: Final = "only a run can tell it"

_LONGEST: Final = 60 * 24 * 365
"""Minutes of a year: more is no time that anybody means."""


def text_of(scalar: Scalar | None, key: str, *, written: bool = True) -> str | Missing:
    """A text; as it is `written`, else missing where an expression stands in it."""
    if scalar is None or scalar.is_null:
        return Missing(f"it has no `{key}`")
    if not written and "${{" in scalar.value:
        return untold(f"an expression decides its `{key}`")
    return scalar.value


def condition_of(guard: Scalar | None) -> str | Missing:
    return text_of(guard, "if")


def minutes_of(block: Mapping) -> int | Missing:
    """`timeout-minutes` of a job or step, rounded up."""
    found = _scalar(block, "timeout-minutes")
    text = text_of(found, "timeout-minutes", written=False)
    if isinstance(text, Missing):
        return text
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1.0
    if not isfinite(minutes) or not 0 <= minutes <= _LONGEST:
        return Missing("its `timeout-minutes` is no number of minutes")
    return ceil(minutes)


def flag_of(block: Mapping, key: str) -> bool | Missing:
    """A key that is true or false, and false where it is left out."""
    found = _scalar(block, key)
    if found is None or found.is_null:
        return False
    return found.boolean if found.boolean is not None else untold(f"an expression decides its `{key}`")


def keys_of(block: Block, key: str) -> tuple[str, ...] | Missing:
    """The keys of a map of texts (`env`, `with`), as written."""
    if block.expression is not None:
        return untold(f"an expression stands for all of `{key}`")
    return tuple(entry.key.value for entry in block.entries)


def is_computed(block: Mapping, key: str) -> bool:
    """Whether an expression stands where a map is due."""
    found = _scalar(block, key)
    return found is not None and "${{" in found.value


def _scalar(block: Mapping, key: str) -> Scalar | None:
    found = block.get(key)
    return found if isinstance(found, Scalar) else None


# ---------------------------------------------------------------- where it stands


def at_key(*path: str) -> At:
    """Where the value below some keys stands: a text, each item of a list, each key of a map; where an expression stands for all of
    it, that."""

    def at(node: GraphNode, world: World) -> Places:
        block = _root(node)
        for name in path[:-1]:
            inside = block.get(name) if block is not None else None
            if isinstance(inside, Scalar) and "${{" in inside.value:
                return [(None, inside.content)]
            block = inside if isinstance(inside, Mapping) else None
        return _below(block, path[-1]) if block is not None else []

    return at


def at_text(find: Callable[[Any], Scalar | None]) -> At:
    """Where one text stands, that a function finds in the node."""

    def at(node: GraphNode, world: World) -> Places:
        found = find(node)
        return [(None, found.content)] if found is not None else []

    return at


def at_texts(find: Callable[[Any], Iterable[Scalar | None]], key: str = "") -> At:
    """Where the texts of a list stand, that a function finds in the node; as a whole the list stands at a `key` of the node."""

    def at(node: GraphNode, world: World) -> Places:
        yield from _whole(node, key)
        for one in find(node):
            if one is not None:
                yield one.value, one.content

    return at


def at_entries(key: str, text: Callable[[str, str], str]) -> At:
    """Where the entries of a map stand, from the name to the value; `text` makes of these two what the attribute says."""

    def at(node: GraphNode, world: World) -> Places:
        yield from _whole(node, key)
        block = _root(node)
        inside = block.get(key) if block is not None else None
        for name, value in inside.pairs if isinstance(inside, Mapping) else ():
            if isinstance(value, Scalar):
                yield text(name.value, value.value), Span(name.source, name.start, value.end)

    return at


def at_edges(world: World, id: str, *kinds: EdgeKind) -> Places:
    """The texts that make edges of a node, each with the label of what it names."""
    for edge in world.graph.out(id):
        if edge.kind in kinds and edge.at is not None:
            yield world.graph.nodes[edge.target].label, edge.at


def _root(node: GraphNode) -> Mapping | None:
    match node:
        case WorkflowNode():
            return node.workflow.root
        case JobNode():
            return node.job.at
        case StepNode():
            return node.step.at
        case LocalActionNode():
            return node.action.root
    return None


def _below(block: Mapping, key: str) -> Iterator[tuple[str | None, Span]]:
    value: Node | None = block.get(key)
    if isinstance(value, Scalar):
        if not value.is_null:
            yield value.value, value.content
        return
    yield from _key(block, key)
    match value:
        case Sequence():
            yield from ((one.value, one.content) for one in value.items if isinstance(one, Scalar))
        case Mapping():
            yield from ((name.value, name.content) for name, _ in value.pairs)


def _whole(node: GraphNode, key: str) -> Places:
    """A key of a node, or the expression that stands for all of its value."""
    block = _root(node)
    if block is None:
        return []
    value = block.get(key)
    return [(None, value.content)] if isinstance(value, Scalar) else _key(block, key)


def _key(block: Mapping, key: str) -> Places:
    name = block.key(key)
    return [(None, name.content)] if name is not None else []
