"""Workflows that `workflow_run` starts after others: whether an outsider can start the first of them."""

from typing import Final

from scanner.analysis.outsiders.events import OUTSIDER_EVENTS
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import WorkflowNode
from scanner.parse.workflow import Trigger

_PATTERN: Final = frozenset("*?+[]!")
_FOLLOWS: Final = "workflow_run"


class Chains:
    """Answers for one graph."""

    def __init__(self, graph: Graph) -> None:
        self._names, self._open = _begun(graph)

    def starts_for_outsiders(self, trigger: Trigger) -> bool:
        """Whether an outsider may be behind an event; of `workflow_run` only those that follow workflows of the repository
        which no outsider starts, directly or through others, are excluded."""
        if trigger.event.value != _FOLLOWS:
            return trigger.event.value in OUTSIDER_EVENTS
        names = trigger.filter("workflows")
        return not names or any(self._unseen(name) or name in self._open for name in names)

    def _unseen(self, name: str) -> bool:
        return name not in self._names or not _PATTERN.isdisjoint(name)


@per_graph
def _begun(graph: Graph) -> tuple[frozenset[str], frozenset[str]]:
    """The names of all workflows, and of those that an outsider may start: by an event of theirs, or by following another
    one of these. What cannot be seen from here counts. Each name is followed once, so circles end."""
    named: dict[str, list[WorkflowNode]] = {}
    for node in graph.of(WorkflowNode):
        named.setdefault(_name(node), []).append(node)
    followers: dict[str, list[str]] = {}
    waiting: list[str] = []
    for name, nodes in named.items():
        for trigger in (trigger for node in nodes for trigger in node.workflow.triggers):
            if trigger.event.value != _FOLLOWS:
                if trigger.event.value in OUTSIDER_EVENTS:
                    waiting.append(name)
                continue
            first = trigger.filter("workflows")
            if not first or any(one not in named or not _PATTERN.isdisjoint(one) for one in first):
                waiting.append(name)
            for one in first or ():
                followers.setdefault(one, []).append(name)
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += followers.get(name, ())
    return frozenset(named), frozenset(found)


def _name(node: WorkflowNode) -> str:
    """What others follow it by: GitHub gives a workflow without a name its path."""
    name = node.workflow.name
    return name.value if name is not None else node.path
