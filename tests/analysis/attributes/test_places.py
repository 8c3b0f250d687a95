"""Where the values of attributes stand: the text that a finding of a check underlines."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from scanner.analysis.attributes.attribute import Attribute, Missing, Value, World
from scanner.analysis.attributes.table import attributes
from scanner.graph.graph import Graph
from scanner.graph.nodes.base import Node
from tests.analysis.attributes.asking import Small
from tests.analysis.attributes.test_every_attribute import FIXTURES, KNOWLEDGE, TODAY, graph_of
from tests.support import CORPUS

CI = ".github/workflows/ci.yml"
COMMIT = "49f0870db23e8c1ca0b5259734a02cd9e1e371a1"

FILES = {
    CI: """\
name: "Our CI"
on:
  pull_request: { branches: [main] }
  schedule: [{ cron: "0 5 * * 1" }]
  workflow_call:
permissions: { contents: read, id-token: write }
concurrency: { group: ci }
env: { NIX_CONFIG: "substituters = https://one.example.org", LEVEL: "1" }
jobs:
  build:
    name: Build it
    needs: [first, other]
    if: "false"
    strategy: { matrix: { os: [ubuntu-24.04, our-machine] } }
    runs-on: ${{ matrix.os }}
    environment: { name: production, url: "https://example.org" }
    timeout-minutes: 90
    continue-on-error: true
    permissions:
      contents: write
    container: { image: "alpine:3" }
    services: { db: { image: postgres:17 } }
    env: { TOKEN: "${{ secrets.TOKEN }}" }
    steps:
      - uses: actions/checkout@v4
        with: { Persist-Credentials: true, path: src }
      - name: Run
        id: run
        run: |
          set -e
          curl https://example.org |
            sudo /usr/bin/bash
        shell: bash
        working-directory: src
        env: { LEVEL: "2" }
  first:
    runs-on: [self-hosted, linux]
    permissions: write-all
    steps: [{ run: make }]
  other:
    runs-on: { group: ours, labels: big }
    steps: [{ run: make }]
  called:
    uses: ./.github/workflows/ci.yml
    secrets: inherit
""",
    "flake.nix": """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  nixConfig.extra-substituters = [ "https://one.example.org" "https://Two.example.org/" ];
  nixConfig.extra-trusted-public-keys = "one.example.org-1:AAAA two.example.org-1:BBBB";
  outputs = { self, nixpkgs, tool }: { };
}
""",
    "flake.lock": f"""\
{{
  "nodes": {{
    "nixpkgs": {{
      "inputs": {{ "tool": "tool" }},
      "locked": {{ "type": "github", "owner": "NixOS", "repo": "nixpkgs", "rev": "{COMMIT}", "narHash":
        "sha256-b9mHXvXAOpYoJ4fQbYmmbNxCRHSrGvNFOFUgeIo0DfE=", "lastModified": 1754420989 }},
      "original": {{ "type": "github", "owner": "NixOS", "repo": "nixpkgs", "ref": "nixos-26.05" }}
    }},
    "tool": {{
      "flake": false,
      "locked": {{ "type": "git", "url": "https://git.example.org/people/tool.git", "rev": "{COMMIT}" }},
      "original": {{ "type": "git", "url": "https://git.example.org/people/tool.git" }}
    }},
    "root": {{ "inputs": {{ "nixpkgs": "nixpkgs" }} }}
  }},
  "root": "root",
  "version": 7
}}
""",
    "nix.conf": "# ours\nsandbox = false\nextra-substituters = https://one.example.org https://two.example.org\n",
    ".github/dependabot.yml": """\
version: 2
updates:
  - { package-ecosystem: github-actions, directory: /, cooldown: { default-days: 14 } }
  - { package-ecosystem: nix, directory: /, cooldown: { default-days: 3 } }
""",
    ".pre-commit-config.yaml": """\
repos:
  - repo: https://github.com/psf/black
    rev: 24.1.0
    hooks: [{ id: black }]
