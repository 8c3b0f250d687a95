"""What workflows need of `actions.lock`, and what the lock holds: the actions that steps use, also through actions of the
repository, and what those use in their turn.

A listed workflow must find every action that it uses in the lock (GitHub, "Workflow dependency lockfiles"); real locks list the
actions that its own text names, and `uses` of the entries in `dependencies` lead to the others. Actions of the repository itself
(`./`, `$/`) need no entry, what they use does; a workflow of the repository that is called has an entry of its own.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import (
    ActionsLockNode,
    JobNode,
    LocalActionNode,
    ReusableWorkflowNode,
    StepNode,
    WorkflowNode,
)
from scanner.model.source import Span
from scanner.parse.actions_lock import ActionsLock, Pin, pin_key
from scanner.parse.uses import LocalUse, RepositoryUse, SelfUse
from scanner.parse.workflow import Call


class Need(NamedTuple):
    """An action or workflow of another repository, where it is first named, and the id of the node that names it."""

    use: RepositoryUse
    at: Span
    by: str


class Needs(NamedTuple):
    """By their keys: `own` are named by the workflow's steps, `called` by its jobs, `nested` by actions of the repository that
    it uses. `open`: it uses an action that is not in the repository's files, whose own needs are not known."""

    own: Mapping[str, Need]
    called: Mapping[str, Need]
    nested: Mapping[str, Need]
    open: bool


def the_lock(graph: Graph) -> ActionsLockNode | None:
    """GitHub's lock of the repository."""
    return next(graph.of(ActionsLockNode), None)


def lock_of(graph: Graph) -> ActionsLock | None:
    """What it holds."""
    node = the_lock(graph)
    return node.lock if node is not None else None


@per_graph
def needs(graph: Graph) -> Mapping[str, Needs]:
    """The needs of every workflow, by its path."""
    steps: dict[str, list[StepNode]] = {}
    for step in graph.of(StepNode):
        if step.step.call is not None:
            steps.setdefault(step.path, []).append(step)
    jobs: dict[str, list[JobNode]] = {}
    for job in graph.of(JobNode):
        if job.job.call is not None:
            jobs.setdefault(job.path, []).append(job)
    return {
        node.path: _needs(graph, node.path, steps, jobs.get(node.path, ())) for node in graph.of(WorkflowNode)
    }


def _needs(graph: Graph, path: str, steps: Mapping[str, list[StepNode]], jobs: Iterable[JobNode]) -> Needs:
    own: dict[str, Need] = {}
    nested: dict[str, Need] = {}
    called: dict[str, Need] = {}
    for job in jobs:
        if job.job.call is not None and any(
            isinstance(graph.nodes[edge.target], ReusableWorkflowNode) for edge in graph.out(job.id, "calls")
        ):
            _note(called, job.job.call, job.id)
    open = False
    seen = {path}
    waiting = [path]
    while waiting:
        file = waiting.pop()
        for step in steps.get(file, ()):
            call = step.step.call
            if call is None:
                continue
            _note(own if file == path else nested, call, step.id)
            if isinstance(call.target, LocalUse | SelfUse):
                used = next((graph.nodes[edge.target] for edge in graph.out(step.id, "uses")), None)
                if not isinstance(used, LocalActionNode):
                    open = True
                elif used.path not in seen:
                    seen.add(used.path)
                    waiting.append(used.path)
    return Needs(own, called, nested, open)


def _note(found: dict[str, Need], call: Call, by: str) -> None:
    if isinstance(call.target, RepositoryUse):
        found.setdefault(pin_key(call.target), Need(call.target, call.text.content.first_line(), by))


def reachable(lock: ActionsLock, keys: Iterable[str]) -> set[str]:
    """The keys with all that their entries lead to, whether the lock has an entry for them or not."""
    found = set(keys)
    waiting = list(found)
    while waiting:
        pin = lock.pins.get(waiting.pop())
        for key in pin.uses if pin is not None else ():
            if key not in found:
                found.add(key)
                waiting.append(key)
    return found


def by_commit(lock: ActionsLock, keys: Iterable[str]) -> dict[tuple[str, str], Pin]:
    """Of the listed keys, the entries that hold, by repository and commit: a use of the bare commit is the same code."""
    found = {}
    for key in keys:
        pin = lock.pins.get(key)
        if pin is not None and pin.commit is not None and pin.defect is None:
            found[pin.target.slug, pin.commit] = pin
    return found
