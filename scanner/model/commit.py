"""Commit ids in texts."""

import re
from collections.abc import Iterator
from typing import Final

HEX: Final = frozenset("0123456789abcdefABCDEF")

_BREAKS: Final = re.compile(r"[-/.=&?#]|%2[bB]")


def is_commit(text: str) -> bool:
    """Whether a text is a full commit id in hexadecimal: SHA-1 or SHA-256."""
    return len(text) in (40, 64) and HEX.issuperset(text)


def whole_commit(text: str | None) -> str | None:
    """The commit (lower case) that a text is, if it is a full id of SHA-1, which servers have."""
    return text.lower() if text is not None and len(text) == 40 and is_commit(text) else None


def commits_in(url: str) -> Iterator[str]:
    """The full commit ids that stand in a URL, in lower case."""
    return (part.lower() for part in _BREAKS.split(url) if is_commit(part))
