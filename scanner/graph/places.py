"""Which node a place of a file belongs to: the step around it, else the job, else the workflow or action."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.base import Node
from scanner.graph.nodes.workflows import JobNode, LocalActionNode, StepNode, WorkflowNode
from scanner.model.source import Span
from scanner.parse.nodes import Mapping

_NESTED: Final = 4
"""Blocks in one another (`parallel:`) that are looked through."""

_Blocks = dict[str, list[tuple[int, int, Node]]]


class NodesAt:
    """Answers for one graph, each by a binary search in the blocks of a file."""

    def __init__(self, graph: Graph) -> None:
        self._steps = _blocks((node, node.step.at) for node in graph.of(StepNode))
        self._jobs = _blocks((node, node.job.at) for node in graph.of(JobNode))
        self._files: dict[str, Node] = {}
        for kind in (WorkflowNode, LocalActionNode):
            self._files |= {node.source.path: node for node in graph.of(kind)}

    def of(self, at: Span) -> tuple[Node, ...]:
        """The innermost nodes around a place; several where an alias repeats a step, none in a file that is no workflow."""
        found = _around(self._steps, at) or _around(self._jobs, at)
        if not found and at.source.path in self._files:
            return (self._files[at.source.path],)
        return found


@per_graph
def nodes_at(graph: Graph) -> NodesAt:
    """The answers for a graph, made when they are first asked for."""
    return NodesAt(graph)


def _blocks(nodes: Iterable[tuple[Node, Mapping]]) -> _Blocks:
    found: _Blocks = {}
    for node, block in nodes:
        found.setdefault(block.source.path, []).append((block.start, block.end, node))
    for blocks in found.values():
        blocks.sort(key=lambda one: one[:2])
    return found


def _around(blocks: _Blocks, at: Span) -> tuple[Node, ...]:
    here = blocks.get(at.source.path, [])
    last = bisect_right(here, at.start, key=lambda one: one[0]) - 1
    for number in range(last, max(last - _NESTED, -1), -1):
        start, end, _ = here[number]
        if at.start <= end:
            same = [here[number][2]]
            while number > 0 and here[number - 1][:2] == (start, end):
                number -= 1
                same.append(here[number][2])
            return tuple(reversed(same))
    return ()
