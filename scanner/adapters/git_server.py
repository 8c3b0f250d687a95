"""Git servers, asked by git's own protocol over HTTP: branches, tags and commits of a repository.

https://git-scm.com/docs/gitprotocol-http, https://git-scm.com/docs/gitprotocol-v2
"""

import re
from base64 import b64encode
from collections.abc import Collection, Mapping
from itertools import islice
from threading import Lock
from typing import Final, NamedTuple

from scanner.adapters.git_pack import LargePackError, Pack, PackError, read_pack
from scanner.adapters.git_protocol import (
    Advertisement,
    Missing,
    RefusedError,
    WireError,
    advertisement,
    fetch,
    ls_refs,
    pack_of,
    refs_of,
)
from scanner.adapters.loopback import is_loopback
from scanner.model.online import GITHUB, Commit, NotKnown, NotThere, Refs, Remote
from scanner.model.ports import Http, NoResponse, Request, Response
from scanner.model.quoting import quoted

FORGES: Final = frozenset((GITHUB, "gitlab.com", "codeberg.org", "git.sr.ht"))
"""The servers that are asked without being named by the user."""

_SOURCEHUT: Final = "git.sr.ht"
_HOST: Final = re.compile(r"([a-z0-9][a-z0-9.-]*|\[::1\])(:[0-9]{1,5})?")
_SEGMENT: Final = re.compile(r"~?[A-Za-z0-9_-][A-Za-z0-9._-]*|\.[A-Za-z0-9_-][A-Za-z0-9._-]*")
_ID: Final = re.compile(r"[0-9a-f]{40}")
_MOST_SEGMENTS: Final = 22
"""GitLab: a project below twenty groups. https://docs.gitlab.com/user/group/subgroups/"""
_LONGEST_PATH: Final = 1000

_ADVERTISED: Final = "info/refs?service=git-upload-pack"
_VERSION: Final = {"Git-Protocol": "version=2"}
_MOST_OF_REFS: Final = 8 << 20
"""Octets: branches and tags of nixpkgs are less than one; version 0 tells every pull request too, some 70 octets each."""
_MOST_OF_COMMITS: Final = 8 << 20
_MOST_WITH_FILES: Final = 32 << 20
"""Octets of commits from a server that cannot leave out their files."""

_AT_ONCE: Final = 100
_MOST_MISSING: Final = 20
"""Commits that are asked for in one request; a server names one that it does not have, and the others are asked for again."""
_MOST_TIPS: Final = 50_000


class _Repository(NamedTuple):
    """A repository that has answered: where it is asked, and what the server said at first."""

    url: str
    secret: str
    advertised: Advertisement
    moved: Remote | None


