"""GitHub's API: what it answers, what it refuses, and what it costs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.adapters.answers import Answers, Question
from scanner.adapters.forges import Forge
from scanner.adapters.github import GitHub
from scanner.adapters.http import HttpClient
from scanner.adapters.own_tokens import OwnTokens
from scanner.model.online import About, Account, NotKnown, NotThere, Release, Remote
from scanner.model.ports import NoResponse, Request, Response
from tests.adapters import github_api as api
from tests.server import (
    NOT_FOUND,
    Answer,
    Asked,
    Server,
    closed,
    garbage,
    gzipped,
    invalid_json,
    json_of,
    rate_limited,
    redirect,
    retry_after,
    truncated,
    wrong_type,
)

TOKEN: Final = "ghp_planted0123456789abcdefghijklmnopqrs"
HELLO: Final = Remote("github.com", "octocat/hello-world")
ABOUT: Final = "/repos/octocat/hello-world"
ONE, OTHER = "1" * 40, "2" * 40


class World:
    """An API on the server of the test, a folder for answers, and a clock."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.now = datetime.now(UTC)

    def github(self, token: str = "") -> GitHub:
        """A new run."""
        forge = Forge("github.com", self.server.url, token, "GITHUB_TOKEN" if token else "")
        http = HttpClient(sleep=lambda _: None, read=10)
        answers = Answers(self.folder, lambda: self.now)
        return GitHub(http, forge, answers, OwnTokens([token]), lambda: self.now)


@pytest.fixture
def world(server: Server, tmp_path: Path) -> World:
    return World(server, tmp_path / "answers")


def reason(answer: object) -> str:
    assert isinstance(answer, NotKnown), answer
    assert not answer.reason.endswith(".")
    assert TOKEN not in answer.reason
    return answer.reason


# ---------------------------------------------------------------- answers


def test_about(world: World) -> None:
    world.server.on(ABOUT, json_of(api.repository("octocat/Hello-World", archived=True)))
    made = datetime(2011, 1, 26, 19, 1, 12, tzinfo=UTC)
    assert world.github().about(HELLO) == About(
        "octocat/Hello-World", True, "MIT", "octocat", 583231, 1296269, made
    )
    [asked] = world.server.asked
    assert asked.headers["accept"] == "application/vnd.github+json"
    assert asked.headers["x-github-api-version"] == "2022-11-28"
    assert "authorization" not in asked.headers


@pytest.mark.parametrize("license", [None, {"key": "other", "spdx_id": "NOASSERTION"}, {"key": "x"}])
def test_a_license_that_it_does_not_know(world: World, license: Any) -> None:
    world.server.on(ABOUT, json_of(api.repository(license=license)))
    about = world.github().about(HELLO)
    assert isinstance(about, About) and about.license is None


