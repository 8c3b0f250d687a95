"""Questions to git servers: to real git, and to servers that answer anything."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from dulwich.protocol import pkt_line
from hypothesis import given
from hypothesis import strategies as st

from scanner.adapters.git_protocol import WireError, pack_of
from scanner.adapters.git_server import GitServer
from scanner.adapters.http import HttpClient
from scanner.model.online import Commit, NotKnown, NotThere, Refs, Remote
from scanner.model.ports import NoResponse, Request, Response
from tests.git_backend import Repository, serve
from tests.server import NOT_FOUND, Answer, Asked, Server, redirect, wrong_type

NOWHERE: Final = "1" * 40
TOKEN: Final = "planted-token-0123456789"


def asking(server: Server, **options: dict[str, str]) -> tuple[GitServer, Remote]:
    http = HttpClient(read=10, sleep=lambda _: None)
    return GitServer(http, hosts=(server.host,), tokens=options.get("tokens")), Remote(
        server.host, "owner/name"
    )


def refs_of(answer: Refs | NotKnown) -> Refs:
    assert isinstance(answer, Refs), answer
    return answer


def reason(answer: object) -> str:
    assert isinstance(answer, NotKnown), answer
    assert TOKEN not in answer.reason
    assert not answer.reason.endswith(".")
    return answer.reason


def made(day: int) -> datetime:
    return datetime(2024, 1, day, tzinfo=UTC)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path, "owner/name.git")


@pytest.mark.parametrize("version", [0, 1, 2])
def test_refs(server: Server, tmp_path: Path, repository: Repository, version: int) -> None:
    first = repository.commit("first", ref="refs/heads/main")
    second = repository.commit("second", first, ref="refs/heads/feature/two")
    repository.commit("of others", second, ref="refs/pull/1/head")
    repository.git("tag", "v1", first)
    repository.git("tag", "-a", "v2", "-m", "annotated", second)
    repository.git("tag", "-a", "v2-again", "-m", "a tag of a tag", "v2")
    serve(server, tmp_path, version)
    git, remote = asking(server)
    assert git.refs(remote) == Refs(
        {"main": first, "feature/two": second},
        {"v1": first, "v2": second, "v2-again": second},
        "main",
        None,
    )
    assert len(server.asked) == (2 if version == 2 else 1)
    assert b"refs/pull" not in server.asked[-1].body


@pytest.mark.parametrize("version", [0, 2])
def test_an_empty_repository(server: Server, tmp_path: Path, repository: Repository, version: int) -> None:
    serve(server, tmp_path, version)
    git, remote = asking(server)
    assert refs_of(git.refs(remote))[:2] == ({}, {})


def test_a_head_without_a_branch(server: Server, tmp_path: Path, repository: Repository) -> None:
    commit = repository.commit("only", ref="refs/heads/main")
    repository.git("update-ref", "--no-deref", "HEAD", commit)
    serve(server, tmp_path)
    git, remote = asking(server)
    assert git.refs(remote) == Refs({"main": commit}, {}, None, None)


@pytest.mark.parametrize("filtered", ["no", "yes", "not this way"])
def test_commits(server: Server, tmp_path: Path, repository: Repository, filtered: str) -> None:
    repository.git("config", "uploadpack.allowFilter", "false" if filtered == "no" else "true")
    repository.git("config", "uploadpackfilter.allow", "true" if filtered == "yes" else "false")
    first = repository.commit("first", date="2024-01-01T00:00:00Z")
    second = repository.commit("second", first, date="2024-01-02T02:00:00+02:00")
    merge = repository.commit("merge", first, second, date="2024-01-03T00:00:00Z", ref="refs/heads/main")
    lost = repository.commit("lost", date="2024-01-04T00:00:00Z")
    repository.git("tag", "-a", "v1", "-m", "annotated", second)
    repository.git("tag", "-a", "v1-again", "-m", "a tag of a tag", "v1")
    tags = [repository.git("rev-parse", f"refs/tags/{name}") for name in ("v1", "v1-again")]
    tree = repository.git("rev-parse", f"{first}^{{tree}}")
    serve(server, tmp_path)
    git, remote = asking(server)
    wanted = [first, second, merge, lost, *tags, tree, NOWHERE, "2" * 40, "no id"]
    assert git.commits(remote, wanted) == {
        first: Commit(first, made(1), ()),
        second: Commit(second, made(2), (first,)),
        merge: Commit(merge, made(3), (first, second)),
        lost: Commit(lost, made(4), ()),
        tags[0]: Commit(second, made(2), (first,)),
        tags[1]: Commit(second, made(2), (first,)),
        tree: None,
        NOWHERE: None,
        "2" * 40: None,
        "no id": None,
    }
    refused = filtered == "not this way"
    assert len(server.asked) == 1 + 3 + refused, "one for what the server is, one for each that is missing"
    assert git.commits(remote, ()) == {}
    assert git.commits(remote, ("no id",)) == {"no id": None}
    assert len(server.asked) == 4 + refused


def test_commits_that_are_sent_as_deltas(server: Server, tmp_path: Path, repository: Repository) -> None:
    text = "\n".join(f"a long message, line {number}" for number in range(300))
    commits = [repository.commit(f"{text}\n{number}") for number in range(20)]
    for number, commit in enumerate(commits):
        repository.git("update-ref", f"refs/heads/{number}", commit)
    repository.git("repack", "-adfq", "--depth=50", "--window=50")
    serve(server, tmp_path)
    git, remote = asking(server)
    found = git.commits(remote, commits)
    assert not isinstance(found, NotKnown)
    assert [commit.id if commit else None for commit in found.values()] == sorted(commits)


def test_many_missing_commits(server: Server, tmp_path: Path, repository: Repository) -> None:
    serve(server, tmp_path)
    git, remote = asking(server)
    assert "more than 20 of the commits" in reason(
        git.commits(remote, [f"{number:040x}" for number in range(30)])
    )
    assert len(server.asked) == 21


def test_whether_a_history_holds_a_commit(server: Server, tmp_path: Path, repository: Repository) -> None:
    first = repository.commit("first")
    second = repository.commit("second", first)
    tip = repository.commit("third", second, ref="refs/heads/main")
    fork = repository.commit("of a fork", second, ref="refs/pull/1/head")
    lost = repository.commit("of nobody")
    repository.git("tag", "-a", "v1", "-m", "annotated", second)
    repository.git("tag", "-a", "of-fork", "-m", "annotated", fork)
    tags = [repository.git("rev-parse", f"refs/tags/{name}") for name in ("v1", "of-fork")]
    tree = repository.git("rev-parse", f"{first}^{{tree}}")
    serve(server, tmp_path)
    git, remote = asking(server)
    answers = {
        id: git.held(remote, id, (tip,)) for id in (first, second, tip, fork, lost, *tags, tree, NOWHERE)
    }
    assert answers == {
        first: True,
        second: True,
        tip: True,
        fork: False,
        lost: False,
        tags[0]: True,
        tags[1]: False,
        tree: False,
        NOWHERE: None,
    }
    assert git.held(remote, first, ()) is False


def test_a_history_with_wrong_dates(server: Server, tmp_path: Path, repository: Repository) -> None:
    """What is wanted is the newest by its date, so a server meets it before it knows that it is held, unless it has bitmaps."""
    repository.git("config", "uploadpack.allowFilter", "true")
    wanted = repository.commit("wanted", date="2030-01-01T00:00:00Z")
    tip = wanted
    for number in range(20):
        tip = repository.commit(f"{number}", tip, date="2001-01-01T00:00:00Z")
    repository.git("update-ref", "refs/heads/main", tip)
    fork = repository.commit("of a fork", wanted)
    repository.git("repack", "-adbq", "--write-bitmap-index")
    serve(server, tmp_path)
    git, remote = asking(server)
    assert git.held(remote, wanted, (tip,)) is True
    assert git.held(remote, fork, (tip,)) is False


@pytest.fixture
def misdated(repository: Repository) -> tuple[str, str, str]:
    """A commit that is newer by its date than all that follow it, without bitmaps; a commit of a fork on it; the tip."""
    repository.git("config", "uploadpack.allowFilter", "true")
    wanted = repository.commit("wanted", date="2030-01-01T00:00:00Z")
    tip = wanted
    for number in range(30):
        tip = repository.commit(f"{number}", tip, date="2001-01-01T00:00:00Z")
    repository.git("update-ref", "refs/heads/main", tip)
    return wanted, repository.commit("of a fork", wanted), tip


def test_a_history_that_is_too_long_to_be_read(
    server: Server, tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server is believed that it has more to send, as it is of an answer of too many octets."""
    repository.git("config", "uploadpack.allowFilter", "true")
    first = repository.commit("first")
    tip = repository.commit("second", first, ref="refs/heads/main")
    foreign = repository.commit("third", repository.commit("foreign", first), ref="refs/pull/1/head")
    serve(server, tmp_path)
    git, remote = asking(server)
    monkeypatch.setattr("scanner.adapters.git_pack._MOST_OBJECTS", 1)
    assert git.held(remote, foreign, {tip}) is False
    assert reason(git.commits(remote, {tip, foreign})).endswith("with more than is read")


