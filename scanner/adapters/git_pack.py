"""The commits in a pack that a server sends: nothing else of it is kept, and no more is unpacked than a bound allows.

https://git-scm.com/docs/gitformat-pack. The readers of dulwich unpack whatever size an object claims to have, so only its deltas are used.
"""

import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha1
from typing import Final, NamedTuple

from scanner.model.commit import is_commit
from scanner.model.online import Commit

_COMMIT: Final = 1
_TAG: Final = 4
_OFFSET_DELTA: Final = 6
_REFERENCE_DELTA: Final = 7
_NAMES: Final = {_COMMIT: "commit", _TAG: "tag"}
_MOST_OBJECTS: Final = 300_000
"""The whole history of a large project has some 100,000 commits; more than this is not gone through."""
_MOST_UNPACKED: Final = 64 << 20
"""Octets of all objects together."""
_MOST_KEPT: Final = 1 << 20
"""Octets of one object that is looked at: a commit is some hundreds."""
_CHUNK: Final = 1 << 16
_LEAST_CHUNK: Final = 64


class PackError(Exception):
    """What was sent is no pack, or one that is larger than what is read."""


class LargePackError(PackError):
    """A pack that is larger than what is read."""


class Pack(NamedTuple):
    """Commits by their ids, and the ids of tags (objects) with what each leads to; `objects` is the number of all."""

    objects: int
    commits: Mapping[str, Commit]
    tags: Mapping[str, str]

    def commit(self, id: str) -> Commit | None:
        """The commit of this id, or to which the tag of this id leads at last."""
        for _ in range(len(self.tags) + 1):
            if id in self.commits:
                return self.commits[id]
            id = self.tags.get(id, "")
        return None


class _Delta(NamedTuple):
    base: int | bytes
    at: int
    content: bytes


def read_pack(octets: bytes | bytearray) -> Pack:
    """Raises PackError. What is damaged is found out: the names of objects are worked out from their content. Linear in the pack and what it
    unpacks to."""
    reader = _Reader(octets)
    objects: dict[int, tuple[int, bytes]] = {}
    deltas: list[_Delta] = []
    for _ in range(reader.count):
        at = reader.at
        kind, size = reader.header()
        base = reader.base(kind, at)
        content = reader.content(size, kept=kind in _NAMES or base is not None)
        if base is not None and content is not None:
            deltas.append(_Delta(base, at, content))
        elif kind in _NAMES and content is not None:
            objects[at] = (kind, content)
    _resolve(objects, deltas)
    commits: dict[str, Commit] = {}
    tags: dict[str, str] = {}
    while objects:  # each goes when its commit comes
        _, (kind, content) = objects.popitem()
        id = _id(kind, content)
        if kind == _COMMIT:
            commit = _commit(id, content)
            if commit is not None:
                commits[id] = commit
        elif (target := _target(content)) is not None:
            tags[id] = target
    return Pack(reader.count, commits, tags)


