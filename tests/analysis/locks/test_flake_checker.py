"""The pack flake-checker says what flake-checker says: of its own cases, and of every real lock."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from scanner.adapters.git import Git
from scanner.graph.ids import input_id
from scanner.graph.nodes.nix import LockfileNode
from scanner.knowledge.tables import Knowledge
from scanner.pipeline import check, read
from scanner.policy.load import load_policy
from scanner.results import Report
from tests.support import SHARED

ORACLE = SHARED / "oracles" / "nix" / "flake-checker"
REAL = SHARED / "oracles" / "nix" / "real"
SNAPSHOT = date(2026, 3, 27)  # of its table of supported branches
KNOWLEDGE = Knowledge()

KINDS = {
    "unsupported-nixpkgs-branch": "disallowed",
    "non-channel-nixpkgs": "disallowed",
    "forked-nixpkgs": "non_upstream",
    "stale-input": "outdated",
    "undated-input": "undated",
}

CASES: list[dict[str, Any]] = (
    json.loads((ORACLE / "expected.json").read_text("utf-8"))["cases"] if ORACLE.is_dir() else []
)
without_oracle = pytest.mark.skipif(not CASES, reason="the oracles are not beside the checkout")


def policy_of(keys: list[str], *, outdated: bool) -> str:
    """What docs/flake-checker.md says to write for `--nixpkgs-keys` and for the check of ages being off."""
    names = json.dumps(keys)
    lines = ["snowfence: 1", "extends: [flake-checker]", "rules:"]
    for rule in ("unsupported-nixpkgs-branch", "non-channel-nixpkgs", "forked-nixpkgs", "undated-input"):
        lines.append(f"  {rule}: {{ options: {{ inputs: {names} }} }}")
    limits = json.dumps(dict.fromkeys(keys, 30))
    lines.append(
        f"  stale-input: {{ options: {{ limits: {limits} }} }}" if outdated else "  stale-input: off"
    )
    return "\n".join(lines) + "\n"


Issues = set[tuple[str, str]]


def scan(
    folder: Path, lock: str, keys: list[str], *, outdated: bool = False, now: date = SNAPSHOT
) -> tuple[Issues, dict[tuple[str, str], str], Report]:
    """Files in, findings out: the name of the input and the kind of each issue, and the text that it is about."""
    (folder / "flake.lock").write_text(lock, "utf-8")
    policy = folder / "policy.yaml"
    policy.write_text(policy_of(keys, outdated=outdated), "utf-8")
    repository = read(folder, Git(), KNOWLEDGE)
    report = check(str(folder), repository, load_policy(policy, "policy.yaml"), KNOWLEDGE, now)
    names: dict[str, list[str]] = {}
    for node in repository.graph.of(LockfileNode):
        for name in node.lock.root_inputs:
            label = node.lock.resolve(node.lock.root, name)
            if label is not None:
                names.setdefault(input_id(node.lock, label), []).append(name)
    texts = {
        (name, KINDS.get(one.rule, one.rule)): one.at.text
        for one in report.findings
        for name in names.get(one.subject, [one.subject])
        if name in keys or not names.get(one.subject)
    }
    return set(texts), texts, report


@without_oracle
@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case["file"]) for case in CASES if "expect_issues" in case]
)
def test_its_cases(case: dict[str, Any], tmp_path: Path) -> None:
    keys = case.get("nixpkgs_keys", ["nixpkgs"])
    found, texts, report = scan(tmp_path, (ORACLE / case["file"]).read_text("utf-8"), keys)
    assert found == {(issue["input"], issue["kind"]) for issue in case["expect_issues"]}
    for issue in case["expect_issues"]:
        text = texts[issue["input"], issue["kind"]]
        assert text == issue.get("reference", issue.get("owner"))
    assert not report.unknowns
    assert not report.problems


@without_oracle
@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case["file"]) for case in CASES if "expect_error" in case]
)
def test_a_missing_key_is_undecided(case: dict[str, Any], tmp_path: Path) -> None:
    """flake-checker ends with an error; here the rest is still checked, and the missing name is said."""
    keys = case["nixpkgs_keys"]
    found, _, report = scan(tmp_path, (ORACLE / case["file"]).read_text("utf-8"), keys)
    missing = case["expect_error"].rpartition(": ")[2].split(", ")
    assert not found
    (unknown,) = report.unknowns
    assert all(f"`{name}`" in unknown.reason for name in missing)
    assert not any(f"`{name}`" in unknown.reason for name in keys if name not in missing)


@without_oracle
def test_a_condition_that_asks_for_less(tmp_path: Path) -> None:
    """What it wants of the owner and the branch are checks of the pack. The other case with a condition wants an owner
    that is not NixOS, which has no translation (docs/flake-checker.md)."""
    (case,) = (case for case in CASES if "condition_file" in case)
    found, _, _ = scan(tmp_path, (ORACLE / case["file"]).read_text("utf-8"), ["nixpkgs"])
    assert bool(found) is case["expect_violation"]


def lock_of(**inputs: tuple[dict[str, Any], dict[str, Any]]) -> str:
    nodes: dict[str, Any] = {
        name: {"original": original, "locked": locked} for name, (original, locked) in inputs.items()
    }
    nodes["root"] = {"inputs": {name: name for name in inputs}}
    return json.dumps({"nodes": nodes, "root": "root", "version": 7}, indent=2)


def github(
    owner: str = "NixOS", repo: str = "nixpkgs", ref: str | None = None, days: int | None = 1
) -> tuple[dict[str, Any], dict[str, Any]]:
    """An input and what it was locked to, `days` before the snapshot."""
    base: dict[str, Any] = {"type": "github", "owner": owner, "repo": repo}
    locked = base | {"rev": "a" * 40, "narHash": "sha256-" + "A" * 43 + "="}
    if days is not None:
        midnight = int(datetime(SNAPSHOT.year, SNAPSHOT.month, SNAPSHOT.day, tzinfo=UTC).timestamp())
        locked["lastModified"] = midnight - days * 24 * 60 * 60
    return (base if ref is None else base | {"ref": ref}), locked


@pytest.mark.parametrize(
    ("input", "kinds"),
    [
        (github(ref="nixos-unstable"), set()),
        (github(), set()),
        (github("nixos", ref="nixos-25.11"), set()),
        (github("NIXOS", ref="nixpkgs-25.11-darwin"), set()),
        (github(ref="nixos-25.05"), {"disallowed"}),
        (github(ref="nixpkgs-25.05-darwin"), {"disallowed"}),
        (github(ref="nixos-26.05"), {"disallowed"}),
        (github(ref="nixos-20.03"), {"disallowed"}),
        (github(ref="master"), {"disallowed"}),
        (github(ref="release-25.11"), {"disallowed"}),
        (github(ref="25.11"), {"disallowed"}),
        (github(ref="refs/pull/1/head"), {"disallowed"}),
        (github("somebody", ref="nixos-unstable"), {"non_upstream"}),
        (github("somebody", "pkgs", ref="main"), {"disallowed", "non_upstream"}),
        (github("somebody", "nixpkgs", ref="nixos-24.05"), {"disallowed", "non_upstream"}),
        (github(ref="nixos-unstable", days=30), set()),
        (github(ref="nixos-unstable", days=31), {"outdated"}),
        (github(ref="nixos-25.05", days=86), {"disallowed", "outdated"}),
        (github(ref="nixos-unstable", days=None), {"undated"}),
    ],
)
def test_verdicts(input: tuple[dict[str, Any], dict[str, Any]], kinds: set[str], tmp_path: Path) -> None:
    lock = lock_of(nixpkgs=input, other=github("somebody", "nixpkgs", "main", 999))
    found, _, _ = scan(tmp_path, lock, ["nixpkgs"], outdated=True)
    assert found == {("nixpkgs", kind) for kind in kinds}


def input_of(lock: dict[str, Any], name: str) -> dict[str, Any] | None:
    """The node of a root input, by follows as Nix resolves them: paths of names from the root."""
    nodes, target, waiting = lock["nodes"], lock["root"], [name]
    while waiting:
        step = nodes[target].get("inputs", {}).get(waiting.pop(0))
        if step is None:
            return None
        target, waiting = (lock["root"], [*step, *waiting]) if isinstance(step, list) else (step, waiting)
    found: dict[str, Any] = nodes[target]
    return found


def kinds_of(original: dict[str, Any], locked: dict[str, Any], allowed: set[str]) -> set[str]:
    """What flake-checker says of an input with an owner and a repository (its README and src/flake.rs)."""
    old = (SNAPSHOT - datetime.fromtimestamp(locked["lastModified"], UTC).date()).days > 30
    wrong = {
        "disallowed": "ref" in original and original["ref"] not in allowed,
        "outdated": old,
        "non_upstream": original["owner"].lower() != "nixos",
    }
    return {kind for kind, is_wrong in wrong.items() if is_wrong}


@pytest.mark.skipif(not REAL.is_dir() or not CASES, reason="the oracles are not beside the checkout")
def test_real_locks(tmp_path: Path) -> None:
    """The pack says the same of every nixpkgs with an owner in real locks. Some are younger than the snapshot."""
    statuses = json.loads((ORACLE / "ref-statuses.json").read_text("utf-8"))
    allowed = {name for name, status in statuses.items() if status in ("rolling", "stable", "deprecated")}
    compared = 0
    for file in sorted(REAL.glob("*/*/flake.lock")):
        lock = json.loads(file.read_text("utf-8"))
        found, _, report = scan(tmp_path, file.read_text("utf-8"), ["nixpkgs"], outdated=True)
        node = input_of(lock, "nixpkgs")
        if node is None:
            assert "`nixpkgs`" in report.unknowns[0].reason
        elif "owner" in node["original"] and "lastModified" in node["locked"]:
            compared += 1
            expected = kinds_of(node["original"], node["locked"], allowed)
            assert found - {("nixpkgs", "undated")} == {("nixpkgs", kind) for kind in expected}, file
    assert compared > 100
