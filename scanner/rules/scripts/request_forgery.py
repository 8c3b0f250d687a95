"""See request_forgery.md."""

from collections.abc import Iterator

from scanner.analysis.taint.requests import Request, requests
from scanner.analysis.taint.taint import taint_of
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted


@rule(
    "request-forgery",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="exposure",
    variants={"secret": Severity.HIGH, "path": Severity.LOW, "latent": Severity.LOW},
    same_as=("codeql:actions/request-forgery",),
    tags=("injection", "CWE-918", "CICD-SEC-4"),
)
def request_forgery(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    taint = taint_of(ctx.graph, ctx.knowledge)
    yield from once(
        _hit(node, one)
        for node in live_steps(ctx.graph)
        for one in requests(ctx.graph, ctx.knowledge, taint, node)
        if one.weighed.weight != "fork" and (one.part != "path" or _is_worth_it(one))
    )


def _is_worth_it(one: Request) -> bool:
    """Whether something is to be gained from another path on the same server."""
    return one.secret and one.weighed.weight == "anybody" and one.weighed.confidence > Confidence.LOW


def _hit(node: StepNode, one: Request) -> Hit:
    program = quoted(one.program)
    confidence = one.weighed.confidence
    match one.part:
        case "server":
            what = f"others decide to which server {program} sends this request"
            what += (
                ", and with it what proves who asks" if one.secret else ", from inside of the job's network"
            )
            variant = "secret" if one.secret else None
            advice = "write the beginning of the address, up to the `/` behind the server's name, into the workflow"
        case "call":
            what = "others decide which call of GitHub's API the job's token makes"
            variant, advice = (
                None,
                "write the beginning of the path into the workflow, and check that the rest is a number or a name",
            )
        case "path":
            what = f"with `..` others decide which path {program} asks for on this server with the secret that it hands over"
            variant, advice = "path", "check that it is a number or a name"
            confidence = min(confidence, Confidence.LOW)
    if one.weighed.weight == "stopped":
        variant = "latent"
    trigger = one.weighed.verdict.trigger
    flow = (*one.origin.hops, Note(one.at, f"decides where {program} sends a request"))
    return Hit(
        one.at,
        node.id,
        f"{what}: {one.weighed.why}; {advice}",
        variant,
        confidence,
        evidence=(one.program, one.part, ".".join(one.origin.path)),
        related=(trigger,) if trigger is not None else (),
        flow=flow if len(flow) > 1 else (),
    )
