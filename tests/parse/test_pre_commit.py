"""`.pre-commit-config.yaml`: which repositories are cloned, and from where."""

import pytest

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.document import parse
from scanner.parse.pre_commit import PreCommit


def read(text: str) -> tuple[PreCommit | None, tuple[Problem, ...]]:
    parsed = parse(Source(".pre-commit-config.yaml", "pre-commit", text))
    assert parsed.document is None or isinstance(parsed.document, PreCommit)
    return parsed.document, parsed.problems


def test_own_hooks_are_left_out() -> None:
    document, problems = read(
        """repos:
- {repo: local, hooks: []}
- {repo: meta, hooks: [{id: identity}]}
- repo: https://example.org/a
  rev: v1.0
  hooks: [{id: b}, {id: c}, d]
- nothing
- {rev: x}
"""
    )
    assert document is not None and not problems
    (only,) = document.repositories
    assert (only.repo.value, only.rev and only.rev.value) == ("https://example.org/a", "v1.0")
    assert [hook.value for hook in only.hooks] == ["b", "c"]


def test_the_old_form_is_a_list() -> None:
    document, problems = read("- repo: https://example.org/a\n  sha: abc\n  hooks: []\n")
    assert document is not None and not problems
    assert document.root is None
    assert document.repositories[0].rev is None


@pytest.mark.parametrize("text", ["", "x", "repos: x", "a: [1]", "repos:"])
def test_what_is_no_configuration(text: str) -> None:
    document, problems = read(text)
    assert document is None
    assert len(problems) == 1
    assert "GitHub" not in problems[0].message


def test_problems_of_the_text_speak_of_pre_commit() -> None:
    _, problems = read("repos: []\nrepos: []\n")
    assert "GitHub" not in problems[0].message


@pytest.mark.parametrize(
    ("url", "scheme", "place"),
    [
        ("https://github.com/A/b.git", "https", ("github.com", "A/b")),
        ("https://user:token@GitHub.com:443/A/b/", "https", ("github.com", "A/b")),
        ("git@github.com:a/b", None, ("github.com", "a/b")),
        ("github.com:a/b.git", None, ("github.com", "a/b")),
        ("ssh://git@host/a/b", "ssh", ("host", "a/b")),
        ("HTTP://x/y", "http", ("x", "y")),
        ("../folder", None, ("", "")),
        ("./a:b", None, ("", "")),
    ],
)
def test_urls(url: str, scheme: str | None, place: tuple[str, str]) -> None:
    document, _ = read(f"repos: [{{repo: {url!r}, rev: x, hooks: []}}]\n")
    assert document is not None
    assert (document.repositories[0].scheme, document.repositories[0].place) == (scheme, place)