class GitServer:
    """Questions to git servers. Safe to be used by several threads.

    Only `FORGES` and `hosts` (with a port where it is not that of https; this machine by http) are asked. `tokens` by host, for repositories
    that are not public, are sent to their own host alone; what it does not show with one is asked for without.
    """

    def __init__(
        self, http: Http, *, hosts: Collection[str] = (), tokens: Mapping[str, str] | None = None
    ) -> None:
        self._http = http
        self._hosts = FORGES | frozenset(hosts)
        self._tokens = dict(tokens or {})
        self._unfiltered: set[str] = set()
        self._met: dict[Remote, _Repository | NotKnown] = {}
        self._reading = Lock()  # what is read takes several times the memory of the answer: one at a time

    def refs(self, remote: Remote) -> Refs | NotKnown:
        """Branches and tags of a repository, and where it has moved. Two requests; no pull requests, so that nixpkgs is 1 MB."""
        repository = self._meet(remote)
        if isinstance(repository, NotKnown):
            return repository
        refs = repository.advertised.refs
        if refs is None:
            answer = self._ask(remote, repository, ls_refs(), _MOST_OF_REFS)
            if isinstance(answer, NotKnown):
                return answer
            try:
                with self._reading:
                    refs = refs_of(answer)
            except RefusedError as refused:
                return self._refusal(remote, refused)
            except WireError:
                return _no_git(remote)
        else:  # before version 2 they are part of what is said at first, which is kept here: who asked keeps them
            self._met.pop(remote, None)
        return refs._replace(moved=repository.moved)

    def commits(self, remote: Remote, ids: Collection[str]) -> Mapping[str, Commit | None] | NotKnown:
        """Commits by their ids; None for one that the server does not have, and for the id of what is no commit. The id of a tag (an
        object of its own) is answered with the commit that it leads to. A request for a hundred, and one for each that is missing.
        """
        wanted = iter(sorted(ids))
        found: dict[str, Commit | None] = {}
        while some := list(islice(wanted, _AT_ONCE)):
            commits = self._some_commits(remote, some)
            if isinstance(commits, NotKnown):
                return commits
            found |= commits
        return found

    def held(self, remote: Remote, commit: str, tips: Collection[str]) -> bool | NotKnown | None:
        """Whether the history of one of `tips` (commits) has a commit; None where the server does not have it at all.

        A server sends nothing to who has what leads to all that is wanted. Git finds that out by the dates of commits, so where they are
        wrong it may send what is held; what it does not send is held for sure. So who sends is asked again, for the commit and all before it:
        that is answered from bitmaps where a server keeps them, as forges do, and they are exact. Before a no is believed, it is asked the other
        way round, which is exact whatever the dates: who has the commit is sent all that follows it, and if it is held one of that has it for
        a parent. Of a repository that is too large for that (nixpkgs) the bitmaps are believed.
        """
        if commit in tips:
            return True
        if len(tips) > _MOST_TIPS:
            return NotKnown(f"{_named(remote)} has more than {_MOST_TIPS} branches and tags")
        answer = self._fetch(remote, (commit,), tips)
        if isinstance(answer, NotKnown):
            return answer
        if isinstance(answer, Missing):
            return None if answer.id == commit else _no_git(remote)
        if _sends_nothing(answer, commit):
            return True
        again = self._fetch(remote, (commit,), tips, whole=True)
        match again:
            case NotKnown() if not isinstance(again, _TooLong):
                return again
            case Pack() if _sends_nothing(again, commit):
                return True
        after = self._fetch(remote, sorted(tips), (commit,), whole=True) if tips else None
        match after:
            case Pack():
                return any(commit in one.parents for one in after.commits.values())
            case NotKnown() if not isinstance(after, _TooLong):
                return after
            case Missing():
                return _no_git(remote)
        return False

    def _some_commits(self, remote: Remote, ids: list[str]) -> dict[str, Commit | None] | NotKnown:
        missing: dict[str, Commit | None] = {id: None for id in ids if _ID.fullmatch(id) is None}
        asked = [id for id in ids if id not in missing]
        for _ in range(_MOST_MISSING):
            if not asked:
                return missing
            answer = self._fetch(remote, asked)
            if isinstance(answer, NotKnown):
                return answer
            if isinstance(answer, Pack):
                return missing | {id: answer.commit(id) for id in asked}
            if answer.id not in asked:
                return _no_git(remote)
            missing[answer.id] = None
            asked.remove(answer.id)
        return NotKnown(f"{_named(remote)} does not have more than {_MOST_MISSING} of the commits")

    def _fetch(
        self, remote: Remote, wants: Collection[str], haves: Collection[str] = (), *, whole: bool = False
    ) -> Pack | Missing | NotKnown:
        """Commits without what is in them, as far as the server can leave that out, and without those before them unless the `whole`
        history is asked for."""
        repository = self._meet(remote)
        if isinstance(repository, NotKnown):
            return repository
        features = repository.advertised.commands.get("fetch", frozenset())
        if "shallow" not in features:
            return NotKnown(
                f"{quoted(remote.host)} speaks an old version of git's protocol, which cannot ask for commits"
            )
        if "filter" in features and remote.host not in self._unfiltered:
            command = fetch(wants, sorted(haves), files=False, whole=whole)
            answer = self._pack(remote, repository, command, _MOST_OF_COMMITS)
            if not isinstance(answer, _Refused):
                return answer
        # some servers leave out files, but not all of them (`tree:0`)
        command = fetch(wants, sorted(haves), files=True, whole=whole)
        answer = self._pack(remote, repository, command, _MOST_WITH_FILES)
        if "filter" in features and not isinstance(answer, NotKnown):
            self._unfiltered.add(remote.host)
        return answer

    def _pack(
        self, remote: Remote, repository: _Repository, command: bytes, limit: int
    ) -> Pack | Missing | NotKnown:
        answer = self._ask(remote, repository, command, limit)
        if isinstance(answer, NotKnown):
            return answer
        try:
            with self._reading:
                pack = pack_of(answer)
                return pack if isinstance(pack, Missing) else read_pack(pack)
        except RefusedError as refused:
            return self._refusal(remote, refused)
        except LargePackError:
            return _TooLong(f"{quoted(remote.host)} answers for {_named(remote)} with more than is read")
        except (WireError, PackError):
            return _no_git(remote)

    def _ask(self, remote: Remote, repository: _Repository, command: bytes, limit: int) -> bytes | NotKnown:
        headers = _VERSION | {
            "Content-Type": "application/x-git-upload-pack-request",
            "Accept": "application/x-git-upload-pack-result",
        }
        url = f"{repository.url}/git-upload-pack"
        answer = self._http.send(Request(url, headers, command, limit, repository.secret))
        return self._content(remote, answer, "application/x-git-upload-pack-result")

    def _content(self, remote: Remote, answer: Response | NoResponse, kind: str) -> bytes | NotKnown:
        content = _content(remote, answer, kind)
        return self._too_often(remote) if isinstance(content, TooOften) else content

    def _meet(self, remote: Remote) -> _Repository | NotKnown:
        """What the server says at first, once for each repository."""
        met = self._met.get(remote)
        if met is None:
            met = self._met[remote] = self._first_meet(remote)
        return met

    def _first_meet(self, remote: Remote) -> _Repository | NotKnown:
        url = self._url(remote)
        if isinstance(url, NotKnown):
            return url
        token = self._tokens.get(remote.host)
        if not token:
            return self._advertisement(remote, url, "")
        # Those with a token are asked to wait less; a public repository is shown to everybody, whatever the token is good for.
        met = self._advertisement(remote, url, _basic(token))
        if isinstance(met, NotKnown) and not isinstance(met, _NotReached):
            return self._advertisement(remote, url, "")
        return met

    def _refusal(self, remote: Remote, refused: RefusedError) -> NotKnown:
        return (
            self._too_often(remote)
            if refused.for_now
            else _Refused(f"{quoted(remote.host)} refuses to answer for {_named(remote)}")
        )

    def _too_often(self, remote: Remote) -> NotKnown:
        """Of the server as a whole: the next repository would be told the same."""
        advice = (
            "try again later" if self._tokens.get(remote.host) else "set GITHUB_TOKEN, or try again later"
        )
        return TooOften(f"{quoted(remote.host)} has been asked too often; {advice}")

    def _advertisement(self, remote: Remote, url: str, secret: str) -> _Repository | NotKnown:
        answer = self._http.send(Request(f"{url}/{_ADVERTISED}", _VERSION, None, _MOST_OF_REFS, secret))
        if isinstance(answer, NoResponse):
            return _NotReached(answer.reason)
        content = self._content(remote, answer, "application/x-git-upload-pack-advertisement")
        if isinstance(content, NotKnown):
            return content
        try:
            with self._reading:
                advertised = advertisement(content)
        except RefusedError as refused:
            return self._refusal(remote, refused)
        except WireError:
            return _no_git(remote)
        if advertised.commands.get("object-format", _SHA1) != _SHA1:
            return NotKnown(f"{_named(remote)} names its commits by SHA-256, which cannot be asked for yet")
        if advertised.refs is None and "ls-refs" not in advertised.commands:
            return _no_git(remote)
        base = answer.url.removesuffix(f"/{_ADVERTISED}")
        if base == url:
            return _Repository(url, secret, advertised, None)
        moved = self._moved(remote, base)
        if moved is None:
            return NotKnown(
                f"{quoted(remote.host)} sends who asks for {_named(remote)} to what is no repository"
            )
        return _Repository(base, secret, advertised, moved if moved != remote else None)

    def _url(self, remote: Remote) -> str | NotKnown:
        host, path = remote
        loopback = is_loopback(host)
        if host not in self._hosts or _HOST.fullmatch(host) is None:
            return NotKnown(f"{quoted(host)} is not asked: it is none of the forges that we know")
        segments = path.split("/")
        least, most = (1, _MOST_SEGMENTS) if loopback else (2, _MOST_SEGMENTS if host == "gitlab.com" else 2)
        if (
            not least <= len(segments) <= most
            or len(path) > _LONGEST_PATH
            or not all(map(_SEGMENT.fullmatch, segments))
        ):
            return NotKnown(f"{quoted(str(remote))} names no repository")
        # SourceHut takes the suffix for a part of the name, https://github.com/npm/hosted-git-info/pull/326
        suffix = "" if host == _SOURCEHUT else ".git"
        return f"{'http' if loopback else 'https'}://{host}/{path}{suffix}"

    def _moved(self, remote: Remote, base: str) -> Remote | None:
        """The repository at an address to which a server has sent us."""
        path = base.partition("://")[2].partition("/")[2].rstrip("/").removesuffix(".git")
        moved = Remote(remote.host, path if remote.host == _SOURCEHUT else path.lower())
        if base.endswith(_ADVERTISED) or isinstance(self._url(moved), NotKnown):
            return None
        return moved


