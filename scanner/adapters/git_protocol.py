"""The words of git's protocol: what is sent to a server and what its answers say, as octets and values.

https://git-scm.com/docs/gitprotocol-v2, https://git-scm.com/docs/gitprotocol-pack (versions 0 and 1)
"""

import re
from collections.abc import Collection, Iterator, Mapping
from io import BytesIO
from typing import Final, NamedTuple

from dulwich.errors import GitProtocolError, HangupException
from dulwich.protocol import Protocol, pkt_line

from scanner import __version__
from scanner.model.online import BRANCH, TAG, Refs

_MOST_PACKETS: Final = 500_000
"""A packet is a branch or tag, or up to 64 KB of a pack; of 4 octets a server could send millions."""
_AGENT: Final = f"agent=snowfence/{__version__}\n".encode()
_PEELED: Final = "^{}"
_ID: Final = re.compile(r"[0-9a-f]{40}")
_NO_CONTROLS: Final = re.compile(r"[^\x00-\x20\x7f-\x9f\ud800-\udfff]+")
_NOT_OURS: Final = re.compile(rb"not our ref ([0-9a-f]{40})")
_FOR_NOW: Final = re.compile(rb"(?i)limit|too many|authenticat|try again|later")
"""What GitHub says when it holds back downloads: https://github.blog/changelog/2025-05-08-updated-rate-limits-for-unauthenticated-requests/"""


class WireError(Exception):
    """What a server says is not git's protocol, or not what was asked for."""


class RefusedError(WireError):
    """The server says that it will not answer this; `for_now`: because it was asked too much, and by somebody without a token."""

    def __init__(self, line: bytes) -> None:
        super().__init__()
        self.for_now = _FOR_NOW.search(line) is not None


class Advertisement(NamedTuple):
    """What a server says at first. In version 2 it is what it can do, before that it is its `refs`."""

    commands: Mapping[str, frozenset[str]]
    refs: Refs | None


class Missing(NamedTuple):
    """The server does not have this object."""

    id: str


def advertisement(octets: bytes) -> Advertisement:
    """The answer to `info/refs?service=git-upload-pack`. Raises WireError."""
    lines = _lines(octets)
    first = next(lines, None)
    if first is not None and first.startswith(b"# service="):
        if next(lines, b"") is not None:
            raise WireError
        first = next(lines, b"")
        if first is None:  # a repository without refs, before version 2
            return Advertisement({}, Refs({}, {}, None, None))
    if first is None:
        raise WireError
    if first.strip() == b"version 2":
        return Advertisement(_commands(lines), None)
    rest = lines if first.strip() == b"version 1" else _behind(first, lines)
    return Advertisement({}, _advertised(rest))


def ls_refs() -> bytes:
    """Asks for branches and tags, and where HEAD and annotated tags lead."""
    prefixes = (b"HEAD", BRANCH.encode(), TAG.encode())
    wanted = (b"peel\n", b"symrefs\n", *(b"ref-prefix %s\n" % prefix for prefix in prefixes))
    return _command(b"ls-refs", wanted)


def refs_of(octets: bytes) -> Refs:
    """The answer to `ls_refs`. Raises WireError."""
    branches: dict[str, str] = {}
    tags: dict[str, str] = {}
    default = None
    for line in _until_flush(_lines(octets)):
        id, _, rest = _text(line).partition(" ")
        name, *attributes = rest.split(" ")
        attribute = dict(one.partition(":")[::2] for one in attributes)
        if name == "HEAD":
            default = _branch(attribute.get("symref-target", ""))
        _add(branches, tags, name, attribute.get("peeled", id))
    return Refs(branches, tags, default, None)


def fetch(wants: Collection[str], haves: Collection[str], *, files: bool, whole: bool) -> bytes:
    """Asks for commits by their ids, with their `files` or without, with the `whole` history before them or without, and without what
    `haves` lead to."""
    return _command(
        b"fetch",
        (
            b"no-progress\n",
            *((b"deepen 1\n",) if not whole else ()),
            *((b"filter tree:0\n",) if not files else ()),
            *(b"want %s\n" % id.encode() for id in wants),
            *(b"have %s\n" % id.encode() for id in haves),
            b"done\n",
        ),
    )


