"""List the rules: what is checked, how severe it is, and what other tools call it."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

from scanner.cli.common import emit
from scanner.engine import AnyRule, Place, load, places
from scanner.policy.load import pack, pack_names
from scanner.policy.options import defaults_of
from scanner.rules.pages import read_page


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="what to write (default: text)"
    )


def run(arguments: Namespace) -> int:
    rules = {id: (load(place), place) for id, place in places().items()}
    if arguments.format == "json":
        emit(json.dumps({"rules": [_data(*one) for one in rules.values()]}, indent=1) + "\n", None)
        return 0
    packs = {name: pack(name) for name in pack_names()}
    width = max(map(len, rules))
    lines = []
    for id, (rule, place) in rules.items():
        severities = "–".join(str(one) for one in sorted({rule.severities[-1], rule.severities[0]}))
        lines.append(f"{id:<{width}}  {severities:<15}  {read_page(place).title}")
    lines += ["", "Enabled by the packs:"]
    for name, policy in packs.items():
        enabled = [id for id in rules if policy.setting(id).enabled]
        lines.append(f"  {name:<12} {len(enabled)} of {len(rules)} rules")
    lines += ["", "`snowfence explain RULE` shows the page of a rule."]
    emit("\n".join(lines) + "\n", None)
    return 0


def _data(rule: AnyRule, place: Place) -> Mapping[str, Any]:
    return {
        "id": rule.id,
        "title": read_page(place).title,
        "severity": str(rule.severity),
        "variants": {name: str(severity) for name, severity in rule.variants.items()},
        "confidence": str(rule.confidence),
        "aliases": list(rule.same_as),
        "tags": list(rule.tags),
        "options": {name: {"default": value} for name, value in defaults_of(rule).items()},
    }
