"""`snowfence schema` and `snowfence graph --attributes`: what policies can ask, and what a repository answers."""

import json
from typing import Any

from scanner.analysis.attributes.table import attributes, edge_attributes
from scanner.graph.edge_kinds import EDGE_KINDS
from tests.support import NOW, snowfence


def schema_json(*kinds: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(snowfence("schema", "nodes", *kinds, "--format", "json").stdout)
    return found


def test_every_kind_and_attribute_is_printed() -> None:
    text = snowfence("schema", "nodes").stdout
    lines = text.splitlines()
    assert max(map(len, lines)) <= 100
    for kind, by_name in attributes().items():
        assert f"node {kind}" in lines
        assert all(f"    {name} " in text for name in by_name)
    for edge, asked in edge_attributes().items():
        assert f"edge {edge}" in lines
        assert all(f"    {name} " in text for name in asked)


def test_json_is_complete() -> None:
    found = schema_json()
    assert found["schema"] == 1
    nodes = {one["kind"]: {asked["name"] for asked in one["attributes"]} for one in found["nodes"]}
    assert nodes == {kind: {*by_name} for kind, by_name in attributes().items()}
    assert [one["kind"] for one in found["edges"]] == [*EDGE_KINDS]
    image = next(one for one in found["nodes"] if one["kind"] == "image")
    assert {"kind": "uses", "from": ["step"]} in image["in"]
    pinned = next(one for one in image["attributes"] if one["name"] == "pinned")
    assert pinned == {
        "name": "pinned",
        "type": "true or false",
        "list": False,
        "about": "Whether a digest fixes it.",
    }


def test_one_kind() -> None:
    found = schema_json("secret", "reads")
    assert [one["kind"] for one in found["nodes"]] == ["secret"]
    assert [one["kind"] for one in found["edges"]] == ["reads"]
    assert "node secret" in snowfence("schema", "nodes", "secret").stdout


def test_a_kind_that_there_is_not() -> None:
    found = snowfence("schema", "nodes", "jobb", expect=(2,))
    assert found.stderr.strip() == "snowfence: no kind of node or edge is called `jobb`; did you mean `job`?"


def test_the_format_of_policies() -> None:
    assert json.loads(snowfence("schema", "policy").stdout)["$schema"].startswith("https://json-schema.org/")
    assert (
        "leave `--format text` out" in snowfence("schema", "policy", "--format", "text", expect=(2,)).stderr
    )
    assert "kinds go with" in snowfence("schema", "policy", "job", expect=(2,)).stderr


def test_what_a_repository_answers() -> None:
    run = snowfence("graph", "fixtures/outsiders", "--attributes", "--now", NOW)
    found = json.loads(run.stdout)
    jobs = {one["id"]: one["attributes"] for one in found["nodes"] if one["kind"] == "job"}
    assert any(one.get("outsider") for one in jobs.values())
    # What is missing is left out.
    assert all("container" not in one for one in jobs.values())
    edge = next(one for one in found["edges"] if one["kind"] == "runs-on")
    assert edge["attributes"]["text"] in edge["target"]


def test_attributes_are_json_alone() -> None:
    found = snowfence("graph", "fixtures/demo", "--attributes", "--format", "dot", expect=(2,))
    assert "goes with `--format json` alone" in found.stderr


def test_markdown_for_the_documentation() -> None:
    text = snowfence("schema", "nodes", "--format", "markdown").stdout
    assert all(f"### node `{kind}`" in text for kind in attributes())
    assert all(f"### edge `{kind}`" in text for kind in EDGE_KINDS)
    # Every row of a table has three cells: what stands in them does not break it.
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in rows} == {4}
