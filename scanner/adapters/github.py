"""GitHub's REST API: what it says of repositories, their owners and releases.

https://docs.github.com/en/rest/about-the-rest-api/api-versions
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

import json
import re
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from scanner.adapters.answers import Answers, Kept, Question
from scanner.adapters.forges import Forge
from scanner.adapters.own_tokens import OwnTokens
from scanner.model.counting import counted
from scanner.model.online import GITHUB, About, Account, NotKnown, NotThere, Release, Remote
from scanner.model.ports import Http, NoResponse, Request, Response
from scanner.model.quoting import quoted

_HEADERS: Final = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_LIMIT: Final = 16 << 20
"""Octets of an answer. A comparison lists up to 300 changed files with their changes."""
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_LONG_TAG: Final = 250
_LONG_MESSAGE: Final = 300
_SILENCES: Final = 3
"""Requests in a row without an answer, after which a server is not asked any more."""

_UNLIMITED: Final = 1 << 30
"""What is left of the budget where a server says nothing of one: those of one's own have none unless told to."""

_LIFE: Final = {
    "about": timedelta(hours=24),
    "account": timedelta(hours=24),
    "release": timedelta(hours=24),
    "compare": timedelta(days=30),  # of two commits: that does not change
}
_LIFE_OF_MISSING: Final = timedelta(hours=1)

_Shape = Mapping[str, Any]
"""The fields that are read: None for a plain value, a shape for an object."""

_REPOSITORY: Final[_Shape] = {
    "id": None,
    "full_name": None,
    "archived": None,
    "created_at": None,
    "license": {"spdx_id": None},
    "owner": {"login": None, "id": None},
}
_USER: Final[_Shape] = {"login": None, "id": None, "created_at": None}
_RELEASE: Final[_Shape] = {"tag_name": None, "immutable": None, "draft": None}
_COMPARISON: Final[_Shape] = {"status": None}
_ERROR: Final[_Shape] = {"message": None}

_HOLDS: Final = {"identical": True, "behind": True, "ahead": False, "diverged": False}
"""Whether the base of a comparison has its head, by `status`."""


class _Got(NamedTuple):
    """The fields of an answer that is one: 200, or 404 with its message."""

    status: int
    fields: Mapping[str, Any]


