"""What CycloneDX's own schemas say of a document: those that its library ships, read by validators that take milliseconds.

The library's validator takes 20 seconds for a thousand components.
"""

import json
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import cyclonedx.schema
import jsonschema_rs

etree: Final[Any] = import_module("lxml.etree")  # it comes without types

SCHEMAS = Path(cyclonedx.schema.__file__).parent / "_res"
_OTHERS = ("spdx", "jsf-0.82", "cryptography-defs")


def _data(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text("utf-8"))


@cache
def _json_schema(version: str) -> Any:
    # The schema names them beside itself, by the names of the library's files.
    files = [f"{name}.SNAPSHOT.schema.json" for name in _OTHERS]
    registry = jsonschema_rs.Registry(
        [(f"http://cyclonedx.org/schema/{file}", _data(file)) for file in files]
    )
    return jsonschema_rs.validator_for(
        _data(f"bom-{version}.SNAPSHOT.schema.json"), registry=registry, validate_formats=True
    )


@cache
def _xml_schema(version: str) -> Any:
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Beside())
    return etree.XMLSchema(etree.parse(str(SCHEMAS / f"bom-{version}.SNAPSHOT.xsd"), parser))


class _Beside(etree.Resolver):  # type: ignore[misc]
    """The list of licences is imported by its address on the web."""

    def resolve(self, url: str, id: str, context: Any) -> Any:
        if url.endswith("spdx.xsd"):
            return self.resolve_filename(str(SCHEMAS / "spdx.SNAPSHOT.xsd"), context)
        return None


def json_errors(text: str, version: str) -> list[str]:
    """What is wrong in a JSON document."""
    return [
        f"{'/'.join(map(str, error.instance_path))}: {error.message[:300]}"
        for error in _json_schema(version).iter_errors(json.loads(text))
    ]


def xml_errors(text: str, version: str) -> list[str]:
    """What is wrong in an XML document."""
    schema = _xml_schema(version)
    document = etree.fromstring(text.encode(), etree.XMLParser(no_network=True, huge_tree=True))
    return [] if schema.validate(document) else [str(error) for error in schema.error_log]
