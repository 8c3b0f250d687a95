"""See argument_injection.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.taint.arguments import Argument, arguments
from scanner.analysis.taint.inputs import Given, handed_on
from scanner.analysis.taint.taint import taint_of
from scanner.analysis.taint.weight import Weighed
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.model.source import Span


class _Said(NamedTuple):
    """`variant` is that of a run which anybody starts and which holds something."""

    what: str
    advice: str
    step: str
    variant: str | None
    confidence: Confidence = Confidence.HIGH


@rule(
    "argument-injection",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="exposure",
    variants={
        "critical": Severity.CRITICAL,
        "option": Severity.MEDIUM,
        "fork": Severity.LOW,
        "latent": Severity.LOW,
    },
    same_as=(
        "codeql:actions/argument-injection/critical",
        "codeql:actions/argument-injection/medium",
        "codeql:actions/command-injection/critical",
        "codeql:actions/command-injection/medium",
        "codeql:actions/secret-exfiltration",
    ),
    tags=("injection", "CWE-88", "CWE-78", "CWE-94", "CICD-SEC-4", "SLSA:build-L3"),
)
def argument_injection(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    taint = taint_of(ctx.graph, ctx.knowledge)
    yield from once(
        hit
        for node in live_steps(ctx.graph)
        for hit in (
            *(_of_command(node, one) for one in arguments(ctx.graph, ctx.knowledge, taint, node)),
            *(_of_input(node, one) for one in handed_on(ctx.knowledge, taint, node)),
        )
    )


def _of_command(node: StepNode, one: Argument) -> Hit:
    program, facts = quoted(one.program), one.facts
    match one.kind:
        case "code":
            said = _Said(
                f"others' text becomes part of {facts.code}",
                "hand it over as data, by a variable or a file that the program reads, or check first that it holds only letters and "
                "digits",
                f"becomes code of {program}",
                "critical",
            )
        case "quoted":
            said = _Said(
                f"between single quotes {program} gets the letters {quoted(one.at.text)}; with double quotes others would write a part of "
                f"{facts.code}",
                "do not only change the quotes",
                f"would become code of {program}",
                "latent",
                Confidence.MEDIUM,
            )
        case "words":
            said = _Said(
                f"without quotes the shell makes words of others' text, and {program} takes those that begin with `-` for options, such "
                f"as {quoted(facts.such or '-')}{_does(facts.does)}",
                "put it into double quotes, behind `--`",
                f"becomes options of {program}",
                None if facts.does == "code" else "option",
            )
        case "handed":
            said = _Said(
                f"`xargs` makes arguments of {program} of the words of others' text, and those that begin with `-` are options, such as "
                f"{quoted(facts.such or '-')}{_does(facts.does)}",
                "write `--` behind the command's name, and check first that the text holds only what is meant",
                f"becomes options of {program}",
                None if facts.does == "code" else "option",
            )
        case "option":
            said = _Said(
                f"others' text is a whole argument of {program}: when it begins with `-` it is an option, such as "
                f"{quoted(facts.such or '-')}{_does(facts.does)}",
                "put something fixed in front of it, such as `./`"
                if facts.loose
                else "put `--` in front of it, or something fixed such as `./`",
                f"becomes an option of {program}",
                None if facts.does == "code" else "option",
                Confidence.MEDIUM,
            )
    flow = (*one.said.origin.hops, Note(one.at, said.step))
    return _hit(node, one.at, said, one.weighed, (one.program, one.kind), flow)


def _of_input(node: StepNode, one: Given) -> Hit:
    if one.does is None:
        what = f"{quoted(one.action)} hands this input to a command line, where others' text can be more than a value"
    else:
        what = f"others' text becomes options of the program that {quoted(one.action)} starts: {one.does}"
    said = _Said(
        what,
        "take a fixed value, or check it in a step before",
        f"given to {quoted(one.action)}",
        None if one.does else "option",
        Confidence.MEDIUM,
    )
    flow = (*one.origin.hops, Note(one.at, said.step))
    return _hit(node, one.at, said, one.weighed, (one.action, one.input), flow)


def _hit(
    node: StepNode,
    at: Span,
    said: _Said,
    weighed: Weighed,
    evidence: tuple[str, ...],
    flow: tuple[Note, ...],
) -> Hit:
    variant = said.variant
    if variant != "latent":
        match weighed.weight:
            case "others":
                variant = None if variant == "critical" else variant
            case "fork":
                variant = "fork"
            case "stopped":
                variant = "latent"
    trigger = weighed.verdict.trigger
    origin = weighed.verdict.origin
    return Hit(
        at,
        node.id,
        f"{said.what}: {weighed.why}; {said.advice}",
        variant,
        min(said.confidence, weighed.confidence),
        evidence=(*evidence, ".".join(origin.path)),
        related=(trigger,) if trigger is not None else (),
        flow=flow if len(flow) > 1 else (),
    )


def _does(does: str) -> str:
    return ", which runs code" if does == "code" else ", which reaches files of their choice"
