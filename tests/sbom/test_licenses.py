"""Licences of components: of the table, of the forge, and what neither knows."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from license_expression import get_license_index

from scanner.analysis.licenses.expressions import id_of
from scanner.analysis.remotes.licenses import Licenses
from scanner.knowledge.tables import Knowledge
from scanner.sbom import cyclonedx
from scanner.sbom.components import bill_of
from tests.memory import repository
from tests.online import InMemory
from tests.sbom.official import SCHEMAS, json_errors, xml_errors


def _lock(*slugs: str) -> str:
    nodes: dict[str, Any] = {
        "root": {"inputs": {slug.partition("/")[2]: slug.partition("/")[2] for slug in slugs}}
    }
    for owner, _, repo in (slug.partition("/") for slug in slugs):
        locked = {
            "type": "github",
            "owner": owner,
            "repo": repo,
            "rev": "e73de5be04e0eff4190a1432b946d469c794e7b4",
        }
        nodes[repo] = {"locked": locked, "original": {"type": "github", "owner": owner, "repo": repo}}
    return json.dumps({"nodes": nodes, "root": "root", "version": 7})


NOW = datetime(2026, 11, 22, tzinfo=UTC)
KNOWLEDGE = Knowledge()
FILES = {
    "flake.lock": _lock("NixOS/nixpkgs", "rust-lang/rust-analyzer", "example/unheard-of"),
    ".github/workflows/ci.yml": """
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    container: debian:12
    steps:
      - uses: Actions/checkout@v4
      - uses: example/action@v1
  call:
    uses: hashicorp/setup-terraform/.github/workflows/build.yml@main
""",
}


def components(online: InMemory | None = None, **more: str) -> dict[str, dict[str, Any]]:
    graph, problems = repository({**FILES, **more})
    assert not problems
    bill = bill_of(graph, name="x", timestamp=NOW, tool="1", licenses=Licenses(KNOWLEDGE, online))
    text = cyclonedx.write(bill)
    assert json_errors(text, "1.6") == []
    assert xml_errors(cyclonedx.write(bill, spec_version="1.7", xml=True), "1.7") == []
    return {one["bom-ref"]: one for one in json.loads(text)["components"]}


def source(component: dict[str, Any]) -> str | None:
    return {one["name"]: one["value"] for one in component["properties"]}.get("snowfence:license_source")


def one(id: str) -> list[dict[str, Any]]:
    return [{"license": {"id": id, "acknowledgement": "declared"}}]


def several(expression: str) -> list[dict[str, Any]]:
    return [{"expression": expression, "acknowledgement": "declared"}]


def test_of_the_table() -> None:
    found = components()
    assert found["flake-input:flake.lock#nixpkgs"]["licenses"] == one("MIT")
    assert found["flake-input:flake.lock#rust-analyzer"]["licenses"] == several("MIT OR Apache-2.0")
    assert found["action:actions/checkout@v4"]["licenses"] == one("MIT")
    (called,) = (one for id, one in found.items() if "setup-terraform" in id)
    assert called["licenses"] == one("MPL-2.0")
    for id in ("flake-input:flake.lock#nixpkgs", "action:actions/checkout@v4"):
        assert source(found[id]) == "knowledge"
    for id in ("flake-input:flake.lock#unheard-of", "action:example/action@v1"):
        assert "licenses" not in found[id]
        assert source(found[id]) is None


@pytest.mark.parametrize(
    ("told", "written"),
    [
        ("ISC", one("ISC")),
        ("isc", one("ISC")),
        ("GPL-3.0", one("GPL-3.0")),
        ("MIT OR ISC", several("MIT OR ISC")),
        ("GPL-2.0-only WITH Classpath-exception-2.0", several("GPL-2.0-only WITH Classpath-exception-2.0")),
        ("NOASSERTION", None),
        ("Other", None),
        ("no licence at all", None),
        ("<script>", None),
        (None, None),
    ],
)
def test_of_the_forge(told: str | None, written: list[dict[str, Any]] | None) -> None:
    online = InMemory({"example/action": {"about": {"license": told}}})
    found = components(online)
    assert found["action:example/action@v1"].get("licenses") == written
    assert source(found["action:example/action@v1"]) == ("forge" if written else None)
    assert found["action:actions/checkout@v4"]["licenses"] == one("MIT")
    assert ("about", "example/unheard-of") in {(one.topic, str(one.remote)) for one in online.prepared}


def test_an_action_of_another_github_by_its_lock() -> None:
    lock = (
        "version: v0.0.3\nworkflows:\n  .github/workflows/ci.yml: [example/action@v1]\ndependencies:\n  example/action@v1: "
        f"{{ref: v1, commit: sha1-{'1' * 40}, owner_id: 1, repo_id: 2, hostname: ghe.example.org}}\n"
    )
    online = InMemory({"ghe.example.org/example/action": {"about": {"license": "ISC"}}})
    found = components(online, **{".github/workflows/actions.lock": lock})["action:example/action@v1"]
    assert found["licenses"] == one("ISC")
    assert found["purl"] == f"pkg:github/example/action@{'1' * 40}?repository_url=https://ghe.example.org"
    assert [link["url"] for link in found["externalReferences"]] == ["https://ghe.example.org/example/action"]


def test_actions_without_a_host_are_those_of_the_home() -> None:
    told = {"about": {"license": "ISC"}}
    online = InMemory({"ghe.example.org/example/action": told}, home="ghe.example.org")
    found = components(online)["action:example/action@v1"]
    assert found["licenses"] == one("ISC")


def test_an_id_is_one_that_cyclonedx_has() -> None:
    """Its schema refuses all others."""
    known = set(json.loads((SCHEMAS / "spdx.SNAPSHOT.schema.json").read_text("utf-8"))["enum"])
    assert {id_of(row.get("spdx_license_key") or "MIT") for row in get_license_index()} - {None} <= known
    assert {id_of(name) for row in get_license_index() for name in row["other_spdx_license_keys"]} - {
        None
    } <= known


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=40))
def test_whatever_a_forge_says_makes_a_valid_document(told: str) -> None:
    components(InMemory({"example/action": {"about": {"license": told}}}))


def test_nothing_is_said_unless_asked() -> None:
    graph, _ = repository(FILES)
    document = json.loads(cyclonedx.write(bill_of(graph, name="x", timestamp=NOW, tool="1")))
    assert not any("licenses" in component for component in document["components"])
