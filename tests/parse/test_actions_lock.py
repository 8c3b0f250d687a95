"""GitHub's actions.lock: which pins hold, and why the others do not."""

import pytest

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.actions_lock import ActionsLock, read_actions_lock
from scanner.parse.uses import RepositoryUse, use_of
from scanner.parse.yaml import compose

SHA = "1" * 40
CI = ".github/workflows/ci.yml"


def read(text: str) -> tuple[ActionsLock | None, list[Problem]]:
    problems: list[Problem] = []
    source = Source(".github/workflows/actions.lock", "actions-lock", text)
    return read_actions_lock(source, compose(source, problems), problems), problems


def lock(entry: str, key: str = "a/b@v1", version: str = "v0.0.2") -> ActionsLock:
    found, problems = read(
        f"version: {version}\nworkflows: {{{CI}: ['{key}']}}\ndependencies: {{'{key}': {entry}}}\n"
    )
    assert not problems
    assert found is not None
    return found


def use(text: str) -> RepositoryUse:
    found = use_of(text)
    assert isinstance(found, RepositoryUse)
    return found


GOOD = f"{{ref: v1, commit: sha1-{SHA}, owner_id: 1, repo_id: 2}}"


def test_a_pin_holds_for_the_workflows_that_list_it() -> None:
    found = lock(GOOD)
    assert found.holds(CI, use("a/b@v1"))
    assert found.holds(CI, use("A/B@v1"))
    assert found.holds(CI, use("a/b/sub/path@v1"))
    assert not found.holds(CI, use("a/b@V1"))
    assert not found.holds(CI, use("a/c@v1"))
    assert not found.holds(".github/workflows/other.yml", use("a/b@v1"))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{ref: v1, owner_id: 1, repo_id: 2}", "`commit`"),
        (f"{{ref: v1, commit: {SHA}, owner_id: 1, repo_id: 2}}", "`commit`"),
        (f"{{ref: v1, commit: md5-{SHA}, owner_id: 1, repo_id: 2}}", "`commit`"),
        ("{ref: v1, commit: sha1-1234, owner_id: 1, repo_id: 2}", "`commit`"),
        (f"{{ref: v1, commit: sha256-{SHA}, owner_id: 1, repo_id: 2}}", "`commit`"),
        (f"{{ref: V1, commit: sha1-{SHA}, owner_id: 1, repo_id: 2}}", "`ref`"),
        (f"{{commit: sha1-{SHA}, owner_id: 1, repo_id: 2}}", "`ref`"),
        (f"{{ref: v1, commit: sha1-{SHA}, repo_id: 2}}", "`owner_id`"),
        (f"{{ref: v1, commit: sha1-{SHA}, owner_id: 1, repo_id: 0}}", "`repo_id`"),
        (f"{{ref: v1, commit: sha1-{SHA}, owner_id: 1, repo_id: x}}", "`repo_id`"),
        ("", "empty"),
    ],
)
def test_a_pin_with_a_defect_does_not_hold(entry: str, said: str) -> None:
    found = lock(entry or "null")
    assert not found.holds(CI, use("a/b@v1"))
    assert found.pin_for(CI, use("a/b@v1")) is None
    pin = found.written_pin(CI, use("a/b@v1"))
    assert pin is not None
    assert said in (pin.defect or "")


def test_a_commit_as_ref_must_be_the_commit_of_the_pin() -> None:
    key = f"a/b@{SHA}"
    assert lock(f"{{ref: v1.2.3, commit: sha1-{SHA}, owner_id: 1, repo_id: 2}}", key).holds(CI, use(key))
    assert not lock(f"{{ref: v1.2.3, commit: sha1-{'2' * 40}, owner_id: 1, repo_id: 2}}", key).holds(
        CI, use(key)
    )


def test_the_first_version_of_the_schema() -> None:
    found = lock("{tag: v1, owner_id: 1, repo_id: 2}", f"a/b@v1:sha1-{SHA}", "v0.0.1")
    assert found.holds(CI, use("a/b@v1"))


@pytest.mark.parametrize(
    ("version", "known"), [("v0.0.1", True), ("v0.0.3", True), ("v9.9.9", False), ("null", False)]
)
def test_an_unknown_version_is_read_and_marked(version: str, known: bool) -> None:
    found = lock(GOOD, version=version)
    assert found.known_version == known
    assert found.holds(CI, use("a/b@v1"))


