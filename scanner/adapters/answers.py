"""Answers of servers, kept on disk between runs: one small file each, trusted only when it is ours.

A file's name is a keyed digest of the question and of the token that it was asked with, so that what one token may see, a run with another
one or with none does not find. No token and no digest of one alone is on disk. A file that is broken, a link, or somebody else's is no answer.
"""

import json
import os
import re
import secrets
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import pbkdf2_hmac, sha256
from hmac import digest
from pathlib import Path
from typing import Final, NamedTuple

from scanner.adapters.validators import may_go_back
from scanner.adapters.whole_file import UNFINISHED, write_whole
from scanner.model.safe_file import NOT_FOLLOWED, is_own, opened

MAX_BYTES: Final = 4 << 20
"""Of an answer; a larger one is not kept."""
MAX_FILES: Final = 4_000
MAX_TOTAL: Final = 64 << 20
MAX_AGE: Final = timedelta(days=30)
"""After this a file is removed, whatever it holds."""

_ROUNDS: Final = 100_000
_KEY: Final = "key"
_NAME: Final = re.compile(r"[0-9a-f]{64}\.json")
_FOLDER: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | NOT_FOLLOWED


class Question(NamedTuple):
    """What was asked: its kind, the host, and what is asked there, in plain text. `token` is that of the asking, empty without one."""

    kind: str
    host: str
    about: str
    token: str = ""

    def __repr__(self) -> str:
        return f"Question({self.kind!r}, {self.host!r}, {self.about!r})"


class Kept(NamedTuple):
    """An answer as it was kept: JSON `value`, when it was given, and the validator to ask with whether it still holds (RFC 9110, 8.8.3)."""

    value: object
    at: datetime
    etag: str


class Answers:
    """The answers in a folder. Never raises: where nothing can be read there is no answer, and where nothing can be written nothing is kept.
    Safe to be used by several threads and by several runs. With `refresh`, what earlier runs kept is not looked at."""

    def __init__(self, folder: Path, now: Callable[[], datetime], *, refresh: bool = False) -> None:
        self._now = now
        self._refresh = refresh
        self._keyed: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self._folder: int | None = None
        self._key = b""
        with suppress(OSError):
            self._folder = _own_folder(folder)
        if self._folder is not None:
            self._key = self._own_key()
            self._prune()

    def get(self, question: Question) -> Kept | None:
        """What was kept for a question, however old it is."""
        if self._folder is None or self._refresh:
            return None
        try:
            found = json.loads(self._read(self._name(question), MAX_BYTES))
            if found["question"] != list(question[:3]):
                return None
            at, etag = datetime.fromisoformat(found["at"]), found["etag"]
            if (
                at.tzinfo is None
                or not MAX_AGE >= self._now() - at >= timedelta(0)
                or not isinstance(etag, str)
            ):
                return None
            return Kept(found["value"], at, etag if may_go_back(etag) else "")
        except (OSError, ValueError, TypeError, KeyError, RecursionError, OverflowError):
            return None

    def fresh(self, kept: Kept, lifetime: timedelta) -> bool:
        """Whether an answer is young enough to be given without asking."""
        return self._now() - kept.at < lifetime

    def keep(self, question: Question, value: object, etag: str = "") -> None:
        """Keeps an answer from now on; as a whole or not at all."""
        if self._folder is None:
            return
        at = self._now().astimezone(UTC).isoformat()
        entry = {
            "question": list(question[:3]),
            "at": at,
            "etag": etag if may_go_back(etag) else "",
            "value": value,
        }
        data = json.dumps(entry, ensure_ascii=True, separators=(",", ":")).encode()
        if len(data) <= MAX_BYTES:
            with suppress(OSError):
                self._write(self._name(question), data)

    # ------------------------------------------------------------ names

    def _name(self, question: Question) -> str:
        key = self._key_of(question.token)
        return f"{digest(key, json.dumps(list(question[:3])).encode(), sha256).hex()}.json"

    def _key_of(self, token: str) -> bytes:
        """The key of a token. It is slow to work out on purpose: from names of files nobody shall try tokens."""
        with self._lock:
            if token not in self._keyed:
                rounds = _ROUNDS if token else 1
                self._keyed[token] = pbkdf2_hmac("sha256", token.encode(), self._key, rounds)
            return self._keyed[token]

    def _own_key(self) -> bytes:
        """The random key of this folder, made when there is none that can be used."""
        for _ in range(2):
            with suppress(OSError):
                key = self._read(_KEY, 32)
                if len(key) == 32:
                    return key
            with suppress(OSError):
                self._write(_KEY, secrets.token_bytes(32))
        self._folder = None
        return b""

    # ------------------------------------------------------------ files

    def _read(self, name: str, limit: int) -> bytes:
        """The content of a file that is ours alone to write. Raises OSError for any other."""
        with opened(name, follow=False, folder=self._folder) as file:
            _check(os.fstat(file.fileno()), stat.S_IFREG)
            data = file.read(limit + 1)
        if len(data) > limit:
            raise OSError("too large")
        return data

    def _write(self, name: str, data: bytes) -> None:
        write_whole(Path(name), data, folder=self._folder)

    def _prune(self) -> None:
        """Removes what is too old, then the oldest of what is too much. Other files in the folder are let alone."""
        oldest = (self._now() - MAX_AGE).timestamp()
        kept: list[tuple[float, int, str]] = []
        half_an_hour_ago = self._now().timestamp() - 1800
        for name, status in self._listed():
            if UNFINISHED.fullmatch(name):
                self._removed(name, status.st_mtime < half_an_hour_ago)
            elif _NAME.fullmatch(name) and not self._removed(name, status.st_mtime < oldest):
                kept.append((status.st_mtime, status.st_size, name))
        kept.sort(reverse=True)
        total = 0
        for number, (_, size, name) in enumerate(kept):
            total += size
            self._removed(name, number >= MAX_FILES or total > MAX_TOTAL)

    def _listed(self) -> Iterator[tuple[str, os.stat_result]]:
        with suppress(OSError):
            for name in os.listdir(self._folder):  # noqa: PTH208 - a descriptor is no path
                with suppress(OSError):
                    yield name, os.stat(name, dir_fd=self._folder, follow_symlinks=False)

    def _removed(self, name: str, remove: bool) -> bool:
        if remove:
            with suppress(OSError):
                os.unlink(name, dir_fd=self._folder)
        return remove


def _own_folder(folder: Path) -> int:
    """The folder, made when it is not there. Raises OSError unless it is ours alone to write to, and where a system does not open folders."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    descriptor = os.open(folder, _FOLDER)
    try:
        _check(os.fstat(descriptor), stat.S_IFDIR)
        os.chmod(descriptor, 0o700)  # noqa: PTH101 - a descriptor is no path
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _check(status: os.stat_result, kind: int) -> None:
    # Where a system has no owners, nobody can tell whose a file is.
    if stat.S_IFMT(status.st_mode) != kind or not is_own(status):
        raise OSError("not ours alone")
