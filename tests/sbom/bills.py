"""Bills of materials of repositories in memory."""

import json
from datetime import UTC, datetime

from scanner.analysis.remotes.licenses import Licenses
from scanner.model.vex import Decisions
from scanner.sbom.bill import Bill
from scanner.sbom.components import bill_of
from scanner.sbom.vulnerabilities import vulnerabilities
from tests.memory import KNOWLEDGE, repository

NOW = datetime(2026, 11, 22, tzinfo=UTC)
REV = "e73de5be04e0eff4190a1432b946d469c794e7b4"
COMMIT = "11bd71901bbe5b1630ceea73d27597364c9af683"
NAR_HASH = "sha256-JuOd/nDrNafuqEg8hscYcyciHcE0fd9nrE+XTkOkRuE="
DIGEST = "0123456789abcdef" * 4


def _github(owner: str, repo: str, **inputs: object) -> dict[str, object]:
    locked = {"type": "github", "owner": owner, "repo": repo, "rev": REV, "narHash": NAR_HASH}
    return {"locked": locked, "original": {"type": "indirect", "id": repo}, "inputs": inputs}


_LOCK = {
    "nodes": {
        "root": {"inputs": {"nixpkgs": "nixpkgs", "manager": "manager"}},
        "nixpkgs": _github("NixOS", "nixpkgs"),
        "again": _github("NixOS", "nixpkgs"),
        "manager": _github("nix-community", "home-manager", nixpkgs=["nixpkgs"], forge="forge", old="again"),
        "forge": {
            "locked": {"type": "gitlab", "owner": "g%2Fs", "repo": "r", "rev": REV},
            "original": {"type": "indirect", "id": "r"},
        },
    },
    "root": "root",
    "version": 7,
}
EXAMPLE = {
    "flake.lock": json.dumps(_LOCK, indent=2),
    ".github/workflows/ci.yml": f"""
on: push
jobs:
  test:
    runs-on: ubuntu-24.04
    container: ghcr.io/o/image@sha256:{DIGEST}
    steps:
    - uses: actions/checkout@{COMMIT} # v4.2.2
    - uses: github/codeql-action/analyze@v3
    - uses: cachix/install-nix-action@v31
  call:
    uses: o/r/.github/workflows/w.yml@main
""",
    ".pre-commit-config.yaml": "repos:\n- {repo: 'https://github.com/a/b', rev: v1, hooks: [{id: x}]}\n",
}
"""A repository with something of every kind."""


def bill(files: dict[str, str], decisions: Decisions | None = None) -> Bill:
    """The whole bill, with what is known of vulnerabilities."""
    graph, problems = repository(files)
    found = bill_of(
        graph,
        name="example",
        timestamp=NOW,
        tool="1.2.3",
        knowledge=KNOWLEDGE,
        licenses=Licenses(KNOWLEDGE),
        unread=frozenset(one.at.source.path for one in problems),
    )
    known = vulnerabilities(graph, found.components, KNOWLEDGE, decisions=decisions)
    return found._replace(vulnerabilities=known)
