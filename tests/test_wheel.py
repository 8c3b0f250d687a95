"""The wheel is whole: installed elsewhere, it finds its policies, its knowledge and its rules' pages."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

import scanner
from tests.support import NOW, ROOT, run, snowfence, tarball_lock

pytestmark = pytest.mark.registry  # the fresh venv installs the runtime dependencies


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of a wheel in a venv that holds nothing else, so that a missing dependency shows."""
    home = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", home / "dist", ROOT])
    [wheel] = (home / "dist").glob("*.whl")
    run([sys.executable, "-m", "venv", home / "venv"])
    binaries = home / "venv" / ("Scripts" if os.name == "nt" else "bin")
    run([binaries / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel])
    return binaries / "snowfence"


def test_version(installed: Path, tmp_path: Path) -> None:
    assert scanner.__version__ in run([installed, "--version"], cwd=tmp_path).stdout


def test_rules_and_their_pages(installed: Path, tmp_path: Path) -> None:
    rules = json.loads(run([installed, "rules", "--format", "json"], cwd=tmp_path).stdout)["rules"]
    here = json.loads(run([sys.executable, "-m", "scanner", "rules", "--format", "json"], cwd=ROOT).stdout)[
        "rules"
    ]
    assert rules == here
    for rule in rules:
        assert rule["title"] in run([installed, "explain", rule["id"]], cwd=tmp_path).stdout


@pytest.mark.parametrize("pack", sorted(path.stem for path in (ROOT / "policies").glob("*.yaml")))
def test_scan_with_every_pack(installed: Path, tmp_path: Path, pack: str) -> None:
    lock = tarball_lock("http://example.org/src.tar.gz", last_modified=1790000000, hashed=False)
    (tmp_path / "flake.lock").write_text(lock, encoding="utf-8")
    (tmp_path / "lon.lock").write_text("not JSON", encoding="utf-8")  # which every pack about Nix reports
    workflow = tmp_path / ".github" / "workflows" / "ci.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text("on: push\njobs: {a: {runs-on: x, steps: [{uses: some/thing@main}]}}\n", "utf-8")
    (tmp_path / "snowfence.yaml").write_text(f"snowfence: 1\nextends: [{pack}]\n", encoding="utf-8")
    arguments = ("scan", tmp_path, "--format", "json", "--now", NOW)
    there = run([installed, *arguments], cwd=tmp_path, expect=(0, 1))
    here = snowfence(*arguments, expect=(0, 1))
    assert (there.returncode, there.stdout) == (here.returncode, here.stdout)
    assert json.loads(there.stdout)["findings"], "an empty report proves nothing"


def test_the_schema_of_policies(installed: Path, tmp_path: Path) -> None:
    """Editors are pointed to the file; the command prints the same."""
    [file] = installed.parent.parent.glob("lib/python*/site-packages/scanner/_schemas/policy.schema.json")
    printed = run([installed, "schema", "policy"], cwd=tmp_path).stdout
    assert json.loads(file.read_text("utf-8")) == json.loads(printed)
