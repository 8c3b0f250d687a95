"""Show the tables about the world that a scan judges by: what each is about, where it was taken from and under which licence, how
old it is, and whether it came with snowfence."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from scanner.cli.common import (
    SHIPPED,
    UPDATED,
    add_knowledge,
    add_now,
    clock,
    emit,
    knowledge_folder,
    knowledge_of,
    terminal_width,
)
from scanner.knowledge.snapshot import OLD, Table
from scanner.knowledge.tables import Knowledge
from scanner.model.counting import counted
from scanner.report.escape import bounded
from scanner.report.table import WIDTH, Column, table

SCHEMA: Final = 1

_COLUMNS: Final = (
    Column("table"),
    Column("what it says", 26),
    Column("date"),
    Column("age", right=True),
    Column("from"),
    Column("licence", 8),
    Column("source", 20, most=200),
)


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        help="what to write; text cuts what is long (default: text)",
    )
    add_knowledge(parser)
    add_now(parser, "tell ages as on this date (YYYY-MM-DD) instead of today")


def run(arguments: Namespace) -> int:
    knowledge = knowledge_of(arguments)
    now = clock(arguments).date()
    above = UPDATED if arguments.knowledge in (None, SHIPPED, UPDATED) else arguments.knowledge
    if arguments.format == "json":
        emit(json.dumps(_data(knowledge, now, above), indent=1) + "\n", None)
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
                "old": one.is_old(now),
                "from": _from(one, above),
            }
            for one in knowledge.tables
        ],
        "notes": list(knowledge.refused),
    }


def _lines(knowledge: Knowledge, now: date, above: str) -> Iterator[str]:
    width = terminal_width() or WIDTH
    moving = [one for one in knowledge.tables if one.head.goes_stale]
    yield f"What changes with the world; old after {OLD} days"
    yield from _table(moving, now, above, width)
    yield ""
    yield "What changes with programs and formats, and with snowfence"
    yield from _table([one for one in knowledge.tables if not one.head.goes_stale], now, above, width)
    yield ""
    yield f"digest   {knowledge.digest}"
    yield "in full  `snowfence knowledge --format json`"
    yield f"updates  {bounded(str(knowledge_folder()))}"
    for note in knowledge.refused:
        yield f"note     {bounded(note)}"
    old = sum(one.is_old(now) for one in moving)
    if old:
        be = "is" if old == 1 else "are"
        yield f"note     {counted(old, 'table')} {be} old; run `snowfence knowledge update` or use a newer snowfence"


def _table(tables: list[Table], now: date, above: str, width: int) -> list[str]:
    rows = [
        [
            one.name,
            one.head.about,
            one.head.date.isoformat(),
            f"{one.age(now)} d{' old' if one.is_old(now) else ''}",
            _from(one, above),
            one.head.licence,
            one.head.source,
        ]
        for one in tables
    ]
    return table(_COLUMNS, rows, width)


def _from(one: Table, above: str) -> str:
    return above if one.updated else SHIPPED