class _Reader:
    """Walks a pack. `count` is the number of objects that it claims to have."""

    def __init__(self, octets: bytes | bytearray) -> None:
        if len(octets) < 12 or octets[:4] != b"PACK" or octets[4:8] not in (b"\0\0\0\2", b"\0\0\0\3"):
            raise PackError
        self._octets = memoryview(octets)
        self._left = _MOST_UNPACKED
        self.at = 12
        self.count = int.from_bytes(octets[8:12], "big")
        if self.count > _MOST_OBJECTS:
            raise LargePackError

    def _octet(self) -> int:
        if self.at >= len(self._octets):
            raise PackError
        self.at += 1
        return self._octets[self.at - 1]

    def header(self) -> tuple[int, int]:
        """The kind of an object and its size."""
        octet = self._octet()
        kind, size, shift = octet >> 4 & 7, octet & 15, 4
        while octet & 0x80:
            octet = self._octet()
            size |= (octet & 0x7F) << shift
            shift += 7
            if shift > 64:
                raise PackError
        return kind, size

    def base(self, kind: int, at: int) -> int | bytes | None:
        """What an object is a delta of: the place of another or its name; None when it is whole."""
        if kind == _REFERENCE_DELTA:
            name = bytes(self._octets[self.at : self.at + 20])
            self.at += 20
            return name
        if kind != _OFFSET_DELTA:
            return None
        octet = self._octet()
        back = octet & 0x7F
        while octet & 0x80:
            octet = self._octet()
            back = (back + 1) << 7 | octet & 0x7F
            if back > len(self._octets):
                raise PackError
        return at - back

    def content(self, size: int, kept: bool) -> bytes | None:
        """The octets of an object, None when they are not `kept` or too many for that."""
        self._left -= size
        if self._left < 0:
            raise LargePackError
        kept = kept and size <= _MOST_KEPT
        unpack = zlib.decompressobj()
        parts: list[bytes] = []
        found = 0
        # What is given behind the end of an object is copied to `unused_data`: so it is never much more than what the object takes.
        chunk = min(size + _LEAST_CHUNK, _CHUNK)
        packed: bytes | memoryview
        try:
            while not unpack.eof:
                packed = unpack.unconsumed_tail
                if not packed:
                    packed = self._octets[self.at : self.at + chunk]
                    self.at += len(packed)
                    chunk = min(2 * chunk, _CHUNK)
                part = unpack.decompress(packed, _CHUNK)
                found += len(part)
                if found > size or not packed:
                    raise PackError
                if kept:
                    parts.append(part)
        except zlib.error as error:
            raise PackError from error
        if found != size:
            raise PackError
        self.at -= len(unpack.unused_data)
        return b"".join(parts) if kept else None


def _resolve(objects: dict[int, tuple[int, bytes]], deltas: list[_Delta]) -> None:
    """Adds what deltas make of commits and tags. Those of trees and files have no base here, and fall away."""
    if not deltas or not objects:
        return
    by_base: dict[int | bytes, list[_Delta]] = {}
    for delta in deltas:
        by_base.setdefault(delta.base, []).append(delta)
    left = _MOST_UNPACKED
    waiting = list(objects)
    while waiting:
        at = waiting.pop()
        kind, content = objects[at]
        for delta in (*by_base.pop(at, ()), *by_base.pop(bytes.fromhex(_id(kind, content)), ())):
            made = _applied(content, delta.content)
            left -= len(made)
            if left < 0:
                raise PackError
            objects[delta.at] = (kind, made)
            waiting.append(delta.at)


def _applied(base: bytes, delta: bytes) -> bytes:
    from dulwich.errors import ApplyDeltaError
    from dulwich.pack import apply_delta

    if _size_of_result(delta) > _MOST_KEPT:
        raise PackError
    try:
        return b"".join(apply_delta(base, delta))
    except (ApplyDeltaError, ValueError, IndexError) as error:
        raise PackError from error


def _size_of_result(delta: bytes) -> int:
    """The second of the two numbers at the head of a delta."""
    size = shift = numbers = 0
    for octet in delta[:20]:
        size |= (octet & 0x7F) << shift
        shift += 7
        if not octet & 0x80:
            numbers += 1
            if numbers == 2:
                return size
            size = shift = 0
    raise PackError


def _id(kind: int, content: bytes) -> str:
    return sha1(
        b"%s %d\0%s" % (_NAMES[kind].encode(), len(content), content), usedforsecurity=False
    ).hexdigest()


def _commit(id: str, content: bytes) -> Commit | None:
    """Lines until an empty one: `tree`, any number of `parent`, `author`, `committer NAME <MAIL> SECONDS ZONE`. None for what is not so."""
    parents: list[str] = []
    for line in content.partition(b"\n\n")[0].split(b"\n"):
        name, _, value = line.partition(b" ")
        if name == b"parent":
            parents.append(value.decode("ascii", "replace"))
        elif name == b"committer":
            seconds = value.rpartition(b"> ")[2].partition(b" ")[0]
            if not seconds.isdigit() or len(seconds) > 11 or not all(map(is_commit, parents)):
                return None
            return Commit(id, datetime.fromtimestamp(int(seconds), UTC), tuple(parents))
    return None


def _target(content: bytes) -> str | None:
    name, _, value = content.partition(b"\n")[0].partition(b" ")
    return value.decode("ascii", "replace") if name == b"object" else None
