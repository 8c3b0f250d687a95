"""What `snowfence diff` makes of every kind of change."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.finding import Confidence, Finding, Severity
from scanner.model.source import Source, Span
from scanner.policy.policy import Policy, Setting
from scanner.rules.changes import KINDS
from scanner.views.diff.compare import compare
from scanner.views.diff.pairs import Follows, Pairs
from tests.views.locks import (
    DAY,
    MAY,
    NEW_REV,
    OLD_REV,
    Nodes,
    changed,
    difference,
    hash_of,
    lock,
    node,
    nodes,
    update,
)


def locked(label: str, **attributes: Any) -> Callable[[Nodes], None]:
    """Sets attributes of `locked`; None takes one away."""

    def change(found: Nodes) -> None:
        for name, value in attributes.items():
            if value is None:
                del found[label]["locked"][name]
            else:
                found[label]["locked"][name] = value

    return change


def original(label: str, **attributes: Any) -> Callable[[Nodes], None]:
    def change(found: Nodes) -> None:
        found[label]["original"].update(attributes)

    return change


def updated(label: str, days: int = 9) -> Callable[[Nodes], None]:
    return lambda found: update(found, label, days)


def both(*changes: Callable[[Nodes], object]) -> Callable[[Nodes], None]:
    def change(found: Nodes) -> None:
        for one in changes:
            one(found)

    return change


def follows(label: str, name: str, *path: str) -> Callable[[Nodes], None]:
    def change(found: Nodes) -> None:
        found[label]["inputs"][name] = list(path)

    return change


def further(label: str, name: str) -> Callable[[Nodes], None]:
    def change(found: Nodes) -> None:
        found["new"] = node("stranger", "new")
        found[label]["inputs"] = {**found[label].get("inputs", {}), name: "new"}

    return change


CASES: list[tuple[Callable[[Nodes], object], str, str, str]] = [
    (updated("tool"), "tool", "diff-updated", "info"),
    (updated("tool", 0), "tool", "diff-updated", "info"),
    (updated("tool", -3), "tool", "diff-moved-backwards", "medium"),
    (
        both(updated("tool", -3), original("tool", ref="old")),
        "tool",
        "diff-moved-backwards/other-branch",
        "info",
    ),
    (both(updated("home"), updated("utils", -3)), "home/utils", "diff-moved-backwards/inherited", "low"),
    (locked("tool", narHash=hash_of("C")), "tool", "diff-hash-changed", "critical"),
    (locked("utils", narHash=hash_of("C")), "home/utils", "diff-hash-changed", "critical"),
    # Nix takes these for the same, so none of them may hide a hash that has changed.
    (locked("tool", narHash=hash_of("C"), rev=f"sha1:{OLD_REV}"), "tool", "diff-hash-changed", "critical"),
    (locked("tool", narHash=hash_of("C"), dir=""), "tool", "diff-hash-changed", "critical"),
    (locked("tool", narHash=None), "tool", "diff-hash-removed", "high"),
    (locked("tool", narHash=None, rev=None), "tool", "diff-unlocked", "high"),
    (locked("tool", rev=None), "tool", "diff-unlocked/no-commit", "high"),
    (locked("tool", lastModified=MAY + 400 * DAY), "tool", "diff-date-changed", "medium"),
    (locked("tool", owner="evil"), "tool", "diff-source-changed/not-asked", "critical"),
    (locked("utils", owner="evil"), "home/utils", "diff-source-changed/not-asked", "critical"),
    (locked("tool", host="evil.example"), "tool", "diff-source-changed/not-asked", "critical"),
    (
        both(locked("tool", owner="other"), original("tool", owner="other")),
        "tool",
        "diff-source-changed",
        "high",
    ),
    (
        both(locked("tool", repo="tool2"), original("tool", repo="tool2")),
        "tool",
        "diff-source-changed/renamed",
        "medium",
    ),
    (
        both(updated("home"), locked("utils", owner="other"), original("utils", owner="other")),
        "home/utils",
        "diff-source-changed/inherited",
        "medium",
    ),
    # What declares it has not changed: an override in flake.nix, or a hand.
    (
        both(locked("utils", owner="other"), original("utils", owner="other")),
        "home/utils",
        "diff-source-changed",
        "high",
    ),
    (
        both(
            lambda found: found["tool"]["locked"].pop("owner"),
            lambda found: found["tool"]["locked"].pop("repo"),
            locked("tool", type="git", url="https://github.com/somebody/tool.git"),
        ),
        "tool",
        "diff-source-changed/same-repository",
        "low",
    ),
    (original("nixpkgs", ref="nixos-26.05"), "nixpkgs", "diff-branch-changed", "low"),
    (original("tool", rev=NEW_REV), "tool", "diff-request-changed", "info"),
    (locked("tool", dir="other"), "tool", "diff-attributes-changed", "medium"),
    (lambda found: found["tool"].update(flake=False), "tool", "diff-flake-changed", "medium"),
    (follows("home", "nixpkgs", "tool"), "home/nixpkgs", "diff-follows-changed/unexplained", "medium"),
    (follows("home", "utils", "tool"), "home/utils", "diff-follows-gained/unexplained", "medium"),
    (further("home", "nixpkgs"), "home/nixpkgs", "diff-follows-lost/unexplained", "medium"),
    (further("root", "new"), "new", "diff-added", "low"),
    (further("home", "new"), "home/new", "diff-added/injected", "high"),
    (both(updated("home"), further("home", "new")), "home/new", "diff-added/transitive", "info"),
    (lambda found: found["root"]["inputs"].pop("tool"), "tool", "diff-removed", "info"),
]


@pytest.mark.parametrize(
    ("change", "name", "kind", "severity"), CASES, ids=[case[2] + ":" + case[1] for case in CASES]
)
def test_a_change(change: Callable[[Nodes], object], name: str, kind: str, severity: str) -> None:
    [found] = [one for one in changed(change) if one.name == name]
    said = {one.rule if one.variant is None else f"{one.rule}/{one.variant}": one for one in found.findings}
    assert kind in said
    one = said[kind]
    assert str(one.severity) == severity
    assert found.severity is not None
    assert found.severity >= one.severity
    assert name in one.message
    assert one.at.source.path == "flake.lock"
    assert "\n" not in one.at.text


def test_a_policy_can_switch_a_kind_off_and_set_its_severity() -> None:
    after = nodes()
    update(after, "tool")
    update(after, "home", -3)
    off, high = Setting(enabled=False), Setting(severity=Severity.HIGH)
    [found] = difference(nodes(), after, diff_updated=off, diff_moved_backwards=high).locks
    assert [(one.name, one.words, one.severity) for one in found.changes] == [
        ("home", "moved backwards", Severity.HIGH),
        ("tool", "updated", None),
    ]


def test_1980_is_no_date() -> None:
    """Archives without dates have it: nothing has moved back in time."""
    [found] = changed(both(updated("tool"), locked("tool", lastModified=315_532_800)))
    assert found.words == "updated"
    assert "does not say when" in found.findings[0].message


def test_every_kind_of_change_has_a_case() -> None:
    shown = {case[2].partition("/")[0] for case in CASES}
    elsewhere = {"diff-copies-changed", "diff-lock-added", "diff-lock-removed", "diff-lock-version"}
    elsewhere.add("diff-policy-changed")  # test_policies.py
    assert shown | elsewhere == set(KINDS)


def test_nothing_has_changed() -> None:
    [found] = difference(nodes(), nodes()).locks
    assert (found.status, found.changes, found.findings) == ("unchanged", (), ())


def test_labels_are_no_names() -> None:
    """Nix numbers labels anew when an input comes or goes."""
    after = nodes()
    after["utils_2"] = after.pop("utils")
    after["home"]["inputs"]["utils"] = "utils_2"
    [found] = difference(nodes(), after).locks
    assert found.status == "unchanged"


def test_owners_are_compared_as_forges_do() -> None:
    assert changed(locked("nixpkgs", owner="nixos")) == []


def test_the_padding_of_a_hash_is_no_change() -> None:
    assert changed(locked("tool", narHash=hash_of("A").rstrip("="))) == []


def test_one_input_can_change_in_several_ways() -> None:
    [found] = changed(both(updated("nixpkgs"), original("nixpkgs", ref="nixos-26.05")))
    assert found.words == "branch changed, updated"
    assert [one.severity for one in found.findings] == [Severity.LOW, Severity.INFO]


def test_own_inputs_come_first() -> None:
    names = [one.name for one in changed(both(updated("tool"), updated("utils"), updated("home")))]
    assert names == ["home", "tool", "home/utils"]


def test_copies_are_counted() -> None:
    after = nodes()
    after["other"] = node("NixOS", "nixpkgs", rev=NEW_REV, letter="B")
    after["tool"]["inputs"] = {"nixpkgs": "other"}
    [forth] = difference(nodes(), after).locks
    assert [one.rule for one in forth.findings] == ["diff-copies-changed"]
    assert "2 revisions now and was at 1" in forth.findings[0].message
    [back] = difference(after, nodes()).locks
    assert "1 revision now and was at 2" in back.findings[0].message


def test_the_version_of_the_format() -> None:
    [older] = difference(nodes(), nodes(), (7, 6)).locks
    assert [(one.rule, one.severity) for one in older.findings] == [("diff-lock-version", Severity.LOW)]
    [newer] = difference(nodes(), nodes(), (6, 7)).locks
    assert newer.findings[0].severity is Severity.INFO


def test_a_fingerprint_survives_what_is_inserted_above() -> None:
    def print_of(change: Callable[[Nodes], object]) -> str:
        [found] = [one for one in changed(change) if one.name == "tool"]
        return found.findings[0].fingerprint

    assert print_of(locked("tool", owner="evil")) == print_of(
        both(further("root", "a"), locked("tool", owner="evil"))
    )
    assert print_of(locked("tool", owner="evil")) != print_of(locked("tool", owner="worse"))


def test_a_shared_node_is_one_input() -> None:
    """Hand-made locks and those of devenv may share nodes; the second way to one is no second input."""
    shared = nodes()
    shared["tool"]["inputs"] = {"utils": "utils"}
    pairs = Pairs(lock(shared), lock(shared))
    states = {pairs.shown(number): pair.new for number, pair in pairs}
    assert states["tool/utils"] == Follows(("home", "utils"))


labels = st.sampled_from("abcdef")
edges = st.dictionaries(labels, st.one_of(labels, st.lists(labels, max_size=3)), max_size=4)


@st.composite
def _hostile(draw: st.DrawFn) -> Nodes:
    found: Nodes = {"root": {"inputs": draw(edges)}}
    for label in "abcdef":
        if draw(st.booleans()):
            found[label] = node(draw(labels), draw(labels), rev=draw(labels) * 40, inputs=draw(edges))
    return found


@given(_hostile(), _hostile())
def test_any_two_locks_can_be_compared(old: Nodes, new: Nodes) -> None:
    """Cycles, follows that lead nowhere, nodes that are not there."""
    there, back = difference(old, new), difference(new, old)
    for found in (*there.judgments(), *back.judgments()):
        assert found.at.end <= len(found.at.source.text)
    prints = [one.fingerprint for one in there.judgments()]
    assert len(prints) == len(set(prints))
    assert [one.name for one in there.locks[0].changes] == [one.name for one in back.locks[0].changes]


@given(_hostile())
def test_a_lock_has_not_changed_against_itself(found: Nodes) -> None:
    assert difference(found, found).locks[0].status == "unchanged"


def test_a_chain_is_linear_work() -> None:
    """Paths as long as the lock are not made."""
    size = 20_000
    chain: Nodes = {"root": {"inputs": {"x": "0"}}}
    for number in range(size):
        chain[str(number)] = node(
            "o", f"r{number}", inputs={"x": str(number + 1)} if number < size - 1 else {}
        )
    after = {**chain, str(size - 1): node("evil", "r")}
    [found] = difference(chain, after).locks[0].changes
    assert (found.name, found.path) == ("…/x", None)


@pytest.mark.parametrize("more", [{"submodules": False}, {"lfs": True}, {"shallow": True}])
def test_an_attribute_more_hides_no_changed_hash(more: dict[str, bool]) -> None:
    def with_git(found: Nodes) -> Nodes:
        place = {"type": "git", "url": "https://example.org/tool"}
        found["tool"] = {"original": place, "locked": {**place, "rev": OLD_REV, "narHash": hash_of("A")}}
        return found

    after = with_git(nodes())
    after["tool"]["locked"].update(more, narHash=hash_of("C"))
    found = difference(with_git(nodes()), after)
    assert "diff-hash-changed" in {one.rule for one in found.judgments()}


def test_a_hash_in_another_encoding_is_the_same() -> None:
    assert changed(locked("tool", narHash="sha256:" + "00" * 32)) != []
    before, after = nodes(), nodes()
    before["tool"]["locked"]["narHash"] = "sha256-" + "A" * 43 + "="
    after["tool"]["locked"]["narHash"] = "sha256:" + "00" * 32
    [lock] = difference(before, after).locks
    assert not lock.changes


def test_a_home_page_of_somebody_else_is_another_place() -> None:
    def of(user: str) -> Nodes:
        found = nodes()
        place = {"type": "tarball", "url": f"https://example.org/~{user}/x.tar.gz"}
        found["tool"] = {"original": place, "locked": {**place, "narHash": hash_of(user[0].upper())}}
        return found

    kinds = {one.rule for one in difference(of("alice"), of("mallory")).judgments()}
    assert "diff-source-changed" in kinds


def test_a_long_chain_that_is_gone_is_walked_once() -> None:
    size = 3000
    chain = {
        f"n{at}": node("o", f"r{at}", inputs={"x": f"n{at + 1}"} if at < size else {})
        for at in range(size + 1)
    }
    before: Nodes = {"root": {"inputs": {"a": "n0"}}, **chain}
    after: Nodes = {"root": {"inputs": {"b": "z"}}, "z": node("o", "z")}
    [lock] = difference(before, after).locks
    assert lock.changes


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (follows("home", "nixpkgs", "tool"), "diff-follows-changed"),
        (follows("home", "utils", "tool"), "diff-follows-gained"),
        (further("home", "nixpkgs"), "diff-follows-lost"),
    ],
)
def test_follows_that_nothing_asks_for(change: Callable[[Nodes], object], kind: str) -> None:
    """A flake.nix that speaks of the path explains it, and so does a change above; else somebody has edited the lock."""

    def severities(after: Nodes, said: frozenset[tuple[str, ...]] | None) -> set[str]:
        policy = Policy((), {}, None)
        overridden = {} if said is None else {"flake.lock": said}
        before = {"flake.lock": lock(nodes())}
        found = compare(before, {"flake.lock": lock(after)}, ((), ()), policy, overridden=overridden)
        return {str(one.severity) for one in found.judgments() if one.rule == kind}

    after = nodes()
    change(after)
    assert severities(after, frozenset()) == {"high"}
    assert severities(after, None) == {"medium"}
    asked = frozenset({("home", "nixpkgs"), ("home", "utils")})
    assert severities(after, asked) <= {"low", "info"}
    update(after, "home")
    assert severities(after, frozenset()) <= {"low", "info"}


def test_a_finding_that_has_become_worse_is_a_new_one() -> None:
    at = Span(Source("flake.lock", "flake-lock", "{}"), 0, 1)
    mild = Finding("a-rule", None, Severity.LOW, Confidence.HIGH, "lock:flake.lock", at, "x", (), (), "f:1")
    bad = mild._replace(severity=Severity.HIGH)
    policy = Policy((), {}, None)
    assert compare({}, {}, ((mild,), (bad,)), policy).fresh == (bad,)
    assert compare({}, {}, ((bad,), (mild,)), policy).fresh == ()


def test_the_policy_judges_changes_as_it_judges_findings() -> None:
    before, after = nodes(), nodes()
    update(after, "tool")
    [one] = difference(before, after).judgments()
    assert (
        one.fingerprint == "45cf69e3597dd504765a5db5860d76ff:1"
    )  # as it has always been made, so that no alert is opened anew
    [judged] = difference(before, after, diff_updated=Setting(severity=Severity.HIGH)).judgments()
    assert (judged.severity, judged.fingerprint) == (Severity.HIGH, one.fingerprint)
    assert not list(difference(before, after, diff_updated=Setting(enabled=False)).judgments())
