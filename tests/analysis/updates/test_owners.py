"""Patterns of CODEOWNERS: GitHub's examples, the edges of gitignore, and hostile ones."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.updates.owners import Owners, code_owners, parts_of_pattern
from scanner.analysis.updates.paths import matches
from scanner.model.source import Source
from scanner.parse.code_owners import read_code_owners
from tests.memory import repository


def owner(text: str, path: str) -> tuple[str, ...] | None:
    """The owners of a path; None when no line matches."""
    line = Owners(read_code_owners(Source("CODEOWNERS", "code-owners", text), [])).line_of(path)
    return None if line is None else line.owners


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("*", ["a", "a/b/c"], []),
        ("*.js", ["a.js", "a/b.js", "a.js/b"], ["a.ts", "js"]),
        ("/build/logs/", ["build/logs/a", "build/logs/a/b"], ["build/logs", "a/build/logs/b"]),
        ("docs/*", ["docs/a"], ["docs/a/b", "a/docs/b", "docs"]),
        ("apps/", ["apps/a", "x/apps/a/b"], ["apps", "xapps/a"]),
        ("/docs/", ["docs/a/b"], ["a/docs/b"]),
        ("**/logs", ["logs", "logs/a", "a/b/logs/c"], ["logs.txt"]),
        ("/apps/github", ["apps/github", "apps/github/a"], ["apps/githubx"]),
        ("apps/github", ["apps/github/a"], ["x/apps/github"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b/c"], ["b", "a/bc"]),
        ("a/**", ["a/b", "a/b/c"], ["a"]),
        ("/*", ["a"], ["a/b"]),
        ("/", [], ["a", "a/b"]),
        ("\\", [], ["a", "a/b", "\\"]),
        ("\\#x", [], ["#x", "x", "a"]),
        (".github/workflows/*.y?ml", [".github/workflows/a.yaml"], [".github/workflows/a.yml", ".github/workflows/x/a.yaml"]),
        ("**", ["a", "a/b"], []),
        ("flake.*", ["flake.nix", "sub/flake.lock"], ["flake"]),
        ("a\\*b", ["axb"], ["a"]),
        ("Flake.nix", ["Flake.nix"], ["flake.nix"]),
    ],
)  # fmt: skip
def test_patterns(pattern: str, inside: list[str], outside: list[str]) -> None:
    assert [path for path in inside if owner(f"{pattern} @a", path) != ("@a",)] == []
    assert [path for path in outside if owner(f"{pattern} @a", path) is not None] == []


def test_the_last_line_counts_and_one_without_owners_takes_them_away() -> None:
    text = "* @all\n/.github/ @ops\n/.github/labels/\n*.md @docs\n"
    assert owner(text, ".github/workflows/ci.yml") == ("@ops",)
    assert owner(text, ".github/labels/a") == ()
    assert owner(text, ".github/a.md") == ("@docs",)
    assert owner(text, "src/a.c") == ("@all",)
    assert owner(f"{text}* @all\n", ".github/a.md") == ("@all",)  # given again


def test_a_line_that_github_skips_does_not_count() -> None:
    assert owner("* @all\n/.github/ ops\n", ".github/workflows/ci.yml") == ("@all",)


def test_the_first_place_counts() -> None:
    graph, _ = repository(
        {"CODEOWNERS": "* @a\n", "docs/CODEOWNERS": "* @b\n", ".github/CODEOWNERS": "* @c\n"}
    )
    node = code_owners(graph)
    assert node is not None and node.path == ".github/CODEOWNERS"
    graph, _ = repository({"CODEOWNERS": "* @a\n", "docs/CODEOWNERS": "* @b\n"})
    node = code_owners(graph)
    assert node is not None and node.path == "CODEOWNERS"


@given(st.text("a*?", max_size=8), st.text("ab", max_size=8))
def test_one_part_is_matched_like_a_regular_expression(pattern: str, text: str) -> None:
    expression = "".join({"*": ".*", "?": "."}.get(char, char) for char in pattern)
    assert matches([f"x{pattern}"], [f"x{text}"]) == (re.fullmatch(f"x{expression}", f"x{text}") is not None)


@given(st.lists(st.sampled_from(["a", "b", "**"]), max_size=6), st.lists(st.sampled_from("ab"), max_size=6))
def test_parts_are_matched_like_a_regular_expression(pattern: list[str], path: list[str]) -> None:
    expression = "".join("(?:[ab])*" if part == "**" else part for part in pattern)
    assert matches(pattern, path) == (re.fullmatch(expression, "".join(path)) is not None)


def test_hostile_patterns_end() -> None:
    assert not matches(parts_of_pattern("*a" * 2_000 + "b"), ["a" * 2_000])
    assert not matches(parts_of_pattern("**/a/" * 2_000 + "b"), ["a"] * 2_000)


def test_of_many_lines_the_last_that_matches_counts() -> None:
    many = "".join(f"name{at} @x\n*q{at}?* @y\n" for at in range(300))
    text = f"* @all\n/.github/w*/ @ops\n{many}"
    assert owner(text, ".github/workflows/ci.yml") == ("@ops",)
    assert owner(text, "src/name7/a.c") == ("@x",)
    assert owner(text, "src/name7/aq299bc") == ("@y",)
    assert owner(text, "src/a.c") == ("@all",)
