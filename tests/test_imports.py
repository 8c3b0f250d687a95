"""A scan in text mode stays light: what it must not load, by the interpreter's own record."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "networkx",
    "cyclonedx",
    "packageurl",
    "sarif_om",
    "attr",
    "jsonschema",
    "rich",
    "click",
    "asyncio",
    "importlib.metadata",
    "importlib.resources",
    "packaging",
    "dataclasses",
    "inspect",
    "socket",
    "ssl",
    "http",
    "email",
    "logging",
    "tempfile",
    "multiprocessing",
    "concurrent",
    "difflib",
}


def imported(*arguments: str) -> set[str]:
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "scanner", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode in (0, 1), run.stderr
    return {
        line.rpartition("|")[2].strip() for line in run.stderr.splitlines() if line.startswith("import time:")
    }


@pytest.mark.parametrize("repository", ["demo", "clean", "malformed"])
def test_text_scan_is_light(repository: str) -> None:
    names = imported("scan", str(Path("fixtures") / repository), "--now", "2026-11-22")
    assert "scanner.pipeline" in names
    loaded = {name for name in names if name in HEAVY or name.split(".")[0] in HEAVY}
    assert not loaded


def test_only_the_rules_that_are_called_for_are_loaded() -> None:
    names = imported("scan", "fixtures/demo/flake.lock")
    assert any(name.startswith("scanner.rules.flakes.") for name in names)
    assert not any(name in {"scanner.cli.sbom", "scanner.cli.graph", "scanner.views"} for name in names)
    assert "scanner.rules.pages" not in names


def test_the_record_would_show_a_heavy_import() -> None:
    """Proves that the test above can fail."""
    assert "networkx" in imported("why", "nixpkgs", "fixtures/demo")
