"""A source that is asked in a test, with the tables as they are shipped."""

from collections.abc import Callable
from datetime import date
from typing import Any

from scanner.adapters.http import HttpClient
from scanner.adapters.sources.source import Asked, Failed, Fetched, Outcome, Seen, Source
from scanner.model.ports import Http, NoResponse, Request, Response
from tests.feeds import shipped

TODAY = date(2026, 11, 23)


class Answers:
    """Servers in memory: the same answer to everything."""

    def __init__(self, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self._response = Response(status, "https://example.org/", headers or {}, body)
        self.asked: list[Request] = []

    def send(self, request: Request) -> Response | NoResponse:
        self.asked.append(request)
        return self._response


def client(patience: float = 30.0) -> HttpClient:
    """A client that does not wait between attempts, and this many seconds at most for an answer."""
    return HttpClient(read=patience, total=patience, backoff=0.0, sleep=lambda seconds: None)


def ask(
    source: Source,
    http: Http,
    url: str = "https://example.org/feed",
    *,
    seen: Seen | None = None,
    table: Callable[[str], object] = shipped,
    token: str = "",
) -> Outcome:
    return source.fetch(Asked(http, url, table, TODAY, seen or Seen(), token))


def fetched(outcome: Outcome) -> Fetched:
    assert isinstance(outcome, Fetched), outcome
    return outcome


def reason(outcome: Outcome) -> str:
    assert isinstance(outcome, Failed), outcome
    return outcome.reason


def rows(outcome: Outcome, table: str, key: str) -> Any:
    return fetched(outcome).tables[table][key]
