"""The JSON Schema of what a check asks, for editors: kinds, combinators, operators, and every attribute with what it is."""

from scanner.analysis.attributes.attribute import Attribute, EdgeAttribute, Type
from scanner.analysis.attributes.table import attributes, edge_attributes
from scanner.policy.checks.operands import VALUE
from scanner.policy.checks.reading import ALLOWED, ENDS, MAX_WITHIN, PATHS, QUANTIFIERS
from scanner.policy.checks.vocabulary import edge_kinds, node_kinds
from scanner.policy.shapes import Schema

_CONDITION = "#/$defs/condition"
_REACH = "#/$defs/reach"

_SCALARS: dict[Type, Schema] = {
    Type.TEXT: {"type": ["string", "number", "boolean"]},
    Type.NUMBER: {"type": "integer"},
    Type.FLAG: {"type": "boolean"},
    Type.DATE: {"type": "string", "format": "date"},
    Type.DURATION: {"type": "string", "pattern": "^[0-9]{1,5}[hdwy]$"},
    Type.VERSION: {"type": ["string", "number"]},
}
_REFERENCE: Schema = {
    "type": "object",
    "description": "an entry of `values`, by its name",
    "properties": {VALUE: {"type": "string"}},
    "required": [VALUE],
    "additionalProperties": False,
}


def select_schema() -> Schema:
    nodes, edges = _kinds(node_kinds()), _kinds(edge_kinds())
    either = [
        {
            "type": "object",
            "properties": {key: {"description": f"a kind of {key}, or several", **kinds}},
            "required": [key],
            "additionalProperties": False,
        }
        for key, kinds in (("node", nodes), ("edge", edges))
    ]
    return {"anyOf": [*nodes["anyOf"], *either]}


def condition_schema() -> Schema:
    return {"$ref": _CONDITION}


def count_schema() -> Schema:
    return {"$ref": _operators_at(Type.NUMBER, False)}


def definitions() -> Schema:
    """What the schemas above refer to, for `$defs` of the whole."""
    found: Schema = {
        "condition": _condition(),
        "reach": {"anyOf": [*_kinds(node_kinds())["anyOf"], _reach()]},
        "nodes": {"anyOf": [*_kinds(node_kinds())["anyOf"], _object(_nodes())]},
    }
    for type in Type:
        found[_operators_at(type, False).rpartition("/")[2]] = _operators(type)
        found[_operators_at(type, True).rpartition("/")[2]] = _quantified(type)
    return found


def _condition() -> Schema:
    """All attributes of all kinds: which of them what is selected has is told when the policy is read."""
    several: Schema = {"type": "array", "minItems": 1, "items": {"$ref": _CONDITION}}
    words: Schema = {
        "all": {"description": "all of these conditions hold", **several},
        "any": {"description": "one of these conditions holds", **several},
        "none": {"description": "none of these conditions holds", **several},
        "not": {"description": "the condition does not hold", "$ref": _CONDITION},
        PATHS[0]: {"description": "a path leads from here to one of these nodes", "$ref": _REACH},
        PATHS[1]: {"description": "a path leads from one of these nodes to here", "$ref": _REACH},
        ENDS[0]: {"description": "of an edge: the node at which it begins", "$ref": _CONDITION},
        ENDS[1]: {"description": "of an edge: the node at which it ends", "$ref": _CONDITION},
    }
    return {**_object(_attributes() | words), "minProperties": 1}


def _attributes() -> Schema:
    """Where kinds disagree about an attribute, each of its forms is allowed."""
    forms: dict[str, list[str]] = {}
    abouts: dict[str, list[str]] = {}
    for kind, name, one in _declared():
        forms.setdefault(name, []).append(_operators_at(one.type, one.many))
        abouts.setdefault(name, []).append(f"{kind}: {one.about}")
    found: Schema = {}
    for name in sorted(forms):
        refs = [{"$ref": ref} for ref in dict.fromkeys(forms[name])]
        about = _about(abouts[name])
        found[name] = {"description": about, **(refs[0] if len(refs) == 1 else {"anyOf": refs})}
    return found


