"""Rules about code that is used, as they speak with `--online`, beyond the examples of their pages: servers in memory."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.engine import Context, load, needs_online, places
from scanner.model.finding import Confidence, Hit, Unknown
from scanner.model.online import GITHUB, NotKnown, Question, Release, Remote
from scanner.model.source import Source
from scanner.pipeline import Read, check
from scanner.policy.load import pack
from tests.memory import KNOWLEDGE, NOW, options_of, policy_of, repository
from tests.online import InMemory
from tests.support import SHARED

A, B, C, D = ("1" * 40, "2" * 40, "3" * 40, "4" * 40)
ZIZMOR = SHARED / "oracles" / "zizmor"

Answer = Hit | Unknown


def asked(
    id: str, files: dict[str, str], online: InMemory | None, now: date = NOW, **options: Any
) -> list[Answer]:
    rule = load(places()[id])
    graph, problems = repository(files)
    context = Context(graph, problems, KNOWLEDGE, now, options_of(rule, options), online=online)
    return list(rule.check(context))


def hits(id: str, files: dict[str, str], world: dict[str, Any], **options: Any) -> list[Hit]:
    found = asked(id, files, InMemory(world), **options)
    assert not [one for one in found if isinstance(one, Unknown)]
    return [one for one in found if isinstance(one, Hit)]


def steps(*uses: str) -> dict[str, str]:
    lines = "".join(f"      - uses: {one}\n" for one in uses)
    return {
        ".github/workflows/a.yml": f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{lines}"
    }


def lock(**pins: str) -> dict[str, str]:
    """`a_v1="v1 <commit>"` is an entry `o/a@v1`, which the workflow uses."""
    entries = ""
    keys = []
    for name, text in pins.items():
        ref, commit = text.split()
        key = f"o/{name.partition('_')[0]}@{ref}"
        keys.append(key)
        entries += f"  {key}: {{ref: {ref}, commit: sha1-{commit}, owner_id: 1, repo_id: 1}}\n"
    listed = ", ".join(keys)
    text = f"version: v0.0.2\nworkflows:\n  .github/workflows/a.yml: [{listed}]\ndependencies:\n{entries}"
    return {**steps(*keys), ".github/workflows/actions.lock": text}


ONLINE = (
    "impostor-commit",
    "moved-tag",
    "ref-confusion",
    "stale-action-pin",
    "stale-action-refs",
)


DEEPER = (
    "archived-uses",
    "missing-version-comment",
    "privileged-unpinned",
    "ref-version-mismatch",
    "typosquat-uses",
    "unpinned-uses",
)
"""Rules that say more then."""


@pytest.mark.parametrize("id", ONLINE)
def test_they_need_servers(id: str) -> None:
    assert needs_online(places()[id])
    assert not asked(id, {**lock(a_1=f"v1.0.0 {A}"), **steps(f"o/a@{A}")}, None)


@pytest.mark.parametrize("id", [*ONLINE, "ref-version-mismatch", "archived-uses"])
def test_a_server_that_does_not_answer_is_said_once(id: str) -> None:
    files = {
        **lock(a_1=f"v1.0.0 {A}", a_2=f"v2.0.0 {B}"),
        **steps(f"o/a@{A} # v1", f"o/a/sub@{B} # v2", "o/a@v3"),
    }
    found = asked(id, files, InMemory({"o/a": {"refs": "the server hangs", "about": "the server hangs"}}))
    assert len(found) == 1
    (answer,) = found
    assert isinstance(answer, Unknown)
    assert answer.reason.endswith(", because the server hangs")


@pytest.mark.parametrize(
    "id", ["missing-version-comment", "typosquat-uses", "unpinned-uses", "privileged-unpinned"]
)
def test_others_say_then_what_they_say_offline(id: str) -> None:
    files = {
        ".github/workflows/a.yml": "on: issue_comment\npermissions: {issues: write}\njobs:\n  a:\n    runs-on: x\n    steps:\n"
        f"      - uses: actoins/checkout@{A}\n      - uses: actoins/checkout@v1.0.0\n"
    }
    offline, online = asked(id, files, None), asked(id, files, InMemory({}))
    assert offline
    assert [_shown(one) for one in online] == [_shown(one) for one in offline]


def _shown(one: Answer) -> tuple[object, ...]:
    assert isinstance(one, Hit)
    return one.at.start, one.message, one.variant, one.confidence


# ---------------------------------------------------------------- impostor-commit


def test_the_id_of_an_annotated_tag_is_its_commit() -> None:
    """zizmor: `impostor-commit/sha-is-tag.yml`."""

    class Peeling(InMemory):
        def commits(self, of: Remote, ids: Any) -> Any:
            found = super().commits(of, [B])
            assert not isinstance(found, NotKnown)
            return {A: found[B]} if A in ids else found

    world = {"o/a": {"refs": {"tags": {"v1": B}}, "commits": {A: "2026-01-01", B: "2026-01-01"}, "holds": {}}}
    files = steps(f"o/a@{A} # v1")
    assert len(asked("impostor-commit", files, InMemory(world))) == 1
    for id in ("impostor-commit", "ref-version-mismatch", "stale-action-refs"):
        assert not asked(id, files, Peeling(world))


def test_a_release_costs_no_question_beyond_its_refs() -> None:
    online = InMemory({"o/a": {"refs": {"tags": {"v1.0.0": A}}}})
    assert not asked("impostor-commit", steps(f"o/a@{A}", f"o/a@{A} # v1.0.0"), online)
    assert {topic for topic, _ in online.asked} == {"refs"}


def test_an_impostor_in_the_lock() -> None:
    world = {"o/a": {"refs": {"branches": {"main": B}}, "commits": {A: "2026-01-01"}, "holds": {"main": []}}}
    (hit,) = hits("impostor-commit", lock(a_1=f"main {A}"), world)
    assert hit.at.text == "o/a@main"


def test_another_impostor_is_another_finding() -> None:
    world = {
        "o/a": {
            "refs": {"branches": {"main": B}},
            "commits": {A: "2026-01-01", C: "2026-01-01"},
            "holds": {"main": []},
        }
    }
    found = [hits("impostor-commit", steps(f"o/a@{one}"), world)[0].evidence for one in (A, C)]
    assert found[0] != found[1]


# ---------------------------------------------------------------- what comments say


MOVED = {"o/a": {"refs": {"tags": {"v4": B, "v4.2.2": A, "v4.3.0": B}}, "commits": {}, "holds": {}}}


@pytest.mark.parametrize("comment", ["v4", "v4.2", "v4.2.2", "4.2.2", "tag=v4.2.2", "ratchet:o/a@v4"])
def test_a_name_that_has_moved_on_is_true(comment: str) -> None:
    assert not hits("ref-version-mismatch", steps(f"o/a@{A} # {comment}"), MOVED)


@pytest.mark.parametrize(
    ("comment", "says"),
    [
        ("v4.3.0", "is `v4.2.2`, and `v4.3.0` leads to 222222222222"),
        ("v4.2.1", "is `v4.2.2`, and there is no `v4.2.1`"),
        ("v5", "is `v4.2.2`, and there is no `v5`"),
    ],
)
def test_the_tags_at_the_commit_are_named(comment: str, says: str) -> None:
    (hit,) = hits("ref-version-mismatch", steps(f"o/a@{A} # {comment}"), MOVED)
    assert says in hit.message
    assert hit.variant is None
    assert hit.at.text == comment


def test_a_tag_that_was_moved_with_its_name() -> None:
    """A full version whose tag is elsewhere now, and at whose commit nothing is left."""
    (hit,) = hits("ref-version-mismatch", steps(f"o/a@{C} # v4.2.2"), MOVED)
    assert "the tag was moved" in hit.message


@pytest.mark.parametrize(
    "refs", [{"branches": {"v1": B}}, {"tags": {"v1": B}}, {"tags": {"v1": B, "built": A}}]
)
def test_a_short_name_that_has_moved_on_is_no_lie(refs: dict[str, Any]) -> None:
    world = {"o/a": {"refs": refs, "commits": {}, "holds": {"v1": [A]}}}
    (hit,) = hits("ref-version-mismatch", steps(f"o/a@{A} # v1"), world)
    assert (hit.variant, hit.confidence) == ("moved", Confidence.LOW)


def test_a_later_name_has_an_earlier_release_in_its_history_and_is_wrong_all_the_same() -> None:
    world = {"o/a": {"refs": {"tags": {"v1.0.0": A, "v2": B, "v2.0.0": B}}, "holds": {"v2": [A]}}}
    (hit,) = hits("ref-version-mismatch", steps(f"o/a@{A} # v2"), world)
    assert hit.variant is None
    assert "is `v1.0.0`" in hit.message


def test_a_word_that_is_no_name_is_no_wrong_version() -> None:
    files = steps(f"o/a@{A} # reviewed")
    assert not hits("ref-version-mismatch", files, MOVED)
    (hit,) = hits("missing-version-comment", files, MOVED)
    assert "`# v4.2.2`" in hit.message


def test_nothing_is_said_twice() -> None:
    """What is wrong by itself is not looked up, and what is looked up is not guessed from other comments."""
    files = steps(f"o/a@{A} # ratchet:o/b@v4.3.0", f"o/a@{A} # v4.2.2", f"o/a@{A} # v4.2.1")
    found = hits("ref-version-mismatch", files, MOVED)
    assert [hit.at.text for hit in found] == ["ratchet:o/b@v4.3.0", "v4.2.1"]


def test_a_frozen_hook() -> None:
    text = (
        f"repos:\n  - repo: https://github.com/o/a\n    rev: {A}  # frozen: v4.3.0\n    hooks: [{{id: x}}]\n"
    )
    (hit,) = hits("ref-version-mismatch", {".pre-commit-config.yaml": text}, MOVED)
    assert hit.at.text == "frozen: v4.3.0"


def test_a_wrong_comment_behind_another_commit_is_another_finding() -> None:
    world = {"o/a": {"refs": {"tags": {"v1.0.1": B, "v1.0.0": A}}, "commits": {D: "2026-01-01"}, "holds": {}}}
    found = [hits("ref-version-mismatch", steps(f"o/a@{one} # v1.0.1"), world)[0].evidence for one in (A, D)]
    assert found[0] != found[1]


def test_a_comment_that_names_no_release_is_the_same_finding_after_an_update() -> None:
    world = {"o/a": {"refs": {"branches": {"main": C}}, "commits": {}, "holds": {"main": [A, B]}}}
    found = [hits("ref-version-mismatch", steps(f"o/a@{one} # main"), world)[0].evidence for one in (A, B)]
    assert found[0] == found[1]


def test_a_branch_in_the_name_of_a_release_does_not_make_a_comment_true() -> None:
    refs = {"branches": {"v1.0.1": D}, "tags": {"v1.0.1": B}}
    world = {"o/a": {"refs": refs, "commits": {D: "2026-01-01"}, "holds": {}}}
    assert len(hits("ref-version-mismatch", steps(f"o/a@{D} # v1.0.1"), world)) == 1


def test_a_comment_is_looked_up_in_the_tag_that_it_names() -> None:
    """A branch of its name has the commit, and the tag does not."""
    refs = {"branches": {"v1": C}, "tags": {"v1": B}}
    world = {"o/a": {"refs": refs, "commits": {}, "holds": {"v1": [A], "refs/tags/v1": []}}}
    (hit,) = hits("ref-version-mismatch", steps(f"o/a@{A} # v1"), world)
    assert hit.variant is None


# ---------------------------------------------------------------- stale-action-pin


def dated(**days: str) -> dict[str, Any]:
    """Tags with the days of their commits."""
    names = {name.replace("_", "."): f"{number:040x}" for number, name in enumerate(days, 1)}
    return {
        "o/a": {"refs": {"tags": names}, "commits": dict(zip(names.values(), days.values(), strict=True))}
    }


def at(number: int) -> str:
    return f"{number:040x}"


LINE = dated(v1_0_0="2024-01-01", v1_1_0="2024-06-01", v1_2_0="2026-10-01", v2_0_0="2026-11-01")


def test_how_far_behind_it_is() -> None:
    (hit,) = hits("stale-action-pin", steps(f"o/a@{at(1)} # v1.0.0"), LINE)
    assert hit.message.startswith(
        "`v1.0.0` of `o/a` has been out of date since 2024-06-01: it is 3 releases and 1,035 days behind `v2.0.0`; `v1.2.0` is the newest of "
        "its own major version"
    )


def test_a_lock_is_written_anew() -> None:
    (hit,) = hits("stale-action-pin", lock(a_1=f"v1.0.0 {at(1)}"), LINE)
    assert hit.message.endswith("; write `actions.lock` anew with `gh actions-lock`")


def test_a_day_after_a_release_nobody_is_late() -> None:
    assert not hits("stale-action-pin", steps(f"o/a@{at(2)} # v1.1.0"), LINE)
    assert hits("stale-action-pin", steps(f"o/a@{at(2)} # v1.1.0"), LINE, days=30)
    assert hits("stale-action-pin", steps(f"o/a@{at(2)} # v1.1.0"), LINE, releases=1)
    assert not hits("stale-action-pin", steps(f"o/a@{at(1)} # v1.0.0"), LINE, days=0)


def test_one_finding_for_a_repository_at_its_oldest_pin() -> None:
    online = InMemory(LINE)
    files = steps(f"o/a@{at(2)}", f"o/a/sub@{at(1)}", f"o/a@{at(2)}", "o/a@v1.0.0")
    found = asked("stale-action-pin", files, online, days=10)
    assert len(found) == 1
    assert isinstance(found[0], Hit)
    assert found[0].at.text == f"o/a/sub@{at(1)}"
    assert [note.message for note in found[0].related] == ["`v1.1.0` here", "`v1.1.0` here", "`v1.0.0` here"]
    assert [topic for topic, _ in online.asked].count("commits") == 1


def test_nothing_newer_costs_no_dates() -> None:
    online = InMemory(LINE)
    assert not asked("stale-action-pin", steps(f"o/a@{at(4)} # v2.0.0", "o/a@main"), online)
    assert {topic for topic, _ in online.asked} == {"refs"}


def test_a_commit_between_releases_counts_by_its_date() -> None:
    world = dated(v1_0_0="2026-01-01")
    world["o/a"]["commits"] |= {A: "2025-01-01", B: "2026-02-01"}
    (hit,) = hits("stale-action-pin", steps(f"o/a@{A}"), world)
    assert "the commit 111111111111 of `o/a` is no release, and 365 days older than the newest" in hit.message
    assert not hits("stale-action-pin", steps(f"o/a@{B}"), world)


def test_an_old_line_that_is_kept_and_versions_counted_anew() -> None:
    world = dated(v1_9_0="2026-01-01", v2_0_0="2024-01-01")
    assert not hits("stale-action-pin", steps(f"o/a@{at(1)}"), world)
    world = dated(v1_0_0="2026-01-01", v2019_4="2019-04-01")
    assert not hits("stale-action-pin", steps(f"o/a@{at(1)}"), world)


def test_a_pre_release_is_behind_its_release() -> None:
    names = {"v1.0.0-rc1": A, "v1.0.0": B, "v2.0.0-beta": C}
    world = {"o/a": {"refs": {"tags": names}, "commits": {A: "2024-01-01", B: "2024-02-01", C: "2026-01-01"}}}
    (hit,) = hits("stale-action-pin", steps(f"o/a@{A}"), world)
    assert "1 release and 31 days behind `v1.0.0`" in hit.message
    assert not hits("stale-action-pin", steps(f"o/a@{B}"), world)


# ---------------------------------------------------------------- moved-tag


@pytest.mark.parametrize(
    ("pin", "tags", "variant"),
    [
        ("v1.0.0", {"v1.0.0": B}, None),
        ("v1.0.0-rc1", {"v1.0.0-rc1": B}, None),
        ("2024-01-02", {"2024-01-02": B}, None),
        ("v1.0.0", {"v1": A}, "gone"),
        ("v1", {"v1": B}, "short"),
        # Tags that somebody adds, who may do that as well as move one.
        ("v1.0.0", {"v1.0.0": B, "v1.0.0.1": A}, None),
        ("v1.0.0", {"v1.0.0": B, "v1.0.0-rc1": A}, None),
        ("v1", {"v1": B, "kept": A}, "short"),
        ("v1.0", {"v1.0": B, "v1.1": A}, "short"),
    ],
)
def test_a_moved_tag(pin: str, tags: dict[str, str], variant: str | None) -> None:
    (hit,) = hits("moved-tag", lock(a_1=f"{pin} {A}"), {"o/a": {"refs": {"tags": tags}}})
    assert hit.variant == variant


@pytest.mark.parametrize(
    ("pin", "refs"),
    [
        ("v1.0.0", {"tags": {"v1.0.0": A}}),
        ("v1", {"tags": {"v1": B, "v1.1.0": B}}),
        ("v1", {"tags": {"v1": B, "v1.1.0": B, "v1.0.0": A}}),
        ("stable", {"tags": {"stable": B}}),
        ("main", {"branches": {"main": B}}),
        ("v1", {"branches": {"v1": B}}),
        ("v1.0.0", {"branches": {"v1.0.0": A}}),
    ],
)
def test_a_tag_that_may_move(pin: str, refs: dict[str, Any]) -> None:
    assert not hits("moved-tag", lock(a_1=f"{pin} {A}"), {"o/a": {"refs": refs, "holds": {"v1": [A]}}})


@pytest.mark.parametrize(
    ("ref", "refs", "confidence"),
    [
        ("v1.0.0", {"branches": {"v1.0.0": B}}, Confidence.MEDIUM),
        ("v1.0.0", {"branches": {"v1.0.0": B}, "tags": {"v1": A}}, Confidence.MEDIUM),
        ("refs/tags/v1.0.0", {"branches": {"v1.0.0": A}}, None),
        ("v1", {"branches": {"v1": B}}, Confidence.LOW),  # no branch that has moved on: it lacks the commit
    ],
)
def test_a_branch_does_not_hide_that_a_tag_is_gone(
    ref: str, refs: dict[str, Any], confidence: Confidence | None
) -> None:
    world = {"o/a": {"refs": refs, "holds": {"main": [A]}}}
    (hit,) = hits("moved-tag", lock(a_1=f"{ref} {A}"), world)
    assert (hit.variant, hit.confidence) == ("gone", confidence)


def test_whether_a_branch_has_the_commit_may_stay_open() -> None:
    world = {"o/a": {"refs": {"branches": {"v1": B}}, "holds": "the server hangs"}}
    (answer,) = asked("moved-tag", lock(a_1=f"v1 {A}"), InMemory(world))
    assert isinstance(answer, Unknown)


def test_a_tag_that_is_moved_on_is_another_finding_than_the_one_that_was_accepted() -> None:
    def evidence(held: str, **refs: Any) -> tuple[str, ...]:
        (hit,) = hits("moved-tag", lock(a_1=f"v1.0.0 {held}"), {"o/a": {"refs": refs}})
        return hit.evidence

    once = evidence(A, tags={"v1.0.0": B})
    assert once == evidence(A, tags={"v1.0.0": B, "v2.0.0": C})
    others = (
        evidence(A, tags={"v1.0.0": D}),
        evidence(C, tags={"v1.0.0": B}),  # the lock was changed
        evidence(A),
        evidence(A, branches={"v1.0.0": B}),
    )
    assert len({once, *others}) == 5


# ---------------------------------------------------------------- archived-uses


@pytest.mark.parametrize(("host", "open"), [("", 1), ("hostname: git.example.org, ", 0)])
def test_whether_an_action_of_an_action_is_archived_may_stay_open(host: str, open: int) -> None:
    """Where no server could ever tell, it is no question."""
    entry = "{{ref: v1, commit: sha1-{0}, owner_id: 1, repo_id: 1, {1}}}"
    text = (
        "version: v0.0.3\nworkflows:\n  .github/workflows/a.yml: [o/a@v1]\ndependencies:\n"
        f"  o/a@v1: {entry.format(A, 'uses: [p/b@v1]')}\n  p/b@v1: {entry.format(B, host)}\n"
    )
    files = {**steps("o/a@v1"), ".github/workflows/actions.lock": text}
    found = asked(
        "archived-uses", files, InMemory({"o/a": {"about": {}}, "p/b": {"about": "the server hangs"}})
    )
    assert [type(one) for one in found] == [Unknown] * open
    assert all("`p/b`" in one.reason for one in found if isinstance(one, Unknown))


# ---------------------------------------------------------------- immutable releases


def test_only_exact_tags_are_asked_for() -> None:
    class Counting(InMemory):
        def release(self, of: Remote, tag: str) -> Any:
            self.asked.append((tag, of))
            return Release(tag, True)

    refs = {
        "branches": {"main": A, "v3.0.0": A},
        "tags": {"v1": A, "v1.2.0": A, "v3.0.0": A, "v1.3.0": B, "s": A},
    }
    online = Counting({"o/a": {"refs": refs}})
    files = steps("o/a@v1", "o/a@v1.2.0", "o/a@main", "o/a@v3.0.0", "o/a@v9.9.9", "o/a@s")
    found = asked("unpinned-uses", files, online)
    assert [one.at.text for one in found] == ["o/a@v1", "o/a@main", "o/a@v3.0.0", "o/a@v9.9.9", "o/a@s"]
    assert [topic for topic, _ in online.asked if topic != "refs"] == ["v1.2.0"]


# ---------------------------------------------------------------- archived-uses


def test_hooks_are_asked_for_on_github_and_actions_at_home() -> None:
    hooks = "repos:\n  - repo: https://github.com/o/h\n    rev: v1\n    hooks: [{id: x}]\n"
    files = {**steps("o/a@v1"), ".pre-commit-config.yaml": hooks}
    online = InMemory(
        {"git.example.org/o/a": {"about": {"archived": True}}, "o/h": {"about": {"archived": True}}},
        "git.example.org",
    )
    found = asked("archived-uses", files, online)
    assert sorted(one.at.text for one in found) == ["https://github.com/o/h", "o/a@v1"]
    assert {of for _, of in online.asked} == {Remote("git.example.org", "o/a"), Remote(GITHUB, "o/h")}


# ---------------------------------------------------------------- a whole run


def test_a_run_asks_only_when_it_may() -> None:
    graph, problems = repository(steps(f"o/a@{A} # v1.0.0", "o/a@v1.0.0"))
    read = Read(graph, problems, frozenset({"workflow"}), ())
    world = {
        "o/a": {"refs": {"tags": {"v1.0.0": B}}, "commits": {A: "2020-01-01"}, "holds": {}, "releases": {}}
    }
    online = InMemory(world)
    with_servers = check(".", read, pack("strict"), KNOWLEDGE, NOW, online=online)
    without = check(".", read, pack("strict"), KNOWLEDGE, NOW)
    said = {one.rule for one in with_servers.findings}
    assert {"impostor-commit", "unpinned-uses"} <= said
    assert not {one.rule for one in without.findings} & set(ONLINE)
    assert Question("refs", Remote(GITHUB, "o/a")) in online.prepared
    prints = [one.fingerprint for one in with_servers.findings]
    assert len(set(prints)) == len(prints)


def test_what_excuses_a_finding_of_servers_is_not_idle_without_them() -> None:
    files = steps("o/a@v1 # snowfence: ignore[archived-uses]", f"o/b@{A} # zizmor: ignore[artipacked] v1")
    graph, problems = repository(files)
    sources = tuple(Source(path, "workflow", text) for path, text in files.items())
    read = Read(graph, problems, frozenset({"workflow"}), sources)
    waiver = policy_of(
        {
            "snowfence.yaml": "snowfence: 1\nextends: [strict]\nexceptions:\n  - rule: [archived-uses, impostor-commit]\n"
            "    path: a.yml\n    reason: it is ours\n    expires: 2026-12-31\n"
        }
    )
    assert waiver is not None
    known = InMemory({"o/a": {"refs": {}, "about": {}}, "o/b": {"refs": {}, "about": {}}})
    for online, idle in ((None, {"artipacked"}), (known, {"artipacked", "archived-uses"})):
        found = check(".", read, waiver, KNOWLEDGE, NOW, online=online).findings
        assert {one.at.text for one in found if one.rule == "unused-ignore"} == idle
        assert any(one.rule == "unused-exception" for one in found) == (online is not None)


# ---------------------------------------------------------------- hostile servers

LINES = (
    f"o/a@{A}", f"o/a@{A} # v1", f"o/a@{B} # v1.2.3", f"o/a@{C} # main", f"o/a@{D} # a-1.2", "o/a@v1", "o/a@v1.2.3", "o/a@main",
    "actoins/checkout@v4",
)  # fmt: skip
NAMES = st.sampled_from(["v1", "v1.2.3", "v1.2", "v2.0.0", "main", "a-1.2", "a-1.3", "`", A]) | st.text(
    max_size=120
)
IDS = st.sampled_from([A, B, C, D])
REPOSITORY = st.fixed_dictionaries(
    {},
    optional={
        "refs": st.fixed_dictionaries(
            {
                "branches": st.dictionaries(NAMES, IDS, max_size=5),
                "tags": st.dictionaries(NAMES, IDS, max_size=9),
            }
        ),
        "commits": st.dictionaries(IDS, st.sampled_from(["2020-01-01", "2026-11-01", "2030-01-01"])),
        "holds": st.dictionaries(NAMES, st.lists(IDS)),
        "releases": st.dictionaries(NAMES, st.booleans()),
        "about": st.fixed_dictionaries({"archived": st.booleans()}),
    },
)


@given(st.dictionaries(st.sampled_from(["o/a", "actoins/checkout", "actions/checkout"]), REPOSITORY))
def test_whatever_servers_say_is_told_in_one_line(world: dict[str, Any]) -> None:
    files = {**lock(a_1=f"v1.2.3 {A}", a_2=f"v1 {B}"), **steps(*LINES)}
    for id in (*ONLINE, *DEEPER):
        found = asked(id, files, InMemory(world))
        for one in found:
            text = one.message if isinstance(one, Hit) else one.reason
            assert text.isprintable()
            assert text.count("`") % 2 == 0
            assert not text.endswith(".")
        hits = [one for one in found if isinstance(one, Hit)]
        assert len({(one.at.start, one.variant) for one in hits}) == len(hits)


# ---------------------------------------------------------------- zizmor's own examples

CHECKOUT = {
    "refs": {
        "branches": {"main": "08eba0b27e820071cde6df949e0beb9ba4906955"},
        "tags": {
            "v4": "11bd71901bbe5b1630ceea73d27597364c9af683",
            "v4.2.2": "11bd71901bbe5b1630ceea73d27597364c9af683",
        },
        "default": "main",
    },
    "commits": {
        "c7d749a2d57b4b375d1ebcd17cfbfb60c676f18e": "2022-04-01",
        "009b9ae9e446ad8d9b8c809870b0fbcc5e03573e": "2024-11-07",
        "11bd71901bbe5b1630ceea73d27597364c9af683": "2024-10-23",
    },
    "holds": {"main": ["009b9ae9e446ad8d9b8c809870b0fbcc5e03573e"]},
}
WORLD: dict[str, Any] = {
    "actions/checkout": CHECKOUT,
    "woodruffw/gha-hazmat": {"refs": {"branches": {"confusable": A}, "tags": {"confusable": B}}},
    "actions/setup-node": {
        "refs": {
            "tags": {
                "v3.8.1": "5e21ff4d9bc1a8cf6de233a3057d20ec6b3fb69d",
                "v3.8.2": "1a4442cacd436585916779262731d5b162bc6ec7",
            }
        },
        "commits": {"1a4442cacd436585916779262731d5b162bc6ec7": "2023-01-01"},
        "holds": {},
    },
    "swatinem/rust-cache": {"refs": {"tags": {"v2.7.8": "9d47c6ad4b02e050fd481d890b2ea34778fd09d6"}}},
    "canonical/charming-actions": {"refs": {"tags": {"2.7.0": "1753e0803f70445132e92acd45c905aba6473225"}}},
}
"""What GitHub says of the repositories that they name, as the comments in them say."""

OURS = {("ref-version-mismatch", "Low"): "missing-version-comment"}
"""zizmor's pedantic finding is another rule here."""


def test_zizmors_examples() -> None:
    """Its online findings of these rules, by rule, file and line; and nothing else in those files."""
    if not ZIZMOR.is_dir():
        pytest.skip("zizmor's examples are not beside this checkout")
    rules = {"impostor-commit", "ref-confusion", "ref-version-mismatch", "stale-action-refs"}
    seen = 0
    for case in json.loads((ZIZMOR / "oracle.json").read_text("utf-8"))["cases"]:
        wanted = {
            (OURS.get((one["rule"], one["severity"]), one["rule"]), one["file"], one["start"][0])
            for one in case["expected"]
            if one.get("online") and one["rule"] in rules
        }
        if not wanted:
            continue
        seen += len(wanted)
        files = {
            place: (ZIZMOR / "test-data" / name).read_text("utf-8") for name, place in case["files"].items()
        }
        ids = {rule for rule, _, _ in wanted}
        found = {
            (id, one.at.path, one.at.source.position(one.at.start).line)
            for id in ids
            for one in asked(id, files, InMemory(WORLD))
        }
        assert found == wanted, case["id"]
    assert seen == 7
