"""The folder of updated tables, and what sources remember (`sources.json` beside them).

A file is there as a whole or not at all, whenever a run is killed: it is written under another name, and renamed when it is on the
disk. A table is written before what its source remembers of it, so that at worst a source is asked once more. One update at a time
writes into a folder.
"""

import contextlib
import json
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

from scanner.adapters.sources.asking import MAX_MARK, parsed
from scanner.adapters.sources.reading import field, texts
from scanner.adapters.sources.source import NOTHING_SEEN, Failed, Seen, Source
from scanner.adapters.whole_file import UNFINISHED, write_whole
from scanner.model.safe_file import NOT_FOLLOWED, read_file

STATE: Final = "sources.json"

_LOCK: Final = ".lock"
_VERSION: Final = 1
_MAX_STATE: Final = 1 << 20
_MAX_MARKS: Final = 50


class Busy(Exception):
    """Another update writes into the folder."""


class Store:
    """A folder that one update writes into. It is made when it is first written into.

    Raises:
        OSError: from `locked`, `write` and `remember`, when the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps other updates out. The lock ends with the process, however that ends.

        Raises:
            Busy: another update has it.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT | NOT_FOLLOWED, 0o600)
        try:
            _lock(descriptor)
            for left in self.folder.iterdir():
                if UNFINISHED.fullmatch(left.name):  # of an update that was killed
                    # A folder stays: no name is used twice, so it is in nobody's way.
                    with contextlib.suppress(OSError):
                        left.unlink()
            yield
        finally:
            os.close(descriptor)

    def seen(self, source: str) -> Seen:
        """What a source remembers; nothing when it was never asked or the file cannot be read."""
        marks = field(self._state().get(source), "marks")
        if not isinstance(marks, dict):
            return NOTHING_SEEN
        known = {name: one for name, one in list(marks.items())[:_MAX_MARKS] if isinstance(one, str)}
        return Seen({name: one for name, one in known.items() if len(one) <= MAX_MARK})

    def remember(self, source: Source, seen: Seen, day: str) -> None:
        """Keeps what a source remembers of the tables that it writes; `day` is when it last answered."""
        kept = {"answered": day, "tables": list(source.tables), "marks": dict(seen.marks)}
        self._keep(self._state() | {source.name: kept})

    def forget(self, there: Collection[str]) -> None:
        """Lets go of what sources remember of tables that are not `there`: they must be asked for them again, whoever writes them
        in the meantime."""
        state = self._state()
        kept = {name: one for name, one in state.items() if set(texts(field(one, "tables"))) <= set(there)}
        if kept != state:
            self._keep(kept)

    def _keep(self, state: Mapping[str, object]) -> None:
        self.write(STATE, encoded({"version": _VERSION, "sources": dict(sorted(state.items()))}))

    def write(self, name: str, data: bytes) -> None:
        """Writes a file."""
        write_whole(self.folder / name, data, lasting=True)
        self._settle()

    def _settle(self) -> None:
        """Makes a renaming last, where a system can do that for folders."""
        with contextlib.suppress(OSError):
            descriptor = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _state(self) -> dict[str, object]:
        try:
            data = read_file(self.folder / STATE, _MAX_STATE, follow=False)
        except OSError:
            return {}
        value = parsed(data) if len(data) <= _MAX_STATE else None
        if isinstance(value, Failed) or field(value, "version") != _VERSION:
            return {}
        sources = field(value, "sources")
        return dict(sources) if isinstance(sources, dict) else {}


def encoded(table: Mapping[str, object]) -> bytes:
    """A table as it stands in its file."""
    return f"{json.dumps(table, ensure_ascii=False, indent=1)}\n".encode()


def _lock(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # no such locks: whoever writes last, wins, with whole files
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Busy from None
