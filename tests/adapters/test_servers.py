"""The servers together: what is asked once, what costs nothing of a budget, what is kept, and what is said of it."""

import threading
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from scanner.adapters.answers import Answers
from scanner.adapters.asked import MOST_REPOSITORIES
from scanner.adapters.forges import Forge, Forges
from scanner.adapters.git_server import TooOften
from scanner.adapters.http import HttpClient
from scanner.adapters.servers import Servers
from scanner.model.online import (
    About,
    Account,
    Commit,
    NotKnown,
    NotThere,
    Question,
    Refs,
    Release,
    Remote,
)
from scanner.model.ports import Http, NoResponse, Request, Response
from tests.adapters import github_api as api
from tests.server import NOT_FOUND, Answer, Asked, Server, json_of, rate_limited

TOKEN: Final = "ghp_planted0123456789abcdefghijklmnopqrs"
ONE, OTHER, THIRD = "1" * 40, "2" * 40, "3" * 40
DAY: Final = datetime(2024, 1, 2, tzinfo=UTC)


class Told:
    """Git servers that answer from memory and count."""

    def __init__(self, *, held: bool | NotKnown | None = True) -> None:
        self.known: dict[Remote, Refs | NotKnown] = {}
        self.answer = held
        self.asked: list[tuple[str, Remote]] = []
        self._lock = threading.Lock()

    def refs(self, remote: Remote) -> Refs | NotKnown:
        with self._lock:
            self.asked.append(("refs", remote))
        return self.known.get(remote, NotThere(f"there is no {remote}"))

    def commits(self, remote: Remote, ids: Collection[str]) -> Mapping[str, Commit | None] | NotKnown:
        self.asked.append(("commits", remote))
        return {id: Commit(id, DAY, (THIRD,)) if id != OTHER else None for id in ids}

    def held(self, remote: Remote, commit: str, tips: Collection[str]) -> bool | NotKnown | None:
        self.asked.append(("held", remote))
        return self.answer


