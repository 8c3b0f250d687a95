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
    "requests",
    "urllib3",
    "dulwich",
    "license_expression",
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
    *(["platformdirs"] if sys.platform == "linux" else []),  # elsewhere only it knows where the cache is
}


PROGRAM = """
import sys
from scanner.cli.main import main
main(sys.argv[1:])
sys.stderr.write("".join(f"module {name}\\n" for name in sys.modules))
"""


def imported(*arguments: str) -> set[str]:
    """What a run of the command loads. `-X importtime` shows what `import` statements load, and when; the list of
    modules at the end also holds what was loaded by name, as the rules are."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", PROGRAM, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    lines = run.stderr.splitlines()
    return {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")} | {
        line.removeprefix("module ") for line in lines if line.startswith("module ")
    }


@pytest.mark.parametrize("repository", ["demo", "clean", "malformed"])
def test_text_scan_is_light(repository: str) -> None:
    names = imported("scan", str(Path("fixtures") / repository), "--now", "2026-11-22")
    assert "scanner.pipeline" in names
    loaded = {name for name in names if name in HEAVY or name.split(".")[0] in HEAVY}
    assert not loaded


def test_only_the_rules_that_are_called_for_are_loaded() -> None:
    names = imported("scan", "fixtures/demo/flake.lock", "--policy", "recommended", "--fail-on", "none")
    assert any(name.startswith("scanner.rules.flakes.") for name in names)
    assert not any(name in {"scanner.cli.sbom", "scanner.cli.graph", "scanner.views"} for name in names)
    assert "scanner.rules.pages" not in names


def test_a_workflow_without_nix_loads_none_of_it(tmp_path: Path) -> None:
    workflow = tmp_path / ".github" / "workflows" / "ci.yml"
    workflow.parent.mkdir(parents=True)
    text = "on: push\npermissions: {}\njobs:\n  unix:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n"
    workflow.write_text(text, "utf-8")
    names = imported("scan", str(tmp_path))
    assert any(name.startswith("scanner.rules.actions.") for name in names)
    of_nix = (
        "scanner.rules.flakes.",
        "scanner.rules.configuration.",
        "scanner.rules.evaluation.",
        "scanner.analysis.nix_",
    )
    assert not [name for name in names if name.startswith(of_nix)]
    readers = {
        f"scanner.parse.{name}"
        for name in ("shell", "nix.command", "nix.flake_lock", "nix.npins", "nix.schemes")
    }
    assert not names & readers


def test_the_record_would_show_a_heavy_import() -> None:
    """Proves that the test above can fail."""
    assert "networkx" in imported("why", "nixpkgs", "fixtures/demo")
