"""See dangerous_triggers.md."""

from collections.abc import Iterator

from scanner.analysis.outsiders.asking import asking
from scanner.analysis.outsiders.chains import Chains
from scanner.analysis.outsiders.privilege import Exposure, workflow_jobs
from scanner.analysis.outsiders.reach import Reach, harmful, reach_of
from scanner.analysis.outsiders.stakes import stakes_of_jobs
from scanner.analysis.taint.risks import Risks
from scanner.analysis.uses.calls import outgoing
from scanner.analysis.workflows.conditions import never
from scanner.analysis.workflows.steps import steps_of
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode, WorkflowNode
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Trigger

Started = list[tuple[JobNode, Exposure]]

WHO = {
    "pull_request_target": "anybody's pull request starts this",
    "issue_comment": "anybody's comment starts this",
    "workflow_run": "another workflow, which anybody's pull request may have started, starts this",
}
INSTEAD = {
    "pull_request_target": "let `pull_request` run what it brings, and keep its code and its texts out of jobs that hold rights",
    "issue_comment": "check `author_association` before anything else, and take nothing from the comment as code",
    "workflow_run": "take nothing of what the first workflow leaves as code, and give the jobs only what they need",
}
KEEP = {
    "pull_request_target": "keep its code and its texts out of scripts, and give each job only the rights it needs",
    "issue_comment": "keep its text and the code of pull requests out of scripts, and give each job only the rights it needs",
    "workflow_run": "keep what that one leaves out of scripts, and give each job only the rights it needs",
}
SHOWN = 5


@rule(
    "dangerous-triggers",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    area="exposure",
    variants={
        "contained": Severity.MEDIUM,
        "guarded": Severity.MEDIUM,
        "narrowed": Severity.MEDIUM,
        "limited": Severity.LOW,
    },
    same_as=("zizmor:dangerous-triggers",),
    tags=("privilege", "CWE-284", "CICD-SEC-4", "SLSA:build-L3"),
)
def dangerous_triggers(ctx: Context[NoOptions]) -> Iterator[Hit]:
    chains, reach = Chains(ctx.graph), reach_of(ctx.graph, ctx.knowledge)
    risks = Risks(ctx.graph, ctx.knowledge)
    callers = {call.caller.id for call in outgoing(ctx.graph)}
    started = _started(ctx.graph, reach)
    for node in ctx.graph.of(WorkflowNode):
        triggers = [trigger for trigger in node.workflow.triggers if trigger.event.value in WHO]
        if not triggers:
            continue
        jobs = [job for job in workflow_jobs(ctx.graph, node) if not never(job.job.condition)]
        for trigger in triggers:
            event = trigger.event.value
            ways = started.get((node.path, event), [])
            if not ways or (event == "pull_request_target" and _only_labels(jobs)):
                continue
            # A job that only calls another file of the repository does nothing itself: the called jobs are among the others.
            working = [(job, way) for job, way in ways if job.id not in callers]
            serious = [(job, way) for job, way in working if harmful(way)]
            if not serious or not chains.starts_for_outsiders(trigger):
                variant: str | None = "limited"
                shown = serious or working or ways
                message = (
                    "no outsider starts the workflows that this one follows: keep it so"
                    if serious
                    else f"{WHO[event]}; its jobs hold little today: keep it so"
                )
            else:
                variant, shown, message = _judged(ctx.graph, event, working, reach, risks)
                if variant is None and _narrowed(trigger):
                    variant = "narrowed"
                    message = (
                        f"{message}; its filter `branches` is passed by any fork that names its branch so"
                    )
            related = tuple(Note(job.place(), f"holds {way.holds}") for job, way in shown[:SHOWN])
            at = trigger.event.content
            # Nothing is held today, so that it ever matters is a guess.
            confidence = Confidence.LOW if variant == "limited" else None
            yield Hit(
                at,
                node.id,
                f"`{event}`: {message}",
                variant,
                confidence,
                (event,),
                related,
                stakes=stakes_of_jobs(working),
            )


def _started(graph: Graph, reach: Reach) -> dict[tuple[str, str], Started]:
    """The jobs that outsiders start, by the path of the file whose event does and this event: they may stand in another file,
    behind calls."""
    found: dict[tuple[str, str], Started] = {}
    for job in graph.of(JobNode):
        if never(job.job.condition):
            continue
        for way in reach.open(job):
            if way.event in WHO:
                found.setdefault((way.trigger.path, way.event), []).append((job, way))
    return found


def _judged(
    graph: Graph, event: str, working: Started, reach: Reach, risks: Risks
) -> tuple[str | None, Started, str]:
    """The variant, the jobs to show, and the message for jobs of which some hold something."""
    serious = [(job, way) for job, way in working if harmful(way)]
    free = [(job, way) for job, way in working if not reach.guards_way(job.id, way)]
    open, checked = _by_risk(free, reach, risks)
    if open:
        # What comes in by a job without rights may get to the others.
        shown = [one for one in open if harmful(one[1])] or [one for one in free if harmful(one[1])]
        if shown:
            return None, shown, f"{WHO[event]} with {_held(shown)}; {INSTEAD[event]}"
    contained = [(job, way) for job, way in free if harmful(way) and not _asks(graph, job)]
    if contained and not checked:
        message = f"{WHO[event]} with {_held(contained)}; nothing that comes with it is run here today: {KEEP[event]}"
        return "contained", contained, message
    return "guarded", serious, f"{WHO[event]}, and only checks of who it is protect {_held(serious)}"


def _by_risk(free: Started, reach: Reach, risks: Risks) -> tuple[Started, Started]:
    """Of jobs, those that may do harm with what comes in, and those that would if no `if:` of a step, nor the
    step itself, asked who it is."""
    open, checked = [], []
    for job, way in free:
        steps = [step for step in risks.of(job.id) if not asking(step).ever]
        if job.job.call is not None or any(
            not (reach.guards_step(step, way) or risks.looks_itself(step)) for step in steps
        ):
            open.append((job, way))
        elif steps:
            checked.append((job, way))
    return open, checked


def _narrowed(trigger: Trigger) -> bool:
    """Whether a `workflow_run` follows only runs on branches of certain names."""
    names = trigger.filter("branches")
    return (
        trigger.event.value == "workflow_run"
        and bool(names)
        and not any(name.strip("*") == "" for name in names or ())
    )


def _asks(graph: Graph, node: JobNode) -> bool:
    """Whether a job is there to look at who it is."""
    return any(asking(step).kinds for step in steps_of(graph, node.id))


def _held(ways: Started) -> str:
    job, way = ways[0]
    more = f" (and {len(ways) - 1} more)" if len(ways) > 1 else ""
    return f"{way.holds} in the job {quoted(job.label)}{more}"


def _only_labels(jobs: list[JobNode]) -> bool:
    """GitHub's labeler needs the event and runs nothing of the pull request."""
    steps = [step for job in jobs for step in job.job.steps]
    if len(jobs) != 1 or len(steps) != 1 or steps[0].call is None:
        return False
    use = steps[0].call.target
    return isinstance(use, RepositoryUse) and use.slug == "actions/labeler"
