"""Calls between the workflows of a repository: which nest too deep, which go in a circle, and which jobs ask for more than
their caller may give.

GitHub, "Reusing workflow configurations": ten levels at most, the first caller included; no loops; a called job holds what its
caller holds or less, and a run that asks for more is refused. Everything is worked out once per graph, in time linear in the
calls.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from scanner.graph.graph import Graph, per_graph
from scanner.graph.ids import job_id, workflow_id
from scanner.graph.nodes.workflows import JobNode, ReusableWorkflowNode, WorkflowNode
from scanner.parse.workflow import Job, Permissions, Workflow

MAX_LEVELS: Final = 10

RANKS: Final = {"none": 0, "read": 1, "write": 2}

_ALL: Final = (
    "actions", "attestations", "checks", "contents", "deployments", "discussions", "id-token", "issues", "packages",
    "pages", "pull-requests", "security-events", "statuses",
)  # fmt: skip
"""Scopes of `read-all` and `write-all` that every repository has; newer ones decide nothing that these do not."""


class Ask(NamedTuple):
    """The highest access to one scope that a workflow below, or a job of it, asks for."""

    level: int
    by: WorkflowNode | JobNode


class Outgoing(NamedTuple):
    """A job that calls a workflow of the repository."""

    caller: JobNode
    called: WorkflowNode


class Calls(NamedTuple):
    """`asks`: by the id of a workflow, what its jobs ask for which have only what its caller gives. `levels`: by the id of a
    workflow, how many levels of workflows it starts, itself included. `loops`: ids of the jobs whose call closes a circle."""

    asks: Mapping[str, Mapping[str, Ask]]
    levels: Mapping[str, int]
    loops: frozenset[str]


def explicit(workflow: Workflow, job: Job) -> Permissions | None:
    """The block that decides a job's token; None when its caller or the repository's setting does."""
    return job.permissions or workflow.permissions


def grants(block: Permissions) -> dict[str, int] | None:
    """The rank of every scope that a block names or means; None when an expression or a misspelt word decides."""
    if block.everything is None:
        return {entry.key.value: RANKS.get(entry.value.value, 0) for entry in block.entries}
    match block.everything.value:
        case "write-all":
            return dict.fromkeys(_ALL, RANKS["write"])
        case "read-all":
            return {scope: RANKS["read"] for scope in _ALL if scope != "id-token"}
    return None


def limit(block: Permissions, scope: str) -> int | None:
    """The highest rank that a caller with this block may hand on; None when it cannot be told."""
    if block.everything is not None:
        return {"write-all": RANKS["write"], "read-all": RANKS["read"] if scope != "id-token" else 0}.get(
            block.everything.value
        )
    found = (entry.value.value for entry in block.entries if entry.key.value == scope)
    return RANKS.get(next(found, "none"))


@per_graph
def outgoing(graph: Graph) -> tuple[Outgoing, ...]:
    """Every call of a workflow of the repository that can be called, in the order of the documents."""
    found = []
    for job in graph.of(JobNode):
        if job.job.call is None:
            continue
        for edge in graph.out(job.id, "calls"):
            called = graph.nodes[edge.target]
            if isinstance(called, WorkflowNode) and "workflow_call" in called.workflow.events:
                found.append(Outgoing(job, called))
    return tuple(found)


@per_graph
def calls(graph: Graph) -> Calls:
    below: dict[str, list[Outgoing]] = {}
    for one in outgoing(graph):
        below.setdefault(workflow_id(one.caller.workflow.source), []).append(one)
    loops: set[str] = set()
    order = _callees_first(graph, below, loops)
    levels: dict[str, int] = {}
    asks: dict[str, dict[str, Ask]] = {}
    remote = {
        workflow_id(job.workflow.source)
        for job in graph.of(JobNode)
        if any(
            isinstance(graph.nodes[edge.target], ReusableWorkflowNode) for edge in graph.out(job.id, "calls")
        )
    }
    for id in order:
        ahead = [one for one in below.get(id, ()) if one.caller.id not in loops]
        levels[id] = 1 + max([1 if id in remote else 0, *(levels[one.called.id] for one in ahead)])
        asks[id] = _asks(graph, id, {one.caller.id: asks[one.called.id] for one in ahead})
    return Calls(asks, levels, frozenset(loops))


def _callees_first(graph: Graph, below: Mapping[str, list[Outgoing]], loops: set[str]) -> list[str]:
    """The workflows, each behind those that it calls; calls that lead back to a workflow above are put into `loops`."""
    order: list[str] = []
    state: dict[str, bool] = {}  # False: above; True: done
    for start in graph.of(WorkflowNode):
        if start.id in state:
            continue
        state[start.id] = False
        waiting = [(start.id, iter(below.get(start.id, ())))]
        while waiting:
            id, rest = waiting[-1]
            for one in rest:
                known = state.get(one.called.id)
                if known is None:
                    state[one.called.id] = False
                    waiting.append((one.called.id, iter(below.get(one.called.id, ()))))
                    break
                if not known:
                    loops.add(one.caller.id)
            else:
                waiting.pop()
                state[id] = True
                order.append(id)
    return order


def _asks(graph: Graph, id: str, inherited: Mapping[str, Mapping[str, Ask]]) -> dict[str, Ask]:
    """What a workflow asks of its caller: its own block, which counts even when every job has another, the blocks of its
    jobs, and through jobs without any what the workflows that they call ask for (`inherited`, by the job)."""
    node = graph.nodes[id]
    found: dict[str, Ask] = {}
    if not isinstance(node, WorkflowNode):
        return found
    asks = [_of(node.workflow.permissions, node)]
    for job in node.workflow.jobs:
        at = graph.nodes[job_id(node.workflow.source, job)]
        if isinstance(at, JobNode) and job.permissions is not None:
            asks.append(_of(job.permissions, at))
        elif node.workflow.permissions is None:
            asks.append(inherited.get(at.id, {}))
    for ask in asks:
        for scope, one in ask.items():
            if one.level > 0 and (scope not in found or one.level > found[scope].level):
                found[scope] = one
    return found


def _of(block: Permissions | None, by: WorkflowNode | JobNode) -> Mapping[str, Ask]:
    granted = grants(block) if block is not None else None
    return {scope: Ask(level, by) for scope, level in (granted or {}).items()}
