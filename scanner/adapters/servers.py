"""The world outside as rules ask it (`scanner.model.online.Online`): git servers by git's own protocol, GitHub by its API."""

import time
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from scanner.adapters.answers import Answers
from scanner.adapters.asked import Asked
from scanner.adapters.asking_time import MOST, TimedHttp
from scanner.adapters.at_once import at_once
from scanner.adapters.forges import Forges, forges_of
from scanner.adapters.git_server import FORGES, GitServer
from scanner.adapters.github import GitHub
from scanner.adapters.kept_git import GitServers, KeptGit
from scanner.adapters.once import Once
from scanner.adapters.own_tokens import OwnTokens
from scanner.model.online import (
    GITHUB,
    About,
    Account,
    Commit,
    NotKnown,
    NotThere,
    Question,
    Refs,
    Release,
    Remote,
    Topic,
)
from scanner.model.ports import NO_PROGRESS, Http, Progress
from scanner.model.quoting import quoted

_OUR_OWN_MISTAKE: Final = "the answer holds the token that was sent, so it is not used"

_OF_GIT: Final[tuple[Topic, ...]] = ("refs", "holds", "held", "commits")
_OF_API: Final[tuple[Topic, ...]] = ("holds", "about", "account", "release")
"""What takes of the budget of an API, in the order in which it is spent: first what most hangs on, and an account is that of an `about`."""
_MOST_REQUESTS: Final = 4
"""What an answer of an API costs at most: a repository that has moved and its owner, asked once more without a token."""

T = TypeVar("T")
A = TypeVar("A")


