"""SPDX 2.3 JSON (https://spdx.github.io/spdx-spec/v2.3/) of a bill of materials.

A package is named by its purl. `checksums` are of what `downloadLocation` gives, so the hash of a tree as Nix serialises it stands in
the comment. What nothing tells is NOASSERTION, what a lock says is not there is NONE (section 11.1 of the specification).
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid5

from scanner import HOME
from scanner.model.counting import counted
from scanner.parse.nix.urls import encoded
from scanner.sbom.bill import CERTAINTY, Bill, Component, Vulnerability

NOASSERTION: Final = "NOASSERTION"
NONE: Final = "NONE"
DOCUMENT: Final = "SPDXRef-DOCUMENT"

MAX_PLACES: Final = 100
"""Places of a package that are listed: its `sourceInfo` is a text for people."""

_NAMESPACE: Final = UUID("b5f1c8d4-7d0e-5f33-9b1a-0f6a5d5c2e71")
_PURPOSES: Final = {"application": "APPLICATION", "container": "CONTAINER", "library": "LIBRARY"}
_OTHER: Final = re.compile(r"[^A-Za-z0-9.]+")
_OWN_LICENSE: Final = re.compile(r"\bLicenseRef-[A-Za-z0-9.-]+")
_DOWNLOADS: Final = ("https://", "http://", "ftp://")
_CLONES: Final = ("https://", "http://", "ssh://")
_HOST: Final = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*\.[a-z]{2,5}(?::[0-9]{1,5})?", re.IGNORECASE)
"""The hosts that SPDX's own validators (Java and Python) take in a location: others, such as those of `.systems`, are for them no URL."""

_CERTAINTY: Final = {
    "claimed": "claimed (only a comment says which version it is)",
    "possible": "possible (it may be a version without it)",
    "past": "past (it led to the code of an attacker for some time, and does not today)",
}

JsonObject = dict[str, Any]


def write(bill: Bill) -> str:
    """The document. The same bill gives the same bytes."""
    packages = [_subject(bill), *_packages(bill)]
    document: JsonObject = {
        "SPDXID": DOCUMENT,
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "name": bill.subject.name,
        "documentNamespace": "",
        "creationInfo": {
            "created": bill.timestamp.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
            + "Z",
            "creators": [f"Tool: snowfence-{bill.tool}"],
        },
        "packages": packages,
        "relationships": list(_relationships(bill)),
    }
    remarks = [f"tables of snowfence used: {bill.knowledge}"] if bill.knowledge is not None else []
    if bill.left_out:
        remarks.append(f"left out by the policy's `paths`: {counted(bill.left_out, 'file')}")
    if remarks:
        document["creationInfo"]["comment"] = "; ".join(remarks)
    licenses = sorted({name for one in packages for name in _OWN_LICENSE.findall(one["licenseDeclared"])})
    if licenses:
        document["hasExtractedLicensingInfos"] = [
            {"licenseId": name, "name": name, "extractedText": "The text of this license was not read."}
            for name in licenses
        ]
    # It names this document and no other, and is the same when the document is.
    number = uuid5(_NAMESPACE, json.dumps(document, sort_keys=True))
    document["documentNamespace"] = f"{HOME}/spdx/{_part(bill.subject.name)}-{number}"
    return json.dumps(document, indent=2) + "\n"


def spdx_id(id: str) -> str:
    """The identifier of a component: its readable part cannot have all characters, the digest tells it from others."""
    return f"SPDXRef-Package-{_OTHER.sub('-', id)[:100].strip('-')}-{sha256(id.encode()).hexdigest()[:16]}"


def _part(name: str) -> str:
    """A text as a part of the path of a URI."""
    return _OTHER.sub("-", name)[:100].strip("-") or "repository"


# ---------------------------------------------------------------- packages


def _subject(bill: Bill) -> JsonObject:
    subject = bill.subject
    found: JsonObject = {
        "SPDXID": spdx_id(subject.id),
        "name": subject.name,
        "downloadLocation": NOASSERTION,
        "filesAnalyzed": False,
        "primaryPackagePurpose": "SOURCE",
        **_unknown(),
        "licenseDeclared": NOASSERTION,
    }
    if subject.version is not None:
        found["versionInfo"] = subject.version
    if subject.purl is not None:
        found["externalRefs"] = [_purl(subject.purl.to_string())]
    return found


def _unknown() -> JsonObject:
    """What nobody has found out: who supplies it, what its files say."""
    return {"supplier": NOASSERTION, "licenseConcluded": NOASSERTION, "copyrightText": NOASSERTION}


def _packages(bill: Bill) -> Iterator[JsonObject]:
    known: dict[str, list[Vulnerability]] = {}
    for one in bill.vulnerabilities:
        for affected in one.affects:
            known.setdefault(affected.id, []).append(one)
    for component in bill.components:
        yield _package(component, known.get(component.id, []))


