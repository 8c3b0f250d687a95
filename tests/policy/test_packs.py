"""The packs: each enables what its name says, and says for whom it is. The tags by which some of them select are on the right rules."""

from functools import cache
from pathlib import Path
from typing import Final

import pytest

from scanner.analysis.waivers import ABOUT_EXCEPTIONS
from scanner.engine import AnyRule, load, places
from scanner.model.finding import Severity
from scanner.policy.load import load_policy, pack
from scanner.policy.packs import pack_names, packs_folder
from scanner.policy.settings import TAG

OF_POLICIES: Final = frozenset({"expired-exception", "unused-exception", "broad-exception"})
"""What a policy says of itself: every pack that enables rules has it."""

READABLE: Final = frozenset({"unreadable-input"})

PERSONAS: Final = frozenset(
    {
        # of zizmor's pedantic persona
        "anonymous-definition",
        "concurrency-limits",
        "stale-action-refs",
        "undocumented-permissions",
        # of its auditor persona
        "secrets-outside-env",
        "self-hosted-runner",
        # needs a list
        "forbidden-uses",
    }
)
SHARPER: Final = frozenset({"privileged-unpinned", "environment-injection"})
"""Rules that join what zizmor finds with what an outsider can do: what they say stands at the same places."""

QUALITY: Final = frozenset(
    {
        "validity",
        "reliability",
        "readability",
        "maintenance",
        "resources",
        "expressions",
        "reproducibility",
        "license",
    }
)
"""Tags of what is no question of security by itself."""

OWASP: Final = tuple(f"CICD-SEC-{number}" for number in range(1, 11))
OF_SETTINGS: Final = frozenset({"CICD-SEC-8"})
"""Services of third parties show in settings of an organisation, not in files."""


@cache
def rules() -> dict[str, AnyRule]:
    return {id: load(place) for id, place in places().items()}


def enabled(name: str) -> set[str]:
    found = pack(name)
    return {id for id in places() if found.setting(id).enabled}


def tagged(prefix: str) -> set[str]:
    return {id for id, rule in rules().items() if any(tag.startswith(prefix) for tag in rule.tags)}


def same_as(tool: str) -> set[str]:
    return {id for id, rule in rules().items() if any(name.startswith(f"{tool}:") for name in rule.same_as)}


# ---------------------------------------------------------------- all of them


def test_the_packs() -> None:
    assert pack_names() == [
        "audit", "flake-checker", "minimal", "nix", "organisation", "owasp-cicd", "recommended", "scorecard", "slsa", "strict",
        "zizmor",
    ]  # fmt: skip


@pytest.mark.parametrize("name", pack_names())
def test_a_pack_says_for_whom_it_is(name: str) -> None:
    """Its first comment stands in the docs."""
    lines = (packs_folder() / f"{name}.yaml").read_text("utf-8").splitlines()
    comment = [line for line in lines if line.startswith("#")]
    assert lines[0] == "snowfence: 1"
    assert comment and len(comment[0]) > 40, name


@pytest.mark.parametrize("name", pack_names())
def test_a_pack_is_a_policy(name: str) -> None:
    """As a pack it is loaded without a look at the options of its rules, as a file with one."""
    load_policy(Path("policies") / f"{name}.yaml", name)


@pytest.mark.parametrize("name", sorted(set(pack_names()) - {"organisation"}))
def test_a_pack_hears_exceptions(name: str) -> None:
    assert enabled(name) >= OF_POLICIES


def test_tags_in_packs_are_in_quotes() -> None:
    """A colon and a space would end the key."""
    for name in pack_names():
        for line in (packs_folder() / f"{name}.yaml").read_text("utf-8").splitlines():
            assert not line.strip().startswith(TAG), (name, line)


# ---------------------------------------------------------------- one by one


def test_audit_is_everything() -> None:
    found, strict = pack("audit"), pack("strict")
    assert enabled("audit") == enabled("strict") == set(places())
    for id, rule in rules().items():
        setting = found.setting(id)
        assert setting.confidence is None, id
        assert setting.unknown is Severity.LOW or id in ABOUT_EXCEPTIONS, id
        before, options = strict.setting(id).options_of(rule), setting.options_of(rule)
        for name in getattr(before, "_fields", ()):
            # A switch that strict turns on stays on.
            if getattr(before, name) is True:
                assert getattr(options, name) is True, (id, name)


def test_audit_switches_the_limits_in_days_on() -> None:
    found = pack("audit")
    stale = found.setting("stale-input").options_of(rules()["stale-input"])
    fresh = found.setting("fresh-input").options_of(rules()["fresh-input"])
    assert all(getattr(stale, name) > 0 for name in stale._fields if name.endswith("days"))  # type: ignore[attr-defined]
    assert fresh.days > 0  # type: ignore[attr-defined]


