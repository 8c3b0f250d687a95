"""Comments on pull requests of a GitHub: the one of ours is found, and written.

https://docs.github.com/en/rest/issues/comments (a pull request is an issue there),
https://docs.github.com/en/graphql/reference/queries#viewer
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from scanner.adapters.budget import budget_of, spent
from scanner.adapters.forges import Forge
from scanner.adapters.own_tokens import OwnTokens
from scanner.model.json import is_id
from scanner.model.ports import Http, NoResponse, Request, Response
from scanner.model.quoting import quoted

_HEADERS: Final = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_JSON: Final = {"Content-Type": "application/json"}
_PAGE: Final = 100
_PAGES: Final = 50
_LIMIT: Final = 32 << 20
"""Octets of a page of comments: each is 65,536 characters at most."""

_VIEWER: Final = json.dumps({"query": "query { viewer { databaseId } }"}).encode()
_NOT_ALLOWED: Final = (
    "resource not accessible by integration",
    "resource not accessible by personal access token",
)
_SHOWN: Final = 200


class PullRequest(NamedTuple):
    """A pull request of `repository` ("owner/name")."""

    repository: str
    number: int

    def __str__(self) -> str:
        return f"{self.repository}#{self.number}"


class Written(NamedTuple):
    """What was done to the comment that stands at `url` (empty where there is none)."""

    did: Literal["created", "updated", "unchanged", "none"]
    url: str = ""


class Refused(NamedTuple):
    """The token may not write comments there; `reason` is the end of a sentence."""

    reason: str


class Failed(NamedTuple):
    """The comment is not there as it should be; `reason` is the end of a sentence."""

    reason: str


class _Comment(NamedTuple):
    id: int
    author: int
    body: str
    url: str


class Comments:
    """The comments of one pull request, with the token of a `forge`, which goes to its API only."""

    def __init__(self, http: Http, forge: Forge, where: PullRequest) -> None:
        self._http = http
        self._forge = forge
        self._where = where
        self._own = OwnTokens((forge.token,))

    def write(self, marker: str, body: str, *, create: bool = True) -> Written | Refused | Failed:
        """Makes `body` the comment of ours that begins with the line `marker`; where there is none, it is made if it is to `create`.

        Anybody may write a comment with our marker, and a token may change the comments of others: only one that the token's own
        account has written is ours, and while that is not known, nothing is written.
        """
        marked: list[_Comment] = []
        for page in self._pages():
            if isinstance(page, Refused | Failed):
                return page
            marked += [one for one in page if _first_line(one.body) == marker]
        if marked:
            account = self._account()
            if isinstance(account, Failed):
                return account
            for one in marked:
                if one.author == account:
                    return self._update(one, body)
        if not create:
            return Written("none")
        path = f"{self.path}/comments"
        return self._written("created", self._send(path, {"body": body}, once=True), 201)

    @property
    def path(self) -> str:
        return path_of(self._where)

    def _update(self, comment: _Comment, body: str) -> Written | Refused | Failed:
        if _plain(comment.body) == _plain(body):
            return Written("unchanged", comment.url)
        path = f"/repos/{self._where.repository}/issues/comments/{comment.id}"
        return self._written("updated", self._send(path, {"body": body}, method="PATCH"), 200)

    def _written(
        self, did: Literal["created", "updated"], answer: Response | NoResponse, status: int
    ) -> Written | Refused | Failed:
        if isinstance(answer, NoResponse) or answer.status != status:
            return self._why(answer)
        url = _fields(answer).get("html_url")
        return Written(did, url if isinstance(url, str) and not self._own.are_in(url) else "")

    # ------------------------------------------------------------ asking

    def _pages(self) -> Iterator[list[_Comment] | Refused | Failed]:
        """The comments, the oldest first."""
        for number in range(1, _PAGES + 1):
            answer = self._send(f"{self.path}/comments?per_page={_PAGE}&page={number}")
            if isinstance(answer, NoResponse) or answer.status != 200:
                yield self._why(answer)
                return
            found = _value(answer)
            if not isinstance(found, list):
                yield Failed(f"{self._forge.host} answers with what is no list of comments")
                return
            yield [comment for one in found if (comment := _comment(one)) is not None]
            if len(found) < _PAGE:
                return
        yield Failed(
            f"{self._where} has more than {_PAGE * _PAGES:,} comments, among which ours cannot be found"
        )

    def _account(self) -> int | Failed:
        """The id of the account that the token is of. An installation of an app, such as that of Actions, has no `GET /user`, but is a viewer."""
        api = self._forge.api
        graphql = f"{api.removesuffix('/v3')}/graphql"
        answer = self._http.send(
            Request(graphql, _HEADERS | _JSON, _VIEWER, 1 << 20, f"Bearer {self._forge.token}")
        )
        if isinstance(answer, Response) and answer.status == 200:
            match _fields(answer):
                case {"data": {"viewer": {"databaseId": id}}} if is_id(id):
                    return id
        answer = self._send("/user")
        if isinstance(answer, Response) and answer.status == 200:
            match _fields(answer):
                case {"id": id} if is_id(id):
                    return id
        return Failed(
            f"{self._forge.host} does not say whose the token in {self._forge.variable} is, so it cannot be told whether the comment "
            "with this marker is ours"
        )

    def _send(
        self, path: str, fields: object = None, *, method: Literal["", "PATCH"] = "", once: bool = False
    ) -> Response | NoResponse:
        body = None if fields is None else json.dumps(fields).encode()
        headers = _HEADERS if body is None else _HEADERS | _JSON
        secret = f"Bearer {self._forge.token}"
        return self._http.send(
            Request(
                f"{self._forge.api}{path}", headers, body, _LIMIT, secret, frozenset(), method=method, once=once
            )
        )  # fmt: skip

    def _why(self, answer: Response | NoResponse) -> Refused | Failed:
        """Why there is no comment, and what can be done. Nothing that a server says is trusted not to hold the token."""
        host, variable = self._forge.host, self._forge.variable
        if isinstance(answer, NoResponse):
            return Failed(answer.reason)
        said = _fields(answer).get("message")
        message = said if isinstance(said, str) and not self._own.are_in(said) else ""
        shown = f": {quoted(message, _SHOWN)}" if message else ""
        if answer.status in (403, 404) and message.lower().startswith(_NOT_ALLOWED):
            return Refused(f"the token in {variable} may not write comments on {self._where}")
        match answer.status:
            case 401:
                return Failed(
                    f"{host} refuses the token in {variable} (401); set it to one that is valid for {host}"
                )
            case 404:
                return Failed(
                    f"{host} has no pull request {self._where}, or does not show it to the token in {variable} (404)"
                )
            case 403 | 429:
                budget = budget_of(answer.headers)
                if budget.left == 0:
                    return Failed(spent(budget, host, date.min))
                return Failed(f"{host} refuses ({answer.status}){shown}")
        return Failed(f"{host} answers {answer.status}{shown}")


def path_of(where: PullRequest) -> str:
    """The path of a pull request below the API, as an issue."""
    return f"/repos/{where.repository}/issues/{where.number}"


def _value(answer: Response) -> object:
    try:
        found: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return found


def _fields(answer: Response) -> dict[str, Any]:
    found = _value(answer)
    return found if isinstance(found, dict) else {}


def _comment(one: object) -> _Comment | None:
    """A comment of an answer; None for one that says too little to be ours. A deleted account is nobody's."""
    match one:
        case {"id": id, "user": {"id": author}, "body": str(body), **rest} if is_id(id) and is_id(author):
            url = rest.get("html_url")
            return _Comment(id, author, body, url if isinstance(url, str) else "")
    return None


def _plain(body: str) -> str:
    """A body as it is compared: servers may end lines in another way, and drop what is empty at the end."""
    return body.replace("\r\n", "\n").strip()


def _first_line(body: str) -> str:
    return body.partition("\n")[0].rstrip()
