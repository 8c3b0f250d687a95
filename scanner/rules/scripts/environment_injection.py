"""See environment_injection.md."""

from collections.abc import Iterator

from scanner.analysis.taint.environment import Injected, injections
from scanner.analysis.taint.taint import taint_of
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted

VARIANTS = {"anybody": "critical", "others": None, "fork": "fork", "stopped": "latent"}


@rule(
    "environment-injection",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="exposure",
    variants={
        "critical": Severity.CRITICAL,
        "value": Severity.LOW,
        "fork": Severity.LOW,
        "latent": Severity.LOW,
    },
    same_as=(
        "zizmor:github-env",
        "codeql:actions/envvar-injection/critical",
        "codeql:actions/envpath-injection/critical",
        "codeql:actions/envvar-injection/medium",
        "codeql:actions/envpath-injection/medium",
    ),
    tags=("injection", "CWE-77", "CWE-20", "CICD-SEC-4", "SLSA:build-L3"),
    instead_of=("github-env",),
)
def environment_injection(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    taint = taint_of(ctx.graph, ctx.knowledge)
    yield from once(
        _hit(node, one)
        for node in live_steps(ctx.graph)
        for one in injections(ctx.graph, ctx.knowledge, taint, node)
    )


def _hit(node: StepNode, one: Injected) -> Hit:
    weighed, origin = one.weighed, one.said.origin
    variant = "value" if one.harmless else VARIANTS[weighed.weight]
    use = f"sets {'the PATH' if one.file == 'GITHUB_PATH' else 'variables'} of all later steps"
    flow = (*origin.hops, Note(one.at, use))
    trigger = weighed.verdict.trigger
    return Hit(
        one.at,
        node.id,
        f"{_what(one)}: {weighed.why}; {_advice(one)}",
        variant,
        weighed.confidence,
        evidence=(one.file, one.name or "", ".".join(origin.path)),
        related=(trigger,) if trigger is not None else (),
        flow=flow if len(flow) > 1 else (),
    )


def _what(one: Injected) -> str:
    name = quoted(one.name) if one.name is not None else "a variable"
    if one.file == "GITHUB_PATH":
        return "others' text names a folder in which all later steps look for programs first"
    if one.harmless:
        return f"others' text becomes the value of {name} in all later steps; it is one line today, so they set no other variable"
    if one.part == "value":
        return f"others' text becomes the value of {name}, by which the programs of all later steps run code"
    if one.name is not None and one.ends:
        return (
            f"with a line {quoted(one.ends)} in the value of {name}, others end it and set any variable of all later steps, such as "
            "`LD_PRELOAD`, and so run code"
        )
    if one.name is not None:
        return (
            f"with a line break in the value of {name}, others set any variable of all later steps, such as `LD_PRELOAD`, "
            "and so run code"
        )
    return "others write whole lines here, which set any variable of all later steps, such as `LD_PRELOAD`, and so run code"


def _advice(one: Injected) -> str:
    if one.file == "GITHUB_PATH":
        return "write a fixed folder"
    if one.part == "value" or one.harmless:
        return "give it out by `$GITHUB_OUTPUT`, and name it in the `env:` of the steps that need it"
    if one.ends:
        return f"end the value with a word that nobody can guess (`$(uuidgen)`) instead of {quoted(one.ends)}"
    return "check it first (digits only, one line), or give it out as one line by `$GITHUB_OUTPUT`"
