"""Accepting what one input is locked to (`overridden` of `lock-tampered`) does not accept anything else at that input."""

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.main import main
from tests.support import NOW

HASH = "sha256-pQ7YeoB96bBl3iJGRdUWjdOFwahPUMwNN1yl9fwJufY="
REV = "abcdef0123456789abcdef0123456789abcdef01"

POLICY = """\
snowfence: 1
extends: [recommended]
rules:
  lock-tampered:
    options:
      overridden: { tools: "github:me/tools" }
"""


def node(repo: str, owner: str = "example", **inputs: str) -> dict[str, Any]:
    base = {"type": "github", "owner": "example", "repo": repo}
    locked = {**base, "owner": owner, "rev": REV, "narHash": HASH, "lastModified": 1_794_000_000}
    return {"inputs": inputs, "original": base, "locked": locked}


Scan = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def scan(tmp_path: Path) -> Scan:
    """What `lock-tampered` says of a lock under a policy, through the command."""

    def scan(nodes: dict[str, Any], policy: str) -> list[dict[str, Any]]:
        repository = tmp_path / "repository"
        repository.mkdir(exist_ok=True)
        root = {"inputs": {name: name for name in ("library", "tools") if name in nodes}}
        lock = {"nodes": {**nodes, "root": root}, "root": "root", "version": 7}
        (repository / "flake.lock").write_text(json.dumps(lock, indent=2), encoding="utf-8")
        (tmp_path / "policy.yaml").write_text(policy, encoding="utf-8")
        printed = io.StringIO()
        with redirect_stdout(printed):
            code = main(
                ["scan", str(repository), "--policy", str(tmp_path / "policy.yaml"), "--now", NOW,
                 "--format", "json", "--fail-on", "critical"]
            )  # fmt: skip
        found = json.loads(printed.getvalue())["findings"]
        tampered = [finding for finding in found if finding["rule"] == "lock-tampered"]
        assert code == (1 if any(finding["severity"] == "critical" for finding in found) else 0)
        return tampered

    return scan


ALL = POLICY.partition("rules:")[0]


def test_the_accepted_owner_is_silent_and_any_other_is_not(scan: Scan) -> None:
    assert len(scan({"tools": node("tools", "me")}, ALL)) == 1
    assert scan({"tools": node("tools", "me")}, POLICY) == []
    (other,) = scan({"tools": node("tools", "mallory")}, POLICY)
    assert "github:mallory/tools" in other["message"]


@pytest.mark.parametrize(
    "changed",
    [
        {"owner": "mallory"},
        {"owner": "me2"},
        {"repo": "tools2"},
        {"type": "gitlab"},
        {"host": "git.mallory.example"},
        {"dir": "malware"},
    ],
)
def test_what_is_accepted_is_the_whole_source(scan: Scan, changed: dict[str, str]) -> None:
    tools = node("tools", "me")
    tools["locked"] |= changed
    assert len(scan({"tools": tools}, POLICY)) == 1


def test_another_commit_than_the_one_asked_for_is_never_accepted(scan: Scan) -> None:
    tools = node("tools")
    tools["original"]["rev"] = "12345678" * 5
    accepting = POLICY.replace("github:me/tools", "github:example/tools")
    assert len(scan({"tools": tools}, accepting)) == 1


def test_an_input_of_the_same_name_elsewhere_is_not_accepted(scan: Scan) -> None:
    nodes = {"library": node("library", tools="deep"), "deep": node("tools", "me")}
    (finding,) = scan(nodes, POLICY)
    assert "library/tools" in finding["message"]


def test_a_new_commit_of_the_accepted_owner_is_accepted(scan: Scan) -> None:
    tools = node("tools", "Me")
    tools["locked"]["rev"] = "12345678" * 5
    assert scan({"tools": tools}, POLICY) == []


def test_the_fingerprints_of_two_owners_differ(scan: Scan) -> None:
    """So that an alert closed as accepted for one says nothing about the other."""
    prints = {
        owner: scan({"tools": node("tools", owner)}, ALL)[0]["fingerprint"] for owner in ("me", "mallory")
    }
    assert prints["me"] != prints["mallory"]
    # and the same owner at another commit stays the same alert
    again = node("tools", "mallory")
    again["locked"]["rev"] = "12345678" * 5
    assert scan({"tools": again}, ALL)[0]["fingerprint"] == prints["mallory"]


def test_the_fingerprints_of_two_hosts_differ(scan: Scan) -> None:
    prints = set()
    for host in ("git.me.example", "git.mallory.example"):
        tools = node("tools")
        tools["locked"]["host"] = host
        prints.add(scan({"tools": tools}, ALL)[0]["fingerprint"])
    assert len(prints) == 2
