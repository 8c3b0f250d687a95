"""Judgment: severity, floor, order, identity, and nothing said twice."""

from scanner.engine import NoOptions, Rule
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
