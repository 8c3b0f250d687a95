"""The table for programs: the contract of `snowfence exposure --format json`; `schema` counts its versions."""

from typing import Final

from scanner.analysis.outsiders.privilege import Exposure
from scanner.analysis.taint.exposed import Entrance, ExposedJob
from scanner.model.json import Json
from scanner.model.source import Span
from scanner.report.json import document, problem_data
from scanner.views.exposure.rows import Answer

SCHEMA: Final = 1


def write(answer: Answer) -> str:
    report = answer.report
    return document(
        report,
        {"root": report.root, "files": report.inputs},
        {
            "jobs": [_row(row) for row in answer.rows],
            "empty": [one.id for one in answer.empty],
            "unreached": answer.unreached,
            "problems": [problem_data(one) for one in report.problems],
        },
        SCHEMA,
    )


def _row(row: ExposedJob) -> Json:
    return {
        "subject": row.job.id,
        "job": row.job.label,
        **_place(row.job.place()),
        "standing": row.standing,
        "started": [_entrance(one) for one in row.entrances],
        "arrivals": [
            {
                "kind": one.kind,
                "what": one.what,
                "runs": one.runs,
                "guarded": one.guarded,
                **_place(one.at),
            }
            for one in row.arrivals
        ],
    }


def _entrance(one: Entrance) -> Json:
    way = one.way
    return {
        "event": way.event,
        "who": way.who,
        "known": way.known,
        "insiders": way.insiders,
        "narrowed": way.narrowed,
        "after": list(way.after),
        "trigger": _place(way.trigger),
        "via": list(way.via),
        "checks": [{"kind": " or ".join(check.kinds), **_place(check.at)} for check in one.checks],
        "closed": one.closed,
        "holds": _holds(way),
    }


def _holds(way: Exposure) -> Json:
    return {
        "privileged": way.privileged,
        "permissions": "default" if way.token.default else dict(sorted(way.token.scopes.items())),
        "secrets": "all" if way.all_secrets else list(way.own_secrets),
        "identity": way.identity,
        "self-hosted": way.self_hosted,
        "cache": way.cache,
        "environment": way.environment,
    }


def _place(at: Span) -> dict[str, Json]:
    line, column = at.begin
    return {"path": at.shown, "line": line, "column": column}
