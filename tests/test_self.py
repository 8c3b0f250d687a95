"""We are clean by our own strictest reading, and by our neighbour's."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import NOW, ROOT, run, snowfence

OURS = [ROOT / "action.yml", *sorted((ROOT / ".github").rglob("*.yml"))]


def workflow(name: str) -> dict[str, Any]:
    text = (ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def test_strict_finds_nothing() -> None:
    policy = ROOT / "policies" / "strict.yaml"
    scan = snowfence("scan", "--policy", policy, "--format", "json", "--now", NOW, "--", *OURS, expect=(0, 1))
    report = json.loads(scan.stdout)
    assert [(f["rule"], f["path"], f["start"], f["message"]) for f in report["findings"]] == []
    assert report["problems"] == []


@pytest.mark.parametrize(("name", "job"), [("ci.yml", "action"), ("weekly.yml", "scan")])
def test_the_workflows_scan_every_file_of_ours(name: str, job: str) -> None:
    [step] = [s for s in workflow(name)["jobs"][job]["steps"] if s.get("uses") == "./"]
    assert step["with"]["policy"] == "policies/strict.yaml"
    named = {path for pattern in step["with"]["paths"].split() for path in ROOT.glob(pattern)}
    assert named == set(OURS)


def test_zizmor_finds_only_what_we_chose() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    if not zizmor.exists():
        pytest.skip("zizmor is not installed")
    options = ("--offline", "--no-config", "--persona=auditor", "--no-exit-codes", "--format=json")
    found = json.loads(run([zizmor, *options, *OURS, ROOT / ".pre-commit-hooks.yaml"]).stdout)
    # `uses: ./` is deliberate, see ci.yml: the runner refuses `$/` without a path
    assert {finding["ident"] for finding in found} == {"self-repository"}