def test_answers_that_are_large_in_memory_are_none(world: World) -> None:
    """An empty object takes 30 times as much as its two octets."""
    for megabytes, said in ((17, "more than 1 MB"), (1, "what is no data of its API")):
        body = b'{"id": 1, "x": [%b{}]}' % (b"{}," * ((megabytes << 20) // 3 - 30))
        world.server.on(ABOUT, gzipped(body))
        assert said in reason(world.github().about(HELLO))
    world.server.on(
        f"{ABOUT}/compare/{ONE}...{OTHER}?per_page=1", gzipped(b'{"x": "%b"}' % (b" " * (5 << 20)))
    )
    assert "more than 4 MB" in reason(world.github().holds(HELLO, ONE, OTHER))


def test_a_renamed_repository_is_followed_with_the_token(world: World) -> None:
    world.server.on(ABOUT, redirect(f"{world.server.url}/repositories/1296269"))
    world.server.on("/repositories/1296269", json_of(api.repository("new-owner/new-name")))
    about = world.github(TOKEN).about(HELLO)
    assert isinstance(about, About) and (about.name, about.owner) == ("new-owner/new-name", "new-owner")
    assert {asked.headers.get("authorization") for asked in world.server.asked} == {f"Bearer {TOKEN}"}


def test_the_token_does_not_go_to_another_host(world: World) -> None:
    with Server() as other:
        other.on("/stolen", json_of(api.repository()))
        world.server.on(ABOUT, redirect(f"{other.url}/stolen"))
        reason(world.github(TOKEN).about(HELLO))
        assert not any("authorization" in asked.headers for asked in other.asked)


def test_account(world: World) -> None:
    world.server.on("/users/octocat", json_of(api.user()))
    made = datetime(2008, 1, 14, 4, 33, 35, tzinfo=UTC)
    assert world.github().account("octocat") == Account("octocat", 583231, made)
    assert isinstance(world.github().account("nobody"), NotThere)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (json_of(api.release("v1/α", immutable=True)), Release("v1/α", True)),
        (json_of(api.release("v1/α")), Release("v1/α", False)),
        (json_of({"tag_name": "v1/α"}), Release("v1/α", False)),  # a server that is older than they are
        (json_of(api.release("v1/α", draft=True)), None),
        (NOT_FOUND, None),
    ],
)
def test_release(world: World, answer: Answer, expected: Release | None) -> None:
    world.server.on(f"{ABOUT}/releases/tags/v1%2F%CE%B1", answer)
    assert world.github().release(HELLO, "v1/α") == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (json_of(api.comparison("identical")), True),
        (json_of(api.comparison("behind")), True),
        (json_of(api.comparison("ahead")), False),
        (json_of(api.comparison("diverged")), False),
        (api.error(404, f"No common ancestor between {ONE} and {OTHER}."), False),
        (NOT_FOUND, None),
        (json_of(api.comparison("sideways")), None),
    ],
)
def test_holds(world: World, answer: Answer, expected: bool | None) -> None:
    world.server.on(f"{ABOUT}/compare/{ONE}...{OTHER}?per_page=1", answer)
    found = world.github().holds(HELLO, ONE, OTHER)
    assert found is expected if expected is not None else reason(found)


@pytest.mark.parametrize(
    "path", ["a", "a/b/c", "../b", "a/..", "a/b?x=1", "a/b#", "a/%2e%2e", "a /b", "", "/", "a/" + "b" * 200]
)
def test_names_that_are_none_are_not_asked(world: World, path: str) -> None:
    github = world.github()
    for answer in (
        github.about(Remote("github.com", path)),
        github.release(Remote("github.com", path), "v1"),
        github.holds(Remote("github.com", path), ONE, OTHER),
        github.account(path) if "/" in path or not path else NotKnown("-"),
    ):
        reason(answer)
    assert not world.server.asked


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (NOT_FOUND, "github.com has no `octocat/hello-world`, or does not show it to everybody"),
        (api.BLOCKED, "github.com does not show it for legal reasons (451)"),
        (
            api.IP_ALLOW_LIST,
            "github.com refuses to answer (403); the owner may let in other tokens or addresses only, or it is blocked",
        ),
        (
            api.SINGLE_SIGN_ON,
            "its organization asks for single sign-on (403); authorize the token in GITHUB_TOKEN for it on github.com",
        ),
        (Answer(500), "github.com fails to answer (500); try again later"),
        (Answer(418), "github.com answers 418, which is no answer to the question"),
        (
            wrong_type(),
            "github.com answers with what is no data of its API; something may stand between",
        ),
        (
            invalid_json(),
            "github.com answers with what is no data of its API; something may stand between",
        ),
        (json_of([]), "github.com answers with what is no data of its API; something may stand between"),
        (json_of({}), "github.com answers in another form than its API has"),
        (
            json_of(api.repository("../../etc/passwd")),
            "github.com answers in another form than its API has",
        ),
        (json_of(api.repository(id=True)), None),
        (json_of(api.repository(archived="no")), "github.com answers in another form than its API has"),
        (
            json_of(api.repository(created_at="today")),
            "github.com answers in another form than its API has",
        ),
        (json_of(api.repository(owner=None)), "github.com answers in another form than its API has"),
        (truncated(), ""),
        (closed(), ""),
        (garbage(), ""),
    ],
)
def test_each_failure_is_one_answer(world: World, answer: Answer, said: str | None) -> None:
    world.server.on(ABOUT, answer)
    world.server.on("/users/octocat", json_of(api.user()))
    github = world.github(TOKEN)
    found = github.about(HELLO)
    if said is not None:
        assert reason(found) == said or not said
    assert isinstance(github.account("octocat"), Account), "the others are answered"
    assert not list(world.folder.glob("*.new"))


