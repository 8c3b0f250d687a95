"""Attributes of workflows."""

from collections.abc import Mapping as Map
from typing import Final

from scanner.analysis.attributes.attribute import At, Missing, Places, World, attribute
from scanner.analysis.attributes.written import at_key, at_text, at_texts, keys_of, text_of
from scanner.graph.nodes.workflows import JobNode, WorkflowNode
from scanner.model.source import Span
from scanner.parse.nodes import Mapping, Scalar, Sequence

_FILTERS: Final = (
    *("branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore"),
    *("types", "workflows"),
)
NO_PERMISSIONS: Final = "no `permissions` are written, so a setting of the repository decides"


# ---------------------------------------------------------------- where they say it


def _events(node: WorkflowNode) -> list[Scalar]:
    return [trigger.event for trigger in node.workflow.triggers]


def _called(node: WorkflowNode) -> Scalar | None:
    return next((event for event in _events(node) if event.value == "workflow_call"), None)


def _times(node: WorkflowNode) -> list[Scalar]:
    on = node.workflow.root.get("on")
    listed = on.get("schedule") if isinstance(on, Mapping) else None
    entries = listed.items if isinstance(listed, Sequence) else ()
    times = (one.get("cron") for one in entries if isinstance(one, Mapping))
    return [one for one in times if isinstance(one, Scalar)]


def _at_filters(node: WorkflowNode, world: World) -> Places:
    for trigger in node.workflow.triggers:
        for name in _FILTERS:
            value = trigger.options.get(name) if trigger.options is not None else None
            for one in value.items if isinstance(value, Sequence) else (value,):
                if isinstance(one, Scalar):
                    yield f"{trigger.event.value}.{name}: {one.value}", one.content


def at_permissions(*, writes: bool = False) -> At:
    """The entries of the block that is in force, a job's own or its workflow's; of `write-all` and its like that word. With `writes`
    the scopes that can be written to, without what they can."""

    def at(node: WorkflowNode | JobNode, world: World) -> Places:
        block = node.workflow.permissions
        if isinstance(node, JobNode):
            block = node.job.permissions or block
        if block is None:
            return
        yield None, block.key.span if block.everything is None else block.everything.content
        for entry in block.entries:
            scope, access = entry.key.value, entry.value.value
            place = Span(entry.key.source, entry.key.start, entry.value.end)
            if not writes:
                yield f"{scope}: {access}", place
            elif access == "write":
                yield scope, place

    return at


# ---------------------------------------------------------------- what they say


@attribute(WorkflowNode, at=at_key("name"))
def name(node: WorkflowNode, world: World) -> str | Missing:
    """The name that it gives itself."""
    return text_of(node.workflow.name, "name")


@attribute(WorkflowNode, at=at_texts(_events, "on"))
def events(node: WorkflowNode, world: World) -> tuple[str, ...]:
    """The events that start it, as `on:` names them: `push`, `pull_request_target`, `workflow_call`, …"""
    return tuple(dict.fromkeys(event.value for event in _events(node)))


@attribute(WorkflowNode, at=_at_filters)
def filters(node: WorkflowNode, world: World) -> tuple[str, ...]:
    """What narrows its events, as `event.filter: value`: `push.branches: main`, `issues.types: labeled`."""
    return tuple(
        f"{trigger.event.value}.{name}: {value}"
        for trigger in node.workflow.triggers
        for name in _FILTERS
        for value in trigger.filter(name) or ()
    )


@attribute(WorkflowNode, at=at_text(_called))
def reusable(node: WorkflowNode, world: World) -> bool:
    """Whether others can call it (`workflow_call`)."""
    return "workflow_call" in node.workflow.events


@attribute(WorkflowNode, at=at_texts(_times, "on"))
def schedules(node: WorkflowNode, world: World) -> tuple[str, ...]:
    """The times at which it starts by itself, as written: `0 5 * * 1`."""
    return tuple(one.value for one in _times(node))


@attribute(WorkflowNode, at=at_permissions())
def permissions(node: WorkflowNode, world: World) -> tuple[str, ...] | Missing:
    """What its own `permissions` give the token, as `scope: access`: `contents: read`. Empty for `{}`; `write-all` has every scope."""
    from scanner.analysis.outsiders.privilege import granted

    block = node.workflow.permissions
    return Missing(NO_PERMISSIONS) if block is None else scopes(granted(block, world.knowledge))


@attribute(WorkflowNode, at=at_key("jobs"))
def jobs(node: WorkflowNode, world: World) -> tuple[str, ...]:
    """The ids of its jobs."""
    return tuple(job.id.value for job in node.workflow.jobs)


@attribute(WorkflowNode, at=at_key("concurrency"))
def concurrency(node: WorkflowNode, world: World) -> bool:
    """Whether it limits how many of its runs there are at a time (`concurrency`)."""
    return node.workflow.concurrency is not None


@attribute(WorkflowNode, JobNode, at=at_key("env"))
def env(node: WorkflowNode | JobNode, world: World) -> tuple[str, ...] | Missing:
    """The names of the environment variables that it sets itself."""
    return keys_of(node.workflow.env if isinstance(node, WorkflowNode) else node.job.env, "env")


def scopes(access: Map[str, str]) -> tuple[str, ...]:
    """The scopes of a token with what it can do, as texts."""
    return tuple(f"{scope}: {level}" for scope, level in access.items())
