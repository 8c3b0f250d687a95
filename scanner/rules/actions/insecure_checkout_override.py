"""See insecure_checkout_override.md."""

from collections.abc import Iterator

from scanner.analysis.outsiders.deciding_outputs import gate_of
from scanner.analysis.outsiders.reach import harmful, reach_of
from scanner.analysis.taint.checkout_guard import OVERRIDE, outsiders
from scanner.analysis.taint.taint import taint_of
from scanner.analysis.taint.taken import told_of
from scanner.analysis.uses.coordinates import is_open
from scanner.analysis.uses.uses import repository_uses
from scanner.analysis.workflows.steps import job_of
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted
from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import fences
from scanner.parse.nodes import Scalar


@rule(
    "insecure-checkout-override",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="exposure",
    variants={
        "guarded": Severity.MEDIUM,
        "said": Severity.LOW,
        "settled": Severity.LOW,
        "limited": Severity.LOW,
        "unused": Severity.LOW,
    },
    tags=("privilege", "supply-chain", "CWE-829", "CICD-SEC-4", "SLSA:build-L3"),
)
def insecure_checkout_override(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for used in repository_uses(ctx.graph):
        call, node = used.used.call, ctx.graph.nodes[used.subject]
        if used.use.slug != "actions/checkout" or used.use.path or not isinstance(node, StepNode):
            continue
        value = call.inputs.get(OVERRIDE)
        if value is None or not (value.value.strip().lower() == "true" or is_open(value)):
            continue
        reach = reach_of(ctx.graph, ctx.knowledge)
        job = job_of(ctx.graph, node)
        ways = outsiders(reach, node, job)
        related: tuple[Note, ...] = ()
        confidence = Confidence.HIGH
        trees = taint_of(ctx.graph, ctx.knowledge).workspace.fetched(node)
        asked = [tree for tree in trees if not tree.own]
        elsewhere = any(map(_foreign, (call.inputs.get("ref"), call.inputs.get("repository"))))
        taken = next((one for one in ways if elsewhere or any(tree.comes(one) for tree in asked)), None)
        if taken is None:
            variant: str | None = "unused"
            message = (
                "nothing here needs this today, and it takes away the guard of actions/checkout on the day that the workflow "
                "gets another trigger or `ref`; remove it"
            )
        elif not harmful(ways[taken]):
            variant = "limited"
            message = (
                f"this lets the code of a fork into runs of `{taken}`; the job holds little today, so keep it so, or do "
                "this in `pull_request`"
            )
        else:
            lets = f"this lets the code of a fork into runs of `{taken}`, here with {ways[taken].holds}"
            gate = gate_of(ctx.graph, job) if job is not None else None
            if node.id in told_of(ctx.graph, ctx.knowledge):
                variant = "said"
                message = (
                    f"this takes away what would keep the code of a fork out of runs of `{taken}`, here with {ways[taken].holds}. Check "
                    "out the base, or do this in `pull_request`, and remove it"
                )
            elif any("merged" in check.kinds for check in reach.checks(node, taken)):
                variant = "settled"
                message = (
                    f"{lets}: only pull requests that were merged get there, so that somebody accepted that code before. Check out "
                    "the base where that is enough"
                )
            elif reach.guarded(node, taken) and asked and all(tree.fixed for tree in asked):
                variant = "settled"
                message = (
                    f"{lets}: a check of who it is, or of what somebody decided, lets only this commit through, so that all hangs on "
                    "that check. Check out the base, or do this in `pull_request`"
                )
            elif reach.guarded(node, taken):
                variant = "guarded"
                message = (
                    f"{lets}: only a check keeps that from whoever opened the pull request, and what they push after it comes in as "
                    "well. Check out the base, or do this in `pull_request`"
                )
            else:
                variant, unless = None, ""
                if gate is not None:
                    # What the other job asks is for its author to say, so that it may stop nobody.
                    confidence, unless = Confidence.MEDIUM, f", unless {quoted(gate.label)} stops it"
                    related = (Note(gate.place(), "decides whether this runs"),)
                message = (
                    f"{lets}: whatever runs it hands that to whoever opened the pull request{unless}. Check out the base, or do "
                    "this in `pull_request`"
                )
        if is_open(value):
            confidence = Confidence.LOW
        yield Hit(
            value.content.first_line(), used.subject, message, variant, confidence, (OVERRIDE,), related
        )


def _foreign(value: Scalar | None) -> bool:
    """Whether an expression leads elsewhere: to an input, an output, a variable, which only the run knows."""
    if value is None:
        return False
    for fence in fences(value):
        tree = parse(fence.text)
        if isinstance(tree, Malformed) or any(context.path[0] != "github" for context in flowing(tree)):
            return True
    return False
