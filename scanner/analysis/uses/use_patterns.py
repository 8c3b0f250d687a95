"""Patterns of uses in options: which actions and called workflows are meant (semantics: zizmor 1.32, `RepositoryUsesPattern`).

`owner/repo@ref`, `owner/repo/path@ref`, `owner/repo/path` and `owner/repo` (the repository's root only) are exact,
`owner/repo/*` is every path in a repository, `owner/*` every repository of an owner, `*` everything. A part may hold `*`.
"""

from typing import NamedTuple

from scanner.parse.uses import RepositoryUse


class UsePattern(NamedTuple):
    """Parts of the pattern; None where any text fits. Owner and repository are in lower case."""

    owner: str | None
    repository: str | None
    path: str | None
    ref: str | None

    def matches(self, use: RepositoryUse) -> bool:
        return (
            (self.owner is None or fits(use.owner.lower(), self.owner))
            and (self.repository is None or fits(use.repository.lower(), self.repository))
            and (self.path is None or fits(use.path, self.path))
            and (self.ref is None or use.ref == self.ref)
        )


def pattern_of(text: str) -> UsePattern | None:
    """The pattern of a text; None when it is none."""
    name, at, ref = text.strip().partition("@")
    if name == "*":
        return UsePattern(None, None, None, ref or None)
    owner, _, rest = name.partition("/")
    repository, below, path = rest.partition("/")
    if not owner or not repository or (at and not ref) or (below and not path):
        return None
    if repository == "*" and not below:
        return UsePattern(owner.lower(), None, None, ref or None)
    return UsePattern(owner.lower(), repository.lower(), None if path == "*" else path, ref or None)


def fits(text: str, pattern: str) -> bool:
    """Whether a text fits a pattern in which `*` stands for any characters."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    if not text.startswith(first):
        return False
    at = len(first)
    *middle, last = rest
    for part in middle:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(text) - at >= len(last) and text.endswith(last)
