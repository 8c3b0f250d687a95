"""Every third-party action that we use is pinned, and the pin is what others know it to be.

A commit id says nothing to a reader, and a wrong one runs somebody else's code. Two independent repositories
that pair the same commit with the same version are the check that works without asking the network.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import CORPUS, ROOT

PIN = re.compile(
    r"uses:[ ]*(?P<action>[\w.-]+(?:/[\w.-]+)+)@(?P<sha>[0-9a-f]{40})[ ]+#[ ]*(?P<version>v\d+\.\d+\.\d+)\s*$"
)


ELSEWHERE = {
    # the tip of its branch `release/v1`, and so named by ruff's, skit's and other projects' release workflows
    ("pypa/gh-action-pypi-publish", "dc37677b2e1c63e2034f94d8a5b11f265b73ba33", "v1.14.2"),
}
"""Pins that no two repositories of the corpus share, looked up in other public repositories."""


def our_files() -> list[Path]:
    """The workflows and the action of this repository."""
    return [ROOT / "action.yml", *sorted((ROOT / ".github").rglob("*.yml"))]


def uses_values(value: Any) -> Iterator[str]:
    """Every value of a key `uses`, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "uses":
                yield str(inner)
            else:
                yield from uses_values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from uses_values(inner)


def our_pins() -> set[tuple[str, str, str]]:
    """(action, commit, version comment) of every pin in the text."""
    lines = (line for path in our_files() for line in path.read_text(encoding="utf-8").splitlines())
    return {(m["action"], m["sha"], m["version"]) for line in lines if (m := PIN.search(line))}


def test_every_use_is_a_commit_with_a_version_comment() -> None:
    used = [
        value
        for path in our_files()
        for value in uses_values(yaml.safe_load(path.read_text(encoding="utf-8")))
        if not value.startswith(("./", "$/"))
    ]
    assert used, "no action is used at all: this test reads the wrong files"
    # what YAML holds must be what the pattern saw in the text: nothing slips through a spelling
    assert set(used) == {f"{action}@{sha}" for action, sha, _ in our_pins()}


def test_every_pin_is_corroborated() -> None:
    repositories = CORPUS / "open"
    if not repositories.is_dir():
        pytest.skip("the corpus of real repositories is not checked out beside this project")
    seen: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for repository in repositories.iterdir():
        name = repository.name.partition("@")[0]  # several snapshots are one repository
        for pattern in ("*.yml", "*.yaml"):
            for path in repository.rglob(pattern):
                for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                    if match := PIN.search(line):
                        seen[match["action"], match["sha"], match["version"]].add(name)
    lonely = {pin: sorted(seen[pin]) for pin in our_pins() - ELSEWHERE if len(seen[pin]) < 2}
    assert not lonely, f"pins that fewer than two repositories share: {lonely}"
