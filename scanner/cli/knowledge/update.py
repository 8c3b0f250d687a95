"""Ask the sources of what changes with the world for newer tables, and keep them for later scans. A source that fails leaves its table
as it is. Exits with 0 when all sources have answered, and with 1 when some have not."""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from scanner.adapters.forges import forges_of
from scanner.adapters.loopback import is_loopback
from scanner.adapters.sources.every import SOURCES
from scanner.adapters.sources.source import Failed, Fetched, Source
from scanner.adapters.sources.store import Busy, Store
from scanner.adapters.sources.update import Before, Updated, update
from scanner.cli.common import SHOWN
from scanner.cli.progress import add_progress, progress_of
from scanner.cli.terminal import emit, warn
from scanner.cli.world import knowledge_folder
from scanner.knowledge.folder import Folder
from scanner.knowledge.overlay import is_foreign
from scanner.knowledge.tables import DATA
from scanner.model.counting import counted
from scanner.model.errors import UsageError
from scanner.model.nearest import nearest
from scanner.model.ports import Progress
from scanner.model.quoting import quoted
from scanner.report.escape import bounded

_NAMED: Final = 5
"""New rows that are named."""


def configure(parser: ArgumentParser) -> None:
    names = [source.name for source in SOURCES]
    parser.add_argument(
        "--to",
        metavar="DIR",
        help="write the tables into this folder instead of the user's cache; `--knowledge DIR` reads them there",
    )
    parser.add_argument(
        "--source",
        action="append",
        default=[],
        choices=names,
        metavar="NAME",
        help="ask this source only; may be given several times",
    )
    parser.add_argument(
        "--url",
        action="append",
        default=[],
        metavar="NAME=URL",
        help="ask a source at this address (https, or http on this machine), which serves the same as its own; may be given several "
        "times",
    )
    add_progress(parser)
    parser.epilog = (
        f"Sources: {'; '.join(f'{one.name} ({one.title}, {one.url})' for one in SOURCES)}. "
        "GH_TOKEN or GITHUB_TOKEN goes to GitHub's API only, HTTPS_PROXY and SSL_CERT_FILE are respected."
    )


def run(arguments: Namespace) -> int:
    from scanner.adapters.http import HttpClient  # requests, which `--help` does not need

    urls = _urls(arguments.url)
    folder = Path(arguments.to) if arguments.to is not None else knowledge_folder()
    if arguments.to is not None and folder.exists() and not folder.is_dir():
        raise UsageError(f"{quoted(arguments.to, SHOWN)} is not a folder; name one to write the tables into")
    own = arguments.to is None
    if own and is_foreign(folder):
        raise UsageError(
            f"{quoted(str(folder), SHOWN)} belongs to somebody else or others may write to it, so no scan would use its tables; remove "
            "it, or write elsewhere with `--to`"
        )
    today = datetime.now(UTC).date()
    tables = Folder(DATA, folder, own=own, today=today)
    before = Before(tables.json, tables.laid)
    sources = [one for one in SOURCES if not arguments.source or one.name in arguments.source]
    width = max(len(one.name) for one in sources)
    # On a runner of a GitHub Enterprise Server, GITHUB_TOKEN is that server's and not for github.com.
    token = forges_of(os.environ).public.token
    failed = answered = False
    for note in tables.refused:
        warn(note)
    try:
        for done in update(
            _told(sources, progress_of(arguments)),
            HttpClient(),
            Store(folder),
            before,
            today,
            urls=urls,
            token=token,
        ):
            failed |= isinstance(done.outcome, Failed)
            answered |= not isinstance(done.outcome, Failed)
            _say(done, width, today, Folder(DATA, folder, own=own, today=today))
    except Busy:
        raise UsageError(
            f"another update writes into {quoted(str(folder), SHOWN)}; wait until it is done, or write elsewhere with `--to`"
        ) from None
    except OSError as error:
        raise UsageError(
            f"cannot write into {quoted(str(folder), SHOWN)}: {error.strerror}; name another folder with `--to`"
        ) from error
    if answered:
        emit(f"tables in {bounded(str(folder))}\n", None)
    return 1 if failed else 0


def _told(sources: list[Source], progress: Progress) -> Iterator[Source]:
    """The sources, telling which of them is asked."""
    for number, source in enumerate(sources):
        progress.step(f"asking {source.name}", number, len(sources))
        yield source


def _say(done: Updated, width: int, today: date, tables: Folder) -> None:
    """A line on standard output for what has answered, and on standard error for what has not, which is about `tables` as they
    are then."""
    name = done.source.name
    match done.outcome:
        case Failed(reason):
            warn(f"{name}: {reason}; {_stays(done.dates, today, tables)}")
        case Fetched(rows=rows, new=new, remarks=remarks):
            what = f"{rows:,} {done.source.noun[rows != 1]}, {_named(new)}" if done.changed else "unchanged"
            emit(f"{name:<{width}}  {what}\n", None)
            for remark in remarks:
                warn(f"{name}: {remark}")
        case _:
            emit(f"{name:<{width}}  unchanged\n", None)


def _named(new: tuple[str, ...]) -> str:
    """How many rows are new, and the names of the first of them."""
    if not new:
        return "none new"
    more = f" and {len(new) - _NAMED:,} more" if len(new) > _NAMED else ""
    return f"{len(new):,} new: {', '.join(bounded(one) for one in new[:_NAMED])}{more}"


def _stays(dates: Mapping[str, date], today: date, tables: Folder) -> str:
    """What stays when a source fails, and how old that is."""
    said = []
    for name, day in dates.items():
        head = tables.head(name)
        old = (
            "empty"
            if head is not None and head.empty
            else f"{counted(max((today - day).days, 0), 'day')} old"
        )
        said.append(f"{name} stays, which is {old}")
    return ", ".join(said)


def _urls(given: list[str]) -> dict[str, str]:
    """Addresses by the names of sources."""
    from urllib.parse import urlsplit

    names: dict[str, Source] = {one.name: one for one in SOURCES}
    urls: dict[str, str] = {}
    for one in given:
        name, equals, url = one.partition("=")
        if not equals:
            example = one if one in names else next(iter(names))
            raise UsageError(f"{quoted(one)} is not NAME=URL; write `--url {example}=https://…`")
        if name not in names:
            raise UsageError(f"there is no source {quoted(name)}{nearest(name, list(names))}")
        try:
            parts = urlsplit(url)
            host, secure = parts.hostname or "", parts.scheme == "https"
            inside = parts.username is None and parts.password is None
        except ValueError:
            host, secure, inside = "", False, True
        if not host or not (
            secure or (parts.scheme == "http" and is_loopback(parts.netloc.rpartition("@")[2].lower()))
        ):
            raise UsageError(
                f"the address of {name} does not begin with `https://`, which is asked for so that nobody on the way can change "
                "what it says; `http://` is for this machine only"
            )
        if not inside:
            raise UsageError(
                f"the address of {name} has a user or a password in it, which would be kept; leave it out"
            )
        urls[name] = url
    return urls
