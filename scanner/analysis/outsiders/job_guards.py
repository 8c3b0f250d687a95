"""Which jobs run only after somebody has looked at who started the run, whatever the event."""

from typing import Final

from scanner.analysis.outsiders.checks import Kind
from scanner.analysis.outsiders.stops import stops_of
from scanner.analysis.outsiders.worlds import World
from scanner.graph.graph import Graph, per_graph

_EVENTS: Final = ("pull_request_target", "issue_comment", "workflow_run", "issues", "pull_request")
_KINDS: Final[frozenset[Kind]] = frozenset(
    ("actor", "association", "author", "event", "label", "merged", "permission", "repository")
)


class Guards:
    """Answers for one graph."""

    def __init__(self, graph: Graph) -> None:
        self._stops = stops_of(graph)
        self._guarded: dict[str, bool] = {}

    def of(self, id: str) -> bool:
        """Whether a job, given by its id, or one that it waits for stops the outsiders of some event whom it would let through
        if it were not for who they are."""
        if id not in self._guarded:
            self._guarded[id] = any(
                self._stops.job(id, (), World(event)) is None
                and self._stops.job(id, (), World(event, _KINDS)) is not None
                for event in _EVENTS
            )
        return self._guarded[id]


@per_graph
def guards_of(graph: Graph) -> Guards:
    """The answers for a graph, which several rules ask."""
    return Guards(graph)
