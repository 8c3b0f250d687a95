"""The table of locked inputs as text, as JSON and as Markdown."""

from collections.abc import Sequence
from json import dumps
from typing import Final, NamedTuple

from scanner import __version__
from scanner.graph.nodes import StepNode
from scanner.model.finding import Finding, Severity
from scanner.report import markdown
from scanner.report.escape import inert_json, visible
from scanner.report.json import Json, to_data
from scanner.report.table import WIDTH, Column, cut, table
from scanner.report.text import where
from scanner.results import Report
from scanner.views.facts import short
from scanner.views.inputs import LockRows, Row, Support

SCHEMA: Final = 1

_STEPS: Final = 4


class Answer(NamedTuple):
    """All that a format shows: the tables, and the report of the scan that the findings are from."""

    locks: tuple[LockRows, ...]
    report: Report


# ---------------------------------------------------------------- the words that formats share


def _facts(lock: LockRows) -> str:
    """`nix, version 7: 9 own inputs, 13 in all`."""
    own = f"{lock.own:,} own input" + ("" if lock.own == 1 else "s")
    total = f", {lock.total:,} in all" if lock.total != lock.own else ""
    return f"{lock.lock.tool.name}, version {lock.lock.version}: {own}{total}"


def _branch(row: Row) -> str:
    if row.pinned:
        return "(one commit)"
    return row.branch or ""


def _support(support: Support | None) -> str:
    match support:
        case Support("rolling"):
            return "rolling"
        case Support("ended", end):
            return f"ended {end}"
        case Support(_, end):
            return f"until {end}"
    return ""


def _findings(findings: Sequence[Finding]) -> str:
    """`high unlocked-input, stale-input`: the worst severity and the rules, the worst first."""
    if not findings:
        return ""
    rules = dict.fromkeys(one.rule for one in sorted(findings, key=lambda one: -one.severity))
    return f"{max(one.severity for one in findings)} {', '.join(rules)}"


def _age(row: Row) -> str:
    return f"{row.age:,} d" if row.age is not None else ""


def _workflows(steps: Sequence[StepNode]) -> dict[str, list[StepNode]]:
    found: dict[str, list[StepNode]] = {}
    for step in steps:
        found.setdefault(step.path, []).append(step)
    return found


def _evaluated(lock: LockRows) -> str:
    if not lock.steps:
        return ""
    files = _workflows(lock.steps)
    count = f"{len(lock.steps)} step" + ("" if len(lock.steps) == 1 else "s")
    names = [f"{path.rpartition('/')[2]} ({len(steps)})" for path, steps in list(files.items())[:_STEPS]]
    left = len(files) - _STEPS
    more = "" if left <= 0 else " and 1 more file" if left == 1 else f" and {left} more files"
    return f"evaluated by {count}: {', '.join(names)}{more}"


# ---------------------------------------------------------------- text

_COLUMNS: Final = (
    Column("input", 16),
    Column("from", 18),
    Column("branch", 12),
    Column("revision"),
    Column("date"),
    Column("age", None, True),
    Column("follow", None, True),
    Column("revs", None, True),
)
_NARROW: Final = 100
"""Below it, the date (the age is there) and the columns that only count are left out."""


def to_text(answer: Answer, *, width: int | None = None) -> str:
    width = max(width or WIDTH, 60)
    blocks = []
    for lock in answer.locks:
        lines = [f"{visible(lock.lock.source.shown)} ({_facts(lock)})"]
        rows = [_text_row(row, narrow=width < _NARROW) for row in lock.rows]
        if rows:
            lines += table(_COLUMNS, rows, width)
        if lock.steps:
            lines.append(cut(f"  {visible(_evaluated(lock))}", width))
        blocks.append("\n".join(lines))
        told = [(row.input.name, row.findings) for row in lock.rows if row.findings]
        if lock.findings:
            told.insert(0, ("the lock", lock.findings))
        if told:
            worst_first = sorted(told, key=lambda one: -max(finding.severity for finding in one[1]))
            lines = [
                "  findings",
                *(f"    {visible(name)}: {_findings(found)}" for name, found in worst_first),
            ]
            blocks[-1] += "\n" + "\n".join(lines)
    problems = [f"problem: {where(one.at)}: {visible(one.message)}" for one in answer.report.problems]
    if problems:
        blocks.append("\n".join(problems))
    notes = [f"note: {visible(note)}" for note in answer.report.notes]
    if notes:
        blocks.append("\n".join(notes))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _text_row(row: Row, *, narrow: bool) -> list[str]:
    branch, support = _branch(row), _support(row.support)
    return [
        row.input.name,
        row.source,
        f"{branch}, {support}" if support else branch,
        short(row.revision) or "",
        str(row.date or "") if not narrow else "",
        _age(row),
        str(row.followers) if row.followers and not narrow else "",
        str(row.copies[0]) if row.copies[0] > 1 and not narrow else "",
    ]


