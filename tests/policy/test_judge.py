"""Judgment: severity, floor, order, identity, nothing said twice, what is taken out, and what differs by files."""

from datetime import date

import pytest

from scanner.analysis.ignores import Ignores
from scanner.analysis.waivers import Waiver, Waivers
from scanner.engine import NoOptions, Rule, names_of
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Finding, Hit, Severity, Unknown
from scanner.model.globs import glob
from scanner.model.source import Source, Span
from scanner.policy.accepted import FILE_NAME, Accepted, Entry
from scanner.policy.judge import judge
from scanner.policy.policy import PathSetting, Policy, Setting

SOURCE = Source("flake.lock", "flake-lock", "0123456789\nabcdefghij\n")


def rule(id: str = "a-rule") -> Rule[NoOptions]:
    return Rule(
        id,
        lambda ctx: iter(()),
        NoOptions,
        Severity.MEDIUM,
        Confidence.MEDIUM,
        {"worse": Severity.CRITICAL},
        (),
        (),
    )


def hit(start: int = 0, subject: str = "lock:flake.lock", **more: object) -> Hit:
    return Hit(Span(SOURCE, start, start + 1), subject, "message")._replace(**more)  # type: ignore[arg-type]


def policy(**settings: Setting) -> Policy:
    return Policy((), {id.replace("_", "-"): setting for id, setting in settings.items()}, None)


def test_severity_is_the_variants_unless_the_policy_overrides() -> None:
    answers = [(rule(), hit(0)), (rule(), hit(1, variant="worse"))]
    findings = judge(policy(), answers).findings
    assert [finding.severity for finding in findings] == [Severity.MEDIUM, Severity.CRITICAL]
    findings = judge(policy(a_rule=Setting(severity=Severity.LOW)), answers).findings
    assert {finding.severity for finding in findings} == {Severity.LOW}


def test_confidence_floor() -> None:
    answers = [(rule(), hit(0)), (rule(), hit(1, confidence=Confidence.LOW))]
    findings = judge(policy(a_rule=Setting(confidence=Confidence.MEDIUM)), answers).findings
    assert [finding.at.start for finding in findings] == [0]


def test_order_is_by_place_then_rule() -> None:
    answers = [(rule("b"), hit(1)), (rule("a"), hit(1)), (rule("b"), hit(0))]
    findings = judge(policy(), answers).findings
    assert [(finding.at.start, finding.rule) for finding in findings] == [(0, "b"), (1, "a"), (1, "b")]


def test_one_place_is_said_once() -> None:
    """An aliased step is a node of its own with the same text."""
    findings = judge(policy(), [(rule(), hit(0, "step:a#b/0")), (rule(), hit(0, "step:a#b/1"))]).findings
    assert len(findings) == 1


def test_identity_survives_moves_and_tells_evidence_apart() -> None:
    first = judge(policy(), [(rule(), hit(0))]).findings
    moved = judge(policy(), [(rule(), hit(7))]).findings
    other = judge(policy(), [(rule(), hit(0, evidence=("x",)))]).findings
    elsewhere = judge(policy(), [(rule(), hit(0, "lock:other"))]).findings
    assert first[0].fingerprint == moved[0].fingerprint
    assert len({first[0].fingerprint, other[0].fingerprint, elsewhere[0].fingerprint}) == 3


def test_equal_identities_are_counted_in_the_order_of_the_file() -> None:
    findings = judge(policy(), [(rule(), hit(5)), (rule(), hit(2))]).findings
    head = findings[0].fingerprint.removesuffix(":1")
    assert [finding.fingerprint for finding in findings] == [f"{head}:1", f"{head}:2"]


def test_identity_depends_on_the_repository_of_a_run_over_several() -> None:
    here = judge(policy(), [(rule(), hit())]).findings[0]
    source = Source("flake.lock", "flake-lock", SOURCE.text, prefix="sub/")
    there = judge(policy(), [(rule(), hit(at=Span(source, 0, 1)))]).findings[0]
    assert here.fingerprint != there.fingerprint


def test_unknown_is_kept_with_its_rule() -> None:
    undecided = judge(
        policy(), [(rule(), Unknown(Span(SOURCE, 0, 1), "lock:flake.lock", "no date"))]
    ).undecided
    assert [(one.rule, one.reason) for one in undecided] == [("a-rule", "no date")]


