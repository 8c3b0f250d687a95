"""Writes what the documentation takes from the code, between markers; `--check` only says what is out of date.

    <!-- begin NAME --> … <!-- end NAME -->

in README.md and docs/*.md is replaced by the text of the generator NAME below, and docs/rules/ gets a page a rule.
"""

import json
import sys
from argparse import ArgumentParser, HelpFormatter, _SubParsersAction
from collections.abc import Callable
from pathlib import Path

from scanner.cli.main import COMMANDS, parser_of
from scanner.discover import KINDS
from scanner.engine import load, places
from scanner.policy.load import pack
from scanner.policy.options import defaults_of
from scanner.policy.packs import pack_names, packs_folder
from scanner.policy.schema import policy_schema
from scanner.rules.pages import read_page
from scanner.rules.subjects import about

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "docs" / "rules"
SCHEMA = ROOT / "docs" / "policy.schema.json"


def rules() -> str:
    """A table of rules for each subject."""
    packs = {name: pack(name) for name in pack_names()}
    tables: dict[str, list[str]] = {}
    for id, place in places().items():
        rule = load(place)
        severities = ", ".join(str(severity) for severity in rule.severities)
        enabled = ", ".join(name for name, policy in packs.items() if policy.setting(id).enabled)
        row = f"| [`{id}`]({link}{id}.md) | {severities} | {read_page(place).title} | {enabled} |"
        tables.setdefault(place.subject, []).append(row)
    parts = []
    for subject, rows in tables.items():
        head = ["| rule | severity | what it finds | packs |", "|---|---|---|---|"]
        parts.append("\n".join([f"## {about(subject)}", "", *head, *rows]))
    return "\n\n".join(sorted(parts))


def subjects() -> str:
    """The rules of each subject in one row."""
    rows: dict[str, list[str]] = {}
    for id, place in places().items():
        rows.setdefault(about(place.subject), []).append(f"[`{id}`]({link}{id}.md)")
    return "\n".join(
        [
            "| about | rules |",
            "|---|---|",
            *(f"| {name} | {' '.join(ids)} |" for name, ids in sorted(rows.items())),
        ]
    )


link = ""
"""Where a table's links lead, relative to the file that it is written into; set by `fill`."""


def peers() -> str:
    """What other tools call the same checks."""
    lines = ["| theirs | ours |", "|---|---|"]
    for id, place in places().items():
        lines += [f"| `{name}` | [`{id}`]({link}{id}.md) |" for name in load(place).same_as]
    return "\n".join(lines[:2] + sorted(lines[2:]))


def inputs() -> str:
    """The table of what is read."""
    lines = ["| kind | files |", "|---|---|"]
    for kind in KINDS:
        where = f"{kind.folder}/" if kind.folder is not None else ""
        where = f"**/{where}" if kind.nested or kind.folder is None else where
        lines.append(f"| {kind.name} | {', '.join(f'`{where}{name}`' for name in kind.files)} |")
    return "\n".join(lines)


def commands() -> str:
    """`--help` of every command."""
    parts = []
    for name in COMMANDS:
        parser = parser_of(name)
        parts.append(_help(f"### snowfence {name}", parser))
        for action in parser._actions:
            if isinstance(action, _SubParsersAction):
                parts += (
                    _help(f"#### snowfence {name} {inner}", one) for inner, one in action.choices.items()
                )
    return "\n\n".join(parts)


def _help(title: str, parser: ArgumentParser) -> str:
    parser.formatter_class = FixedWidth
    return f"{title}\n\n```text\n{parser.format_help().rstrip()}\n```"


class FixedWidth(HelpFormatter):
    """The same text on every terminal."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=100, max_help_position=30)


def changes() -> str:
    """The kinds of change that `snowfence diff` judges."""
    from scanner.rules.changes import KINDS

    rows = (
        f"| `{one.id}` | {', '.join(map(str, one.rule.severities))} | {one.title} |" for one in KINDS.values()
    )
    return "\n".join(["| kind | severity | what has changed |", "|---|---|---|", *rows])


def packs() -> str:
    """The packs: for whom, as the first comment of each says, and how many rules it enables."""
    rows = ["| pack | for | rules |", "|---|---|---|"]
    for name in pack_names():
        found = pack(name)
        lines = (packs_folder() / f"{name}.yaml").read_text("utf-8").splitlines()
        comment: list[str] = []
        for line in lines:
            if line.startswith("# "):
                comment.append(line.removeprefix("# "))
            elif comment:
                break
        enabled = sum(bool(found.setting(id).enabled) for id in [*places(), *found.own])
        rows.append(f"| `{name}` | {' '.join(comment)} | {enabled} |")
    return "\n".join(rows)


def nodes() -> str:
    """What checks of policies can ask of."""
    from scanner.views.schema import to_markdown, vocabulary

    return to_markdown(vocabulary())


GENERATORS: dict[str, Callable[[], str]] = {
    "rules": rules,
    "subjects": subjects,
    "peers": peers,
    "inputs": inputs,
    "commands": commands,
    "changes": changes,
    "packs": packs,
    "nodes": nodes,
}


def fill(file: Path, text: str) -> str:
    """The text of a file with every marked part made anew."""
    global link
    link = "rules/" if file.parent.name == "docs" else "docs/rules/"
    for name, generate in GENERATORS.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        head, found, rest = text.partition(begin)
        if found:
            _, closed, tail = rest.partition(end)
            if not closed:
                raise SystemExit(f"{file}: `{begin}` has no `{end}`")
            text = f"{head}{begin}\n{generate()}\n{end}{tail}"
    return text


def rule_page(id: str) -> str:
    place = places()[id]
    rule = load(place)
    facts = [
        f"`{id}` · severity {', '.join(str(one) for one in rule.severities)} · confidence {rule.confidence} · area {rule.area}",
    ]
    if rule.same_as:
        facts.append("the same as " + ", ".join(f"`{name}`" for name in rule.same_as))
    if rule.supersedes:
        facts.append("takes the place of " + ", ".join(f"`{name}`" for name in rule.supersedes))
    options = [f"`{name}` (default `{json.dumps(value)}`)" for name, value in defaults_of(rule).items()]
    if options:
        facts.append("options: " + ", ".join(options))
    page = read_page(place).markdown
    title, _, body = page.partition("\n")
    return f"<!-- made from scanner/rules/{place.subject}/{place.module}.md by `make docs` -->\n{title}\n\n{' · '.join(facts)}\n{body}"


def wanted() -> dict[Path, str]:
    """Every generated file with the text that it should have."""
    files = {
        file: fill(file, file.read_text("utf-8"))
        for file in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    }
    for id in places():
        files[RULES / f"{id}.md"] = rule_page(id)
    files[SCHEMA] = json.dumps(policy_schema(), indent=2) + "\n"
    return files


def main(arguments: list[str]) -> int:
    stale = []
    files = wanted()
    left_over = set(RULES.glob("*.md")) - set(files)
    for file, text in files.items():
        if not file.is_file() or file.read_text("utf-8") != text:
            stale.append(file)
            if "--check" not in arguments:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, "utf-8", newline="\n")
    for file in sorted(left_over):
        stale.append(file)
        if "--check" not in arguments:
            file.unlink()
    for file in stale:
        print(f"{'out of date' if '--check' in arguments else 'written'}: {file.relative_to(ROOT)}")
    if stale and "--check" in arguments:
        print("run `make docs`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
