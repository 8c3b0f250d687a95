"""Names that a policy's patterns cover."""

from collections.abc import Iterable
from fnmatch import fnmatchcase


def covered(name: str, patterns: Iterable[str]) -> bool:
    """Whether a name matches one of the patterns (`owner/*`, `owner/name`), compared without case."""
    name = name.lower()
    return any(fnmatchcase(name, pattern.lower()) for pattern in patterns)