def sharp(
    id: str = "sharper", supersedes: tuple[str, ...] = ("a-rule",), instead_of: tuple[str, ...] = ()
) -> Rule[NoOptions]:
    return Rule(
        id,
        lambda ctx: iter(()),
        NoOptions,
        Severity.HIGH,
        Confidence.HIGH,
        {},
        ("zizmor:theirs",),
        (),
        supersedes=supersedes,
        instead_of=instead_of,
    )


BOTH = policy(a_rule=Setting(enabled=True), sharper=Setting(enabled=True))


def test_a_sharper_rule_takes_the_place_of_the_other_one_where_both_speak() -> None:
    answers = [(rule(), hit(0)), (sharp(), hit(0, "step:another")), (rule(), hit(1))]
    findings = judge(BOTH, answers).findings
    assert [(finding.at.start, finding.rule) for finding in findings] == [(0, "sharper"), (1, "a-rule")]
    assert judge(BOTH, reversed(answers)).findings == findings


def test_a_sharper_rule_says_no_more_than_the_other_one_where_that_is_on() -> None:
    assert judge(BOTH, [(sharp(), hit(0)), (rule(), hit(1))]).findings[0].rule == "a-rule"
    alone = policy(a_rule=Setting(enabled=False), sharper=Setting(enabled=True))
    assert [finding.rule for finding in judge(alone, [(sharp(), hit(0))]).findings] == ["sharper"]


def test_below_its_floor_a_sharper_rule_takes_nothing() -> None:
    floors = policy(a_rule=Setting(enabled=True), sharper=Setting(enabled=True, confidence=Confidence.HIGH))
    answers = [(rule(), hit(0)), (sharp(), hit(0, confidence=Confidence.MEDIUM))]
    assert [finding.rule for finding in judge(floors, answers).findings] == ["a-rule"]


def test_one_of_several_superseded_rules_is_enough() -> None:
    three = policy(a_rule=Setting(enabled=True), b_rule=Setting(enabled=True), sharper=Setting(enabled=True))
    both = sharp(supersedes=("a-rule", "b-rule"))
    answers = [(rule("b-rule"), hit(0)), (both, hit(0)), (both, hit(1))]
    assert [(one.at.start, one.rule) for one in judge(three, answers).findings] == [(0, "sharper")]


def test_a_comment_for_the_superseded_rule_silences_the_sharper_one_and_is_in_use() -> None:
    for name in ("snowfence: ignore[a-rule]", "snowfence: ignore[sharper]", "zizmor: ignore[theirs]"):
        source = Source(".github/workflows/a.yml", "workflow", f"a: b # {name} it is meant\n")
        ignores = Ignores([source], {"a-rule": (), "sharper": names_of(sharp())})
        at = Span(source, 0, 1)
        found = judge(BOTH, [(rule(), hit(at=at)), (sharp(), hit(at=at))], ignores=ignores)
        assert not found.findings
        assert [one.finding.rule for one in found.ignored] == ["sharper"]
        assert not list(ignores.idle({"a-rule", "sharper"}))


def test_a_hit_that_names_what_it_sharpens_does_not_speak_for_another_rule() -> None:
    both = sharp(supersedes=("a-rule", "b-rule"))
    named = hit(0)._replace(sharpens="a-rule")
    settings = {"a_rule": Setting(enabled=True), "sharper": Setting(enabled=True)}
    for b_rule in (Setting(enabled=False), Setting(enabled=True)):
        given = policy(b_rule=b_rule, **settings)
        assert not judge(given, [(both, named)]).findings
        assert [one.rule for one in judge(given, [(both, named), (rule(), hit(0))]).findings] == ["sharper"]
    off = policy(a_rule=Setting(enabled=False), b_rule=Setting(enabled=True), sharper=Setting(enabled=True))
    assert [one.rule for one in judge(off, [(both, named)]).findings] == ["sharper"]


def test_a_rule_that_speaks_instead_of_another_asks_it_nothing() -> None:
    instead = sharp(supersedes=(), instead_of=("a-rule",))
    answers = [(rule(), hit(0)), (instead, hit(0)), (instead, hit(1)), (rule(), hit(2))]
    found = [(one.at.start, one.rule) for one in judge(BOTH, answers).findings]
    assert found == [(0, "sharper"), (1, "sharper"), (2, "a-rule")]
    assert "snowfence:a-rule" in names_of(instead)


