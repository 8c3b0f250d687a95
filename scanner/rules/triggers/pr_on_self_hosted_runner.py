"""See pr_on_self_hosted_runner.md."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final, NamedTuple

from scanner.analysis.outsiders.chains import Chains
from scanner.analysis.outsiders.privilege import Exposure
from scanner.analysis.outsiders.reach import Reach, reach_of
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs
from scanner.analysis.workflows.events import skips
from scanner.analysis.workflows.runners import Machine, Owner, machines, owner_of
from scanner.engine import Context, NoOptions, rule
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode, WorkflowNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.nodes import Scalar

BRINGS_CODE: Final = ("pull_request", "pull_request_review", "pull_request_review_comment")
"""Events whose runs take the workflow and the files from the pull request."""

STARTS: Final = ("pull_request_target", "workflow_run", "issue_comment")
"""Events whose runs take the workflow from the repository; what the job then fetches may be an outsider's."""

CONFIDENCE: Final[Mapping[Owner, Confidence]] = {
    "own": Confidence.MEDIUM,
    "named": Confidence.MEDIUM,
    "implied": Confidence.MEDIUM,
    "group": Confidence.LOW,
    "custom": Confidence.LOW,
    "open": Confidence.LOW,
}


SHOWN: Final = 10


class Found(NamedTuple):
    """A job that an outsider starts on such a machine."""

    node: JobNode
    way: Exposure
    guarded: bool
    confidence: Confidence
    owner: Owner
    machine: Machine

    @property
    def danger(self) -> int:
        """0: the outsider only starts it; 1: their code runs behind a check; 2: behind none."""
        if self.way.event not in BRINGS_CODE:
            return 0
        return 1 if self.guarded else 2


@rule(
    "pr-on-self-hosted-runner",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    variants={"started": Severity.MEDIUM, "guarded": Severity.LOW},
    same_as=("codeql:actions/pr-on-self-hosted-runner", "poutine:pr_runs_on_self_hosted"),
    tags=("runners", "privilege", "CWE-284", "CICD-SEC-7"),
)
def pr_on_self_hosted_runner(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[NoOptions]) -> Iterator[Hit]:
    """Jobs that get their label from one place are one finding: that of the job in the greatest danger."""
    reach, chains = reach_of(ctx.graph, ctx.knowledge), Chains(ctx.graph)
    groups: dict[tuple[object, ...], list[Found]] = {}
    for node in live_jobs(ctx.graph):
        found = [
            (CONFIDENCE[owner], owner, machine)
            for machine in machines(ctx.graph, node)
            if (owner := owner_of(machine, ctx.knowledge)) in CONFIDENCE
        ]
        way = _way(ctx, reach, chains, node) if found else None
        if way is not None:
            confidence, owner, machine = max(found, key=lambda one: one[0])
            guarded = any(reach.guards_job(id) for id in (node.id, *way.via))
            one = Found(node, way, guarded, confidence, owner, machine)
            groups.setdefault(_origin(one), []).append(one)
    for group in groups.values():
        yield _hit(max(group, key=lambda one: (one.danger, one.confidence)), group)


def _origin(found: Found) -> tuple[object, ...]:
    """Where a label comes from: the place of its text, or the expression that only a run can tell."""
    machine, path = found.machine, found.node.path
    if machine.said is not None:
        return machine.said.source.path, machine.said.start
    text = next((one for one in found.node.job.runs_on.labels if "${{" in one.value), None)
    if text is not None and found.owner == "open":
        return path, text.value
    return path, machine.at.start


def _way(ctx: Context[NoOptions], reach: Reach, chains: Chains, node: JobNode) -> Exposure | None:
    """The worst event by which an outsider starts the job."""
    ways = [
        way for way in reach.privileges.of(node) if not _skips(ctx, node, way) and _starts(ctx, chains, way)
    ]
    brings = next((way for way in ways if way.event in BRINGS_CODE), None)
    return brings or next((way for way in ways if way.event in STARTS), None)


def _skips(ctx: Context[NoOptions], node: JobNode, way: Exposure) -> bool:
    callers = (ctx.graph.nodes[id] for id in way.via)
    jobs = [node, *(caller for caller in callers if isinstance(caller, JobNode))]
    return any(skips(job.job.condition, way.event) for job in jobs)


def _starts(ctx: Context[NoOptions], chains: Chains, way: Exposure) -> bool:
    """Whether an outsider may be at the beginning of a chain of workflows."""
    if way.event != "workflow_run":
        return True
    workflow = ctx.graph.nodes[workflow_id(way.trigger.source)]
    return isinstance(workflow, WorkflowNode) and any(
        chains.starts_for_outsiders(trigger)
        for trigger in workflow.workflow.triggers
        if trigger.event.value == "workflow_run"
    )


def _hit(found: Found, group: list[Found]) -> Hit:
    node, way, machine = found.node, found.way, found.machine
    event, where = f"`{way.event}`", _where(node, found.owner, machine)
    confidence, variant = found.confidence, None
    if found.danger == 0:
        # Whether anything of the outsider runs there is for other rules to say.
        variant, confidence = "started", Confidence.LOW
        message = (
            f"an outsider starts this on {where} by {event}; take nothing of theirs as code there, or use one of "
            "GitHub's runners"
        )
    elif found.guarded:
        variant, confidence = "guarded", Confidence.LOW
        message = (
            f"{event} starts this on {where}, and the check of who it is stands in a file that a pull request "
            "brings along; let GitHub ask for approval of every run from a fork"
        )
    else:
        message = (
            f"{event} runs the code of anybody's pull request on {where}, where it can stay and wait for later "
            "jobs; use one of GitHub's runners for pull requests, or one that is made anew for every job"
        )
    related = [Note(way.trigger, "an outsider starts the run here")]
    if machine.said is not None:
        related.append(Note(machine.said, "the label comes from here"))
    others = dict.fromkeys(one.machine.at for one in group if one.machine.at != machine.at)
    related += [Note(at, "so does that of this job") for at in islice(others, SHOWN)]
    return Hit(machine.at, node.id, message, variant, confidence, (way.event,), tuple(related))


def _where(node: JobNode, owner: Owner, machine: Machine) -> str:
    match owner:
        case "own":
            return "a machine of your own (`self-hosted`)"
        case "named" if (
            machine.label.isprintable() and "\N{OBJECT REPLACEMENT CHARACTER}" not in machine.label
        ):
            return f"what its name {quoted(machine.label)} says is a machine of your own"
        case "implied":
            return f"a machine of your own ({quoted(machine.label)} is no label of GitHub's)"
        case "group":
            return f"the runner group {quoted(machine.group or '')}, if it holds machines of your own"
        case "custom":
            return f"{quoted(machine.label)}, if it is a machine of your own"
    text = next((one for one in node.job.runs_on.labels if "${{" in one.value), None)
    return f"{_shown(text)}, which only the run can tell, if it is a machine of your own"


def _shown(text: Scalar | None) -> str:
    return quoted(text.value) if text is not None else "a runner"
