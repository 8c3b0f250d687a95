"""See unknown_action_input.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.uses.interfaces import Hints, Parameter, inputs_of, lacking, unread
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.workflows import LocalActionNode, StepNode
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.parse.uses import LocalUse, SelfUse
from scanner.parse.workflow import Call

OF_DOCKER: Final = ("args", "entrypoint")
"""What `with` sets for any action that is a container."""


@rule(
    "unknown-action-input",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="hygiene",
    variants={"missing": Severity.LOW},
    same_as=("actionlint:action",),
    tags=("validity", "reliability"),
)
def unknown_action_input(ctx: Context[NoOptions]) -> Iterator[Hit]:
    unreadable, hints = unread(ctx.problems), Hints()
    declared: dict[str, dict[str, Parameter] | None] = {}
    seen = set()
    for node in ctx.graph.of(StepNode):
        call = node.step.call
        if call is None or not isinstance(call.target, LocalUse | SelfUse):
            continue
        used = next((ctx.graph.nodes[edge.target] for edge in ctx.graph.out(node.id, "uses")), None)
        if not isinstance(used, LocalActionNode) or used.path in unreadable:
            continue
        if used.path not in declared:
            declared[used.path] = inputs_of(used.action)
        inputs = declared[used.path]
        if inputs is None or call.inputs.expression is not None:
            continue
        for hit in _judge(node, call, used, inputs, hints):
            if (hit.at, hit.evidence) not in seen:  # an aliased step stands in the file once
                seen.add((hit.at, hit.evidence))
                yield hit


def _judge(
    node: StepNode, call: Call, used: LocalActionNode, declared: dict[str, Parameter], hints: Hints
) -> Iterator[Hit]:
    using = used.action.using.value.lower() if used.action.using is not None else ""
    given = {entry.key.value.lower() for entry in call.inputs.entries}
    for entry in call.inputs.entries:
        name = entry.key.value.lower()
        if name not in declared and not (using == "docker" and name in OF_DOCKER):
            yield Hit(
                entry.key.content.first_line(),
                node.id,
                f"{quoted(used.path, 100)} declares no input {quoted(entry.key.value)}, so GitHub only warns, and "
                f"{_effect(using)}{hints.near(entry.key.value, declared)}",
                evidence=(name,),
            )
    missing = lacking(declared, given)
    if missing.some:
        yield Hit(
            call.text.content.first_line(),
            node.id,
            f"{quoted(used.path, 100)} requires the {missing.named('input')}, which this step does not give: GitHub does not "
            f"check that, and the action gets {'an empty text' if len(missing.some) == 1 else 'empty texts'}",
            "missing",
            evidence=("missing", *(one.name.value.lower() for one in missing.some)),
            related=missing.notes,
        )


def _effect(using: str) -> str:
    return "the value goes nowhere" if using == "composite" else "the action does not expect it"
