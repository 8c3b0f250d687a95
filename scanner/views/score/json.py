"""The posture for programs: the contract of `snowfence score --format json`; `schema` counts its versions."""

from typing import Final

from scanner.model.areas import AREAS
from scanner.model.json import Json
from scanner.report.json import document, problem_data
from scanner.views.score.points import Points, tenths
from scanner.views.score.posture import AreaScore, Loss, Posture
from scanner.views.score.words import reason

SCHEMA: Final = 1


def write(posture: Posture) -> str:
    report = posture.report
    return document(
        report,
        {"root": report.root, "files": report.inputs},
        {
            "score": _score(posture.total),
            "capped": posture.capped,
            "areas-judged": posture.counted,
            "softened": {
                "lowered": list(posture.softened.lowered),
                "raised-floors": list(posture.softened.raised_floors),
                "own-weights": posture.softened.weights,
            },
            "areas": [_area(one) for one in posture.areas],
            "problems": [problem_data(one) for one in report.problems],
        },
        SCHEMA,
    )


def _score(points: Points | None) -> float | None:
    return None if points is None else tenths(points) / 10


def _area(area: AreaScore) -> Json:
    return {
        "area": area.name,
        "about": AREAS[area.name],
        "score": _score(area.left),
        "reason": reason(area) if area.left is None else None,
        "weight": area.weight,
        "rules": area.rules,
        "losses": [_loss(one) for one in area.losses],
        "off": list(area.off),
        "partly-off": list(area.partly),
        "taken-out": dict(area.taken_out.items()),
    }


def _loss(loss: Loss) -> Json:
    line, column = loss.at.begin
    return {
        "cause": loss.cause,
        "rule": loss.rule,
        "severity": None if loss.severity is None else str(loss.severity),
        "number": loss.number,
        "accepted": loss.accepted,
        "points": loss.points / 1000,
        "path": loss.at.shown,
        "line": line,
        "column": column,
    }
