"""Text of the input inside our own messages."""

from typing import Final

from scanner.model.secrets import masked

_LONG_URL: Final = 400
"""How much behind the limit is looked at for secrets: one may begin before it and be told by its end."""


def quoted(text: str, limit: int = 60) -> str:
    """The text in backticks, on one line, not longer than `limit`, without secrets."""
    text = masked(text[: limit + _LONG_URL])
    shown = text[: limit + 1]
    if not shown.isprintable() or "`" in shown:
        shown = "".join(char if char.isprintable() and char != "`" else "?" for char in shown)
    return f"`{shown if len(shown) <= limit else shown[: limit - 1] + '…'}`"