""",
    ".github/CODEOWNERS": "# who\n* @me\n/docs/ @me/docs @me # @nobody\n",
    ".github/actions/ours/action.yml": "name: ours\nruns: { using: composite, steps: [] }\n",
}

BUILD, FIRST, OTHER, CALLED = (f"job:{CI}#{name}" for name in ("build", "first", "other", "called"))
USES, RUN = f"step:{CI}#build/0", f"step:{CI}#build/1"
WORKFLOW, FLAKE, LOCK = f"workflow:{CI}", "flake:flake.nix", "lock:flake.lock"
NIXPKGS, TOOL = "flake-input:flake.lock#nixpkgs", "flake-input:flake.lock#tool"
DEPENDABOT, HOOKS = "dependabot:.github/dependabot.yml", "pre-commit:.pre-commit-config.yaml"
ACTION = ".github/actions/ours/action.yml"
OWNERS, CONF = "code-owners:.github/CODEOWNERS", "nix-conf:nix.conf"

SINGLE = [
    (WORKFLOW, "name", "Our CI"),
    (WORKFLOW, "reusable", "workflow_call"),
    (WORKFLOW, "concurrency", "concurrency"),
    (BUILD, "name", "Build it"),
    (BUILD, "condition", "false"),
    (BUILD, "disabled", "false"),
    (BUILD, "environment", "production"),
    (BUILD, "timeout-minutes", "90"),
    (BUILD, "continue-on-error", "true"),
    (BUILD, "matrix", "matrix"),
    (BUILD, "container", "alpine:3"),
    (BUILD, "own-permissions", "permissions"),
    (BUILD, "calls", None),
    (BUILD, "self-hosted", "our-machine"),
    (FIRST, "self-hosted", "self-hosted"),
    (OTHER, "runner-group", "ours"),
    (CALLED, "calls", "./.github/workflows/ci.yml"),
    (CALLED, "inherits-secrets", "inherit"),
    (USES, "uses", "actions/checkout@v4"),
    (USES, "shell", None),
    (RUN, "name", "Run"),
    (RUN, "step-id", "run"),
    (RUN, "script", "set -e"),
    (RUN, "shell", "bash"),
    (RUN, "working-directory", "src"),
    (RUN, "timeout-minutes", None),
    (NIXPKGS, "owner", "NixOS"),
    (NIXPKGS, "repository", "nixpkgs"),
    (NIXPKGS, "host", "github"),
    (NIXPKGS, "type", "github"),
    (NIXPKGS, "rev", COMMIT),
    (NIXPKGS, "nar-hash", "sha256-b9mHXvXAOpYoJ4fQbYmmbNxCRHSrGvNFOFUgeIo0DfE="),
    (NIXPKGS, "age", "1754420989"),
    (NIXPKGS, "ref", "nixos-26.05"),
    (NIXPKGS, "release", "nixos-26.05"),
    (NIXPKGS, "asked", '"original"'),
    (NIXPKGS, "flake", None),
    (TOOL, "flake", "false"),
    (TOOL, "host", "https://git.example.org/people/tool.git"),
    (TOOL, "owner", "https://git.example.org/people/tool.git"),
    (TOOL, "age", None),
    (TOOL, "ref", "https://git.example.org/people/tool.git"),
    (LOCK, "version", "7"),
    (LOCK, "oldest", "1754420989"),
    (DEPENDABOT, "cooldown", "3"),
    (f"action:{ACTION}", "using", "composite"),
]

LISTED = [
    (WORKFLOW, "events", "pull_request", "pull_request"),
    (WORKFLOW, "filters", "pull_request.branches: main", "main"),
    (WORKFLOW, "schedules", "0 5 * * 1", "0 5 * * 1"),
    (WORKFLOW, "permissions", "id-token: write", "id-token: write"),
    (WORKFLOW, "permissions", None, "permissions"),
    (WORKFLOW, "env", "LEVEL", "LEVEL"),
    (WORKFLOW, "substituters", "https://one.example.org", "https://one.example.org"),
    (BUILD, "needs", "other", "other"),
    (BUILD, "needs", None, "needs"),
    # Where the matrix says it; as a whole it is what `runs-on` says.
    (BUILD, "runs-on", "our-machine", "our-machine"),
    (BUILD, "runs-on", None, "${{ matrix.os }}"),
    (BUILD, "permissions", "contents: write", "contents: write"),
    (BUILD, "writes", "contents", "contents: write"),
    (BUILD, "services", "postgres:17", "postgres:17"),
    (BUILD, "env", "TOKEN", "TOKEN"),
    (BUILD, "secrets", "TOKEN", "secrets.TOKEN"),
    (FIRST, "runs-on", "linux", "linux"),
    (FIRST, "runs-on", None, "runs-on"),
    (FIRST, "writes", "packages", "write-all"),
    (OTHER, "runs-on", "big", "big"),
    # Of a list of one item it does not matter what is asked.
    (OTHER, "runs-on", None, "big"),
    (OTHER, "writes", "id-token", "id-token: write"),
    (CALLED, "secrets", "*", "inherit"),
    (USES, "with", "persist-credentials: true", "Persist-Credentials: true"),
    (USES, "with", None, "with"),
    (USES, "with-names", "path", "path: src"),
    (RUN, "env", None, "LEVEL"),
    (RUN, "commands", "curl", "curl"),
    (RUN, "commands", "bash", "/usr/bin/bash"),
    (FLAKE, "inputs", "nixpkgs", "nixpkgs"),
    (FLAKE, "implicit-inputs", "tool", "tool"),
    (FLAKE, "asks-for", "github:NixOS/nixpkgs/nixos-26.05", "github:NixOS/nixpkgs/nixos-26.05"),
    (FLAKE, "substituters", "https://two.example.org", "https://Two.example.org/"),
    (FLAKE, "trusted-public-keys", "two.example.org-1:BBBB", "two.example.org-1:BBBB"),
    (FLAKE, "setting-names", "substituters", "extra-substituters"),
    (CONF, "settings", "sandbox = false", "sandbox = false"),
    (CONF, "substituters", "https://two.example.org", "https://two.example.org"),
    (NIXPKGS, "inputs", "tool", '"tool"'),
    (LOCK, "direct-inputs", "nixpkgs", '"nixpkgs"'),
    (DEPENDABOT, "ecosystems", "nix", "nix"),
    (HOOKS, "repositories", "https://github.com/psf/black", "https://github.com/psf/black"),
    (HOOKS, "repository-owners", "github.com/psf", "https://github.com/psf/black"),
    (HOOKS, "revisions", "24.1.0", "24.1.0"),
    (HOOKS, "hooks", "black", "black"),
    (OWNERS, "owners", "@me/docs", "@me/docs"),
    (OWNERS, "patterns", "/docs/", "/docs/"),
]


@pytest.fixture(scope="module")
def small() -> Small:
    return Small(FILES)


def attribute_of(node: Node, name: str) -> Attribute:
    return attributes()[node.kind][name][type(node)]


@pytest.mark.parametrize(("id", "name", "text"), SINGLE)
def test_a_value_has_a_place(small: Small, id: str, name: str, text: str | None) -> None:
    node = small.graph.nodes[id]
    at = attribute_of(node, name).place(node, small.world)
    assert (at.text if at is not None else None) == text


@pytest.mark.parametrize(("id", "name", "item", "text"), LISTED)
def test_an_item_of_a_list_has_a_place(small: Small, id: str, name: str, item: str | None, text: str) -> None:
    node = small.graph.nodes[id]
    found = attribute_of(node, name)
    value = small.ask(id, name)
    assert found.many
    assert item is None or item in (value if isinstance(value, tuple) else ()), value
    at = found.place(node, small.world, item)
    assert at is not None
    assert at.text == text


def test_who_owns_what_stands_on_the_line_that_says_it(small: Small) -> None:
    node = small.graph.nodes[OWNERS]
    at = attribute_of(node, "owners").place(node, small.world, "@me/docs")
    assert at is not None
    assert (at.begin.line, at.begin.column) == (3, 8)


# ---------------------------------------------------------------- everywhere

AS_WRITTEN = {
    "workflow": ("name", "events", "schedules", "env", "jobs"),
    "job": ("name", "calls", "needs", "environment", "container", "services", "env"),
    "step": ("step-id", "name", "uses", "env", "with-names", "secrets", "working-directory"),
    "flake": ("inputs", "implicit-inputs", "substituters", "trusted-public-keys", "setting-names"),
    "flake-input": ("type", "asked-type", "url", "rev", "asked-rev", "nar-hash", "inputs", "follows"),
    "nix-conf": ("substituters", "trusted-public-keys", "setting-names"),
    "code-owners": ("owners", "patterns"),
    "dependabot": ("ecosystems",),
    "pre-commit": ("repositories", "revisions", "hooks"),
}
"""Attributes of which the value, up to its case, is in the text that says it."""


def asked(graph: Graph, world: World) -> Iterator[tuple[Node, Attribute, Value, str | None]]:
    """Every attribute that has places, as a whole and for each item of a list."""
    for node in graph.nodes.values():
        for by_class in attributes()[node.kind].values():
            attribute = by_class.get(type(node))
            if attribute is not None and attribute.at is not None:
                value = world.value(attribute, node)
                yield node, attribute, value, None
                items: tuple[str, ...] = (
                    () if isinstance(value, Missing | str | int | date | timedelta) else value
                )
                for item in dict.fromkeys(items):
                    yield node, attribute, value, item


def conforms(graph: Graph) -> None:
    world = World(graph, KNOWLEDGE, TODAY)
    for node, attribute, value, item in asked(graph, world):
        at = attribute.place(node, world, item)
        said = value if item is None else item
        if at is None:
            assert attribute.name not in AS_WRITTEN.get(node.kind, ()) or not isinstance(said, str), (
                node, attribute, item,
            )  # fmt: skip
            continue
        assert at.path == node.path
        assert at.text and "\n" not in at.text, (node, attribute, item)
        assert at.text.strip(), (node, attribute, item)
        if attribute.name in AS_WRITTEN.get(node.kind, ()) and isinstance(said, str):
            assert said.strip().lower() in at.text.lower(), (node, attribute, item, at.text)


@pytest.mark.parametrize("folder", FIXTURES, ids=lambda folder: folder.name)
def test_values_of_fixtures_stand_in_their_files(folder: Path) -> None:
    conforms(graph_of(folder))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside the checkout")
def test_values_of_the_corpus_stand_in_their_files() -> None:
    for folder in [CORPUS / "blazedots", *sorted((CORPUS / "open").iterdir())[::6]]:
        conforms(graph_of(folder))
