"""Programs that npm has and PyPI has not, for tests that are marked `registry`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support import run


def npm_package(config: pytest.Config, name: str, version: str) -> Path:
    """The folder of a package of npm, kept from run to run; none of its scripts is run. Skips where there is no npm."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    assert config.cache is not None
    home = config.cache.mkdir(f"npm-{name.strip('@').replace('/', '-')}-{version}")
    package = home / "node_modules" / name
    if not (package / "package.json").exists():
        options = ("--no-audit", "--no-fund", "--ignore-scripts")
        run([npm, "install", "--prefix", home, *options, f"{name}@{version}"])
    return package
