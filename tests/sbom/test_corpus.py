"""The bill of every repository of the corpus is valid by the official schemas of CycloneDX, in every format and version."""

from datetime import UTC, datetime

import pytest

from scanner.adapters.git import Git
from scanner.analysis.remotes.licenses import Licenses
from scanner.knowledge.tables import Knowledge
from scanner.pipeline import read
from scanner.sbom import cyclonedx
from scanner.sbom.components import bill_of
from scanner.sbom.vulnerabilities import vulnerabilities
from tests.sbom.official import json_errors, xml_errors
from tests.support import CORPUS

pytestmark = [
    pytest.mark.registry,  # it takes ten seconds
    pytest.mark.skipif(
        not CORPUS.is_dir(), reason="the corpus of real repositories is not beside the checkout"
    ),
]


def test_every_repository_has_a_valid_bill() -> None:
    knowledge = Knowledge()
    licenses = Licenses(knowledge)
    now = datetime(2026, 11, 22, tzinfo=UTC)
    wrong: list[str] = []
    components = vulnerable = 0
    for folder in (CORPUS / "blazedots", *sorted((CORPUS / "open").iterdir())):
        if not folder.is_dir():
            continue
        found = read(folder, Git(), knowledge)
        unread = frozenset(problem.at.source.path for problem in found.problems)
        bill = bill_of(
            found.graph,
            name=folder.name,
            timestamp=now,
            tool="1",
            knowledge=knowledge,
            licenses=licenses,
            unread=unread,
        )
        components += len(bill.components)
        bill = bill._replace(vulnerabilities=vulnerabilities(found.graph, bill.components, knowledge))
        vulnerable += len(bill.vulnerabilities)
        ids = {one.id for one in bill.components} | {bill.subject.id}
        assert len(ids) == len(bill.components) + 1
        assert ids.issuperset(bill.dependencies) and ids == set(bill.completeness)
        for version in cyclonedx.SPEC_VERSIONS:
            as_json = cyclonedx.write(bill, spec_version=version)
            as_xml = cyclonedx.write(bill, spec_version=version, xml=True)
            errors = (*json_errors(as_json, version), *xml_errors(as_xml, version))
            wrong += [f"{folder.name} {version}: {error}" for error in errors]
    assert wrong == []
    assert components > 1000 and vulnerable > 10