class Roots:
    """A way to servers whose pages that are no repository's answer so."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self.answer: Response | NoResponse = Response(404, "", {}, b"")
        self.asked: list[str] = []

    def send(self, request: Request) -> Response | NoResponse:
        if request.url.endswith("/robots.txt"):
            self.asked.append(request.url)
            return self.answer
        return self._http.send(request)


class World:
    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.now = datetime.now(UTC)
        self.git = Told()
        self.http = Roots(HttpClient(sleep=lambda _: None, read=10))

    def servers(self, token: str = "", *, git: Told | None = None) -> Servers:
        """A new run; home is the server of the test under the name of github.com."""
        home = Forge("github.com", f"{self.server.url}/api/v3", token, "GITHUB_TOKEN" if token else "")
        answers = Answers(self.folder, lambda: self.now)
        return Servers(self.http, Forges(home, home), answers, lambda: self.now, git=git or self.git)


@pytest.fixture
def world(server: Server, tmp_path: Path) -> World:
    return World(server, tmp_path / "answers")


def hub(path: str) -> Remote:
    return Remote("github.com", path)


HELLO: Final = hub("octocat/hello-world")
REFS: Final = Refs({"main": ONE}, {"v1": OTHER}, "main", hub("new/name"))


def test_every_answer_is_given_once(world: World) -> None:
    world.git.known[HELLO] = REFS
    world.server.on("/api/v3/repos/octocat/hello-world", json_of(api.repository()))
    world.server.on("/api/v3/users/octocat", json_of(api.user()))
    servers = world.servers()
    for _ in range(2):
        assert servers.refs(HELLO) == REFS
        assert isinstance(servers.about(HELLO), About)
        assert isinstance(servers.account(HELLO), Account)
        assert servers.release(HELLO, "v1") is None
        assert servers.commits(HELLO, [ONE, OTHER]) == {ONE: Commit(ONE, DAY, (THIRD,)), OTHER: None}
        assert servers.holds(HELLO, "main", THIRD) is True
        assert servers.held(HELLO, THIRD) is True
    assert sorted(topic for topic, _ in world.git.asked) == ["commits", "held", "held", "refs"]
    assert len(world.server.asked) == 3


def test_branches_and_tags_of_a_run_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """All together, also those that an earlier run has kept; there may be room for few where there is none for many."""
    monkeypatch.setattr("scanner.adapters.kept_git._MOST_OF_REFS", 2_000)
    many = Refs({}, {"v" * 500 + str(number): ONE for number in range(2)}, None, None)
    world.git.known |= {hub(f"octocat/name-{number}"): many for number in range(3)} | {HELLO: REFS}
    for _ in range(2):
        servers = world.servers()
        assert servers.refs(hub("octocat/name-0")) == many
        for number in (1, 2):
            assert servers.refs(hub(f"octocat/name-{number}")) == NotKnown(
                "the repositories have more branches and tags than one run keeps"
            )
        assert servers.refs(HELLO) == REFS


def test_threads_that_ask_the_same_wait_for_one_answer(world: World) -> None:
    world.git.known[HELLO] = REFS
    servers = world.servers()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(servers.refs, [HELLO] * 50))
    assert answers == [REFS] * 50
    assert world.git.asked == [("refs", HELLO)]


def test_later_runs_ask_nothing_that_is_young(world: World) -> None:
    world.git.known[HELLO] = REFS

    def run() -> tuple[object, ...]:
        servers = world.servers()
        return (
            servers.refs(HELLO),
            servers.refs(hub("not/there")),
            servers.commits(HELLO, [ONE, OTHER]),
            servers.holds(HELLO, "main", THIRD),
            servers.held(HELLO, THIRD),
            servers.remarks(),
        )

    first = run()
    asked = len(world.git.asked)
    assert run() == first and len(world.git.asked) == asked, "the same with what is kept and without"
    world.now += timedelta(minutes=16)
    assert run() == first
    assert world.git.asked[asked:] == [("refs", HELLO), ("held", HELLO)]


def test_the_tip_of_a_ref_is_held_without_asking(world: World) -> None:
    world.git.known[HELLO] = REFS
    servers = world.servers()
    assert servers.holds(HELLO, "main", ONE) is True
    assert servers.holds(HELLO, "v1", OTHER) is True
    assert servers.held(HELLO, OTHER) is True
    assert isinstance(servers.holds(HELLO, "gone", ONE), NotKnown)
    assert world.git.asked == [("refs", HELLO)] and not world.server.asked


def test_git_is_asked_before_the_api(world: World) -> None:
    git = Told(held=NotKnown("the server does not speak it"))
    git.known[HELLO] = REFS
    path = f"/api/v3/repos/octocat/hello-world/compare/{ONE}...{THIRD}?per_page=1"
    world.server.on(path, json_of(api.comparison("behind")))
    servers = world.servers(git=git)
    assert servers.holds(HELLO, "main", THIRD) is True
    assert world.server.paths() == [path]
    elsewhere = Remote("codeberg.org", "a/b")
    git.known[elsewhere] = REFS
    assert servers.holds(elsewhere, "main", THIRD) == git.answer, "only GitHub has an API that is known"
    assert isinstance(servers.about(elsewhere), NotKnown)


@pytest.mark.parametrize(("held", "expected"), [(False, False), (None, False), (True, True)])
def test_what_git_says_of_a_history(world: World, held: bool | None, expected: bool) -> None:
    git = Told(held=held)
    git.known[HELLO] = REFS
    servers = world.servers(git=git)
    assert servers.holds(HELLO, "main", THIRD) is expected
    assert servers.held(HELLO, THIRD) is held
    assert not world.server.asked


@pytest.mark.parametrize("held", [None, NotKnown("it is down")])
def test_a_commit_that_is_missing_is_so_for_an_hour(world: World, held: NotKnown | None) -> None:
    """And a failure is no answer that is kept."""
    git = Told(held=held)
    git.known[HELLO] = REFS

    def ask() -> int:
        servers = world.servers(git=git)
        servers.holds(HELLO, "main", THIRD)
        servers.commits(HELLO, [OTHER])
        return sum(topic != "refs" for topic, _ in git.asked)

    assert ask() == 2
    assert ask() == (2 if held is None else 3)
    before = ask()
    world.now += timedelta(minutes=61)
    assert ask() == before + 2


def test_owners_are_asked_once_whatever_they_own(world: World) -> None:
    for name in ("octocat/a", "octocat/b", "Octocat/c"):
        world.server.on(f"/api/v3/repos/{name.lower()}", json_of(api.repository(name)))
    world.server.on("/api/v3/users/octocat", json_of(api.user()))
    servers = world.servers()
    remotes = [hub(f"octocat/{name}") for name in "abc"]
    servers.prepare(Question("account", one) for one in remotes)
    assert all(isinstance(servers.account(one), Account) for one in remotes)
    assert sorted(path.rpartition("/")[2] for path in world.server.paths()) == ["a", "b", "c", "octocat"]


def test_the_account_is_that_of_the_owner_of_today(world: World) -> None:
    world.server.on("/api/v3/repos/old/name", json_of(api.repository("new/name")))
    world.server.on("/api/v3/users/new", json_of(api.user("new")))
    account = world.servers().account(hub("old/name"))
    assert isinstance(account, Account) and account.name == "new"


def test_a_small_budget_is_always_spent_on_the_same(world: World) -> None:
    """Whichever thread is first: what is missing in the end must not differ from run to run."""
    remotes = [hub(f"o/{number:02}") for number in range(20)]
    for rest, one in enumerate(reversed(remotes[:5])):
        about = json_of(api.repository(one.path), x_ratelimit_remaining=str(rest), x_ratelimit_limit="60")
        world.server.on(f"/api/v3/repos/{one.path}", about)
    for one in remotes[5:]:
        world.server.on(f"/api/v3/repos/{one.path}", rate_limited(4_000_000_000))
    servers = world.servers()
    servers.prepare(Question("about", one) for one in reversed(remotes))
    assert [one for one in remotes if isinstance(servers.about(one), About)] == remotes[:5]
    assert len(world.server.asked) == 5
    [line] = servers.remarks()
    assert line.startswith("asked github.com about 20 repositories; 15 answers are missing: the budget of 60")


def test_remarks_are_those_of_each_repository(world: World) -> None:
    world.git.known[HELLO] = REFS
    servers = world.servers()
    assert servers.remarks() == ()
    servers.refs(HELLO)
    assert servers.remarks() == ("asked github.com about 1 repository",)
    servers.refs(HELLO)
    servers.refs(Remote("codeberg.org", "a/b"))
    servers.refs(Remote("gitlab.com", "a/b"))
    servers.refs(Remote("git.unknown.example.org", "a/b"))  # that nobody asks
    assert servers.remarks() == (
        "asked github.com about 1 repository, codeberg.org about 1 and gitlab.com about 1",
    )
    assert servers.remarks() == ()


def test_who_is_not_asked_is_not_named(world: World) -> None:
    """Licences and owners, only GitHub tells."""
    servers = world.servers()
    servers.prepare([Question("about", Remote("gitlab.com", "a/b"))])
    assert isinstance(servers.about(Remote("gitlab.com", "a/b")), NotKnown)
    assert servers.remarks() == ("asked no server about 1 repository",)


def test_reasons_are_counted_and_bounded(world: World) -> None:
    for number in range(5):
        world.git.known[hub(f"o/{number}")] = NotKnown(f"reason {number}")
    servers = world.servers()
    for number in range(5):
        servers.refs(hub(f"o/{number}"))
    assert servers.remarks() == (
        "asked github.com about 5 repositories; 5 answers are missing: reason 0; reason 1; reason 2; and 2 more reasons",
    )


def test_an_answer_that_holds_the_token_is_none(world: World) -> None:
    world.git.known[HELLO] = REFS._replace(branches={f"x-{TOKEN}": ONE})
    world.git.known[hub("a/b")] = NotKnown(f"it says {TOKEN}")
    servers = world.servers(TOKEN)
    answers = (servers.refs(HELLO), servers.refs(hub("a/b")), servers.holds(HELLO, "main", ONE))
    assert TOKEN not in repr((answers, servers.remarks()))
    assert all(isinstance(one, NotKnown) for one in answers)
    assert not any(TOKEN.encode() in file.read_bytes() for file in world.folder.iterdir())


@pytest.mark.parametrize(
    "value",
    [
        {"branches": {"main": "x"}, "tags": {}, "default": None, "moved": None},
        {"branches": {}, "tags": {"v": 1}, "default": None, "moved": None},
        {"branches": {}, "tags": {}, "default": 1, "moved": None},
        {"branches": {}, "tags": {}, "default": None, "moved": "a"},
        {"branches": [], "tags": {}},
        {"missing": 1},
        [],
        None,
    ],
)
def test_what_was_kept_is_read_with_care(world: World, value: object) -> None:
    from scanner.adapters.answers import Question as Kept

    kept = Answers(world.folder, lambda: world.now)
    kept.keep(Kept("refs", "github.com", HELLO.path), value)
    for wrong in (
        [1, 2, 3],
        [ONE, "today", []],
        [ONE, "2024-01-01", []],
        "x",
        True,
        [ONE, "2024-01-01T00:00:00Z", [1]],
    ):
        kept.keep(Kept("commit", "github.com", f"{HELLO.path} {ONE}"), wrong)
        world.git.known[HELLO] = REFS
        servers = world.servers()
        assert servers.refs(HELLO) == REFS
        assert servers.commits(HELLO, [ONE]) == {ONE: Commit(ONE, DAY, (THIRD,))}
        kept.keep(Kept("refs", "github.com", HELLO.path), value)


def test_a_git_server_that_fails_again_and_again_is_left_alone(world: World) -> None:
    remotes = [hub(f"o/{number:02}") for number in range(40)]
    for one in remotes:
        world.git.known[one] = NotKnown("`github.com` does not answer within 15 s")
    world.http.answer = NoResponse("`github.com` does not answer within 15 s")
    world.git.known[Remote("codeberg.org", "a/b")] = REFS
    servers = world.servers()
    assert {servers.refs(one) for one in remotes} == {NotKnown("`github.com` does not answer within 15 s")}
    assert len(world.git.asked) == 8
    assert world.http.asked == ["https://github.com/robots.txt"]
    assert servers.refs(Remote("codeberg.org", "a/b")) == REFS


@pytest.mark.parametrize(
    "root", [Response(200, "", {}, b""), Response(404, "", {}, b""), NoResponse("more than is read", True)]
)
def test_repositories_that_fail_do_not_switch_off_the_answers_about_others(
    world: World, root: Response | NoResponse
) -> None:
    """What a server answers for them may be of their owners' making."""
    world.http.answer = root
    remotes = [hub(f"o{number:02}/x") for number in range(40)]
    for one in remotes:
        world.git.known[one] = NotKnown("`github.com` answers with status 422")
    world.git.known[hub("zzz/old")] = REFS
    servers = world.servers()
    for one in remotes:
        servers.refs(one)
    assert servers.refs(hub("zzz/old")) == REFS
    assert len(world.git.asked) == 41 and len(world.http.asked) == 5


