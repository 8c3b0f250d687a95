"""Whatever a server does, a source answers with a reason, and never raises."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.adapters.sources.every import SOURCES
from scanner.adapters.sources.source import Failed, Fetched, Seen, Source, Unchanged
from tests.adapters.sources.asking import Answers, ask, client, fetched, reason
from tests.feeds import known_records, serve, urls, zipped
from tests.server import (
    Answer,
    Server,
    closed,
    drip,
    garbage,
    gzip_bomb,
    huge,
    invalid_json,
    json_of,
    rate_limited,
    redirect,
    retry_after,
    slow,
    truncated,
    wrong_type,
)

NAMES = [source.name for source in SOURCES]
ROUTES = {
    "osv": "/osv/GitHub%20Actions/modified_id.csv",
    "github-advisories": "/advisories",
    "kev": "/feeds/known_exploited_vulnerabilities.json",
    "epss": "/data/v1/epss",
    "endoflife": "/api/v1/products/nixos/",
    "flake-registry": "/flake-registry.json",
}
BAD: dict[str, Answer] = {
    "slow": slow(),
    "drip": drip(every=0.001),
    "truncated": truncated(),
    "closed": closed(),
    "garbage": garbage(),
    "huge": huge(),
    "huge, not claimed": huge(claimed=False),
    "gzip bomb": gzip_bomb(),
    "spent": rate_limited(1_795_000_000),
    "too many": retry_after(3_600),
    "500": Answer(500),
    "404": Answer(404),
    "304 unasked": Answer(304),
    "elsewhere": redirect("https://evil.example/"),
}
NO_DATA: dict[str, Answer] = {
    "page": wrong_type(),
    "half": invalid_json(),
    "empty": Answer(200, b""),
    "deep": Answer(200, b"[" * 100_000),
    "number": Answer(200, b"9" * 10_000),
    "nan": Answer(200, b"[NaN]"),
    "not UTF-8": Answer(200, b'{"a": "\xff"}'),
    "null": json_of(None),
    "text": json_of("words"),
    "mapping": json_of({"a": [1]}),
    "nested": json_of({"result": [{"releases": {}}], "flakes": {"a": 1}, "vulnerabilities": "x", "data": 3}),
}


def patience(bad: str) -> float:
    """Seconds to wait for an answer: of those that never come, few."""
    return 0.2 if bad in ("slow", "drip") else 30.0


def source_of(name: str) -> Source:
    return next(source for source in SOURCES if source.name == name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bad", BAD)
def test_a_server_that_misbehaves(server: Server, name: str, bad: str) -> None:
    serve(server, known_records())
    server.on(ROUTES[name], BAD[bad])
    assert reason(ask(source_of(name), client(patience(bad)), urls(server)[name]))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "osv"])
@pytest.mark.parametrize("bad", NO_DATA)
def test_an_answer_that_is_no_data(server: Server, name: str, bad: str) -> None:
    server.on(ROUTES[name], NO_DATA[bad])
    assert reason(ask(source_of(name), client(), urls(server)[name]))


@pytest.mark.parametrize("bad", [*BAD, *NO_DATA])
def test_a_dump_that_is_none(server: Server, bad: str) -> None:
    serve(server, known_records())
    server.on("/osv/GitHub%20Actions/all.zip", (BAD | NO_DATA)[bad])
    assert reason(ask(source_of("osv"), client(patience(bad)), urls(server)["osv"]))


@pytest.mark.parametrize("name", NAMES)
def test_a_server_that_fails_once(server: Server, name: str) -> None:
    serve(server, known_records())
    good = server._routes[ROUTES[name]]
    server.on(ROUTES[name], Answer(503), *good)
    fetched(ask(source_of(name), client(), urls(server)[name]))


def test_reasons_are_for_people(server: Server) -> None:
    def said(answer: Answer) -> str:
        server.on(ROUTES["kev"], answer)
        return reason(ask(source_of("kev"), client(), urls(server)["kev"]))

    spent = f"the budget of 60 requests an hour of {server.host} is used up"
    assert said(rate_limited(1_795_000_000)) == f"{spent} until 2026-11-18 11:06 UTC"
    assert said(rate_limited(10**12)) == spent
    assert said(wrong_type()).startswith("the server answers with a page for people")
    assert said(invalid_json()) == "the server's answer is not JSON"
    assert said(Answer(404)) == "the server answers 404: there is nothing at this address"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_TEXTS = st.sampled_from(
    ["GHSA-aaaa-bbbb-cccc", "CVE-2026-12345", "octo/action", "GitHub Actions", "actions", "2026-01-01", "0", "< 2",
     "nixos", "indirect", "github", "26.11", "\ud800", "CVSS:3.1/AV:N", "malware"]
)  # fmt: skip


def _like(keys: list[str]) -> st.SearchStrategy[Any]:
    """Values with the names that a feed has, and anything in them."""
    names = st.sampled_from(keys)
    return st.recursive(
        _JSON | _TEXTS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=len(keys)),
        max_leaves=30,
    )


_KEYS = {
    "osv": ["id", "affected", "package", "ecosystem", "name", "ranges", "type", "events", "introduced", "fixed",
            "versions", "published", "modified", "aliases", "severity", "score", "database_specific", "withdrawn"],
    "github-advisories": ["ghsa_id", "cve_id", "vulnerabilities", "package", "ecosystem", "name", "cwes", "cwe_id",
                          "vulnerable_version_range", "first_patched_version", "published_at", "updated_at", "type"],
    "kev": ["vulnerabilities", "cveID", "dateAdded", "count"],
    "epss": ["data", "cve", "epss", "percentile"],
    "endoflife": ["result", "name", "releases", "codename", "releaseDate", "eolFrom"],
    "flake-registry": ["flakes", "version", "from", "to", "id", "type", "owner", "repo", "ref", "url", "exact", "dir"],
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_no_answer_raises(name: str) -> None:
    source = source_of(name)

    @given(_like(_KEYS[name]), st.booleans())
    def check(value: object, known: bool) -> None:
        body = json.dumps(value).encode()
        http: Any = Answers(zipped({"GHSA-1.json": body}) if name == "osv" else body)
        outcome = ask(source, http, table=lambda table: value if known else None)
        assert isinstance(outcome, Fetched | Failed)
        if isinstance(outcome, Fetched):  # and what is made of it can be written
            json.dumps(dict(outcome.tables), ensure_ascii=False).encode()

    check()


@pytest.mark.parametrize("name", NAMES)
def test_what_a_source_remembers_may_be_anything(server: Server, name: str) -> None:
    serve(server, known_records())
    first = fetched(ask(source_of(name), client(), urls(server)[name]))
    for value in ("", "\r\nX-Evil: 1", "é", "x" * 10_000, 'W/"1"'):
        spoilt = {
            mark: (text if mark.startswith("url ") else value) for mark, text in first.seen.marks.items()
        }
        outcome = ask(source_of(name), client(), urls(server)[name], seen=Seen(spoilt))
        assert isinstance(outcome, Fetched | Unchanged)
    assert not any("x-evil" in asked.headers for asked in server.asked)
