"""Which jobs run only after somebody has looked at who started the run, whatever the event."""

from scanner.analysis.outsiders.checks import WHO
from scanner.analysis.outsiders.events import EVENTS
from scanner.analysis.outsiders.stops import stops_of
from scanner.analysis.outsiders.worlds import World
from scanner.graph.graph import Graph, per_graph


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
                and self._stops.job(id, (), World(event, WHO)) is not None
                for event in EVENTS
            )
        return self._guarded[id]


@per_graph
def guards_of(graph: Graph) -> Guards:
    """The answers for a graph, which several rules ask."""
    return Guards(graph)
