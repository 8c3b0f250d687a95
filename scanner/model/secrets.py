"""Secrets in texts: passwords and tokens in URLs and in what is written like a query, and what looks like a forge's token.

A user name alone is none (`ssh://git@…`, `https://alice@dev.azure.com/…`), unless it can only be a token.

A secret is told by what stands around it, also by what comes behind it: mask a text first, then cut it (`masked_part`).
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_ENDS: Final = " \t\r\n\"'`<>\\|^"
"""What no URL holds: between two of these stands a whole secret, with all that tells it but an option before it."""

_END: Final = re.compile(f"[{re.escape(_ENDS)}]")
_PATH: Final = re.compile("[/?#]")
_SEPARATOR: Final = re.compile("[&;#?]")
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

_BY_SIGN: Final = tuple(
    (sign, tuple(prefix for prefix in _PREFIXES if sign == next(one for one in "_-A" if one in prefix)))
    for sign in "_-A"
)
"""The beginnings of tokens by a sign that each of them has: most texts lack one."""

_GAP: Final = r"(?:\s|\\[\sntr]|`\s){1,100}"
"""Between the words of a command: blanks, tabs, lines that go on; a line feed may be written as YAML and JSON do in quotes."""

_OPTION: Final = re.compile(
    rf"-(?:(?<![^{re.escape(_ENDS)}]-)|(?<=\\[nrt]-))"  # where a word begins
    # Short ones may stand behind others that take no value.
    r"(?:(?:-(?:proxy-)?user|[0-9#fgGiIjJkLlMNOqRsSvZ]{0,12}[uU])"
    rf"(?:=|[\"']?,?{_GAP}|[\"'],(?=[\"'])|(?=[\"']))"
    # `-uname:password`, and no other option that begins with this letter.
    r"|u(?!(?:id|ndefined|ninstall|nix|nstable|pdate|pgrade|ri|rl|rn|se|ser|sername|tf-?8):)(?=[\"']?[A-Za-z0-9_$]))"
    r"(?:''|\\?[\"'])?"
)
"""An option of curl and others up to its value, which is `name:password`."""

_QUOTES: Final = ("'", '"')
_LONGEST_NAME: Final = 100
"""Of a user whose password stands in quotes of its own."""
_BEFORE: Final = 400
"""More than what tells a password by its option: the longest option, gap and name."""

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
_TOKEN: Final = frozenset(_LETTERS)
_BEGUN: Final = re.compile(rf"(?<![{_LETTERS}])(?:{'|'.join(map(re.escape, _PREFIXES))})[{_LETTERS}]*")
_DIGESTS: Final = ("sha256:", "sha512:")
"""What stands behind the `@` of an image: `docker://alpine:3.20@sha256:…`."""

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
        begin = colon + 3
        end = _word_end(text, begin, len(text))
        yield from _of_words(text, at, begin)
        last = begin
        for found in sorted((*_of_url(text, begin, end), *_of_users_within(text, begin, end))):
            if found.end > last:
                yield found._replace(start=max(found.start, last))
                last = found.end
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


def masked_part(text: str, low: int, high: int) -> str:
    """`masked(text)[low:high]`, linear in the part and the words at its ends."""
    end = max(_word_end(text, max(high - 1, low), len(text)), high) if high < len(text) else len(text)
    begin = low
    while begin and text[begin - 1] not in _ENDS:
        begin -= 1
    if begin > _BEFORE:
        # The first place where a word ends, so that none begins where it does not.
        begin = _word_end(text, begin - _BEFORE, begin)
    else:
        begin = 0
    return masked(text[begin:end])[low - begin : high - begin]


def may_hold_secrets(text: str) -> bool:
    """A quick look: most texts cannot."""
    if "://" in text or "?" in text or ("-" in text and _OPTION.search(text) is not None):
        return True
    if len(text) < _LEAST_WORD:
        return False
    # Plain loops: this is asked of every id and message, and they take half the time of `any`.
    for sign, prefixes in _BY_SIGN:
        if sign in text:
            for prefix in prefixes:
                if prefix in text:
                    return True
    return False


def _of_options(text: str) -> Iterator[Secret]:
    """What an option hands over as `name:password` (curl: `-u`, `--user`, `--proxy-user`)."""
    for option in _OPTION.finditer(text):
        begin = option.end()
        end = _word_end(text, begin, len(text))
        colon = text.find(":", begin, end)
        quote = text[begin - 1]
        if (
            colon < 0
            and end - begin <= _LONGEST_NAME
            and text.startswith(f"{quote}:", end)
            and quote in _QUOTES
        ):
            colon, quote = end + 1, ""  # `"name":password`
            end = _word_end(text, colon, len(text))
        if colon <= begin or text[begin] == "+":  # a date as `date -u +%H:%M` prints it
            continue
        start = colon + 1
        if (
            start == end
            and colon - begin <= _LONGEST_NAME + 1
            and text[end : end + 1] in _QUOTES
            and text[end] != quote
        ):
            start = end + 1  # `name:"password"`
            end = _word_end(text, start, len(text))
        password = text[start:end]
        # No group as in `-u 1000:1000`, no path, and no URL, whose secrets are found as such.
        if _is_real(password) and not password.isdigit() and not password.startswith(("//", "./")):
            yield Secret(start, end, "a password", False)


def _of_words(text: str, begin: int, end: int) -> Iterator[Secret]:
    """Text that is no URL: `github.com=ghp_…`, `github:owner/repo?token=…`."""
    at = begin
    while (query := text.find("?", at, end)) >= 0:
        stop = _word_end(text, query, end)
        yield from _tokens(text, at, query)
        yield from _of_query(text, query, stop)
        at = stop
    yield from _tokens(text, at, end)


def _of_url(text: str, begin: int, end: int) -> Iterator[Secret]:
    path = _PATH.search(text, begin, end)
    size = path.start() if path is not None else end
    at = begin
    user_end = text.rfind("@", begin, size)
    if user_end > begin and not text.startswith(_DIGESTS, user_end + 1):
        found = _of_user(text, begin, user_end)
        if found is not None:
            yield found
        at = user_end + 1
    query = text.find("?", size, end)
    if query < 0:
        query = end
    yield from _tokens(text, at, query)
    yield from _of_query(text, query, end)


def _of_users_within(text: str, begin: int, end: int) -> Iterator[Secret]:
    """Users of URLs that are a part of the one from `begin` on: `docker://https://…`, a mirror with a URL as its path."""
    while (begin := text.find("://", begin, end) + 3) > 2:
        path = _PATH.search(text, begin, end)
        user_end = text.rfind("@", begin, path.start() if path is not None else end)
        if user_end > begin and (found := _of_user(text, begin, user_end)) is not None:
            yield found


def _of_query(text: str, query: int, end: int) -> Iterator[Secret]:
    """The parameters behind the `?` at `query`."""
    while query < end:
        start = query + 1
        separator = _SEPARATOR.search(text, start, end)
        query = separator.start() if separator is not None else end
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
    for found in _BEGUN.finditer(text, begin, end):
        if len(found[0]) >= _LEAST_WORD and _is_random(found[0]):
            yield Secret(*found.span(), "a token", True)


def _word_end(text: str, begin: int, end: int) -> int:
    """Where the word from `begin` on ends, `end` at the latest."""
    found = _END.search(text, begin, end)
    return found.start() if found is not None else end


def _is_real(value: str) -> bool:
    """Whether a value is more than a placeholder for one."""
    if not value or value[0] in "$<{*" or value[:3].lower() in ("%24", "%3c", "%7b"):
        return False
    return len(value) < 3 or len(set(value.lower())) > 1  # `xxx` is none


def _is_random(word: str) -> bool:
    """Whether letters and digits are mixed as no name mixes them."""
    if not _TOKEN.issuperset(word):
        return False
    digits = sum(map(word.count, "0123456789"))
    return digits >= 3 and digits < len(word) and len(set(word)) >= 8
