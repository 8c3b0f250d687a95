"""Secrets in texts: passwords and tokens in URLs and in what is written like a query, and what looks like a forge's token.

A user name alone is none (`ssh://git@…`, `https://alice@dev.azure.com/…`), unless it can only be a token.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

_ENDS: Final = frozenset(" \t\r\n\"'`<>\\|^")
_PUBLIC_USERS: Final = frozenset(("anonymous", "guest", "ftp"))
_PARAMETERS: Final = frozenset(
    (
        "access_token access-token accesstoken api_key api-key apikey auth auth_token auth-token authtoken "
        "authorization bearer client_secret deploy_token id_token job_token jwt oauth_token pass passwd password "
        "private_token private-token pwd refresh_token secret sig signature token x-amz-credential "
        "x-amz-security-token x-amz-signature x-goog-signature"
    ).split()
)
_PREFIXES: Final = (
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-", "glptt-", "glcbt-", "gloas-"),
    *(
        "npm_",
        "pypi-",
        "hf_",
        "xoxb-",
        "xoxp-",
        "xoxa-",
        "xapp-",
        "sk-ant-",
        "sk-proj-",
        "AIza",
        "dckr_pat_",
        "ATBB",
        "ATATT3x",
        "AKIA",
        "ASIA",
    ),
)
"""How tokens of forges and of other services begin, by their documentation."""

_USER_OPTIONS: Final = (" -u ", " --user ", " --user=")
_TOKEN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_LEAST: Final = 8
_LEAST_USER: Final = 16
_LEAST_WORD: Final = 20
"""How long a user must be to be a token by its beginning, by its letters, and a word of a path."""


class Secret(NamedTuple):
    """Offsets of a secret in its text. `what` is a phrase for people; `sure` is false where only a name says so."""

    start: int
    end: int
    what: str
    sure: bool


def secrets(text: str) -> Iterator[Secret]:
    """The secrets of a text, in their order: those of every URL, and tokens outside of URLs. Linear in the text."""
    at = 0
    while (colon := text.find("://", at)) >= 0:
        begin = end = colon + 3
        while end < len(text) and text[end] not in _ENDS:
            end += 1
        yield from _of_words(text, at, begin)
        yield from _of_url(text, begin, end)
        at = end
    yield from _of_words(text, at, len(text))


def masked(text: str) -> str:
    """The text with a star for every character of a secret: as long as before."""
    if not may_hold_secrets(text):
        return text
    parts: list[str] = []
    at = 0
    for secret in sorted((*secrets(text), *_of_options(text))):
        if secret.start >= at:
            parts += (text[at : secret.start], "*" * (secret.end - secret.start))
            at = secret.end
    return "".join((*parts, text[at:])) if parts else text


def may_hold_secrets(text: str) -> bool:
    """A quick look: most texts cannot."""
    if "://" in text or "?" in text or any(option in text for option in _USER_OPTIONS):
        return True
    return any(prefix in text for prefix in _PREFIXES)


def _of_options(text: str) -> Iterator[Secret]:
    """What an option hands over as `name:password` (curl: `-u`, `--user`)."""
    for option in _USER_OPTIONS:
        at = text.find(option)
        while at >= 0:
            begin = at + len(option)
            begin += text[begin : begin + 1] in ("'", '"')
            end = begin
            while end < len(text) and text[end] not in _ENDS:
                end += 1
            colon = text.find(":", begin, end)
            password = text[colon + 1 : end]
            if colon > begin and _is_real(password) and not password.isdigit():  # of `-u 1000:1000`, a group
                yield Secret(colon + 1, end, "a password", False)
            at = text.find(option, end)


def _of_words(text: str, begin: int, end: int) -> Iterator[Secret]:
    """Text that is no URL: `github.com=ghp_…`, `github:owner/repo?token=…`."""
    at = begin
    while (query := text.find("?", at, end)) >= 0:
        stop = query
        while stop < end and text[stop] not in _ENDS:
            stop += 1
        yield from _tokens(text, at, query)
        yield from _of_query(text, query, stop)
        at = stop
    yield from _tokens(text, at, end)


def _of_url(text: str, begin: int, end: int) -> Iterator[Secret]:
    size = next((at for at in range(begin, end) if text[at] in "/?#"), end)
    at = begin
    user_end = text.rfind("@", begin, size)
    if user_end > begin:
        found = _of_user(text, begin, user_end)
        if found is not None:
            yield found
        at = user_end + 1
    query = text.find("?", size, end)
    if query < 0:
        query = end
    yield from _tokens(text, at, query)
    yield from _of_query(text, query, end)


def _of_query(text: str, query: int, end: int) -> Iterator[Secret]:
    """The parameters behind the `?` at `query`."""
    while query < end:
        start = query + 1
        query = next((at for at in range(start, end) if text[at] in "&;#"), end)
        name, equals, value = text[start:query].partition("=")
        value_at = start + len(name) + 1
        if equals and name.lower().replace("%5f", "_") in _PARAMETERS and _is_real(value):
            yield Secret(value_at, query, f"a secret as `{name.lower()}`", False)
        else:
            yield from _tokens(text, start, query)


def _of_user(text: str, begin: int, end: int) -> Secret | None:
    user, colon, password = text[begin:end].partition(":")
    if colon and password.lower() == "x-oauth-basic" and _is_real(user):
        return Secret(begin, end, "a token", True)
    if password and _is_real(password) and user.lower() not in _PUBLIC_USERS:
        return Secret(begin + len(user) + 1, end, "a password or token", True)
    if not password and user.startswith(_PREFIXES) and len(user) >= _LEAST:
        return Secret(begin, begin + len(user), "a token", True)
    if not password and len(user) >= _LEAST_USER and _is_random(user):
        return Secret(begin, begin + len(user), "a token", False)
    return None


def _tokens(text: str, begin: int, end: int) -> Iterator[Secret]:
    """Words that begin like a token and are as long as one."""
    at = begin
    while at < end:
        start = at
        while at < end and text[at] in _TOKEN:
            at += 1
        if at - start >= _LEAST_WORD and text.startswith(_PREFIXES, start, at) and _is_random(text[start:at]):
            yield Secret(start, at, "a token", True)
        at += 1


def _is_real(value: str) -> bool:
    """Whether a value is more than a placeholder for one."""
    if not value or value[0] in "$<{*" or value[:3].lower() in ("%24", "%3c", "%7b"):
        return False
    return len(value) < 3 or len(set(value.lower())) > 1  # `xxx` is none


def _is_random(word: str) -> bool:
    """Whether letters and digits are mixed as no name mixes them."""
    if not _TOKEN.issuperset(word):
        return False
    digits = sum(char.isdigit() for char in word)
    return digits >= 3 and digits < len(word) and len(set(word)) >= 8
