"""Rules about actions.lock beyond the examples of their pages."""

import pytest

from scanner.engine import Context, load, places
from scanner.model.finding import Hit
from tests.memory import KNOWLEDGE, NOW, repository
from tests.support import CORPUS

FOLDER = ".github/workflows/"
CI = f"{FOLDER}ci.yml"
LOCK = f"{FOLDER}actions.lock"


def entry(key: str, commit: str = "1", more: str = "", owner: int = 1, repo: int = 1) -> str:
    ref = key.partition("@")[2]
    return f"  {key}: {{ref: {ref}, commit: sha1-{commit * 40}, owner_id: {owner}, repo_id: {repo}{more}}}\n"


def lock(listed: str, *entries: str, version: str = "v0.0.2") -> str:
    return f"version: {version}\nworkflows: {{{CI}: [{listed}]}}\ndependencies:\n" + (
        "".join(entries) or "  {}\n"
    )


def ci(*uses: str, call: str = "") -> str:
    steps = "".join(f"      - uses: {one}\n" for one in uses)
    job = f"  b:\n    steps:\n{steps}" if uses else ""
    return "on: push\njobs:\n" + job + (f"  c: {{uses: {call}}}\n" if call else "")


def hits(rule: str, files: dict[str, str]) -> list[Hit]:
    graph, problems = repository(files)
    found = load(places()[rule])
    return [
        hit
        for hit in found.check(Context(graph, problems, KNOWLEDGE, NOW, found.options()))
        if isinstance(hit, Hit)
    ]


def missing(files: dict[str, str]) -> list[str]:
    return [hit.evidence[-1] for hit in hits("actions-lock-missing-pin", files)]


def stale(files: dict[str, str]) -> list[str]:
    return [hit.evidence[-1] for hit in hits("actions-lock-stale", files)]


def test_a_step_of_a_composite_action_needs_an_entry() -> None:
    action = "runs: {using: composite, steps: [{uses: c/d@v1}, {uses: ./more}]}\n"
    more = "runs: {using: composite, steps: [{uses: e/f@v1}]}\n"
    files = {CI: ci("./act"), "act/action.yml": action, "more/action.yml": more, LOCK: lock("")}
    assert missing(files) == ["c/d@v1", "e/f@v1"]
    files[LOCK] = lock("", entry("c/d@v1"), entry("e/f@v1"))
    assert not missing(files)
    assert not stale(files)


def test_actions_in_a_circle_end() -> None:
    action = "runs: {using: composite, steps: [{uses: ./act}, {uses: a/b@v1}]}\n"
    assert missing({CI: ci("./act"), "act/action.yml": action, LOCK: lock("")}) == ["a/b@v1"]


def test_a_workflow_that_is_not_listed_is_not_held_to_the_lock() -> None:
    assert not missing({f"{FOLDER}other.yml": ci("a/b@v1"), LOCK: lock("")})


def test_a_ref_that_was_changed_is_one_finding() -> None:
    files = {
        CI: ci("a/b@v2"),
        LOCK: lock("a/b@v1", entry("a/b@v1", more=", uses: [c/d@v1]"), entry("c/d@v1", repo=2)),
    }
    assert missing(files) == ["a/b@v2"]
    assert not stale(files)


def test_an_action_that_is_not_in_the_repository_may_need_anything() -> None:
    assert not stale({CI: ci("./made/by/a/step"), LOCK: lock("a/b@v1", entry("a/b@v1"))})


def test_a_workflow_that_cannot_be_read_is_not_gone() -> None:
    assert stale({LOCK: lock("")}) == [CI]
    assert not stale({CI: "on: [\n", LOCK: lock("")})


def test_names_are_compared_without_case_and_refs_with_it() -> None:
    files = {CI: ci("A/B/sub@v1"), LOCK: lock("a/b@v1", entry("a/B@v1"))}
    assert not missing(files)
    assert not stale(files)
    assert missing({CI: ci("a/b@V1"), LOCK: lock("a/b@v1", entry("a/b@v1"))}) == ["a/b@V1"]


def test_steps_that_never_run_are_held_to_the_lock_as_well() -> None:
    files = {CI: "on: push\njobs: {a: {if: false, steps: [{uses: a/b@v1}]}}\n", LOCK: lock("")}
    assert missing(files) == ["a/b@v1"]


@pytest.mark.parametrize(
    ("entries", "variants"),
    [
        ((entry("a/b@v1"), entry("a/c@v1", repo=2)), []),
        ((entry("a/b@v1"), entry("A/c@v1", owner=2, repo=2)), ["identity"]),
        ((entry("a/b@v1"), entry("c/d@v1", repo=2)), ["identity"]),
        ((entry("a/b@v1"), entry("a/b@v2", repo=2)), ["identity"]),
        ((entry("a/b@v1"), entry("a/c@v1")), ["identity"]),
        # One difference is said once, however many entries have it.
        ((entry("a/b@v1"), entry("a/c@v1", owner=2, repo=2), entry("a/d@v1", owner=2, repo=3)), ["identity"]),
        ((entry("a/b@v1"), entry("A/b@v1")), []),
        ((entry("a/b@v1"), entry("A/b@v1", commit="2")), [None]),
        ((entry("a/b@" + "1" * 40),), []),
        ((entry("a/b@" + "2" * 40),), [None]),
    ],
)
def test_conflicts(entries: tuple[str, ...], variants: list[str | None]) -> None:
    found = hits("actions-lock-conflict", {LOCK: lock("", *entries)})
    assert [hit.variant for hit in found] == variants


def test_what_is_malformed_is_no_conflict_and_the_other_way_round() -> None:
    for text in (entry("a/b@" + "2" * 40), entry("a/b@v1").replace("sha1-", "")):
        found = {
            rule: len(hits(rule, {LOCK: lock("", text)}))
            for rule in ("malformed-actions-lock", "actions-lock-conflict")
        }
        assert sorted(found.values()) == [0, 1]


def test_a_file_that_cannot_be_read_is_said_by_the_reader_alone() -> None:
    _, problems = repository({LOCK: "garbage"})
    assert len(problems) == 1
    assert "ignores" in problems[0].message
    assert not hits("malformed-actions-lock", {LOCK: "garbage"})


@pytest.mark.skipif(not CORPUS.is_dir(), reason="real locks stand beside the checkout")
@pytest.mark.parametrize("name", ["actix__actix-web", "github__gh-actions-lock", "github__actions-lockfile"])
def test_real_locks_are_in_order(name: str) -> None:
    folder = CORPUS / "open" / name / ".github" / "workflows"
    files = {f"{FOLDER}{file.name}": file.read_text("utf-8") for file in folder.iterdir() if file.is_file()}
    for rule in ("malformed-actions-lock", "actions-lock-stale", "actions-lock-conflict"):
        assert not hits(rule, files)
    # Of these, only a called workflow is not in the lock.
    assert all(str(hit.confidence) == "low" for hit in hits("actions-lock-missing-pin", files))
