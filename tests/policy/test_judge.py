"""Judgment: severity, floor, order, identity, and nothing said twice."""

from scanner.analysis.ignores import Ignores
from scanner.engine import NoOptions, Rule, names_of
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.source import Source, Span
from scanner.policy.judge import judge
from scanner.policy.policy import Policy, Setting

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
