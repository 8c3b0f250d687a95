"""See privileged_input.md."""

from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from scanner.analysis.locks.flaws import Flaw, flaws_of
from scanner.analysis.outsiders.openings import Opening, openings_of
from scanner.analysis.outsiders.stakes import stakes_at
from scanner.analysis.workflows.conditions import live
from scanner.engine import Context, rule
from scanner.graph.nodes.nix import LockfileNode
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted

MAX_STEPS: Final = 200
"""Steps that evaluate one lock which are looked at."""

_VARIANTS: Final = {"tampered": "tampered", "mutable": "mutable"}
_HARMS: Final = {
    "unlocked": "so whoever has its source decides what the job runs, at every run",
    "tampered": "so whoever owns that decides what the job runs",
    "diverted": "so it runs what nobody asked for",
    "lookalike": "so whoever took that name decides what the job runs",
    "mutable": "so whoever moves it stops the job",
}


_SHOWN: Final = {
    "unlocked": "nothing fixes it",
    "tampered": "not what was asked for",
    "diverted": "not what was asked for",
    "lookalike": "nearly the name of somebody else",
    "mutable": "changes under the same name",
}


_SHARPENED: Final = {
    "unlocked": "unlocked-input",
    "tampered": "lock-tampered",
    "diverted": "lock-tampered",
    "lookalike": "lookalike-owner",
    "mutable": "mutable-tarball",
}
"""The rules of which this is the sharper form, by what is wrong."""


class Options(NamedTuple):
    trusted: tuple[str, ...] = ()


class Evaluated(NamedTuple):
    """A step that evaluates a lock, in a job with something to lose; `outside`: an outsider starts it."""

    step: StepNode
    opening: Opening
    outside: bool


@rule(
    "privileged-input",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="pinning",
    options=Options,
    variants={"tampered": Severity.CRITICAL, "mutable": Severity.LOW},
    tags=(
        "nix",
        "supply-chain",
        "privilege",
        "CWE-829",
        "CWE-494",
        "CICD-SEC-3",
        "SLSA:build-L3",
        "SLSA:dependencies",
    ),
    supersedes=("unlocked-input", "lock-tampered", "lookalike-owner", "mutable-tarball"),
)
def privileged_input(ctx: Context[Options]) -> Iterator[Hit]:
    for node in ctx.graph.of(LockfileNode):
        if next(ctx.graph.into(node.id, "evaluates"), None) is None:
            continue
        worst: Evaluated | None = None
        for flaw in flaws_of(ctx.graph, ctx.knowledge, node.lock):
            if flaw.input.name in ctx.options.trusted:
                continue
            worst = worst or _worst(ctx, node)
            if worst is None:
                break
            yield _hit(ctx, node, flaw, worst)


def _worst(ctx: Context[Options], lock: LockfileNode) -> Evaluated | None:
    """The step that evaluates a lock where there is most to lose: one that an outsider starts before all others."""
    openings = openings_of(ctx.graph, ctx.knowledge)
    held: Evaluated | None = None
    for edge in islice(ctx.graph.into(lock.id, "evaluates"), MAX_STEPS):
        step = ctx.graph.nodes[edge.source]
        if not isinstance(step, StepNode) or not live(ctx.graph, step.id):
            continue
        opening = openings.of(step.id)
        if opening is not None and opening.way.holds_something:
            return Evaluated(step, opening, True)
        if held is None:
            inside = openings.held(step.id)
            held = Evaluated(step, inside, False) if inside is not None else None
    return held


def _hit(ctx: Context[Options], lock: LockfileNode, flaw: Flaw, found: Evaluated) -> Hit:
    way, step, job = found.opening.way, found.step, found.opening.job
    name = quoted(flaw.input.name)
    starts = f"`{way.event}` starts it" + (f" for {way.who}" if found.outside else "")
    notes = found.opening.notes(ctx.graph)
    sure = found.opening.sure if found.outside else True
    stakes = stakes_at(ctx.graph, ctx.knowledge, step.id) if found.outside else way.stakes
    return Hit(
        flaw.at,
        flaw.input.node.id,
        f"{name} {flaw.why}, {_HARMS[flaw.kind]}: the step {_step(step)} of the job {quoted(job.label)} evaluates it and holds "
        f"{way.holds}; {starts}; {flaw.advice}",
        _VARIANTS.get(flaw.kind),
        None if sure and flaw.sure else Confidence.MEDIUM,
        evidence=(flaw.kind, way.event),
        flow=(
            *notes,
            Note(step.place(), f"evaluates {quoted(lock.path)}"),
            Note(flaw.input.node.place().first_line(), "locks the input"),
            Note(flaw.at, _SHOWN[flaw.kind]),
        ),
        sharpens=_SHARPENED[flaw.kind],
        stakes=stakes,
    )


def _step(node: StepNode) -> str:
    """Its name; of one without, what it runs."""
    step = node.step
    if step.run is None or step.name is not None or step.id is not None:
        return quoted(node.label)
    lines = (line.strip() for line in step.run.script.value.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return quoted(first) if first else quoted(node.label)