class GitHub:
    """Questions to one GitHub. Safe to be used by several threads.

    Once its budget is spent, or it does not answer several times in a row, nothing more is asked of it. A token that it refuses is not
    sent any more. `requests` counts what was sent, `left` is what the server says is left of the budget (None: nothing yet).
    """

    def __init__(
        self,
        http: Http,
        forge: Forge,
        answers: Answers,
        tokens: OwnTokens,
        now: Callable[[], datetime],
    ) -> None:
        self._http = http
        self._forge = forge
        self._answers = answers
        self._tokens = tokens
        self._now = now
        self._lock = threading.Lock()
        self._token = forge.token
        self._closed: NotKnown | None = None
        self._silences = 0
        self._remarks: list[str] = []
        self.requests = 0
        self.left: int | None = None

    def remarks(self) -> tuple[str, ...]:
        """What is wrong with the token."""
        return tuple(self._remarks)

    def about(self, remote: Remote) -> About | NotKnown:
        """https://docs.github.com/en/rest/repos/repos#get-a-repository; a renamed one is answered by its new name (301 is followed)."""
        path = _path_of(remote)
        if isinstance(path, NotKnown):
            return path
        got = self._ask("about", path, _REPOSITORY)
        if isinstance(got, NotKnown):
            return got
        if got.status == 404:
            return NotThere(
                f"{self._forge.host} has no {quoted(remote.path)}, or does not show it to everybody"
            )
        return _about(got.fields) or self._nonsense()

    def account(self, login: str) -> Account | NotKnown:
        """https://docs.github.com/en/rest/users/users#get-a-user, which answers for organizations as well."""
        if not _is_name(login):
            return NotKnown(f"{quoted(login)} is no name of an account")
        got = self._ask("account", f"/users/{quote(login, safe='')}", _USER)
        if isinstance(got, NotKnown):
            return got
        if got.status == 404:
            return NotThere(f"{self._forge.host} has no account {quoted(login)}")
        return _account(got.fields) or self._nonsense()

    def release(self, remote: Remote, tag: str) -> Release | NotKnown | None:
        """https://docs.github.com/en/rest/releases/releases#get-a-release-by-tag-name. Servers that know no immutable releases have none."""
        path = _path_of(remote)
        if isinstance(path, NotKnown):
            return path
        if not tag or len(tag) > _LONG_TAG or tag in (".", "..") or not tag.isprintable():
            return None
        got = self._ask("release", f"{path}/releases/tags/{quote(tag, safe='')}", _RELEASE)
        if isinstance(got, NotKnown):
            return got
        if got.status == 404 or got.fields.get("draft") is True:
            return None
        immutable = got.fields.get("immutable", False)
        if got.fields.get("tag_name") != tag or not isinstance(immutable, bool):
            return self._nonsense()
        return Release(tag, immutable)

    def holds(self, remote: Remote, tip: str, commit: str) -> bool | NotKnown:
        """Whether the history of the commit `tip` has another (40 hex digits, lower case).
        https://docs.github.com/en/rest/commits/commits#compare-two-commits"""
        path = _path_of(remote)
        if isinstance(path, NotKnown):
            return path
        if not _COMMIT.fullmatch(tip) or not _COMMIT.fullmatch(commit):
            return NotKnown("only full commit ids can be compared")
        got = self._ask("compare", f"{path}/compare/{tip}...{commit}?per_page=1", _COMPARISON)
        if isinstance(got, NotKnown):
            return got
        if got.status == 404:
            if str(got.fields.get("message", "")).startswith("No common ancestor"):
                return False
            return NotKnown(f"{self._forge.host} cannot compare it with commits of {quoted(remote.path)}")
        status = got.fields.get("status")
        held = _HOLDS.get(status) if isinstance(status, str) else None
        return self._nonsense() if held is None else held

    # ------------------------------------------------------------ asking

    def _ask(self, kind: str, path: str, shape: _Shape) -> _Got | NotKnown:
        """What is kept while it is young, else what the server says; with what is kept it is asked only whether it has changed."""
        token = self._token
        question = Question(kind, self._forge.host, path, token)
        kept, got = self._kept(question, shape)
        if kept is not None and got is not None:
            life = _LIFE[kind] if got.status == 200 else _LIFE_OF_MISSING
            if self._answers.fresh(kept, life):
                return got
        if self._closed is not None:
            return self._closed
        etag = kept.etag if kept is not None and got is not None else ""
        response = self._send(path, token, {"If-None-Match": etag} if etag else {})
        if isinstance(response, Response) and response.status == 401 and token:
            self._forget(token)
            return self._ask(kind, path, shape)
        if isinstance(response, Response) and response.status == 403 and token and not _is_limit(response):
            # A public repository of an organization that lets in some tokens only is shown to everybody.
            other = self._sent(path, "", {})
            response = other if isinstance(other, Response) and other.status == 200 else response
        if isinstance(response, NoResponse):
            return NotKnown(response.reason)
        if response.status == 304 and got is not None and etag:
            self._answers.keep(question, {"status": got.status, "fields": got.fields}, etag)
            return got
        if response.status not in (200, 404):
            return self._refusal(response)
        body = _read(response.body)
        if body is None:
            return NotKnown(
                f"{self._forge.host} answers with what is no data of its API; something may stand between"
            )
        got = _Got(response.status, _picked(body, shape if response.status == 200 else _ERROR))
        if self._tokens.are_in(got):
            return NotKnown(f"{self._forge.host} answers with the token that it was asked with")
        etag = response.headers.get("etag", "")
        self._answers.keep(
            question,
            {"status": got.status, "fields": got.fields},
            "" if got.status != 200 or self._tokens.are_in(etag) else etag,
        )
        return got

    def _kept(self, question: Question, shape: _Shape) -> tuple[Kept | None, _Got | None]:
        kept = self._answers.get(question)
        match kept:
            case Kept(value={"status": 200 | 404 as status, "fields": dict(fields)}):
                return kept, _Got(status, _picked(fields, shape if status == 200 else _ERROR))
        return None, None

    def _sent(self, path: str, token: str, headers: Mapping[str, str]) -> Response | NoResponse:
        with self._lock:
            self.requests += 1
        secret = f"Bearer {token}" if token else ""
        return self._http.send(
            Request(f"{self._forge.api}{path}", {**_HEADERS, **headers}, limit=_LIMIT, secret=secret)
        )

    def _send(self, path: str, token: str, headers: Mapping[str, str]) -> Response | NoResponse:
        """The answer to a request, and whether anything may be asked after it."""
        answer = self._sent(path, token, headers)
        with self._lock:
            if isinstance(answer, NoResponse) or answer.status >= 500:
                self._silences += 1
                if self._silences >= _SILENCES and self._closed is None:
                    # the reason of those who were told, so that it does not matter who was
                    self._closed = (
                        NotKnown(answer.reason) if isinstance(answer, NoResponse) else self._refusal(answer)
                    )
                return answer
            self._silences = 0
            left = _number(answer.headers.get("x-ratelimit-remaining", ""))
            self.left = min(
                _UNLIMITED if left is None else left, _UNLIMITED if self.left is None else self.left
            )
            if _is_limit(answer) or left == 0:
                self._closed = self._closed or self._spent(answer, left == 0)
        return answer

    def _spent(self, answer: Response, all_of_it: bool) -> NotKnown:
        """https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api"""
        if not all_of_it:
            return NotKnown(
                f"{self._forge.host} asks to wait, since too much was asked at once; try again in some minutes"
            )
        limit = _number(answer.headers.get("x-ratelimit-limit", ""))
        budget = f"the budget of {counted(limit, 'request')} an hour" if limit else "the budget of requests"
        until = _until(answer.headers.get("x-ratelimit-reset", ""), self._now())
        wait = f"is used up until {until}" if until else "is used up"
        advice = "try again then" if self._token else f"set {self._variable} to have more"
        return NotKnown(f"{budget} of {self._forge.host} {wait}; {advice}")

    def _forget(self, token: str) -> None:
        """Goes on without a token that is refused, and says so once."""
        with self._lock:
            if self._token == token:
                self._token = ""
                self._remarks.append(
                    f"{self._forge.host} refuses the token in {self._forge.variable} (401), so it was asked without one; "
                    f"set {self._forge.variable} to a token that is valid, or unset it"
                )

    def _refusal(self, response: Response) -> NotKnown:
        """Why a status is no answer, and what can be done."""
        host, status = self._forge.host, response.status
        if _is_limit(response) and self._closed is not None:
            return self._closed
        if status == 403 and "required" in response.headers.get("x-github-sso", ""):
            return NotKnown(
                f"its organization asks for single sign-on (403); authorize the token in {self._forge.variable} for it on {host}"
            )
        if status == 403:
            return NotKnown(
                f"{host} refuses to answer (403); the owner may let in other tokens or addresses only, or it is blocked"
            )
        if status == 401:
            return NotKnown(f"{host} answers nobody without a token (401); set {self._variable}")
        if status == 451:
            return NotKnown(f"{host} does not show it for legal reasons (451)")
        if status >= 500:
            return NotKnown(f"{host} fails to answer ({status}); try again later")
        return NotKnown(f"{host} answers {status}, which is no answer to the question")

    def _nonsense(self) -> NotKnown:
        return NotKnown(f"{self._forge.host} answers in another form than its API has")

    @property
    def _variable(self) -> str:
        if self._forge.variable:
            return self._forge.variable
        return "GITHUB_TOKEN" if self._forge.host == GITHUB else "GH_ENTERPRISE_TOKEN"


