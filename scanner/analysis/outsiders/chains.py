"""Workflows that `workflow_run` starts after others: whether an outsider can start the first of them."""

from typing import Final

from scanner.analysis.outsiders.privilege import OUTSIDER_EVENTS
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import WorkflowNode
from scanner.parse.workflow import Trigger

_PATTERN: Final = frozenset("*?+[]!")


class Chains:
    """Answers for one graph."""

    def __init__(self, graph: Graph) -> None:
        self._named: dict[str, list[WorkflowNode]] = {}
        for node in graph.of(WorkflowNode):
            name = node.workflow.name
            self._named.setdefault(name.value if name is not None else node.path, []).append(node)

    def starts_for_outsiders(self, trigger: Trigger) -> bool:
        """Whether an outsider may be behind an event; of `workflow_run` only those that follow a workflow of the
        repository which no outsider starts are excluded."""
        if trigger.event.value != "workflow_run":
            return trigger.event.value in OUTSIDER_EVENTS
        names = trigger.filter("workflows")
        if not names:
            return True
        for name in names:
            first = self._named.get(name)
            if first is None or not _PATTERN.isdisjoint(name):
                return True  # not to be seen from here
            if any(not OUTSIDER_EVENTS.keys().isdisjoint(node.workflow.events) for node in first):
                return True
        return False