def _package(one: Component, known: list[Vulnerability]) -> JsonObject:
    location = _location(one)
    download = location if _HOST.fullmatch(_host(location)) else NOASSERTION
    found: JsonObject = {
        "SPDXID": spdx_id(one.id),
        "name": f"{one.group}/{one.name}" if one.group is not None else one.name,
        "downloadLocation": download,
        "filesAnalyzed": False,
        "primaryPackagePurpose": _PURPOSES[one.type],
        **_unknown(),
        "licenseDeclared": one.license.expression if one.license is not None else NOASSERTION,
    }
    if one.version is not None:
        found["versionInfo"] = one.version
    if one.hash is not None and one.hash.of == "file" and download == _link(one, "distribution"):
        found["checksums"] = [{"algorithm": "SHA256", "checksumValue": one.hash.hex}]
    website = _link(one, "website")
    if website is not None:
        found["homepage"] = website
    if one.occurrences:
        found["sourceInfo"] = _places(one)
    references = [_purl(one.purl.to_string())] if one.purl is not None else []
    references += [_advisory(vulnerability) for vulnerability in known]
    if references:
        found["externalRefs"] = references
    found["comment"] = "\n".join(_remarks(one, location if location != download else None))
    return found


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _link(one: Component, kind: str) -> str | None:
    return next((link.url for link in one.links if link.kind == kind), None)


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2]


def _location(one: Component) -> str:
    """Where it is got from (section 7.7): a file that the lock has the hash of, else the repository at its commit or ref, else an archive."""
    archive, repository = _link(one, "distribution"), _link(one, "vcs")
    if archive is not None and not archive.startswith(_DOWNLOADS):
        archive = None
    if archive is not None and one.hash is not None and one.hash.of == "file":
        return archive
    if repository is not None and repository.startswith(_CLONES) and one.version is not None:
        tool = "hg" if ("snowfence:type", "hg") in one.properties else "git"
        subpath = one.purl.subpath if one.purl is not None and one.kind != "flake-input" else None
        folder = f"#{encoded(subpath)}" if subpath else ""
        revision = encoded(one.version).replace("@", "%40").replace("?", "%3F")
        return f"{tool}+{repository}@{revision}{folder}"
    return archive if archive is not None else NOASSERTION


def _places(one: Component) -> str:
    lines = dict.fromkeys(f"{place.path}:{place.line}" for place in one.occurrences)
    shown = list(lines)[:MAX_PLACES]
    more = f" and {len(lines) - MAX_PLACES} more" if len(lines) > MAX_PLACES else ""
    return f"named in {', '.join(shown)}{more}"


def _remarks(one: Component, elsewhere: str | None) -> Iterator[str]:
    """What has no field; `elsewhere` is where it is got from, as validators do not take it."""
    if one.hash is not None and one.hash.of == "nar":
        yield f"SHA-256 of the source tree as Nix serialises it (NAR), not of a download: {one.hash.hex}"
    if elsewhere is not None:
        yield f"got from {elsewhere}"
    for name, value in one.properties:
        yield f"{name}: {value}"


def _purl(text: str) -> JsonObject:
    return {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": text}


def _advisory(one: Vulnerability) -> JsonObject:
    """The page of an advisory (annex F.2.3); how certain it is and what was decided about it, which SPDX 2.3 has no fields for, is its
    comment."""
    found: JsonObject = {
        "referenceCategory": "SECURITY",
        "referenceType": "advisory",
        "referenceLocator": one.source_url,
    }
    said = [one.id]
    said += [_CERTAINTY[value] for name, value in one.properties if name == CERTAINTY and value in _CERTAINTY]
    if one.analysis is not None:
        said.append(one.analysis.state)
        said += [text for text in (one.analysis.justification, one.analysis.detail) if text is not None]
    return found | {"comment": ": ".join(said)}


# ---------------------------------------------------------------- relationships


def _relationships(bill: Bill) -> Iterator[JsonObject]:
    yield _relationship(DOCUMENT, "DESCRIBES", spdx_id(bill.subject.id))
    for id in (bill.subject.id, *(one.id for one in bill.components)):
        known = bill.dependencies.get(id)
        targets = [spdx_id(target) for target in known or ()]
        if known is None or bill.completeness.get(id) != "complete":
            targets.append(NOASSERTION)
        elif not known:
            targets.append(NONE)
        for target in targets:
            yield _relationship(spdx_id(id), "DEPENDS_ON", target)


def _relationship(source: str, type: str, target: str) -> JsonObject:
    return {"spdxElementId": source, "relationshipType": type, "relatedSpdxElement": target}
