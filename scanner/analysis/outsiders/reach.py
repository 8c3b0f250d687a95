"""Which outsiders reach a step, and what they find there: the privilege table, answered per step."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from scanner.analysis.outsiders.chains import Chains
from scanner.analysis.outsiders.guards import asks_who
from scanner.analysis.outsiders.job_guards import guards_of
from scanner.analysis.outsiders.privilege import Exposure, Privileges
from scanner.analysis.workflows.steps import parent_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode, StepNode, WorkflowNode
from scanner.knowledge.tables import Knowledge

Ways = Mapping[str, Exposure]
"""By event: the worst way in which an outsider makes something run."""


class _Found(NamedTuple):
    """A way, and whether a check of who it is stands in it."""

    way: Exposure
    guarded: bool


class Reach:
    """Answers are kept: a rule asks the same of every step of a job."""

    def __init__(self, graph: Graph, knowledge: Knowledge) -> None:
        self._graph = graph
        self.privileges = Privileges(graph, knowledge)
        self._known: dict[str, Mapping[str, _Found]] = {}
        self._guards = guards_of(graph)
        self._chains = Chains(graph)

    def of(self, node: StepNode) -> Ways:
        """A step of a composite action is reached through every job that uses the action."""
        return {event: found.way for event, found in self._of(parent_of(node)).items()}

    def guarded(self, node: StepNode, event: str | None = None) -> bool:
        """Whether the step, its job, a job that this one waits for or one that calls its workflow looks at who started the
        run: in the worst way by an event, or in every way."""
        if asks_who(node.step.condition):
            return True
        found = self._of(parent_of(node))
        if event is not None and event in found:
            return found[event].guarded
        if not found:
            return self.guards_job(parent_of(node))
        return all(one.guarded for one in found.values())

    def guards_way(self, id: str, way: Exposure) -> bool:
        """Whether somebody looks at who started the run before a job, given by its id, is reached in a way."""
        return any(self.guards_job(one) for one in (id, *way.via))

    def guards_job(self, id: str) -> bool:
        """The same for a job, given by its id, and those that it waits for."""
        return self._guards.of(id)

    def _of(self, runner: str) -> Mapping[str, _Found]:
        """The worst ways to a job or composite action, given by its id."""
        found = self._known.get(runner)
        if found is None:
            node = self._graph.nodes[runner]
            users = (runner,) if isinstance(node, JobNode) else self._users(runner)
            ways = (way for job in users for way in self._of_job(job))
            found = self._known[runner] = _worst(ways)
        return found

    def _of_job(self, id: str) -> Iterator[_Found]:
        if id in self._known:
            yield from self._known[id].values()
            return
        job = self._graph.nodes[id]
        for way in self.privileges.of(job) if isinstance(job, JobNode) else ():
            if self._starts(way):
                yield _Found(way, self.guards_way(id, way))

    def _starts(self, way: Exposure) -> bool:
        """Whether an outsider can start the run, also at the beginning of a chain of workflows."""
        workflow = self._graph.nodes[workflow_id(way.trigger.source)]
        return way.event != "workflow_run" or (
            isinstance(workflow, WorkflowNode)
            and any(
                self._chains.starts_for_outsiders(trigger)
                for trigger in workflow.workflow.triggers
                if trigger.event.value == "workflow_run"
            )
        )

    def _users(self, action: str) -> Iterator[str]:
        """The jobs that use an action, also through other actions."""
        waiting, seen = [action], {action}
        while waiting:
            for edge in self._graph.into(waiting.pop(), "uses"):
                user = self._graph.nodes[edge.source]
                if isinstance(user, StepNode) and (runner := parent_of(user)) not in seen:
                    seen.add(runner)
                    if user.job is not None:
                        yield runner
                    else:
                        waiting.append(runner)


@per_graph
def reach_of(graph: Graph, knowledge: Knowledge) -> Reach:
    """The answers for a graph, which several rules ask."""
    return Reach(graph, knowledge)


def harmful(way: Exposure) -> bool:
    """Whether the run holds anything that the outsider does not have."""
    secrets = way.all_secrets or bool(way.secrets)
    return way.privileged and bool(way.token.default or way.token.writes or secrets or way.self_hosted)


def _worst(ways: Iterable[_Found]) -> Mapping[str, _Found]:
    found: dict[str, _Found] = {}
    for one in ways:
        if one.way.event not in found or _badness(one) > _badness(found[one.way.event]):
            found[one.way.event] = one
    return found


def _badness(found: _Found) -> tuple[bool, bool]:
    return harmful(found.way), not found.guarded
