"""Options of rules from YAML: typed by the fields of the rule's options class, refused with place and advice."""

from collections import abc
from typing import Any, Final, get_args, get_origin

from scanner.analysis.licenses.options import LicenseId
from scanner.engine import AnyRule
from scanner.model.nearest import nearest
from scanner.model.quoting import quoted
from scanner.parse.nodes import Mapping, Node, Scalar
from scanner.policy.shapes import (
    Flag,
    ListOf,
    MapOf,
    Mistakes,
    Schema,
    Shape,
    Text,
    Whole,
    but,
    first,
    refuse,
)


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
    """The options that a policy sets for a rule, by name; a hyphen in a name is an underscore."""
    if not isinstance(node, Mapping):
        raise refuse(
            first(node),
            f"{quoted('options')} of {quoted(rule.id)} must be a mapping of option names to values{but(node)}",
        )
    fields = fields_of(rule)
    if not fields:
        at = node.pairs[0][0].span if node.pairs else first(node)
        raise refuse(at, f"the rule {quoted(rule.id)} has no options")
    values: dict[str, Any] = {}
    mistakes = Mistakes()
    for key, value in node.pairs:
        name = key.value.replace("-", "_")
        with mistakes:
            if name not in fields:
                advice = nearest(name, sorted(fields))
                raise refuse(
                    key.span, f"the rule {quoted(rule.id)} has no option {quoted(key.value)}{advice}"
                )
            if name in values:
                raise refuse(key.span, f"the option {quoted(name)} is given twice; remove one of them")
            what = f"the option {quoted(key.value)} of {quoted(rule.id)}"
            values[name] = _shape(fields[name]).read(value, what)
    mistakes.refuse()
    return values


def options_schema(rule: AnyRule) -> Schema:
    """What `read_options` takes."""
    defaults = defaults_of(rule)
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {**_shape(wanted).schema(), "default": _plain(defaults[name])}
            for name, wanted in fields_of(rule).items()
        },
        "patternProperties": {
            f"^{name.replace('_', '-')}$": _shape(wanted).schema()
            for name, wanted in fields_of(rule).items()
            if "_" in name
        },
    }


class _AnyText:
    """A text that may be empty."""

    def read(self, node: Node, what: str) -> str:
        if not isinstance(node, Scalar) or node.is_null:
            raise refuse(first(node), f"{what} must be a text{but(node)}")
        return node.value

    def schema(self) -> Schema:
        return {"type": ["string", "number", "boolean"]}


def _license(text: str) -> None:
    from scanner.analysis.licenses.expressions import read_license  # loads the ids of SPDX

    read_license(text)


_SCALARS: Final[dict[Any, Shape[Any]]] = {
    bool: Flag(),
    int: Whole(),
    str: _AnyText(),
    LicenseId: Text(r"^\s*\S+(\s+WITH\s+\S+)?\s*$", _license),
}


def _shape(wanted: Any) -> Shape[Any]:
    """The shape of a field's type: a scalar, a tuple of one type, a mapping from texts."""
    arguments = get_args(wanted)
    if get_origin(wanted) is tuple:
        return ListOf(_shape(arguments[0]))
    if len(arguments) == 2:
        return MapOf(_shape(arguments[1]))
    return _SCALARS[wanted]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
