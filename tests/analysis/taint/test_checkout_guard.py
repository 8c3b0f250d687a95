"""The guard of actions/checkout: which versions have it."""

import pytest

from scanner.analysis.taint.checkout_guard import guarded_since, lacks_guard
from scanner.analysis.uses.locked_actions import lock_of
from scanner.analysis.uses.uses import repository_uses
from tests.memory import KNOWLEDGE, repository

OLD, NEW = "11bd71901bbe5b1630ceea73d27597364c9af683", "3d3c42e5aac5ba805825da76410c181273ba90b1"

LOCK = f"""version: v0.0.2
workflows:
  .github/workflows/a.yml: [actions/checkout@v4]
dependencies:
  actions/checkout@v4: {{ref: v4, commit: sha1-{OLD}, owner_id: 1, repo_id: 2}}
"""


def workflow(uses: str, given: str = "{}") -> str:
    return f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: {uses}\n        with: {given}\n"


def since(uses: str, lock: str | None = None) -> str | None:
    files = {".github/workflows/a.yml": workflow(uses)}
    if lock is not None:
        files[".github/workflows/actions.lock"] = lock
    graph, _ = repository(files)
    (used,) = repository_uses(graph)
    return lacks_guard(used, KNOWLEDGE.actions, lock_of(graph))


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("v4.3.1", "v4.4.0"),
        ("v4.4.0", None),
        ("v4.2", "v4.4.0"),
        ("v4", None),
        ("v3.6.0", "v3.7.0"),
        ("v1", "v7.0.0"),
        ("v6.0.3", "v6.1.0"),
        ("v7.0.0", None),
        ("v8", None),
        ("main", None),
        (OLD, "v7.0.0"),
        (f"{OLD} # v4.2.2", "v4.4.0"),
        (f"{OLD} # v4", "v4.4.0"),
        (NEW, None),
        # The commit decides, not what is written behind it.
        (f"{NEW} # v4.2.2", None),
        (f"{OLD} # v7.0.1", "v7.0.0"),
    ],
)
def test_which_versions_lack_it(ref: str, expected: str | None) -> None:
    assert since(f"actions/checkout@{ref}") == expected


def test_the_lock_says_which_commit_runs() -> None:
    assert since("actions/checkout@v4", LOCK) == "v4.4.0"
    assert since("actions/checkout@v4", LOCK.replace(OLD, NEW)) is None


def test_a_lock_that_github_ignores_says_nothing() -> None:
    broken = LOCK.replace(OLD, NEW) + "extra: 1\n"
    assert since("actions/checkout@v4", broken) == since("actions/checkout@v4")


def test_a_prerelease_of_nothing() -> None:
    assert guarded_since((0, 1, 0)) == "v7.0.0"
