"""Locks of hostile size, through the whole command with every rule on: the work grows with the lock, and no faster."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.work import scan, work_of

HASH = "sha256-pQ7YeoB96bBl3iJGRdUWjdOFwahPUMwNN1yl9fwJufY="

Inputs = dict[str, str | list[str]]


class Shape:
    """A lock of a size, and the flake.nix beside it."""

    def __init__(self) -> None:
        self.nodes: dict[str, Any] = {}
        self.root: Inputs = {}
        self.flake = "{ outputs = _: { }; }\n"

    def add(self, label: str, owner: str, repo: str, inputs: Inputs | None = None, **more: Any) -> None:
        base = {"type": "github", "owner": owner, "repo": repo}
        rev = f"{len(self.nodes):040x}"
        locked = {**base, "rev": rev, "narHash": HASH, "lastModified": 1_700_000_000 + len(self.nodes)}
        self.nodes[label] = {"inputs": inputs or {}, "original": base, "locked": locked, **more}

    def write(self, folder: Path) -> None:
        lock = {"nodes": {**self.nodes, "root": {"inputs": self.root}}, "root": "root", "version": 7}
        folder.mkdir()
        (folder / "flake.lock").write_text(json.dumps(lock, indent=2), encoding="utf-8")
        (folder / "flake.nix").write_text(self.flake, encoding="utf-8")


def chain(size: int) -> Shape:
    shape = Shape()
    for at in range(size):
        shape.add(f"n{at}", f"o{at}", f"r{at}", {"next": f"n{at + 1}"} if at + 1 < size else {})
    shape.root = {"first": "n0"}
    shape.flake = '{ inputs.first.url = "github:o0/r0"; outputs = _: { }; }\n'
    return shape


def wide(size: int) -> Shape:
    shape = Shape()
    for at in range(size):
        shape.add(f"n{at}", f"o{at}", f"r{at}")
        shape.root[f"i{at}"] = f"n{at}"
    # each of them asks for something else
    inputs = "\n".join(f'    i{at}.url = "github:o{at}/r{at}/v1";' for at in range(size))
    shape.flake = f"{{\n  inputs = {{\n{inputs}\n  }};\n  outputs = _: {{ }};\n}}\n"
    return shape


def copies(size: int) -> Shape:
    """One repository again and again, each copy below an input of its own."""
    shape = Shape()
    for at in range(size):
        shape.add(f"nixpkgs_{at}", "NixOS", "nixpkgs")
        shape.add(f"n{at}", f"o{at}", f"r{at}", {"nixpkgs": f"nixpkgs_{at}"})
        shape.root[f"i{at}"] = f"n{at}"
    return shape


def tampered(size: int) -> Shape:
    shape = wide(size)
    for at in range(size):
        shape.nodes[f"n{at}"]["locked"]["owner"] = "mallory"
    return shape


def follows(size: int) -> Shape:
    """Follows that lead to follows, then one that leads nowhere and two that go round in circles."""
    shape = Shape()
    shape.add("end", "o", "r")
    shape.root = {"i0": "end"} | {f"i{at}": [f"i{at - 1}"] for at in range(1, size)}
    shape.root |= {f"gone{at}": ["nowhere", f"i{at}"] for at in range(size)}
    shape.root |= {f"round{at}": [f"round{(at + 1) % size}"] for at in range(size)}
    return shape


def relative(size: int) -> Shape:
    shape = Shape()
    path = {"type": "path", "path": "./x"}
    for at in range(size):
        shape.add(f"n{at}", "o", "r", {"next": f"n{at + 1}"} if at + 1 < size else {})
        shape.nodes[f"n{at}"] |= {"original": path, "locked": path, "parent": ["first"]}
    shape.root = {"first": "n0"}
    shape.flake = '{ inputs.first.url = "./x"; outputs = _: { }; }\n'
    return shape


def orphans(size: int) -> Shape:
    shape = chain(size)
    shape.root = {}
    return shape


SHAPES: tuple[Callable[[int], Shape], ...] = (
    chain, wide, copies, tampered, follows, relative, orphans,
)  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_twice_the_lock_is_at_most_twice_the_work(shape: Callable[[int], Shape], tmp_path: Path) -> None:
    shape(2).write(tmp_path / "warm")
    scan(tmp_path / "warm")  # tables and patterns are read once
    shape(100).write(tmp_path / "one")
    shape(200).write(tmp_path / "two")
    one, two = work_of(tmp_path / "one"), work_of(tmp_path / "two")
    assert two <= 2.1 * one


@pytest.mark.parametrize(
    ("shape", "size", "rules"),
    [
        (chain, 3_000, {"stale-input"}),
        (chain, 10_000, {"stale-input"}),
        (wide, 10_000, {"stale-input", "lock-out-of-sync"}),
        (copies, 1_000, {"stale-input", "duplicate-input"}),
        (tampered, 3_000, {"lock-tampered", "lock-out-of-sync"}),
        (follows, 10_000, {"dangling-follows", "follows-cycle"}),
        (relative, 3_000, {"lock-out-of-sync"}),
        (orphans, 10_000, {"orphan-node"}),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_large_locks_are_read_to_their_end(
    shape: Callable[[int], Shape], size: int, rules: set[str], tmp_path: Path
) -> None:
    shape(size).write(tmp_path / "large")
    found = scan(tmp_path / "large")
    assert found["problems"] == []
    assert rules <= {finding["rule"] for finding in found["findings"]}
