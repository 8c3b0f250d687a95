"""Lines of CODEOWNERS: patterns, owners, and what GitHub skips."""

import pytest

from scanner.model.source import Source
from scanner.parse.code_owners import CodeOwners, is_owner, read_code_owners


def read(text: str) -> CodeOwners:
    return read_code_owners(Source("CODEOWNERS", "code-owners", text), [])


def test_lines() -> None:
    lines = read("# a comment\r\n\r\n*.js  @a @b/c # inline\r\n  docs/\tme@example.org\r\n/gone\r\n").lines
    assert [(line.pattern, line.owners) for line in lines] == [
        ("*.js", ("@a", "@b/c")),
        ("docs/", ("me@example.org",)),
        ("/gone", ()),
    ]
    assert [line.at.text for line in lines] == ["*.js", "docs/", "/gone"]


def test_an_escaped_space_is_part_of_the_pattern() -> None:
    (line,) = read(r"my\ file.txt @a").lines
    assert (line.pattern, line.owners) == ("my file.txt", ("@a",))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("!a @b", "!a"),
        ("*.[ch] @b", "*.[ch]"),
        ("a/***/b @b", "a/***/b"),
        ("a b", "b"),
        ("a @b @c/d/e", "@c/d/e"),
        ("a @", "@"),
        ("a @b x@y", "x@y"),
    ],
)
def test_what_github_skips(text: str, wrong: str) -> None:
    (line,) = read(text).lines
    assert line.defect is not None
    assert line.at.text == wrong


@pytest.mark.parametrize("word", ["@a", "@a-b/c_d", "@user_company", "a.b+c@mail.example.org"])
def test_owners(word: str) -> None:
    assert is_owner(word)


def test_a_file_that_github_does_not_load() -> None:
    assert read("* @a\n").loaded
    assert not read("* @a\n" * 800_000).loaded
