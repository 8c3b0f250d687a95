"""Conditions over the inputs of actions, from the words of the tables that hold them."""

from typing import Any

from scanner.analysis.uses.coordinates import (
    Always,
    Below,
    Boolean,
    Condition,
    Every,
    Filled,
    OneOf,
    Some,
)
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call


def condition_of(control: Any) -> Condition:
    """`"always"`; `{"any": […]}`, `{"all": […]}`; `{"version": "< v10"}`; else an input whose value (`type`: `boolean`,
    `non-empty-string`, `one-of`) switches something on (`toggle: opt-in`) or off (`opt-out`)."""
    match control:
        case {"any": some}:
            return Some(tuple(condition_of(one) for one in some))
        case {"all": every}:
            return Every(tuple(condition_of(one) for one in every))
        case {"version": version}:
            return Below(tuple(int(part) for part in version.removeprefix("<").strip(" v").split(".")))
        case {"input": name, "type": kind, "toggle": toggle, "on_when_absent": present}:
            wanted = toggle == "opt-in"
            default = present is wanted
            if kind == "boolean":
                return Boolean(name, default, wanted)
            if kind == "one-of":
                return OneOf(name, frozenset(control["values"]), default, wanted)
            return Filled(name, default, wanted)
    return Always()


def control_for(call: Call, table: dict[str, Any]) -> Any:
    """The row of a table for the action that a step uses, None when it has none."""
    use = call.target
    if not isinstance(use, RepositoryUse):
        return None
    return table.get(f"{use.slug}/{use.path}" if use.path else use.slug)
