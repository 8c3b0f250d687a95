"""Which texts of a step hold a secret: names of variables, and words of its commands.

GitHub hides a secret in logs by its whole text, each of its lines and its base64, URL and JSON forms (`HostContext.cs` of
actions/runner); what a command makes of it is a new text.
"""

import re
from collections.abc import Iterator, Mapping
from enum import IntEnum
from itertools import islice
from typing import Final, NamedTuple

from scanner.analysis.workflows.steps import job_of, parent_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode, StepNode, WorkflowNode
from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.syntax import Access, Call, Literal, Malformed, parse
from scanner.parse.nodes import Scalar
from scanner.parse.reader import Block

TOKEN: Final = "GITHUB_TOKEN"

MAX_CALLERS: Final = 50
"""Steps that use an action which are looked at."""
MAX_VARIABLES: Final = 200
"""Variables of a block that are looked at."""

_VARIABLE: Final = re.compile(r"\$(?:([A-Za-z_]\w*)|\{(#?)([A-Za-z_]\w*)([^}]*))")
_NONE: Final[Mapping[str, "Value"]] = {}
_CUTS: Final = frozenset("#%/:^,@")


class Held(IntEnum):
    """How much of a secret a text holds. The worse, the higher."""

    WHOLE = 1
    """As it is: GitHub hides it."""
    PART = 2
    """Something made of it, which GitHub does not know."""


class Value(NamedTuple):
    """What a text holds; `secret` is the name of the secret (upper case)."""

    held: Held
    secret: str


def worse(one: Value | None, other: Value | None) -> Value | None:
    if one is None or other is None:
        return one or other
    return one if one.held >= other.held else other


def variables_of(graph: Graph, node: StepNode) -> Mapping[str, Value]:
    """The variables that hold a secret when a step starts, by the blocks around it. In an action of the repository also
    its inputs, as `inputs.name` (lower case), where a step gives it a secret."""
    job = job_of(graph, node)
    around = _around(graph, job.id) if job is not None else _given(graph, parent_of(node))
    if not node.step.env.entries:
        return around
    return _with(around, node.step.env)


@per_graph
def _around(graph: Graph, id: str) -> Mapping[str, Value]:
    """The variables with secrets that every step of a job, given by its id, gets."""
    node = graph.nodes.get(id)
    if not isinstance(node, JobNode):
        return {}
    outer = _of_workflow(graph, workflow_id(node.workflow.source))
    return _with(outer, node.job.env) if node.job.env.entries else outer


@per_graph
def _given(graph: Graph, action: str) -> Mapping[str, Value]:
    """The inputs of an action, given by its id, that steps of the repository's workflows fill with secrets."""
    found: dict[str, Value] = {}
    for edge in islice(graph.into(action, "uses"), MAX_CALLERS):
        user = graph.nodes[edge.source]
        call = user.step.call if isinstance(user, StepNode) else None
        for entry in call.inputs.entries[:MAX_VARIABLES] if call is not None else ():
            secret = secret_in(entry.value)
            if secret is not None:
                found.setdefault(f"inputs.{entry.key.value.lower()}", Value(Held.WHOLE, secret))
    return found


@per_graph
def _of_workflow(graph: Graph, id: str) -> Mapping[str, Value]:
    node = graph.nodes.get(id)
    return _with({}, node.workflow.env) if isinstance(node, WorkflowNode) else {}


def _with(outer: Mapping[str, Value], block: Block) -> Mapping[str, Value]:
    """The variables with a block more, which wins."""
    found = dict(outer)
    for entry in block.entries[:MAX_VARIABLES]:
        secret = secret_in(entry.value, outer)
        found.pop(entry.key.value, None)
        if secret is not None:
            found[entry.key.value] = Value(Held.WHOLE, secret)
    return found


def secret_in(value: Scalar, variables: Mapping[str, Value] = _NONE) -> str | None:
    """The name (upper case) of a secret whose text is all or a part of a value."""
    text = value.value
    if "${{" not in text:
        return None
    for inside in expressions(text):
        found = _of_expression(inside, variables)
        if found is not None:
            return found.secret
    return None


def expressions(text: str) -> Iterator[str]:
    """What stands between fences in a text of a script."""
    start = text.find("${{")
    while start >= 0:
        end = text.find("}}", start)
        if end < 0:
            return
        yield text[start + 3 : end]
        start = text.find("${{", end)


def _of_expression(text: str, variables: Mapping[str, Value]) -> Value | None:
    lower = text.lower()
    if "secrets" not in lower and (not variables or ("env" not in lower and "inputs" not in lower)):
        return None
    tree = parse(text)
    if isinstance(tree, Malformed):
        return None
    if isinstance(tree, Access) and isinstance(tree.base, Call) and isinstance(tree.key, Literal):
        return None  # `fromJSON(secrets.X).y`: a rule of its own says so
    for context in flowing(tree):
        if context.path[0] == "secrets" and len(context.path) == 2:
            return Value(Held.WHOLE, context.path[1].upper())
        if context.path[0] == "inputs" and len(context.path) == 2:
            known = variables.get(f"inputs.{context.path[1].lower()}")
            if known is not None:
                return known
        if context.path[0] == "env" and len(context.path) == 2:
            for name, value in variables.items():
                if name.lower() == context.path[1].lower():
                    return value
    return None


def of_text(text: str, computed: bool, variables: Mapping[str, Value]) -> Value | None:
    """What a word of a shell holds by its variables and expressions, those in `$( … )` left out."""
    found: Value | None = None
    if "${{" in text:
        for inside in expressions(text):
            found = worse(found, _of_expression(inside, variables))
    if not computed or "$" not in text:
        return found
    for match in _VARIABLE.finditer(outside(text)):
        value = variables.get(match[1] or match[3])
        if value is None or match[2]:
            continue
        rest = match[4] or ""
        if rest[:1] in (":+", "+") or rest.startswith(":+"):
            continue
        cuts = rest[:1] in _CUTS and rest[:2] not in (":-", ":=", ":?")
        found = worse(found, value._replace(held=Held.PART) if cuts else value)
    return found


def names_in(text: str) -> Iterator[str]:
    """The variables that a word names."""
    for match in _VARIABLE.finditer(text):
        yield match[1] or match[3]


def outside(text: str) -> str:
    """A word without its substitutions, whose commands are looked at on their own."""
    if "$(" not in text and "`" not in text:
        return text
    parts: list[str] = []
    depth, ticked, start = 0, False, 0
    index, size = 0, len(text)
    while index < size:
        char = text[index]
        if char == "`" and depth == 0:
            if not ticked:
                parts.append(text[start:index])
            ticked, start = not ticked, index + 1
        elif not ticked and char == "(" and (depth or text[index - 1 : index] in ("$", "<", ">")):
            if depth == 0:
                parts.append(text[start : index - 1])
            depth += 1
        elif not ticked and char == ")" and depth:
            depth -= 1
            start = index + 1
        index += 1
    if depth == 0 and not ticked:
        parts.append(text[start:])
    return " ".join(parts)