def test_packets_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.adapters.git_protocol._MOST_PACKETS", 100)
    for packet in (b"0005\x02", b"0005\x01"):
        assert pack_of(b"000dpackfile\n" + packet * 90 + b"0000") == bytearray()
        with pytest.raises(WireError):
            pack_of(b"000dpackfile\n" + packet * 200 + b"0000")
    with pytest.raises(WireError):
        pack_of(b"0000" * 200 + b"000dpackfile\n0000")


def test_dates_never_make_a_held_commit_foreign(
    server: Server, tmp_path: Path, misdated: tuple[str, str, str]
) -> None:
    wanted, fork, tip = misdated
    serve(server, tmp_path)
    git, remote = asking(server)
    assert git.held(remote, wanted, (tip,)) is True
    assert git.held(remote, fork, (tip,)) is False


@pytest.mark.parametrize("failing", [2, 3])
def test_a_question_that_fails_is_no_no(
    server: Server, tmp_path: Path, misdated: tuple[str, str, str], failing: int
) -> None:
    """A no takes three answers; without one of them nobody knows."""
    _, fork, tip = misdated
    serve(server, tmp_path)
    real = server.answering
    assert not isinstance(real, Answer)
    seen: list[Asked] = []

    def answer(asked: Asked) -> Answer:
        if asked.method == "POST" and b"have " in asked.body:
            seen.append(asked)
            if len(seen) == failing:
                return Answer(403, b"busy", {"Content-Type": "text/plain"})
        return real(asked)

    server.otherwise(answer)
    git, remote = asking(server)
    assert isinstance(git.held(remote, fork, (tip,)), NotKnown)
    assert len(seen) == failing


