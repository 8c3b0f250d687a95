"""See untrusted_checkout.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.outsiders.checks import protects
from scanner.analysis.taint.checkout_guard import OVERRIDE, too_old
from scanner.analysis.taint.taken import Taken, is_open, taken
from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted

_RANKS: Final = ("latent", "own", "guarded", "callers", "checked", None, "executed")


@rule(
    "untrusted-checkout",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="exposure",
    variants={
        "executed": Severity.CRITICAL,
        "checked": Severity.MEDIUM,
        "callers": Severity.MEDIUM,
        "guarded": Severity.LOW,
        "own": Severity.LOW,
        "latent": Severity.LOW,
    },
    same_as=("codeql:actions/untrusted-checkout/critical", "codeql:actions/untrusted-checkout/high"),
    tags=(
        "privilege",
        "supply-chain",
        "CWE-829",
        "CICD-SEC-4",
        "SLSA:build-L3",
        "scorecard:Dangerous-Workflow",
    ),
)
def untrusted_checkout(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for group in taken(ctx.graph, ctx.knowledge):
        reached = [one for one in group if is_open(ctx.graph, one)]
        if reached:
            worst = max(reached, key=lambda one: _RANKS.index(_variant(one)))
            yield _hit(ctx, worst, _variant(worst))


def _variant(one: Taken) -> str | None:
    if not one.way.known:
        return "callers"
    if not one.comes:
        return "latent"
    if one.tree.own:
        return "own"
    if one.event in one.tree.guarded:
        return "guarded"
    if one.checked:
        return "checked"
    # What only a name says is no reason for the worst.
    return "executed" if one.ran is not None and not one.tree.guess else None


def _hit(ctx: Context[NoOptions], one: Taken, variant: str | None) -> Hit:
    event, tree, ran = quoted(one.event), one.tree, one.ran
    confidence = Confidence.LOW if tree.guess else Confidence.HIGH if one.way.known else Confidence.MEDIUM
    related = [Note(one.way.trigger, f"{event} starts the run, and anybody can cause it")]
    match variant:
        case "latent":
            message = (
                f"no run of {event} has the pull request that this asks for, so that the default branch comes instead today; the "
                f"job holds {one.way.holds}: ask for what is meant, and never for a pull request here"
            )
        case "own":
            confidence = min(confidence, Confidence.MEDIUM)
            message = (
                f"in runs of {event} a stranger picks by name which branch of this repository comes into a job with "
                f"{one.way.holds}; a fork's code does not come, so name the base, or do this in `pull_request`"
            )
        case "guarded":
            message = (
                f"in runs of {event} this asks for the code of a fork, and only actions/checkout keeps it out of a job with "
                f"{one.way.holds}, by failing; check out the base, or do this in `pull_request`"
            )
        case "checked":
            check = next(check for check in one.checks if protects(check, one.event, "code"))
            related.insert(
                0, Note(check.at.first_line(), "a check of who it is, or of what somebody decided")
            )
            message = (
                f"whoever is let start this run of {event} decides when, not what: the newest commit comes into a job with "
                f"{one.way.holds}, and its author may have pushed it just before; fetch the commit that was looked at, by its hash"
            )
        case "callers":
            confidence = Confidence.LOW
            related = [Note(one.way.trigger, "no caller is in this repository")]
            what = quoted(ran.execution.what) if ran is not None else "a later step"
            message = (
                f"a caller names the code that comes here and that {what} then runs in a job with {one.way.holds}: called for somebody's "
                "pull request, it runs theirs; call it with `permissions: {}` and no secrets, or say in its name what it is for"
            )
        case "executed":
            what = quoted(ran.execution.what) if ran is not None else "a later step"
            message = (
                f"in runs of {event} anybody can have their code run by {what} in a job with {one.way.holds}, as this fetches it"
                f"{too_old(ctx.graph, ctx.knowledge, one.node)}; build it in `pull_request`, which has no rights"
            )
        case _ if tree.guess:
            runs = f", where {quoted(ran.execution.what)} runs it" if ran is not None else ""
            message = (
                f"by its name, this asks in runs of {event} for code that anybody can have written, and brings it into a job with "
                f"{one.way.holds}{runs}; look up who decides it, and build such code in `pull_request`, which has no rights"
            )
        case _:
            message = (
                f"in runs of {event} this fetches code that anybody can have written into a job with {one.way.holds}; "
                f"what builds, tests or loads it hands that over{too_old(ctx.graph, ctx.knowledge, one.node)}. Do this in `pull_request`, "
                "which has no rights"
            )
    override = one.node.step.call.inputs.get(OVERRIDE) if one.node.step.call is not None else None
    if override is not None and variant not in ("guarded", "latent", "own"):
        related.append(Note(override.content.first_line(), "takes away the guard of actions/checkout"))
    if ran is not None and variant != "latent":
        related.append(Note(ran.execution.at.first_line(), f"runs what lies in {_folder(tree.folder)}"))
        if not ran.sure and variant == "executed":
            confidence = min(confidence, Confidence.MEDIUM)
    how = tree.led_by(one.event)
    flow = (*how, Note(tree.at, "fetched here")) if how else ()
    return Hit(
        tree.at, one.node.id, message, variant, confidence, ("fetched", tree.at.text), tuple(related), flow
    )


def _folder(folder: str | None) -> str:
    return quoted(folder) if folder else "the workspace"
