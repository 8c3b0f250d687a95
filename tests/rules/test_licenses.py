"""`disallowed-license`: whom it asks, and how often it says a thing."""

from typing import Any

from scanner.engine import Context, load, places
from scanner.model.finding import Hit, Unknown
from scanner.model.online import Question
from tests.memory import KNOWLEDGE, NOW, options_of, repository
from tests.online import InMemory, remote

RULE = load(places()["disallowed-license"])


def workflow(*uses: str) -> str:
    steps = "".join(f"      - uses: {one}\n" for one in uses)
    return f"on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"


def answers(
    files: dict[str, str], options: dict[str, Any], online: InMemory | None = None
) -> list[Hit | Unknown]:
    graph, problems = repository(files)
    context = Context(graph, problems, KNOWLEDGE, NOW, options_of(RULE, options), online=online)
    return list(RULE.check(context))


def test_nobody_is_asked_without_lists() -> None:
    online = InMemory({})
    assert answers({".github/workflows/ci.yml": workflow("a/b@v1")}, {}, online) == []
    assert not online.asked
    assert not online.prepared


def test_only_what_is_judged_is_asked() -> None:
    online = InMemory({"a/b": {"about": {"license": "MIT"}}})
    files = {
        ".github/workflows/ci.yml": workflow("A/b@v1", "a/b/sub@v2"),
        ".pre-commit-config.yaml": "repos:\n  - repo: https://github.com/c/d\n    rev: v1\n    hooks: [{id: x}]\n",
    }
    assert answers(files, {"allow": ["MIT"], "hooks": False}, online) == []
    assert online.prepared == [Question("about", remote("a/b"))]
    assert online.asked == [("about", remote("a/b"))]


def test_once_in_each_file() -> None:
    files = {
        ".github/workflows/a.yml": workflow("swatinem/rust-cache@v1", "Swatinem/rust-cache@v2", "a/b@v1"),
        ".github/workflows/b.yml": workflow("a/b@v1", "Swatinem/rust-cache@v2"),
    }
    found = answers(files, {"deny": ["LGPL-3.0-only"]})
    hits = [one for one in found if isinstance(one, Hit)]
    assert [(one.at.path[-5:], len(one.related), one.about) for one in hits] == [
        ("a.yml", 1, "file:.github/workflows/a.yml"),
        ("b.yml", 0, "file:.github/workflows/b.yml"),
    ]
    assert hits[0].message == (
        "`swatinem/rust-cache` is under `LGPL-3.0-only`, which the policy denies; take the code from elsewhere, "
        "or grant it an exception"
    )
    unknowns = [one for one in found if isinstance(one, Unknown)]
    assert [one.at.path[-5:] for one in unknowns] == ["a.yml", "b.yml"]
    assert {one.reason for one in unknowns} == {
        "the licence of `a/b` is not known: the table of licences does not have it; `--online` asks GitHub"
    }


def test_several_licenses_stand_in_the_way() -> None:
    online = InMemory({"a/b": {"about": {"license": "GPL-3.0-only AND (ISC OR Zlib)"}}})
    (hit,) = answers({".github/workflows/ci.yml": workflow("a/b@v1")}, {"allow": ["MIT"]}, online)
    assert isinstance(hit, Hit)
    assert "and the policy does not allow `GPL-3.0-only`, `ISC`, `Zlib`;" in hit.message


def test_a_forge_that_says_what_is_no_license() -> None:
    online = InMemory({"a/b": {"about": {"license": "\x1b[2J`All` rights"}}})
    (unknown,) = answers({".github/workflows/ci.yml": workflow("a/b@v1")}, {"allow": ["MIT"]}, online)
    assert isinstance(unknown, Unknown)
    assert "\x1b" not in unknown.reason
    assert "is no SPDX license expression" in unknown.reason
