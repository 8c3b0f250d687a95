"""What an expression that stands for all of a text can be: the texts that `env`, `matrix` and `inputs` hold in the files.

`extra-conf: ${{ env.nix-conf }}` is as good as the text itself, and is read where that stands.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from scanner.analysis.workflows.matrix import matrix_values
from scanner.graph.graph import Graph
from scanner.graph.ids import action_id
from scanner.graph.nodes.workflows import StepNode
from scanner.model.source import Span
from scanner.parse.action import Action
from scanner.parse.expressions.contexts import occurring
from scanner.parse.expressions.syntax import Access, Expression, Literal, Malformed, Name, Operation, parse
from scanner.parse.fences import fences
from scanner.parse.nodes import Mapping, Scalar
from scanner.parse.scalars import Places

MAX_HOPS: Final = 5
MAX_VALUES: Final = 100


class Given(NamedTuple):
    """`values` are what the files give, each with the step that hands it over; `open` is true when there may be more that
    only a run can tell."""

    values: tuple[tuple[StepNode, Scalar], ...]
    open: bool


class Insert(NamedTuple):
    """An expression that makes up a whole line of a text: what stands between its fences, and its place."""

    text: str
    at: Span


def inserts(scalar: Scalar) -> Iterator[Insert]:
    """The lines of a text that are one expression and nothing else."""
    if "${{" not in scalar.value:
        return
    places, start = Places(scalar), 0
    for line in scalar.value.split("\n"):
        text = line.strip()
        if text.startswith("${{") and text.endswith("}}") and text.count("${{") == 1:
            begin = start + line.index("${{")
            yield Insert(text[3:-2], places.span(begin, begin + len(text)))
        start += len(line) + 1


def given(graph: Graph, node: StepNode, text: str, callers: bool = True) -> Given:
    """What the expression `text` can be in a step. Without `callers`, an input of a local action is only its default."""
    values: list[tuple[StepNode, Scalar]] = []
    open = False
    waiting, seen = [(node, text, 0)], {(node.id, text)}
    while waiting:
        step, expression, hops = waiting.pop()
        found = _values(graph, step, expression, callers) if hops < MAX_HOPS else None
        if found is None or len(values) > MAX_VALUES or len(seen) > MAX_VALUES:
            open = True
            continue
        for owner, value in found.values:
            inner = _whole(value)
            if inner is None:
                values.append((owner, value))
            elif (owner.id, inner) not in seen:
                seen.add((owner.id, inner))
                waiting.append((owner, inner, hops + 1))
        open = open or found.open
    return Given(tuple(values), open)


def resolved(graph: Graph, node: StepNode, value: Scalar) -> Given:
    """The texts that a value can be: itself, unless all of it is one expression that the files tell."""
    inner = _whole(value)
    if inner is None:
        return Given(((node, value),), False)
    found = given(graph, node, inner)
    return found if found.values else Given(((node, value),), True)


def _whole(value: Scalar) -> str | None:
    """What stands between the fences of a text that is one expression."""
    if "${{" not in value.value:
        return None
    found = list(fences(value))
    if len(found) != 1 or value.value.strip() != "${{" + found[0].text + "}}":
        return None
    return found[0].text


def _values(graph: Graph, node: StepNode, text: str, callers: bool) -> Given | None:
    """One hop, through every operand that may be the answer of `a && b || c`; None for what is not followed."""
    tree = parse(text)
    if isinstance(tree, Malformed):
        return None
    values: list[tuple[StepNode, Scalar]] = []
    open = False
    for operand in _answers(tree):
        if isinstance(operand, Literal) and not operand.value:
            continue
        found = _of_context(graph, node, operand, callers)
        values += found.values if found is not None else ()
        open = open or found is None or found.open
    return Given(tuple(values), open)


def _answers(tree: Expression) -> Iterator[Expression]:
    """The operands whose value the expression may have: a condition before `&&` is the value only when it is falsy."""
    waiting = [tree]
    while waiting:
        match waiting.pop():
            case Operation("&&", (*_, last)):
                waiting.append(last)
            case Operation("||", operands):
                waiting += operands
            case other:
                yield other


def _of_context(graph: Graph, node: StepNode, tree: Expression, callers: bool) -> Given | None:
    if not isinstance(tree, Name | Access):
        return None
    path = next((context.path for context in occurring(tree)), ())
    match path:
        case ("env", name):
            return _variable(node, name)
        case ("matrix", *rest) if node.job is not None:
            found = matrix_values(node.job, rest)
            return Given(tuple((node, value) for value in found.written), bool(found.computed))
        case ("inputs", name):
            return _input(graph, node, name, callers)
    return None


def _variable(node: StepNode, name: str) -> Given | None:
    """The nearest block that sets a variable; one that none sets comes from a step before, or from the caller."""
    blocks = [node.step.env, *((node.job.env,) if node.job is not None else ())]
    if not isinstance(node.owner, Action):
        blocks.append(node.owner.env)
    for block in blocks:
        value = block.get(name)
        if value is not None:
            return Given(((node, value),), False)
    return None


def _input(graph: Graph, node: StepNode, name: str, callers: bool) -> Given | None:
    """What an input is given by the workflows and actions of this repository, and its default."""
    owner = node.owner
    if isinstance(owner, Action):
        default = _default(owner.root.get("inputs"), name)
        edges = islice(graph.into(action_id(owner.source), "uses"), MAX_VALUES if callers else 0)
        users = [graph.nodes[edge.source] for edge in edges]
        found: list[tuple[StepNode, Scalar]] = []
        missing = not users
        for user in users:
            if isinstance(user, StepNode) and user.step.call is not None:
                value = user.step.call.inputs.get(name)
                missing = missing or value is None
                if value is not None:
                    found.append((user, value))
        if missing and default is not None:
            found.append((node, default))
        return Given(tuple(found), False)
    return _of_call(node, owner.root, name)


def _of_call(node: StepNode, root: Mapping, name: str) -> Given | None:
    """The default of a called workflow's input; other callers may hand over another text."""
    on = root.get("on")
    call = on.get("workflow_call") if isinstance(on, Mapping) else None
    default = _default(call.get("inputs"), name) if isinstance(call, Mapping) else None
    return Given(((node, default),), True) if default is not None else None


def _default(inputs: object, name: str) -> Scalar | None:
    if not isinstance(inputs, Mapping):
        return None
    for key, value in inputs.pairs:
        if key.value.lower() == name.lower() and isinstance(value, Mapping):
            default = value.get("default")
            return default if isinstance(default, Scalar) else None
    return None
