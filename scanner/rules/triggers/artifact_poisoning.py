"""See artifact_poisoning.md."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.outsiders.reach import Threat, harmful
from scanner.analysis.taint.execution import Execution, executed, runs_in
from scanner.analysis.taint.taint import Taint, taint_of
from scanner.analysis.taint.taken import Ran, Taken, taken
from scanner.analysis.taint.trees import Tree
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.analysis.workflows.steps import job_of
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted


class Found(NamedTuple):
    """An artifact's files, a step that runs some of them, and the worst way in which outsiders get there."""

    tree: Tree
    execution: Execution
    sure: bool
    threat: Threat

    @property
    def badness(self) -> tuple[bool, bool]:
        return harmful(self.threat.way), self.sure


WORST: Final = (True, True)


@rule(
    "artifact-poisoning",
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    area="exposure",
    variants={"narrowed": Severity.HIGH, "unprivileged": Severity.LOW},
    same_as=("codeql:actions/artifact-poisoning/critical", "codeql:actions/artifact-poisoning/medium"),
    tags=("privilege", "CWE-829", "CICD-SEC-4", "SLSA:build-L3"),
)
def artifact_poisoning(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[NoOptions]) -> Iterator[Hit]:
    """One finding for each folder that a step unpacks artifacts into: the worst of what runs their files."""
    if not _mentions(ctx.graph):
        return
    taint = taint_of(ctx.graph, ctx.knowledge)
    worst: dict[tuple[str, str | None], Found] = {}
    for node in live_steps(ctx.graph):
        if node.step.run is None and node.step.call is None:
            continue
        trees = [tree for tree in taint.workspace.before(node) if tree.kind == "artifact"]
        if node.step.run is not None:  # it may run what it has unpacked itself
            trees += [tree for tree in taint.workspace.brought(node) if tree.kind == "artifact"]
        if worst:
            trees = [
                tree
                for tree in trees
                if (found := worst.get((tree.by, tree.folder))) is None or found.badness < WORST
            ]
        for one in _run_by(ctx, taint, node, trees) if trees else ():
            key = (one.tree.by, one.tree.folder)
            if key not in worst or one.badness > worst[key].badness:
                worst[key] = one
    yield from map(_hit, worst.values())
    for group in taken(ctx.graph, ctx.knowledge):
        for taking in group:
            artifact, ran = taking.artifact, taking.ran
            if artifact is None or ran is None or (artifact.by, artifact.folder) in worst:
                continue
            if taking.harmful and not taking.checked:
                yield _of_commit(taking, artifact, ran)
                break


def _of_commit(one: Taken, artifact: Tree, ran: Ran) -> Hit:
    """An artifact that names the commit which is fetched and run."""
    seems = "seems to be" if one.tree.guess else "is"
    return Hit(
        artifact.at,
        artifact.by,
        f"others decide the files of this artifact, the commit that is checked out later {seems} read from them, and "
        f"{quoted(ran.execution.what)} then runs it, in a run that holds {one.way.holds}; take the commit from "
        "`github.event.workflow_run`, and build it in a run without rights",
        None,
        Confidence.LOW if one.tree.guess else Confidence.MEDIUM,
        evidence=("artifact", "commit"),
        related=(Note(one.way.trigger, f"an outsider starts the run by `{one.event}`"),),
        flow=(
            Note(artifact.at, "files of the artifact are put here"),
            *one.tree.how,
            Note(one.tree.at, "the commit is fetched here"),
            Note(ran.execution.at.first_line(), "runs what was fetched"),
        ),
    )


def _mentions(graph: Graph) -> bool:
    """A cheap look at whether anything downloads artifacts at all."""
    sources = {node.owner.source.path: node.owner.source for node in graph.of(StepNode)}
    return any("artifact" in one.text or "run download" in one.text for one in sources.values())


def _run_by(ctx: Context[NoOptions], taint: Taint, node: StepNode, trees: list[Tree]) -> Iterator[Found]:
    """What a step runs of the files of artifacts, where outsiders get to it and nothing keeps them away."""
    threats: dict[Tree, Threat | None] = {}
    for execution in executed(ctx.graph, ctx.knowledge, node):
        for tree in trees:
            if tree.by == node.id and execution.at.start <= tree.at.start:
                continue  # before it is there
            inside = runs_in(execution, tree)
            # A folder that only the run can tell may be any one of the workspace.
            if inside is False or (inside is None and tree.folder != ""):
                continue
            if tree not in threats:
                threats[tree] = _threat(ctx.graph, taint, node, tree)
            threat = threats[tree]
            if threat is not None:
                sure = bool(inside) and not execution.contained and threat.way.known
                yield Found(tree, execution, sure, threat)


def _threat(graph: Graph, taint: Taint, node: StepNode, tree: Tree) -> Threat | None:
    """The worst way of outsiders to a step, in runs that have more than a fork's and bring the artifact along. None when a check
    stands before the step, or before the one that unpacks."""
    events = frozenset(
        event
        for event, way in taint.reach.of(node).items()
        if way.privileged and tree.comes(event) and event not in tree.guarded
    )
    threat = taint.reach.worst(node, events, "code") if events else _perhaps(graph, taint, node)
    if threat is None or threat.guarded:
        return None
    brings = graph.nodes.get(tree.by)
    return None if isinstance(brings, StepNode) and _is_guarded(taint, brings, threat) else threat


def _perhaps(graph: Graph, taint: Taint, node: StepNode) -> Threat | None:
    """The way through a caller in another repository, of which nothing is known."""
    job = job_of(graph, node)
    if job is None or taint.reach.of(node) or taint.reach.guards_job(job.id):
        return None
    ways = (
        way for way in taint.reach.privileges.possible(job) if way.event == "workflow_call" and harmful(way)
    )
    way = next(ways, None)
    return Threat(way.event, way, (), False) if way is not None else None


def _is_guarded(taint: Taint, node: StepNode, threat: Threat) -> bool:
    """Whether only runs of people with rights come to the step that unpacks, by the same event."""
    found = taint.reach.worst(node, frozenset((threat.event,)), "code")
    return found is not None and found.guarded


def _hit(found: Found) -> Hit:
    tree, execution, way = found.tree, found.execution, found.threat.way
    where = "the workspace" if tree.folder == "" else quoted(tree.folder or "")
    lead = (
        f"others decide the files of this artifact, which are put into {where}, and {quoted(execution.what)} runs what is "
        "there"
    )
    remedy = "unpack it into `runner.temp`, and only read from it"
    variant = None
    if harmful(way):
        variant = "narrowed" if way.narrowed else None
        passes = " (a fork may name its branch as the filter wants it)" if way.narrowed else ""
        message = f"{lead}, in a run that holds {way.holds}{passes}; {remedy}"
    else:
        variant = "unprivileged"
        message = f"{lead}; the run holds nothing today; {remedy} before it does"
    confidence = Confidence.HIGH if found.sure else Confidence.LOW
    begins = (
        f"an outsider starts the run by `{way.event}`"
        if way.known
        else "no caller is in this repository; an outsider may start one"
    )
    return Hit(
        tree.at,
        tree.by,
        message,
        variant,
        confidence,
        evidence=("artifact", tree.folder or ""),
        related=(Note(way.trigger, begins),),
        flow=(
            *tree.how,
            Note(tree.at, "files of the artifact are put here"),
            Note(execution.at, "runs what is there"),
        ),
    )
