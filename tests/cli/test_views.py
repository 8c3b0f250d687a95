"""graph, why, rules and explain."""

import io
import json
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from xml.etree import ElementTree

import networkx
import pytest

from scanner.cli.main import main
from scanner.engine import places
from scanner.policy.load import load_policies
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


def test_graph_is_a_tree_for_who_looks_at_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("scanner.cli.graph.terminal_width", lambda: 60)
    text = printed("graph", "fixtures/demo")
    assert text.startswith(".\n├── flake.nix\n") and max(map(len, text.splitlines())) <= 60
    file = tmp_path / "graph"
    for arguments, begins in (
        (["--format", "json"], "{"),
        (["--attributes"], "{"),
        (["--output", str(file)], ""),
    ):
        assert printed("graph", "fixtures/demo", *arguments).startswith(begins)
    json.loads(file.read_text("utf-8"))
    printed("graph", "fixtures/demo", "--format", "text", "--output", str(file))
    assert file.read_text("utf-8").startswith(".\n├── flake.nix\n")


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


# ---------------------------------------------------------------- what outsiders write


SLUG = """\
on: issues
jobs:
  meta:
    runs-on: ubuntu-latest
    outputs: { slug: "${{ steps.meta.outputs.slug }}" }
    steps:
      - id: meta
        env: { TITLE: "${{ github.event.issue.title }}" }
        run: echo "slug=$TITLE" >> "$GITHUB_OUTPUT"
  use:
    needs: meta
    runs-on: ubuntu-latest
    permissions: { contents: write }
    steps:
      - name: Use it
        run: echo ${{ needs.meta.outputs.slug }}
"""
CI = ".github/workflows/ci.yml"
TEXT, USE = "text:github.event.issue.title", f"step:{CI}#use/0"


@pytest.fixture
def slug(tmp_path: Path) -> str:
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / CI).write_text(SLUG, "utf-8")
    return str(tmp_path)


def test_graph_shows_how_texts_of_outsiders_get_to_code(slug: str) -> None:
    data = json.loads(printed("graph", slug, "--taint"))
    (text,) = (node for node in data["nodes"] if node["kind"] == "text")
    assert (text["id"], text["label"], text["events"]) == (TEXT, "github.event.issue.title", "issues")
    flows = [edge for edge in data["edges"] if edge["kind"] == "flows"]
    assert [(edge["source"], edge["target"], edge["line"]) for edge in flows] == [
        (TEXT, f"step:{CI}#meta/0", 8),
        (f"step:{CI}#meta/0", f"job:{CI}#meta", 5),
        (f"job:{CI}#meta", USE, 16),
    ]
    assert all(edge["name"] and edge["path"] == CI for edge in flows)
    ids = {node["id"] for node in data["nodes"]}
    assert all(edge["source"] in ids and edge["target"] in ids for edge in data["edges"])


def test_without_taint_the_graph_is_as_it_was(slug: str) -> None:
    data = json.loads(printed("graph", slug))
    assert not any(edge["kind"] == "flows" for edge in data["edges"])
    with_taint = json.loads(printed("graph", slug, "--taint"))
    assert with_taint["nodes"][: len(data["nodes"])] == data["nodes"]
    assert with_taint["edges"][: len(data["edges"])] == data["edges"]


def test_graphml_with_taint_is_read_back(slug: str) -> None:
    drawn = networkx.parse_graphml(printed("graph", slug, "--taint", "--format", "graphml"))
    assert networkx.has_path(drawn, TEXT, USE)


@pytest.mark.parametrize("format", ["dot", "mermaid"])
def test_a_drawing_with_taint_shows_nothing_else(slug: str, format: str) -> None:
    text = printed("graph", slug, "--taint", "--format", format)
    assert "github.event.issue.title" in text
    assert f"{CI}, on issues" in text  # the box around the nodes of the workflow
    assert "Use it" in text
    assert "ubuntu-latest" not in text
    assert text.count("{") == text.count("}")
    assert text.count("  subgraph ") == 1


@pytest.mark.parametrize("name", [USE, f"{CI}:16", f"job:{CI}#use", CI, TEXT, "github.event.issue.title"])
def test_why_tells_how_the_text_of_an_outsider_gets_there(slug: str, name: str) -> None:
    (answer,) = json.loads(printed("why", name, slug, "--format", "json"))
    (way,) = answer["outsiders"]
    assert (way["source"], way["target"]) == (TEXT, USE)
    assert way["flow"][0]["start"]["line"] == 8
    assert way["flow"][-1]["start"]["line"] == 16
    text = printed("why", name, slug)
    assert [line.strip().partition(": ")[0] for line in text.splitlines() if "ci.yml:" in line] == [
        f"{CI}:{note['start']['line']}:{note['start']['column']}" for note in way["flow"]
    ]