def test_a_refused_token_is_said_once_and_left_away(world: World) -> None:
    def answer(asked: Asked) -> Answer:
        return api.BAD_CREDENTIALS if "authorization" in asked.headers else json_of(api.repository())

    world.server.on(ABOUT, answer)
    world.server.on("/repos/octocat/other", answer)
    github = world.github(TOKEN)
    assert isinstance(github.about(HELLO), About)
    assert isinstance(github.about(Remote("github.com", "octocat/other")), About)
    [remark] = github.remarks()
    assert "GITHUB_TOKEN" in remark and TOKEN not in remark
    assert len(world.server.asked) == 3


def test_a_token_that_an_organization_does_not_let_in(world: World) -> None:
    """Its public repositories everybody may see."""
    world.server.on(
        ABOUT,
        lambda asked: api.SINGLE_SIGN_ON if "authorization" in asked.headers else json_of(api.repository()),
    )
    github = world.github(TOKEN)
    assert isinstance(github.about(HELLO), About)
    assert github.remarks() == ()


def test_the_budget_of_others_is_not_that_of_the_token(world: World) -> None:
    world.server.on(
        ABOUT,
        lambda asked: api.SINGLE_SIGN_ON if "authorization" in asked.headers else rate_limited(4_000_000_000),
    )
    world.server.on("/users/octocat", json_of(api.user()))
    github = world.github(TOKEN)
    assert "single sign-on" in reason(github.about(HELLO))
    assert isinstance(github.account("octocat"), Account)


def test_a_server_that_wants_a_token(world: World) -> None:
    world.server.on(ABOUT, api.error(401, "Requires authentication"))
    assert (
        reason(world.github().about(HELLO))
        == "github.com answers nobody without a token (401); set GITHUB_TOKEN"
    )


# ---------------------------------------------------------------- the budget


def test_a_spent_budget_is_not_asked_again(world: World) -> None:
    until = (world.now + timedelta(days=2)).replace(hour=14, minute=32)
    world.server.on(ABOUT, rate_limited(int(until.timestamp())))
    github = world.github()
    said = reason(github.about(HELLO))
    assert said == (
        f"the budget of 60 requests an hour of github.com is used up until {until:%Y-%m-%d} 14:32 UTC; set GITHUB_TOKEN to have more"
    )
    assert reason(github.account("octocat")) == said
    assert len(world.server.asked) == 1


def test_the_last_request_of_a_budget_counts(world: World) -> None:
    reset = str(int((world.now + timedelta(minutes=30)).timestamp()))
    world.server.on(
        ABOUT,
        json_of(
            api.repository(), x_ratelimit_remaining="0", x_ratelimit_limit="5000", x_ratelimit_reset=reset
        ),
    )
    github = world.github(TOKEN)
    assert isinstance(github.about(HELLO), About)
    assert "try again then" in reason(github.account("octocat"))
    assert len(world.server.asked) == 1


@pytest.mark.parametrize("answer", [api.SECONDARY, retry_after(3600), retry_after(3600, 403)])
def test_a_secondary_limit(world: World, answer: Answer) -> None:
    world.server.on(ABOUT, answer)
    github = world.github(TOKEN)
    assert "asks to wait" in reason(github.about(HELLO))
    assert "asks to wait" in reason(github.account("octocat"))
    assert len(world.server.asked) == 1


