"""What a report says of the posture: the areas, what is lost for what, what is not judged, and what can never help."""

from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.discover import LOCKS
from scanner.engine import AnyRule, Described, NoOptions, Rule, load, needs_online, places
from scanner.model.areas import AREAS, Area
from scanner.model.finding import Confidence, Finding, Ignored, Problem, Severity, Undecided
from scanner.model.source import Source, Span
from scanner.parse.document import NIX_IN_WORKFLOW
from scanner.policy.load import load_policies, pack
from scanner.policy.packs import pack_names
from scanner.policy.policy import Policy, Setting
from scanner.policy.weights import DEFAULT_WEIGHTS
from scanner.results import Report, RuleInUse
from scanner.views.score.points import points
from scanner.views.score.posture import BELONG, AreaScore, Posture, posture

WORKFLOW = Source(".github/workflows/ci.yml", "workflow", "0123456789\n" * 9)
LOCK = Source("flake.lock", "flake-lock", "0123456789\n" * 9)
PAGE = Described("", "", "", "")
EVERY_KIND = frozenset(kind for kinds in BELONG.values() for kind in kinds)


def rule(id: str, area: Area) -> AnyRule:
    return Rule(id, lambda ctx: iter(()), NoOptions, Severity.LOW, Confidence.HIGH, {}, (), (), area=area)


RULES = {f"{area}-{number}": rule(f"{area}-{number}", area) for area in AREAS for number in (1, 2)}
RULES["unreadable-input"] = rule("unreadable-input", "hygiene")


def finding(rule: str, severity: Severity, start: int = 0, source: Source = WORKFLOW) -> Finding:
    at = Span(source, start, start + 1)
    return Finding(rule, None, severity, Confidence.HIGH, "", at, "", (), (), f"{rule}{start}{source.path}")


def report(findings: list[Finding] = [], **more: Any) -> Report:  # noqa: B006 - never changed
    rules = tuple(RuleInUse(one, PAGE, None) for one in RULES.values())
    empty = Report("", (), (), (), (), rules, 1, (), ("test",), "", date(2026, 11, 22))
    return empty._replace(findings=tuple(findings), **more)


def judged(one: Report, policy: Policy | None = None, kinds: frozenset[str] = EVERY_KIND) -> Posture:
    return posture(one, policy or Policy((), {"*": Setting(enabled=True)}, None), kinds)


def area(found: Posture, name: Area) -> AreaScore:
    return next(one for one in found.areas if one.name == name)


def test_nothing_found_is_ten_in_every_area() -> None:
    found = judged(report())
    assert [one.left for one in found.areas] == [points(10)] * len(AREAS)
    assert found.total == points(10)


def test_a_loss_says_what_it_is_for() -> None:
    found = judged(
        report(
            [
                finding("pinning-1", Severity.LOW, 1),
                finding("pinning-1", Severity.HIGH, 20),
                finding("pinning-2", Severity.CRITICAL, 3),
            ]
        )
    )
    first, second = area(found, "pinning").losses
    assert (first.rule, first.points) == ("pinning-2", points(6))
    assert (second.rule, second.number, second.points) == ("pinning-1", 2, points(3.05))
    assert (second.at.start, second.severity) == (20, Severity.HIGH)  # that of the worst
    assert area(found, "pinning").left == points(0.95)


def test_what_is_accepted_counts_and_what_is_excepted_is_stated() -> None:
    one = finding("exposure-1", Severity.HIGH)
    at = one.at
    accepted = judged(report(ignored=(Ignored(one, at, "later", "accepted"),)))
    (loss,) = area(accepted, "exposure").losses
    assert (loss.accepted, loss.points) == (1, points(3))
    excepted = judged(report(ignored=(Ignored(one, at, "why", "exception"), Ignored(one, at, "", "comment"))))
    assert area(excepted, "exposure").left == points(10)
    assert area(excepted, "exposure").taken_out == {"comment": 1, "exception": 1}


def test_an_open_question_is_no_pass() -> None:
    questions = tuple(Undecided("freshness-1", Span(LOCK, at, at + 1), "", "why") for at in (1, 2))
    (loss,) = area(judged(report(unknowns=questions)), "freshness").losses
    assert (loss.cause, loss.number, loss.points) == ("undecided", 2, points(0.55))
    # A finding that a policy makes of the question says it already; one that weighs nothing does not.
    for severity, causes in ((Severity.MEDIUM, ["findings"]), (Severity.INFO, ["undecided", "findings"])):
        also = [finding("freshness-1", severity, 1, LOCK)]
        losses = area(judged(report(also, unknowns=questions[:1])), "freshness").losses
        assert [one.cause for one in losses] == causes


def test_a_file_that_cannot_be_read_could_hold_anything() -> None:
    problem = Problem(Span(WORKFLOW, 5, 6), "")
    found = judged(report([finding("unreadable-input", Severity.HIGH, 5)], problems=(problem,)))
    lost = {one.name: [(loss.cause, loss.points) for loss in one.losses] for one in found.areas}
    unread = [("unread", points(3))]
    assert lost == {
        "pinning": unread,
        "freshness": unread,
        "permissions": unread,
        "exposure": unread,
        "nix-trust": [],
        "hygiene": [("findings", points(3))],
    }


def test_where_nothing_could_be_read_nothing_is_left() -> None:
    problem = Problem(Span(WORKFLOW, 5, 6), "")
    found = judged(report(problems=(problem,)), kinds=frozenset(("flake-lock",)))
    assert area(found, "exposure").left == 0
    # The lock could be read; that a rule about it is off or silenced is no pass for the other file.
    assert area(found, "pinning").left == points(9.5)