def _declared() -> list[tuple[str, str, Attribute | EdgeAttribute]]:
    nodes = [
        (kind, name, one)
        for kind, known in attributes().items()
        for name, classes in known.items()
        for one in classes.values()
    ]
    edges = [(kind, name, one) for kind, known in edge_attributes().items() for name, one in known.items()]
    return [*nodes, *edges]


def _about(lines: list[str]) -> str:
    """What an attribute is; once where it is the same of all kinds."""
    texts = dict.fromkeys(line.partition(": ")[2] for line in lines)
    return next(iter(texts)) if len(texts) == 1 else "\n".join(dict.fromkeys(lines))


def _operators_at(type: Type, many: bool) -> str:
    return f"#/$defs/{type.name.lower()}{'s' if many else ''}"


def _operators(type: Type) -> Schema:
    """What can be asked of a single value."""
    scalar = {"anyOf": [_SCALARS[type], _REFERENCE]}
    several = {"anyOf": [{"type": "array", "minItems": 1, "items": scalar}, _REFERENCE]}
    pattern = {"anyOf": [{"type": "string"}, _REFERENCE]}
    abouts = {
        "is": ("equal to this", scalar),
        "in": ("one of these", several),
        "not-in": ("none of these", several),
        "matches": ("a regular expression of RE2 is found in it", pattern),
        "glob": ("the whole of it fits a pattern with `*`, `?`, `**` and `[ab]`", pattern),
        "lt": ("less than this", scalar),
        "le": ("at most this", scalar),
        "gt": ("more than this", scalar),
        "ge": ("at least this", scalar),
    }
    known: Schema = {name: {"description": abouts[name][0], **abouts[name][1]} for name in ALLOWED[type]}
    return {"anyOf": [_SCALARS[type], _REFERENCE, _object(known | _for_all(_operators_at(type, False)))]}


def _quantified(type: Type) -> Schema:
    """What can be asked of a list."""
    item = {"$ref": _operators_at(type, False)}
    abouts = {
        "any": "this holds of at least one item; not of an empty list",
        "all": "this holds of every item; also of an empty list",
        "none": "this holds of no item; also of an empty list",
    }
    known: Schema = {name: {"description": abouts[name], **item} for name in QUANTIFIERS}
    known["count"] = {"description": "the number of items", "$ref": _operators_at(Type.NUMBER, False)}
    return _object(known | _for_all(_operators_at(type, True)))


def _for_all(own: str) -> Schema:
    return {
        "exists": {"description": "whether there is a value at all", "type": "boolean"},
        "not": {"description": "these operators do not hold", "$ref": own},
    }


def _reach() -> Schema:
    return _object(
        _nodes()
        | {
            "along": {
                "description": "the kinds of edges that count; left out, all do",
                **_kinds(edge_kinds()),
            },
            "within": {
                "description": "the greatest number of edges",
                "anyOf": [{"type": "integer", "minimum": 1, "maximum": MAX_WITHIN}, _REFERENCE],
            },
            "through": {
                "description": "a node of this kind stands between the two ends",
                "$ref": "#/$defs/nodes",
            },
            "count": {
                "description": "how many different nodes are reached; left out, at least one",
                "$ref": _operators_at(Type.NUMBER, False),
            },
        }
    )


def _nodes() -> Schema:
    return {
        "node": {
            "description": "the kinds of nodes that are meant; left out, all are",
            **_kinds(node_kinds()),
        },
        "where": {"description": "what must hold of them", "$ref": _CONDITION},
    }


def _kinds(kinds: tuple[str, ...]) -> Schema:
    one: Schema = {"enum": list(kinds)}
    return {"anyOf": [one, {"type": "array", "minItems": 1, "items": one}]}


def _object(properties: Schema) -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": properties}
