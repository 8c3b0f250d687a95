"""Policies: what they say, and how mistakes in them are refused."""

from pathlib import Path

import pytest

from scanner.analysis.waivers import ABOUT_EXCEPTIONS
from scanner.engine import places
from scanner.model.errors import PolicyError
from scanner.model.finding import Confidence, Severity
from scanner.policy.load import load_policies, load_policy, pack
from scanner.policy.packs import pack_names
from scanner.policy.policy import Policy


def policy(tmp_path: Path, text: str) -> Policy:
    file = tmp_path / "snowfence.yaml"
    file.write_text(text, "utf-8")
    return load_policy(file, "snowfence.yaml")


def refused(tmp_path: Path, text: str) -> str:
    with pytest.raises(PolicyError) as error:
        policy(tmp_path, text)
    return str(error.value)


def test_packs_begin_with_the_version_of_the_format() -> None:
    assert {"flake-checker", "minimal", "recommended", "strict"} <= set(pack_names())
    for name in pack_names():
        assert (Path("policies") / f"{name}.yaml").read_text("utf-8").startswith("snowfence: 1\n")


def test_packs_are_valid_policies() -> None:
    """They are loaded without reading the options of their rules, so that is done here."""
    for name in pack_names():
        load_policy(Path("policies") / f"{name}.yaml", name)


def test_each_pack_asks_for_more() -> None:
    enabled = {name: {id for id in places() if pack(name).setting(id).enabled} for name in pack_names()}
    assert enabled["minimal"] < enabled["recommended"] <= enabled["strict"] == set(places())


def test_a_file_builds_on_the_default_pack(tmp_path: Path) -> None:
    found = policy(tmp_path, "snowfence: 1\nrules:\n  artipacked: off\n")
    assert found.names == ("recommended", "snowfence.yaml")
    assert not found.setting("artipacked").enabled
    assert found.setting("unpinned-uses").enabled


def test_an_empty_extends_builds_on_nothing(tmp_path: Path) -> None:
    found = policy(tmp_path, "snowfence: 1\nextends: []\nrules:\n  artipacked: on\n")
    assert _enabled(found) == ["artipacked"]


def test_settings(tmp_path: Path) -> None:
    found = policy(
        tmp_path,
        "snowfence: 1\nextends: minimal\nfail-on: medium\nrules:\n"
        "  stale-input: {severity: critical, confidence: medium, options: {days: 5}}\n",
    )
    setting = found.setting("stale-input")
    assert (setting.enabled, setting.severity, setting.confidence) == (
        True,
        Severity.CRITICAL,
        Confidence.MEDIUM,
    )
    assert found.fail_on is Severity.MEDIUM


def test_every_rule_at_once_and_a_single_one_over_it(tmp_path: Path) -> None:
    found = policy(
        tmp_path,
        'snowfence: 1\nextends: strict\nrules:\n  "*": {severity: low}\n  artipacked: {severity: high}\n',
    )
    assert found.setting("stale-input").severity is Severity.LOW
    assert found.setting("artipacked").severity is Severity.HIGH
    nothing = policy(tmp_path, 'snowfence: 1\nextends: strict\nrules:\n  "*": off\n  artipacked: on\n')
    assert _enabled(nothing) == ["artipacked"]


def test_a_setting_for_all_switches_none_on(tmp_path: Path) -> None:
    found = policy(tmp_path, 'snowfence: 1\nextends: minimal\nrules:\n  "*": {severity: low}\n')
    enabled = {id for id in places() if found.setting(id).enabled}
    assert enabled == {id for id in places() if pack("minimal").setting(id).enabled}
    assert {found.setting(id).severity for id in enabled - ABOUT_EXCEPTIONS} == {Severity.LOW}


def test_what_a_later_policy_says_of_all_wins_over_single_rules_of_a_pack(tmp_path: Path) -> None:
    found = policy(tmp_path, 'snowfence: 1\nextends: minimal\nrules:\n  "*": off\n')
    assert not _enabled(found)


def test_what_watches_over_exceptions_is_on_unless_it_is_named(tmp_path: Path) -> None:
    found = policy(tmp_path, 'snowfence: 1\nextends: []\nrules:\n  "*": off\n  unused-exception: off\n')
    on = {id for id in ABOUT_EXCEPTIONS if found.setting(id).enabled}
    assert on == {"expired-exception", "broad-exception"}


def _enabled(found: Policy) -> list[str]:
    """The rules that are on, but those about exceptions, which always are."""
    return [id for id in places() if found.setting(id).enabled and id not in ABOUT_EXCEPTIONS]


