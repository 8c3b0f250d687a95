"""The tokens of a run, wherever they come back to us."""

from base64 import b64encode
from collections.abc import Iterable
from typing import Final

_USERS: Final = ("x-access-token", "git", "oauth2", "")
"""Users with whom a token is sent as a password (RFC 7617)."""
_LEAST: Final = 4


class OwnTokens:
    """A server that answers with what it was asked with must not make us print or keep it."""

    __slots__ = ("_forms",)

    def __init__(self, tokens: Iterable[str]) -> None:
        forms: set[str] = set()
        for token in tokens:
            if len(token) >= _LEAST:
                pairs = (f"{user}:{token}" for user in _USERS)
                coded = (b64encode(one.encode()).decode().rstrip("=") for one in (token, *pairs))
                forms |= {token.lower(), *(one.lower() for one in coded)}
        self._forms = tuple(sorted(forms))

    def are_in(self, answer: object) -> bool:
        """Whether a value holds one of them in any of its texts."""
        if not self._forms:
            return False
        text = repr(answer).lower()
        return any(form in text for form in self._forms)
