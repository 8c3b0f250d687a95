"""Packs of real git, damaged ones, and ones that unpack to more than anybody has."""

import hashlib
import subprocess
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.adapters import git_pack
from scanner.adapters.git_pack import LargePackError, PackError, read_pack
from tests.git_backend import Repository

COMMIT = b"tree " + b"4" * 40 + b"\nauthor A <a@b> 1 +0000\ncommitter A <a@b> %d +0000\n\nmessage\n"


def entry(kind: int, content: bytes, size: int | None = None, base: bytes = b"") -> bytes:
    """An object as it stands in a pack; `size` is what it claims."""
    left = len(content) if size is None else size
    head = [kind << 4 | left & 15]
    left >>= 4
    while left:
        head[-1] |= 0x80
        head.append(left & 0x7F)
        left >>= 7
    return bytes(head) + base + zlib.compress(content)


def pack(*entries: bytes, count: int | None = None) -> bytes:
    body = b"PACK\0\0\0\2" + (len(entries) if count is None else count).to_bytes(4, "big") + b"".join(entries)
    return body + hashlib.sha1(body).digest()


def name(content: bytes) -> bytes:
    return hashlib.sha1(b"commit %d\0%s" % (len(content), content)).digest()


@pytest.mark.parametrize("options", [(), ("--delta-base-offset",)], ids=["by name", "by offset"])
def test_packs_of_git(tmp_path: Path, options: tuple[str, ...]) -> None:
    repository = Repository(tmp_path, "name.git")
    text = "\n".join(f"a long message, line {number}" for number in range(300))
    commits = [repository.commit(f"{text}\n{number}") for number in range(20)]
    command = [
        "git",
        "-C",
        str(repository.folder),
        "pack-objects",
        "--stdout",
        "--window=50",
        "--depth=50",
        "-q",
        *options,
    ]
    made = subprocess.run(command, input="\n".join(commits).encode() + b"\n", capture_output=True, check=True)
    assert len(made.stdout) < 20 * 1000, "there are deltas in it"
    read = read_pack(made.stdout)
    assert sorted(read.commits) == sorted(commits)
    assert read.objects == 20


def test_a_base_may_come_later() -> None:
    base, made = COMMIT % 7, COMMIT % 8
    at = base.index(b"7 +0000\n\n")
    copies = (bytes((0b10010001, start, length)) for start, length in ((0, at), (at + 1, len(base) - at - 1)))
    delta = bytes((len(base), len(made))) + b"\x018".join(copies)
    read = read_pack(pack(entry(7, delta, base=name(base)), entry(1, base)))
    assert set(read.commits) == {name(base).hex(), name(made).hex()}


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"PACK",
        b"PACK\0\0\0\4\0\0\0\0",
        pack(entry(1, COMMIT % 1), count=2)[:-20],
        pack(entry(1, COMMIT % 1, size=3)),
        pack(entry(1, COMMIT % 1, size=300)),
        pack(entry(3, b"", size=1 << 40)),
        pack(entry(3, b"\0" * (40 << 20)), entry(3, b"\0" * (40 << 20))),
        pack(b"\x90" + b"\xff" * 30),
        pack(entry(1, COMMIT % 1)[:-3]),
        pack(
            entry(1, COMMIT % 1), entry(7, b"\xff\xff\xff\xff\x7f\xff\xff\xff\xff\x7f", base=name(COMMIT % 1))
        ),
        pack(entry(1, COMMIT % 1), entry(7, b"\x05\x05\x01a", base=name(COMMIT % 1))),
        pack(entry(1, COMMIT % 1), entry(7, b"", base=name(COMMIT % 1))),
    ],
)
def test_what_is_no_pack(octets: bytes) -> None:
    with pytest.raises(PackError):
        read_pack(octets)


def test_a_pack_of_more_objects_than_a_history_has_is_not_begun() -> None:
    with pytest.raises(LargePackError):
        read_pack(pack(count=300_001))
    with pytest.raises(LargePackError):
        read_pack(pack(entry(3, b"\0" * (65 << 20))))


def test_the_work_is_linear_in_the_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is given to zlib behind the end of an object is copied, so it is the work."""
    given_to_zlib = 0

    class Counting:
        def __init__(self) -> None:
            self._real: Any = zlib.decompressobj()

        def decompress(self, octets: Any, most: int) -> bytes:
            nonlocal given_to_zlib
            given_to_zlib += len(octets)
            unpacked: bytes = self._real.decompress(octets, most)
            return unpacked

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

    monkeypatch.setattr(git_pack, "zlib", SimpleNamespace(decompressobj=Counting, error=zlib.error))
    # nothing in many blocks: larger than it claims to be
    nothing = b"\x30\x78\x01" + b"\0\0\0\xff\xff" * 14 + b"\1\0\0\xff\xff\0\0\0\1"
    for one in (entry(3, b""), nothing, entry(1, COMMIT % 1), entry(3, b"a" * 5_000)):
        given_to_zlib = 0
        octets = pack(*[one] * 5_000)
        assert read_pack(octets).objects == 5_000
        unpacked = 5_000 * len(zlib.decompress(one[one.index(b"\x78") :]))
        assert given_to_zlib < 10 * len(octets) + 2 * unpacked


def test_what_is_no_commit_is_left_out() -> None:
    contents = (
        b"",
        b"committer",
        b"tree x\ncommitter A <a@b> x +0000\n\n",
        b"tree x\nparent x\ncommitter A <a@b> 1 +0000\n\n",
        b"committer A <a@b> " + b"9" * 30 + b" +0000\n\n",
        b"tree x\n\ncommitter A <a@b> 1 +0000\n\n",
        b"tree \xff\ncommitter \xc2\xb2> \xc2\xb2 +0000\n\n",
    )
    read = read_pack(
        pack(*(entry(1, content) for content in contents), entry(3, b"text"), entry(7, b"x", base=b"0" * 20))
    )
    assert read.commits == {}
    assert read.objects == len(contents) + 2


def test_tags_that_lead_in_circles() -> None:
    read = read_pack(pack(entry(4, b"object " + b"1" * 40 + b"\ntype commit\n")))
    (tag,) = read.tags
    assert read.commit(tag) is None
    assert read._replace(tags={"a": "b", "b": "a"}).commit("a") is None


@given(octets=st.binary(), deltas=st.lists(st.binary(max_size=30), max_size=3), kind=st.integers(0, 7))
def test_nothing_else_is_raised(octets: bytes, deltas: list[bytes], kind: int) -> None:
    base = COMMIT % 1
    parts = (entry(1, base), *(entry(7, bytes((len(base),)) + delta, base=name(base)) for delta in deltas))
    for hostile in (
        octets,
        pack(*parts),
        pack(*parts, entry(kind, octets)),
        pack(octets),
        pack(entry(1, octets)),
    ):
        try:
            read_pack(hostile)
        except PackError:
            continue
