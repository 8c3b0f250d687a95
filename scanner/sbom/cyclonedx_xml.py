"""CycloneDX as XML: the same document as the JSON, by a table of how the XML schema writes each part.

The schema wants elements in its order, which is not that of JSON, some values as attributes, and a list as an element around its items
(https://cyclonedx.org/docs/1.6/xml/).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple


class _Shape(NamedTuple):
    """How an object is written: its `attributes`, then its `elements` in order; a value under `text` stands in the element itself. What an
    object has, and its shape has not, would be lost, so it is an error."""

    attributes: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    text: str | None = None


_SHAPES: Final[Mapping[str, _Shape]] = {
    "bom": _Shape(
        ("serialNumber", "version"),
        ("metadata", "components", "dependencies", "compositions", "vulnerabilities"),
    ),
    "metadata": _Shape((), ("timestamp", "lifecycles", "tools", "component", "properties")),
    "lifecycle": _Shape((), ("phase",)),
    "tools": _Shape((), ("components",)),
    "component": _Shape(
        ("type", "bom-ref"),
        (
            "group", "name", "version", "hashes", "licenses", "purl", "pedigree", "externalReferences", "properties", "evidence",
        ),
    ),
    "hash": _Shape(("alg",), (), "content"),
    "pedigree": _Shape((), ("commits",)),
    "commit": _Shape((), ("uid", "url", "committer")),
    "committer": _Shape((), ("timestamp",)),
    "reference": _Shape(("type",), ("url", "hashes")),
    "property": _Shape(("name",), (), "value"),
    "evidence": _Shape((), ("occurrences",)),
    "occurrence": _Shape((), ("location", "line", "offset", "symbol")),
    "composition": _Shape((), ("aggregate", "dependencies")),
    "vulnerability": _Shape(
        ("bom-ref",),
        (
            "id", "source", "references", "ratings", "cwes", "description", "recommendation", "advisories", "published", "updated",
            "analysis", "affects", "properties",
        ),
    ),
    "source": _Shape((), ("name", "url")),
    "known-as": _Shape((), ("id", "source")),
    "rating": _Shape((), ("source", "score", "severity", "method", "vector")),
    "advisory": _Shape((), ("url",)),
    "analysis": _Shape((), ("state", "justification", "response", "detail")),
    "target": _Shape((), ("ref", "versions")),
    "affected": _Shape((), ("version", "range", "status")),
}  # fmt: skip
"""The objects by their names here, which are those of their elements but for two."""


class _List(NamedTuple):
    """How a list is written: the element around it, the element of each item, the name of the shape of each; None for texts."""

    around: str
    item: str
    shape: str | None


_LISTS: Final[Mapping[tuple[str, str], _List]] = {
    ("metadata", "lifecycles"): _List("lifecycles", "lifecycle", "lifecycle"),
    ("metadata", "properties"): _List("properties", "property", "property"),
    ("bom", "components"): _List("components", "component", "component"),
    ("bom", "compositions"): _List("compositions", "composition", "composition"),
    ("bom", "vulnerabilities"): _List("vulnerabilities", "vulnerability", "vulnerability"),
    ("tools", "components"): _List("components", "component", "component"),
    ("component", "hashes"): _List("hashes", "hash", "hash"),
    ("component", "externalReferences"): _List("externalReferences", "reference", "reference"),
    ("component", "properties"): _List("properties", "property", "property"),
    ("reference", "hashes"): _List("hashes", "hash", "hash"),
    ("pedigree", "commits"): _List("commits", "commit", "commit"),
    ("evidence", "occurrences"): _List("occurrences", "occurrence", "occurrence"),
    ("vulnerability", "references"): _List("references", "reference", "known-as"),
    ("vulnerability", "ratings"): _List("ratings", "rating", "rating"),
    ("vulnerability", "cwes"): _List("cwes", "cwe", None),
    ("vulnerability", "advisories"): _List("advisories", "advisory", "advisory"),
    ("vulnerability", "affects"): _List("affects", "target", "target"),
    ("vulnerability", "properties"): _List("properties", "property", "property"),
    ("analysis", "response"): _List("responses", "response", None),
    ("target", "versions"): _List("versions", "version", "affected"),
}

_ESCAPED: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)
"""Also what a reader of attributes and of `\\r` would make a space or a line of."""


def xml_of(document: Mapping[str, Any]) -> str:
    """The XML of a document in the shape of the JSON schema."""
    namespace = f"http://cyclonedx.org/schema/bom/{document['specVersion']}"
    content = {
        name: value for name, value in document.items() if name not in ("$schema", "bomFormat", "specVersion")
    }
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines += _object("bom", "bom", content, "", f' xmlns="{namespace}"')
    return "\n".join(lines) + "\n"


def _object(element: str, shape: str, value: Mapping[str, Any], indent: str, more: str = "") -> Iterator[str]:
    attributes, elements, text = _SHAPES[shape]
    unknown = [name for name in value if name not in attributes and name not in elements and name != text]
    assert not unknown, f"{shape} has {unknown}, which its shape has not"
    head = f"{indent}<{element}{more}" + "".join(
        [f' {name}="{_escaped(value[name])}"' for name in attributes if name in value]
    )
    if text is not None:
        yield f"{head}>{_escaped(value[text])}</{element}>"
        return
    inner = [line for name in elements if name in value for line in _member(shape, name, value[name], indent)]
    if not inner:
        yield f"{head}/>"
        return
    yield f"{head}>"
    yield from inner
    yield f"{indent}</{element}>"


def _member(shape: str, name: str, value: Any, indent: str) -> Iterator[str]:
    inside = indent + "  "
    match shape, name:
        case "bom", "dependencies":
            yield from _around(name, _dependencies(value, inside + "  "), inside)
        case "composition", "dependencies":
            yield from _around(
                name, (f'{inside}  <dependency ref="{_escaped(id)}"/>' for id in value), inside
            )
        case "component", "licenses":
            yield from _around(name, _licenses(value, inside + "  "), inside)
        case _ if (found := _LISTS.get((shape, name))) is not None:
            yield from _around(found.around, _items(found, value, inside + "  "), inside)
        case _ if isinstance(value, Mapping):
            yield from _object(name, name, value, inside)
        case _:
            yield f"{inside}<{name}>{_escaped(value)}</{name}>"


def _around(element: str, lines: Iterator[str], indent: str) -> Iterator[str]:
    inner = list(lines)
    if not inner:
        yield f"{indent}<{element}/>"
        return
    yield f"{indent}<{element}>"
    yield from inner
    yield f"{indent}</{element}>"


def _items(list: _List, values: Any, indent: str) -> Iterator[str]:
    for value in values:
        if list.shape is None:
            yield f"{indent}<{list.item}>{_escaped(value)}</{list.item}>"
        else:
            yield from _object(list.item, list.shape, value, indent)


def _dependencies(values: Any, indent: str) -> Iterator[str]:
    """Elements in elements of the same name, by their attributes alone."""
    for one in values:
        head = f'{indent}<dependency ref="{_escaped(one["ref"])}"'
        targets = [f'{indent}  <dependency ref="{_escaped(id)}"/>' for id in one["dependsOn"]]
        yield f"{head}>" if targets else f"{head}/>"
        if targets:
            yield from targets
            yield f"{indent}</dependency>"


def _licenses(values: Any, indent: str) -> Iterator[str]:
    """An id is an element of a `license`, an expression is one by itself."""
    for one in values:
        license = one.get("license", one)
        head = f'acknowledgement="{license["acknowledgement"]}"'
        if "expression" in one:
            yield f"{indent}<expression {head}>{_escaped(one['expression'])}</expression>"
        else:
            yield f"{indent}<license {head}>"
            yield f"{indent}  <id>{_escaped(license['id'])}</id>"
            yield f"{indent}</license>"


def _escaped(value: object) -> str:
    text = str(value)
    return text.translate(_ESCAPED) if not text.isalnum() else text
