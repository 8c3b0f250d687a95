"""A world of servers in memory: what `--online` would be told, given as plain data.

    {"actions/checkout": {
        "refs": {"branches": {"main": "<commit>"}, "tags": {"v4.2.2": "<commit>"}, "default": "main", "moved": "new/name"},
        "commits": {"<commit>": "2024-10-23"},            # those that the server has, with the day of each
        "holds": {"main": ["<commit>"]},                  # what the history of a ref has beside its tip
        "about": {"archived": true, "license": "MIT", "name": "actions/checkout", "owner_id": 1, "id": 2, "created": "2019-07-23"},
        "account": {"name": "actions", "id": 1, "created": "2018-10-01"},
        "releases": {"v4.2.2": true}}}                    # whether it is immutable

A name without a host is one of github.com. What is not given is not known; a text in place of data is the reason why, and `false` says that
there is no such repository.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from scanner.model.online import (
    BRANCH,
    GITHUB,
    TAG,
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


def remote(name: str) -> Remote:
    host, slash, path = name.partition("/")
    return Remote(host, path) if slash and "." in host else Remote(GITHUB, name.lower())


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class InMemory:
    """`scanner.model.online.Online` over such data; `asked` counts the questions by topic and repository."""

    def __init__(self, data: Mapping[str, Any], home: str = GITHUB) -> None:
        self._data = {remote(name): about for name, about in data.items()}
        self._home = home
        self.asked: list[tuple[str, Remote]] = []
        self.prepared: list[Question] = []

    @property
    def home(self) -> str:
        return self._home

    def prepare(self, wanted: Iterable[Question]) -> None:
        self.prepared += wanted

    def _of(self, topic: str, of: Remote) -> Any:
        self.asked.append((topic, of))
        found = self._data.get(of, {}).get(topic)
        if found is None:
            return NotKnown(f"nothing is known of {of}")
        if found is False:
            return NotThere(f"there is no {of}")
        return NotKnown(found) if isinstance(found, str) else found

    def refs(self, of: Remote) -> Refs | NotKnown:
        found = self._of("refs", of)
        if isinstance(found, NotKnown):
            return found
        moved = found.get("moved")
        return Refs(
            found.get("branches", {}),
            found.get("tags", {}),
            found.get("default"),
            remote(moved) if moved is not None else None,
        )

    def commits(self, of: Remote, ids: Collection[str]) -> Mapping[str, Commit | None] | NotKnown:
        found = self._of("commits", of)
        if isinstance(found, NotKnown):
            return found
        return {id: Commit(id, _day(found[id]), ()) if id in found else None for id in ids}

    def holds(self, of: Remote, ref: str, commit: str) -> bool | NotKnown:
        refs = self.refs(of)
        if isinstance(refs, Refs) and commit in refs.tips(ref):
            return True
        found = self._of("holds", of)
        if isinstance(found, NotKnown):
            return found
        return commit in found.get(ref, found.get(ref.removeprefix(BRANCH).removeprefix(TAG), ()))

    def held(self, of: Remote, commit: str) -> bool | NotKnown | None:
        refs = self.refs(of)
        if isinstance(refs, NotKnown):
            return refs
        if commit in refs.branches.values() or commit in refs.tags.values():
            return True
        found = self._of("holds", of)
        if isinstance(found, NotKnown):
            return found
        if any(commit in held for held in found.values()):
            return True
        has = self._of("commits", of)
        return False if isinstance(has, NotKnown) or commit in has else None

    def about(self, of: Remote) -> About | NotKnown:
        found = self._of("about", of)
        if isinstance(found, NotKnown):
            return found
        name = found.get("name", of.path)
        return About(
            name,
            found.get("archived", False),
            found.get("license"),
            found.get("owner", name.partition("/")[0]),
            found.get("owner_id", 1),
            found.get("id", 1),
            _day(found.get("created", "2015-01-01")),
        )

    def account(self, of: Remote) -> Account | NotKnown:
        found = self._of("account", of)
        if isinstance(found, NotKnown):
            return found
        return Account(
            found.get("name", of.path.partition("/")[0]),
            found.get("id", 1),
            _day(found.get("created", "2010-01-01")),
        )

    def release(self, of: Remote, tag: str) -> Release | NotKnown | None:
        found = self._of("releases", of)
        if isinstance(found, NotKnown):
            return found
        return Release(tag, found[tag]) if tag in found else None

    def remarks(self) -> tuple[str, ...]:
        return ()