@pytest.mark.parametrize("reset", ["", "never", "9" * 11, "9" * 400, "-1", "٣"])
def test_a_reset_that_is_no_time(world: World, reset: str) -> None:
    answer = json_of({"message": "API rate limit exceeded"}, 403, x_ratelimit_remaining="0")
    headers = {**answer.headers, "x-ratelimit-reset": reset.encode().decode("latin-1")}
    world.server.on(ABOUT, answer._replace(headers=headers))
    assert "used up" in reason(world.github().about(HELLO))


def test_a_spent_budget_is_remembered_until_there_is_a_new_one(world: World) -> None:
    reset = int(world.now.timestamp()) + 1800
    world.server.otherwise(rate_limited(reset))
    first = world.github().about(HELLO)
    assert "used up" in reason(first) and len(world.server.asked) == 1
    other = Remote("github.com", "a/b")
    assert world.github().about(other) == first and len(world.server.asked) == 1, "the next run knows"
    world.github(TOKEN).about(other)
    assert len(world.server.asked) == 2, "a token has a budget of its own"
    world.now += timedelta(minutes=31)
    world.github().about(other)
    assert len(world.server.asked) == 3


@pytest.mark.parametrize("reset", [10**11 - 1, 0, 1 << 400, "soon", None])
def test_a_remembered_budget_is_read_with_care(world: World, reset: object) -> None:
    """Nobody is kept from asking for longer than a budget lasts."""
    kept = Answers(world.folder, lambda: world.now)
    kept.keep(Question("budget", "github.com", ""), {"limit": 60, "reset": reset})
    world.server.on(ABOUT, json_of(api.repository()))
    assert isinstance(world.github().about(HELLO), About)


def test_a_repository_that_fails_is_only_itself(world: World) -> None:
    github = world.github()
    for path in ("a/a", "a/b", "a/c", "a/d", "a/e"):
        world.server.on(f"/repos/{path}", Answer(502))
        assert (
            reason(github.about(Remote("github.com", path)))
            == "github.com fails to answer (502); try again later"
        )
    assert len(world.server.asked) == 3 * 5 + 1, "each tried again: the API itself answers"


def test_an_api_that_answers_nothing_at_all_is_left_alone(world: World) -> None:
    world.server.otherwise(Answer(502))
    github = world.github()
    for path in ("a/a", "a/b", "a/c", "a/d", "a/e"):
        told = reason(github.about(Remote("github.com", path)))
        assert told == "github.com fails to answer (502); try again later"
    assert len(world.server.asked) == 3 * 3 + 3
    assert set(world.server.paths()[9:]) == {"/rate_limit"}, "of which the last three are no repository's"


def test_repositories_that_fail_do_not_switch_off_the_answers_about_others(world: World) -> None:
    failing = [f"aaa/{number}" for number in range(7)]
    for path in failing:
        world.server.on(f"/repos/{path}", Answer(502))
    world.server.on("/repos/zzz/old", json_of(api.repository("zzz/old", archived=True)))
    github = world.github()
    for path in failing:
        assert isinstance(github.about(Remote("github.com", path)), NotKnown)
    about = github.about(Remote("github.com", "zzz/old"))
    assert isinstance(about, About) and about.archived
    assert world.server.paths().count("/rate_limit") == 2, "once for three failures"


# ---------------------------------------------------------------- what is kept


def test_an_answer_is_kept_for_a_day_and_then_revalidated(world: World) -> None:
    etag = 'W/"abc"'
    world.server.on(
        ABOUT,
        lambda asked: (
            Answer(304, headers={"etag": etag})
            if asked.headers.get("if-none-match") == etag
            else json_of(api.repository(), etag=etag)
        ),
    )
    first = world.github().about(HELLO)
    assert world.github().about(HELLO) == first
    assert len(world.server.asked) == 1
    world.now += timedelta(hours=25)
    assert world.github().about(HELLO) == first
    assert [asked.headers.get("if-none-match") for asked in world.server.asked] == [None, etag]
    world.now += timedelta(hours=23)
    assert world.github().about(HELLO) == first
    assert len(world.server.asked) == 2, "what was revalidated is young again"


