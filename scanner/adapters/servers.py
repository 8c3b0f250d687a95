"""The world outside as rules ask it (`scanner.model.online.Online`): git servers by git's own protocol, GitHub by its API."""

import threading
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol, TypeVar

from scanner.adapters.answers import Answers, Question
from scanner.adapters.at_once import at_once
from scanner.adapters.forges import Forges, forges_of
from scanner.adapters.git_answers import commit_from, of_commit, of_refs, refs_from
from scanner.adapters.git_server import FORGES, GitServer
from scanner.adapters.github import GitHub
from scanner.adapters.own_tokens import OwnTokens
from scanner.model.counting import counted
from scanner.model.online import (
    GITHUB,
    About,
    Account,
    Commit,
    NotKnown,
    NotThere,
    Refs,
    Release,
    Remote,
    Topic,
)
from scanner.model.ports import Http

_OUR_OWN_MISTAKE: Final = "the answer holds the token that was sent, so it is not used"
_YOUNG: Final = timedelta(minutes=15)
"""How long branches and tags are taken from an earlier run."""
_LONG: Final = timedelta(days=30)
"""How long commits are: an id says what is in it."""
_MISSING: Final = timedelta(hours=1)
_MOST_SHOWN: Final = 3
_FAILURES: Final = 8
"""Times in a row that a git server fails in the same way before it is not asked any more: each may take most of a minute."""

_MOST_REQUESTS: Final = 4
"""What an answer of an API costs at most: a repository that has moved and its owner, asked once more without a token."""

T = TypeVar("T")


class GitServers(Protocol):
    """What is asked by git's own protocol, see `scanner.adapters.git_server`."""

    def refs(self, remote: Remote) -> Refs | NotKnown: ...

    def commits(self, remote: Remote, ids: Collection[str]) -> Mapping[str, Commit | None] | NotKnown: ...

    def held(self, remote: Remote, commit: str, tips: Collection[str]) -> bool | NotKnown | None: ...


