"""The way by which an outsider gets most out of a job or step: the join of who starts it, what stands before it, what it holds."""

from itertools import islice
from typing import Final, NamedTuple

from scanner.analysis.outsiders.checks import protects
from scanner.analysis.outsiders.privilege import Exposure
from scanner.analysis.outsiders.reach import Reach, reach_of
from scanner.analysis.workflows.conditions import never
from scanner.analysis.workflows.events import skips
from scanner.analysis.workflows.steps import jobs_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import JobNode, StepNode
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Note

MAX_JOBS: Final = 20
"""Jobs that use an action of the repository which are looked at."""


class Opening(NamedTuple):
    """A job with a way to it that no check closes, and in which there is something to lose."""

    job: JobNode
    way: Exposure

    @property
    def sure(self) -> bool:
        """Whether the files say that there is something to lose, and that an outsider gets there; else a setting of the repository
        or the machine does, or a filter of branches, which only a fork with a branch of that name passes."""
        way = self.way
        held = way.token.writes or way.secrets or way.all_secrets
        return way.privileged and not way.narrowed and bool(held)

    def notes(self, graph: Graph) -> tuple[Note, ...]:
        """From the event to the job."""
        way = self.way
        callers = (graph.nodes[id] for id in way.via)
        calls = (
            Note(caller.job.call.text.content.first_line(), "calls the workflow")
            for caller in callers
            if isinstance(caller, JobNode) and caller.job.call is not None
        )
        return (
            Note(way.trigger, f"`{way.event}`: {way.who} starts this"),
            *calls,
            Note(self.job.place(), f"holds {way.holds}"),
        )


class Openings:
    """Answers for one graph; what is asked of a job is worked out once."""

    def __init__(self, graph: Graph, knowledge: Knowledge) -> None:
        self._graph: Final = graph
        self._reach: Final[Reach] = reach_of(graph, knowledge)
        self._known: dict[str, tuple[Opening, ...]] = {}

    def of(self, id: str) -> Opening | None:
        """The worst one to a job or step, given by its id; one of a composite action is reached through every job that uses it."""
        node = self._graph.nodes.get(id)
        if isinstance(node, JobNode):
            return next(iter(self._of_job(node)), None)
        if not isinstance(node, StepNode):
            return None
        best = None
        for job in islice(jobs_of(self._graph, id), MAX_JOBS):
            found = next((one for one in self._of_job(job) if self._is_open(node, one.way)), None)
            if found is not None and (best is None or badness(found.way) > badness(best.way)):
                best = found
        return best

    def held(self, id: str) -> Opening | None:
        """The job of a step with what it holds in a run that only people with rights start; None when it holds nothing that is
        known."""
        for job in islice(jobs_of(self._graph, id), MAX_JOBS):
            for way in self._reach.privileges.ordinary(job):
                if way.token.writes or way.secrets or way.all_secrets:
                    return Opening(job, way)
        return None

    def _is_open(self, node: StepNode, way: Exposure) -> bool:
        if skips(node.step.condition, way.event):
            return False
        return not any(protects(check, way.event, "text") for check in self._reach.checks(node, way.event))

    def _of_job(self, node: JobNode) -> tuple[Opening, ...]:
        """The worst first."""
        if node.id not in self._known:
            ways = [
                way
                for way in self._reach.ways(node)
                if way.at_stake and not way.insiders and not self._reach.guards_way(node.id, way)
            ]
            ways.sort(key=badness, reverse=True)
            live = not never(node.job.condition)
            self._known[node.id] = tuple(Opening(node, way) for way in ways) if live else ()
        return self._known[node.id]


def badness(way: Exposure) -> tuple[bool, bool, int, int, bool, int]:
    """The more there is to get by a way, the higher."""
    secrets = way.all_secrets or bool(way.secrets)
    writes = "contents" in way.token.writes or way.identity
    return way.holds_something, secrets, int(writes), len(way.token.writes), not way.narrowed, -len(way.via)


@per_graph
def openings_of(graph: Graph, knowledge: Knowledge) -> Openings:
    """The answers for a graph, which several rules ask."""
    return Openings(graph, knowledge)
