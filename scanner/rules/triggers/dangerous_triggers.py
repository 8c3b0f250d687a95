"""See dangerous_triggers.md."""

from collections.abc import Iterator

from scanner.analysis.outsiders.chains import Chains
from scanner.analysis.outsiders.privilege import Exposure, workflow_jobs
from scanner.analysis.outsiders.reach import harmful, reach_of
from scanner.analysis.workflows.conditions import never
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.workflows import JobNode, WorkflowNode
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted
from scanner.parse.uses import RepositoryUse

WHO = {
    "pull_request_target": "anybody's pull request starts this",
    "issue_comment": "anybody's comment starts this",
    "workflow_run": "another workflow, which anybody's pull request may have started, starts this",
}
INSTEAD = {
    "pull_request_target": "use `pull_request`, and `workflow_run` for the part that needs rights",
    "issue_comment": "check `author_association` before anything else, and take nothing from the comment as code",
    "workflow_run": "take nothing of what the first workflow leaves as code, and give the jobs only what they need",
}
SHOWN = 5


@rule(
    "dangerous-triggers",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    variants={"guarded": Severity.MEDIUM, "limited": Severity.LOW},
    same_as=("zizmor:dangerous-triggers",),
    tags=("privilege", "CWE-284", "CICD-SEC-4"),
)
def dangerous_triggers(ctx: Context[NoOptions]) -> Iterator[Hit]:
    chains, reach = Chains(ctx.graph), reach_of(ctx.graph, ctx.knowledge)
    # What a trigger starts may stand in another file, behind calls.
    started: dict[str, list[tuple[JobNode, Exposure]]] = {}
    for job in ctx.graph.of(JobNode):
        if not never(job.job.condition):
            for way in reach.privileges.of(job):
                started.setdefault(way.trigger.path, []).append((job, way))
    for node in ctx.graph.of(WorkflowNode):
        triggers = [trigger for trigger in node.workflow.triggers if trigger.event.value in WHO]
        if not triggers:
            continue
        jobs = [job for job in workflow_jobs(ctx.graph, node) if not never(job.job.condition)]
        held = started.get(node.path, [])
        for trigger in triggers:
            event = trigger.event.value
            ways = [(job, way) for job, way in held if way.event == event]
            if not ways or (event == "pull_request_target" and _only_labels(jobs)):
                continue
            serious = [(job, way) for job, way in ways if harmful(way)]
            open = [(job, way) for job, way in serious if not reach.guards_job(job.id)]
            related = tuple(
                Note(job.place(), f"holds {way.holds}") for job, way in (open or serious or ways)[:SHOWN]
            )
            if not serious:
                variant, message = "limited", f"{WHO[event]}; its jobs hold little today: keep it so"
            elif not chains.starts_for_outsiders(trigger):
                variant, message = (
                    "limited",
                    "no outsider starts the workflows that this one follows: keep it so",
                )
            elif not open:
                variant, message = (
                    "guarded",
                    f"{WHO[event]}, and only checks of who it is protect {_held(serious)}",
                )
            else:
                variant, message = None, f"{WHO[event]} with {_held(open)}; {INSTEAD[event]}"
            at = trigger.event.content
            # Nothing is held today, so that it ever matters is a guess.
            confidence = Confidence.LOW if variant == "limited" else None
            yield Hit(at, node.id, f"`{event}`: {message}", variant, confidence, (event,), related)


def _held(ways: list[tuple[JobNode, Exposure]]) -> str:
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