class Servers:
    """`scanner.model.online.Online` over the servers that `forges` names, and the forges that everybody knows.

    Every answer is given once a run, and what is worth it is kept on disk for later ones (`answers`). An action that the user's own server
    does not have is one of github.com, as its runners see it (GitHub Connect). Safe to be used by several threads.
    """

    def __init__(
        self,
        http: Http,
        forges: Forges,
        answers: Answers,
        now: Callable[[], datetime],
        *,
        git: GitServers | None = None,
    ) -> None:
        self._forges = forges
        self._answers = answers
        self._own = OwnTokens(forge.token for forge in forges.all)
        self._tokens = {forge.host: forge.token for forge in forges.all if forge.token}
        own = frozenset(forge.host for forge in forges.all)
        self._hosts = own | FORGES
        self._git = git or GitServer(http, hosts=own, tokens=self._tokens)
        self._github = {forge.host: GitHub(http, forge, answers, self._own, now) for forge in forges.all}
        self._memory: dict[Hashable, Future[object]] = {}
        self._lock = threading.Lock()
        self._asked: dict[Remote, None] = {}
        self._missing: dict[Hashable, str] = {}
        self._failing: dict[str, tuple[NotKnown, int]] = {}

    @property
    def home(self) -> str:
        return self._forges.home.host

    @property
    def requests(self) -> int:
        """Requests to APIs of GitHub, each of which takes from a budget."""
        return sum(one.requests for one in self._github.values())

    # ------------------------------------------------------------ questions

    def prepare(self, wanted: Iterable[tuple[Topic, Remote]]) -> None:
        """Asks with several threads, an API as many at once as its budget surely lasts for: whichever is quicker, always the same are
        missing when it is spent."""
        by_topic: dict[Topic, list[Remote]] = {}
        for topic, remote in sorted(set(wanted)):
            by_topic.setdefault(topic, []).append(remote)
        at_once(self._at, sorted({one for of_topic in by_topic.values() for one in of_topic}))
        at_once(self.refs, by_topic.get("refs", []))
        for topic, ask in (("about", self.about), ("account", self.account)):
            for host, github in self._github.items():
                rest = [one for one in by_topic.get(topic, ()) if self._at(one).host == host]
                while rest:
                    sure = max(1, (github.left or 0) // _MOST_REQUESTS)
                    at_once(ask, rest[:sure])
                    rest = rest[sure:]

    def prepare_history(self, wanted: Iterable[tuple[Remote, str, str]]) -> None:
        at_once(lambda one: self.holds(*one), sorted(set(wanted)))

    def refs(self, remote: Remote) -> Refs | NotKnown:
        self._note(remote)
        return self._refs(self._at(remote))

    def commits(self, remote: Remote, ids: Collection[str]) -> Mapping[str, Commit | None] | NotKnown:
        self._note(remote)
        where = self._at(remote)
        wanted = sorted(set(ids))
        found: dict[str, Commit | None] = {}
        open_ids = []
        for id in wanted:
            known, commit = self._kept_commit(where, id)
            if known:
                found[id] = commit
            else:
                open_ids.append(id)
        if open_ids:
            asked = self._once(
                ("commits", where, *open_ids),
                lambda: self._by_git(where, lambda: self._git.commits(where, open_ids)),
            )
            if isinstance(asked, NotKnown):
                return asked
            for id in open_ids:
                found[id] = asked.get(id)
                self._keep(where, "commit", id, of_commit(found[id]))
        return found

    def holds(self, remote: Remote, ref: str, commit: str) -> bool | NotKnown:
        """By git's protocol; GitHub's API is asked where a server does not speak that part of it."""
        self._note(remote)
        where = self._at(remote)
        refs = self._refs(where)
        if isinstance(refs, NotKnown):
            return refs
        tips = sorted({tips[ref] for tips in (refs.branches, refs.tags) if ref in tips})
        if not tips:
            return NotKnown(f"there is no branch or tag of this name in {where}")
        return commit in tips or self._once(
            ("holds", where, commit, *tips), lambda: self._in_history(where, tips, commit)
        )

    def held(self, remote: Remote, commit: str) -> bool | NotKnown | None:
        self._note(remote)
        where = self._at(remote)
        refs = self._refs(where)
        if isinstance(refs, NotKnown):
            return refs
        tips = {*refs.branches.values(), *refs.tags.values()}
        if commit in tips:
            return True
        return self._once(("held", where, commit), lambda: self._held(where, commit, tips))

    def about(self, remote: Remote) -> About | NotKnown:
        self._note(remote)
        where = self._at(remote)
        github = self._github_of(where)
        if isinstance(github, NotKnown):
            return github
        return self._once(("about", where), lambda: github.about(where))

    def account(self, remote: Remote) -> Account | NotKnown:
        """That of the owner whom the repository has now: who was asked for may have handed it over."""
        about = self.about(remote)
        if isinstance(about, NotKnown):
            return about
        where = self._at(remote)
        github = self._github_of(where)
        if isinstance(github, NotKnown):
            return github
        return self._once(("account", where.host, about.owner.lower()), lambda: github.account(about.owner))

    def release(self, remote: Remote, tag: str) -> Release | NotKnown | None:
        self._note(remote)
        where = self._at(remote)
        github = self._github_of(where)
        if isinstance(github, NotKnown):
            return github
        return self._once(("release", where, tag), lambda: github.release(where, tag))

    def remarks(self) -> tuple[str, ...]:
        """What was asked since this was last called, and what is wrong with tokens. Says nothing of what was kept from earlier runs, so that
        the report is the same with it and without."""
        with self._lock:
            asked, self._asked = sorted(self._asked), {}
            reasons, missing = sorted(set(self._missing.values())), len(self._missing)
            self._missing = {}
        if not asked:
            return ()
        hosts = sorted(
            {one.host for one in asked} & self._hosts, key=lambda host: (host not in self._github, host)
        )
        more = f" and {len(hosts) - 1} more" if len(hosts) > 1 else ""
        number = len(asked)
        servers = f"{hosts[0]}{more}" if hosts else "no server"
        line = f"asked {servers} about {number:,} {'repository' if number == 1 else 'repositories'}"
        if missing:
            be = "is" if missing == 1 else "are"
            rest = len(reasons) - _MOST_SHOWN
            line += f"; {counted(missing, 'answer')} {be} missing: {'; '.join(reasons[:_MOST_SHOWN])}"
            line += f"; and {counted(rest, 'more reason')}" if rest > 0 else ""
        tokens = (text for github in self._github.values() for text in github.remarks())
        return (line, *tokens)

    # ------------------------------------------------------------ asking once

    def _once(self, key: Hashable, ask: Callable[[], T]) -> T:
        """The answer to a question that may be asked by several threads: one of them asks, the others wait."""
        with self._lock:
            future = self._memory.get(key)
            first = future is None
            if future is None:
                future = self._memory[key] = Future()
        if first:
            try:
                answer: object = ask()
            except BaseException as error:
                future.set_exception(error)
                raise
            if self._own.are_in(answer):
                answer = NotKnown(_OUR_OWN_MISTAKE)
            future.set_result(answer)
        answer = future.result()
        if isinstance(answer, NotKnown) and not isinstance(answer, NotThere):
            with self._lock:
                self._missing[key] = answer.reason
        return answer  # type: ignore[return-value]

    def _note(self, remote: Remote) -> None:
        with self._lock:
            self._asked[remote] = None

    def _github_of(self, remote: Remote) -> GitHub | NotKnown:
        return self._github.get(remote.host) or NotKnown(
            f"{remote.host} is no GitHub, and only GitHub tells this"
        )

    def _at(self, remote: Remote) -> Remote:
        """Where a repository is: what the user's own server does not have is one of github.com."""
        if self.home == GITHUB or remote.host != self.home:
            return remote
        public = remote._replace(host=GITHUB)
        if isinstance(self._refs(remote), NotThere) and not isinstance(self._refs(public), NotKnown):
            return public
        return remote

    # ------------------------------------------------------------ git

    def _by_git(self, where: Remote, ask: Callable[[], T]) -> T | NotKnown:
        """An answer of a git server, unless it has failed too often."""
        with self._lock:
            why, times = self._failing.get(where.host, (None, 0))
        if why is not None and times >= _FAILURES:
            return why
        answer = ask()
        with self._lock:
            if isinstance(answer, NotKnown) and not isinstance(answer, NotThere):
                before, times = self._failing.get(where.host, (None, 0))
                self._failing[where.host] = (answer, times + 1 if answer == before else 1)
            else:
                self._failing.pop(where.host, None)
        return answer

    def _refs(self, where: Remote) -> Refs | NotKnown:
        return self._once(("refs", where), lambda: self._refs_kept(where))

    def _refs_kept(self, where: Remote) -> Refs | NotKnown:
        question = self._question(where, "refs", "")
        kept = self._answers.get(question)
        if kept is not None:
            match kept.value:
                case {"missing": str(reason)} if self._answers.fresh(kept, _MISSING):
                    return NotThere(reason)
                case {"branches": dict(), "tags": dict()} if self._answers.fresh(kept, _YOUNG):
                    known = refs_from(kept.value)
                    if known is not None:
                        return known
        refs = self._by_git(where, lambda: self._git.refs(where))
        if self._own.are_in(refs):
            return NotKnown(_OUR_OWN_MISTAKE)
        match refs:
            case Refs():
                self._answers.keep(question, of_refs(refs))
            case NotThere(reason=reason):
                self._answers.keep(question, {"missing": reason})
        return refs

    def _kept_commit(self, where: Remote, id: str) -> tuple[bool, Commit | None]:
        """Whether a commit is known from an earlier question, and what of it."""
        kept = self._answers.get(self._question(where, "commit", id))
        if kept is None:
            return False, None
        if kept.value is False:
            return self._answers.fresh(kept, _MISSING), None
        commit = commit_from(kept.value)
        return commit is not None and self._answers.fresh(kept, _LONG), commit

    def _in_history(self, where: Remote, tips: list[str], commit: str) -> bool | NotKnown:
        about = f"{commit} {' '.join(tips)}"
        kept = self._answers.get(self._question(where, "history", about))
        if kept is not None and isinstance(kept.value, bool) and self._answers.fresh(kept, _LONG):
            return kept.value
        held = self._by_git(where, lambda: self._git.held(where, commit, tips))
        if isinstance(held, NotKnown) and where.host in self._github:
            return _any_of(self._github[where.host].holds(where, tip, commit) for tip in tips)
        if isinstance(held, bool):  # of ids, so that it does not change
            self._keep(where, "history", about, held)
        return held if held is not None else False

    def _held(self, where: Remote, commit: str, tips: Collection[str]) -> bool | NotKnown | None:
        kept = self._answers.get(self._question(where, "held", commit))
        if kept is not None and self._answers.fresh(kept, _YOUNG):
            match kept.value:
                case {"held": bool() | None as held}:
                    return held
        answer = self._by_git(where, lambda: self._git.held(where, commit, tips))
        if not isinstance(answer, NotKnown):
            self._keep(where, "held", commit, {"held": answer})
        return answer

    def _question(self, where: Remote, kind: str, about: str) -> Question:
        return Question(kind, where.host, f"{where.path} {about}".rstrip(), self._tokens.get(where.host, ""))

    def _keep(self, where: Remote, kind: str, about: str, value: object) -> None:
        if not self._own.are_in(value):
            self._answers.keep(self._question(where, kind, about), value)


def _any_of(answers: Iterable[bool | NotKnown]) -> bool | NotKnown:
    open_answer: bool | NotKnown = False
    for one in answers:
        if one is True:
            return True
        open_answer = one if isinstance(one, NotKnown) else open_answer
    return open_answer


def servers_of(environment: Mapping[str, str], folder: Path, *, refresh: bool = False) -> Servers:
    """The servers as the environment names them; answers are kept below `folder`. With `refresh` none of an earlier run is used.

    Raises:
        UsageError: the environment names a server or a token that cannot be one.
    """
    from scanner.adapters.http import HttpClient

    def now() -> datetime:
        return datetime.now(UTC)

    forges = forges_of(environment)
    return Servers(HttpClient(), forges, Answers(folder / "answers", now, refresh=refresh), now)