def test_an_old_server_cannot_be_asked_for_commits(
    server: Server, tmp_path: Path, repository: Repository
) -> None:
    commit = repository.commit("only", ref="refs/heads/main")
    serve(server, tmp_path, 0)
    git, remote = asking(server)
    assert "old version" in reason(git.commits(remote, (commit,)))
    assert "old version" in reason(git.held(remote, commit, ("2" * 40,)))


def test_a_repository_that_moved(server: Server, tmp_path: Path) -> None:
    new = Repository(tmp_path, "new/place.git")
    commit = new.commit("only", ref="refs/heads/main")
    serve(server, tmp_path)
    query = "info/refs?service=git-upload-pack"
    server.on(f"/owner/name.git/{query}", redirect(f"/new/place.git/{query}"))
    git, remote = asking(server)
    assert git.refs(remote) == Refs({"main": commit}, {}, "main", Remote(server.host, "new/place"))
    assert git.commits(remote, (commit,)) == {
        commit: Commit(commit, datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), ())
    }
    assert server.paths()[-1] == "/new/place.git/git-upload-pack"


@pytest.mark.parametrize(
    "to",
    [
        "/login?return_to=x",
        "/../../x/info/refs?service=git-upload-pack",
        "/a%2f/b/info/refs?service=git-upload-pack",
    ],
)
def test_a_redirect_to_something_else(server: Server, tmp_path: Path, to: str) -> None:
    new = Repository(tmp_path, "new/place.git")
    new.commit("only", ref="refs/heads/main")
    server.otherwise(
        Answer(200, b"0008NAK\n", {"Content-Type": "application/x-git-upload-pack-advertisement"})
    )
    server.on("/owner/name.git/info/refs", redirect(to))
    git, remote = asking(server)
    assert reason(git.refs(remote))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(401), "has no repository `owner/name`, or does not show it to us"),
        (NOT_FOUND, "has no repository `owner/name`, or does not show it to us"),
        (Answer(403), "has blocked `owner/name`"),
        (Answer(451), "has blocked `owner/name`"),
        (Answer(429), "has been asked too often"),
        (Answer(500), "answers with status 500"),
        (wrong_type(), "what is not git's protocol"),
    ],
)
def test_why_there_is_no_answer(server: Server, answer: Answer, said: str) -> None:
    server.otherwise(answer)
    git, remote = asking(server)
    found = git.refs(remote)
    assert said in reason(found)
    assert isinstance(found, NotThere) == (answer.status in (401, 404))
    asked = len(server.asked)
    assert git.refs(remote) == found
    assert git.commits(remote, (NOWHERE,)) == found
    assert len(server.asked) == asked, "it is not asked again"


