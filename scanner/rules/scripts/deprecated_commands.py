"""See deprecated_commands.md."""

from collections.abc import Iterator

from scanner.analysis.scripts.code import code_of
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.nodes import Scalar
from scanner.parse.scalars import Places

INSTEAD = {
    "set-output": ('echo "{name}=…" >> "$GITHUB_OUTPUT"', None),
    "save-state": ('echo "{name}=…" >> "$GITHUB_STATE"', None),
    "set-env": ('echo "{name}=…" >> "$GITHUB_ENV"', "removed"),
    "add-path": ('echo "…" >> "$GITHUB_PATH"', "removed"),
}
"""What to write instead of each command, and the variant of those that the runner obeys no more."""


@rule(
    "deprecated-commands",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="hygiene",
    variants={"removed": Severity.MEDIUM},
    same_as=("actionlint:deprecated-commands",),
    tags=("maintenance", "injection", "CWE-477", "CWE-77", "CICD-SEC-4"),
)
def deprecated_commands(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(
        hit
        for node in live_steps(ctx.graph)
        for code in code_of(node, ctx.knowledge)
        if "::" in code.value
        for hit in _hits(node, code)
    )


def _hits(node: StepNode, code: Scalar) -> Iterator[Hit]:
    text, places = code.value, Places(code)
    for command, (instead, variant) in INSTEAD.items():
        mark = f"::{command}"
        at = text.find(mark)
        while at >= 0:
            end = at + len(mark)
            name = _name(text, end) if command != "add-path" else ""
            starts = name is not None if command != "add-path" else text.startswith("::", end)
            if starts and not _in_comment(text, at):
                yield _hit(node, places, at, end, command, instead.format(name=name or ""), variant)
            at = text.find(mark, end)


def _name(text: str, at: int) -> str | None:
    """What follows `name=`, None where there is none."""
    while text[at : at + 1] in (" ", "\t"):
        at += 1
    if not text.startswith("name=", at):
        return None
    at += len("name=")
    end = at
    while text[end : end + 1].isalnum() or text[end : end + 1] in ("_", "-"):
        end += 1
    return text[at:end]


def _in_comment(text: str, at: int) -> bool:
    line = text[text.rfind("\n", 0, at) + 1 : at].lstrip()
    return line.startswith(("#", "//"))


def _hit(
    node: StepNode, places: Places, at: int, end: int, command: str, instead: str, variant: str | None
) -> Hit:
    why = (
        "is refused by runners since 2020 and fails the step"
        if variant is not None
        else "is deprecated: any text that a step prints can hold it, also one that an outsider wrote"
    )
    return Hit(
        places.span(at, end),
        node.id,
        f"`::{command}` {why}; write {quoted(instead, 80)}",
        variant,
        evidence=(command, instead),
    )