def flaws(text: str) -> list[str]:
    found, problems = read(text)
    assert found is not None
    assert not problems
    return [flaw.at.text for flaw in found.flaws]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("workflows: {}\n", ["workflows"]),
        ("version: v0.0.2\nextra: 1\n", ["extra"]),
        ("version: v0.0.2\nworkflows: {/etc/passwd: []}\n", ["/etc/passwd"]),
        ("version: v0.0.2\nworkflows: {a/../b.yml: []}\n", ["a/../b.yml"]),
        ("version: v0.0.2\nworkflows: {'a\\b.yml': []}\n", ["a\\b.yml"]),
        (
            "version: v0.0.2\nworkflows: {a.yml: [a/b, a/b/c@v1, a/b@v1, 'a/b@v1:x']}\n",
            ["a/b", "a/b/c@v1", "a/b@v1:x"],
        ),
        (f"version: v0.0.2\ndependencies: {{a/b@v1: {GOOD[:-1]}, hostname: github.com}}}}\n", []),
        (f"version: v0.0.3\ndependencies: {{a/b@v1: {GOOD[:-1]}, hostname: github.com}}}}\n", []),
        (f"version: v9.0.0\ndependencies: {{a/b@v1: {GOOD[:-1]}, other: 1}}}}\n", []),
        (f"version: v0.0.2\ndependencies: {{a/b@v1: {GOOD[:-1]}, uses: [x]}}}}\n", ["x"]),
        ("version: v0.0.2\n", []),
        ("version: v0.0.2\nworkflows: []\n", ["["]),
        ("version: v0.0.2\ndependencies: '${{ x }}'\n", ["'${{ x }}'"]),
        ("version: v0.0.2\ndependencies: {x: {}}\n", ["x"]),
        ("version: v0.0.2\nworkflows: {a.yml: a/b@v1}\n", ["a/b@v1"]),
        (f"version: v0.0.2\ndependencies: {{a/b@v1: {GOOD[:-1]}, uses: [A/b@v1]}}}}\n", ["A/b@v1"]),
        (f"version: v0.0.2\ndependencies: {{a/b@v1: {GOOD.replace('1,', 'x,')}}}\n", ["a/b@v1"]),
        (
            f"version: v0.0.2\ndependencies: {{a/b@v1: {GOOD}, A/b@v1: {GOOD.replace('2', '3')}}}\n",
            ["A/b@v1"],
        ),
    ],
)
def test_what_the_readers_of_github_refuse_has_a_place(text: str, at: list[str]) -> None:
    assert flaws(text) == at


def test_a_pin_of_the_first_version_needs_no_ref_and_both_commits_must_agree() -> None:
    entry = f"{{commit: sha1-{SHA}, owner_id: 1, repo_id: 2}}"
    assert lock(entry, f"a/b@v1:sha1-{SHA}", "v0.0.1").holds(CI, use("a/b@v1"))
    assert not lock(entry, f"a/b@v1:sha1-{'2' * 40}", "v0.0.1").holds(CI, use("a/b@v1"))


def test_entries_of_one_name_in_other_letters_are_kept_apart() -> None:
    found, _ = read(f"version: v0.0.2\ndependencies: {{a/b@v1: {GOOD}, A/B@v1: {GOOD}}}\n")
    assert found is not None
    assert [pin.key.value for pin in found.repeated] == ["A/B@v1"]


def test_nothing_of_a_lock_with_flaws_is_in_force() -> None:
    text = f"version: v0.0.2\nworkflows: {{{CI}: [a/b@v1]}}\ndependencies: {{a/b@v1: {GOOD}}}\n"
    for more in ("extra: 1\n", f"dependencies: {{a/b@v1: {GOOD}}}\n"):
        found, _ = read(text + more)
        assert found is not None
        assert found.written_pin(CI, use("a/b@v1")) is not None
        assert found.pin_for(CI, use("a/b@v1")) is None


def test_a_pin_with_a_defect_takes_the_others_of_the_workflows_that_list_it() -> None:
    found, _ = read(
        f"version: v0.0.2\nworkflows: {{{CI}: [a/b@v1, c/d@v1], other.yml: [a/b@v1]}}\n"
        f"dependencies: {{a/b@v1: {GOOD}, c/d@v1: {GOOD.replace('sha1-', '')}, e/f@v1: {{more: 1}}}}\n"
    )
    assert found is not None
    assert not found.flaws
    assert not found.holds(CI, use("a/b@v1"))
    assert found.holds("other.yml", use("a/b@v1"))


@pytest.mark.parametrize("text", ["", "garbage", "- a"])
def test_what_cannot_be_read_is_said(text: str) -> None:
    problems = read(text)[1]
    assert problems
    assert not [one for one in problems if "GitHub refuses" in one.message]
