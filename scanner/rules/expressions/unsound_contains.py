"""See unsound_contains.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live
from scanner.analysis.workflows.expressions import Written, written
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Edit, Fix, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.model.secrets import masked_part
from scanner.parse.edits import fix, is_fixable
from scanner.parse.expressions.contexts import context_of
from scanner.parse.expressions.syntax import Access, Call, Expression, Literal, Malformed, Name, nodes

CHOSEN: Final = frozenset("actor base_ref head_ref ref ref_name sha triggering_actor".split())
"""Of `github`: what somebody who starts a run can choose, at least in part."""

PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./")
"""Characters of names that no format gives a meaning."""


@rule(
    "unsound-contains",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="hygiene",
    variants={"fixed": Severity.INFO},
    same_as=("zizmor:unsound-contains",),
    tags=("expressions", "CWE-184", "CWE-285", "CICD-SEC-1"),
)
def unsound_contains(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    for one in written(graph):
        if not one.is_condition or "contains" not in one.fence.text.lower() or not live(graph, one.owner.id):
            continue
        tree = one.tree
        for node in nodes(tree) if not isinstance(tree, Malformed) else ():
            match node:
                case Call(function, (Literal(str() as text), needle)) if function.lower() == "contains":
                    if isinstance(needle, Name | Access):
                        yield _hit(one, node, text, needle)


def _hit(one: Written, call: Call, text: str, needle: Expression) -> Hit:
    path = context_of(needle)
    match path:
        case ("env" | "inputs", *_):
            chosen = True
        case ("github", name, *_):
            chosen = name in CHOSEN
        case _:
            chosen = False
    shown = quoted(one.fence.text[needle.start : needle.end])
    example = quoted(masked_part(text, 0, max(1, len(text) // 2)).strip() or text, 20)
    why = f", {example} for one; who chooses it can pass the check" if chosen else f", {example} for one"
    items = quoted(f"contains(fromJSON('[…]'), {one.fence.text[needle.start : needle.end]})", 80)
    return Hit(
        one.span(call),
        one.owner.id,
        f"`contains` looks for {shown} anywhere in one text, so every part of that text is found too{why}. "
        f"Compare with a list: {items}",
        None if chosen else "fixed",
        evidence=(quoted(text), shown),
        fix=_fix(one, call, text),
    )


def _fix(one: Written, call: Call, text: str) -> Fix | None:
    """The same text as a list, where it is one, and where quotes and brackets mean nothing to YAML."""
    at, scalar = one.span(call.arguments[0]), one.scalar
    block = scalar.source.text[scalar.start : scalar.start + 1] in ("|", ">")
    items = text.split(",") if "," in text else text.split()
    items = [item.strip() for item in items]
    if (
        at.text != f"'{text}'"
        or not (scalar.plain or block)
        or len(items) < 2
        or not all(PLAIN.issuperset(item) and item for item in items)
        or not is_fixable(scalar.source)
    ):
        return None
    array = ", ".join(f'"{item}"' for item in items)
    return fix("compare with a list", Edit(at, f"fromJSON('[{array}]')"))
