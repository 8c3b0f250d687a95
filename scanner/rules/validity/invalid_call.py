"""See invalid_call.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.uses.calls import MAX_LEVELS, RANKS, calls, explicit, limit
from scanner.analysis.uses.interfaces import (
    Hints,
    Interface,
    Lacking,
    Parameter,
    lacking,
    of_workflow,
    unread,
)
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode, WorkflowNode
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted
from scanner.parse.nodes import Scalar
from scanner.parse.uses import LocalUse, SelfUse
from scanner.parse.workflow import Call, Job

FOLDER: Final = ".github/workflows"
LEVELS: Final = {rank: level for level, rank in RANKS.items()}


@rule(
    "invalid-call",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="hygiene",
    same_as=("actionlint:workflow-call",),
    tags=("validity", "reliability"),
)
def invalid_call(ctx: Context[NoOptions]) -> Iterator[Hit]:
    unreadable, hints = unread(ctx.problems), Hints()
    interfaces: dict[str, Interface | None] = {}
    seen = set()
    for node in ctx.graph.of(JobNode):
        call = node.job.call
        if call is None or not isinstance(call.target, LocalUse | SelfUse):
            continue
        path = call.target.path
        # Other places than this folder, and what has a ref, are refused for their form.
        if path.rpartition("/")[0] != FOLDER or "@" in path:
            continue
        called = next((ctx.graph.nodes[edge.target] for edge in ctx.graph.out(node.id, "calls")), None)
        if isinstance(called, WorkflowNode):
            if path not in interfaces:
                interfaces[path] = of_workflow(called.workflow)
            interface = interfaces[path]
            if interface is not None:
                found = _call(ctx.graph, node, call, called, interface, hints)
            else:
                found = _not_callable(node, call, called)
        else:
            found = _nowhere(node, call, path)
        # What is missing in a file that could not be read may be there.
        if path in unreadable and (not isinstance(called, WorkflowNode) or interfaces[path] is None):
            continue
        for hit in found:
            if (hit.at, hit.evidence) not in seen:  # an aliased job stands in the file once
                seen.add((hit.at, hit.evidence))
                yield hit


def _nowhere(node: JobNode, call: Call, path: str) -> Iterator[Hit]:
    yield Hit(
        call.text.content.first_line(),
        node.id,
        f"there is no {quoted(path, 100)} in this repository, so GitHub refuses the workflow that calls it; commit it or correct the "
        "path",
        evidence=("missing",),
    )


def _not_callable(node: JobNode, call: Call, called: WorkflowNode) -> Iterator[Hit]:
    yield Hit(
        call.text.content.first_line(),
        node.id,
        f"{quoted(called.path, 100)} cannot be called: its `on` has no `workflow_call`, so GitHub refuses this workflow",
        evidence=("not callable",),
        related=(Note(called.place(), "the events that start it"),),
    )


def _call(
    graph: Graph, node: JobNode, call: Call, called: WorkflowNode, interface: Interface, hints: Hints
) -> Iterator[Hit]:
    if interface.inputs is not None:
        yield from _inputs(node, call, called.path, interface.inputs, hints)
    if interface.secrets is not None and node.job.inherits is None and node.job.secrets.expression is None:
        yield from _secrets(node, call, called.path, interface.secrets, hints)
    yield from _permissions(graph, node, call, called)
    yield from _nesting(graph, node, call, called)


def _inputs(
    node: JobNode, call: Call, path: str, declared: dict[str, Parameter], hints: Hints
) -> Iterator[Hit]:
    if call.inputs.expression is not None:
        return
    given = {entry.key.value.lower() for entry in call.inputs.entries}
    for entry in call.inputs.entries:
        name = entry.key.value
        parameter = declared.get(name.lower())
        if parameter is None:
            yield Hit(
                entry.key.content.first_line(),
                node.id,
                f"{quoted(path, 100)} has no input {quoted(name)}, so GitHub refuses the call"
                f"{hints.near(name, declared)}",
                evidence=("input", name.lower()),
            )
        elif not _fits(parameter.type, entry.value):
            yield Hit(
                entry.value.content.first_line(),
                node.id,
                f"the input {quoted(name)} is a {parameter.type} and {quoted(entry.value.value)} is none, so GitHub "
                "refuses the call",
                evidence=("type", name.lower()),
                related=(Note(parameter.name.content.first_line(), "declared here"),),
            )
    yield from _missing(node, call, path, "input", lacking(declared, given))


def _secrets(
    node: JobNode, call: Call, path: str, declared: dict[str, Parameter], hints: Hints
) -> Iterator[Hit]:
    given = {entry.key.value.lower() for entry in node.job.secrets.entries}
    for entry in node.job.secrets.entries:
        name = entry.key.value
        if name.lower() not in declared:
            yield Hit(
                entry.key.content.first_line(),
                node.id,
                f"{quoted(path, 100)} declares no secret {quoted(name)}, so GitHub refuses the call"
                f"{hints.near(name, declared)}",
                evidence=("secret", name.lower()),
            )
    yield from _missing(node, call, path, "secret", lacking(declared, given))


def _missing(node: JobNode, call: Call, path: str, kind: str, missing: Lacking) -> Iterator[Hit]:
    if not missing.some:
        return
    where = "with" if kind == "input" else "secrets"
    yield Hit(
        call.text.content.first_line(),
        node.id,
        f"{quoted(path, 100)} requires the {missing.named(kind)}, which this call does not give, so GitHub refuses it; "
        f"add {'it' if len(missing.some) == 1 else 'them'} below `{where}`",
        evidence=("missing", kind, *(one.name.value.lower() for one in missing.some)),
        related=missing.notes,
    )


def _fits(type: str | None, value: Scalar) -> bool:
    """Whether a written value can be of an input's type; an expression is only known when it runs. Everything can be a string,
    and a quoted `true` or number is let pass."""
    if type not in ("boolean", "number") or "${{" in value.value or value.is_null:
        return True
    text = value.value
    if type == "boolean":
        return text.lower() in ("true", "false")
    return _is_number(text)


def _is_number(text: str) -> bool:
    text = text.strip().removeprefix("+")
    if text.lower().startswith(("0x", "0o")):
        digits = "0123456789abcdef" if text[1] in "xX" else "01234567"
        return len(text) > 2 and all(char in digits for char in text[2:].lower())
    if text.lstrip("-").lower() in (".inf", ".nan"):
        return True
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text and text.isascii()


def _permissions(graph: Graph, node: JobNode, call: Call, called: WorkflowNode) -> Iterator[Hit]:
    """Only a job whose own file says what it holds is judged; what another hands on is judged where it comes from."""
    block = explicit(node.workflow, node.job)
    if block is None or node.id in calls(graph).loops:
        return
    wanting: dict[str, list[str]] = {}
    for scope, ask in calls(graph).asks.get(called.id, {}).items():
        allowed = limit(block, scope)
        if allowed is not None and ask.level > allowed:
            wanting.setdefault(ask.by.id, []).append(f"{scope}: {LEVELS[ask.level]}")
    for id, scopes in wanting.items():
        asking = graph.nodes[id]
        shown = ", ".join(quoted(scope) for scope in sorted(scopes)[:4]) + (", …" if len(scopes) > 4 else "")
        who = quoted(asking.path or "", 100)
        theirs = asking.workflow.permissions if isinstance(asking, WorkflowNode) else None
        if isinstance(asking, JobNode):
            who = f"the job {quoted(asking.label)} in {who}"
            theirs = asking.job.permissions
        yield Hit(
            call.text.content.first_line(),
            node.id,
            f"{who} asks for {shown}, which this job may not hand on, so GitHub refuses the run; "
            f"{_advice(node.job, scopes)}",
            evidence=("permissions", id),
            related=(
                Note(block.key.content.first_line(), "what this job holds"),
                *(
                    (Note(theirs.key.content.first_line(), "what is asked for"),)
                    if theirs is not None
                    else ()
                ),
            ),
        )


def _advice(job: Job, scopes: list[str]) -> str:
    what = "it" if len(scopes) == 1 else "them"
    where = "its `permissions`" if job.permissions is not None else "a `permissions` of this job"
    return f"add {what} to {where}, or ask for less there"


def _nesting(graph: Graph, node: JobNode, call: Call, called: WorkflowNode) -> Iterator[Hit]:
    known = calls(graph)
    at = call.text.content.first_line()
    if node.id in known.loops:
        yield Hit(
            at,
            node.id,
            f"{quoted(called.path, 100)} leads back to this workflow, and GitHub refuses calls in a circle",
            evidence=("loop",),
        )
        return
    levels = 1 + known.levels[called.id]
    own = workflow_id(node.workflow.source)
    # Said once, where the way begins.
    if levels > MAX_LEVELS and next(graph.into(own, "calls"), None) is None:
        yield Hit(
            at,
            node.id,
            f"this call leads through {levels} levels of workflows, and GitHub refuses more than {MAX_LEVELS}",
            evidence=("levels",),
        )
