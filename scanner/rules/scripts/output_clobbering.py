"""See output_clobbering.md."""

from collections.abc import Iterator

from scanner.analysis.taint.outputs import Clobbered, clobbered
from scanner.analysis.taint.taint import taint_of
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted

VARIANTS = {"code": "code", "read": None, "unread": "unread"}


@rule(
    "output-clobbering",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="exposure",
    variants={
        "code": Severity.HIGH,
        "unread": Severity.INFO,
        "fork": Severity.LOW,
        "latent": Severity.LOW,
    },
    same_as=("codeql:actions/output-clobbering/high",),
    tags=("injection", "CWE-74", "CICD-SEC-4", "SLSA:build-L3"),
)
def output_clobbering(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    taint = taint_of(ctx.graph, ctx.knowledge)
    yield from once(
        _hit(node, one) for node in live_steps(ctx.graph) for one in clobbered(ctx.graph, taint, node)
    )


def _hit(node: StepNode, one: Clobbered) -> Hit:
    match one.weighed.weight:
        case "fork":
            variant: str | None = "fork"
        case "stopped":
            variant = "latent"
        case _:
            variant = VARIANTS[one.use]
    names = ", ".join(quoted(name) for name in one.outputs[:3])
    if one.way == "command":
        what = f"the runner reads `::set-output` out of all that this step prints, so others' text printed here sets {names} as well"
        advice = "write outputs to `$GITHUB_OUTPUT` instead"
    else:
        what = f"with a line break others' text written here sets {names} as well"
        advice = "check that it is one line, or write it between two lines with a random word (`NAME<<$WORD`)"
    trigger, origin = one.weighed.verdict.trigger, one.said.origin
    flow = (*origin.hops, Note(one.at, f"sets {names}"))
    return Hit(
        one.at,
        node.id,
        f"{what}{'' if one.use != 'unread' else ', which nothing reads today'}: {one.weighed.why}; {advice}",
        variant,
        one.weighed.confidence if one.use != "unread" else Confidence.LOW,
        evidence=(one.way, *one.outputs, ".".join(origin.path)),
        related=(trigger,) if trigger is not None else (),
        flow=flow if len(flow) > 1 else (),
    )