class Servers:
    """`scanner.model.online.Online` over the servers that `forges` names, and the forges that everybody knows.

    Every answer is given once a run, and what is worth it is kept on disk for later ones (`answers`). An action that the user's own server
    does not have is one of github.com, as its runners see it (GitHub Connect), but only a token tells that it does not: without one, private
    names would be looked for on github.com, and strangers' repositories of these names be taken for ours.
    All asking together takes `seconds` by the `clock`, and what was under way then. Safe to be used by several threads.
    """

    def __init__(
        self,
        http: Http,
        forges: Forges,
        answers: Answers,
        now: Callable[[], datetime],
        *,
        git: GitServers | None = None,
        seconds: float = MOST,
        clock: Callable[[], float] = time.monotonic,
        progress: Progress = NO_PROGRESS,
    ) -> None:
        self._progress = progress
        http = TimedHttp(http, seconds, clock)
        self._forges = forges
        self._own = OwnTokens(forge.token for forge in forges.all)
        tokens = {forge.host: forge.token for forge in forges.all if forge.token}
        own = frozenset(forge.host for forge in forges.all)
        self._hosts = own | FORGES
        self._git = KeptGit(
            git or GitServer(http, hosts=own, tokens=tokens), http, answers, tokens, self._own
        )
        self._github = {forge.host: GitHub(http, forge, answers, self._own, now) for forge in forges.all}
        self._once = Once()
        self._asked = Asked()

    @property
    def home(self) -> str:
        return self._forges.home.host

    # ------------------------------------------------------------ questions

    def prepare(self, wanted: Iterable[Question]) -> None:
        """Asks with several threads, an API as many at once as its budget surely lasts for: whichever is quicker, always the same are
        missing when it is spent."""
        by_topic: dict[Topic, list[Question]] = {}
        for one in sorted(set(wanted), key=lambda one: (one.remote, one)):
            if self._asked.admit(one.remote) is None:
                by_topic.setdefault(one.topic, []).append(one)
        at_home = {
            one.remote for of_topic in by_topic.values() for one in of_topic if one.remote.host == self.home
        }
        self._at_once(self._place, sorted(at_home))
        # The first answer of each server is waited for at the same time, and not by all threads at one after the other.
        by_git = [one for topic in _OF_GIT for one in by_topic.get(topic, ())]
        self._at_once(self.refs, sorted({one.remote.host: one.remote for one in reversed(by_git)}.values()))
        self._at_once(lambda one: self.refs(one.remote), by_topic.get("refs", []))
        self._at_once(
            lambda one: self._holds_by_git(one.remote, one.ref, one.commit), by_topic.get("holds", [])
        )
        self._at_once(lambda one: self.held(one.remote, one.commit), by_topic.get("held", []))
        ids: dict[Remote, list[str]] = {}
        for one in by_topic.get("commits", ()):
            ids.setdefault(one.remote, []).append(one.commit)
        self._at_once(lambda of: self.commits(*of), list(ids.items()))
        for topic in _OF_API:
            for host, github in self._github.items():
                rest = [one for one in by_topic.get(topic, ()) if self._is_at(one.remote, host)]
                while rest:
                    sure = max(1, (github.left or 0) // _MOST_REQUESTS)
                    self._at_once(self._answer, rest[:sure])
                    rest = rest[sure:]

    def _at_once(self, ask: Callable[[A], object], about: Sequence[A]) -> None:
        """`at_once`, telling how many of them are answered."""
        at_once(ask, about, lambda done: self._progress.step("asking servers", done, len(about)))

    def _answer(self, question: Question) -> None:
        """Asks one of those that an API may have to answer."""
        topic, remote, ref, commit = question
        match topic:
            case "holds":
                self.holds(remote, ref, commit)
            case "about":
                self.about(remote)
            case "account":
                self.account(remote)
            case "release":
                self.release(remote, ref)

    def refs(self, remote: Remote) -> Refs | NotKnown:
        where = self._place(remote)
        return where if isinstance(where, NotKnown) else self._refs(where)

    def commits(self, remote: Remote, ids: Collection[str]) -> Mapping[str, Commit | None] | NotKnown:
        where = self._place(remote)
        if isinstance(where, NotKnown):
            return where
        found = self._git.known_commits(where, sorted(set(ids)))
        rest = sorted(set(ids) - set(found))
        if rest:
            asked = self._told(("commits", where, *rest), lambda: self._git.commits(where, rest))
            if isinstance(asked, NotKnown):
                return asked
            found |= {id: asked.get(id) for id in rest}
        return found

    def holds(self, remote: Remote, ref: str, commit: str) -> bool | NotKnown:
        """By git's protocol; GitHub's API is asked where a server does not speak that part of it."""
        by_git = self._holds_by_git(remote, ref, commit)
        if not isinstance(by_git, _Untold):
            return by_git
        where, tips, why = by_git
        github = self._github.get(where.host)

        def ask() -> bool | NotKnown:
            return why if github is None else _any_of(github.holds(where, tip, commit) for tip in tips)

        return self._told(("holds", where, commit, *tips), ask)

    def held(self, remote: Remote, commit: str) -> bool | NotKnown | None:
        where = self._place(remote)
        if isinstance(where, NotKnown):
            return where
        refs = self._refs(where)
        if isinstance(refs, NotKnown):
            return refs
        tips = {*refs.branches.values(), *refs.tags.values()}
        if commit in tips:
            return True
        return self._told(("held", where, commit), lambda: self._git.held(where, commit, tips))

    def about(self, remote: Remote) -> About | NotKnown:
        where, github = self._api_of(remote)
        if isinstance(github, NotKnown):
            return github
        return self._told(("about", where), lambda: github.about(where))

    def account(self, remote: Remote) -> Account | NotKnown:
        """That of the owner whom the repository has now: who was asked for may have handed it over."""
        about = self.about(remote)
        if isinstance(about, NotKnown):
            return about
        where, github = self._api_of(remote)
        if isinstance(github, NotKnown):
            return github
        return self._told(("account", where.host, about.owner.lower()), lambda: github.account(about.owner))

    def release(self, remote: Remote, tag: str) -> Release | NotKnown | None:
        where, github = self._api_of(remote)
        if isinstance(github, NotKnown):
            return github
        return self._told(("release", where, tag), lambda: github.release(where, tag))

    def remarks(self) -> tuple[str, ...]:
        """What was asked since this was last called, and what is wrong with tokens."""
        line = self._asked.remark(self.home)
        if line is None:
            return ()
        tokens = (text for github in self._github.values() for text in github.remarks())
        return (line, *tokens)

    # ------------------------------------------------------------ asking

    def _told(self, question: Hashable, ask: Callable[[], T]) -> T:
        """The answer to a question, which is given once; that there is none is told."""
        answer = self._once(question, lambda: self._without_tokens(ask()))
        if isinstance(answer, NotKnown) and not isinstance(answer, NotThere):
            self._asked.missing(question, answer)
        return answer  # type: ignore[return-value]

    def _without_tokens(self, answer: T) -> T | NotKnown:
        return NotKnown(_OUR_OWN_MISTAKE) if self._own.are_in(answer) else answer

    def _refs(self, where: Remote) -> Refs | NotKnown:
        return self._told(("refs", where), lambda: self._git.refs(where))

    def _holds_by_git(self, remote: Remote, ref: str, commit: str) -> "bool | NotKnown | _Untold":
        """What git's protocol tells."""
        where = self._place(remote)
        if isinstance(where, NotKnown):
            return where
        refs = self._refs(where)
        if isinstance(refs, NotKnown):
            return refs
        tips = sorted(refs.tips(ref))
        if not tips:
            return NotKnown(f"there is no branch or tag of this name in {where}")
        if commit in tips:
            return True
        held = self._once(
            ("history", where, commit, *tips),
            lambda: self._without_tokens(self._git.in_history(where, tips, commit)),
        )
        return _Untold(where, tips, held) if isinstance(held, NotKnown) else held

    # ------------------------------------------------------------ where a repository is

    def _place(self, remote: Remote) -> Remote | NotKnown:
        """Where a repository is, as the report will tell; what the user's own server does not have is one of github.com."""
        too_many = self._asked.admit(remote)
        if too_many is not None:
            return too_many
        if remote.host not in self._hosts:
            self._asked.nowhere(remote)
            return remote
        self._asked.at(remote.host, remote)
        if self.home == GITHUB or remote.host != self.home or not isinstance(self._refs(remote), NotThere):
            return remote
        here = self._github[remote.host]
        about = self._told(("about", remote), lambda: here.about(remote))
        if not isinstance(about, NotThere):
            return remote
        if not here.takes_its_token():
            return NotThere(
                f"{quoted(remote.host)} has no repository {quoted(remote.path, 100)} that it shows to everybody, and github.com is only asked for "
                f"what a token does not see there, either; set {self._forges.home.expects}"
            )
        public = remote._replace(host=GITHUB)
        self._asked.at(GITHUB, public)
        self._asked.elsewhere(public)
        return remote if isinstance(self._refs(public), NotKnown) else public

    def _is_at(self, remote: Remote, host: str) -> bool:
        if remote.host not in self._github:
            return False
        where = self._place(remote)
        return not isinstance(where, NotKnown) and where.host == host

    def _api_of(self, remote: Remote) -> tuple[Remote, GitHub | NotKnown]:
        """Where a repository is, and the API that knows it."""
        if remote.host not in self._github:
            self._asked.nowhere(remote)
            return remote, NotKnown(f"{remote.host} is no GitHub, and only GitHub tells this")
        where = self._place(remote)
        return (remote, where) if isinstance(where, NotKnown) else (where, self._github[where.host])


class _Untold(NamedTuple):
    """Git's protocol does not tell whether `tips` of the repository `where` lead to a commit. An API may."""

    where: Remote
    tips: list[str]
    why: NotKnown


def _any_of(answers: Iterable[bool | NotKnown]) -> bool | NotKnown:
    open_answer: bool | NotKnown = False
    for one in answers:
        if one is True:
            return True
        open_answer = one if isinstance(one, NotKnown) else open_answer
    return open_answer


def servers_of(
    environment: Mapping[str, str], folder: Path, *, refresh: bool = False, progress: Progress = NO_PROGRESS
) -> Servers:
    """The servers as the environment names them; answers are kept below `folder`. With `refresh` none of an earlier run is used.
    `progress` is told how many questions are answered.

    Raises:
        UsageError: the environment names a server or a token that cannot be one.
    """
    from scanner.adapters.http import HttpClient

    def now() -> datetime:
        return datetime.now(UTC)

    forges = forges_of(environment)
    answers = Answers(folder / "answers", now, refresh=refresh)
    return Servers(HttpClient(), forges, answers, now, progress=progress)
