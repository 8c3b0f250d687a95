import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.adapters.git import Git
from scanner.analysis.remotes.licenses import Licenses
from scanner.model.vex import Decision
from scanner.pipeline import read
from scanner.sbom import spdx
from scanner.sbom.bill import Component, Hash, License, Link
from scanner.sbom.components import bill_of
from scanner.sbom.vulnerabilities import vulnerabilities
from tests.memory import KNOWLEDGE
from tests.sbom.bills import DIGEST, EXAMPLE, NAR_HASH, NOW, REV, bill
from tests.support import CORPUS, ROOT, clean_environment

CI = ".github/workflows/ci.yml"
MALICIOUS = "0e58ed8671d6b60d0890c21b07f8835ace038e67"


def errors(text: str) -> list[str]:
    """What SPDX's own validator says of a document."""
    from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    document = JsonLikeDictParser().parse(json.loads(text))  # type: ignore[no-untyped-call]
    return [one.validation_message for one in validate_full_spdx_document(document)]


def document(files: dict[str, str] = EXAMPLE) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(spdx.write(bill(files)))
    return found


def package(component: Component) -> dict[str, Any]:
    empty = bill({})
    found: dict[str, Any] = json.loads(spdx.write(empty._replace(components=(component,))))["packages"][1]
    return found


def packages(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["SPDXID"]: one for one in found["packages"]}


def test_it_is_valid() -> None:
    assert errors(spdx.write(bill(EXAMPLE))) == []


def test_the_document_says_what_it_is_and_of_what() -> None:
    found = document()
    assert found["spdxVersion"] == "SPDX-2.3"
    assert found["creationInfo"]["created"] == "2026-11-22T00:00:00Z"
    assert found["creationInfo"]["creators"] == ["Tool: snowfence-1.2.3"]
    assert found["documentNamespace"].startswith("https://github.com/snowfence/snowfence/spdx/example-")
    (described,) = (one for one in found["relationships"] if one["relationshipType"] == "DESCRIBES")
    assert packages(found)[described["relatedSpdxElement"]]["name"] == "example"


def test_another_document_has_another_namespace() -> None:
    assert document()["documentNamespace"] == document()["documentNamespace"]
    assert document()["documentNamespace"] != document({})["documentNamespace"]


def test_the_hash_of_a_tree_is_no_checksum_of_a_download() -> None:
    named = [one for one in document()["packages"] if one["name"] == "NixOS/nixpkgs"]
    assert named
    for one in named:
        assert "checksums" not in one
        assert one["downloadLocation"] == f"git+https://github.com/NixOS/nixpkgs@{REV}"
        assert "as Nix serialises it (NAR)" in one["comment"]
        assert one["comment"].count(NAR_HASH) >= 1


def test_the_hash_of_a_file_is_one() -> None:
    links = (Link("distribution", "https://example.org/a.tar.gz"),)
    found = package(Component("pin:x", "pin", "library", "a", hash=Hash("ab" * 32, "file"), links=links))
    assert found["downloadLocation"] == "https://example.org/a.tar.gz"
    assert found["checksums"] == [{"algorithm": "SHA256", "checksumValue": "ab" * 32}]


@pytest.mark.parametrize(
    ("url", "version", "expected"),
    [
        ("https://github.com/o/r", "v4", "git+https://github.com/o/r@v4"),
        ("https://github.com/o/r", "a b@c#d?e", "git+https://github.com/o/r@a%20b%40c%23d%3Fe"),
        ("ssh://git@example.org/r", "v4", "git+ssh://git@example.org/r@v4"),
        (
            "https://git.lix.systems/o/r",
            "v4",
            "NOASSERTION",
        ),  # SPDX's validators know no such top-level domain
        ("https://localhost/o/r", "v4", "NOASSERTION"),
        ("https://github.com/o/r", None, "NOASSERTION"),
    ],
)
def test_where_a_repository_is_got_from(url: str, version: str | None, expected: str) -> None:
    found = package(Component("x", "action", "application", "r", version=version, links=(Link("vcs", url),)))
    assert found["downloadLocation"] == expected
    if expected == "NOASSERTION" and version is not None:
        assert f"got from git+{url}@{version}" in found["comment"]


