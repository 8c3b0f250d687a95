"""See bot_conditions.md."""

from collections.abc import Iterable, Iterator
from typing import Final

from scanner.analysis.outsiders.reach import Reach, reach_of
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import joined, live
from scanner.analysis.workflows.expressions import Written, written
from scanner.analysis.workflows.steps import jobs_of, parent_of
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode, StepNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.expressions.contexts import context_of, occurring
from scanner.parse.expressions.evaluate import Failed, Open, constant
from scanner.parse.expressions.syntax import Call, Expression, Literal, Malformed, Operation, parts
from scanner.parse.expressions.values import Array, Value, equal, number, text

NAMES: Final = frozenset((("github", "actor"), ("github", "triggering_actor")))
IDS: Final = frozenset((("github", "actor_id"),))
# Of the event: the same person, but only there where outsiders start runs.
SENDER: Final = frozenset((("github", "event", "sender", "login"), ("github", "event", "sender", "id")))
_ORIGINS: Final = frozenset("author_association fork full_name login owner".split())
BOT_IDS: Final = (29110.0, 49699333.0, 27856297.0, 29139614.0)
"""Numbers of the accounts of Dependabot and Renovate (from zizmor 1.32.0)."""

SHOWN: Final = 5


@rule(
    "bot-conditions",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="exposure",
    variants={"limited": Severity.LOW},
    same_as=("zizmor:bot-conditions",),
    tags=("expressions", "CWE-290", "CICD-SEC-2", "SLSA:source-L4"),
)
def bot_conditions(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph, reach_of(ctx.graph, ctx.knowledge)))


def _hits(graph: Graph, reach: Reach) -> Iterator[Hit]:
    privileged: dict[str, bool | None] = {}  # by job or action
    for one in written(graph):
        if not one.is_condition or not live(graph, one.owner.id):
            continue
        lowered = one.fence.text.lower()
        if "actor" not in lowered and "sender" not in lowered:
            continue
        tree = one.tree
        if isinstance(tree, Malformed):
            continue
        found = list(_tests(tree))
        if not found:
            continue
        parent = parent_of(one.owner) if isinstance(one.owner, StepNode) else one.owner.id
        if parent not in privileged:
            privileged[parent] = _privileged(reach, jobs_of(graph, one.owner.id))
        if privileged[parent] is not True:
            found = [each for each in found if each[1] not in SENDER]
        if found:
            yield _hit(one, found, privileged[parent], _asks_where(tree))


def _privileged(reach: Reach, jobs: Iterable[JobNode]) -> bool | None:
    """Whether outsiders start one of the jobs with the rights of the repository; None when callers elsewhere decide."""
    known = False
    for job in jobs:
        if any(way.privileged for way in reach.ways(job)):
            return True
        known = known or "workflow_call" not in job.workflow.events
    return False if known else None


def _asks_where(tree: Expression) -> bool:
    """Whether a condition also looks at where the code comes from, or at whose it is."""
    return any(context.path[-1] in _ORIGINS and len(context.path) > 2 for context in occurring(tree))


def _hit(
    one: Written, found: list[tuple[Expression, tuple[str, ...], bool]], privileged: bool | None, more: bool
) -> Hit:
    node, path, _ = found[0]
    sure = any(dominant for _, _, dominant in found)
    name = ".".join(path)
    if privileged is False or (more and not sure):
        why = (
            "the rest of the condition protects this today" if more else "nothing is to be gained here today"
        )
        return Hit(
            one.span(node),
            one.owner.id,
            f"`{name}` is who caused the last event, not whose code runs; {why}, but compare "
            f"`github.event.pull_request.user.login` instead",
            "limited",
            Confidence.LOW,
            evidence=(quoted(one.fence.text[node.start : node.end]),),
        )
    return Hit(
        one.span(node),
        one.owner.id,
        f"`{name}` is who caused the last event, not whose code runs: a bot can be made to act on somebody else's pull "
        f"request, which then passes this check; compare `github.event.pull_request.user.login`",
        None,
        Confidence.HIGH if sure and privileged else Confidence.MEDIUM,
        evidence=(quoted(one.fence.text[node.start : node.end]),),
        related=tuple(Note(one.span(other), "the same again") for other, _, _ in found[1:SHOWN]),
    )


def _tests(tree: Expression) -> Iterator[tuple[Expression, tuple[str, ...], bool]]:
    """The parts of a condition that are true for a bot: with the context that they look at, and whether that alone lets the
    condition pass. Who is let through only when it is *no* bot gains nothing from looking like one."""
    waiting = [(tree, True, True)]
    while waiting:
        node, wanted, dominant = waiting.pop()
        pair = joined(node, wanted)
        if pair is not None:
            every, operands = pair
            waiting += [(operand, value, dominant and not every) for operand, value in reversed(operands)]
            continue
        match node:
            case Operation("==" | "!=" as operator, (left, right)):
                for side, other in ((left, right), (right, left)):
                    path = context_of(side)
                    if _is_bot(path, other) and (operator == "==") is wanted:
                        yield node, path, dominant
                        break
                else:
                    waiting += [
                        (part, _same(operator, other) is wanted, False)
                        for part, other in ((right, left), (left, right))
                    ]
            case Call(function, (within, item)) if wanted and function.lower() in ("contains", "endswith"):
                path = context_of(item)
                if (
                    context_of(within) in NAMES | SENDER
                    and isinstance(item, Literal)
                    and "[bot]" in text(item.value)
                ):
                    yield node, context_of(within), dominant
                elif function.lower() == "contains" and path and _holds_bot(path, constant(within)):
                    yield node, path, dominant
            case _:
                waiting += [(part, wanted, False) for part in reversed(parts(node))]


def _same(operator: str, other: Expression) -> bool:
    """Whether a comparison with a constant asks for what is beside it to be true: `x == true`, `x != false`."""
    value = constant(other)
    return (operator == "==") is not (not isinstance(value, Open | Failed) and equal(value, False))


def _is_bot(path: tuple[str, ...], other: Expression) -> bool:
    value = constant(other) if path in NAMES | IDS | SENDER else None
    return not isinstance(value, Open | Failed) and _names_bot(path, value)


def _holds_bot(path: tuple[str, ...], value: Value | Open | Failed) -> bool:
    return isinstance(value, Array) and any(_names_bot(path, item) for item in value.items)


def _names_bot(path: tuple[str, ...], value: Value) -> bool:
    if path in NAMES or (path[-1:] == ("login",) and path in SENDER):
        return isinstance(value, str) and value.lower().endswith("[bot]")
    return (path in IDS or path in SENDER) and number(value) in BOT_IDS