def test_why_of_a_finding_shows_it_with_the_same_path(slug: str) -> None:
    main(["scan", slug, "--output", f"json={slug}/found.json", "--fail-on", "none", "--quiet"])
    found = json.loads((Path(slug) / "found.json").read_text("utf-8"))["findings"]
    (injection,) = (one for one in found if one["rule"] == "template-injection")
    text = printed("why", injection["fingerprint"], slug)
    assert text.startswith("critical[template-injection/critical]: ")
    assert f"\n{USE}\n" in text
    (answer,) = json.loads(printed("why", injection["fingerprint"], slug, "--format", "json"))
    assert answer["finding"] == injection
    (way,) = answer["outsiders"]
    assert [note["message"] for note in way["flow"]] == [note["message"] for note in injection["flow"]]


def test_rules_json_is_the_contract() -> None:
    rules = json.loads(printed("rules", "--format", "json"))["rules"]
    assert [rule["id"] for rule in rules] == list(places())
    for rule in rules:
        assert {"id", "title", "severity", "confidence", "aliases", "tags", "options"} <= rule.keys()
    assert "zizmor:unpinned-uses" in next(rule["aliases"] for rule in rules if rule["id"] == "unpinned-uses")


def test_rules_fit_into_a_narrow_terminal_with_whole_titles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.cli.rules.terminal_width", lambda: 60)
    text = printed("rules")
    assert max(map(len, text.splitlines())) <= 60
    assert "…" not in text
    titles = [line[text.splitlines()[1].index("what it finds") :].strip() for line in text.splitlines()[2:5]]
    assert " ".join(titles) == "Do not trust `github.actor` to say whose pull request it is"


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


HOSTILE = """snowfence: 1
extends: [recommended]
exceptions:
  - {{rule: unpinned-uses, reason: "until https://me:hunter2pw@host.example is gone"}}
checks:
  ours:  # \u202e{escape}]0;x{escape}[2J
    title: "Title {hidden} with https://me:hunter2pw@host.example"
    severity: low
    select: workflow
    why: "Why {hidden}"
    fix: "Fix {hidden}"
    message: "https://me:hunter2pw@host.example {{path}}"
    require: {{ path: other }}
"""
"""What a repository may say of a check."""


def test_the_page_of_a_check_is_inert_and_has_no_secrets(tmp_path: Path) -> None:
    file = tmp_path / "snowfence.yaml"
    # Escapes of YAML make any control character; those that YAML takes as they are stand in the comment.
    hidden = "\\e]0;x\\a \\e[2J \\r::error::x \\u202e"
    file.write_text(HOSTILE.format(hidden=hidden, escape=""), "utf-8")
    text = printed("explain", "ours", "--policy", str(file))
    assert "\\x1b]0;x" in text and "\\u202e" in text
    assert {char for char in text if char < " " or char == "\u202e"} == {"\n"}
    assert "hunter2pw" not in text and "https://me:*********@host.example" in text
    policy = load_policies([(file, "snowfence.yaml")])
    assert "hunter2pw" not in policy.exceptions[0].reason
    workflow = tmp_path / ".github/workflows/ci.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text("on: push\njobs: {}\n", "utf-8")
    for format in ("sarif", "json", "text"):
        said = printed("scan", str(tmp_path), "--format", format)
        assert "https://me:*********@host.example" in said
        assert "hunter2pw" not in said and "\u202e" not in said and "\x1b" not in said
    (rule,) = [
        one
        for one in json.loads(printed("scan", str(tmp_path), "--format", "sarif"))["runs"][0]["tool"][
            "driver"
        ]["rules"]
        if one["id"] == "ours"
    ]
    texts = [rule["shortDescription"]["text"], rule["fullDescription"]["text"], rule["help"]["markdown"]]
    assert not [text for text in texts if {char for char in text if char < " "} - {"\n"}]


def test_a_reader_that_stops_early_is_no_error() -> None:
    command = f"{sys.executable} -m scanner graph fixtures/demo | head -c 10"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("format", ["text", "dot", "mermaid"])
def test_no_drawing_has_endless_names(tmp_path: Path, format: str) -> None:
    """Two long names that differ at their ends only stay two."""
    file = tmp_path / ".github/workflows/ci.yml"
    file.parent.mkdir(parents=True)
    steps = "".join(f"      - uses: some/{'x' * 100_000}@{end}\n" for end in "ab")
    file.write_text(f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n{steps}", "utf-8")
    text = printed("graph", str(tmp_path), "--format", format)
    assert max(map(len, text.splitlines())) < 5_000
    if format == "dot":
        nodes = {line.partition(" [")[0] for line in text.splitlines() if line.startswith('  "action:')}
        assert len({one for one in nodes if " -> " not in one}) == 2
