"""The Nix of this machine: no daemon, no network, no configuration of the machine's, nothing left behind."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support import clean_environment, run

needs_nix = pytest.mark.skipif(shutil.which("nix") is None, reason="nix is not installed (Debian: nix-bin)")

_CONFIG = "experimental-features = nix-command flakes\nbuild-users-group =\nsubstituters =\nflake-registry ="


class Nix:
    """Nix on a store below `folder`; `config` is added to its configuration."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def run(
        self, *command: str | Path, config: str = _CONFIG, expect: tuple[int, ...] = (0,)
    ) -> subprocess.CompletedProcess[str]:
        places = {
            f"NIX_{name}_DIR": str(self.folder / name.lower())
            for name in ("STORE", "STATE", "LOG", "CONF", "LOCALSTATE")
        }
        environment = clean_environment(**places, HOME=str(self.folder / "home"), NIX_CONFIG=config)
        return run(command, env=environment, expect=expect)

    def metadata(self, flake: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`nix flake metadata` of a folder: 0 when Nix can read flake.nix and flake.lock, and lock what is asked for."""
        return self.run(
            "nix", "flake", "metadata", *arguments, "--offline", f"path:{flake.resolve()}", expect=(0, 1)
        )


def write_flake(folder: Path, flake: str, lock: dict[str, Any] | str | None = None) -> Path:
    """A folder with a flake.nix and, when given, a flake.lock."""
    folder.mkdir(parents=True)
    (folder / "flake.nix").write_text(flake, encoding="utf-8")
    if lock is not None:
        text = lock if isinstance(lock, str) else json.dumps(lock)
        (folder / "flake.lock").write_text(text, encoding="utf-8")
    return folder


def lock_of(nodes: dict[str, Any], root: dict[str, Any], version: Any = 7) -> dict[str, Any]:
    return {"nodes": {**nodes, "root": {"inputs": root}}, "root": "root", "version": version}
