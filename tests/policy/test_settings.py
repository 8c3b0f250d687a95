"""The section `rules`: who is stronger than whom, for which files, and for which rules."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.analysis.waivers import ABOUT_EXCEPTIONS
from scanner.engine import load, places
from scanner.model.finding import Confidence, Severity
from scanner.policy.load import load_policies, load_policy
from scanner.policy.policy import Policy, Setting
from scanner.rules.changes import KINDS

CHECK = "checks: {mine: {title: t, severity: low, select: action, tags: [ours], require: {pinned: true}}}\n"


def policy(folder: Path, *texts: str) -> Policy:
    """Policies on top of one another, the later the stronger; the first one builds on nothing."""
    files = []
    for number, text in enumerate(texts):
        file = folder / f"{number}.yaml"
        file.write_text(f"snowfence: 1\n{'' if number else 'extends: []'}\n{text}")
        files.append((file, file.name))
    return load_policies(files)


def test_rules_are_stronger_than_tags_and_those_than_all(tmp_path: Path) -> None:
    """Whatever their order in the file."""
    found = policy(
        tmp_path,
        "rules:\n"
        "  template-injection: {severity: info}\n"
        '  "tag:CICD-SEC-4": {severity: low, confidence: high}\n'
        '  "*": {severity: medium, confidence: low, unknown: high}\n',
    )
    assert found.setting("template-injection") == Setting(
        True, Severity.INFO, Confidence.HIGH, (), Severity.HIGH, ()
    )
    tagged = next(
        id
        for id, place in places().items()
        if "CICD-SEC-4" in load(place).tags and id != "template-injection"
    )
    assert found.setting(tagged).severity is Severity.LOW
    assert found.setting("stale-input").severity is Severity.MEDIUM


def test_of_two_tags_the_later_is_stronger(tmp_path: Path) -> None:
    both = next(
        place for place in places().values() if {"supply-chain", "CICD-SEC-3"} <= set(load(place).tags)
    )
    found = policy(
        tmp_path, 'rules: {"tag:supply-chain": {severity: low}, "tag:CICD-SEC-3": {severity: high}}\n'
    )
    assert found.setting(load(both).id).severity is Severity.HIGH


def test_a_later_policy_is_stronger_whatever_it_speaks_of(tmp_path: Path) -> None:
    first = "rules: {template-injection: {severity: info, confidence: high}}\n"
    for later in ("'*'", "'tag:CICD-SEC-4'", "template-injection"):
        found = policy(tmp_path, first, f"rules: {{{later}: {{severity: high}}}}\n")
        setting = found.setting("template-injection")
        assert (setting.severity, setting.confidence) == (Severity.HIGH, Confidence.HIGH)


def test_a_tag_switches_rules_on_and_off(tmp_path: Path) -> None:
    tagged = {id for id, place in places().items() if "validity" in load(place).tags}
    found = policy(tmp_path, 'rules: {"tag:validity": on}\n')
    assert {id for id in places() if found.setting(id).enabled} == tagged | ABOUT_EXCEPTIONS
    found = policy(tmp_path, 'rules: {"*": on, "tag:validity": off, invalid-needs: on}\n')
    assert {id for id in places() if not found.setting(id).enabled} == tagged - {"invalid-needs"}
    found = policy(tmp_path, 'rules: {"tag:validity": {severity: low}}\n')
    assert not any(found.setting(id).enabled for id in places() if id not in ABOUT_EXCEPTIONS)


def test_checks_of_ones_own(tmp_path: Path) -> None:
    assert policy(tmp_path, CHECK).setting("mine").enabled
    assert policy(tmp_path, CHECK + 'rules: {"*": off}\n').setting("mine").enabled
    assert policy(tmp_path, CHECK, 'rules: {"*": {severity: high}}\n').setting("mine").severity is None
    assert not policy(tmp_path, CHECK + "rules: {mine: off}\n").setting("mine").enabled
    assert not policy(tmp_path, CHECK, 'rules: {"tag:ours": off}\n').setting("mine").enabled
    later = policy(tmp_path, CHECK + "rules: {mine: off}\n", CHECK)
    assert not later.setting("mine").enabled
    found = policy(tmp_path, CHECK, "rules: {mine: {severity: critical, paths: {a/: off}}}\n").setting("mine")
    assert found.at("b.yml").severity is Severity.CRITICAL
    assert not found.at("a/b.yml").enabled


def test_all_rules_do_not_mean_kinds_of_change(tmp_path: Path) -> None:
    found = policy(tmp_path, "rules: {diff-added: {severity: high}}\n", 'rules: {"*": off}\n')
    for id in KINDS:
        assert found.setting(id).enabled
    assert found.setting("diff-added").severity is Severity.HIGH


def test_settings_for_files(tmp_path: Path) -> None:
    found = policy(
        tmp_path,
        "rules:\n"
        "  stale-input:\n"
        "    severity: low\n"
        "    options: {days: 30}\n"
        "    paths:\n"
        "      templates/: off\n"
        "      templates/main/**: {severity: high, options: {days: 5, transitive: true}}\n"
        "      '**/flake.lock': {confidence: high}\n",
    ).setting("stale-input")
    rule = load(places()["stale-input"])

    def options(path: str) -> tuple[object, object]:
        values = found.at(path).options_of(rule)
        return getattr(values, "days"), getattr(values, "transitive")  # noqa: B009 - the type is the rule's own

    assert found.at("flake.nix") == found._replace(paths=())
    assert found.at("flake.lock").confidence is Confidence.HIGH
    assert options("flake.lock") == (30, False)
    assert not found.at("templates/other/flake.lock").enabled
    # what a narrower pattern says of files that an earlier one switched off switches the rule on again, a wider one does not
    inner = found.at("templates/main/flake.lock")
    assert (inner.enabled, inner.severity, inner.confidence) == (True, Severity.HIGH, Confidence.HIGH)
    assert options("templates/main/flake.lock") == (5, True)


@pytest.mark.parametrize(
    ("rules", "on"),
    [
        ("stale-input: {paths: {a/: off, a/b: {severity: low}}}", True),
        ("stale-input: {paths: {a/: off, a/b: {severity: low}, a/*: off}}", False),
        ("stale-input: {paths: {a/b: {severity: low}, a/: off}}", False),
        ("stale-input: {paths: {a/: off, '**': {severity: low}}}", False),
        ("stale-input: {paths: {a/: off}}, '*': {paths: {a/b: {severity: low}}}", False),
        ("'*': {paths: {a/: off}}, stale-input: {paths: {a/b: {severity: low}}}", True),
    ],
)
def test_a_rule_that_is_named_for_a_file_is_on_there(tmp_path: Path, rules: str, on: bool) -> None:
    found = policy(tmp_path, f"rules: {{{rules}}}\n").setting("stale-input").at("a/b")
    assert found.enabled is on


def test_a_rule_that_is_off_stays_off_for_files_that_are_named(tmp_path: Path) -> None:
    found = policy(tmp_path, "rules: {stale-input: off}\n", 'rules: {"tag:supply-chain": {severity: low}}\n')
    assert not found.setting("stale-input").at("a/b").enabled


def test_settings_for_files_are_stronger_than_all_others(tmp_path: Path) -> None:
    found = policy(
        tmp_path,
        "rules: {'*': {paths: {vendor/: off}}, artipacked: {severity: high, paths: {vendor/ours/: on}}}\n",
        "rules: {artipacked: {severity: low}}\n",
    ).setting("artipacked")
    assert found.at("ci.yml").severity is Severity.LOW
    assert not found.at("vendor/ci.yml").enabled
    assert found.at("vendor/ours/ci.yml").enabled


def test_off_is_off(tmp_path: Path) -> None:
    """Also in the files for which a weaker policy had switched the rule on."""
    first = "rules: {artipacked: {paths: {'**': off, .github/: on}}}\n"
    assert policy(tmp_path, first).setting("artipacked").on_somewhere
    for later in ("artipacked", "'*'"):
        found = policy(tmp_path, first, f"rules: {{{later}: off}}\n").setting("artipacked")
        assert not found.on_somewhere
        assert not found.at(".github/workflows/ci.yml").enabled
    again = policy(tmp_path, first, "rules: {artipacked: off}\n", "rules: {artipacked: on}\n")
    assert again.setting("artipacked").at("a.yml").enabled


_IDS = ("*", "artipacked", "stale-input", "tag:CICD-SEC-4", "template-injection", "mine", "diff-added")
_SCALE = st.sampled_from([str(one) for one in Severity])
_SAID = st.sampled_from(["on", "off"]) | st.builds(
    lambda severity, unknown, pattern: (
        f"{{severity: {severity}, unknown: {unknown}, paths: {{{pattern}: {{severity: {unknown}}}}}}}"
    ),
    _SCALE,
    _SCALE,
    st.sampled_from(["a/", "b/**"]),
)


@given(st.lists(st.dictionaries(st.sampled_from(_IDS), _SAID, max_size=4), min_size=1, max_size=3))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_said_explains_what_holds(tmp_path: Path, said: list[dict[str, str]]) -> None:
    """`policy show --explain` lists what leads to the setting that the judgment uses."""
    texts = [
        (CHECK if number == 0 else "")
        + "rules: {"
        + ", ".join(f"{id!r}: {one}" for id, one in rules.items())
        + "}\n"
        for number, rules in enumerate(said)
    ]
    found = policy(tmp_path, *texts)
    for id in ("artipacked", "stale-input", "template-injection", "mine", "diff-added"):
        told = Setting(enabled=True) if id in ("mine", "diff-added") else Setting()
        for one in found.said_of(id):
            told = one.setting.over(told)
        for path in ("x", "a/x", "b/x"):
            assert found.setting(id).at(path) == told.at(path)


# ---------------------------------------------------------------- extends


def written(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        file = folder / f"{name}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text("snowfence: 1\n" + text)
    return folder / "snowfence.yaml"


def test_a_diamond_holds_each_policy_once_at_its_weakest_place(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        base="extends: []\nrules: {artipacked: {severity: low}, stale-input: {severity: low}}\n",
        left="extends: ./base.yaml\nrules: {artipacked: {severity: high}}\n",
        right="extends: [./base.yaml]\nrules: {stale-input: {severity: high}}\n",
        snowfence="extends: [./left.yaml, ./right.yaml]\n",
    )
    found = load_policy(file, "snowfence.yaml")
    assert found.names == ("base.yaml", "left.yaml", "right.yaml", "snowfence.yaml")
    assert found.setting("artipacked").severity is Severity.HIGH
    assert found.setting("stale-input").severity is Severity.HIGH


def test_names_in_reports_are_tidy(tmp_path: Path) -> None:
    (tmp_path / "org").mkdir()
    (tmp_path / "org" / "team.yaml").write_text("snowfence: 1\nextends: [minimal, ../base.yaml]\n")
    file = written(tmp_path, base="extends: []\n", snowfence="extends: [./org/../org/team.yaml]\n")
    assert load_policy(file, "repo/snowfence.yaml").names == (
        "minimal",
        "repo/base.yaml",
        "repo/org/team.yaml",
        "repo/snowfence.yaml",
    )


def test_a_link_and_its_target_are_one_policy(tmp_path: Path) -> None:
    (tmp_path / "link.yaml").symlink_to("base.yaml")
    file = written(tmp_path, base="extends: []\n", snowfence="extends: [./base.yaml, ./link.yaml]\n")
    assert load_policy(file, "snowfence.yaml").names == ("base.yaml", "snowfence.yaml")


def test_packs_and_files_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = written(tmp_path, mine="rules: {artipacked: off}\n", snowfence="")
    both = load_policies([(Path("strict"), "strict"), (Path("mine.yaml"), "mine.yaml")])
    assert both.names == ("strict", "mine.yaml")
    assert not both.setting("artipacked").enabled
    # a pack is the pack, whatever lies in the folder, and a file out of the folder may be extended by who names it
    (tmp_path / "strict").write_text("snowfence: 1\nextends: []\n")
    assert load_policies([(Path("strict"), "strict")]).setting("artipacked").enabled
    assert not load_policies([(Path("./strict"), "./strict")]).setting("artipacked").enabled
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "mine.yaml").write_text("snowfence: 1\nextends: ../mine.yaml\n")
    assert load_policy(inner / "mine.yaml", "inner/mine.yaml").names == (
        "recommended",
        "mine.yaml",
        "inner/mine.yaml",
    )
    assert load_policy(file, "snowfence.yaml").names == ("recommended", "snowfence.yaml")
