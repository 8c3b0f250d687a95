"""List the rules and the kinds of change: what is checked, how severe it is, and what other tools call it."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanner.cli.terminal import emit, links, terminal_width
from scanner.engine import AnyRule, Place, load, needs_online, places
from scanner.model.counting import counted
from scanner.policy.load import pack
from scanner.policy.options import defaults_of
from scanner.policy.packs import pack_names
from scanner.report.columns import broken
from scanner.report.links import hyperlink, of_rule
from scanner.report.table import WIDTH, Column, table, table_rows
from scanner.rules.changes import KINDS, Kind
from scanner.rules.pages import read_page
from scanner.rules.subjects import about

_COLUMNS: Final = (
    Column("rule", 14, rank=1, wraps=True),
    Column("severity"),
    Column("what it finds", 24, most=100, wraps=True),
)


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="what to write (default: text)"
    )


def run(arguments: Namespace) -> int:
    rules = [(load(place), place) for place in places().values()]
    if arguments.format == "json":
        data = {
            "rules": [_data(*one) for one in rules],
            "changes": [_change_data(kind) for kind in KINDS.values()],
        }
        emit(json.dumps(data, indent=1) + "\n", None, format="json")
    else:
        emit("\n".join(_lines(rules, terminal_width() or WIDTH, links())) + "\n", None)
    return 0


def _lines(rules: list[tuple[AnyRule, Place]], width: int, links: bool) -> Iterator[str]:
    """The tables of the README, without links."""
    groups: dict[str, list[list[str]]] = {}
    for rule, place in rules:
        row = [rule.id, _severities(rule), read_page(place).title]
        groups.setdefault(about(place.subject), []).append(row)
    for title, rows in sorted(groups.items()):
        yield from broken(title, width)
        head, *blocks = table_rows(_COLUMNS, rows, width)
        yield from head
        for (id, *_), (line, *further) in zip(rows, blocks, strict=True):
            begin = line.split()[0]  # all of the id, or what has room
            yield line.replace(begin, hyperlink(begin, of_rule(id)), 1) if links else line
            yield from further
        yield ""
    yield "Changes of locks that `snowfence diff` judges"
    yield from table(
        _COLUMNS, [[kind.id, _severities(kind.rule), kind.title] for kind in KINDS.values()], width
    )
    yield ""
    yield "Enabled by the packs"
    for name in pack_names():
        policy = pack(name)
        enabled = sum(bool(policy.setting(rule.id).enabled) for rule, _ in rules)
        parts = [f"{enabled} of {len(rules)} rules"] if enabled else []
        if policy.own:
            parts.append(f"{counted(len(policy.own), 'check')} of its own")
        yield f"  {name:<13}  {', '.join(parts)}"
    yield ""
    yield from broken("`snowfence explain RULE` shows the page of a rule or of a kind of change.", width)


def _severities(rule: AnyRule) -> str:
    """The least and the most that it says."""
    return "–".join(dict.fromkeys(str(one) for one in (rule.severities[-1], rule.severities[0])))


def _data(rule: AnyRule, place: Place) -> Mapping[str, Any]:
    return {
        "id": rule.id,
        "title": read_page(place).title,
        "severity": str(rule.severity),
        "variants": {name: str(severity) for name, severity in rule.variants.items()},
        "confidence": str(rule.confidence),
        "area": rule.area,
        "needs_online": needs_online(place),
        "aliases": list(rule.same_as),
        "supersedes": list(rule.supersedes),
        "tags": list(rule.tags),
        "options": {name: {"default": value} for name, value in defaults_of(rule).items()},
    }


def _change_data(kind: Kind) -> Mapping[str, Any]:
    return {
        "id": kind.id,
        "title": kind.title,
        "severity": str(kind.rule.severity),
        "variants": {name: str(severity) for name, severity in kind.rule.variants.items()},
        "tags": list(kind.rule.tags),
    }
