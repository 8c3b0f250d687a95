"""A bill in the model of CycloneDX's library, part by part.

Never as one: its `Bom` takes quadratic time to register what depends on what. The library knows the rules of the format (what is an element,
what an attribute, in which order, in which version), and checks the words that are written here.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final
from uuid import UUID

from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    IdentifiableAction,
    Property,
    XsUri,
)
from cyclonedx.model import component as model
from cyclonedx.model import vulnerability as flaws
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.bom_ref import BomRef
from cyclonedx.model.component_evidence import ComponentEvidence, Occurrence
from cyclonedx.model.impact_analysis import (
    ImpactAnalysisAffectedStatus,
    ImpactAnalysisJustification,
    ImpactAnalysisResponse,
    ImpactAnalysisState,
)
from cyclonedx.model.license import DisjunctiveLicense, LicenseAcknowledgement, LicenseExpression
from cyclonedx.model.lifecycle import LifecyclePhase, PredefinedLifecycle
from cyclonedx.model.tool import ToolRepository
from packageurl import PackageURL

from scanner import HOME
from scanner.sbom.bill import (
    Affected,
    Analysis,
    Bill,
    Commit,
    Component,
    Hash,
    License,
    Link,
    Properties,
    Rating,
    Vulnerability,
    text_of,
)

_NO_REF: Final = BomRef()
"""One for all that have none: two of them are never equal, so that their order would be another in every process."""


def bom_of(bill: Bill, number: UUID) -> Bom:
    """What the bill is about, and by whom: the document without all that is in it."""
    subject = bill.subject
    tool = model.Component(
        type=model.ComponentType.APPLICATION,
        name="snowfence",
        version=bill.tool,
        purl=PackageURL("pypi", None, "snowfence", bill.tool),
        external_references=[_reference(Link("website", HOME))],
    )
    metadata = BomMetaData(
        timestamp=bill.timestamp,
        lifecycles=[PredefinedLifecycle(LifecyclePhase.PRE_BUILD)],
        tools=ToolRepository(components=[tool]),
        component=model.Component(
            type=model.ComponentType.APPLICATION,
            bom_ref=subject.id,
            name=subject.name,
            version=subject.version,
            purl=subject.purl,
        ),
        properties=_properties(tuple(_about(bill))),
    )
    return Bom(serial_number=number, version=1, metadata=metadata)


def _about(bill: Bill) -> Iterator[tuple[str, str]]:
    """What the bill was made by, and what it could not know."""
    if bill.knowledge:
        yield "snowfence:knowledge", bill.knowledge
    if bill.left_out:
        yield "snowfence:files_left_out", str(bill.left_out)


def component_of(one: Component) -> model.Component:
    return model.Component(
        type=model.ComponentType(one.type),
        bom_ref=one.id,
        group=one.group,
        name=one.name,
        version=one.version,
        hashes=[_hash(one.hash)] if one.hash is not None else None,
        licenses=[_license(one.license)] if one.license is not None else None,
        purl=one.purl,
        pedigree=model.Pedigree(commits=map(_commit, one.commits)) if one.commits else None,
        # The hash of a file is that of what the link gives; a NAR has no server.
        external_references=[
            _reference(
                link,
                one.hash
                if link.kind == "distribution" and one.hash is not None and one.hash.of == "file"
                else None,
            )
            for link in one.links
        ],
        properties=_properties(one.properties),
        evidence=ComponentEvidence(
            occurrences=[
                Occurrence(
                    bom_ref=_NO_REF,
                    location=place.path,
                    line=place.line,
                    offset=place.offset,
                    symbol=place.symbol,
                )
                for place in one.occurrences
            ]
        )
        if one.occurrences
        else None,
    )


def _license(license: License) -> DisjunctiveLicense | LicenseExpression:
    if license.single:
        return DisjunctiveLicense(id=license.expression, acknowledgement=LicenseAcknowledgement.DECLARED)
    return LicenseExpression(license.expression, acknowledgement=LicenseAcknowledgement.DECLARED)


def _reference(link: Link, hash: Hash | None = None) -> ExternalReference:
    return ExternalReference(
        type=ExternalReferenceType(link.kind),
        url=XsUri(link.url),
        hashes=[_hash(hash)] if hash is not None else None,
    )


def _hash(hash: Hash) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=hash.hex)


def _commit(one: Commit) -> model.Commit:
    """Nix's time of a source is when its commit was made, which git keeps with the committer."""
    return model.Commit(
        uid=one.id,
        url=XsUri(one.url) if one.url is not None else None,
        committer=IdentifiableAction(timestamp=one.made) if one.made is not None else None,
    )


def _properties(values: Properties) -> list[Property]:
    return [Property(name=name, value=value) for name, value in values]


# ---------------------------------------------------------------- vulnerabilities


def vulnerability_of(one: Vulnerability) -> flaws.Vulnerability:
    return flaws.Vulnerability(
        bom_ref=one.key,
        id=one.id,
        source=_source(one.source, one.source_url),
        references=[
            flaws.VulnerabilityReference(id=other.id, source=_source(other.source, other.url))
            for other in one.references
        ],
        ratings=map(_rating, one.ratings),
        cwes=one.cwes,
        description=text_of(one.description) if one.description is not None else None,
        recommendation=text_of(one.recommendation) if one.recommendation is not None else None,
        advisories=[flaws.VulnerabilityAdvisory(url=XsUri(url)) for url in one.advisories],
        published=one.published,
        updated=one.updated,
        analysis=_analysis(one.analysis) if one.analysis is not None else None,
        affects=[flaws.BomTarget(ref=target.id, versions=_versions(target)) for target in one.affects],
        properties=_properties(one.properties),
    )


def _versions(target: Affected) -> Iterator[flaws.BomTargetVersionRange]:
    """The version that is used, and the range of those that have it, which is so whatever is known of the former."""
    status = ImpactAnalysisAffectedStatus(target.status)
    if target.version:
        yield flaws.BomTargetVersionRange(version=target.version, status=status)
        status = ImpactAnalysisAffectedStatus.AFFECTED
    if target.range:
        yield flaws.BomTargetVersionRange(range=target.range, status=status)


def _source(name: str | None, url: str | None) -> flaws.VulnerabilitySource:
    return flaws.VulnerabilitySource(name=name, url=XsUri(url) if url is not None else None)


def _rating(one: Rating) -> flaws.VulnerabilityRating:
    return flaws.VulnerabilityRating(
        source=_source(one.source, one.source_url) if one.source is not None else None,
        score=Decimal(one.score) if one.score is not None else None,
        severity=flaws.VulnerabilitySeverity(one.severity),
        method=flaws.VulnerabilityScoreSource(one.method) if one.method is not None else None,
        vector=one.vector,
    )


def _analysis(one: Analysis) -> flaws.VulnerabilityAnalysis:
    return flaws.VulnerabilityAnalysis(
        state=ImpactAnalysisState(one.state),
        justification=ImpactAnalysisJustification(one.justification)
        if one.justification is not None
        else None,
        responses=map(ImpactAnalysisResponse, one.responses),
        detail=text_of(one.detail) if one.detail is not None else None,
    )
