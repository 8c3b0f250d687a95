"""The guard of actions/checkout against the code of forks: which versions have it, and which checkouts it stops.

Since June 2026 the action refuses to fetch a fork's pull request in runs of `pull_request_target`, and of `workflow_run` behind a
pull request, unless `allow-unsafe-pr-checkout` is true (src/unsafe-pr-checkout-helper.ts). It was brought back to the newest
release of each line, so floating tags have it and older versions never will.
"""

from typing import Final

from scanner.analysis.outsiders.privilege import Exposure
from scanner.analysis.outsiders.reach import Reach
from scanner.analysis.uses.locked_actions import lock_of
from scanner.analysis.uses.uses import RepositoryUsed, Used, commit_of
from scanner.analysis.uses.versions import version_of
from scanner.analysis.workflows.events import skips
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode, StepNode
from scanner.knowledge.actions import ActionFacts
from scanner.knowledge.tables import Knowledge
from scanner.model.quoting import quoted
from scanner.parse.actions_lock import ActionsLock
from scanner.parse.uses import RepositoryUse

GUARDED_EVENTS: Final = ("pull_request_target", "workflow_run")

_SINCE: Final = {2: (2, 8, 0), 3: (3, 7, 0), 4: (4, 4, 0), 5: (5, 1, 0), 6: (6, 1, 0)}
"""The first version with the guard in each line; 7 and later have it from the start, 1 never got it."""


def guarded_since(version: tuple[float, ...]) -> str | None:
    """The version of its line that brought the guard, when this one (of `version_of`) lacks it; None when it has it."""
    if version >= (7, 0, 0):
        return None
    since = _SINCE.get(int(version[0]), (7, 0, 0))
    return "v" + ".".join(map(str, since)) if version < since else None


def lacks_guard(used: RepositoryUsed, facts: ActionFacts, lock: ActionsLock | None) -> str | None:
    """The version from which on actions/checkout is guarded, when a use runs an older one. A commit is looked up, a tag
    says its version, and a branch or floating tag is as new as it can be."""
    commit = commit_of(lock, used)
    if commit is not None and not facts.unguarded_checkout(commit):
        return None
    version = version_of(used.used.call)
    since = guarded_since(version) if version is not None else None
    if commit is None or since is not None:
        return since
    line = int(version[0]) if version is not None else 7
    return "v" + ".".join(map(str, _SINCE.get(line, (7, 0, 0))))


OVERRIDE: Final = "allow-unsafe-pr-checkout"


def refuses_forks(node: StepNode, facts: ActionFacts, lock: ActionsLock | None) -> bool:
    """Whether a step that uses actions/checkout has the guard, and leaves it on."""
    call = node.step.call
    if call is None or not isinstance(call.target, RepositoryUse):
        return False
    override = call.inputs.get(OVERRIDE)
    if override is not None and override.value.strip().lower() != "false":
        return False
    used = RepositoryUsed(Used(node.id, call, node.job, node.step), call.target)
    return lacks_guard(used, facts, lock) is None


def too_old(graph: Graph, knowledge: Knowledge, node: StepNode) -> str:
    """A clause for people that says since when actions/checkout is guarded, for a step that uses an older one; else empty."""
    call = node.step.call
    if call is None or not isinstance(call.target, RepositoryUse) or call.target.slug != "actions/checkout":
        return ""
    used = RepositoryUsed(Used(node.id, call, node.job, node.step), call.target)
    since = lacks_guard(used, knowledge.actions, lock_of(graph))
    return (
        f" ({quoted(call.text.value.strip())} is too old to refuse it, as {since} and later do)"
        if since
        else ""
    )


def outsiders(reach: Reach, node: StepNode, job: JobNode | None) -> dict[str, Exposure]:
    """The ways, by event, in which an outsider makes a step run in a run that the guard knows."""
    ways = reach.of(node)
    return {
        event: ways[event]
        for event in GUARDED_EVENTS
        if event in ways
        and not skips(node.step.condition, event)
        and (job is None or not skips(job.job.condition, event))
    }
