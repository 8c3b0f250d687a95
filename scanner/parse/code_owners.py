"""CODEOWNERS: who is asked to review changes of which files (GitHub: "About code owners").

A line is a pattern and its owners; a line without owners says that nobody owns what it matches. GitHub skips a line that
it cannot read: a negation, a range of characters, an owner that is no `@user`, `@organization/team` or e-mail address.
"""

from typing import Final, NamedTuple

from scanner.model.finding import Problem
from scanner.model.source import Source, Span

MAX_SIZE: Final = 3 * 1024 * 1024
"""Octets; GitHub does not load a larger file."""
_NAME: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


class Ownership(NamedTuple):
    """A line. `pattern` is without escapes of spaces; `defect` says why GitHub skips the line, None when it does not, and
    `at` is the text that is wrong, else the pattern."""

    pattern: str
    owners: tuple[str, ...]
    at: Span
    defect: str | None


class CodeOwners(NamedTuple):
    """The lines in the order of the file: the last one that matches a path counts."""

    source: Source
    lines: tuple[Ownership, ...]

    @property
    def loaded(self) -> bool:
        return len(self.source.text) < MAX_SIZE


def read_code_owners(source: Source, problems: list[Problem]) -> CodeOwners:
    text, lines = source.text, []
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = end if end >= 0 else len(text)
        line = _line(source, start, end)
        if line is not None:
            lines.append(line)
        start = end + 1
    return CodeOwners(source, tuple(lines))


def _line(source: Source, start: int, end: int) -> Ownership | None:
    text = source.text
    while start < end and text[start] in " \t\r":
        start += 1
    if start == end or text[start] == "#":
        return None
    at, letters = start, []
    while at < end and text[at] not in " \t\r#":
        # A space may be escaped; any other backslash stays for the pattern.
        if text[at] == "\\" and text[at + 1 : at + 2] in (" ", "\t"):
            at += 1
        letters.append(text[at])
        at += 1
    pattern = Span(source, start, at)
    owners: list[str] = []
    defect, wrong = _bad_pattern("".join(letters)), pattern
    for word, place in _words(source, at, end):
        owners.append(word)
        if defect is None and not is_owner(word):
            defect, wrong = "an owner is written `@user`, `@organization/team` or as an e-mail address", place
    return Ownership("".join(letters), tuple(owners), wrong, defect)


def _words(source: Source, start: int, end: int) -> list[tuple[str, Span]]:
    """The words up to a comment, with their places."""
    found: list[tuple[str, Span]] = []
    text, at = source.text, start
    comment = text.find("#", start, end)
    end = comment if comment >= 0 else end
    while at < end:
        if text[at] in " \t\r":
            at += 1
            continue
        begin = at
        while at < end and text[at] not in " \t\r":
            at += 1
        found.append((text[begin:at], Span(source, begin, at)))
    return found


def _bad_pattern(pattern: str) -> str | None:
    if pattern.startswith("!"):
        return "a pattern cannot be negated with `!`"
    if "[" in pattern or "]" in pattern:
        return "a pattern cannot hold a range like `[a-z]`"
    if "***" in pattern:
        return "a pattern cannot hold three asterisks in a row"
    return None


def is_owner(word: str) -> bool:
    """Whether a word has the form of an owner; whether such a user or team exists only GitHub knows."""
    if word.startswith("@"):
        organization, slash, team = word[1:].partition("/")
        names = (organization, team) if slash else (organization,)
        return all(name and _NAME.issuperset(name.replace(".", "")) for name in names)
    user, at, host = word.partition("@")
    return bool(user and at and "." in host and "@" not in host)