BASIC: Final = "Basic eC1hY2Nlc3MtdG9rZW46cGxhbnRlZC10b2tlbi0wMTIzNDU2Nzg5"


def sent_to(server: Server) -> list[str | None]:
    """The headers with secrets since this was last asked."""
    sent = [asked.headers.get("authorization") for asked in server.asked]
    server.asked.clear()
    return sent


def test_a_token_goes_to_its_own_host(server: Server, tmp_path: Path, repository: Repository) -> None:
    """From the start: servers hold back who has none."""
    commit = repository.commit("only", ref="refs/heads/main")
    serve(server, tmp_path)
    git, remote = asking(server, tokens={server.host: TOKEN, "other.example": "other"})
    assert refs_of(git.refs(remote)).branches == {"main": commit}
    assert isinstance(git.commits(remote, (commit,)), dict)
    assert sent_to(server) == [BASIC] * 3
    other, _ = asking(server, tokens={"other.example": TOKEN})
    refs_of(other.refs(remote))
    assert sent_to(server) == [None, None]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_a_token_may_not_see_is_asked_for_without(
    server: Server, tmp_path: Path, repository: Repository, status: int
) -> None:
    repository.commit("only", ref="refs/heads/main")
    serve(server, tmp_path)
    real = server.answering
    assert not isinstance(real, Answer)

    def guarded(asked: Asked) -> Answer:
        return Answer(status) if "authorization" in asked.headers else real(asked)

    server.otherwise(guarded)
    git, remote = asking(server, tokens={server.host: TOKEN})
    refs_of(git.refs(remote))
    assert sent_to(server) == [BASIC, None, None]


THROTTLED: Final = (
    b"ERR GitHub is temporarily limiting some unauthenticated downloads. Please retry later or authenticate."
)
"""As in https://github.com/cli/cli/issues/14329."""


@pytest.mark.parametrize(
    "held_back",
    [
        Answer(429),
        Answer(200, pkt_line(THROTTLED), {"Content-Type": "application/x-git-upload-pack-result"}),
    ],
)
def test_a_server_that_holds_back_is_one_reason_for_all(
    server: Server, tmp_path: Path, repository: Repository, held_back: Answer
) -> None:
    commit = repository.commit("only", ref="refs/heads/main")
    serve(server, tmp_path)
    real = server.answering
    assert not isinstance(real, Answer)
    server.otherwise(lambda asked: held_back if asked.method == "POST" else real(asked))
    git, remote = asking(server)
    expected = NotKnown(f"`{server.host}` has been asked too often; set GITHUB_TOKEN, or try again later")
    assert git.refs(remote) == expected
    assert git.commits(remote, (commit,)) == expected
    assert len([asked for asked in server.asked if asked.method == "POST"]) == 2, "nothing heavier is asked"