def test_a_server_whose_own_pages_fail_is_left_alone(world: World) -> None:
    world.http.answer = Response(503, "", {}, b"")
    for number in range(20):
        world.git.known[hub(f"o/{number:02}")] = NotKnown(f"reason {number}")
    servers = world.servers()
    told = [servers.refs(hub(f"o/{number:02}")) for number in range(20)]
    assert told[8:] == [NotKnown("`github.com` fails to answer (503); try again later")] * 12


def test_who_is_asked_too_often_is_left_alone(world: World) -> None:
    """That is of the server, whose pages may be there all the same."""
    for number in range(20):
        world.git.known[hub(f"o/{number:02}")] = TooOften("`github.com` has been asked too often")
    servers = world.servers()
    for number in range(20):
        servers.refs(hub(f"o/{number:02}"))
    assert len(world.git.asked) == 8 and not world.http.asked


# ---------------------------------------------------------------- a server of one's own


def at_home(world: World, git: Told, token: str = TOKEN) -> Servers:
    variable = "GH_ENTERPRISE_TOKEN" if token else ""
    home = Forge("git.example.org", f"{world.server.url}/home", token, variable)
    public = Forge("github.com", f"{world.server.url}/public")
    http = HttpClient(sleep=lambda _: None, read=10)
    return Servers(
        http, Forges(home, public), Answers(world.folder, lambda: world.now), lambda: world.now, git=git
    )


