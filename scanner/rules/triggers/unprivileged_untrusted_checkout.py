"""See unprivileged_untrusted_checkout.md."""

from collections.abc import Iterator

from scanner.analysis.taint.taken import renewed, taken
from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted


@rule(
    "unprivileged-untrusted-checkout",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    area="exposure",
    same_as=("codeql:actions/untrusted-checkout/medium",),
    tags=("privilege", "CWE-829", "CICD-SEC-4", "scorecard:Dangerous-Workflow"),
)
def unprivileged_untrusted_checkout(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for group in taken(ctx.graph, ctx.knowledge):
        if any(one.harmful for one in group):
            continue  # said by `untrusted-checkout`, or a check keeps them away
        for one in group:
            tree, event = one.tree, quoted(one.event)
            if not one.way.known or tree.own or tree.latent or not tree.comes(one.event):
                continue
            if one.checked and (not one.changeable or renewed(ctx.graph, one)):
                continue
            asks = "asks for the code of a fork" if one.event in tree.guarded else "fetches code of outsiders"
            decision, how = one.decision if one.checked else None, tree.led_by(one.event)
            if decision is not None:
                asks += ", which they can still change after it was let through"
            who = (
                f"{event} starts the run, and anybody can cause it"
                if decision is None
                else f"{event} starts the run"
            )
            related = [Note(one.way.trigger, who)]
            if decision is not None:
                related.insert(0, Note(decision.at.first_line(), "decides here"))
            yield Hit(
                tree.at,
                one.node.id,
                f"in runs of {event} this {asks}; the job holds nothing of worth today, but its results count as the repository's, and "
                "the next permission or secret that it gets is theirs. Do this in `pull_request`",
                None,
                Confidence.LOW if tree.guess else None,
                ("fetched", tree.at.text),
                tuple(related),
                (*how, Note(tree.at, "fetched here")) if how else (),
            )
            break
