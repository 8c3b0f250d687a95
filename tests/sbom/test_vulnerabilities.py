import json

from scanner.model.vex import Decision, Decisions, Vex
from scanner.sbom import cyclonedx
from scanner.sbom.bill import Analysis, Vulnerability
from tests.sbom.bills import bill

CI = ".github/workflows/ci.yml"
COMMIT = "58077d3c7e43986b6b15fba718e8ea69e387dfcc"
MALICIOUS = "0e58ed8671d6b60d0890c21b07f8835ace038e67"
RULE = "known-vulnerable-actions"
VAULT = "hashicorp/vault-action@v2.1.0"


def workflow(*uses: str) -> str:
    steps = "".join(f"    - uses: {one}\n" for one in uses)
    return f"on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n{steps}"


def known(text: str, decisions: Decisions | None = None) -> tuple[Vulnerability, ...]:
    return bill({CI: text}, decisions).vulnerabilities


def certainty(one: Vulnerability) -> str:
    return dict(one.properties)["snowfence:certainty"]


def test_what_an_advisory_says() -> None:
    (one,) = known(workflow(VAULT, "hashicorp/vault-action@v2.2.0"))
    assert one.id == "GHSA-4mgv-m5cm-f9h7"
    assert one.source_url == "https://github.com/advisories/GHSA-4mgv-m5cm-f9h7"
    assert [ref.id for ref in one.references] == ["CVE-2021-32074"]
    assert [(rating.severity, rating.score) for rating in one.ratings] == [("high", None)]
    assert one.cwes == (532,)
    assert [(hit.id, hit.version, hit.range) for hit in one.affects] == [
        (f"action:{VAULT}", "v2.1.0", "vers:github/<2.2.0")
    ]
    assert one.recommendation == "take 2.2.0 or newer"
    assert one.published is not None
    assert one.published.isoformat() == "2022-05-24T00:00:00+00:00"
    assert one.analysis is None
    assert certainty(one) == "certain"


def test_a_version_that_a_comment_claims_is_claimed() -> None:
    found = known(workflow(f"step-security/harden-runner@{COMMIT} # v2.10.1"))
    assert {certainty(one) for one in found} == {"claimed"}
    assert known(workflow(f"step-security/harden-runner@{COMMIT}")) == ()  # nobody says which version it is


def test_the_code_of_an_attacker() -> None:
    (one,) = known(workflow(f"tj-actions/changed-files@{MALICIOUS}"))
    assert one.id == "GHSA-mrrh-fwg8-r2c3"
    assert one.recommendation is not None
    assert "replace every secret" in one.recommendation
    assert dict(one.properties)["snowfence:exploited"] == "true"


def test_versions_of_nix() -> None:
    install = "{uses: nixbuild/nix-quick-install-action@v30, with: {nix_version: 2.24.1}}"
    text = f"on: push\njobs:\n  a:\n    runs-on: x\n    container: nixos/nix:2.24.1\n    steps:\n    - {install}\n"
    found = {one.id: one for one in known(text)}
    one = found["CVE-2025-46415"]
    assert {hit.id for hit in one.affects} == {"nix-installer:nix@2.24.1", "image:nixos/nix:2.24.1"}
    assert one.ratings == ()  # no severity is made up
    assert one.recommendation is not None
    assert one.recommendation.startswith("install ")


def decided(text: str, *decisions: Decision | None) -> Decisions:
    """A decision for each use, in their order."""
    found = {}
    at = -1
    for one in decisions:
        at = text.index("hashicorp/", at + 1)
        if one is not None:
            found[RULE, CI, at] = one
    return found


def test_what_somebody_decided() -> None:
    text = workflow(VAULT)
    vex = Vex("not_affected", "code_not_reachable", ("update",))
    (one,) = known(text, decided(text, Decision("read it", vex)))
    assert one.analysis == Analysis("not_affected", "code_not_reachable", ("update",), "read it")
    (one,) = known(text, decided(text, Decision("read it")))
    assert one.analysis == Analysis("in_triage", detail="read it")


def test_a_decision_about_one_advisory_is_not_about_others() -> None:
    text = workflow(VAULT)
    for ids, state in ((("cve-2021-32074",), "resolved"), (("GHSA-another",), "in_triage")):
        (one,) = known(text, decided(text, Decision("read it", Vex("resolved", advisories=ids))))
        assert one.analysis is not None
        assert one.analysis.state == state


def test_a_component_is_as_the_worst_of_its_places() -> None:
    text = workflow(VAULT, VAULT)
    fine = Decision("read it", Vex("false_positive"))
    (one,) = known(text, decided(text, fine, None))
    assert one.analysis is None
    (one,) = known(text, decided(text, fine, Decision("see issue 1", Vex("exploitable"))))
    assert one.analysis == Analysis("exploitable", detail="see issue 1")


def test_components_that_are_judged_differently_are_two_entries() -> None:
    text = workflow(VAULT, "hashicorp/vault-action@v2.0.0")
    found = known(text, decided(text, Decision("read it", Vex("false_positive")), None))
    assert [(one.key, one.id, len(one.affects)) for one in found] == [
        ("GHSA-4mgv-m5cm-f9h7", "GHSA-4mgv-m5cm-f9h7", 1),
        ("GHSA-4mgv-m5cm-f9h7#2", "GHSA-4mgv-m5cm-f9h7", 1),
    ]
    assert len(known(text)) == 1


def test_what_nobody_knows_for_certain_is_unknown() -> None:
    (one,) = known(workflow(VAULT))
    assert [hit.status for hit in one.affects] == ["affected"]
    found = known(workflow(f"step-security/harden-runner@{COMMIT} # v2.10.1"))
    assert {hit.status for one in found for hit in one.affects} == {"unknown"}
    text = workflow(VAULT)
    for vex, status in (
        (Vex("not_affected", "code_not_reachable"), "unaffected"),
        (Vex("false_positive"), "unaffected"),
        (Vex("exploitable"), "affected"),
        (Vex("resolved"), "affected"),
    ):
        (one,) = known(text, decided(text, Decision("read it", vex)))
        assert [hit.status for hit in one.affects] == [status]


def test_status_in_cyclonedx_is_that_of_the_version() -> None:
    text = workflow(VAULT)
    fine = decided(text, Decision("read it", Vex("not_affected", "code_not_reachable")))
    (one,) = json.loads(cyclonedx.write(bill({CI: text}, fine)))["vulnerabilities"]
    assert [
        (hit.get("version", hit.get("range")), hit["status"]) for hit in one["affects"][0]["versions"]
    ] == [
        ("v2.1.0", "unaffected"),
        ("vers:github/<2.2.0", "affected"),
    ]
