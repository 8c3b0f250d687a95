"""Exceptions: what each kind of matcher covers, and what is known of them afterwards."""

from datetime import date

import pytest

from scanner.analysis.waivers import NOTHING_WAIVED, Used, Waiver, Waivers
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.globs import Glob, glob
from scanner.model.source import Source, Span
from tests.memory import NOW, repository

CI = ".github/workflows/ci.yml"
WORKFLOW = """\
on: push
jobs:
  build:
    runs-on: [self-hosted, big]
    steps:
      - uses: My-Org/Setup/sub@v1
        with:
          token: ${{ secrets.token }}
      - uses: docker://alpine:3
  call:
    uses: their-org/workflows/.github/workflows/x.yml@main
"""
LOCK = """\
{"nodes": {
  "root": {"inputs": {"nixpkgs": "nixpkgs_2", "home": "home", "plain": "plain"}},
  "nixpkgs_2": {"locked": {"type": "path", "path": "/a"}, "original": {"type": "path", "path": "/a"}},
  "plain": {"locked": {"type": "path", "path": "/a"}, "original": {"type": "path", "path": "/a"}},
  "home": {"inputs": {"nixpkgs": "nixpkgs", "systems": "systems_7"},
           "locked": {"type": "path", "path": "/b"}, "original": {"type": "path", "path": "/b"}},
  "nixpkgs": {"locked": {"type": "path", "path": "/c"}, "original": {"type": "path", "path": "/c"}},
  "systems_7": {"locked": {"type": "path", "path": "/c"}, "original": {"type": "path", "path": "/c"}}
}, "root": "root", "version": 7}
"""
FILES = {CI: WORKFLOW, "flake.lock": LOCK, "flake.nix": "{ outputs = _: { }; }\n"}
GRAPH: Graph = repository(FILES)[0]
POLICY = Span(Source("snowfence.yaml", "policy", "exceptions:\n  - rule: a-rule\n"), 14, 26)
RULES = {"a-rule": (), "b-rule": (), "sharper": ("zizmor:theirs", "snowfence:a-rule")}


def waiver(*rules: str, **more: object) -> Waiver:
    given = {
        key: tuple(glob(one) for one in str(value).split())
        if key in ("paths", "jobs", "targets", "inputs")
        else value
        for key, value in more.items()
    }
    return Waiver(POLICY, rules or ("a-rule",), "it is meant")._replace(**given)  # type: ignore[arg-type]


def waivers(*every: Waiver, last: tuple[str, ...] = ()) -> Waivers:
    return Waivers(every, RULES, GRAPH, NOW, last)


def span(text: str, path: str = CI) -> Span:
    start = FILES[path].index(text)
    return Span(Source(path, "workflow", FILES[path]), start, start + len(text))


def covers(one: Waiver, subject: str, at: Span | None = None, **more: object) -> bool:
    node = GRAPH.nodes.get(subject)
    place = at or (node.place() if node is not None else None) or span("on: push")
    return waivers(one).of("a-rule", place, subject, **more) is not None  # type: ignore[arg-type]


STEP, IMAGE_STEP, JOB, CALL = f"step:{CI}#build/0", f"step:{CI}#build/1", f"job:{CI}#build", f"job:{CI}#call"


def used_at(subject: str) -> Span:
    node = GRAPH.nodes[subject]
    assert isinstance(node, StepNode)
    assert node.step.call is not None
    return node.step.call.text.span


@pytest.mark.parametrize(
    ("more", "subject", "expected"),
    [
        ({}, STEP, True),
        ({"paths": ".github/**"}, STEP, True),
        ({"paths": "*.yml"}, STEP, False),
        ({"paths": "*.yml **/ci.yml"}, STEP, True),
        ({"jobs": "build"}, STEP, True),
        ({"jobs": "b*"}, JOB, True),
        ({"jobs": "call"}, STEP, False),
        ({"jobs": "**"}, "flake:flake.nix", False),
        ({"targets": "my-org/setup/sub@v1"}, STEP, True),
        ({"targets": "My-Org/*/sub@*"}, STEP, True),
        ({"targets": "my-org/setup/sub"}, STEP, True),
        ({"targets": "my-org/**"}, STEP, True),
        ({"targets": "my-org/*"}, STEP, False),
        ({"targets": "alpine:3"}, STEP, False),
        ({"targets": "their-org/**"}, CALL, True),
        ({"targets": "self-hosted"}, JOB, True),
        ({"targets": "TOKEN"}, STEP, True),
        ({"targets": "token"}, "secret:TOKEN", True),
        ({"targets": "my-org/setup/sub@v?"}, "action:my-org/setup/sub@v1", True),
        ({"targets": "**"}, f"workflow:{CI}", False),
        ({"targets": "[Z-a]*"}, STEP, False),  # no range in lower case, and no crash
        ({"inputs": "nixpkgs"}, "flake-input:flake.lock#nixpkgs_2", True),
        ({"inputs": "nixpkgs"}, "flake-input:flake.lock#nixpkgs", False),
        ({"inputs": "home/nixpkgs"}, "flake-input:flake.lock#nixpkgs", True),
        ({"inputs": "*"}, "flake-input:flake.lock#nixpkgs", False),
        ({"inputs": "systems_7"}, "flake-input:flake.lock#systems_7", True),
        ({"inputs": "home/systems"}, "flake-input:flake.lock#systems_7", True),
        ({"inputs": "**"}, STEP, False),
        ({"jobs": "build", "targets": "my-org/**"}, STEP, True),
        ({"jobs": "build", "targets": "your-org/**"}, STEP, False),
    ],
)
def test_every_kind_of_matcher_that_is_given_has_to_match(
    more: dict[str, object], subject: str, expected: bool
) -> None:
    assert covers(waiver(**more), subject) is expected


