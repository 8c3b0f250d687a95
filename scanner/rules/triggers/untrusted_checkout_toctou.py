"""See untrusted_checkout_toctou.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.taint.taken import Taken, races, taken
from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted

_RANKS: Final = ("latent", "own", "guarded", "newest", None, "executed")
_DECISIONS: Final = {
    "label": "a label",
    "environment": "an approval",
    "association": "a comment by a member",
    "permission": "somebody with rights",
    "actor": "somebody who is known",
}


@rule(
    "untrusted-checkout-toctou",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="exposure",
    variants={
        "executed": Severity.CRITICAL,
        "newest": Severity.MEDIUM,
        "guarded": Severity.LOW,
        "own": Severity.LOW,
        "latent": Severity.LOW,
    },
    same_as=(
        "codeql:actions/untrusted-checkout-toctou/critical",
        "codeql:actions/untrusted-checkout-toctou/high",
    ),
    tags=(
        "privilege",
        "supply-chain",
        "CWE-367",
        "CICD-SEC-4",
        "SLSA:source-L4",
        "SLSA:build-L3",
        "scorecard:Dangerous-Workflow",
    ),
)
def untrusted_checkout_toctou(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for group in taken(ctx.graph, ctx.knowledge):
        reached = [one for one in group if races(ctx.graph, one)]
        if reached:
            worst = max(reached, key=lambda one: _RANKS.index(_variant(one)))
            yield _hit(worst, _variant(worst))


def _variant(one: Taken) -> str | None:
    if not one.comes:
        return "latent"
    if one.tree.own:
        return "own"
    if one.event in one.tree.guarded:
        return "guarded"
    if one.tree.commit:
        return "newest"
    return "executed" if one.ran is not None and one.ran.sure and not one.tree.guess else None


def _hit(one: Taken, variant: str | None) -> Hit:
    event, tree, ran = quoted(one.event), one.tree, one.ran
    check = one.decision
    decision = _DECISIONS.get(check.kind, "a check") if check is not None else "a check"
    confidence = Confidence.LOW if tree.guess else Confidence.HIGH if one.way.known else Confidence.MEDIUM
    advice = "fetch the commit that was looked at, by its hash"
    match variant:
        case "latent":
            message = (
                f"{decision} decides in runs of {event}, which do not have what this asks for, so that it fails or takes the default "
                f"branch today; {advice}"
            )
        case "own":
            confidence = min(confidence, Confidence.MEDIUM)
            message = (
                f"after {decision} lets a run of {event} through, whoever can push to this branch of the repository can still change "
                f"what comes into a job with {one.way.holds}; {advice}"
            )
        case "guarded":
            message = (
                f"after {decision} lets a run of {event} through, the author can still change what this asks for; only actions/checkout "
                f"keeps a fork's code out; {advice}"
            )
        case "newest":
            what = quoted(ran.execution.what) if ran is not None else "a later step"
            message = (
                f"{decision} decides when {event} runs, not what: this asks for the newest commit, which {what} then runs in a job with "
                f"{one.way.holds}, and the author may have pushed it a moment before; {advice}"
            )
        case _:
            runs = f", and {quoted(ran.execution.what)} runs it" if ran is not None else ""
            message = (
                f"after {decision} lets a run of {event} through, the author can push another commit, which this then fetches into a "
                f"job with {one.way.holds}{runs}; {advice}"
            )
    related = [Note(one.way.trigger, f"{event} starts the run")]
    if check is not None:
        related.insert(0, Note(check.at.first_line(), f"{decision} decides here"))
    if ran is not None and variant != "latent":
        related.append(Note(ran.execution.at.first_line(), "runs what was fetched"))
        if not ran.sure:
            confidence = min(confidence, Confidence.MEDIUM)
    how = tree.led_by(one.event)
    flow = (*how, Note(tree.at, "fetched here")) if how else ()
    return Hit(
        tree.at, one.node.id, message, variant, confidence, ("fetched", tree.at.text), tuple(related), flow
    )