def test_what_the_own_server_does_not_have_is_on_github(world: World) -> None:
    ours, theirs = Remote("git.example.org", "team/action"), Remote("git.example.org", "actions/checkout")
    git = Told()
    git.known = {ours: REFS, hub("actions/checkout"): REFS}
    world.server.on("/home/repos/team/action", json_of(api.repository("team/action")))
    world.server.on("/public/repos/actions/checkout", json_of(api.repository("actions/checkout")))
    servers = at_home(world, git)
    assert servers.home == "git.example.org"
    servers.prepare(
        question for one in (ours, theirs) for question in (Question("refs", one), Question("about", one))
    )
    for one in (ours, theirs):
        about = servers.about(one)
        assert isinstance(about, About) and about.name == one.path
        assert servers.refs(one) == REFS
    assert isinstance(servers.refs(Remote("git.example.org", "no/where")), NotThere)
    assert servers.remarks() == (
        "asked git.example.org about 3 repositories and github.com about 2; github.com was asked for what git.example.org does not "
        "have or its token may not see: `actions/checkout`, `no/where`",
    )
    tokens = {asked.path.split("/")[1]: asked.headers.get("authorization") for asked in world.server.asked}
    assert tokens == {"home": f"Bearer {TOKEN}", "public": None}


NAMESAKE: Final = Remote("git.example.org", "corp/secret-tool")


