"""GitHub's REST API: what it says of repositories, their owners and releases.

https://docs.github.com/en/rest/about-the-rest-api/api-versions
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

import re
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from scanner.adapters.answers import Answers, Kept, Question
from scanner.adapters.budget import Budget, budget_of, spent
from scanner.adapters.forges import Forge
from scanner.adapters.github_answers import (
    COMPARISON,
    ERROR,
    RELEASE,
    REPOSITORY,
    USER,
    Shape,
    about_of,
    account_of,
    is_name,
    picked,
    read,
)
from scanner.adapters.own_tokens import OwnTokens
from scanner.adapters.whole_host import WholeHost
from scanner.model.online import About, Account, NotKnown, NotThere, Release, Remote
from scanner.model.ports import Http, NoResponse, Request, Response
from scanner.model.quoting import quoted

_HEADERS: Final = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_LIMIT: Final = {"about": 1 << 20, "account": 1 << 20, "release": 1 << 20, "compare": 4 << 20}
"""Octets of an answer: some thousands, but a comparison lists up to 300 changed files with their changes."""
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_LONG_TAG: Final = 250
_FAILURES: Final = 3
"""Requests in a row without an answer, after which a server is asked whether it answers at all."""
_WHOLE: Final = "/rate_limit"
"""What costs nothing of the budget, https://docs.github.com/en/rest/rate-limit/rate-limit"""

_UNLIMITED: Final = 1 << 30
"""What is left of the budget where a server says nothing of one: those of one's own have none unless told to."""

_LIFE: Final = {
    "about": timedelta(hours=24),
    "account": timedelta(hours=24),
    "release": timedelta(hours=24),
    "compare": timedelta(days=30),  # of two commits: that does not change
}
_LIFE_OF_MISSING: Final = timedelta(hours=1)
_LONGEST_BUDGET: Final = 3700
"""Seconds. A budget is one of an hour; clocks may differ by a little."""

_HOLDS: Final = {"identical": True, "behind": True, "ahead": False, "diverged": False}
"""Whether the base of a comparison has its head, by `status`."""


class _Got(NamedTuple):
    """The fields of an answer that is one: 200, or 404 with its message."""

    status: int
    fields: Mapping[str, Any]