class Recorded:
    """Says nothing, and keeps what was asked."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    def send(self, request: Request) -> Response | NoResponse:
        self.urls.append(request.url)
        return NoResponse("nobody is there")


@pytest.mark.parametrize(
    ("host", "path", "url"),
    [
        ("github.com", "a/b.js", "https://github.com/a/b.js.git"),
        ("github.com", "a/.github", "https://github.com/a/.github.git"),
        ("gitlab.com", "a/b/c", "https://gitlab.com/a/b/c.git"),
        ("codeberg.org", "a/b", "https://codeberg.org/a/b.git"),
        ("git.sr.ht", "~a/b", "https://git.sr.ht/~a/b"),
        ("ghe.example:8443", "a/b", "https://ghe.example:8443/a/b.git"),
        ("github.com", "a", None),
        ("github.com", "a/b/c", None),
        ("github.com", "a/..", None),
        ("github.com", "../b", None),
        ("github.com", "a/b?c", None),
        ("github.com", "a/b#c", None),
        ("github.com", "a/b c", None),
        ("github.com", "a/b\n", None),
        ("github.com", "a//b", None),
        ("github.com", "a/%2e%2e", None),
        ("github.com", "@evil.example/b", None),
        ("github.com", "a/" + "b" * 2000, None),
        ("git.example", "a/b", None),
        ("127.0.0.1", "a/b", None),
        ("localhost:8080", "a/b", None),
        ("github.com:8443", "a/b", None),
        ("github.com@evil.example", "a/b", None),
        ("", "a/b", None),
    ],
)
def test_who_is_asked(host: str, path: str, url: str | None) -> None:
    http = Recorded()
    assert reason(GitServer(http, hosts=("ghe.example:8443",)).refs(Remote(host, path)))
    assert http.urls == ([f"{url}/info/refs?service=git-upload-pack"] if url is not None else [])


@given(host=st.text(), path=st.text())
def test_no_name_raises(host: str, path: str) -> None:
    git = GitServer(Recorded(), hosts=(host,))
    assert isinstance(git.refs(Remote(host, path)), NotKnown)
    assert isinstance(git.refs(Remote("github.com", path)), NotKnown)


class Scripted:
    """A server that says what it is, and then some octets."""

    def __init__(self, first: bytes, then: bytes) -> None:
        self.first, self.then = first, then

    def send(self, request: Request) -> Response | NoResponse:
        kind, body = ("result", self.then) if request.body else ("advertisement", self.first)
        headers = {"content-type": f"application/x-git-upload-pack-{kind}; charset=x"}
        return Response(200, request.url, headers, body)


ADVERTISED: Final = b"".join(
    (*map(pkt_line, (b"version 2\n", b"agent=x\n", b"ls-refs\n", b"fetch=shallow filter\n")), b"0000")
)
REMOTE: Final = Remote("github.com", "a/b")

packets: Final = st.lists(
    st.one_of(
        st.binary(max_size=40).map(pkt_line),
        st.sampled_from((b"0000", b"0001", b"0002", b"0003", b"-001", b"fff0", b"packfile\n", b"\x01PACK")),
        st.sampled_from(
            (
                b"packfile\n",
                b"ERR upload-pack: not our ref " + b"3" * 40,
                b"1" * 40 + b" HEAD symref-target:refs/heads/x",
                b"2" * 40 + b" refs/heads/\xff\xfe",
                b"2" * 40 + b" refs/tags/a peeled:zz",
                b"\x01PACK\0\0\0\2\0\0\0\1",
                b"\x03not our ref " + NOWHERE.encode(),
                b"version 1",
                b"version 2",
                b"# service=git-upload-pack",
            )
        ).map(pkt_line),
    ),
    max_size=6,
).map(b"".join)


@given(first=st.just(ADVERTISED) | packets | st.binary(), then=packets | st.binary())
def test_no_answer_raises(first: bytes, then: bytes) -> None:
    git = GitServer(Scripted(first, then))
    git.refs(REMOTE)
    git.commits(REMOTE, (NOWHERE, "2" * 40))
    git.held(REMOTE, NOWHERE, ("2" * 40,))


def lines(*texts: bytes) -> bytes:
    return b"".join(map(pkt_line, texts)) + b"0000"


@pytest.mark.parametrize(
    "then",
    [
        lines(b"no id refs/heads/main"),
        lines(b"1" * 64 + b" refs/heads/main"),
        lines(b"1" * 40 + b" refs/heads/main")[:-4],
    ],
    ids=["no id", "a long id", "cut off"],
)
def test_answers_that_are_no_refs(then: bytes) -> None:
    assert "what is not git's protocol" in reason(GitServer(Scripted(ADVERTISED, then)).refs(REMOTE))


def test_a_server_that_refuses() -> None:
    no = lines(b"ERR something is wrong with planted-token-0123456789")
    for git in (GitServer(Scripted(no, b"")), GitServer(Scripted(ADVERTISED, no))):
        assert reason(git.refs(REMOTE)) == "`github.com` refuses to answer for `a/b`"
        assert reason(git.commits(REMOTE, (NOWHERE,))) == "`github.com` refuses to answer for `a/b`"


def test_names_that_git_does_not_know_are_left_out() -> None:
    names = (
        b"refs/heads/a\tb",
        b"refs/heads/\xff",
        b"refs/heads/a\x1b[0m",
        b"refs/heads/\xc3\xa4",
        b"refs/x/y",
    )
    then = lines(*(b"1" * 40 + b" " + name for name in names))
    assert refs_of(GitServer(Scripted(ADVERTISED, then)).refs(REMOTE)).branches == {"\u00e4": "1" * 40}


def test_a_repository_that_uses_sha_256() -> None:
    first = lines(b"version 2\n", b"ls-refs\n", b"fetch=shallow\n", b"object-format=sha256\n")
    assert "SHA-256" in reason(GitServer(Scripted(first, b"")).refs(REMOTE))


@pytest.mark.parametrize(
    "ask", [lambda git: git.commits(REMOTE, (NOWHERE,)), lambda git: git.held(REMOTE, NOWHERE, ())]
)
def test_a_server_that_misses_what_nobody_asked_for(ask: Callable[[GitServer], object]) -> None:
    then = lines(b"ERR upload-pack: not our ref " + b"3" * 40)
    assert reason(ask(GitServer(Scripted(ADVERTISED, then))))
