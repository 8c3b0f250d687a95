"""What a run knows of the world: its tables, where each is from, how old they are, and what is to be said of that."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple

from scanner.knowledge.folder import RENEWED, Folder, Head
from scanner.model.counting import counted

_NAMED: Final = 3
"""Old tables that are named in one remark."""


class Table(NamedTuple):
    """A table by the `name` of its file, with what it says of itself; `updated`: another one lies in the place of the shipped one."""

    name: str
    head: Head
    updated: bool

    def age(self, now: date) -> int:
        """In days; negative for a table of a later day."""
        return (now - self.head.date).days

    def is_old(self, now: date) -> bool:
        """Whether what it says may no longer hold, or it is still to be filled: where an update has found nothing, that is an answer."""
        return self.head.goes_stale and (self.age(now) > self.head.old_after or self.is_unfilled)

    @property
    def is_unfilled(self) -> bool:
        """Whether it is shipped without a row, so that only an update makes something of it; its date says nothing then."""
        return self.head.empty and not self.updated


def tables(folder: Folder) -> tuple[Table, ...]:
    """All tables that say what they are, by name."""
    return tuple(_tables(folder, folder.names))


def remarks(folder: Folder, now: date) -> Iterator[str]:
    """What a report says of its snapshot: what lies over the shipped tables, what was left out, and which of the tables that were
    read are old."""
    laid = tuple(_tables(folder, sorted(folder.replaced)))
    if laid:
        newest = max(one.head.date for one in laid)
        yield (
            f"the knowledge used has {counted(len(laid), 'table')} in place of the shipped ones, the newest of "
            f"{newest.isoformat()}; `--knowledge shipped` judges without them"
        )
    yield from folder.refused
    old = [one for one in _tables(folder, sorted(folder.used)) if one.is_old(now)]
    if old:
        old.sort(key=lambda one: (not one.is_unfilled, one.head.date, one.name))
        named = [
            f"{one.head.about} ({'nothing yet' if one.is_unfilled else f'{one.age(now)} days'})"
            for one in old[:_NAMED]
        ]
        if len(old) > _NAMED:
            named.append(f"{len(old) - _NAMED} more")
        yield f"the knowledge used is old, so what is newer is missing: {_listed(named)}; {advice(old)}"


def advice(old: Iterable[Table]) -> str:
    """What to do about old tables."""
    renewed = {one.name in RENEWED for one in old}
    if renewed == {True}:
        return "run `snowfence knowledge update` or use a newer snowfence"
    if renewed == {False}:
        return "use a newer snowfence"
    return "`snowfence knowledge update` renews some of it, a newer snowfence the rest"


def _tables(folder: Folder, names: Iterable[str]) -> Iterator[Table]:
    replaced = folder.replaced
    for name in names:
        head = folder.head(name)
        if head is not None:
            yield Table(name, head, name in replaced)


def _listed(words: list[str]) -> str:
    """`one`, `one and two`, `one, two and three`."""
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last
