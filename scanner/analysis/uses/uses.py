"""Every `uses:` that can run, in one list for the rules that ask about it."""

from typing import NamedTuple

from scanner.analysis.workflows.conditions import live_jobs, live_steps
from scanner.graph.graph import Graph, per_graph
from scanner.model.source import Span
from scanner.parse.actions_lock import ActionsLock, Pin
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call, Job, Step


class Used(NamedTuple):
    """A `uses:` with the node that it stands in: a `step` of a workflow or of a composite action (then `job` is None),
    or a job that calls a workflow (then `step` is None)."""

    subject: str
    call: Call
    job: Job | None
    step: Step | None

    @property
    def at(self) -> Span:
        return self.call.text.content.first_line()

    @property
    def path(self) -> str:
        return self.call.text.source.path


class RepositoryUsed(NamedTuple):
    """A `uses:` of an action or workflow of another repository."""

    used: Used
    use: RepositoryUse

    @property
    def at(self) -> Span:
        return self.used.at

    @property
    def subject(self) -> str:
        return self.used.subject


@per_graph
def uses_of(graph: Graph) -> tuple[Used, ...]:
    """Every `uses:` of jobs and steps that can run, those of steps first. What a YAML alias repeats is there once."""
    found: dict[tuple[str, int], Used] = {}
    for step in live_steps(graph):
        call = step.step.call
        if call is not None:
            key = (call.text.source.path, call.text.start)
            found.setdefault(key, Used(step.id, call, step.job, step.step))
    for job in live_jobs(graph):
        call = job.job.call
        if call is not None:
            key = (call.text.source.path, call.text.start)
            found.setdefault(key, Used(job.id, call, job.job, None))
    return tuple(found.values())


@per_graph
def repository_uses(graph: Graph) -> tuple[RepositoryUsed, ...]:
    """Those that name another repository."""
    return tuple(
        RepositoryUsed(used, used.call.target)
        for used in uses_of(graph)
        if isinstance(used.call.target, RepositoryUse)
    )


def commit_of(lock: ActionsLock | None, used: RepositoryUsed) -> str | None:
    """The commit (lower case) that a use runs, as far as the files fix it: by its ref, or by GitHub's lock."""
    if used.use.pinned:
        return used.use.ref.lower()
    pin = pin_of(lock, used)
    return pin.commit if pin is not None else None


def pin_of(lock: ActionsLock | None, used: RepositoryUsed) -> Pin | None:
    """The entry of GitHub's lock that holds for a use."""
    # It holds for steps of workflows only.
    if lock is None or used.used.job is None or used.used.step is None:
        return None
    return lock.pin_for(used.used.path, used.use)
