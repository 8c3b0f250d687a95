import json
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from cyclonedx.model.bom import Bom
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.graph.graph import Graph
from scanner.knowledge.tables import Knowledge
from scanner.sbom import cyclonedx
from scanner.sbom.bill import Affected, Analysis, Bill, Rating, Reference, Vulnerability, id_of, line_of
from scanner.sbom.components import bill_of
from tests.memory import repository
from tests.sbom.official import json_errors, xml_errors
from tests.support import ROOT, clean_environment

NOW = datetime(2026, 11, 22, tzinfo=UTC)
REV = "e73de5be04e0eff4190a1432b946d469c794e7b4"
COMMIT = "11bd71901bbe5b1630ceea73d27597364c9af683"
NAR_HASH = "sha256-JuOd/nDrNafuqEg8hscYcyciHcE0fd9nrE+XTkOkRuE="
DIGEST = "sha256:" + "0123456789abcdef" * 4


def node(locked: Mapping[str, object], **more: object) -> dict[str, object]:
    return {"locked": locked, "original": {"type": "indirect", "id": "x"}, **more}


def github(owner: str, repo: str, **more: object) -> dict[str, object]:
    locked = {"type": "github", "owner": owner, "repo": repo, "rev": REV, "narHash": NAR_HASH}
    return node({**locked, "lastModified": 1_700_000_000}, **more)


LOCK = {
    "nodes": {
        "root": {"inputs": {"nixpkgs": "nixpkgs", "home-manager": "home-manager", "data": "data"}},
        "nixpkgs": github("NixOS", "nixpkgs"),
        "nixpkgs_2": github("NixOS", "nixpkgs"),
        "home-manager": github(
            "nix-community",
            "home-manager",
            inputs={"nixpkgs": ["nixpkgs"], "self": [], "forge": "forge", "old": "nixpkgs_2"},
        ),
        "forge": node({"type": "gitlab", "owner": "g%2Fs", "repo": "r", "rev": REV}),
        "data": node(
            {"type": "tarball", "url": "https://me:secret@example.org/d.tar.gz"},
            flake=False,
            inputs={"p": "p"},
        ),
        "p": node({"type": "path", "path": "./p"}),
        "forgotten": github("o", "forgotten", inputs={"nixpkgs": "nixpkgs"}),
    },
    "root": "root",
    "version": 7,
}

FILES = {
    "flake.lock": json.dumps(LOCK, indent=2),
    ".github/workflows/ci.yml": f"""
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    container: debian:12@{DIGEST}
    services:
      db:
        image: ghcr.io/o/db:16
      any:
        image: ${{{{ matrix.image }}}}
    steps:
      - uses: Actions/checkout@v4
      - uses: ./local
      - uses: docker://alpine
  call:
    uses: o/r/.github/workflows/build.yml@main
""",
    "local/action.yml": """
name: local
description: uses others
runs:
  using: composite
  steps:
    - uses: github/codeql-action/init@v3
""",
    ".github/workflows/actions.lock": f"""
version: v0.0.2
workflows:
  .github/workflows/ci.yml: [actions/checkout@v4, o/inner@v1]
dependencies:
  actions/checkout@v4:
    ref: v4
    commit: sha1-{COMMIT}
    owner_id: 1
    repo_id: 2
    uses: [o/inner@v1]
  o/inner@v1:
    ref: v1
    commit: sha1-{REV}
    owner_id: 1
    repo_id: 3
    uses: []
""",
}


def bill(graph: Graph, **more: Any) -> Bill:
    return bill_of(graph, name="repository", timestamp=NOW, tool="1.2.3", **more)


def written(graph: Graph) -> str:
    return cyclonedx.write(bill(graph))


def errors(bill: Bill) -> list[str]:
    """What the official schemas find in every format and version of it."""
    return [
        error
        for version in cyclonedx.SPEC_VERSIONS
        for error in (
            *json_errors(cyclonedx.write(bill, spec_version=version), version),
            *xml_errors(cyclonedx.write(bill, spec_version=version, xml=True), version),
        )
    ]


@pytest.fixture(scope="module")
def text() -> str:
    graph, problems = repository(FILES)
    assert problems == ()
    return written(graph)


