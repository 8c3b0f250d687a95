"""We are clean by our own strictest reading, and by our neighbour's."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanner.model.finding import Severity
from scanner.policy.load import load_policies
from tests.support import NOW, ROOT, run, snowfence

OURS = [ROOT / "action.yml", *sorted((ROOT / ".github").rglob("*.yml"))]


def workflow(name: str) -> dict[str, Any]:
    text = (ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def test_our_own_policy_finds_nothing() -> None:
    report = json.loads(snowfence("scan", "--format", "json", "--now", NOW, "--", ROOT).stdout)
    assert [(f["rule"], f["path"], f["start"], f["message"]) for f in report["findings"]] == []
    assert report["problems"] == []
    assert report["policies"] == ["strict", "snowfence.yaml"]


def test_our_own_policy_leaves_out_only_what_is_bad_on_purpose() -> None:
    policy = load_policies([(ROOT / "snowfence.yaml", "snowfence.yaml")], ROOT)
    counts = policy.paths.counts
    assert all(counts(str(file.relative_to(ROOT))) for file in OURS)
    assert [one.text for one in policy.paths.exclude] == ["fixtures/"]
    assert policy.fail_on is Severity.INFO


@pytest.mark.parametrize(("name", "job"), [("ci.yml", "action"), ("weekly.yml", "scan")])
def test_the_workflows_scan_all_of_ours(name: str, job: str) -> None:
    [step] = [s for s in workflow(name)["jobs"][job]["steps"] if s.get("uses") == "./"]
    assert not {"policy", "paths", "fail-on"} & set(step.get("with", ()))


def test_zizmor_finds_only_what_we_chose() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    if not zizmor.exists():
        pytest.skip("zizmor is not installed")
    options = ("--offline", "--no-config", "--persona=auditor", "--no-exit-codes", "--format=json")
    found = json.loads(run([zizmor, *options, *OURS, ROOT / ".pre-commit-hooks.yaml"]).stdout)
    # `uses: ./` is deliberate, see ci.yml: the runner refuses `$/` without a path
    assert {finding["ident"] for finding in found} == {"self-repository"}
