"""CycloneDX 1.6 (ECMA-424) and 1.7, as JSON and as XML.

The document is plain data in the shape of the JSON schema, and both formats are written from it: JSON as it is, XML by `cyclonedx_xml.py`.
The library of CycloneDX is not used for it, since its sets take quadratic time (10,000 components: 15 s); the tests read with it what is
written here. The two versions differ in nothing that a repository has; what 1.7 adds is about products and their licences.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, Literal, get_args
from uuid import UUID, uuid5

from scanner.sbom.bill import (
    Analysis,
    Bill,
    Commit,
    Completeness,
    Component,
    Link,
    Rating,
    Vulnerability,
    text_of,
)

SpecVersion = Literal["1.6", "1.7"]
SPEC_VERSIONS: Final[tuple[SpecVersion, ...]] = get_args(SpecVersion)

HOME: Final = "https://github.com/snowfence/snowfence"

_NAMESPACE: Final = UUID("6e1a6f5e-5d0c-5b0e-9d64-9f3f6c3a7f10")
_COMPLETENESS: Final[tuple[Completeness, ...]] = get_args(Completeness)

Data = dict[str, Any]


def write(bill: Bill, *, spec_version: SpecVersion = "1.6", xml: bool = False) -> str:
    """The bill in a version of the format. The same bill gives the same bytes."""
    document = document_of(bill, spec_version)
    if not xml:
        return json.dumps(document, indent=2) + "\n"
    from scanner.sbom.cyclonedx_xml import xml_of

    return xml_of(document)


def document_of(bill: Bill, spec_version: SpecVersion) -> Data:
    """The bill as the JSON schema wants it, its keys in the schema's order. Its number is made of its content."""
    content: Data = {
        "version": 1,
        "metadata": _metadata(bill),
        "components": [_component(one) for one in bill.components],
        "dependencies": [
            {"ref": id, "dependsOn": list(targets)} for id, targets in bill.dependencies.items()
        ],
        "compositions": list(_compositions(bill)),
        "vulnerabilities": [_vulnerability(one) for one in bill.vulnerabilities],
    }
    # Both versions of the format, and JSON and XML, are one bill.
    number = uuid5(_NAMESPACE, json.dumps(content, sort_keys=True))
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{spec_version}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": spec_version,
        "serialNumber": number.urn,
        **content,
    }


def _given(**values: object) -> Data:
    """What is neither None nor empty; a trailing `_` keeps a name from Python, a `_` inside is a dash."""
    return {
        name.rstrip("_").replace("_", "-"): value
        for name, value in values.items()
        if value is not None and value != [] and value != {}
    }


def _metadata(bill: Bill) -> Data:
    subject = bill.subject
    tool = _given(
        type="application",
        name="snowfence",
        version=bill.tool,
        purl=f"pkg:pypi/snowfence@{bill.tool}",
        externalReferences=[_link(Link("website", HOME))],
    )
    return _given(
        timestamp=_time(bill.timestamp),
        lifecycles=[{"phase": "pre-build"}],
        tools={"components": [tool]},
        component=_given(
            type="application",
            bom_ref=subject.id,
            name=subject.name,
            version=subject.version,
            purl=_text(subject.purl),
        ),
        properties=_properties((("snowfence:knowledge", bill.knowledge),) if bill.knowledge else ()),
    )


def _component(one: Component) -> Data:
    return _given(
        type=one.type,
        bom_ref=one.id,
        group=one.group,
        name=one.name,
        version=one.version,
        hashes=[_hash(one.hash.hex)] if one.hash is not None else None,
        licenses=list(_licenses(one)),
        purl=_text(one.purl),
        pedigree=_given(commits=[_commit(commit) for commit in one.commits]),
        externalReferences=[_reference(one, link) for link in one.links],
        properties=_properties(one.properties),
        evidence=_given(
            occurrences=[
                {"location": place.path, "line": place.line, "offset": place.offset, "symbol": place.symbol}
                for place in one.occurrences
            ]
        ),
    )


def _licenses(one: Component) -> Iterator[Data]:
    license = one.license
    if license is None:
        return
    if license.single:
        yield {"license": {"id": license.expression, "acknowledgement": "declared"}}
    else:
        yield {"expression": license.expression, "acknowledgement": "declared"}


def _reference(one: Component, link: Link) -> Data:
    """A link of a component; the hash of a file is that of what the link gives, which no server has as a NAR."""
    found = _link(link)
    if link.kind == "distribution" and one.hash is not None and one.hash.of == "file":
        found["hashes"] = [_hash(one.hash.hex)]
    return found


def _link(link: Link) -> Data:
    return {"type": link.kind, "url": link.url}


def _hash(hex: str) -> Data:
    return {"alg": "SHA-256", "content": hex}


def _commit(one: Commit) -> Data:
    """Nix's time of a source is when its commit was made, which git keeps with the committer."""
    return _given(
        uid=one.id,
        url=one.url,
        committer=_given(timestamp=_time(one.made) if one.made is not None else None),
    )


def _compositions(bill: Bill) -> Iterator[Data]:
    """How complete the dependencies of each component are: one entry per degree."""
    found: dict[Completeness, list[str]] = defaultdict(list)
    for id, degree in bill.completeness.items():
        found[degree].append(id)
    for degree in _COMPLETENESS:
        if found[degree]:
            yield {"aggregate": degree, "dependencies": sorted(found[degree])}


# ---------------------------------------------------------------- vulnerabilities


def _vulnerability(one: Vulnerability) -> Data:
    return _given(
        bom_ref=one.key,
        id=one.id,
        source=_source(one.source, one.source_url),
        references=[{"id": other.id, "source": _source(other.source, other.url)} for other in one.references],
        ratings=[_rating(rating) for rating in one.ratings],
        cwes=list(one.cwes),
        description=text_of(one.description) if one.description is not None else None,
        recommendation=text_of(one.recommendation) if one.recommendation is not None else None,
        advisories=[{"url": url} for url in one.advisories],
        published=_time(one.published) if one.published is not None else None,
        updated=_time(one.updated) if one.updated is not None else None,
        analysis=_analysis(one.analysis) if one.analysis is not None else None,
        affects=[
            _given(
                ref=target.id,
                versions=[
                    {kind: text, "status": "affected"}
                    for kind, text in (("version", target.version), ("range", target.range))
                    if text is not None
                ],
            )
            for target in one.affects
        ],
        properties=_properties(one.properties),
    )


def _source(name: str | None, url: str | None) -> Data:
    return _given(name=name, url=url)


def _rating(one: Rating) -> Data:
    return _given(
        source=_source(one.source, one.source_url),
        score=float(one.score) if one.score is not None else None,
        severity=one.severity,
        method=one.method,
        vector=one.vector,
    )


def _analysis(one: Analysis) -> Data:
    return _given(
        state=one.state,
        justification=one.justification,
        response=list(one.responses),
        detail=text_of(one.detail) if one.detail is not None else None,
    )


# ---------------------------------------------------------------- texts


def _properties(values: tuple[tuple[str, str], ...]) -> list[Data]:
    return [{"name": name, "value": value} for name, value in values]


def _text(value: object) -> str | None:
    return str(value) if value is not None else None


def _time(value: datetime) -> str:
    return value.isoformat()
