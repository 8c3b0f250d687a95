"""A folder of tables, over which another may lie. A table is JSON or lines of text, and says in its head what it is."""

import json
import os
import stat
from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from scanner.model.quoting import quoted

SUFFIXES: Final = (".csv", ".json", ".txt")
"""Of files that are tables."""

MAX_BYTES: Final = 32 * 1024 * 1024
"""Of a table that lies over a shipped one."""

FORGIVING: Final = frozenset(("advisories.json", "compromises.json", "exploited.json", "exploit-scores.json"))
"""Tables whose readers leave out the rows that they cannot read, so that only the outermost has to be as it was."""


class Head(NamedTuple):
    """What a table says of itself: what it is `about` in a few words, where it was taken from and under which licence, on which
    day it was true, and whether it `goes_stale` because the world moves on."""

    about: str
    source: str
    licence: str
    date: date
    goes_stale: bool


class Folder:
    """The `shipped` tables, over which those of the folder `over` lie that are not older and have the shape of the shipped one;
    `always` those of any date. What is left out stands in `refused`, in words, and what was read in `used`."""

    def __init__(self, shipped: Path, over: Path | None = None, *, always: bool = False) -> None:
        self._shipped = shipped
        self._over = over
        self._always = always
        self._heads: dict[str, Head] = {}
        self._refused: list[str] = []
        self.used: set[str] = set()

    def json(self, name: str) -> Any:
        """A table in JSON."""
        over = self._laid.get(name)
        table = over.table if over is not None else json.loads(self._bytes(name))
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
            head = _shipped_head(name, self._bytes(name))
            if head is None:
                return None
            self._heads[name] = head
        return self._heads[name]

    @property
    def laid(self) -> frozenset[str]:
        """The tables that are taken from the folder above."""
        return frozenset(self._laid)

    @property
    def refused(self) -> tuple[str, ...]:
        """Why tables of the folder above are left out: one sentence each."""
        _ = self._laid
        return tuple(self._refused)

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

    @cached_property
    def _laid(self) -> dict[str, "_Laid"]:
        """The tables of the folder above that count."""
        found: dict[str, _Laid] = {}
        if self._over is None:
            return found
        for name in self.names:
            try:
                data = read_table(self._over / name)
                if data is None:
                    continue
                laid = _laid(name, data, self._bytes(name))
            except TableError as error:
                self._refused.append(
                    f"{quoted(name)} {error}, so the shipped table is used in its place; write it anew with "
                    "`snowfence knowledge update`"
                )
                continue
            shipped = _shipped_head(name, self._bytes(name))
            if self._always or shipped is None or laid.head.date >= shipped.date:
                found[name] = laid
        return found


class TableError(ValueError):
    """Why a table cannot be used, as what follows its name."""


class _Laid(NamedTuple):
    """A table that lies over a shipped one: its bytes, what it says of itself, and its content when it is JSON."""

    data: bytes
    head: Head
    table: Any


def read_table(file: Path) -> bytes | None:
    """The bytes of a table that somebody else may have written; None where there is none.

    Raises:
        TableError: it is no regular file, too large, or cannot be read.
    """
    try:
        # Neither a link nor a pipe that nobody writes to may decide what is read or how long it takes.
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if file.is_symlink():
            raise TableError("is a link, and those are not followed") from None
        raise TableError(f"cannot be read ({error.strerror})") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise TableError("is not a file")
    with os.fdopen(descriptor, "rb") as opened:
        data = opened.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise TableError(f"is larger than {MAX_BYTES // 1024 // 1024} MB")
    return data


def _laid(name: str, data: bytes, shipped: bytes) -> _Laid:
    from scanner.knowledge.shape import misfit

    base = _shipped_head(name, shipped)
    if not name.endswith(".json"):
        try:
            head = head_of_text(data.decode("utf-8"), base)
        except UnicodeDecodeError:
            raise TableError("is not UTF-8") from None
        return _Laid(data, _wanted(head), None)
    try:
        table = json.loads(data)
    except (ValueError, RecursionError):
        raise TableError("is not JSON") from None
    head = _wanted(head_of(table, base))
    wrong = misfit(table, json.loads(shipped), whole=name not in FORGIVING)
    if wrong is not None:
        raise TableError(f"has another shape than the shipped one: {wrong}")
    return _Laid(data, head, table)


def _wanted(head: Head | None) -> Head:
    if head is None:
        raise TableError("does not say its source, licence and date")
    return head


def _shipped_head(name: str, data: bytes) -> Head | None:
    return head_of(json.loads(data)) if name.endswith(".json") else head_of_text(data.decode("utf-8"))


def head_of(table: Any, base: Head | None = None) -> Head | None:
    """What a table in JSON says of itself. What it is about, the one below it (`base`) says, and that may say that it goes stale."""
    if not isinstance(table, dict):
        return None
    return _head({key: table.get(key) for key in ("about", "source", "licence", "date", "goes_stale")}, base)


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
    return _head(said, base)


def _head(said: dict[str, Any], base: Head | None) -> Head | None:
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
        )
    except ValueError:
        return None
