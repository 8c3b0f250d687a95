"""Git servers, with what earlier runs have learned of them, and without those that fail again and again."""

import threading
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Final, Protocol, TypeVar

from scanner.adapters.answers import Answers, Question
from scanner.adapters.git_answers import commit_from, of_commit, of_refs, refs_from
from scanner.adapters.git_server import TooOften
from scanner.adapters.own_tokens import OwnTokens
from scanner.adapters.whole_host import WholeHost, root_of
from scanner.model.online import Commit, NotKnown, NotThere, Refs, Remote
from scanner.model.ports import Http
from scanner.model.quoting import quoted

_YOUNG: Final = timedelta(minutes=15)
"""How long branches and tags are taken from an earlier run."""
_LONG: Final = timedelta(days=30)
"""How long commits are: an id says what is in it."""
_MISSING: Final = timedelta(hours=1)
_FAILURES: Final = 8
"""Times in a row that a git server fails before it is asked whether it answers at all: each may take most of a minute."""
_MOST_OF_REFS: Final = 256 << 20
"""Octets that branches and tags of a run take: over a million."""
_OF_REF: Final = 240
"""Octets that one takes besides its name."""
_TOO_MANY_REFS: Final = NotKnown("the repositories have more branches and tags than one run keeps")

T = TypeVar("T")


class GitServers(Protocol):
    """What is asked by git's own protocol, see `scanner.adapters.git_server`."""

    def refs(self, remote: Remote) -> Refs | NotKnown: ...

    def commits(self, remote: Remote, ids: Collection[str]) -> Mapping[str, Commit | None] | NotKnown: ...

    def held(self, remote: Remote, commit: str, tips: Collection[str]) -> bool | NotKnown | None: ...


class KeptGit:
    """`git`, which asks by `http`, with the answers of earlier runs; `tokens` by host are those that it asks with. What holds one of `own` is
    not kept. Safe to be used by several threads."""

    def __init__(
        self, git: GitServers, http: Http, answers: Answers, tokens: Mapping[str, str], own: OwnTokens
    ) -> None:
        self._git = git
        self._http = http
        self._answers = answers
        self._tokens = tokens
        self._own = own
        self._lock = threading.Lock()
        self._whole: dict[str, WholeHost] = {}
        self._commits: dict[tuple[Remote, str], Commit | None] = {}
        self._left_for_refs = _MOST_OF_REFS

    def refs(self, where: Remote) -> Refs | NotKnown:
        """Who asks keeps them for the run, so all together are bounded: of those that are too many, the last to come are not known."""
        refs = self._refs(where)
        if isinstance(refs, NotKnown):
            return refs
        octets = sum(_OF_REF * len(names) + sum(map(len, names)) for names in (refs.branches, refs.tags))
        with self._lock:
            if octets > self._left_for_refs:
                return _TOO_MANY_REFS
            self._left_for_refs -= octets
        return refs

    def _refs(self, where: Remote) -> Refs | NotKnown:
        kept = self._answers.get(self._question(where, "refs", ""))
        if kept is not None:
            match kept.value:
                case {"missing": str(reason)} if self._answers.fresh(kept, _MISSING):
                    return NotThere(reason)
                case {"branches": dict(), "tags": dict()} if self._answers.fresh(kept, _YOUNG):
                    known = refs_from(kept.value)
                    if known is not None:
                        return known
        refs = self._asked(where, lambda: self._git.refs(where))
        match refs:
            case Refs():
                self._keep(where, "refs", "", of_refs(refs))
            case NotThere(reason=reason):
                self._keep(where, "refs", "", {"missing": reason})
        return refs

    def known_commits(self, where: Remote, ids: Collection[str]) -> dict[str, Commit | None]:
        """Those that are kept, or were asked for before."""
        found: dict[str, Commit | None] = {}
        for id in ids:
            if (where, id) in self._commits:
                found[id] = self._commits[where, id]
                continue
            kept = self._answers.get(self._question(where, "commit", id))
            if kept is None:
                continue
            commit = commit_from(kept.value)
            if commit is not None and self._answers.fresh(kept, _LONG):
                found[id] = commit
            elif kept.value is False and self._answers.fresh(kept, _MISSING):
                found[id] = None
        return found

    def commits(self, where: Remote, ids: Collection[str]) -> Mapping[str, Commit | None] | NotKnown:
        """Asks, whatever is kept."""
        asked = self._asked(where, lambda: self._git.commits(where, ids))
        if not isinstance(asked, NotKnown):
            for id in ids:
                self._commits[where, id] = asked.get(id)
                self._keep(where, "commit", id, of_commit(asked.get(id)))
        return asked

    def in_history(self, where: Remote, tips: list[str], commit: str) -> bool | NotKnown:
        """Whether one of `tips` leads to a commit."""
        about = f"{commit} {' '.join(tips)}"
        kept = self._answers.get(self._question(where, "history", about))
        if kept is not None:
            match kept.value:
                case bool() as held if self._answers.fresh(kept, _LONG):
                    return held
                case None if self._answers.fresh(kept, _MISSING):
                    return False
        answer = self._asked(where, lambda: self._git.held(where, commit, tips))
        if not isinstance(answer, NotKnown):
            # Of ids, so that it does not change; but a commit that the server does not have (None) may come.
            self._keep(where, "history", about, answer)
        return answer if answer is not None else False

    def held(self, where: Remote, commit: str, tips: Collection[str]) -> bool | NotKnown | None:
        """The same of all branches and tags, which move; None where the server does not have the commit."""
        kept = self._answers.get(self._question(where, "held", commit))
        if kept is not None and self._answers.fresh(kept, _YOUNG):
            match kept.value:
                case {"held": bool() | None as held}:
                    return held
        answer = self._asked(where, lambda: self._git.held(where, commit, tips))
        if not isinstance(answer, NotKnown):
            self._keep(where, "held", commit, {"held": answer})
        return answer

    def _asked(self, where: Remote, ask: Callable[[], T | NotKnown]) -> T | NotKnown:
        """An answer of a server, unless it fails whatever it is asked."""
        whole = self._host(where.host)
        if whole.closed is not None:
            return whole.closed
        answer = ask()
        if isinstance(answer, NotKnown) and not isinstance(answer, NotThere):
            whole.failed(answer if isinstance(answer, TooOften) else None)
        else:
            whole.answered()
        return answer

    def _host(self, host: str) -> WholeHost:
        with self._lock:
            if host not in self._whole:
                self._whole[host] = WholeHost(self._http, root_of(host), quoted(host), _FAILURES)
            return self._whole[host]

    def _question(self, where: Remote, kind: str, about: str) -> Question:
        return Question(kind, where.host, f"{where.path} {about}".rstrip(), self._tokens.get(where.host, ""))

    def _keep(self, where: Remote, kind: str, about: str, value: object) -> None:
        if not self._own.are_in(value):
            self._answers.keep(self._question(where, kind, about), value)