class GitHub:
    """Questions to one GitHub. Safe to be used by several threads.

    Once its budget is spent, or it does not answer whatever it is asked, nothing more is asked of it; that the budget is spent, later runs
    know until there is a new one. A token that it refuses is not sent any more. `left` is what the server says is left of the budget
    (None: nothing yet).
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
        self._whole = WholeHost(http, f"{forge.api}{_WHOLE}", forge.host, _FAILURES)
        self._remarks: list[str] = []
        self._remembered: set[str] = set()
        self.left: int | None = None

    def remarks(self) -> tuple[str, ...]:
        """What is wrong with the token."""
        return tuple(self._remarks)

    def takes_its_token(self) -> bool:
        """Whether there is a token, and the server has not refused it so far."""
        return bool(self._token)

    def about(self, remote: Remote) -> About | NotKnown:
        """https://docs.github.com/en/rest/repos/repos#get-a-repository; a renamed one is answered by its new name (301 is followed)."""
        path = _path_of(remote)
        if isinstance(path, NotKnown):
            return path
        got = self._ask("about", path, REPOSITORY)
        if isinstance(got, NotKnown):
            return got
        if got.status == 404:
            return NotThere(
                f"{self._forge.host} has no {quoted(remote.path)}, or does not show it to everybody"
            )
        return about_of(got.fields) or self._nonsense()

    def account(self, login: str) -> Account | NotKnown:
        """https://docs.github.com/en/rest/users/users#get-a-user, which answers for organizations as well."""
        if not is_name(login):
            return NotKnown(f"{quoted(login)} is no name of an account")
        got = self._ask("account", f"/users/{quote(login, safe='')}", USER)
        if isinstance(got, NotKnown):
            return got
        if got.status == 404:
            return NotThere(f"{self._forge.host} has no account {quoted(login)}")
        return account_of(got.fields) or self._nonsense()

    def release(self, remote: Remote, tag: str) -> Release | NotKnown | None:
        """https://docs.github.com/en/rest/releases/releases#get-a-release-by-tag-name. Servers that know no immutable releases have none."""
        path = _path_of(remote)
        if isinstance(path, NotKnown):
            return path
        if not tag or len(tag) > _LONG_TAG or tag in (".", "..") or not tag.isprintable():
            return None
        got = self._ask("release", f"{path}/releases/tags/{quote(tag, safe='')}", RELEASE)
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
        got = self._ask("compare", f"{path}/compare/{tip}...{commit}?per_page=1", COMPARISON)
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

    def _ask(self, kind: str, path: str, shape: Shape) -> _Got | NotKnown:
        """What is kept while it is young, else what the server says; with what is kept it is asked only whether it has changed."""
        token = self._token
        question = Question(kind, self._forge.host, path, token)
        kept, got = self._kept(question, shape)
        if kept is not None and got is not None:
            life = _LIFE[kind] if got.status == 200 else _LIFE_OF_MISSING
            if self._answers.fresh(kept, life):
                return got
        closed = self._closed_by_now(token)
        if closed is not None:
            return closed
        etag = kept.etag if kept is not None and got is not None else ""
        response = self._send(kind, path, token, {"If-None-Match": etag} if etag else {})
        if isinstance(response, Response) and response.status == 401 and token:
            self._forget(token)
            return self._ask(kind, path, shape)
        if isinstance(response, Response) and response.status == 403 and token and not _is_limit(response):
            # A public repository of an organization that lets in some tokens only is shown to everybody.
            other = self._sent(kind, path, "", {})
            response = other if isinstance(other, Response) and other.status == 200 else response
        if isinstance(response, NoResponse):
            return NotKnown(response.reason)
        if response.status == 304 and got is not None and etag:
            self._answers.keep(question, {"status": got.status, "fields": got.fields}, etag)
            return got
        if response.status not in (200, 404):
            return self._refusal(response)
        body = read(response.body)
        if body is None:
            return NotKnown(
                f"{self._forge.host} answers with what is no data of its API; something may stand between"
            )
        got = _Got(response.status, picked(body, shape if response.status == 200 else ERROR))
        if self._tokens.are_in(got):
            return NotKnown(f"{self._forge.host} answers with the token that it was asked with")
        etag = response.headers.get("etag", "")
        self._answers.keep(
            question,
            {"status": got.status, "fields": got.fields},
            "" if got.status != 200 or self._tokens.are_in(etag) else etag,
        )
        return got

    def _kept(self, question: Question, shape: Shape) -> tuple[Kept | None, _Got | None]:
        kept = self._answers.get(question)
        match kept:
            case Kept(value={"status": 200 | 404 as status, "fields": dict(fields)}):
                return kept, _Got(status, picked(fields, shape if status == 200 else ERROR))
        return None, None

    def _sent(self, kind: str, path: str, token: str, headers: Mapping[str, str]) -> Response | NoResponse:
        secret = f"Bearer {token}" if token else ""
        return self._http.send(
            Request(f"{self._forge.api}{path}", {**_HEADERS, **headers}, limit=_LIMIT[kind], secret=secret)
        )

    def _send(self, kind: str, path: str, token: str, headers: Mapping[str, str]) -> Response | NoResponse:
        """The answer to a request, and whether anything may be asked after it."""
        answer = self._sent(kind, path, token, headers)
        if isinstance(answer, NoResponse) or answer.status >= 500:
            self._whole.failed()
            return answer
        self._whole.answered()
        with self._lock:
            budget = budget_of(answer.headers)
            left = _UNLIMITED if budget.left is None else budget.left
            self.left = min(left, _UNLIMITED if self.left is None else self.left)
            if (_is_limit(answer) or left == 0) and self._closed is None:
                self._closed = self._spent(budget) if left == 0 else self._too_much_at_once()
                if left == 0:
                    self._remember(budget, token)
        return answer

    def _spent(self, budget: Budget) -> NotKnown:
        advice = "try again then" if self._token else f"set {self._forge.expects} to have more"
        return NotKnown(f"{spent(budget, self._forge.host, self._now().date())}; {advice}")

    def _too_much_at_once(self) -> NotKnown:
        return NotKnown(
            f"{self._forge.host} asks to wait, since too much was asked at once; try again in some minutes"
        )

    def _closed_by_now(self, token: str) -> NotKnown | None:
        """Why nothing is asked any more: what this run has met, or an earlier one whose budget is that of now."""
        with self._lock:
            if self._closed is None and token not in self._remembered:
                self._remembered.add(token)
                kept = self._answers.get(self._of_budget(token))
                match kept:
                    case Kept(value={"limit": int() | None as limit, "reset": int(reset)}) if reset < 1 << 40:
                        left = reset - self._now().timestamp()
                        if 0 < left <= _LONGEST_BUDGET:
                            self._closed = self._spent(Budget(limit, 0, reset))
            return self._closed or self._whole.closed

    def _remember(self, budget: Budget, token: str) -> None:
        if budget.reset is not None:
            self._answers.keep(self._of_budget(token), {"limit": budget.limit, "reset": budget.reset})

    def _of_budget(self, token: str) -> Question:
        return Question("budget", self._forge.host, "", token)

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
            return NotKnown(f"{host} answers nobody without a token (401); set {self._forge.expects}")
        if status == 451:
            return NotKnown(f"{host} does not show it for legal reasons (451)")
        if status >= 500:
            return NotKnown(f"{host} fails to answer ({status}); try again later")
        return NotKnown(f"{host} answers {status}, which is no answer to the question")

    def _nonsense(self) -> NotKnown:
        return NotKnown(f"{self._forge.host} answers in another form than its API has")


def _is_limit(response: Response) -> bool:
    """Whether a refusal is about how much was asked. https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api"""
    if response.status == 429:
        return True
    if response.status != 403:
        return False
    headers = response.headers
    if headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers:
        return True
    message = picked(read(response.body), ERROR).get("message") or ""
    return "rate limit" in message.lower() or "abuse" in message.lower()


def _path_of(remote: Remote) -> str | NotKnown:
    owner, slash, repository = remote.path.partition("/")
    if not slash or not is_name(owner) or not is_name(repository):
        return NotKnown(f"{quoted(remote.path)} is no name of a repository on GitHub")
    return f"/repos/{owner}/{repository}"