def test_what_is_missing_is_kept_for_an_hour(world: World) -> None:
    for hours, requests in ((0, 1), (0.9, 1), (0.2, 2)):
        world.now += timedelta(hours=hours)
        assert isinstance(world.github().about(HELLO), NotThere)
        assert len(world.server.asked) == requests


@pytest.mark.parametrize(
    "answer", [Answer(500), api.IP_ALLOW_LIST, invalid_json(), rate_limited(0), closed()]
)
def test_failures_are_not_kept(world: World, answer: Answer) -> None:
    world.server.on(ABOUT, answer)
    reason(world.github().about(HELLO))
    world.server.on(ABOUT, json_of(api.repository()))
    assert isinstance(world.github().about(HELLO), About)


def test_what_a_token_may_see_is_for_nobody_else(world: World) -> None:
    world.server.on(
        ABOUT, lambda asked: json_of(api.repository()) if "authorization" in asked.headers else NOT_FOUND
    )
    assert isinstance(world.github(TOKEN).about(HELLO), About)
    assert isinstance(world.github().about(HELLO), NotThere)
    assert isinstance(world.github(TOKEN).about(HELLO), About)
    assert len(world.server.asked) == 2


def test_only_what_is_read_is_kept(world: World) -> None:
    world.server.on(ABOUT, json_of(api.repository(description="a private matter")))
    world.github().about(HELLO)
    assert not any(b"private" in file.read_bytes() for file in world.folder.iterdir())


@pytest.mark.parametrize(
    "answer",
    [
        json_of(api.repository(f"octocat/{TOKEN}")),
        json_of(api.repository(f"octocat/{TOKEN.upper()}")),
        json_of(api.repository(license={"spdx_id": TOKEN})),
        json_of({"message": f"No common ancestor: {TOKEN}"}, 404),
        json_of(api.repository(), etag=f'"{TOKEN}"'),
        redirect(f"/{TOKEN}"),
        api.error(403, f"Bad token {TOKEN}", x_github_sso=f"required; url=https://github.com/{TOKEN}"),
        api.error(500, TOKEN),
        Answer(418, TOKEN.encode()),
    ],
)
def test_a_server_that_echoes_the_token(world: World, answer: Answer) -> None:
    world.server.on(ABOUT, answer)
    github = world.github(TOKEN)
    found = github.about(HELLO)
    assert TOKEN.lower() not in repr((found, github.remarks())).lower()
    for file in world.folder.iterdir():
        assert TOKEN.lower().encode() not in file.read_bytes().lower()
        assert TOKEN not in file.name


class _Told:
    def __init__(self, answer: Callable[[], Response | NoResponse]) -> None:
        self._answer = answer

    def send(self, request: Request) -> Response | NoResponse:
        return self._answer()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*api.repository(), "login", "status", "message"]), inner, max_size=6
        )
    ),
    max_leaves=12,
)


@given(_JSON, st.sampled_from([200, 204, 301, 304, 401, 403, 404, 422, 451, 500]), st.text(max_size=8))
def test_nothing_that_a_server_says_raises(body: object, status: int, header: str) -> None:
    import json

    names = (
        "etag",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "retry-after",
        "x-github-sso",
        "x-ratelimit-limit",
    )
    answer = Response(
        status, "https://api.github.com", dict.fromkeys(names, header), json.dumps(body).encode()
    )
    now = datetime(2026, 11, 22, tzinfo=UTC)
    github = GitHub(
        _Told(lambda: answer),
        Forge("github.com", "https://api.github.com", TOKEN, "GITHUB_TOKEN"),
        Answers(Path("/dev/null/nowhere"), lambda: now),
        OwnTokens([TOKEN]),
        lambda: now,
    )
    assert isinstance(github.about(HELLO), About | NotKnown)
    assert isinstance(github.account("octocat"), Account | NotKnown)
    assert isinstance(github.holds(HELLO, ONE, OTHER), bool | NotKnown)
    assert isinstance(github.release(HELLO, "v1"), Release | NotKnown | None)