@pytest.fixture(scope="module")
def document(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.fixture(scope="module")
def components(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {component["bom-ref"]: component for component in document["components"]}


def properties(component: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in component["properties"]}


def links(component: dict[str, Any]) -> dict[str, str]:
    return {one["type"]: one["url"] for one in component.get("externalReferences", ())}


def test_the_strict_validator_accepts_it(text: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def sorted_lists(value: Any) -> Any:
    """Data whose lists are in one order: those of the format have none."""
    match value:
        case dict():
            return {name: sorted_lists(one) for name, one in value.items()}
        case list():
            return sorted(map(sorted_lists, value), key=lambda one: json.dumps(one, sort_keys=True))
    return value


VULNERABILITY = Vulnerability(
    key="vulnerability:GHSA-aaaa-bbbb-cccc",
    id="GHSA-aaaa-bbbb-cccc",
    source="GitHub",
    source_url="https://github.com/advisories/GHSA-aaaa-bbbb-cccc",
    affects=(Affected("action:actions/checkout@v4", COMMIT, "vers:github/<4.2.0"),),
    references=(Reference("CVE-2026-1", "NVD", "https://nvd.nist.gov/vuln/detail/CVE-2026-1"),),
    ratings=(Rating("high", "GitHub", "https://github.com", "CVSSv31", "AV:N/AC:L/PR:N", "8.6"),),
    cwes=(78, 94),
    description="Two lines\nwith <b>&amp;</b>",
    recommendation="update to 4.2.0",
    advisories=("https://example.org/advisory",),
    published=NOW,
    updated=NOW,
    analysis=Analysis(
        "not_affected", "code_not_reachable", ("will_not_fix", "update"), "nobody can\x1b\nget \udc80 there"
    ),
    properties=(("snowfence:kev", "true"),),
)


@pytest.mark.parametrize("version", cyclonedx.SPEC_VERSIONS)
def test_xml_and_json_say_the_same(version: cyclonedx.SpecVersion) -> None:
    """As the library of CycloneDX reads both, with everything that a bill can have."""
    graph, _ = repository(FILES)
    made = bill(graph, version=COMMIT)._replace(vulnerabilities=(VULNERABILITY,))
    assert errors(made) == []
    as_json, as_xml = (cyclonedx.write(made, spec_version=version, xml=xml) for xml in (False, True))
    schema = SchemaVersion[f"V{version.replace('.', '_')}"]

    def again(bom: Any) -> Any:
        return sorted_lists(json.loads(make_outputter(bom, OutputFormat.JSON, schema).output_as_string()))

    given = json.loads(as_json)
    read = again(Bom.from_json(given))  # type: ignore[attr-defined]
    assert read == again(Bom.from_xml(ElementTree.fromstring(as_xml)))  # type: ignore[attr-defined]
    assert read["components"] == sorted_lists(given["components"])
    assert read["vulnerabilities"] == sorted_lists(given["vulnerabilities"])


@pytest.mark.parametrize("xml", [False, True])
def test_places_stay_in_their_order(xml: bool) -> None:
    """Those of the library are in an order that is another in every process, when they have no id of their own."""
    steps = "".join(f"      - uses: o/r@v{number % 2}\n" for number in range(60))
    graph, _ = repository(
        {
            f".github/workflows/{name}.yml": f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n{steps}"
            for name in "ba"
        }
    )
    made = bill(graph)
    text = cyclonedx.write(made, xml=xml)
    found = re.findall(r"<offset>(\d+)</offset>" if xml else r'"offset": (\d+)', text)
    assert [int(one) for one in found] == [
        place.offset for one in made.components for place in one.occurrences
    ]
    assert len(found) == 120


def test_what_no_format_can_hold_is_shown() -> None:
    lock = json.dumps(
        {
            "nodes": {"root": {"inputs": {"a\x1b": "a\x1b"}}, "a\x1b": github("o", "r")},
            "root": "root",
            "version": 7,
        }
    )
    graph, problems = repository({"flake.lock": lock})
    made = bill(graph)
    assert errors(made) == []
    assert not problems
    [one] = made.components
    assert one.id == "flake-input:flake.lock#a\\u001b"


def test_texts_are_lines_without_what_xml_cannot_hold() -> None:
    assert line_of("é \u202e \x1b\r\n\udc80\uffff") == "é \u202e \\u001b\\u000d\\u000a\\udc80\\uffff"
    assert id_of("a\x1b") != id_of("a\\u001b")


def test_where_a_source_comes_from_is_its_commit(components: dict[str, dict[str, Any]]) -> None:
    [commit] = components["flake-input:flake.lock#nixpkgs"]["pedigree"]["commits"]
    assert commit == {
        "uid": REV,
        "url": f"https://github.com/NixOS/nixpkgs/commit/{REV}",
        "committer": {"timestamp": "2023-11-14T22:13:20+00:00"},
    }
    [commit] = components["flake-input:flake.lock#forge"]["pedigree"]["commits"]
    assert commit["url"] == f"https://gitlab.com/g/s/r/-/commit/{REV}"
    assert "pedigree" not in components["flake-input:flake.lock#data"]
    [commit] = components["action:actions/checkout@v4"]["pedigree"]["commits"]
    assert commit == {"uid": COMMIT, "url": f"https://github.com/Actions/checkout/commit/{COMMIT}"}
    assert "pedigree" not in components["action:github/codeql-action/init@v3"]


def test_what_is_complete(document: dict[str, Any], components: dict[str, dict[str, Any]]) -> None:
    found = {one["aggregate"]: set(one["dependencies"]) for one in document["compositions"]}
    assert set(found) == {"complete", "unknown"}
    assert {*found["complete"], *found["unknown"]} == {*components, "repository:."}
    assert found["complete"] == {id for id in components if id.startswith("flake-input:")} | {
        "action:actions/checkout@v4",
        "action:o/inner@v1",
    }


def test_a_file_that_was_not_read_makes_it_incomplete() -> None:
    graph, _ = repository(FILES)
    made = bill(graph, unread=frozenset(("flake.lock",)))
    assert made.completeness["repository:."] == "incomplete"
    assert made.completeness["flake-input:flake.lock#nixpkgs"] == "incomplete"
    assert made.completeness["action:actions/checkout@v4"] == "complete"


def test_a_comment_is_no_version() -> None:
    steps = f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: o/r@{COMMIT} # v4.2.2\n"
    graph, _ = repository({".github/workflows/a.yml": steps})
    [one] = bill(graph).components
    assert one.version == COMMIT
    assert ("snowfence:comment", "v4.2.2") in one.properties


def test_what_npins_pins_nobody_has_looked_into() -> None:
    pin = {
        "type": "Channel",
        "name": "nixos-unstable",
        "url": "https://example.org/n.tar.xz",
        "hash": NAR_HASH,
    }
    graph, _ = repository({"npins/sources.json": json.dumps({"pins": {"x": pin}, "version": 8})})
    made = bill(graph)
    assert dict(made.dependencies) == {"repository:.": ("pin:npins/sources.json#x",)}
    assert made.completeness["pin:npins/sources.json#x"] == "unknown"


def test_everything_is_a_component(components: dict[str, dict[str, Any]]) -> None:
    assert {id: (one["type"], one.get("version"), one.get("purl")) for id, one in components.items()} == {
        "flake-input:flake.lock#nixpkgs": ("library", REV, f"pkg:github/nixos/nixpkgs@{REV}"),
        "flake-input:flake.lock#nixpkgs_2": ("library", REV, f"pkg:github/nixos/nixpkgs@{REV}"),
        "flake-input:flake.lock#home-manager": (
            "library",
            REV,
            f"pkg:github/nix-community/home-manager@{REV}",
        ),
        "flake-input:flake.lock#forge": ("library", REV, f"pkg:git/gitlab.com/g/s/r@{REV}"),
        "flake-input:flake.lock#data": (
            "library",
            None,
            "pkg:generic/data?download_url=https://example.org/d.tar.gz",
        ),
        "flake-input:flake.lock#p": ("library", None, None),
        "action:actions/checkout@v4": ("application", COMMIT, f"pkg:github/actions/checkout@{COMMIT}"),
        "action:o/inner@v1": ("application", REV, f"pkg:github/o/inner@{REV}"),
        "action:github/codeql-action/init@v3": (
            "application",
            "v3",
            "pkg:github/github/codeql-action@v3#init",
        ),
        "reusable-workflow:o/r/.github/workflows/build.yml@main": (
            "application",
            "main",
            "pkg:github/o/r@main#.github/workflows/build.yml",
        ),
        f"image:debian:12@{DIGEST}": (
            "container",
            DIGEST,
            f"pkg:oci/debian@{DIGEST}?repository_url=docker.io/library/debian&tag=12",
        ),
        "image:ghcr.io/o/db:16": ("container", "16", "pkg:docker/o/db@16?repository_url=ghcr.io"),
        "image:alpine": ("container", None, "pkg:docker/alpine"),
        "image:${{ matrix.image }}": ("container", None, None),
    }


def test_a_flake_input(components: dict[str, dict[str, Any]]) -> None:
    nixpkgs = components["flake-input:flake.lock#nixpkgs"]
    archive = f"https://github.com/NixOS/nixpkgs/archive/{REV}.tar.gz"
    assert (nixpkgs["group"], nixpkgs["name"]) == ("NixOS", "nixpkgs")
    assert nixpkgs["hashes"] == [
        {"alg": "SHA-256", "content": "26e39dfe70eb35a7eea8483c86c7187327221dc1347ddf67ac4f974e43a446e1"}
    ]
    assert links(nixpkgs) == {"vcs": "https://github.com/NixOS/nixpkgs", "distribution": archive}
    line = FILES["flake.lock"].splitlines().index('    "nixpkgs": {') + 1
    assert nixpkgs["evidence"]["occurrences"] == [
        {
            "location": "flake.lock",
            "line": line,
            "offset": FILES["flake.lock"].index('"nixpkgs": {'),
            "symbol": "nixpkgs",
        }
    ]
    assert properties(nixpkgs) == {
        "snowfence:kind": "flake-input",
        "snowfence:input": "nixpkgs",
        "snowfence:lock": "flake.lock",
        "snowfence:type": "github",
        "snowfence:wanted": "x",
        "snowfence:last_modified": "2023-11-14T22:13:20+00:00",
        "nix:store_path": "/nix/store/c2b0lrw8xv387zr5l8g2wnfv596d7v66-source",
        "nix:narinfo:nar_hash": NAR_HASH,
        "nix:fod:method": "fetchzip",
        "nix:fod:name": "source",
        "nix:fod:sha256": NAR_HASH,
        "nix:fod:url": archive,
    }


def test_a_nar_hash_is_never_without_the_property_that_says_so(components: dict[str, dict[str, Any]]) -> None:
    for component in components.values():
        found = properties(component)
        assert ("hashes" in component) == ("nix:narinfo:nar_hash" in found) == ("nix:store_path" in found)


def test_an_action_that_actions_lock_holds(components: dict[str, dict[str, Any]]) -> None:
    checkout = components["action:actions/checkout@v4"]
    assert properties(checkout) == {
        "snowfence:kind": "action",
        "snowfence:ref": "v4",
        "snowfence:pinned": "true",
        "snowfence:locked": "true",
        "snowfence:githubactions_purl": "pkg:githubactions/actions/checkout@v4",
    }
    [place] = checkout["evidence"]["occurrences"]
    assert (place["location"], place["line"], place["symbol"]) == (
        ".github/workflows/ci.yml",
        13,
        "step:.github/workflows/ci.yml#build/0",
    )
    [inside] = components["action:o/inner@v1"]["evidence"]["occurrences"]
    assert (inside["location"], inside["line"]) == (".github/workflows/actions.lock", 12)


def test_an_action_that_only_another_uses_stands_in_the_lock() -> None:
    entry = "{{ref: v1, commit: sha1-{0}, owner_id: 1, repo_id: 1{1}}}"
    graph, _ = repository(
        {
            ".github/workflows/ci.yml": "on: push\njobs: {a: {runs-on: x, steps: [{uses: a/b@v1}]}}\n",
            ".github/workflows/actions.lock": "version: v0.0.2\n"
            "workflows: {.github/workflows/ci.yml: [a/b@v1]}\n"
            "dependencies:\n"
            f"  a/b@v1: {entry.format('1' * 40, ', uses: [c/d@v1]')}\n"
            f"  c/d@v1: {entry.format('2' * 40, '')}\n"
            f"  unused/e@v1: {entry.format('3' * 40, '')}\n",
        }
    )
    components = {one["bom-ref"]: one for one in json.loads(written(graph))["components"]}
    assert set(components) == {"action:a/b@v1", "action:c/d@v1"}
    [place] = components["action:c/d@v1"]["evidence"]["occurrences"]
    assert (place["location"], place["line"]) == (".github/workflows/actions.lock", 5)


def test_credentials_stay_in_the_lock(text: str) -> None:
    assert "secret" not in text


def test_dependencies(document: dict[str, Any], components: dict[str, dict[str, Any]]) -> None:
    found = {one["ref"]: one["dependsOn"] for one in document["dependencies"]}
    assert found == {
        "repository:.": [
            "action:actions/checkout@v4",
            "action:github/codeql-action/init@v3",
            "flake-input:flake.lock#data",
            "flake-input:flake.lock#home-manager",
            "flake-input:flake.lock#nixpkgs",
            "image:${{ matrix.image }}",
            "image:alpine",
            f"image:debian:12@{DIGEST}",
            "image:ghcr.io/o/db:16",
            "reusable-workflow:o/r/.github/workflows/build.yml@main",
        ],
        "flake-input:flake.lock#home-manager": [
            "flake-input:flake.lock#forge",
            "flake-input:flake.lock#nixpkgs",
            "flake-input:flake.lock#nixpkgs_2",
            "repository:.",
        ],
        "flake-input:flake.lock#data": ["flake-input:flake.lock#p"],
        "flake-input:flake.lock#forge": [],
        "flake-input:flake.lock#nixpkgs": [],
        "flake-input:flake.lock#nixpkgs_2": [],
        "flake-input:flake.lock#p": [],
        "action:actions/checkout@v4": ["action:o/inner@v1"],
        "action:o/inner@v1": [],
    }
    # All others are left out: nobody knows what they depend on, and an empty entry would say that it is nothing.
    assert set(found) <= {*components, "repository:."}


def test_metadata(document: dict[str, Any]) -> None:
    metadata = document["metadata"]
    assert (document["bomFormat"], document["specVersion"], document["version"]) == ("CycloneDX", "1.6", 1)
    assert metadata["component"] == {"bom-ref": "repository:.", "name": "repository", "type": "application"}
    assert metadata["timestamp"] == "2026-11-22T00:00:00+00:00"
    assert metadata["lifecycles"] == [{"phase": "pre-build"}]
    [tool] = metadata["tools"]["components"]
    assert (tool["name"], tool["version"], tool["purl"]) == ("snowfence", "1.2.3", "pkg:pypi/snowfence@1.2.3")


def test_another_content_is_another_number(document: dict[str, Any]) -> None:
    graph, _ = repository(FILES)
    later = json.loads(cyclonedx.write(bill(graph)._replace(timestamp=NOW.replace(day=23))))
    other, _ = repository({**FILES, "flake.lock": FILES["flake.lock"].replace(REV, COMMIT, 1)})
    numbers = {one["serialNumber"] for one in (document, later, json.loads(written(other)))}
    assert len(numbers) == 3
    assert all(number.startswith("urn:uuid:") for number in numbers)


ANOTHER_PROCESS = """
import json, sys
from datetime import UTC, datetime
from scanner.sbom import cyclonedx
from scanner.sbom.components import bill_of
from tests.memory import repository
graph, _ = repository(json.load(sys.stdin))
bill = bill_of(graph, name="repository", timestamp=datetime(2026, 11, 22, tzinfo=UTC), tool="1.2.3")
sys.stdout.write(cyclonedx.write(bill) + cyclonedx.write(bill, xml=True))
"""


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_same_bytes_in_every_process(text: str, seed: str) -> None:
    """Sets are ordered by hashes."""
    graph, _ = repository(FILES)
    again = subprocess.run(
        [sys.executable, "-c", ANOTHER_PROCESS],
        cwd=ROOT,
        env=clean_environment(PYTHONHASHSEED=seed),
        input=json.dumps(FILES),
        capture_output=True,
        text=True,
        check=True,
    )
    assert again.stdout == text + cyclonedx.write(bill(graph), xml=True)


def test_a_repository_without_anything(document: dict[str, Any]) -> None:
    graph, _ = repository({})
    empty = json.loads(written(graph))
    assert empty["components"] == []
    assert empty["dependencies"] == [{"ref": "repository:.", "dependsOn": []}]


_TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ("\x1b[2J", "\u202e", "${{ x }}", "%zz", "a b", "#", "?", "https://[::1]/x", "é", "\udcff", "..", "/")
    ),
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        _TEXTS,
        st.dictionaries(
            st.sampled_from(
                ("type", "owner", "repo", "rev", "url", "host", "dir", "narHash", "name", "path", "id")
            ),
            _TEXTS | st.sampled_from(("github", "gitlab", "git", "tarball", NAR_HASH, REV)),
        ),
        min_size=1,
        max_size=3,
    ),
    st.lists(_TEXTS, max_size=3),
)
def test_hostile_input_makes_a_valid_document(locked: dict[str, dict[str, str]], uses: list[str]) -> None:
    nodes = {f"n{label}": node(attributes) for label, attributes in locked.items()}
    root = {"inputs": {label: label for label in nodes}}
    lock = {"nodes": {**nodes, "root": root}, "root": "root", "version": 7}
    steps = [{"uses": f"{text}/{text}@{text}"} for text in uses]
    jobs = {"a": {"runs-on": "x", "container": uses[0] if uses else "x", "steps": steps}}
    graph, _ = repository(
        {
            "flake.lock": json.dumps(lock),
            ".github/workflows/a.yml": json.dumps({"on": "push", "jobs": jobs}),
        }
    )
    assert written(graph) == written(graph)
    assert errors(bill(graph, knowledge=Knowledge())) == []


