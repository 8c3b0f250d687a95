"""See prompt_injection.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.taint.agents import Agent, agents_of
from scanner.analysis.taint.answers import Answer, Answers, Led
from scanner.analysis.taint.prompts import Reason, little, reasons_of, writes
from scanner.analysis.taint.taint import taint_of
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.workflows import StepNode
from scanner.knowledge.agents import Power
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted

_CAN: Final = {
    Power.COMMANDS: "run commands",
    Power.WRITES: "change files or write to GitHub",
    Power.READS: "read what is there and tell it",
    Power.ANSWERS: "only answer",
}
_VARIANTS: Final = {
    Power.COMMANDS: "commands",
    Power.WRITES: None,
    Power.READS: "reads",
    Power.ANSWERS: "answers",
}
_GUARDED: Final = "give it only the tools that it needs, in a job that holds nothing else, and let it read only what trusted people wrote"
_ADVICE: Final = {
    Power.COMMANDS: "let only people with write access start it, give it only the tools that it needs, or a job that holds nothing",
    Power.WRITES: "let only people with write access start it, or give it a job that holds nothing",
    Power.READS: "let only people with write access start it, or keep secrets out of the job",
    Power.ANSWERS: "treat its answer as their text, too",
}


@rule(
    "prompt-injection",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="exposure",
    variants={
        "commands": Severity.CRITICAL,
        "output": Severity.HIGH,
        "reads": Severity.MEDIUM,
        "guarded": Severity.MEDIUM,
        "answers": Severity.LOW,
    },
    tags=("injection", "ai", "CWE-1427", "CWE-1426", "CICD-SEC-4", "SLSA:build-L3"),
)
def prompt_injection(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[NoOptions]) -> Iterator[Hit]:
    agents = agents_of(ctx.graph, ctx.knowledge)
    if not agents:
        return
    taint = taint_of(ctx.graph, ctx.knowledge)
    answers = Answers(ctx.graph, ctx.knowledge)
    for agent in agents:
        reasons = list(reasons_of(ctx.graph, agent, taint))
        for reason in reasons:
            yield _hit(agent, reason)
        if reasons:
            answers.add(Led(agent, min(reasons, key=lambda one: (one.guarded, not one.held))))
    if answers:
        for node in live_steps(ctx.graph):
            for answer in answers.used(node):
                yield _run(node, answer)


def _hit(agent: Agent, reason: Reason) -> Hit:
    can = agent.can
    if can is Power.WRITES and reason.way is not None and not writes(reason.way):
        can = Power.READS
    variant = _VARIANTS[can]
    if can is not Power.ANSWERS:
        if not reason.held or little(agent, reason):
            variant = "answers"
        elif reason.guarded:
            variant = "guarded"
    confidence = reason.confidence
    if reason.guard == "approval":
        # Whether anybody must approve is a setting of the environment.
        confidence = min(confidence, Confidence.MEDIUM)
    elif reason.guarded and can is not Power.COMMANDS:
        confidence = Confidence.LOW
    head = f"{agent.name} is told {quoted(reason.told)}" if reason.told else f"{agent.name} may be led astray"
    guarded = reason.guarded and reason.held and can is not Power.ANSWERS
    return Hit(
        reason.at,
        agent.node.id,
        f"{head}: {reason.why}; led astray, it can {_CAN[can]}: {_GUARDED if guarded else _ADVICE[can]}",
        variant,
        confidence,
        evidence=reason.evidence,
        related=tuple(one for one in (reason.trigger, agent.grant) if one is not None),
        flow=(*reason.flow, Note(reason.at, f"told to {agent.name}")) if reason.flow else (),
    )


def _run(node: StepNode, answer: Answer) -> Hit:
    agent, reason = answer.led
    return Hit(
        answer.at,
        node.id,
        f"{quoted(answer.name)} is what {agent.name} answered, and is run as code: others decide what the model is told, and with "
        "that its answer; use it as a value only, by `env:` and in quotes, or let somebody look at it first",
        "output",
        Confidence.MEDIUM,
        evidence=(answer.name,),
        related=(reason.trigger,) if reason.trigger is not None else (),
        flow=(
            *reason.flow,
            Note(reason.at, f"told to {agent.name}"),
            *answer.hops,
            Note(answer.at, "run as code"),
        ),
    )
