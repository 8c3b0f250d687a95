"""Runs that outsiders start and that share the cache of the default branch, which trusted runs restore.

Since 2026-06-26 GitHub gives such runs no write access unless `cache-mode:` does ("Read-only Actions cache for untrusted
triggers", "Control GitHub Actions cache access with cache-mode"); GitHub Enterprise Server has neither. Kinds of writers: the
cache-poisoning queries of CodeQL for Actions 2.26.2 (MIT, GitHub).
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from scanner.analysis.outsiders.privilege import Exposure
from scanner.analysis.outsiders.reach import Threat
from scanner.analysis.taint.execution import executed, runs_in
from scanner.analysis.taint.places import lies_in, place_of
from scanner.analysis.taint.taint import Taint
from scanner.analysis.taint.trees import Tree
from scanner.analysis.workflows.cache_modes import WRITES, CacheMode, cache_mode
from scanner.analysis.workflows.conditions import never
from scanner.analysis.workflows.steps import steps_of
from scanner.graph.graph import Graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode, StepNode, WorkflowNode
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call

MAX_PATHS: Final = 50
"""Lines of the `path` of a cache that are looked at."""

_DEFAULTS: Final = frozenset("main master trunk default develop development dev".split())
_PATTERN: Final = frozenset("*?+[]!")


class Writer(NamedTuple):
    """A step that writes, or could write, what outsiders decide: it `saves` their files, or `what` it runs is theirs."""

    node: StepNode
    at: Span
    what: str
    saves: bool
    tree: Tree
    threat: Threat


def granted(graph: Graph, node: JobNode, way: Exposure) -> CacheMode | None:
    """The `cache-mode:` by which a job may write in runs that outsiders start; None where it may not. A called workflow gets no
    more than its caller has."""
    modes: list[CacheMode] = []
    for job in (*(graph.nodes.get(id) for id in way.via), node):
        mode = cache_mode(job.workflow, job.job) if isinstance(job, JobNode) else None
        if mode is None and not modes:
            return None  # GitHub's default for the event
        if mode is not None:
            modes.append(mode)
    return modes[0] if modes and all(one.value.value in WRITES for one in modes) else None


def shares_default_branch(graph: Graph, way: Exposure) -> bool:
    """Whether the run works with the cache of the default branch, as far as its name can be guessed: `pull_request_target` has that
    of the branch that the pull request is for."""
    if not way.privileged:
        return False
    if way.event != "pull_request_target":
        return True
    workflow = graph.nodes.get(workflow_id(way.trigger.source))
    triggers = workflow.workflow.triggers if isinstance(workflow, WorkflowNode) else ()
    for trigger in triggers:
        names = trigger.filter("branches") if trigger.event.span == way.trigger else None
        if names and not any(name in _DEFAULTS or not _PATTERN.isdisjoint(name) for name in names):
            return False
    return True


def writer(
    graph: Graph, knowledge: Knowledge, taint: Taint, node: JobNode, events: frozenset[str], fetched: bool
) -> Writer | None:
    """The first step of a job that saves files of outsiders, else the first that runs them, in runs of some events. `fetched`:
    checkouts do not count that actions/checkout refuses today."""
    runs: Writer | None = None
    for step in steps_of(graph, node.id):
        if never(step.step.condition):
            continue
        trees = [
            tree
            for tree in _trees(taint, step)
            if tree.real
            and any(tree.comes(event) and not (fetched and event in tree.guarded) for event in events)
        ]
        if not trees:
            continue
        found = next(_of_step(graph, knowledge, taint, step, trees, events), None)
        if found is not None and found.saves:
            return found
        runs = runs or found
    return runs


def _trees(taint: Taint, step: StepNode) -> tuple[Tree, ...]:
    """What is there when a step starts, and what its script brings itself."""
    brought = taint.workspace.brought(step) if step.step.run is not None else ()
    return (*taint.workspace.before(step), *brought)


def _of_step(
    graph: Graph,
    knowledge: Knowledge,
    taint: Taint,
    node: StepNode,
    trees: Iterable[Tree],
    events: frozenset[str],
) -> Iterator[Writer]:
    for tree, at, what, saves in _uses(graph, knowledge, node, trees):
        threat = taint.reach.worst(node, events, "code")
        if threat is None or threat.guarded:
            return
        yield Writer(node, at, what, saves, tree, threat)


def _uses(
    graph: Graph, knowledge: Knowledge, node: StepNode, trees: Iterable[Tree]
) -> Iterator[tuple[Tree, Span, str, bool]]:
    call = node.step.call
    if call is not None and _saves(call):
        for tree in trees:
            if tree.folder is not None and _covers(call, tree.folder):
                yield tree, call.text.content.first_line(), call.text.value, True
    for execution in executed(graph, knowledge, node):
        for tree in trees:
            early = tree.by == node.id and execution.at.start <= tree.at.start
            if not early and not execution.contained and runs_in(execution, tree):
                yield tree, execution.at, execution.what, False


def _saves(call: Call) -> bool:
    use = call.target
    if not isinstance(use, RepositoryUse) or use.slug != "actions/cache" or use.path not in ("", "save"):
        return False
    lookup = call.inputs.get("lookup-only")
    return lookup is None or lookup.value.strip().lower() in ("false", "")


def _covers(call: Call, folder: str) -> bool:
    """Whether a cache holds files of a folder."""
    paths = call.inputs.get("path")
    for line in paths.value.splitlines()[:MAX_PATHS] if paths is not None else ():
        path = place_of(line) if line.strip() and not line.startswith("!") else None
        if path is not None and (lies_in(path, folder) or lies_in(folder, path)):
            return True
    return False
