"""CycloneDX 1.6 (ECMA-424) and 1.7, as JSON and as XML.

CycloneDX's library writes the parts (`cyclonedx_model.py`), each by itself, and here they become a document in the order of the bill, in time
that grows with its length. Its own writer of documents takes 70 s for 10,000 components. Two parts are not the library's:

- dependencies: it says of every component of which nothing is known that it has none;
- compositions: it does not have them.

The two versions differ in nothing that a repository has; what 1.7 adds is about products and their licences.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, Literal, get_args
from uuid import UUID, uuid5
from xml.etree import ElementTree

from cyclonedx.schema.schema import BaseSchemaVersion, SchemaVersion1Dot6, SchemaVersion1Dot7

from scanner.sbom.bill import Bill, Completeness
from scanner.sbom.cyclonedx_model import bom_of, component_of, vulnerability_of

SpecVersion = Literal["1.6", "1.7"]
SPEC_VERSIONS: Final[tuple[SpecVersion, ...]] = get_args(SpecVersion)

_VIEWS: Final[dict[SpecVersion, type[BaseSchemaVersion]]] = {
    "1.6": SchemaVersion1Dot6,
    "1.7": SchemaVersion1Dot7,
}
_NAMESPACE: Final = UUID("6e1a6f5e-5d0c-5b0e-9d64-9f3f6c3a7f10")
_COMPLETENESS: Final[tuple[Completeness, ...]] = get_args(Completeness)


def write(bill: Bill, *, spec_version: SpecVersion = "1.6", xml: bool = False) -> str:
    """The bill in a version of the format. The same bill gives the same bytes."""
    return _xml(bill, spec_version) if xml else _json(bill, spec_version)


def _number(bill: Bill) -> UUID:
    """A number made of the content: both versions of the format, and JSON and XML, are one bill."""
    return uuid5(_NAMESPACE, json.dumps(bill, default=datetime.isoformat))


def _compositions(bill: Bill) -> Iterator[tuple[Completeness, list[str]]]:
    """How complete the dependencies of each component are: the components of each degree that occurs."""
    for degree in _COMPLETENESS:
        if ids := sorted(id for id, known in bill.completeness.items() if known == degree):
            yield degree, ids


# ---------------------------------------------------------------- JSON


def _json(bill: Bill, spec_version: SpecVersion) -> str:
    def part(one: Any) -> Any:
        # The library gives its classes their methods at run time, so types do not know them.
        return json.loads(one.as_json(view_=_VIEWS[spec_version]))

    bom = part(bom_of(bill, _number(bill)))
    document = {
        "$schema": f"http://cyclonedx.org/schema/bom-{spec_version}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": spec_version,
        "serialNumber": bom["serialNumber"],
        "version": bom["version"],
        "metadata": bom["metadata"],
        "components": [part(component_of(one)) for one in bill.components],
        "dependencies": [
            {"ref": id, "dependsOn": list(targets)} for id, targets in bill.dependencies.items()
        ],
        "compositions": [{"aggregate": degree, "dependencies": ids} for degree, ids in _compositions(bill)],
        "vulnerabilities": [part(vulnerability_of(one)) for one in bill.vulnerabilities],
    }
    return json.dumps(document, indent=2) + "\n"


# ---------------------------------------------------------------- XML


def _xml(bill: Bill, spec_version: SpecVersion) -> str:
    namespace = f"http://cyclonedx.org/schema/bom/{spec_version}"

    def part(name: str, one: Any) -> ElementTree.Element:
        found: ElementTree.Element = one.as_xml(
            view_=_VIEWS[spec_version], as_string=False, element_name=name, xmlns=namespace
        )
        return found

    def inside(parent: ElementTree.Element, name: str, **attributes: str) -> ElementTree.Element:
        # As the library does it, attributes have the namespace, too: one that is the default may not be missing anywhere.
        return ElementTree.SubElement(
            parent,
            f"{{{namespace}}}{name}",
            {f"{{{namespace}}}{key}": text for key, text in attributes.items()},
        )

    root = part("bom", bom_of(bill, _number(bill)))
    inside(root, "components").extend(part("component", component_of(one)) for one in bill.components)
    dependencies = inside(root, "dependencies")
    for id, targets in bill.dependencies.items():
        dependency = inside(dependencies, "dependency", ref=id)
        for target in targets:
            inside(dependency, "dependency", ref=target)
    compositions = inside(root, "compositions")
    for degree, ids in _compositions(bill):
        composition = inside(compositions, "composition")
        inside(composition, "aggregate").text = degree
        about = inside(composition, "dependencies")
        for id in ids:
            inside(about, "dependency", ref=id)
    inside(root, "vulnerabilities").extend(
        part("vulnerability", vulnerability_of(one)) for one in bill.vulnerabilities
    )
    ElementTree.indent(root)
    text: str = ElementTree.tostring(root, encoding="unicode", default_namespace=namespace)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'