def pack_of(octets: bytes) -> bytearray | Missing:
    """The answer to `fetch`. Raises WireError."""
    lines = _lines(octets)
    for line in lines:
        if line is None:
            continue
        if line.startswith(b"ERR "):
            return _refused(line)
        if line.rstrip(b"\n") == b"packfile":
            break
    else:
        raise WireError
    pack = bytearray()
    for line in _until_flush(lines):
        match line[:1]:
            case b"\x01":
                pack += line[1:]
            case b"\x03":
                return _refused(line)
            case b"\x02":
                pass
            case _:
                raise WireError
    return pack


def _refused(line: bytes) -> Missing:
    found = _NOT_OURS.search(line)
    if found is None:
        raise RefusedError(line)
    return Missing(found[1].decode())


def _command(name: bytes, arguments: Collection[bytes]) -> bytes:
    head = (b"command=%s\n" % name, _AGENT, b"object-format=sha1\n")
    return b"".join((*map(pkt_line, head), b"0001", *map(pkt_line, arguments), b"0000"))


def _lines(octets: bytes) -> Iterator[bytes | None]:
    """Packets; None for those that end something."""
    stream = BytesIO(octets)
    protocol = Protocol(stream.read, lambda _: None)
    for _ in range(_MOST_PACKETS):
        if stream.tell() >= len(octets):
            return
        try:
            yield protocol.read_pkt_line()
        except (GitProtocolError, HangupException) as error:
            raise WireError from error
    raise WireError


def _until_flush(lines: Iterator[bytes | None]) -> Iterator[bytes]:
    """The packets of a part, which has to end: what does not was cut off."""
    for line in lines:
        if line is None:
            return
        if line.startswith(b"ERR "):
            raise RefusedError(line)
        yield line
    raise WireError


def _behind(first: bytes, lines: Iterator[bytes | None]) -> Iterator[bytes | None]:
    yield first
    yield from lines


def _commands(lines: Iterator[bytes | None]) -> Mapping[str, frozenset[str]]:
    parts = (_text(line).partition("=") for line in _until_flush(lines))
    return {name: frozenset(value.split(" ")) for name, _, value in parts}


def _advertised(lines: Iterator[bytes | None]) -> Refs:
    """Versions 0 and 1: `ID NAME`, the first with what the server can do behind a NUL, a tag's commit as `NAME^{}`."""
    branches: dict[str, str] = {}
    tags: dict[str, str] = {}
    default = None
    for line in _until_flush(lines):
        reference, _, abilities = line.partition(b"\0")
        for ability in abilities.split():
            if ability.startswith(b"symref=HEAD:"):
                default = _branch(_text(ability.removeprefix(b"symref=HEAD:")))
        if reference.startswith((b"shallow ", b"ERR ")):
            continue
        id, _, name = _text(reference).partition(" ")
        _add(branches, tags, name.removesuffix(_PEELED), id)
    return Refs(branches, tags, default, None)


def _add(branches: dict[str, str], tags: dict[str, str], name: str, id: str) -> None:
    if name == "HEAD" or name == "capabilities" or not _NO_CONTROLS.fullmatch(name):
        return
    if _ID.fullmatch(id) is None:
        raise WireError
    if name.startswith(BRANCH):
        branches[name.removeprefix(BRANCH)] = id
    elif name.startswith(TAG):
        tags[name.removeprefix(TAG)] = id


def _branch(name: str) -> str | None:
    return name.removeprefix(BRANCH) if name.startswith(BRANCH) and _NO_CONTROLS.fullmatch(name) else None


def _text(line: bytes) -> str:
    """Names that are no UTF-8 keep their octets as surrogates, and are left out later."""
    return line.rstrip(b"\n").decode("utf-8", "surrogateescape")
