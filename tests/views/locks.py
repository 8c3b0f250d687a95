"""Small locks made by hand, and one change at a time."""

import json
from collections.abc import Callable
from typing import Any

from scanner.model.source import Source
from scanner.parse.nix.flake_lock import read_flake_lock
from scanner.parse.nix.lock import Lock
from scanner.policy.policy import Policy, Setting
from scanner.views.diff.compare import Change, Difference, compare

Nodes = dict[str, Any]

OLD_REV, NEW_REV = "1" * 40, "2" * 40
DAY = 86_400
MAY = 1_746_057_600  # 2025-05-01


def hash_of(letter: str) -> str:
    return f"sha256-{letter * 42}U="


def node(
    owner: str, repo: str, rev: str = OLD_REV, modified: int = MAY, letter: str = "A", **more: Any
) -> dict[str, Any]:
    """A locked input of GitHub; `ref` is what is asked for, `inputs` are its own."""
    original = {"type": "github", "owner": owner, "repo": repo}
    if "ref" in more:
        original["ref"] = more.pop("ref")
    locked = {
        "type": "github",
        "owner": owner,
        "repo": repo,
        "rev": rev,
        "narHash": hash_of(letter),
        "lastModified": modified,
    }
    return {"locked": locked, "original": original, **more}


def nodes() -> Nodes:
    """`home` has an input `nixpkgs` of its own and one that follows; `tool` is no relation."""
    return {
        "root": {"inputs": {"home": "home", "nixpkgs": "nixpkgs", "tool": "tool"}},
        "home": node("community", "home", inputs={"nixpkgs": ["nixpkgs"], "utils": "utils"}),
        "nixpkgs": node("NixOS", "nixpkgs", ref="nixos-unstable"),
        "tool": node("somebody", "tool"),
        "utils": node("numtide", "utils"),
    }


def text(found: Nodes, version: int = 7) -> str:
    return json.dumps({"nodes": found, "root": "root", "version": version}, indent=2) + "\n"


def lock(found: Nodes, version: int = 7) -> Lock:
    read = read_flake_lock(Source("flake.lock", "flake-lock", text(found, version)), [])
    assert read is not None
    return read


def difference(old: Nodes, new: Nodes, versions: tuple[int, int] = (7, 7), **rules: Setting) -> Difference:
    """`rules` is what a policy says of kinds of change, with `_` for `-`."""
    policy = Policy((), {name.replace("_", "-"): setting for name, setting in rules.items()}, None)
    before, after = lock(old, versions[0]), lock(new, versions[1])
    return compare({"flake.lock": before}, {"flake.lock": after}, ((), ()), policy)


def changed(change: Callable[[Nodes], object]) -> list[Change]:
    """The changes between the lock above and the same one after `change`."""
    after = nodes()
    change(after)
    [found] = difference(nodes(), after).locks
    return list(found.changes)


def update(found: Nodes, label: str, days: int = 9) -> None:
    """What `nix flake update` does to one input."""
    found[label]["locked"].update(rev=NEW_REV, narHash=hash_of("B"), lastModified=MAY + days * DAY)
