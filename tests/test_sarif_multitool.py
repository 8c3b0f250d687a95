"""Our SARIF before the judges: Microsoft's validator with GitHub's rules, and the SARIF 2.1.0 schema.

GitHub refuses a whole upload for one bad result, so a mistake in a report is a scan that nobody sees.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scanner.cli.main import main
from scanner.report.sarif import RESULTS
from tests.npm import npm_package
from tests.support import CORPUS, NOW, ROOT, clean_environment, run, snowfence

pytestmark = pytest.mark.registry

# GitHub's ingestion rules that the validator leaves off even with `--rule-kind Ghas`
OFF_BY_DEFAULT = re.compile(r'(<Properties Key="GH100[1-7]\..*?Key="RuleEnabled" Value=)"Default"', re.DOTALL)


@dataclass(frozen=True)
class Multitool:
    """The installed validator."""

    program: Path
    strict_configuration: Path
    validator: Draft202012Validator

    def errors(self, sarif: Path, *, strict: bool = False) -> list[str]:
        """What the validator calls an error. It exits 0 whatever it finds: its report is the answer."""
        return self.errors_of_all(sarif, sarif.with_suffix(".report"), strict=strict)

    def errors_of_all(self, files: Path, report: Path, *, strict: bool) -> list[str]:
        """The same for one file or a pattern of several, which one process reads in half the time."""
        configuration = ("--config", self.strict_configuration) if strict else ()
        rules = ("--rule-kind", "Sarif;Ghas", "--level", "Error;Warning")
        output = ("--output", report, "--log", "ForceOverwrite")
        run([self.program, "validate", files, *rules, *configuration, *output], env=ENVIRONMENT)
        [found] = json.loads(report.read_text(encoding="utf-8-sig"))["runs"]
        assert [i["executionSuccessful"] for i in found["invocations"]] == [True]
        return [
            f"{r['ruleId']}: {json.dumps(r['message'])}"
            for r in found.get("results", [])
            if r.get("level", "warning") == "error" and not takes_more(r)
        ]

    def schema_errors(self, sarif: Path) -> list[str]:
        """The schema's own answer: an unknown `level`, for one, makes the validator pass in silence."""
        document = json.loads(sarif.read_text(encoding="utf-8"))
        return [f"{e.json_path}: {e.message}" for e in self.validator.iter_errors(document)]


def takes_more(error: dict[str, Any]) -> bool:
    """Whether an error is about a limit that GitHub has raised since: 25,000 results of a run, of which it keeps 5,000."""
    if error["ruleId"] != "GH1004":
        return False
    what, size, *_ = error["message"]["arguments"]
    return str(what).endswith(".results") and int(size) <= RESULTS


# .NET otherwise wants the system's ICU library
ENVIRONMENT = clean_environment(DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="1")


@pytest.fixture(scope="session")
def multitool(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Multitool:
    package = npm_package(pytestconfig, "@microsoft/sarif-multitool-linux", "5.7.0")
    program = package / "Sarif.Multitool"
    program.chmod(0o755)  # all that the package's install script would do
    configuration = tmp_path_factory.mktemp("multitool") / "strict.xml"
    run([program, "export-validation-config", configuration], env=ENVIRONMENT)
    text, enabled = OFF_BY_DEFAULT.subn(r'\1"Error"', configuration.read_text(encoding="utf-8-sig"))
    assert enabled == 7, "the exported configuration no longer looks as this test believes"
    configuration.write_text(text, encoding="utf-8")
    schema = json.loads((package / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
    return Multitool(program, configuration, Draft202012Validator(schema))


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


def test_no_judge_finds_an_error_in_any_repository_of_the_corpus(
    multitool: Multitool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that can be written: every rule of the strictest policy, what is taken out, and a category."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not here")
    policy = tmp_path / "strict.yaml"
    policy.write_text("snowfence: 1\nextends: [strict]\n", encoding="utf-8")
    options = ["--policy", str(policy), "--now", NOW, "--fail-on", "none", "--sarif-suppressed"]
    for number, repository in enumerate([CORPUS / "blazedots", *sorted((CORPUS / "open").iterdir())]):
        if not repository.is_dir():
            continue
        file = tmp_path / f"{repository.name}.sarif"
        output = ["--sarif-category", "corpus", "--output", f"sarif={file}", "--quiet"]
        assert main(["scan", str(repository), *options, *output]) == 0
        capsys.readouterr()
        document = json.loads(file.read_text(encoding="utf-8"))
        assert document["runs"][0]["automationDetails"] == {"id": "corpus/"}
        if number:  # the pages of rules are the same in all, and nine tenths of each
            for rule in document["runs"][0]["tool"]["driver"]["rules"]:
                rule["help"] = {"text": "judged", "markdown": "before"}
            file.write_text(json.dumps(document), encoding="utf-8")
        assert multitool.schema_errors(file) == []
    assert multitool.errors_of_all(tmp_path / "*.sarif", tmp_path / "all.report", strict=True) == []


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
