"""Our SARIF before the judges: Microsoft's validator with GitHub's rules, and the SARIF 2.1.0 schema.

GitHub refuses a whole upload for one bad result, so a mistake in a report is a scan that nobody sees.
"""

from __future__ import annotations

import copy
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.support import CORPUS, NOW, ROOT, clean_environment, run, snowfence

pytestmark = pytest.mark.registry

PACKAGE = "@microsoft/sarif-multitool-linux"
# GitHub's ingestion rules that the validator leaves off even with `--rule-kind Ghas`
OFF_BY_DEFAULT = re.compile(r'(<Properties Key="GH100[1-7]\..*?Key="RuleEnabled" Value=)"Default"', re.DOTALL)


@dataclass(frozen=True)
class Multitool:
    """The installed validator."""

    program: Path
    schema: Path
    strict_configuration: Path

    def errors(self, sarif: Path, *, strict: bool = False) -> list[str]:
        """What the validator calls an error. It exits 0 whatever it finds: its report is the answer."""
        report = sarif.with_suffix(".report")
        configuration = ("--config", self.strict_configuration) if strict else ()
        rules = ("--rule-kind", "Sarif;Ghas", "--level", "Error;Warning")
        output = ("--output", report, "--log", "ForceOverwrite")
        run([self.program, "validate", sarif, *rules, *configuration, *output], env=ENVIRONMENT)
        [found] = json.loads(report.read_text(encoding="utf-8-sig"))["runs"]
        assert [i["executionSuccessful"] for i in found["invocations"]] == [True]
        return [
            f"{r['ruleId']}: {json.dumps(r['message'])}"
            for r in found.get("results", [])
            if r.get("level", "warning") == "error"
        ]

    def schema_errors(self, sarif: Path) -> list[str]:
        """The schema's own answer: an unknown `level`, for one, makes the validator pass in silence."""
        schema = json.loads(self.schema.read_text(encoding="utf-8-sig"))
        document = json.loads(sarif.read_text(encoding="utf-8"))
        return [f"{e.json_path}: {e.message}" for e in Draft202012Validator(schema).iter_errors(document)]


# .NET otherwise wants the system's ICU library
ENVIRONMENT = clean_environment(DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="1")


@pytest.fixture(scope="session")
def multitool(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Multitool:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    assert pytestconfig.cache is not None
    home = pytestconfig.cache.mkdir("sarif-multitool")  # 100 MB: kept from run to run
    package = home / "node_modules" / PACKAGE
    if not (package / "Sarif.Multitool").exists():
        run([npm, "install", "--prefix", home, "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE])
    program = package / "Sarif.Multitool"
    program.chmod(0o755)  # all that the package's install script would do
    configuration = tmp_path_factory.mktemp("multitool") / "strict.xml"
    run([program, "export-validation-config", configuration], env=ENVIRONMENT)
    text, enabled = OFF_BY_DEFAULT.subn(r'\1"Error"', configuration.read_text(encoding="utf-8-sig"))
    assert enabled == 7, "the exported configuration no longer looks as this test believes"
    configuration.write_text(text, encoding="utf-8")
    return Multitool(program, package / "sarif-2.1.0.json", configuration)


def scan(target: Path, sarif: Path) -> dict[str, Any]:
    """Our SARIF of `target`, written to `sarif` and read back."""
    snowfence("scan", target, "--format", "sarif", "--now", NOW, "--output", f"sarif={sarif}", expect=(0, 1))
    document: dict[str, Any] = json.loads(sarif.read_text(encoding="utf-8"))
    return document


@pytest.mark.parametrize("target", [ROOT / "fixtures" / "demo", CORPUS / "blazedots"], ids=lambda p: p.name)
def test_no_judge_finds_an_error(multitool: Multitool, tmp_path: Path, target: Path) -> None:
    if not target.is_dir():
        pytest.skip(f"{target.name} is not here")
    sarif = tmp_path / "snowfence.sarif"
    document = scan(target, sarif)
    assert document["runs"][0]["results"], "an empty report proves nothing"
    assert multitool.schema_errors(sarif) == []
    assert multitool.errors(sarif) == []
    assert multitool.errors(sarif, strict=True) == []


def without_region(result: dict[str, Any]) -> None:
    del result["locations"][0]["physicalLocation"]["region"]


def absolute_uri(result: dict[str, Any]) -> None:
    result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "file:///home/a/flake.lock"


def without_location(result: dict[str, Any]) -> None:
    result["locations"] = []


def message_by_id(result: dict[str, Any]) -> None:
    result["message"] = {"id": "default"}


def unknown_level(result: dict[str, Any]) -> None:
    result["level"] = "critical"


@pytest.mark.parametrize(
    ("spoil", "judge"),
    [
        (without_location, "errors"),
        (message_by_id, "errors"),
        (without_region, "strict"),
        (absolute_uri, "strict"),
        (unknown_level, "schema"),
    ],
)
def test_the_judges_are_awake(
    multitool: Multitool, tmp_path: Path, spoil: Callable[[dict[str, Any]], None], judge: str
) -> None:
    sarif = tmp_path / "spoilt.sarif"
    document = copy.deepcopy(scan(ROOT / "fixtures" / "demo", sarif))
    spoil(document["runs"][0]["results"][0])
    sarif.write_text(json.dumps(document), encoding="utf-8")
    found = {
        "errors": lambda: multitool.errors(sarif),
        "strict": lambda: multitool.errors(sarif, strict=True),
        "schema": lambda: multitool.schema_errors(sarif),
    }[judge]()
    assert found
