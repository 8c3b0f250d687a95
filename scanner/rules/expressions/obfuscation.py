"""See obfuscation.md."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.analysis.workflows.expressions import written
from scanner.engine import Context, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.expressions.evaluate import Failed, Open, constant
from scanner.parse.expressions.names import BUILT_IN
from scanner.parse.expressions.syntax import Access, Call, Expression, Literal, Malformed, Name, nodes, parts
from scanner.parse.expressions.values import is_primitive, text
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call as Use

SHOWN = 5
"""Parts of one expression that are shown."""


class Options(NamedTuple):
    pedantic: bool = False


@rule(
    "obfuscation",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="hygiene",
    options=Options,
    variants={"inputs": Severity.INFO},
    same_as=("zizmor:obfuscation",),
    tags=("expressions", "CWE-506", "CICD-SEC-4"),
)
def obfuscation(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    yield from once(_uses(ctx.graph))
    yield from once(_expressions(ctx.graph, ctx.options.pedantic))


def _uses(graph: Graph) -> Iterator[Hit]:
    for node in live_steps(graph):
        call = node.step.call
        if call is None:
            continue
        odd = _odd_part(call)
        if odd is not None:
            yield Hit(
                call.text.content.first_line(),
                node.id,
                f"{quoted(call.text.value)} has {odd} in its path, which hides from readers and tools which action runs; "
                f"write the plain path",
            )
        if call.inputs.expression is not None:
            yield Hit(
                call.inputs.expression.content.first_line(),
                node.id,
                "all inputs of this step come from one expression, so nobody can see in the file what the action is given; "
                "write them out",
                "inputs",
            )


def _odd_part(call: Use) -> str | None:
    """What a plain path to an action does not hold."""
    if not isinstance(call.target, RepositoryUse):
        return None
    path = call.text.value.strip().rpartition("@")[0]
    if "\\" in path:
        return "a backslash"
    found = {"": "an empty part", ".": "the part `.`", "..": "the part `..`"}
    return next((found[part] for part in path.split("/") if part in found), None)


def _expressions(graph: Graph, pedantic: bool) -> Iterator[Hit]:
    for one in written(graph):
        tree = one.tree
        if isinstance(tree, Malformed) or (one.bare and isinstance(tree, Literal)):
            continue
        fixed = list(islice(_fixed(tree), SHOWN))
        if fixed:
            node, shown = fixed[0]
            what = "this expression" if node is tree else quoted(one.fence.text[node.start : node.end])
            yield Hit(
                one.span(node),
                one.owner.id,
                f"{what} is always {shown}; write that, so that nobody has to work it out",
                evidence=(quoted(one.fence.text.strip()),),
                related=tuple(Note(one.span(more), f"always {value}") for more, value in fixed[1:]),
            )
        elif pedantic:
            for node in nodes(tree):
                if isinstance(node, Access) and node.key is not None and not isinstance(node.key, Literal):
                    yield Hit(
                        one.span(node.key),
                        one.owner.id,
                        "what this index chooses is only known in the run, so readers and tools cannot tell what is read; "
                        "name it",
                        evidence=(quoted(one.fence.text.strip()),),
                    )
                    break


def _fixed(tree: Expression) -> Iterator[tuple[Expression, str]]:
    """The greatest parts of an expression that hold no context and have one value, with that value for people.

    Lists and maps have no other way to be written, neither has a text with `${{` in it; a literal inside of an expression is
    fine.
    """
    open = _open(tree)
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if id(node) not in open and (node is tree or not isinstance(node, Literal)):
            value = constant(node)
            if not isinstance(value, Open | Failed) and is_primitive(value) and "${{" not in text(value):
                yield node, quoted(text(value)) if text(value) else "empty"
                continue
        waiting += parts(node)[::-1]


def _open(tree: Expression) -> set[int]:
    """The parts, by their identity, that hold a context or a function of the run."""
    found: set[int] = set()
    for node in reversed(list(nodes(tree))):
        if (
            isinstance(node, Name)
            or (isinstance(node, Call) and node.function.lower() not in BUILT_IN)
            or any(id(part) in found for part in parts(node))
        ):
            found.add(id(node))
    return found