def test_what_cannot_be_read_at_all_is_counted_once() -> None:
    problem = Problem(Span(WORKFLOW, 5, 6), "")
    said = finding("unreadable-input", Severity.CRITICAL, 5)
    found = judged(report([said], problems=(problem,)), kinds=frozenset())
    (loss,) = area(found, "hygiene").losses
    assert (loss.cause, loss.severity, loss.points) == ("unread", Severity.CRITICAL, points(10))
    assert found.total == 0


def test_what_the_policy_makes_milder_than_its_packs(tmp_path: Path) -> None:
    file = tmp_path / "snowfence.yaml"
    rules = tuple(RuleInUse(load(places()[id]), places()[id], None) for id in MILDER)
    file.write_text(
        "snowfence: 1\nextends: [recommended]\nrules:\n"
        "  unpinned-uses: { severity: low }\n  artipacked: { confidence: high }\n  typosquat-uses: { severity: high }\n"
        "  weak-hash: { paths: { 'a/**': { severity: info } } }\n"
    )
    by = posture(report(rules=rules), load_policies([(file, "snowfence.yaml")]), EVERY_KIND).softened
    assert (by.lowered, by.raised_floors, by.weights) == (
        ("unpinned-uses", "weak-hash"),
        ("artipacked",),
        False,
    )
    for name in pack_names():
        of_pack = posture(report(rules=rules), pack(name), EVERY_KIND).softened
        assert of_pack == ((), (), name == "scorecard"), name


MILDER = ("unpinned-uses", "artipacked", "typosquat-uses", "weak-hash")


def test_an_area_without_files_or_rules_is_not_judged() -> None:
    found = judged(report(), kinds=frozenset(("flake-lock",)))
    assert [one.name for one in found.areas if one.left is None] == ["permissions", "exposure"]
    assert found.total == points(10)
    rules = tuple(RuleInUse(one, PAGE, None) for one in RULES.values() if one.area != "nix-trust")
    assert area(judged(report(rules=rules)), "nix-trust").left is None
    assert judged(report(rules=()), kinds=frozenset()).total is None


def test_rules_that_are_off_are_named() -> None:
    settings = {
        "*": Setting(enabled=True),
        "artipacked": Setting(enabled=False),
        "weak-hash": Setting(enabled=False),
    }
    found = judged(report(), Policy((), settings, None), frozenset(("workflow",)))
    assert area(found, "permissions").off == ("artipacked",)
    assert area(found, "nix-trust").off == ()  # nothing calls for it


def test_a_critical_finding_caps_the_whole_unless_its_area_has_no_weight() -> None:
    one = report([finding("hygiene-1", Severity.CRITICAL)])
    assert (judged(one).total, judged(one).capped) == (points(4), True)
    weights = DEFAULT_WEIGHTS._replace(areas={**DEFAULT_WEIGHTS.areas, "hygiene": 0})
    without = judged(one, Policy((), {"*": Setting(enabled=True)}, None, weights=weights))
    assert (without.total, without.capped) == (points(10), False)


FINDINGS = st.builds(
    finding,
    st.sampled_from([*RULES]),
    st.sampled_from(list(Severity)),
    st.integers(0, 50),
    st.sampled_from([WORKFLOW, LOCK]),
)
KINDS = st.sampled_from(
    [EVERY_KIND, frozenset(("workflow",)), frozenset(("flake-lock",)), frozenset(("nix-conf",))]
)


@given(st.lists(FINDINGS, max_size=12), FINDINGS, KINDS)
def test_one_more_finding_never_raises_a_score(
    found: list[Finding], one: Finding, kinds: frozenset[str]
) -> None:
    _no_better(judged(report(found), kinds=kinds), judged(report([*found, one]), kinds=kinds))


@given(st.lists(FINDINGS, min_size=1, max_size=12), st.data(), KINDS)
def test_a_worse_finding_never_raises_a_score(
    found: list[Finding], data: st.DataObject, kinds: frozenset[str]
) -> None:
    at = data.draw(st.integers(0, len(found) - 1))
    least = found[at].severity
    severity = data.draw(st.sampled_from([one for one in Severity if one >= least]))
    worse = [*found[:at], found[at]._replace(severity=severity), *found[at + 1 :]]
    _no_better(judged(report(found), kinds=kinds), judged(report(worse), kinds=kinds))


def _no_better(before: Posture, after: Posture) -> None:
    assert before.total is None or (after.total is not None and after.total <= before.total)
    for first, second in zip(before.areas, after.areas, strict=True):
        assert first.left is None or (second.left is not None and second.left <= first.left)


def test_every_area_has_rules() -> None:
    assert {load(place).area for place in places().values()} == set(AREAS)


@pytest.mark.parametrize("id", [id for id, place in places().items() if load(place).area != "hygiene"])
def test_a_rule_reads_files_that_belong_to_its_area(id: str) -> None:
    """Or its findings would stand in an area that is not judged. Hygiene is that of every file."""
    inputs: frozenset[str] = import_module(f"scanner.rules.{places()[id].subject}").INPUTS
    rule = load(places()[id])
    if NIX_IN_WORKFLOW in inputs:
        inputs |= {"workflow", "action"}
    if needs_online(places()[id]):  # what they find stands in the files that name repositories
        inputs = LOCKS if "nix" in rule.tags else frozenset({"workflow", "action"})
    assert inputs & BELONG[rule.area]
