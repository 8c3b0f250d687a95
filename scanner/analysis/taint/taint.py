"""One way in for rules: where texts come from, who decides them, and which files in a workspace outsiders wrote."""

from collections.abc import Iterable
from typing import Final

from scanner.analysis.outsiders.reach import reach_of
from scanner.analysis.taint.deciders import Deciders, Verdict
from scanner.analysis.taint.origins import Origin, Origins
from scanner.analysis.taint.trees import Tree
from scanner.analysis.taint.workspace import Workspace
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import StepNode
from scanner.knowledge.tables import Knowledge


class Taint:
    """Answers for one graph; each place is followed once."""

    def __init__(self, graph: Graph, knowledge: Knowledge) -> None:
        self.reach: Final = reach_of(graph, knowledge)
        self.origins: Final = Origins(graph, self._files)
        self.workspace: Final = Workspace(graph, knowledge, self.reach, self.origins)
        self.deciders: Final = Deciders(self.reach, knowledge, graph)

    def _files(self, node: StepNode) -> tuple[Tree, ...]:
        """The files of others that there are when a step starts, and those that it brings itself."""
        return (*self.workspace.before(node), *self.workspace.brought(node))

    def worst(self, node: StepNode, origins: Iterable[Origin]) -> Verdict | None:
        """The worst of what is known about the origins of a text that a step uses; None when all of them are harmless."""
        verdicts = (self.deciders.of(node, origin) for origin in origins)
        return max((one for one in verdicts if one is not None), key=lambda one: one.decider, default=None)


@per_graph
def taint_of(graph: Graph, knowledge: Knowledge) -> Taint:
    """The answers for a graph, which several rules ask."""
    return Taint(graph, knowledge)
