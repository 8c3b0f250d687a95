"""graph, why, rules and explain."""

import io
import json
import subprocess
import sys
from contextlib import redirect_stdout
from xml.etree import ElementTree

import networkx
import pytest

from scanner.cli.main import main
from scanner.engine import places
from scanner.rules.changes import KINDS


def printed(*arguments: str) -> str:
    text = io.StringIO()
    with redirect_stdout(text):
        assert main(list(arguments)) == 0
    return text.getvalue()


def test_why_leads_through_the_workflows_that_run_it() -> None:
    text = printed("why", "nixpkgs", "fixtures/calls")
    assert "flake.lock → nixpkgs" in text
    assert ".github/workflows/entry.yml → job parallel → step “Test” (line 21) → flake.lock → nixpkgs" in text
    assert "job deploy → .github/workflows/deploy.yml → job deploy → step “Push the closure”" in text


def test_why_says_every_shortest_path() -> None:
    (answer,) = json.loads(
        printed("why", "flake-input:flake.lock#nixpkgs_2", "fixtures/demo", "--format", "json")
    )
    assert answer["declared"] == [
        [
            "repository:.",
            "lock:flake.lock",
            "flake-input:flake.lock#sops-nix",
            "flake-input:flake.lock#nixpkgs_2",
        ]
    ]
    assert {path[1] for path in answer["run-by"]} == {"workflow:.github/workflows/ci.yml"}
    assert len(answer["run-by"]) == 3


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("actions/checkout@v5", "action:actions/checkout@v5"),
        ("actions/checkout", "action:actions/checkout@v5"),
        ("Actions/Checkout", "action:actions/checkout@v5"),
        ("NixOS/nixpkgs", "flake-input:flake.lock#nixpkgs"),
        ("flake.lock", "lock:flake.lock"),
        ("TRIAGE_TOKEN", "secret:TRIAGE_TOKEN"),
        ("postgres:latest", "image:postgres:latest"),
        ("repository:.", "repository:."),
    ],
)
def test_what_a_name_can_mean(name: str, node: str) -> None:
    assert node in {
        answer["subject"] for answer in json.loads(printed("why", name, "fixtures/demo", "--format", "json"))
    }


def test_graph_json_is_the_contract() -> None:
    data = json.loads(printed("graph", "fixtures/demo"))
    ids = {node["id"] for node in data["nodes"]}
    assert all(edge["source"] in ids and edge["target"] in ids for edge in data["edges"])
    nixpkgs = next(node for node in data["nodes"] if node["id"] == "flake-input:flake.lock#nixpkgs")
    assert (nixpkgs["kind"], nixpkgs["lock"], nixpkgs["label"]) == ("flake-input", "flake.lock", "nixpkgs")
    follows = next(edge for edge in data["edges"] if edge.get("name") == "nixpkgs-lib")
    assert (follows["target"], follows["follows"]) == ("flake-input:flake.lock#nixpkgs", True)
    job = next(node for node in data["nodes"] if node["id"] == "job:.github/workflows/triage.yml#answer")
    assert job["outsider"] == [
        {
            "event": "issue_comment",
            "via": [],
            "privileged": True,
            "permissions": {"issues": "write"},
            "secrets": ["TRIAGE_TOKEN"],
            "self-hosted": False,
        }
    ]


def test_graphml_is_read_back_by_networkx() -> None:
    text = printed("graph", "fixtures/demo", "--format", "graphml")
    ElementTree.fromstring(text)
    data = json.loads(printed("graph", "fixtures/demo"))
    drawn = networkx.parse_graphml(text)
    assert set(drawn.nodes) == {node["id"] for node in data["nodes"]}
    assert drawn.number_of_edges() == len(data["edges"])


@pytest.mark.parametrize(("format", "begins"), [("dot", "digraph"), ("mermaid", "flowchart LR")])
def test_drawings_have_a_line_for_every_node_and_edge(format: str, begins: str) -> None:
    text = printed("graph", "fixtures/demo", "--format", format)
    data = json.loads(printed("graph", "fixtures/demo"))
    assert text.startswith(begins)
    assert len(text.splitlines()) >= len(data["nodes"]) + len(data["edges"])


def test_rules_json_is_the_contract() -> None:
    rules = json.loads(printed("rules", "--format", "json"))["rules"]
    assert [rule["id"] for rule in rules] == list(places())
    for rule in rules:
        assert {"id", "title", "severity", "confidence", "aliases", "tags", "options"} <= rule.keys()
    assert "zizmor:unpinned-uses" in next(rule["aliases"] for rule in rules if rule["id"] == "unpinned-uses")


def test_rules_are_grouped_and_name_the_changes() -> None:
    text = printed("rules")
    lines = text.splitlines()
    assert max(map(len, lines)) <= 120
    assert "Secrets and credentials in workflows" in lines
    assert all(f"  {id} " in text for id in (*places(), *KINDS))
    assert "…" not in text
    changes = json.loads(printed("rules", "--format", "json"))["changes"]
    assert [one["id"] for one in changes] == list(KINDS)


def test_explain_takes_other_tools_names() -> None:
    assert printed("explain", "zizmor:unpinned-uses") == printed("explain", "unpinned-uses")
    assert "## Fix" in printed("explain", "stale-input")


def test_a_reader_that_stops_early_is_no_error() -> None:
    command = f"{sys.executable} -m scanner graph fixtures/demo | head -c 10"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