def test_without_a_name_one_rule_that_is_off_does_not_stand_for_one_that_is_silent() -> None:
    both = sharp(supersedes=("a-rule", "b-rule"))
    one_off = policy(
        a_rule=Setting(enabled=True), b_rule=Setting(enabled=False), sharper=Setting(enabled=True)
    )
    assert not judge(one_off, [(both, hit(0))]).findings


# ---------------------------------------------------------------- by file

OTHER = Source("sub/flake.lock", "flake-lock", SOURCE.text)


def by_path(setting: Setting, **whole: object) -> Policy:
    given = {"enabled": True, **whole}
    return policy(a_rule=Setting(paths=(PathSetting(glob("sub/**"), setting),), **given))  # type: ignore[arg-type]


def there(start: int = 0, confidence: Confidence | None = None) -> Hit:
    return hit(at=Span(OTHER, start, start + 1), confidence=confidence)


def test_severity_floor_and_switch_may_differ_by_file() -> None:
    low = Confidence.LOW
    answers = [(rule(), hit(0, confidence=low)), (rule(), there(1, confidence=low))]

    def found(judged: Policy) -> list[tuple[str, Severity]]:
        return [(one.at.path, one.severity) for one in judge(judged, answers).findings]

    here, elsewhere = ("flake.lock", Severity.MEDIUM), ("sub/flake.lock", Severity.MEDIUM)
    assert found(by_path(Setting())) == [here, elsewhere]
    assert found(by_path(Setting(severity=Severity.INFO))) == [here, ("sub/flake.lock", Severity.INFO)]
    assert found(by_path(Setting(confidence=Confidence.HIGH))) == [here]
    assert found(by_path(Setting(enabled=False))) == [here]
    assert found(by_path(Setting(enabled=True), enabled=False)) == [elsewhere]
    assert found(by_path(Setting(confidence=low), confidence=Confidence.HIGH)) == [elsewhere]


def test_a_sharper_rule_speaks_alone_where_the_other_one_is_off() -> None:
    both = by_path(Setting(enabled=False))
    both = both._replace(rules={**both.rules, "sharper": Setting(enabled=True)})
    answers = [(sharp(), hit(0)), (sharp(), there(0)), (rule(), there(1)), (rule(), hit(1))]
    found = [(one.at.path, one.rule) for one in judge(both, answers).findings]
    assert found == [("flake.lock", "a-rule"), ("sub/flake.lock", "sharper")]


# ---------------------------------------------------------------- questions as findings


def question(start: int, reason: str = "no date") -> Unknown:
    return Unknown(Span(SOURCE, start, start + 1), "lock:flake.lock", reason)


def test_a_question_is_a_finding_where_the_policy_says_so_whatever_its_floor() -> None:
    wanted = Setting(enabled=True, unknown=Severity.HIGH, severity=Severity.INFO, confidence=Confidence.HIGH)
    found = judge(policy(a_rule=wanted), [(rule(), question(0)), (rule(), question(0, "no hash"))])
    assert [(one.message, one.severity, one.confidence) for one in found.findings] == [
        ("no date", Severity.HIGH, Confidence.LOW),
        ("no hash", Severity.HIGH, Confidence.LOW),
    ]
    assert not found.undecided
    certain = judge(policy(), [(rule(), hit(0))]).findings
    assert certain[0].fingerprint not in {one.fingerprint for one in found.findings}


def test_questions_are_findings_in_some_files_only() -> None:
    there = question(0)._replace(at=Span(OTHER, 0, 1))
    found = judge(by_path(Setting(unknown=Severity.LOW)), [(rule(), question(0)), (rule(), there)])
    assert [one.at.path for one in found.findings] == ["sub/flake.lock"]
    assert [one.at.path for one in found.undecided] == ["flake.lock"]


# ---------------------------------------------------------------- what is taken out

HERE = Span(Source("snowfence.yaml", "policy", "rule: a-rule\n"), 0, 12)


def waivers(*every: Waiver) -> Waivers:
    return Waivers(every, {"a-rule": ()}, Graph({}, ()), date(2026, 11, 22))


def accepted(*fingerprints: str, path: str = "flake.lock") -> Accepted:
    at = Span(Source(FILE_NAME, "accepted", "{}"), 0, 0)
    return Accepted(
        Entry(one, "a-rule", path, "", date(2026, 11, 1), at, Severity.CRITICAL) for one in fingerprints
    )