def test_a_kind_of_change_has_settings(tmp_path: Path) -> None:
    """What is said of all rules does not mean them: who wants one rule of the scan keeps the gate on updates."""
    found = policy(
        tmp_path,
        'snowfence: 1\nrules:\n  "*": {severity: low}\n  diff-updated: off\n  diff-added: {severity: high}\n',
    )
    assert not found.setting("diff-updated").enabled
    assert (found.setting("diff-added").enabled, found.setting("diff-added").severity) == (
        True,
        Severity.HIGH,
    )
    assert (found.setting("diff-removed").enabled, found.setting("diff-removed").severity) == (True, None)


def test_options_of_packs_and_file_are_merged_by_name(tmp_path: Path) -> None:
    from scanner.engine import load

    rule = load(places()["stale-input"])
    found = policy(tmp_path, "snowfence: 1\nextends: strict\nrules:\n  stale-input: {options: {days: 3}}\n")
    options = found.setting("stale-input").options_of(rule)
    assert getattr(options, "days") == 3  # noqa: B009 - the type is the rule's own


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("", "", "begins with `snowfence: 1`"),
        ("rules: {}\n", "1:1", "begins with `snowfence: 1`"),
        ("snowfence: 2\n", "1:12", "begins with `snowfence: 1`"),
        ("snowfence: 1\nrule: {}\n", "2:1", "did you mean `rules`?"),
        ("snowfence: 1\nrules:\n  unpined-uses: on\n", "3:3", "did you mean `unpinned-uses`?"),
        ("snowfence: 1\nrules:\n  diff-source: off\n", "3:3", "did you mean `diff-source-changed`?"),
        ("snowfence: 1\nrules:\n  dif-added: off\n", "3:3", "did you mean `diff-added`?"),
        ("snowfence: 1\nrules:\n  diff-added: {options: {x: 1}}\n", "3:26", "`diff-added` has no options"),
        ("snowfence: 1\nrules:\n  artipacked: maybe\n", "3:15", "must be `on`, `off` or a mapping"),
        ("snowfence: 1\nrules:\n  artipacked: {sevrity: low}\n", "3:16", "did you mean `severity`?"),
        (
            "snowfence: 1\nrules:\n  artipacked: {severity: bad}\n",
            "3:26",
            "info, low, medium, high, critical",
        ),
        ("snowfence: 1\nrules:\n  artipacked: {confidence: 1}\n", "3:28", "low, medium, high"),
        ("snowfence: 1\nrules:\n  stale-input: {options: {day: 1}}\n", "3:27", "did you mean `days`?"),
        (
            "snowfence: 1\nrules:\n  stale-input: {options: {days: soon}}\n",
            "3:33",
            "a whole number, not `soon`",
        ),
        ("snowfence: 1\nrules:\n  stale-input: {options: {days: [1]}}\n", "3:33", "a whole number"),
        ("snowfence: 1\nrules:\n  artipacked: {options: {x: 1}}\n", "3:26", "artipacked"),
        ('snowfence: 1\nrules:\n  "*": {options: {x: 1}}\n', "3:9", "belong to one rule"),
        ("snowfence: 1\nrules: []\n", "2:8", "must be a mapping"),
        ("snowfence: 1\nextends: strct\n", "2:10", "did you mean `strict`?"),
        ("snowfence: 1\nextends: {a: b}\n", "2:10", "the name of a pack"),
        ("snowfence: 1\nfail-on: often\n", "2:10", "must be one of"),
        ("snowfence: 1\nrules: {a: [\n", "2:12", "not YAML"),
        ("snowfence: 1\nsnowfence: 1\n", "2:1", "given twice"),
        ("- a\n", "", "a policy is a mapping"),
    ],
)
def test_mistakes_are_refused_with_place_and_advice(tmp_path: Path, text: str, where: str, said: str) -> None:
    message = refused(tmp_path, text)
    assert message.startswith(f"snowfence.yaml:{where}")
    assert said in message


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(tmp_path / "none.yaml", "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff")
    with pytest.raises(PolicyError, match="not UTF-8"):
        load_policy(tmp_path / "bytes.yaml", "bytes.yaml")


def test_no_file_takes_the_place_of_a_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--policy strict` in the folder of a pull request that brings a file of this name."""
    (tmp_path / "strict").write_text("snowfence: 1\nextends: []\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert load_policies([(Path("strict"), "strict")]).names == ("strict",)
    assert load_policies([(Path("./strict"), "./strict")]).names == ("./strict",)
