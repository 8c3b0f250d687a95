"""One update: every source is asked once, and what it answers is written before the next one is asked."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from scanner.adapters.sources.reading import day, field
from scanner.adapters.sources.source import Asked, Failed, Fetched, Source, Unchanged
from scanner.adapters.sources.store import Store, encoded
from scanner.adapters.sources.tables import renewed, same_rows
from scanner.model.ports import Http
from scanner.model.safe_file import MAX_TABLE


class Updated(NamedTuple):
    """What came of a source: what it has answered, whether its tables say something else than before, and their dates as they are
    now."""

    source: Source
    outcome: Fetched | Unchanged | Failed
    changed: bool
    dates: Mapping[str, date]


class Before(NamedTuple):
    """The tables as they are when an update begins: `table` by file name, and which of them are `updated` ones in the store. For these
    a source may be asked whether there is anything newer."""

    table: Callable[[str], object]
    updated: frozenset[str]


def update(
    sources: Iterable[Source],
    http: Http,
    store: Store,
    before: Before,
    today: date,
    *,
    urls: Mapping[str, str] | None = None,
    token: str = "",
) -> Iterator[Updated]:
    """Asks the sources one after the other; `urls` are mirrors by the names of sources. What fails leaves the tables as they are.

    Raises:
        OSError: the folder cannot be written.
        Busy: another update writes into it.
    """
    written: dict[str, Mapping[str, object]] = {}

    def table(name: str) -> object:
        return written[name] if name in written else before.table(name)

    with store.locked():
        store.forget(before.updated)
        for source in sources:
            url = (urls or {}).get(source.name, source.url)
            outcome = source.fetch(Asked(http, url, table, today, store.seen(source.name), token))
            match outcome:
                case Failed():
                    yield Updated(source, outcome, False, _dates(source, table))
                    continue
                case Fetched():
                    tables = outcome.tables
                    changed = not all(same_rows(table(name), value) for name, value in tables.items())
                case Unchanged():
                    # It is as true today as on the day on which it was fetched.
                    pairs = ((name, renewed(table(name), today)) for name in source.tables)
                    tables = {name: value for name, value in pairs if value is not None}
                    changed = False
            files = {name: encoded(value) for name, value in tables.items()}
            if any(len(data) > MAX_TABLE for data in files.values()):
                larger = Failed(f"its table would be larger than {MAX_TABLE >> 20} MB")
                yield Updated(source, larger, False, _dates(source, table))
                continue
            for name, data in files.items():
                store.write(name, data)
                written[name] = tables[name]
            store.remember(source, outcome.seen, today.isoformat())
            yield Updated(source, outcome, changed, _dates(source, table))


def _dates(source: Source, table: Callable[[str], object]) -> dict[str, date]:
    """The days of a source's tables, as far as they say one."""
    dates = ((name, day(field(table(name), "date"))) for name in source.tables)
    return {name: found for name, found in dates if found is not None}
