"""Which outsiders reach a step, and what they find there: the privilege table, answered per step."""

from collections.abc import Iterable, Iterator, Mapping

from scanner.analysis.outsiders.chains import Chains
from scanner.analysis.outsiders.guards import asks_who, checks_permission
from scanner.analysis.outsiders.privilege import Exposure, Privileges
from scanner.analysis.workflows.steps import parent_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode, StepNode, WorkflowNode
from scanner.knowledge.tables import Knowledge

MAX_NEEDED = 50
"""Jobs before a job that are looked at for who they let through."""

Ways = Mapping[str, Exposure]
"""By event: the worst way in which an outsider makes something run."""


class Reach:
    """Answers are kept: a rule asks the same of every step of a job."""

    def __init__(self, graph: Graph, knowledge: Knowledge) -> None:
        self._graph = graph
        self.privileges = Privileges(graph, knowledge)
        self._known: dict[str, Ways] = {}
        self._guarded: dict[str, bool] = {}
        self._chains = Chains(graph)

    def of(self, node: StepNode) -> Ways:
        """A step of a composite action is reached through every job that uses the action."""
        runner = parent_of(node)
        found = self._known.get(runner)
        if found is None:
            if node.job is not None:
                return self._of_job(runner)
            ways = (way for job in self._users(runner) for way in self._of_job(job).values())
            found = self._known[runner] = _worst(ways)
        return found

    def guarded(self, node: StepNode) -> bool:
        """Whether the step, its job or a job that this one waits for looks at who started the run."""
        if asks_who(node.step.condition):
            return True
        return node.job is not None and self.guards_job(parent_of(node))

    def guards_job(self, id: str) -> bool:
        """The same for all of a job, given by its id."""
        waiting, seen = [id], {id}
        if id not in self._guarded:
            self._guarded[id] = False
            while waiting:
                job = self._graph.nodes[waiting.pop()]
                if isinstance(job, JobNode) and (
                    asks_who(job.job.condition) or any(map(checks_permission, job.job.steps))
                ):
                    self._guarded[id] = True
                    break
                for edge in self._graph.out(job.id, "needs"):
                    if edge.target not in seen and len(seen) < MAX_NEEDED:
                        seen.add(edge.target)
                        waiting.append(edge.target)
        return self._guarded[id]

    def _of_job(self, id: str) -> Ways:
        found = self._known.get(id)
        if found is None:
            job = self._graph.nodes[id]
            ways = self.privileges.of(job) if isinstance(job, JobNode) else ()
            found = self._known[id] = _worst(way for way in ways if self._starts(way))
        return found

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


def _worst(ways: Iterable[Exposure]) -> Ways:
    found: dict[str, Exposure] = {}
    for way in ways:
        if way.event not in found or (harmful(way) and not harmful(found[way.event])):
            found[way.event] = way
    return found