# ---------------------------------------------------------------- pins


def pins(**pins: Mapping[str, object]) -> dict[str, Any]:
    """The components of an npins file, by the name of the pin."""
    graph, problems = repository({"npins/sources.json": json.dumps({"pins": pins, "version": 8})})
    assert not problems
    made = bill(graph)
    assert errors(made) == []
    document = json.loads(cyclonedx.write(made))
    return {one["bom-ref"].rpartition("#")[2]: one for one in document["components"]}


def test_a_pin_is_a_source_as_an_input_is() -> None:
    url = f"https://github.com/o/r/archive/{REV}.tar.gz"
    place = {"type": "GitHub", "owner": "o", "repo": "r"}
    pin = {"type": "Git", "repository": place, "branch": "b", "revision": REV, "url": url, "hash": NAR_HASH}
    one = pins(x=pin)["x"]
    assert (one["bom-ref"], one["purl"]) == ("pin:npins/sources.json#x", f"pkg:github/o/r@{REV}")
    assert {link["type"]: link["url"] for link in one["externalReferences"]} == {
        "vcs": "https://github.com/o/r",
        "distribution": url,
    }
    shown = properties(one)
    assert (shown["snowfence:kind"], shown["snowfence:tool"]) == ("pin", "npins")
    assert "snowfence:flake" not in shown
    assert shown["nix:store_path"] == "/nix/store/c2b0lrw8xv387zr5l8g2wnfv596d7v66-source"
    assert (shown["nix:fod:method"], shown["nix:fod:url"]) == ("fetchzip", url)


