"""What flake-checker says about its own locks, our rule says too."""

import json
from datetime import date
from typing import Any

import pytest

from scanner.engine import Context
from scanner.rules.flakes.unsupported_nixpkgs_branch import Options, unsupported_nixpkgs_branch
from tests.memory import KNOWLEDGE, repository
from tests.support import SHARED

ORACLE = SHARED / "oracles" / "nix" / "flake-checker"
SNAPSHOT = date(2026, 3, 27)  # of its table of supported branches

CASES: list[dict[str, Any]] = (
    [
        case
        for case in json.loads((ORACLE / "expected.json").read_text("utf-8"))["cases"]
        if "expect_issues" in case
    ]
    if ORACLE.is_dir()
    else []
)


@pytest.mark.skipif(not CASES, reason="the oracles are not beside the checkout")
def test_same_inputs_are_reported() -> None:
    for case in CASES:
        keys = case.get("nixpkgs_keys", ["nixpkgs"])
        graph, problems = repository({"flake.lock": (ORACLE / case["file"]).read_text("utf-8")})
        assert not problems
        check = unsupported_nixpkgs_branch.check
        hits = check(Context(graph, problems, KNOWLEDGE, SNAPSHOT, Options()))
        reported = {hit.subject for hit in hits}
        names = {edge.name for edge in graph.out("lock:flake.lock", "input") if edge.target in reported}
        found = names & set(keys)
        assert found == {issue["input"] for issue in case["expect_issues"]}, case["file"]
