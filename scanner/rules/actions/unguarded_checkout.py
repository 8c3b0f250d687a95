"""See unguarded_checkout.md."""

from collections.abc import Iterator

from scanner.analysis.outsiders.reach import harmful, reach_of
from scanner.analysis.taint.checkout_guard import lacks_guard, outsiders, takes_pull_request
from scanner.analysis.uses.locked_actions import lock_of
from scanner.analysis.uses.uses import repository_uses
from scanner.analysis.workflows.steps import job_of
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted


@rule(
    "unguarded-checkout",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    variants={"guarded": Severity.MEDIUM, "limited": Severity.LOW},
    tags=("privilege", "supply-chain", "CWE-829", "CICD-SEC-4"),
)
def unguarded_checkout(ctx: Context[NoOptions]) -> Iterator[Hit]:
    lock = lock_of(ctx.graph)
    for used in repository_uses(ctx.graph):
        call = used.used.call
        if used.use.slug != "actions/checkout" or used.use.path:
            continue
        if call.inputs.get("ref") is None and call.inputs.get("repository") is None:
            continue
        node = ctx.graph.nodes[used.subject]
        since = lacks_guard(used, ctx.knowledge.actions, lock)
        if since is None or not isinstance(node, StepNode):
            continue
        reach = reach_of(ctx.graph, ctx.knowledge)
        for event, way in outsiders(reach, node, job_of(ctx.graph, node)).items():
            taken = takes_pull_request(call, event)
            if taken is None:
                continue
            if not harmful(way):
                variant: str | None = "limited"
                held = "a job that holds little today"
            else:
                variant = "guarded" if reach.guarded(node, event) else None
                held = f"a job with {way.holds}"
            yield Hit(
                used.at,
                used.subject,
                f"in runs of `{event}` this brings the code of a fork into {held}, and {quoted(call.text.value.strip())} is too "
                f"old to refuse it, as {since} and later do; do not check out the pull request here, and update the action",
                variant,
                # A workflow_run may follow other events than pull requests.
                None if event == "pull_request_target" else Confidence.MEDIUM,
                ("actions/checkout",),
                (Note(taken.content.first_line(), "the pull request is asked for here"),),
            )
            break