@pytest.mark.parametrize("token", ["", TOKEN], ids=["no token", "a token that is refused"])
def test_a_private_name_is_not_looked_for_elsewhere(world: World, token: str) -> None:
    """Without a token the own server shows no private repository: a stranger's one on github.com is not it."""
    git = Told()
    git.known = {hub("corp/secret-tool"): REFS}
    world.server.on("/public/repos/corp/secret-tool", json_of(api.repository("corp/secret-tool")))

    def home(asked: Asked) -> Answer:
        return api.BAD_CREDENTIALS if "authorization" in asked.headers else NOT_FOUND

    world.server.on("/home/repos/corp/secret-tool", home)
    servers = at_home(world, git, token)
    servers.prepare(questions(NAMESAKE))
    told: list[object] = [servers.refs(NAMESAKE), servers.about(NAMESAKE), servers.account(NAMESAKE)]
    told += [servers.held(NAMESAKE, ONE), servers.commits(NAMESAKE, [ONE]), servers.release(NAMESAKE, "v1")]
    for one in told:
        assert isinstance(one, NotThere)
        assert one.reason.endswith("set GH_ENTERPRISE_TOKEN")
    assert not [path for path in world.server.paths() if path.startswith("/public")]
    assert {remote.host for _, remote in git.asked} == {"git.example.org"}
    assert "github.com" not in servers.remarks()[0]


@pytest.mark.parametrize("answer", [Answer(403), Answer(500), Answer(200, b"<html>")])
def test_what_the_api_of_the_own_server_does_not_tell_is_not_looked_for_elsewhere(
    world: World, answer: Answer
) -> None:
    git = Told()
    git.known = {hub("corp/secret-tool"): REFS}
    world.server.on("/home/repos/corp/secret-tool", answer)
    assert isinstance(at_home(world, git).refs(NAMESAKE), NotThere)
    assert {remote.host for _, remote in git.asked} == {"git.example.org"}


def test_a_server_that_fails_is_not_one_without_it(world: World) -> None:
    theirs = Remote("git.example.org", "actions/checkout")
    git = Told()
    git.known = {theirs: NotKnown("it is down"), hub("actions/checkout"): REFS}
    assert at_home(world, git).refs(theirs) == NotKnown("it is down")


# ---------------------------------------------------------------- many questions at once


def questions(remote: Remote) -> list[Question]:
    """One of each kind."""
    return [
        Question("refs", remote),
        Question("holds", remote, "main", THIRD),
        Question("held", remote, commit=THIRD),
        Question("commits", remote, commit=ONE),
        Question("commits", remote, commit=OTHER),
        Question("about", remote),
        Question("account", remote),
        Question("release", remote, "v1"),
    ]


def test_all_questions_are_prepared(world: World) -> None:
    remotes = [hub(f"o/{number}") for number in range(12)]
    for one in remotes:
        world.git.known[one] = REFS
        world.server.on(f"/api/v3/repos/{one.path}", json_of(api.repository(one.path)))
        world.server.on(f"/api/v3/repos/{one.path}/releases/tags/v1", json_of(api.release("v1")))
    world.server.on("/api/v3/users/o", json_of(api.user("o")))
    servers = world.servers()
    servers.prepare(question for one in remotes for question in questions(one))
    asked, by_git = len(world.server.asked), len(world.git.asked)
    assert (asked, by_git) == (12 + 1 + 12, 4 * 12), "commits of a repository are one question"
    for one in remotes:
        assert isinstance(servers.account(one), Account) and isinstance(servers.about(one), About)
        assert servers.release(one, "v1") == Release("v1", False)
        assert servers.holds(one, "main", THIRD) is True and servers.held(one, THIRD) is True
        assert servers.commits(one, [ONE]) == {ONE: Commit(ONE, DAY, (THIRD,))}
        assert servers.commits(one, [OTHER]) == {OTHER: None}
    assert (len(world.server.asked), len(world.git.asked)) == (asked, by_git)


