"""Tables of another folder that lie over the shipped ones: which of them count, and why others do not.

Somebody else may have written them. What does not count is said, and never ends a run.
"""

import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

from scanner.knowledge.folder import RENEWED, Folder, Head, Laid, Overlay, head_below, head_of, head_of_text
from scanner.knowledge.readers import READERS
from scanner.knowledge.shape import misfit
from scanner.model.counting import counted
from scanner.model.quoting import quoted
from scanner.model.safe_file import MAX_TABLE, IsLink, NotRegular, is_own, opened

FORGIVING: Final = frozenset(("advisories.json", "compromises.json", "exploited.json", "exploit-scores.json"))
"""Tables whose readers leave out the rows that they cannot read, so that only the outermost has to be as it was."""

_MAX_WORDS: Final = 2000
"""Characters of a text that a table says of itself."""
_MAX_NOTES: Final = 50
_NAMED: Final = 3
"""Tables that are named in one remark."""


class TableError(ValueError):
    """Why a table cannot be used, as what follows its name."""


def overlay(shipped: Path, over: Path, *, always: bool, own: bool, today: date | None) -> Overlay:
    """The tables of the folder `over` that take the place of `shipped` ones: those that are not older, `always` those of any date, but none
    of a day after tomorrow. An `own` folder is the one that updates are kept in: it has to be this user's alone, and other tables are not
    looked for in it."""
    if own and is_foreign(over):
        return Overlay(
            {},
            (
                "the folder of updated tables belongs to somebody else or others may write to it, so none of them is used; "
                "`snowfence knowledge` shows where it is: remove it, then run `snowfence knowledge update`",
            ),
        )
    found: dict[str, Laid] = {}
    refused: list[str] = []
    fixed: list[str] = []
    for name in sorted(file.name for file in shipped.iterdir()):
        try:
            data = read_table(over / name, own=own)
            if data is None:
                continue
            below = (shipped / name).read_bytes()
            if name not in (RENEWED if own else READERS):
                if data != below:
                    fixed.append(name)
                continue
            laid = Laid(data, _head(name, data, below, today), data != below)
            if laid.other:
                _try(Folder(shipped, laid={name: laid}), name)
        except TableError as error:
            how = (
                "write it anew with `snowfence knowledge update`"
                if name in RENEWED
                else "repair or remove it"
            )
            refused.append(f"{quoted(name)} {error}, so the shipped table is used in its place; {how}")
            continue
        before = head_below(name, below)
        if always or before is None or laid.head.date >= before.date:
            found[name] = laid
    return Overlay(found, (*refused, *_fixed(fixed, own)))


def is_foreign(folder: Path) -> bool:
    """Whether a folder is somebody else's, or others may write into it; never where there is none, or a system has no owners."""
    try:
        return is_own(folder.lstat()) is False
    except OSError:
        return False


def _fixed(names: list[str], own: bool) -> Iterator[str]:
    """What is said of tables that are not replaced."""
    if not names:
        return
    words = ", ".join(map(quoted, names[:_NAMED]))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    where = "the folder of updated tables" if own else "the folder of `--knowledge`"
    why = "no update writes such" if own else "such belong to the version of snowfence"
    be = "is" if len(names) == 1 else "are"
    yield f"{counted(len(names), 'table')} in {where} {be} not used, because {why}: {words}{more}"


def read_table(file: Path, *, own: bool = False) -> bytes | None:
    """The bytes of a table that somebody else may have written; None where there is none. An `own` one must not be.

    Raises:
        TableError: it is no regular file, too large, not this user's alone, or cannot be read.
    """
    try:
        with opened(file, follow=False) as stream:
            if own and is_own(os.fstat(stream.fileno())) is False:
                raise TableError("belongs to somebody else or others may write to it")
            data = stream.read(MAX_TABLE + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except IsLink:
        raise TableError("is a link, and those are not followed") from None
    except NotRegular:
        raise TableError("is not a file") from None
    except OSError as error:
        raise TableError(f"cannot be read ({error.strerror})") from None
    if len(data) > MAX_TABLE:
        raise TableError(f"is larger than {MAX_TABLE >> 20} MB")
    return data


def _head(name: str, data: bytes, below: bytes, today: date | None) -> Head:
    """What a table says of itself, when it has the shape of the one below it."""
    base = head_below(name, below)
    if name.endswith(".json"):
        try:
            table = json.loads(data)
        except (ValueError, RecursionError):
            raise TableError("is not JSON") from None
        head = _bounded(head_of(table, base), today)
        _check_notes(table)
        wrong = misfit(table, json.loads(below), whole=name not in FORGIVING)
        if wrong is not None:
            raise TableError(f"has another shape than the shipped one: {wrong}")
        return head
    try:
        return _bounded(head_of_text(data.decode("utf-8"), base), today)
    except UnicodeDecodeError:
        raise TableError("is not UTF-8") from None


def _bounded(head: Head | None, today: date | None) -> Head:
    if head is None:
        raise TableError("does not say its source, licence and date")
    if max(len(head.source), len(head.licence)) > _MAX_WORDS:
        raise TableError("says its source or licence in more words than anybody reads")
    # A day of grace: it is tomorrow somewhere.
    if today is not None and (head.date - today).days > 1:
        raise TableError(f"is of {head.date}, which is after the day of this run ({today})")
    return head


def _check_notes(table: Any) -> None:
    notes = table.get("notes", [])
    if not (
        isinstance(notes, list)
        and len(notes) <= _MAX_NOTES
        and all(isinstance(one, str) and len(one) <= _MAX_WORDS for one in notes)
    ):
        raise TableError(
            f"has `notes` that are not up to {_MAX_NOTES} texts of up to {_MAX_WORDS:,} characters"
        )


def _try(folder: Folder, name: str) -> None:
    """Asks for all that a table says, as a scan would. This is the one place where a table that cannot be read shows."""
    try:
        READERS[name](folder)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise TableError(f"says what cannot be understood ({type(error).__name__})") from None