def test_a_package_of_pypi_is_hashed_as_a_file() -> None:
    url = "https://files.pythonhosted.org/packages/c3/9d/ac/streamlit-1.3.1.tar.gz"
    pin = {"type": "PyPi", "name": "Streamlit", "version": "1.3.1", "url": url, "hash": NAR_HASH}
    one = pins(x=pin)["x"]
    assert (one["purl"], one["version"]) == ("pkg:pypi/streamlit@1.3.1", "1.3.1")
    shown = properties(one)
    assert "nix:narinfo:nar_hash" not in shown
    assert (shown["nix:fod:method"], shown["nix:fod:name"]) == ("fetchurl", "streamlit-1.3.1.tar.gz")
    assert shown["nix:store_path"].endswith("-streamlit-1.3.1.tar.gz")
    assert [one["alg"] for one in one["hashes"]] == ["SHA-256"]


def test_an_image_has_its_digest_and_no_hash_of_what_nix_makes_of_it() -> None:
    pin = {"type": "Container", "image_name": "ghcr.io/o/db", "image_tag": "1", "image_digest": DIGEST}
    one = pins(x={**pin, "hash": NAR_HASH})["x"]
    assert one["type"] == "container"
    assert one["purl"].startswith("pkg:oci/db@sha256")
    assert "hashes" not in one
    assert "nix:store_path" not in properties(one)


def test_no_token_of_a_pin_is_published() -> None:
    place = {"type": "GitLab", "repo_path": "g/r", "server": "https://gitlab.com", "private_token": "s3cret"}
    url = "https://gitlab.com/api/v4/projects/g%2Fr/repository/archive.tar.gz?private_token=s3cret"
    pin = {"type": "Git", "repository": place, "branch": "b", "revision": REV, "url": url, "hash": NAR_HASH}
    assert "s3cret" not in json.dumps(pins(x=pin))