def test_commits_are_asked_for_once_where_nothing_can_be_kept(world: World) -> None:
    world.folder.write_text("no folder", "utf-8")
    world.git.known[HELLO] = REFS
    servers = world.servers()
    servers.prepare(Question("commits", HELLO, commit=id) for id in (ONE, OTHER, THIRD))
    assert servers.commits(HELLO, [OTHER]) == {OTHER: None}
    assert servers.commits(HELLO, [ONE, THIRD]) == {id: Commit(id, DAY, (THIRD,)) for id in (ONE, THIRD)}
    assert [topic for topic, _ in world.git.asked].count("commits") == 1


def test_servers_are_met_at_the_same_time(world: World) -> None:
    """One that is silent does not keep all threads from another."""
    hosts = ("codeberg.org", "github.com", "gitlab.com")
    together = threading.Barrier(len(hosts), timeout=20)
    met = {host: threading.Event() for host in hosts}

    class Waiting(Told):
        """Whoever asks a server waits for its first answer, as in `scanner.adapters.http`."""

        def refs(self, remote: Remote) -> Refs | NotKnown:
            if remote.path == "o/00":
                together.wait()
                met[remote.host].set()
            assert met[remote.host].wait(20)
            return REFS

    remotes = [Remote(host, f"o/{number:02}") for host in hosts for number in range(20)]
    servers = world.servers(git=Waiting())
    servers.prepare(Question("refs", one) for one in remotes)
    assert not together.broken and servers.refs(remotes[-1]) == REFS


def test_only_what_is_wanted_is_asked(world: World) -> None:
    world.git.known[HELLO] = REFS
    world.servers().prepare([Question("held", HELLO, commit=THIRD)])
    assert sorted(topic for topic, _ in world.git.asked) == ["held", "refs"]
    assert not world.server.asked


def test_the_api_is_asked_for_what_git_does_not_tell_in_one_order(world: World) -> None:
    """Threads are for git: what takes of a small budget is asked one after the other."""
    git = Told(held=NotKnown("the server does not speak it"))
    remotes = [hub(f"o/{number:02}") for number in range(9)]
    for rest, one in enumerate(reversed(remotes[:5])):
        git.known[one] = REFS
        answer = json_of(api.comparison("behind"), x_ratelimit_remaining=str(rest), x_ratelimit_limit="60")
        world.server.on(f"/api/v3/repos/{one.path}/compare/{ONE}...{THIRD}", answer)
    for one in remotes[5:]:
        git.known[one] = REFS
    servers = world.servers(git=git)
    servers.prepare(
        question
        for one in remotes
        for question in (Question("holds", one, "main", THIRD), Question("about", one))
    )
    assert [one for one in remotes if servers.holds(one, "main", THIRD) is True] == remotes[:5]
    assert len(world.server.asked) == 5
    assert "; 13 answers are missing: the budget of 60" in servers.remarks()[0]


def test_a_run_asks_about_a_bounded_number_of_repositories(world: World) -> None:
    remotes = [hub(f"o/{number:05}") for number in range(MOST_REPOSITORIES + 20)]
    servers = world.servers()
    servers.prepare(Question("refs", one) for one in reversed(remotes))
    assert sorted(one for _, one in world.git.asked) == remotes[:MOST_REPOSITORIES]
    last = remotes[-1]
    answers: list[object] = [servers.refs(last), servers.about(last), servers.account(last)]
    answers += [servers.commits(last, [ONE]), servers.release(last, "v1")]
    answers += [servers.holds(last, "main", ONE), servers.held(last, ONE)]
    too_many = NotKnown("a run asks servers about 1,000 repositories at most")
    assert answers == [too_many] * 7
    assert len(world.git.asked) == MOST_REPOSITORIES and not world.server.asked
    assert servers.remarks() == (
        f"asked github.com about 1,000 repositories; 20 answers are missing: {too_many.reason}",
    )


def test_releases(world: World) -> None:
    world.server.on(
        "/api/v3/repos/octocat/hello-world/releases/tags/v1", json_of(api.release("v1", immutable=True))
    )
    assert world.servers().release(HELLO, "v1") == Release("v1", True)
    world.server.on("/api/v3/repos/octocat/hello-world/releases/tags/v1", NOT_FOUND, Answer(500))
    assert world.servers().release(HELLO, "v1") == Release("v1", True), "kept"
