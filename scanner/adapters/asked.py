"""Whom a run has asked about what, how much it may ask, and which answers are missing."""

from collections.abc import Hashable
from threading import Lock
from typing import Final

from scanner.model.counting import counted
from scanner.model.online import GITHUB, NotKnown, Remote
from scanner.model.quoting import quoted

MOST_REPOSITORIES: Final = 1_000
"""Repositories that one run asks about: real ones have some hundreds, and a hostile lock may name any number."""

_MOST_REASONS: Final = 3
_MOST_NAMES: Final = 20
_TOO_MANY: Final = NotKnown(f"a run asks servers about {MOST_REPOSITORIES:,} repositories at most")


class Asked:
    """What the report will say of the asking. Safe to be used by several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._admitted: set[Remote] = set()
        self._at: dict[str, set[Remote]] = {}
        self._nowhere: set[Remote] = set()
        self._elsewhere: set[Remote] = set()
        self._missing: dict[Hashable, str] = {}

    def admit(self, remote: Remote) -> NotKnown | None:
        """Why nothing is asked about a repository, None when it is one of those that are."""
        with self._lock:
            if remote not in self._admitted:
                if len(self._admitted) >= MOST_REPOSITORIES:
                    self._missing["too many", remote] = _TOO_MANY.reason
                    return _TOO_MANY
                self._admitted.add(remote)
            return None

    def at(self, host: str, remote: Remote) -> None:
        """A server was asked about a repository."""
        with self._lock:
            self._at.setdefault(host, set()).add(remote)

    def nowhere(self, remote: Remote) -> None:
        """No server is asked about a repository: its host is none of those that we know."""
        with self._lock:
            self._nowhere.add(remote)

    def elsewhere(self, remote: Remote) -> None:
        """A repository was looked for on github.com, since the user's own server does not have it."""
        with self._lock:
            self._elsewhere.add(remote)

    def missing(self, question: Hashable, why: NotKnown) -> None:
        with self._lock:
            self._missing[question] = why.reason

    def remark(self, home: str) -> str | None:
        """What was asked since this was last called: about how many repositories each server, that of `home` first. Says nothing of what was
        kept from earlier runs, so that the report is the same with it and without."""
        with self._lock:
            at, self._at = self._at, {}
            nowhere, self._nowhere = self._nowhere, set()
            elsewhere, self._elsewhere = self._elsewhere, set()
            missing, self._missing = self._missing, {}
        if not at and not nowhere and not missing:
            return None
        numbers = [
            (host, len(at[host]))
            for host in sorted(at, key=lambda host: (host != home, host != GITHUB, host))
        ]
        if not numbers:
            numbers = [("no server", len(nowhere))]
        (first, number), *others = numbers
        said = [
            f"asked {first} about {number:,} {'repository' if number == 1 else 'repositories'}",
            *(f"{host} about {number:,}" for host, number in others),
        ]
        line = " and ".join((", ".join(said[:-1]), said[-1])) if others else said[0]
        if elsewhere:
            names = sorted(quoted(one.path, 100) for one in elsewhere)
            rest = len(names) - _MOST_NAMES
            named = ", ".join(names[:_MOST_NAMES]) + (f" and {rest:,} more" if rest > 0 else "")
            line += f"; {GITHUB} was asked for what {home} does not have or its token may not see: {named}"
        if missing:
            reasons = sorted(set(missing.values()))
            rest = len(reasons) - _MOST_REASONS
            be = "is" if len(missing) == 1 else "are"
            line += f"; {counted(len(missing), 'answer')} {be} missing: {'; '.join(reasons[:_MOST_REASONS])}"
            line += f"; and {counted(rest, 'more reason')}" if rest > 0 else ""
        return line
