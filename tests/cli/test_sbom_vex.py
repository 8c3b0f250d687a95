"""`snowfence sbom` with what policies, comments and accepted findings say of vulnerabilities."""

import json
from pathlib import Path
from typing import Any

from tests.support import NOW, snowfence

VEX = """
    vex:
      state: not_affected
      justification: requires_environment
"""


def analyses(folder: Path, *options: str) -> list[dict[str, Any] | None]:
    found = snowfence("sbom", folder, "--now", NOW, *options).stdout
    return [one.get("analysis") for one in json.loads(found)["vulnerabilities"]]


def project(folder: Path, policy: str = "", comment: str = "") -> Path:
    workflows = folder / ".github" / "workflows"
    workflows.mkdir(parents=True)
    step = f"    - uses: hashicorp/vault-action@v2.1.0{comment}\n"
    (workflows / "ci.yml").write_text(f"on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n{step}")
    if policy:
        (folder / "snowfence.yaml").write_text(policy)
    return folder


def exception(more: str = "", expires: str = "2027-01-01") -> str:
    return (
        "snowfence: 1\nexceptions:\n  - rule: known-vulnerable-actions\n    target: hashicorp/*\n"
        f"    reason: never run\n    expires: {expires}{more}\n"
    )


def test_without_a_decision_there_is_no_analysis(tmp_path: Path) -> None:
    assert analyses(project(tmp_path)) == [None]


def test_a_policy_that_switches_the_rule_off_hides_nothing(tmp_path: Path) -> None:
    text = "snowfence: 1\nrules: {known-vulnerable-actions: off}\n"
    assert analyses(project(tmp_path, text)) == [None]


def test_an_exception_says_what_was_found_out(tmp_path: Path) -> None:
    folder = project(tmp_path, exception(VEX))
    said = {"state": "not_affected", "justification": "requires_environment", "detail": "never run"}
    assert analyses(folder) == [said]
    assert analyses(folder, "--no-repository-policy") == [None]


def test_an_exception_that_is_over_says_nothing(tmp_path: Path) -> None:
    assert analyses(project(tmp_path, exception(VEX, expires="2026-01-01"))) == [None]


def test_a_finding_that_is_taken_out_without_more_is_in_triage(tmp_path: Path) -> None:
    excepted = project(tmp_path / "exception", exception())
    assert analyses(excepted) == [{"state": "in_triage", "detail": "never run"}]
    commented = project(
        tmp_path / "comment", comment=" # snowfence: ignore[known-vulnerable-actions] never run"
    )
    assert analyses(commented) == [{"state": "in_triage", "detail": "never run"}]
    accepted = project(tmp_path / "accepted")
    snowfence("policy", "accept", accepted, "--now", NOW)
    assert analyses(accepted) == [{"state": "in_triage", "detail": f"accepted on {NOW}"}]


def test_a_policy_that_is_given_counts(tmp_path: Path) -> None:
    file = tmp_path / "team.yaml"
    file.write_text(exception(VEX))
    (found,) = analyses(project(tmp_path / "r"), "--policy", str(file))
    assert found is not None
    assert found["state"] == "not_affected"
