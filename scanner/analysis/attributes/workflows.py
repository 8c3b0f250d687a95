"""Attributes of workflows."""

from collections.abc import Mapping as Map
from typing import Final

from scanner.analysis.attributes.attribute import Missing, World, attribute
from scanner.analysis.attributes.written import keys_of, text_of
from scanner.graph.nodes.workflows import JobNode, WorkflowNode
from scanner.parse.nodes import Mapping, Scalar, Sequence

_FILTERS: Final = (
    *("branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore"),
    *("types", "workflows"),
)
NO_PERMISSIONS: Final = "no `permissions` are written, so a setting of the repository decides"


@attribute(WorkflowNode)
def name(node: WorkflowNode, world: World) -> str | Missing:
    """The name that it gives itself."""
    return text_of(node.workflow.name, "name")


@attribute(WorkflowNode)
def events(node: WorkflowNode, world: World) -> tuple[str, ...]:
    """The events that start it, as `on:` names them: `push`, `pull_request_target`, `workflow_call`, …"""
    return tuple(dict.fromkeys(trigger.event.value for trigger in node.workflow.triggers))


@attribute(WorkflowNode)
def filters(node: WorkflowNode, world: World) -> tuple[str, ...]:
    """What narrows its events, as `event.filter: value`: `push.branches: main`, `issues.types: labeled`."""
    return tuple(
        f"{trigger.event.value}.{name}: {value}"
        for trigger in node.workflow.triggers
        for name in _FILTERS
        for value in trigger.filter(name) or ()
    )


@attribute(WorkflowNode)
def reusable(node: WorkflowNode, world: World) -> bool:
    """Whether others can call it (`workflow_call`)."""
    return "workflow_call" in node.workflow.events


@attribute(WorkflowNode)
def schedules(node: WorkflowNode, world: World) -> tuple[str, ...]:
    """The times at which it starts by itself, as written: `0 5 * * 1`."""
    on = node.workflow.root.get("on")
    listed = on.get("schedule") if isinstance(on, Mapping) else None
    entries = listed.items if isinstance(listed, Sequence) else ()
    times = (one.get("cron") for one in entries if isinstance(one, Mapping))
    return tuple(one.value for one in times if isinstance(one, Scalar))


@attribute(WorkflowNode)
def permissions(node: WorkflowNode, world: World) -> tuple[str, ...] | Missing:
    """What its own `permissions` give the token, as `scope: access`: `contents: read`. Empty for `{}`; `write-all` has every scope."""
    from scanner.analysis.outsiders.privilege import granted

    block = node.workflow.permissions
    return Missing(NO_PERMISSIONS) if block is None else scopes(granted(block, world.knowledge))


@attribute(WorkflowNode)
def jobs(node: WorkflowNode, world: World) -> tuple[str, ...]:
    """The ids of its jobs."""
    return tuple(job.id.value for job in node.workflow.jobs)


@attribute(WorkflowNode)
def concurrency(node: WorkflowNode, world: World) -> bool:
    """Whether it limits how many of its runs there are at a time (`concurrency`)."""
    return node.workflow.concurrency is not None


@attribute(WorkflowNode, JobNode)
def env(node: WorkflowNode | JobNode, world: World) -> tuple[str, ...] | Missing:
    """The names of the environment variables that it sets itself."""
    return keys_of(node.workflow.env if isinstance(node, WorkflowNode) else node.job.env, "env")


def scopes(access: Map[str, str]) -> tuple[str, ...]:
    """The scopes of a token with what it can do, as texts."""
    return tuple(f"{scope}: {level}" for scope, level in access.items())
