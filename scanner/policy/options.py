"""Options of rules from YAML: typed by the fields of the rule's options class, refused with place and advice."""

import types
from collections import abc
from typing import Any, get_args, get_origin

from scanner.engine import AnyRule
from scanner.model.nearest import nearest
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence
from scanner.policy.shapes import refuse


def fields_of(rule: AnyRule) -> dict[str, Any]:
    """The names of a rule's options and their types."""
    annotations: dict[str, Any] = getattr(rule.options, "__annotations__", {})
    return annotations


def defaults_of(rule: AnyRule) -> dict[str, Any]:
    """The names of a rule's options and their defaults, as plain data."""
    options = rule.options()
    values = {name: getattr(options, name) for name in fields_of(rule)}
    return {name: dict(value) if isinstance(value, abc.Mapping) else value for name, value in values.items()}


def read_options(rule: AnyRule, node: Node) -> dict[str, Any]:
    """The options that a policy sets for a rule, by name."""
    if not isinstance(node, Mapping):
        raise refuse(node.span, f"`options` of `{rule.id}` must be a mapping of option names to values")
    fields = fields_of(rule)
    values: dict[str, Any] = {}
    for key, value in node.pairs:
        name = key.value.replace("-", "_")
        if name not in fields:
            if not fields:
                raise refuse(key.span, f"the rule `{rule.id}` has no options")
            raise refuse(
                key.span, f"the rule `{rule.id}` has no option `{key.value}`{nearest(name, sorted(fields))}"
            )
        values[name] = _value(fields[name], value, f"the option `{key.value}` of `{rule.id}`")
    return values


def _value(wanted: Any, node: Node, what: str) -> Any:
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin is tuple:
        if isinstance(node, Sequence):
            return tuple(_value(arguments[0], item, f"an item of {what}") for item in node.items)
        raise refuse(node.span, f"{what} must be a list")
    if origin is not None and origin not in (types.UnionType,) and len(arguments) == 2:
        if isinstance(node, Mapping):
            return {
                key.value: _value(arguments[1], value, f"`{key.value}` in {what}")
                for key, value in node.pairs
            }
        raise refuse(node.span, f"{what} must be a mapping")
    if not isinstance(node, Scalar):
        raise refuse(node.span, f"{what} must be {_named(wanted)}, not a mapping or list")
    if wanted is bool:
        if node.boolean is not None:
            return node.boolean
    elif wanted is int:
        digits = node.value.removeprefix("-")
        if node.plain and digits.isascii() and digits.isdigit() and len(digits) < 10:
            return int(node.value)
    elif wanted is str:
        return node.value
    raise refuse(node.span, f"{what} must be {_named(wanted)}, not `{node.value}`")


def _named(wanted: Any) -> str:
    return {bool: "true or false", int: "a whole number", str: "a text"}.get(wanted, str(wanted))