# ---------------------------------------------------------------- json


def to_json(answer: Answer) -> str:
    """The contract of `snowfence inputs --format json`; `schema` counts its versions."""
    report = answer.report
    document: dict[str, Json] = {
        "schema": SCHEMA,
        "tool": {"name": "snowfence", "version": __version__},
        "root": report.root,
        "now": report.now.isoformat(),
        "policies": list(report.policies),
        "knowledge": report.knowledge,
        "locks": [_lock_data(lock) for lock in answer.locks],
        "problems": [
            {
                "path": one.at.shown,
                "line": one.at.begin.line,
                "column": one.at.begin.column,
                "message": one.message,
            }
            for one in report.problems
        ],
        "notes": list(report.notes),
    }
    return inert_json(dumps(document, indent=1)) + "\n"


def _lock_data(lock: LockRows) -> Json:
    return {
        "path": lock.lock.source.shown,
        "tool": lock.lock.tool.name,
        "version": lock.lock.version,
        "own": lock.own,
        "total": lock.total,
        "inputs": [_row_data(row) for row in lock.rows],
        "steps": [{"id": step.id, "path": step.path, "line": step.place().begin.line} for step in lock.steps],
        "findings": [to_data(one) for one in lock.findings],
    }


def _row_data(row: Row) -> Json:
    support = row.support
    revisions, inputs = row.copies
    return {
        "name": row.input.name,
        "id": row.input.node.id,
        "own": row.input.own,
        "direct": row.input.direct,
        "type": row.reference.type,
        "source": row.source,
        "revision": row.revision,
        "narHash": row.reference.nar_hash,
        "date": None if row.date is None else row.date.isoformat(),
        "age": row.age,
        "branch": row.branch,
        "pinned": row.pinned,
        "support": None
        if support is None
        else {"status": support.status, "end": None if support.end is None else support.end.isoformat()},
        "flake": row.input.node.input.flake,
        "followers": row.followers,
        "copies": {"inputs": inputs, "revisions": revisions},
        "severity": str(row.findings[0].severity) if row.findings else None,
        "findings": [to_data(one) for one in row.findings],
    }


# ---------------------------------------------------------------- Markdown

_HEADER: Final = ("input", "from", "branch", "revision", "date", "age", "findings")
_FOLD: Final = 25


def to_markdown(answer: Answer) -> str:
    parts: list[str] = []
    room = markdown.LIMIT - 2_000
    for at, lock in enumerate(answer.locks):
        if room < 1_000:
            parts.append(f"… and {len(answer.locks) - at:,} more locks, which do not fit here.\n")
            break
        parts.append(f"### {markdown.code(lock.lock.source.shown)}\n\n{markdown.escape(_facts(lock))}\\.\n")
        if lock.steps:
            parts.append(f"E{markdown.escape(_evaluated(lock))[1:]}\\.\n")
        if lock.findings:
            parts.append(f"Findings on the lock as a whole: {markdown.escape(_findings(lock.findings))}\\.\n")
        text = markdown.table(_HEADER, (_markdown_row(row) for row in lock.rows), room - 500)
        if len(lock.rows) > _FOLD:
            text = markdown.folded(f"{len(lock.rows):,} inputs", text)
        if lock.rows:
            parts.append(text)
        room = markdown.LIMIT - 2_000 - sum(len(part.encode("utf-8", "replace")) for part in parts)
    lines = [
        f"- not read: {markdown.code(where(one.at))}: {markdown.message(one.message)}"
        for one in answer.report.problems
    ]
    lines += [f"- {markdown.message(note)}" for note in answer.report.notes]
    kept: list[str] = []
    for line in lines:
        room -= len(line.encode("utf-8", "replace"))
        if room > 0:
            kept.append(line)
    if kept:
        parts.append("\n".join(kept) + "\n")
    return "\n".join(parts)


def _markdown_row(row: Row) -> list[str]:
    support = _support(row.support)
    branch = "one commit" if row.pinned else markdown.code(row.branch) if row.branch else ""
    found = markdown.escape(_findings(row.findings))
    severe = bool(row.findings) and row.findings[0].severity >= Severity.HIGH
    return [
        markdown.code(row.input.name),
        markdown.code(row.source),
        f"{branch} ({support})" if support else branch,
        markdown.code(short(row.revision) or ""),
        str(row.date or ""),
        _age(row),
        f"**{found}**" if severe else found,
    ]
