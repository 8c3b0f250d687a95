"""What several tests share: where things are, and how to run the command as a user does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# Real repositories and oracles live beside the checkout. They are not part of it: tests skip without them.
SHARED = ROOT.parent / "shared"
CORPUS = SHARED / "corpus"

NOW = "2026-11-22"


def clean_environment(**extra: str) -> dict[str, str]:
    """The environment without what a surrounding git hook, venv, CI run or Nix shell would leak into a child."""
    leaky = ("GIT_", "GITHUB_", "RUNNER_", "PYTHON", "VIRTUAL_ENV", "PRE_COMMIT", "NIX_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(leaky)}
    return kept | extra


def git_environment(**extra: str) -> dict[str, str]:
    """`clean_environment` with an identity, and without the configuration of whoever runs the tests."""
    identity = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "A Tester"), ("EMAIL", "tester@example.org"))
    }
    return clean_environment(GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1", **identity, **extra)


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    expect: Sequence[int] = (0,),
) -> subprocess.CompletedProcess[str]:
    """Run a command; an unexpected exit code shows everything it said."""
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=dict(env) if env is not None else clean_environment(),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    assert result.returncode in expect, (
        f"{command} ended with {result.returncode}\n--- stdout\n{result.stdout}\n--- stderr\n{result.stderr}"
    )
    return result


def snowfence(*arguments: str | Path, expect: Sequence[int] = (0,)) -> subprocess.CompletedProcess[str]:
    """Run this checkout's snowfence, installed or not."""
    return run([sys.executable, "-m", "scanner", *arguments], cwd=ROOT, expect=expect)


def online_scan(repository: Path) -> list[str]:
    """The arguments of a scan that asks servers, whose report is JSON and whose gate is open."""
    options = f"--online --now {NOW} --format json --fail-on none"
    return ["scan", str(repository), *options.split()]


def tarball_lock(url: str, *, last_modified: int, hashed: bool) -> str:
    """A flake.lock with one tarball input; without a hash nothing vouches for what the URL answers."""
    locked: dict[str, Any] = {"lastModified": last_modified, "type": "tarball", "url": url}
    if hashed:
        locked["narHash"] = "sha256-0000000000000000000000000000000000000000000="
    lock = {
        "nodes": {
            "root": {"inputs": {"src": "src"}},
            "src": {"locked": locked, "original": {"type": "tarball", "url": url}},
        },
        "root": "root",
        "version": 7,
    }
    return json.dumps(lock, indent=2) + "\n"