def test_relationships_say_what_is_not_known_and_what_is_not_there() -> None:
    made = bill(EXAMPLE)
    found = json.loads(spdx.write(made))
    targets: dict[str, set[str]] = {}
    for one in found["relationships"]:
        if one["relationshipType"] == "DEPENDS_ON":
            targets.setdefault(one["spdxElementId"], set()).add(one["relatedSpdxElement"])
    for id in (made.subject.id, *(one.id for one in made.components)):
        known, complete = made.dependencies.get(id), made.completeness[id] == "complete"
        expected = {spdx.spdx_id(target) for target in known or ()}
        if not complete:
            expected |= {"NOASSERTION"}
        elif not known:
            expected = {"NONE"}
        assert targets[spdx.spdx_id(id)] == expected
    assert {"NOASSERTION"} in targets.values()
    assert {"NONE"} in targets.values()


def test_a_licence_of_its_own_is_declared() -> None:
    one = Component("x", "pin", "library", "r", license=License("MIT OR LicenseRef-own", False))
    text = spdx.write(bill({})._replace(components=(one,)))
    assert [one["licenseId"] for one in json.loads(text)["hasExtractedLicensingInfos"]] == ["LicenseRef-own"]
    assert errors(text) == []


def test_advisories_and_what_was_decided_about_them() -> None:
    uses = f"    - uses: tj-actions/changed-files@{MALICIOUS}\n    - uses: hashicorp/vault-action@v2.1.0\n"
    files = {CI: f"on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n{uses}"}
    plain = bill(files)
    text = spdx.write(plain)
    assert errors(text) == []
    references = {
        one["name"]: [ref for ref in one.get("externalRefs", ()) if ref["referenceCategory"] == "SECURITY"]
        for one in json.loads(text)["packages"]
    }
    assert [one["comment"] for one in references["hashicorp/vault-action"]] == ["GHSA-4mgv-m5cm-f9h7"]
    assert [one["comment"] for one in references["tj-actions/changed-files"]] == ["GHSA-mrrh-fwg8-r2c3"]
    at = files[CI].index("hashicorp")
    decided = spdx.write(bill(files, {("known-vulnerable-actions", CI, at): Decision("seen")}))
    assert "GHSA-4mgv-m5cm-f9h7: in_triage: seen" in decided


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.text(max_size=20), ref=st.text(max_size=20), owner=st.text(max_size=10))
def test_hostile_texts_leave_it_valid(name: str, ref: str, owner: str) -> None:
    lock = {
        "nodes": {
            "root": {"inputs": {name: "a"}},
            "a": {
                "locked": {"type": "git", "url": f"https://{owner}.example/{name}", "rev": ref},
                "original": {},
            },
        },
        "root": "root",
        "version": 7,
    }
    steps = [{"uses": f"{owner}/{name}@{ref}"}, {"uses": f"docker://{owner}/{name}:{ref}"}]
    workflow = {"on": "push", "jobs": {"a": {"runs-on": "x", "steps": steps}}}
    text = spdx.write(bill({"flake.lock": json.dumps(lock), CI: json.dumps(workflow)}))
    assert errors(text) == []
    text.encode()


def test_bytes_do_not_depend_on_hashes() -> None:
    script = "from tests.sbom.test_spdx import *; import sys; sys.stdout.write(spdx.write(bill(EXAMPLE)))"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=clean_environment(PYTHONHASHSEED=seed),
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert DIGEST.encode() in outputs.pop()


@pytest.mark.registry  # the corpus takes several seconds
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus lies beside the checkout, and is not there")
def test_every_repository_of_the_corpus_gives_a_valid_document() -> None:
    folders = [*sorted((CORPUS / "open").iterdir()), CORPUS / "blazedots"]
    assert len(folders) > 100
    wrong = {}
    for folder in folders:
        graph = read(folder, Git(), KNOWLEDGE).graph
        found = bill_of(
            graph,
            name=folder.name,
            timestamp=NOW,
            tool="1.2.3",
            knowledge=KNOWLEDGE,
            licenses=Licenses(KNOWLEDGE),
        )
        known = vulnerabilities(graph, found.components, KNOWLEDGE)
        said = errors(spdx.write(found._replace(vulnerabilities=known)))
        if said:
            wrong[folder.name] = said[:3]
    assert wrong == {}