def test_an_exception_takes_out_findings_and_questions() -> None:
    waiver = Waiver(HERE, ("a-rule",), "it is meant")
    found = judge(policy(), [(rule(), hit(0)), (rule(), question(1))], waivers=waivers(waiver))
    assert not found.findings
    assert not found.undecided
    assert [(one.by, one.at, one.reason) for one in found.ignored] == [("exception", HERE, "it is meant")]


def test_an_exception_for_findings_below_the_floor_is_in_use_and_counts_none() -> None:
    floor = policy(a_rule=Setting(enabled=True, confidence=Confidence.HIGH))
    both = waivers(Waiver(HERE, ("a-rule",), "it is meant"))
    judge(floor, [(rule(), hit(0))], waivers=both)
    assert [(one.taken, one.idle) for one in both.used()] == [(0, ())]


def test_a_finding_is_accepted_by_its_fingerprint() -> None:
    fingerprint = judge(policy(), [(rule(), hit(0))]).findings[0].fingerprint
    found = judge(policy(), [(rule(), hit(3)), (rule("b-rule"), hit(3))], accepted=accepted(fingerprint))
    assert [one.rule for one in found.findings] == ["b-rule"]
    assert [(one.by, one.reason) for one in found.ignored] == [("accepted", "accepted on 2026-11-01")]


def test_what_is_accepted_and_below_the_floor_is_not_gone() -> None:
    [low] = judge(policy(), [(rule(), hit(0))]).findings
    floor = policy(a_rule=Setting(enabled=True, confidence=Confidence.HIGH))
    kept = accepted(low.fingerprint)
    assert not judge(floor, [(rule(), hit(0))], accepted=kept).ignored
    assert kept.hidden == {low.fingerprint.removesuffix(":1")}


def fingerprints(findings: tuple[Finding, ...]) -> list[str]:
    return [one.fingerprint for one in findings]


@pytest.mark.parametrize("at", [0, 3, 9])
def test_one_more_of_equal_findings_is_one_new_finding_wherever_it_stands(at: int) -> None:
    two = fingerprints(judge(policy(), [(rule(), hit(2)), (rule(), hit(5))]).findings)
    found = judge(policy(), [(rule(), hit(start)) for start in (2, 5, at)], accepted=accepted(*two))
    assert len(found.findings) == 1
    assert len(found.ignored) == 2


def test_an_accepted_finding_stays_so_when_a_comment_above_takes_out_an_equal_one() -> None:
    source = Source("a.yml", "workflow", "a: b\nc: d # snowfence: ignore[a-rule]\ne: f\n")
    before = [(rule(), hit(at=Span(source, at, at + 1))) for at in (0,)]
    kept = accepted(*fingerprints(judge(policy(), before).findings), path="a.yml")
    more = [(rule(), hit(at=Span(source, at, at + 1))) for at in (5, 38)]
    ignores = Ignores([source], {"a-rule": ()})
    found = judge(policy(), more, ignores=ignores, accepted=kept)
    assert not found.findings
    assert [one.by for one in found.ignored] == ["comment", "accepted"]


def test_in_a_run_over_several_repositories_fingerprints_are_those_of_each_alone() -> None:
    alone = judge(policy(), [(rule(), hit())]).findings[0].fingerprint
    source = Source("flake.lock", "flake-lock", SOURCE.text, prefix="sub/")
    inside = [(rule(), hit(at=Span(source, 0, 1)))]
    waiver = Waiver(HERE, ("a-rule",), "it is meant", fingerprints=(alone,))
    assert judge(policy(), inside).findings[0].fingerprint != alone
    assert not judge(policy(), inside, accepted=accepted(alone)).findings
    assert not judge(policy(), inside, waivers=waivers(waiver)).findings


def test_a_comment_comes_before_an_exception_and_that_before_acceptance() -> None:
    source = Source("a.yml", "workflow", "a: b # snowfence: ignore[a-rule] said here\n")
    answers = [(rule(), hit(at=Span(source, 0, 1)))]
    kept = accepted(*fingerprints(judge(policy(), answers).findings))
    waived = waivers(Waiver(HERE, ("a-rule",), "it is meant"))
    comments = Ignores([source], {"a-rule": ()})
    assert judge(policy(), answers, str, comments, waived, kept).ignored[0].by == "comment"
    assert [one.taken for one in waived.used()] == [0]
    assert judge(policy(), answers, waivers=waived, accepted=kept).ignored[0].by == "exception"
    assert not kept.used
