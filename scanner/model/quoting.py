"""Text of the input inside our own messages."""

from functools import lru_cache
from typing import Final

from scanner.model.secrets import masked_part

_LONG: Final = 1000
"""From so many characters on a text is looked at for secrets once, however many messages have it."""


def quoted(text: str, limit: int = 60) -> str:
    """The text in backticks, on one line, not longer than `limit`, without secrets."""
    shown = (_beginning if len(text) < _LONG else _known_beginning)(text, limit + 1)
    if not shown.isprintable() or "`" in shown:
        shown = "".join(char if char.isprintable() and char != "`" else "?" for char in shown)
    return f"`{shown if len(shown) <= limit else shown[: limit - 1] + '…'}`"


def _beginning(text: str, size: int) -> str:
    return masked_part(text, 0, min(size, len(text)))


_known_beginning: Final = lru_cache(maxsize=64)(_beginning)
