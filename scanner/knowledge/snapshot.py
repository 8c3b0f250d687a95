"""What a run knows of the world: its tables, where each is from, how old they are, and what is to be said of that."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple

from scanner.knowledge.folder import Folder, Head
from scanner.model.counting import counted

OLD: Final = 90
"""Days after which a table that goes stale is said to be old."""

_NAMED: Final = 3
"""Old tables that are named in one remark."""


class Table(NamedTuple):
    """A table by the `name` of its file, with what it says of itself; `updated`: it lies over the one that is shipped."""

    name: str
    head: Head
    updated: bool

    def age(self, now: date) -> int:
        """In days; of a table of a later day 0."""
        return max((now - self.head.date).days, 0)

    def is_old(self, now: date) -> bool:
        """Whether what it says may no longer hold."""
        return self.head.goes_stale and self.age(now) > OLD


def tables(folder: Folder) -> tuple[Table, ...]:
    """All tables that say what they are, by name."""
    return tuple(_tables(folder, folder.names))


def remarks(folder: Folder, now: date) -> Iterator[str]:
    """What a report says of its snapshot: what lies over the shipped tables, what was left out, and which of the tables that were
    read are old."""
    laid = tuple(_tables(folder, sorted(folder.laid)))
    if laid:
        newest = max(one.head.date for one in laid)
        yield (
            f"the knowledge used has {counted(len(laid), 'table')} in place of the shipped ones, the newest of "
            f"{newest.isoformat()}; `--knowledge shipped` judges without them"
        )
    yield from folder.refused
    old = [one for one in _tables(folder, sorted(folder.used)) if one.is_old(now)]
    if old:
        old.sort(key=lambda one: (one.head.date, one.name))
        named = [f"{one.head.about} ({one.age(now)} days)" for one in old[:_NAMED]]
        if len(old) > _NAMED:
            named.append(f"{len(old) - _NAMED} more")
        yield (
            f"the knowledge used is old, so what is newer is missing: {_listed(named)}; run `snowfence knowledge update` or use "
            "a newer snowfence"
        )


def _tables(folder: Folder, names: Iterable[str]) -> Iterator[Table]:
    for name in names:
        head = folder.head(name)
        if head is not None:
            yield Table(name, head, name in folder.laid)


def _listed(words: list[str]) -> str:
    """`one`, `one and two`, `one, two and three`."""
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last
