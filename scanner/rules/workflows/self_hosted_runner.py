"""See self_hosted_runner.md."""

from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from scanner.analysis.outsiders.reach import reach_of
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs
from scanner.analysis.workflows.runners import Machine, machines, owner_of
from scanner.engine import Context, rule
from scanner.graph.nodes.workflows import JobNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted

SHOWN: Final = 5
"""Ways of outsiders to the machine that are named."""

WHY: Final = "what a run leaves there waits for the next one, unless the machine is made anew for every job"


class Options(NamedTuple):
    deny_runners: tuple[str, ...] = ()
    """Labels that no job may ask for, GitHub's own included."""
    allow_groups: tuple[str, ...] = ()
    """Runner groups that are no finding."""


@rule(
    "self-hosted-runner",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="exposure",
    options=Options,
    same_as=("zizmor:self-hosted-runner",),
    tags=("runners", "CWE-1188", "CICD-SEC-7", "SLSA:build-L3"),
)
def self_hosted_runner(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    denied = frozenset(label.lower() for label in ctx.options.deny_runners)
    allowed = frozenset(group.lower() for group in ctx.options.allow_groups)
    for node in live_jobs(ctx.graph):
        possible = machines(ctx.graph, node)
        found = [
            (confidence, machine, message)
            for machine in possible
            for confidence, message in _judged(ctx, machine, denied, allowed)
        ]
        if found:
            yield _hit(ctx, node, *max(found, key=lambda one: one[0]))
        else:
            open = next((one for one in possible if owner_of(one, ctx.knowledge) == "open"), None)
            if open is not None:
                yield Unknown(
                    open.at,
                    node.id,
                    "only the run tells the label, which may be one of a self-hosted machine",
                )


def _judged(
    ctx: Context[Options], machine: Machine, denied: frozenset[str], allowed: frozenset[str]
) -> Iterator[tuple[Confidence, str]]:
    for label in machine.labels:
        if label.lower() in denied:
            sure = Confidence.HIGH if machine.certain else Confidence.MEDIUM
            yield sure, f"the policy denies runners with the label {quoted(label)}"
    if machine.group is not None:
        if machine.group.lower() not in allowed:
            group = quoted(machine.group)
            yield (
                Confidence.HIGH,
                f"the runner group {group} may hold machines of your own: {WHY}; allow the group in the policy "
                "if its machines are",
            )
        return
    match owner_of(machine, ctx.knowledge):
        case "own" if machine.certain:
            yield Confidence.HIGH, f"the job runs on a self-hosted machine: {WHY}"
        case "own":
            yield Confidence.MEDIUM, f"an expression can choose a self-hosted machine for the job: {WHY}"
        case "named":
            yield Confidence.LOW, f"by its name, the job may run on a self-hosted machine: {WHY}"


def _hit(ctx: Context[Options], node: JobNode, confidence: Confidence, machine: Machine, message: str) -> Hit:
    related = [Note(machine.said, "the label comes from here")] if machine.said is not None else []
    reach = reach_of(ctx.graph, ctx.knowledge)
    for way in islice(reach.ways(node), SHOWN):
        check = ", behind a check of who it is" if reach.guards_way(node.id, way) else ""
        related.append(Note(way.trigger, f"{way.who} reaches the machine by `{way.event}`{check}"))
    evidence = (machine.group or "", *sorted(label.lower() for label in machine.labels))
    return Hit(machine.at, node.id, message, None, confidence, evidence, tuple(related))
