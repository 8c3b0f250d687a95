"""What is wrong with the events of a workflow beyond the words of the table: schedules, inputs."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.validity import cron
from scanner.analysis.validity.mistakes import Advice, Mistake, Said
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import WorkflowNode
from scanner.model.quoting import quoted
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence

MOST_INPUTS: Final = 25
"""Inputs of `workflow_dispatch` (10 until December 2025)."""


def event_mistakes(graph: Graph) -> Iterator[Mistake]:
    advice = Advice()
    for workflow in graph.of(WorkflowNode):
        node = workflow.workflow.root.get("on")
        for event, options in events_of(node):
            for one in _of(advice, event, options):
                yield one.mistake("invalid-event", workflow.id)


def events_of(node: Node | None) -> Iterator[tuple[Scalar, Node | None]]:
    """The events of an `on`, each with what stands below it."""
    match node:
        case Scalar():
            yield node, None
        case Sequence():
            for item in node.items:
                if isinstance(item, Scalar):
                    yield item, None
        case Mapping():
            yield from node.pairs


def _of(advice: Advice, event: Scalar, options: Node | None) -> Iterator[Said]:
    name = event.value
    if name == "workflow_run" and not _filled(
        options.get("workflows") if isinstance(options, Mapping) else None
    ):
        yield Said(
            event,
            event,
            "`workflow_run` names no `workflows`: GitHub refuses the file; say which ones it waits for",
        )
    if name == "schedule":
        for text in schedules(options):
            yield from _schedule(text)
    if not isinstance(options, Mapping):
        return
    if name in ("workflow_dispatch", "workflow_call"):
        yield from _inputs(advice, name, options)


def _filled(node: Node | None) -> bool:
    return bool(node.items) if isinstance(node, Sequence) else isinstance(node, Scalar) and not node.is_null


def schedules(options: Node | None) -> Iterator[Scalar]:
    """The cron expressions of a `schedule`."""
    for entry in options.items if isinstance(options, Sequence) else ():
        text = entry.get("cron") if isinstance(entry, Mapping) else None
        if isinstance(text, Scalar) and text.value and not text.is_null and "${{" not in text.value:
            yield text


def _schedule(text: Scalar) -> Iterator[Said]:
    fault = cron.fault(text.value)
    if fault is not None:
        yield Said(text, None, f"{quoted(text.value)} is no schedule: {fault}; GitHub refuses the file")


def _inputs(advice: Advice, event: str, options: Mapping) -> Iterator[Said]:
    inputs, key = options.get("inputs"), options.key("inputs")
    if not isinstance(inputs, Mapping):
        return
    if event == "workflow_dispatch" and len(inputs.pairs) > MOST_INPUTS:
        yield Said(
            inputs,
            key,
            f"`workflow_dispatch` has more than {MOST_INPUTS} inputs; GitHub refuses the file",
        )
    for name, declared in inputs.pairs:
        if isinstance(declared, Mapping):
            yield from _input(advice, event, name, declared)


def _input(advice: Advice, event: str, name: Scalar, declared: Mapping) -> Iterator[Said]:
    given = declared.get("type")
    kind = given.value if isinstance(given, Scalar) else "string"
    options, default = declared.get("options"), declared.get("default")
    if event == "workflow_dispatch":
        if kind == "choice":
            if options is None or (isinstance(options, Sequence) and not options.items):
                yield Said(
                    name,
                    name,
                    f"the input {quoted(name.value)} is a choice without `options`; GitHub refuses the file",
                )
        elif options is not None:
            key = declared.key("options")
            yield Said(
                key or name,
                key,
                f"the input {quoted(name.value)} has `options`, but its type is not `choice`; GitHub refuses the file",
            )
    if not isinstance(default, Scalar) or default.is_null or "${{" in default.value:
        return
    if kind == "boolean" and not _boolean(default, quotes=event == "workflow_dispatch"):
        yield Said(
            default,
            None,
            f"the default of a boolean input must be `true` or `false`, not {quoted(default.value)}",
        )
    elif kind == "number" and not _number(default.value):
        yield Said(
            default,
            None,
            f"the default of an input of type number must be a number, not {quoted(default.value)}",
        )
    elif kind == "choice" and isinstance(options, Sequence) and options.items:
        names = [item.value for item in options.items if isinstance(item, Scalar)]
        if default.value and default.value not in names and len(names) == len(options.items):
            yield Said(
                default,
                None,
                f"the default {quoted(default.value)} is none of the input's `options`",
                advice(default.value, names),
            )


def _boolean(default: Scalar, *, quotes: bool) -> bool:
    return default.boolean is not None or (quotes and default.value.lower() in ("true", "false"))


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
