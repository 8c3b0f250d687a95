"""See pr_on_self_hosted_runner.md."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final, NamedTuple

from scanner.analysis.outsiders.privilege import Exposure
from scanner.analysis.outsiders.reach import Reach
from scanner.analysis.taint.exposed import brings
from scanner.analysis.taint.taint import Taint, taint_of
from scanner.analysis.taint.trees import Tree
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs
from scanner.analysis.workflows.runners import Machine, Owner, machines, own_labels, owner_of
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.workflows import JobNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.nodes import Scalar

CONFIDENCE: Final[Mapping[Owner, Confidence]] = {
    "own": Confidence.MEDIUM,
    "named": Confidence.MEDIUM,
    "implied": Confidence.MEDIUM,
    "group": Confidence.LOW,
    "custom": Confidence.LOW,
    "open": Confidence.LOW,
}

_PERHAPS: Final[frozenset[Owner]] = frozenset(("custom", "open"))
"""Owners that nothing in the repository tells: larger machines of GitHub's have such labels, too."""

SHOWN: Final = 10


class Found(NamedTuple):
    """A job that an outsider starts on such a machine; `tree` is what it fetches of theirs in a run of the repository's own
    workflow."""

    node: JobNode
    way: Exposure
    tree: Tree | None
    guarded: bool
    confidence: Confidence
    owner: Owner
    machine: Machine

    @property
    def danger(self) -> int:
        """0: the outsider only starts it; 1: their code runs behind a check; 2: behind none."""
        if self.way.privileged and self.tree is None:
            return 0
        return 1 if self.guarded else 2


@rule(
    "pr-on-self-hosted-runner",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    area="exposure",
    variants={"started": Severity.MEDIUM, "guarded": Severity.LOW, "maybe": Severity.INFO},
    same_as=("codeql:actions/pr-on-self-hosted-runner", "poutine:pr_runs_on_self_hosted"),
    instead_of=("self-hosted-runner",),
    tags=("runners", "privilege", "CWE-284", "CICD-SEC-7", "SLSA:build-L3"),
)
def pr_on_self_hosted_runner(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[NoOptions]) -> Iterator[Hit]:
    """Jobs that get their label from one place are one finding: that of the job in the greatest danger."""
    taint = taint_of(ctx.graph, ctx.knowledge)
    groups: dict[tuple[object, ...], list[Found]] = {}
    for node in live_jobs(ctx.graph):
        found = [
            (CONFIDENCE[owner], owner, machine)
            for machine in machines(ctx.graph, node)
            if (owner := owner_of(machine, ctx.knowledge)) in CONFIDENCE
        ]
        worst = _way(ctx, taint, node) if found else None
        if worst is not None:
            if not any(confidence > Confidence.LOW for confidence, _, _ in found):
                found = [_carried(ctx, *one) for one in found]
            confidence, owner, machine = max(found, key=lambda one: (one[0], one[1] == "group"))
            one = Found(node, *worst, confidence, owner, machine)
            groups.setdefault(_origin(one), []).append(one)
    for group in groups.values():
        # Of equal ones not the first in the file, which jobs that come and go would change.
        yield _hit(min(group, key=lambda one: (-one.danger, -one.confidence, one.node.id)), group)


def _carried(
    ctx: Context[NoOptions], confidence: Confidence, owner: Owner, machine: Machine
) -> tuple[Confidence, Owner, Machine]:
    """A label that stands beside `self-hosted` elsewhere is one of the owner's machines."""
    if owner == "custom" and any(label.lower() in own_labels(ctx.graph) for label in machine.labels):
        return Confidence.MEDIUM, "implied", machine
    return confidence, owner, machine


def _origin(found: Found) -> tuple[object, ...]:
    """Where a label comes from: the place of its text, or the expression that only a run can tell."""
    machine, path = found.machine, found.node.path
    if machine.said is not None:
        return machine.said.source.path, machine.said.start
    text = next((one for one in found.node.job.runs_on.labels if "${{" in one.value), None)
    if text is not None and found.owner == "open":
        return path, text.value
    return path, machine.at.start


def _way(ctx: Context[NoOptions], taint: Taint, node: JobNode) -> tuple[Exposure, Tree | None, bool] | None:
    """The worst way by which an outsider starts the job, what it then fetches of theirs, and whether a check stands before it."""
    found = [
        (
            way,
            brings(ctx.graph, taint, node, way.event) if way.privileged else None,
            _guarded(taint.reach, node, way),
        )
        for way in taint.reach.ways(node)
    ]
    return max(
        found,
        key=lambda one: (not one[0].privileged or one[1] is not None, not one[2], not one[0].privileged),
        default=None,
    )


def _guarded(reach: Reach, node: JobNode, way: Exposure) -> bool:
    return way.insiders or reach.guards_way(node.id, way)


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
    elif found.guarded and way.privileged:
        variant, confidence = "guarded", Confidence.LOW
        message = (
            f"{event} runs the code of pull requests on {where}, and only a check of who it is stands before it; build "
            "pull requests on one of GitHub's runners, or on one that is made anew for every job"
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
    if found.owner in _PERHAPS:
        variant, confidence = "maybe", Confidence.LOW
    related = [Note(way.trigger, f"{way.who} starts the run")]
    if found.tree is not None:
        related.append(Note(found.tree.at, "their files are fetched here"))
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
