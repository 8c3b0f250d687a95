"""A ZIP archive of JSON records that somebody else packed: bounded in members, names, sizes and in what they unpack to. One record at a time
is in memory."""

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import repeat
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from scanner.adapters.sources.asking import parsed
from scanner.adapters.sources.source import Failed

MAX_MEMBERS: Final = 20_000
MAX_MEMBER: Final = 1 << 20
"""Octets of a record."""
MAX_TOTAL: Final = 16 << 20
"""Octets of all records."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.json")
_HEADER: Final = b"PK\x01\x02"
_ENCRYPTED: Final = 0x1


class DumpError(Exception):
    """The archive is damaged, or larger than a dump can be; its text is the end of a sentence."""


def records(data: bytes) -> Iterator[object]:
    """The records of an archive in the order of their names, after them None for each member that is none.

    Raises:
        DumpError: the archive is no answer as a whole, whatever it has given until then.
    """
    # The directory is read into memory before anything can be counted; each entry of it has this mark.
    if data.count(_HEADER) > MAX_MEMBERS:
        raise DumpError(f"the dump has more than {MAX_MEMBERS:,} members")
    try:
        with ZipFile(BytesIO(data)) as archive:
            yield from _read(archive)
    except DumpError:
        raise
    except (BadZipFile, NotImplementedError, OSError, RuntimeError, EOFError, ValueError, zlib.error):
        raise DumpError("the dump is not a ZIP archive, or it is damaged") from None
    except Exception as error:  # zipfile promises no list of what it raises for a hostile archive
        raise DumpError(f"the dump cannot be unpacked ({type(error).__name__})") from None


def _read(archive: ZipFile) -> Iterator[object]:
    members = {one.filename: one for one in archive.infolist()}
    left_out = len(archive.infolist()) - len(members)
    total = 0
    for name in sorted(members):
        member = members[name]
        if not _NAME.fullmatch(name) or member.is_dir():
            left_out += 1
            continue
        body = b"".join(_octets(archive, member))
        total += len(body)
        if total > MAX_TOTAL:
            raise DumpError(f"the dump unpacks to more than {MAX_TOTAL >> 20} MB")
        record = parsed(body)
        if isinstance(record, Failed):
            left_out += 1
        else:
            yield record
    yield from repeat(None, left_out)


def _octets(archive: ZipFile, member: ZipInfo) -> Iterator[bytes]:
    """The octets of a member, not more than a record can have whatever its header says."""
    if member.flag_bits & _ENCRYPTED or member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise BadZipFile
    taken = 0
    with archive.open(member) as opened:
        while chunk := opened.read(1 << 16):
            taken += len(chunk)
            if taken > MAX_MEMBER:
                raise DumpError(f"a record of the dump is larger than {MAX_MEMBER >> 20} MB")
            yield chunk
