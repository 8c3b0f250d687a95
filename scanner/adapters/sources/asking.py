"""How a source asks a server: conditionally, bounded, with a reason for everything that is not an answer.

Validators (RFC 9110, section 13: `ETag`, `Last-Modified`) are kept as marks: asked again with them, a server answers 304 as long as
nothing has changed.
"""

from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Final, NamedTuple
from urllib.parse import urlencode, urlsplit

from scanner.adapters import bounded_json
from scanner.adapters.budget import budget_of, spent
from scanner.adapters.sources.source import Asked, Failed, Seen, Unchanged
from scanner.adapters.validators import MOST, may_go_back
from scanner.model.ports import NoResponse, Request, Response
from scanner.model.quoting import quoted

MAX_MARK: Final = MOST
"""Characters of a mark. A validator that is longer is not kept."""

_SPENT: Final = frozenset((403, 429))
_HEADERS: Final = (("etag", "If-None-Match"), ("modified", "If-Modified-Since"))


class Got(NamedTuple):
    """A body, the marks to ask with the next time, and the header `Link`."""

    body: bytes
    marks: Mapping[str, str]
    link: str


class Document(NamedTuple):
    """The value of a JSON document, and the marks to ask with the next time."""

    value: object
    marks: Mapping[str, str]


def document(asked: Asked, url: str, key: str, *, limit: int) -> Document | Unchanged | Failed:
    """The JSON at a URL, see `get`."""
    got = get(asked, url, key, limit=limit)
    if not isinstance(got, Got):
        return got
    value = parsed(got.body)
    return value if isinstance(value, Failed) else Document(value, got.marks)


def get(
    asked: Asked, url: str, key: str, *, limit: int, secret: str = "", accept: str = "application/json"
) -> Got | Unchanged | Failed:
    """The body at a URL, at most `limit` octets. `key` names the URL among the marks; without one it is asked for unconditionally."""
    headers = {"Accept": accept}
    if key and remembered(asked, url, key):
        for kind, header in _HEADERS:
            value = asked.seen.marks.get(f"{kind} of {key}", "")
            if may_go_back(value):
                headers[header] = value
    answer = asked.http.send(Request(url, headers, limit=limit, secret=secret))
    match answer:
        case NoResponse(reason):
            return Failed(reason)
        case Response(status=304) if len(headers) > 1:
            return Unchanged(Seen(_kept(asked, key)))
        case Response(status=200):
            marks = {f"url of {key}": digest(url.encode())} if key else {}
            for kind, header in (("etag", "etag"), ("modified", "last-modified")):
                value = answer.headers.get(header, "")
                if key and may_go_back(value):
                    marks[f"{kind} of {key}"] = value
            return Got(answer.body, marks, answer.headers.get("link", ""))
        case Response():
            return Failed(_refusal(answer, asked.day))


def remembered(asked: Asked, url: str, key: str) -> bool:
    """Whether the marks are about what stands at this address."""
    return asked.seen.marks.get(f"url of {key}") == digest(url.encode())


def parsed(body: bytes) -> object | Failed:
    """The value of a JSON document. Numbers that JSON does not have are refused, and so is what is nested too deeply or has more values
    than a feed has."""
    try:
        return bounded_json.parsed(body, _refuse)
    except bounded_json.TooManyValues:
        return Failed(f"the server's answer has more than {bounded_json.MOST_VALUES:,} values")
    except (ValueError, RecursionError):
        start = body[:200].lstrip().lower()
        if start.startswith((b"<!doctype", b"<html", b"<?xml")):
            return Failed(
                "the server answers with a page for people, not with data; something may stand between"
            )
        return Failed("the server's answer is not JSON")


def with_query(url: str, query: Mapping[str, str]) -> str:
    """An address with a query; one that it has already stays, as a mirror's may hold a key."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query, safe=',')}"


def digest(data: bytes) -> str:
    """What names a text among the marks: SHA-256 in hex digits."""
    return sha256(data).hexdigest()


def shrunk(before: int, now: int, nouns: str) -> Failed | None:
    """A feed that has lost more than half of what was there is broken, or it is not the feed. `nouns` is what is counted."""
    if 2 * now >= before:
        return None
    return Failed(f"the answer has {now:,} {nouns} where there were {before:,}, which is too few to be right")


def _kept(asked: Asked, key: str) -> dict[str, str]:
    """The marks of an answer that still holds."""
    return {name: value for name, value in asked.seen.marks.items() if name.endswith(f" of {key}")}


def _refusal(answer: Response, today: date) -> str:
    """Why a status is no answer."""
    if answer.status in _SPENT:
        budget = budget_of(answer.headers)
        if budget.left == 0:
            return spent(budget, urlsplit(answer.url).netloc, today)
    if answer.status == 429:
        return "the server answers 429: too many requests; try again later"
    if answer.status == 404:
        return "the server answers 404: there is nothing at this address"
    return f"the server answers {answer.status}"


def _refuse(constant: str) -> object:
    raise ValueError(f"JSON has no {quoted(constant)}")
