"""Environments of what requirements/ names, for tests that are marked `registry`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.support import ROOT, run

REQUIREMENTS = ROOT / "requirements"
PIP_INSTALL = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")


def venv(home: Path) -> Path:
    """The folder of the programs of a new environment."""
    run([sys.executable, "-m", "venv", home])
    return home / ("Scripts" if os.name == "nt" else "bin")


def locked(home: Path, name: str) -> Path:
    """The same with what a lock names, as `make` and the action install it; whole."""
    programs = venv(home)
    options = ("--only-binary=:all:", "--require-hashes", "--requirement")
    run([programs / "python", *PIP_INSTALL, *options, REQUIREMENTS / f"{name}.txt"])
    run([programs / "python", "-m", "pip", "check"])
    return programs
