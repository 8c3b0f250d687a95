"""Show the tables about the world that a scan judges by: what each is about, where it was taken from and under which licence, how
old it is, and whether it came with snowfence."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from scanner.cli.common import add_now, clock
from scanner.cli.terminal import emit, terminal_width
from scanner.cli.world import SHIPPED, UPDATED, add_knowledge, knowledge_folder, knowledge_of
from scanner.knowledge.folder import OLD
from scanner.knowledge.snapshot import Table, advice
from scanner.knowledge.tables import Knowledge
from scanner.model.counting import counted
from scanner.report.columns import wrapped
from scanner.report.escape import bounded, visible
from scanner.report.table import WIDTH, Column, table

SCHEMA: Final = 1

_COLUMNS: Final = (Column("table"), Column("date"), Column("age", right=True), Column("from"))
_LABEL: Final = "    {:<9}"


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        help="what to write (default: text)",
    )
    add_knowledge(parser)
    add_now(parser, "tell ages as on this date (YYYY-MM-DD) instead of today")


def run(arguments: Namespace) -> int:
    knowledge = knowledge_of(arguments)
    now = clock(arguments).date()
    above = UPDATED if arguments.knowledge in (None, SHIPPED, UPDATED) else arguments.knowledge
    if arguments.format == "json":
        emit(json.dumps(_data(knowledge, now, above), indent=1) + "\n", None, format="json")
    else:
        emit("".join(f"{line}\n" for line in _lines(knowledge, now, above)), None)
    return 0


def _data(knowledge: Knowledge, now: date, above: str) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "now": now.isoformat(),
        "knowledge": knowledge.digest,
        "folder": str(knowledge_folder()),
        "tables": [
            {
                "name": one.name,
                "about": one.head.about,
                "source": one.head.source,
                "licence": one.head.licence,
                "date": one.head.date.isoformat(),
                "age": one.age(now),
                "goes_stale": one.head.goes_stale,
                "old_after": one.head.old_after if one.head.goes_stale else None,
                "old": one.is_old(now),
                "empty": one.head.empty,
                "from": _from(one, above),
            }
            for one in knowledge.tables
        ],
        "notes": list(knowledge.refused),
    }


def _lines(knowledge: Knowledge, now: date, above: str) -> Iterator[str]:
    width = terminal_width() or WIDTH
    moving = [one for one in knowledge.tables if one.head.goes_stale]
    yield f"What changes with the world; old after {OLD} days where no other number stands"
    yield from _table(moving, now, above, width)
    yield ""
    yield "What changes with programs and formats, and with snowfence"
    yield from _table([one for one in knowledge.tables if not one.head.goes_stale], now, above, width)
    yield ""
    yield f"digest   {knowledge.digest}"
    yield f"updates  {bounded(str(knowledge_folder()))}"
    for note in knowledge.refused:
        yield f"note     {bounded(note)}"
    old = [one for one in moving if one.is_old(now)]
    if old:
        be = "is" if len(old) == 1 else "are"
        yield f"note     {counted(len(old), 'table')} {be} old or empty; {advice(old)}"


def _table(tables: list[Table], now: date, above: str, width: int) -> Iterator[str]:
    """A line for each table, and below it in full what that is about, and where it comes from."""
    rows = [[one.name, one.head.date.isoformat(), _age(one, now), _from(one, above)] for one in tables]
    titles, *lines = table(_COLUMNS, rows, width)
    yield titles
    for one, line in zip(tables, lines, strict=True):
        yield line
        old_after = one.head.old_after if one.head.goes_stale else OLD
        for label, text in (
            ("says", one.head.about),
            ("licence", one.head.licence),
            ("source", one.head.source),
            *([("old", f"after {old_after} days")] if old_after != OLD else []),
        ):
            room = width - len(_LABEL.format(""))
            for at, part in enumerate(wrapped(visible(text), room, room)):
                yield _LABEL.format("" if at else label) + part


def _age(one: Table, now: date) -> str:
    if one.head.empty:
        return "empty"
    return f"{one.age(now)} d{' old' if one.is_old(now) else ''}"


def _from(one: Table, above: str) -> str:
    return above if one.updated else SHIPPED