# ---------------------------------------------------------------- reading


def _about(fields: Mapping[str, Any]) -> About | None:
    match fields:
        case {
            "id": int(id),
            "full_name": str(name),
            "archived": bool(archived),
            "created_at": str(created),
            "owner": {"login": str(owner), "id": int(owner_id)},
        }:
            made, licence = _time(created), fields.get("license")
            spdx = licence.get("spdx_id") if isinstance(licence, dict) else None
            user, slash, repository = name.partition("/")
            if made is None or not slash or not (_is_name(user) and _is_name(repository) and _is_name(owner)):
                return None
            # NOASSERTION: there is a licence that it does not recognise
            known = (
                spdx if isinstance(spdx, str) and _NAME.fullmatch(spdx) and spdx != "NOASSERTION" else None
            )
            return About(name, archived, known, owner, owner_id, id, made)
    return None


def _account(fields: Mapping[str, Any]) -> Account | None:
    match fields:
        case {"login": str(login), "id": int(id), "created_at": str(created)}:
            made = _time(created)
            return Account(login, id, made) if made is not None and _is_name(login) else None
    return None


def _picked(value: object, shape: _Shape) -> dict[str, Any]:
    """The fields of an object that have a place in a shape: plain values of a bounded length and objects of such."""
    found: dict[str, Any] = {}
    if not isinstance(value, dict):
        return found
    for name, inner in shape.items():
        one = value.get(name)
        if inner is not None:
            found[name] = _picked(one, inner) if isinstance(one, dict) else None
        elif isinstance(one, str):
            found[name] = one[:_LONG_MESSAGE]
        elif name in value and (one is None or (isinstance(one, bool | int) and abs(one) < 1 << 63)):
            found[name] = one
    return found


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_limit(response: Response) -> bool:
    """Whether a refusal is about how much was asked. https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api"""
    if response.status == 429:
        return True
    if response.status != 403:
        return False
    headers = response.headers
    if headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers:
        return True
    message = _picked(_read(response.body), _ERROR).get("message") or ""
    return "rate limit" in message.lower() or "abuse" in message.lower()


def _path_of(remote: Remote) -> str | NotKnown:
    owner, slash, repository = remote.path.partition("/")
    if not slash or not _is_name(owner) or not _is_name(repository):
        return NotKnown(f"{quoted(remote.path)} is no name of a repository on GitHub")
    return f"/repos/{owner}/{repository}"


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None and text not in (".", "..")


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 11 else None


def _until(seconds: str, now: datetime) -> str:
    """A moment in UTC out of seconds since 1970: its time, with the day unless that is today."""
    number = _number(seconds)
    if number is None:
        return ""
    try:
        moment = datetime.fromtimestamp(number, UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return f"{moment:%H:%M} UTC" if moment.date() == now.date() else f"{moment:%Y-%m-%d %H:%M} UTC"


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
