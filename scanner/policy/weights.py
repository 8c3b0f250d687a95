"""The section `score`: how much each area and each severity weighs in the summary of `snowfence score`."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final, NamedTuple, TypeVar

from scanner.model.areas import AREAS, Area
from scanner.model.finding import Severity
from scanner.policy.shapes import Fields, Key, Number, Record, first, refuse


class Weights(NamedTuple):
    """`areas`: the share of an area in the whole, relative to the others; 0 leaves it out. `points`: what the first finding of a
    rule takes from the 10 points of its area. `unknown`: what a question that could not be decided takes."""

    areas: Mapping[Area, float]
    points: Mapping[Severity, float]
    unknown: float


DEFAULT_WEIGHTS: Final = Weights(
    {"pinning": 2, "freshness": 1, "permissions": 2, "exposure": 3, "nix-trust": 2, "hygiene": 1},
    {Severity.CRITICAL: 6, Severity.HIGH: 3, Severity.MEDIUM: 1.5, Severity.LOW: 0.5, Severity.INFO: 0},
    0.5,
)
"""With these and the policy `recommended`, 118 public repositories score from 3.2 to 10; half of them 8.0 or more, a tenth 9.5 or more.
Areas go from 0 to 10."""

_AREA_KEYS: Final[Mapping[Area, Key[float]]] = {
    name: Key(name, Number(0, 100), f"the weight of the area: {about}") for name, about in AREAS.items()
}
_POINT_KEYS: Final[Mapping[Severity, Key[float]]] = {
    severity: Key(str(severity), Number(0, 10), f"points for the first {severity} finding of a rule")
    for severity in sorted(Severity, reverse=True)
}
_AREAS_KEY: Final = Key(
    "areas",
    Record("`areas`", _AREA_KEYS.values()),
    "the weight of each area in the whole; 0 leaves one out",
    idle=True,
)
_POINTS_KEY: Final = Key(
    "points",
    Record("`points`", _POINT_KEYS.values()),
    "what a rule that finds something takes from the 10 points of its area, by the severity of the worst finding",
    idle=True,
)
_UNKNOWN_KEY: Final = Key(
    "unknown",
    Number(0.1, 10),
    "what a question that could not be decided takes; never nothing, since an unknown is no pass",
)
_SCORE: Final = Record("`score`", (_AREAS_KEY, _POINTS_KEY, _UNKNOWN_KEY))

SCORE: Final[Key[Fields]] = Key("score", _SCORE, "the weights of `snowfence score`", idle=True)

_T = TypeVar("_T")


def weights(fields: Fields, base: Weights) -> Weights:
    """What the section says, on top of what an earlier policy said. Raises PolicyError where less would be taken for what is worse."""
    areas, points, unknown = fields.get(_AREAS_KEY), fields.get(_POINTS_KEY), fields.get(_UNKNOWN_KEY)
    merged = Weights(
        _over(base.areas, areas, _AREA_KEYS),
        _over(base.points, points, _POINT_KEYS),
        base.unknown if unknown is None else unknown,
    )
    if points is not None:
        _refuse_reversed(points, merged.points)
    return merged


def _over(
    base: Mapping[_T, float], fields: Fields | None, keys: Mapping[_T, Key[float]]
) -> Mapping[_T, float]:
    if fields is None:
        return base
    said = {name: value for name, key in keys.items() if (value := fields.get(key)) is not None}
    return {**base, **said}


def _refuse_reversed(fields: Fields, points: Mapping[Severity, float]) -> None:
    for worse, milder in pairwise(sorted(points, reverse=True)):
        if points[worse] < points[milder]:
            key = next(key for one in (milder, worse) if fields.get(key := _POINT_KEYS[one]) is not None)
            value = fields.node.get(key.name)
            raise refuse(
                fields.at(key) if value is None else first(value),
                f"a {milder} finding would take {points[milder]:g} points and a {worse} one {points[worse]:g}; give the worse one at "
                f"least as many",
            )