def test_nix_is_all_about_nix_and_nothing_else() -> None:
    about = {
        id for id, place in places().items() if place.subject in ("flakes", "configuration", "evaluation")
    }
    about |= {id for id in tagged("nix") if places()[id].subject == "online"}
    assert tagged("nix") == about
    assert enabled("nix") == about | READABLE | {"unused-ignore"} | OF_POLICIES


def test_nix_judges_as_recommended_does() -> None:
    found, recommended = pack("nix"), pack("recommended")
    for id in tagged("nix"):
        assert found.setting(id)._replace(enabled=None) == recommended.setting(id)._replace(enabled=None), id


def test_zizmor_is_its_regular_persona() -> None:
    assert enabled("zizmor") == same_as("zizmor") - PERSONAS - SHARPER | OF_POLICIES
    assert all(pack("zizmor").setting(id).confidence is None for id in enabled("zizmor"))


def test_scorecard_has_the_rules_of_its_checks_by_their_risks() -> None:
    risks = {
        "Dangerous-Workflow": Severity.CRITICAL,
        "Token-Permissions": Severity.HIGH,
        "Dependency-Update-Tool": Severity.HIGH,
        "Pinned-Dependencies": Severity.MEDIUM,
    }
    found = pack("scorecard")
    assert enabled("scorecard") == tagged("scorecard:") | READABLE | OF_POLICIES
    for check, severity in risks.items():
        for id in tagged(f"scorecard:{check}"):
            assert found.setting(id).severity is severity, id
    assert same_as("scorecard") <= tagged("scorecard:")


def test_scorecard_weighs_areas_by_risk() -> None:
    found = pack("scorecard")
    weights = {rules()[id].area: found.weights.areas[rules()[id].area] for id in tagged("scorecard:")}
    assert weights == {"exposure": 10, "permissions": 7.5, "freshness": 7.5, "pinning": 5}
    assert sum(found.weights.areas.values()) == sum(weights.values())


def test_owasp_has_every_risk_that_shows_in_files() -> None:
    assert enabled("owasp-cicd") == tagged("CICD-SEC-") | READABLE | OF_POLICIES
    have = {tag for rule in rules().values() for tag in rule.tags if tag.startswith("CICD-SEC-")}
    assert have == set(OWASP) - OF_SETTINGS


def test_slsa_has_both_tracks() -> None:
    have = {tag for rule in rules().values() for tag in rule.tags if tag.startswith("SLSA:")}
    assert have == {
        "SLSA:source-L3",
        "SLSA:source-L4",
        "SLSA:build-L3",
        "SLSA:publication",
        "SLSA:dependencies",
    }
    assert enabled("slsa") == tagged("SLSA:") | READABLE | OF_POLICIES


def test_organisation_is_checks_alone() -> None:
    """So that it stands beside any pack."""
    found = pack("organisation")
    assert enabled("organisation") == ABOUT_EXCEPTIONS
    assert len(found.own) == 15
    assert {one.rule.area for one in found.own.values()} >= {
        "pinning",
        "exposure",
        "permissions",
        "nix-trust",
    }


def test_values_of_the_organisation_can_be_replaced(tmp_path: Path) -> None:
    file = tmp_path / "snowfence.yaml"
    file.write_text(
        "snowfence: 1\nextends: [recommended, organisation]\n"
        "values:\n  allowed-owners: [actions, ours]\nrules:\n  allowed-runners: off\n",
        "utf-8",
    )
    found = load_policy(file, "snowfence.yaml")
    assert found.setting("allowed-owners").enabled and not found.setting("allowed-runners").enabled
    assert found.setting("unpinned-uses").enabled


# ---------------------------------------------------------------- tags


def test_every_rule_about_security_says_its_risk_and_its_weakness() -> None:
    for id, rule in rules().items():
        if set(rule.tags) <= QUALITY:
            continue
        assert any(tag in OWASP for tag in rule.tags), f"`{id}` has no risk of OWASP's ten (`CICD-SEC-n`)"
        assert any(tag.startswith("CWE-") for tag in rule.tags), f"`{id}` has no weakness (`CWE-n`)"


def test_tags_stand_once_and_fit_into_sarif() -> None:
    from scanner.report.sarif_rules import TAGS

    for id, rule in rules().items():
        assert len(rule.tags) == len(set(rule.tags)), id
        assert len(rule.tags) < TAGS, id