class _Refused(NotKnown):
    """The server says that it will not answer this."""

    __slots__ = ()


class TooOften(NotKnown):
    """The server asks to wait, whatever it is asked about."""

    __slots__ = ()


class _TooLong(NotKnown):
    """There is more of the answer than is read."""

    __slots__ = ()


class _NotReached(NotKnown):
    """The server itself has not answered, so that a token changes nothing."""

    __slots__ = ()


_SHA1: Final = frozenset(("sha1",))


def _sends_nothing(pack: Pack, commit: str) -> bool:
    """Of the id of a tag the tag itself is sent, also when its commit is not."""
    return pack.objects == 0 or (commit in pack.tags and pack.commit(commit) is None)


def _content(remote: Remote, answer: Response | NoResponse, kind: str) -> bytes | NotKnown:
    """The body of an answer; else why there is none. GitHub answers 401 for what is not there, as for what is private."""
    if isinstance(answer, NoResponse):
        return _TooLong(answer.reason) if answer.too_long else NotKnown(answer.reason)
    host = quoted(remote.host)
    match answer.status:
        case 200:
            if answer.headers.get("content-type", "").partition(";")[0].strip() != kind:
                return _no_git(remote)
            return answer.body
        case 401 | 404 | 410:
            return NotThere(f"{host} has no repository {_named(remote)}, or does not show it to us")
        case 403 | 451:
            return NotKnown(f"{host} has blocked {_named(remote)}, or does not show it to us")
        case 429:
            return TooOften("")
        case status:
            return NotKnown(f"{host} answers with status {status}")


def _no_git(remote: Remote) -> NotKnown:
    return NotKnown(f"{quoted(remote.host)} answers for {_named(remote)} with what is not git's protocol")


def _named(remote: Remote) -> str:
    return quoted(remote.path, 100)


def _basic(token: str) -> str:
    """https://docs.github.com/en/get-started/git-basics/about-remote-repositories"""
    return f"Basic {b64encode(f'x-access-token:{token}'.encode()).decode()}"