def test_what_is_used_at_the_place_counts_before_what_else_is_used() -> None:
    at = used_at(STEP)
    assert covers(waiver(targets="my-org/**"), STEP, at)
    assert not covers(waiver(targets="TOKEN"), STEP, at)


def test_every_input_of_which_a_finding_on_a_flake_or_a_lock_speaks_must_be_meant() -> None:
    one = ("home/nixpkgs",)
    several = ("nixpkgs", "home/nixpkgs")
    for subject in ("flake:flake.nix", "lock:flake.lock"):
        assert covers(waiver(inputs="home/*"), subject, inputs=one)
        assert not covers(waiver(inputs="nixpkgs"), subject, inputs=one)
        assert not covers(waiver(inputs="nixpkgs"), subject, inputs=several)
        assert covers(waiver(inputs="nixpkgs home/nixpkgs"), subject, inputs=several)
        assert not covers(waiver(inputs="**"), subject)


def test_no_policy_takes_out_what_is_wrong_with_its_own_exceptions() -> None:
    about = waivers(waiver("unused-exception"))
    assert about.of("unused-exception", POLICY, "file:snowfence.yaml") is None
    other = Span(Source("team.yaml", "policy", "exceptions:\n  - rule: a-rule\n"), 14, 26)
    assert about.of("unused-exception", other, "file:team.yaml")


def test_a_pattern_is_asked_once_for_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    matches = Glob.matches

    def counting(self: Glob, text: str) -> bool:
        asked.append(text)
        return matches(self, text)

    monkeypatch.setattr(Glob, "matches", counting)
    many = waivers(*(waiver(targets="*a*a*x", reason=str(number)) for number in range(50)))
    for _ in range(20):
        assert not many.of("a-rule", used_at(STEP), STEP)
    assert len(asked) == len(set(asked)) <= 2


def test_fingerprints() -> None:
    one = waiver(fingerprints=("f:1", "g:1"))
    assert covers(one, STEP, fingerprints=("g:1",))
    assert not covers(one, STEP, fingerprints=("g:2",))
    assert not covers(one, STEP)
    assert not covers(one._replace(paths=(glob("*"),)), STEP, fingerprints=("g:1",))


def test_rules_and_their_other_names() -> None:
    at = span("on: push")
    assert waivers(waiver("a-rule")).of("sharper", at, STEP)
    assert not waivers(waiver("sharper")).of("a-rule", at, STEP)
    assert not waivers(waiver("b-rule")).of("a-rule", at, STEP)
    assert waivers(waiver("*")).of("a-rule", at, STEP)
    for id in ("expired-exception", "unused-exception", "broad-exception"):
        assert not waivers(waiver("*")).of(id, at, STEP)
        assert waivers(waiver(id)).of(id, at, STEP)


def used(of: Waivers) -> list[Used]:
    return list(of.used())


def test_the_first_in_force_takes_it_out_and_all_that_cover_it_are_in_use() -> None:
    first, second = waiver(reason="first"), waiver(reason="second", jobs="build")
    both = waivers(first, second)
    assert both.of("a-rule", used_at(STEP), STEP) == first
    assert [(one.taken, one.idle) for one in used(both)] == [(1, ()), (0, ())]


def test_it_holds_on_its_last_day_and_not_on_the_next() -> None:
    for day, holds in ((NOW, True), (date(2026, 11, 21), False)):
        one = waivers(waiver(expires=day))
        assert bool(one.of("a-rule", used_at(STEP), STEP)) is holds
        assert [(found.over, found.taken, found.idle) for found in used(one)] == [(not holds, 1, ())]


def test_what_another_one_or_a_comment_takes_out_does_not_come_back() -> None:
    both = waivers(waiver(expires=date(2026, 1, 1)), waiver())
    both.of("a-rule", used_at(STEP), STEP)
    both.of("a-rule", used_at(STEP), STEP, counted=False)
    assert [(one.over, one.taken, one.unused) for one in used(both)] == [(True, 0, False), (False, 1, False)]


def test_idle_are_the_rules_that_run_and_match_nothing() -> None:
    every = waivers(
        waiver("a-rule", "b-rule"), waiver("off-rule"), waiver("*", jobs="x"), waiver("late"), last=("late",)
    )
    every.of("sharper", used_at(STEP), STEP)
    assert [one.idle for one in used(every)] == [("b-rule",), (), ("*",), ()]
    assert [one.unused for one in used(every)] == [False, False, True, False]


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (waiver(), True),
        (waiver(paths="**"), True),
        (waiver(paths="a **", inputs="*"), True),
        (waiver(paths="**", jobs="build"), False),
        (waiver(fingerprints=("f:1",)), False),
    ],
)
def test_covers_everything(one: Waiver, expected: bool) -> None:
    assert one.covers_everything is expected


def test_nothing_is_waived_by_no_exceptions() -> None:
    assert not NOTHING_WAIVED
    assert NOTHING_WAIVED.of("a-rule", span("on: push"), STEP) is None


def test_more_stars_than_anybody_needs_are_refused() -> None:
    assert glob("*a" * 20)
    with pytest.raises(ValueError, match="more than 20 stars"):
        glob("*a" * 21)
