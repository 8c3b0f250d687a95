"""Validators of HTTP (RFC 9110, 8.8): what a server says of an answer, to be asked with whether it still holds."""

from typing import Final

MOST: Final = 300
"""Characters of a validator. A longer one is not kept."""


def may_go_back(text: str) -> bool:
    """Whether what a server gave as a validator may go back to it as a header."""
    return 0 < len(text) <= MOST and text.isascii() and text.isprintable()
