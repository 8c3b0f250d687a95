"""A folder of tables, over which another may lie. A table is JSON or lines of text, and says in its head what it is."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

SUFFIXES: Final = (".csv", ".json", ".txt")
"""Of files that are tables."""

OLD: Final = 90
"""Days after which a table that goes stale is old, unless it says another number."""

RENEWED: Final = frozenset(
    ("advisories.json", "exploit-scores.json", "exploited.json", "flake-registry.json", "nixos-releases.json")
)
"""Tables that `snowfence knowledge update` brings up to date; the others come with snowfence."""

_HEAD: Final = frozenset(("about", "source", "licence", "date", "goes_stale", "old_after", "note", "notes"))
"""Keys of a table in JSON that are no rows."""


class Head(NamedTuple):
    """What a table says of itself: what it is `about` in a few words, where it was taken from and under which licence, on which
    day it was true, and whether it `goes_stale` because the world moves on: it is old when it has more days than
    `old_after`. `empty`: it has a head and nothing else."""

    about: str
    source: str
    licence: str
    date: date
    goes_stale: bool
    old_after: int
    empty: bool


class Folder:
    """The `shipped` tables, over which those of the folder `over` lie that can be used (see `scanner.knowledge.overlay`), or else the given
    `laid` ones. What is left out stands in `refused`, in words, and what was read in `used`."""

    def __init__(
        self,
        shipped: Path,
        over: Path | None = None,
        *,
        always: bool = False,
        own: bool = False,
        today: date | None = None,
        laid: Mapping[str, "Laid"] | None = None,
    ) -> None:
        self._shipped = shipped
        self._over = over
        self._always = always
        self._own = own
        self._today = today
        self._laid_here = laid or {}
        self._heads: dict[str, Head] = {}
        self.used: set[str] = set()

    def json(self, name: str) -> Any:
        """A table in JSON."""
        over = self._laid.get(name)
        table = json.loads(self._bytes(name) if over is None else over.data)
        self._use(name, over.head if over is not None else head_of(table))
        return table

    def text(self, name: str) -> str:
        """A table as text, with its head."""
        over = self._laid.get(name)
        text = self._bytes(name).decode("utf-8") if over is None else over.data.decode("utf-8")
        self._use(name, over.head if over is not None else head_of_text(text))
        return text

    def lines(self, name: str) -> list[str]:
        """The lines of a list, without its comments."""
        return [line for line in self.text(name).splitlines() if line and not line.startswith("#")]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of all tables."""
        return tuple(sorted(file.name for file in self._shipped.iterdir() if file.suffix in SUFFIXES))

    def head(self, name: str) -> Head | None:
        """What a table says of itself, None where it says nothing that can be understood. Does not count as a use."""
        if name in self._laid:
            return self._laid[name].head
        if name not in self._heads:
            head = head_below(name, self._bytes(name))
            if head is None:
                return None
            self._heads[name] = head
        return self._heads[name]

    @property
    def laid(self) -> frozenset[str]:
        """The tables that are taken from the folder above."""
        return frozenset(self._laid)

    @property
    def replaced(self) -> frozenset[str]:
        """The tables that are taken from the folder above, and are other ones than those that are shipped."""
        return frozenset(name for name, one in self._laid.items() if one.other)

    @property
    def refused(self) -> tuple[str, ...]:
        """Why tables of the folder above are left out: one sentence each."""
        return self._overlay.refused

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over the names and bytes of all tables that count."""
        total = sha256()
        for name in self.names:
            over = self._laid.get(name)
            total.update(f"{name}\0".encode())
            total.update(sha256(self._bytes(name) if over is None else over.data).digest())
        return total.hexdigest()

    def _bytes(self, name: str) -> bytes:
        return (self._shipped / name).read_bytes()

    def _use(self, name: str, head: Head | None) -> None:
        self.used.add(name)
        if head is not None:
            self._heads[name] = head

    @property
    def _laid(self) -> Mapping[str, "Laid"]:
        """The tables of the folder above that count."""
        return self._overlay.tables

    @cached_property
    def _overlay(self) -> "Overlay":
        try:
            there = self._over is not None and self._over.is_dir()
        except OSError:  # below the home of another user: nothing can be known of it
            there = False
        if self._over is None or not there:
            return Overlay(self._laid_here, ())
        from scanner.knowledge.overlay import overlay  # few runs have a folder above

        return overlay(self._shipped, self._over, always=self._always, own=self._own, today=self._today)


class Laid(NamedTuple):
    """A table that lies over a shipped one: its bytes, and what it says of itself. `other`: its bytes are not those of the shipped
    one."""

    data: bytes
    head: Head
    other: bool


class Overlay(NamedTuple):
    """The tables that lie over shipped ones, by name, and why others do not count: one sentence each."""

    tables: Mapping[str, Laid]
    refused: tuple[str, ...]


def head_below(name: str, data: bytes) -> Head | None:
    """What a shipped table says of itself."""
    return head_of(json.loads(data)) if name.endswith(".json") else head_of_text(data.decode("utf-8"))


def head_of(table: Any, base: Head | None = None) -> Head | None:
    """What a table in JSON says of itself. What it is about and when it
    is old, the one below it (`base`) says, and that may say that it goes stale."""
    if not isinstance(table, dict):
        return None
    return _head(table, not any(value for key, value in table.items() if key not in _HEAD), base)


def head_of_text(text: str, base: Head | None = None) -> Head | None:
    """What a list says of itself, in comments of the form `# key: value` at its beginning, and `# goes stale`."""
    said: dict[str, Any] = {}
    start = 0
    while text.startswith("#", start):
        end = text.find("\n", start)
        line = text[start + 1 : end if end >= 0 else len(text)].strip()
        start = end + 1 if end >= 0 else len(text)
        key, colon, value = line.partition(":")
        if line == "goes stale":
            said["goes_stale"] = True
        elif colon and key not in said:
            said[key] = value.strip()
    return _head(said, not text[start:].strip(), base)


def _head(said: dict[str, Any], empty: bool, base: Head | None) -> Head | None:
    source, licence, day = said.get("source"), said.get("licence"), said.get("date")
    if not (isinstance(source, str) and isinstance(licence, str) and isinstance(day, str)):
        return None
    about = said.get("about")
    try:
        return Head(
            base.about if base is not None else about if isinstance(about, str) else "",
            source,
            licence,
            date.fromisoformat(day),
            said.get("goes_stale") is True or (base is not None and base.goes_stale),
            base.old_after if base is not None else said.get("old_after", OLD),
            empty,
        )
    except ValueError:
        return None
