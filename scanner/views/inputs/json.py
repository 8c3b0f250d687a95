"""The tables of inputs for programs: the contract of `snowfence inputs --format json`; `schema` counts its versions."""

from datetime import date
from typing import Final

from scanner.model.json import Json
from scanner.report.json import document, problem_data, summary, to_data
from scanner.views.facts import MAX_NAMES, input_data, lock_data
from scanner.views.inputs.tables import LockRows, Row
from scanner.views.inputs.words import Answer

SCHEMA: Final = 1


def write(answer: Answer) -> str:
    report = answer.report
    return document(
        report,
        {"root": report.root},
        {
            "summary": summary(answer.findings()),
            "locks": [_lock(lock, report.now) for lock in answer.locks],
            "unlocked": [
                {"path": one.source.shown, "findings": [to_data(finding) for finding in one.findings]}
                for one in answer.unlocked
            ],
            "problems": [problem_data(one) for one in report.problems],
        },
        SCHEMA,
    )


def _lock(lock: LockRows, now: date) -> Json:
    return {
        "path": lock.lock.source.shown,
        **lock_data(lock.lock),
        "steps": [
            {"subject": step.id, "path": step.path, "line": step.place().begin.line} for step in lock.steps
        ],
        "findings": [to_data(one) for one in lock.findings],
        "unlisted": len(lock.unlisted),
        "inputs": [_row(row, now) for row in lock.rows],
    }


def _row(row: Row, now: date) -> Json:
    support = row.support
    revisions, inputs = row.copies
    return {
        "name": row.input.name,
        "subject": row.input.node.id,
        "path": list(row.input.path) if row.input.depth <= MAX_NAMES else None,
        "own": row.input.own,
        "direct": row.input.direct,
        **input_data(row.input.node.input, now),
        "branch": row.branch,
        "pinned": row.pinned,
        "support": None
        if support is None
        else {"status": support.status, "end": None if support.end is None else support.end.isoformat()},
        "followers": row.followers,
        "copies": {"inputs": inputs, "revisions": revisions},
        "severity": str(row.findings[0].severity) if row.findings else None,
        "findings": [to_data(one) for one in row.findings],
    }
