"""The section `score`: how much each area and each severity weighs in the summary of `snowfence score`."""

from typing import Final, NamedTuple

from scanner.model.areas import AREAS
from scanner.model.finding import Severity
from scanner.policy.shapes import Fields, Key, Number, Record


class Weights(NamedTuple):
    """`areas`: the share of an area in the whole, relative to the others; 0 leaves it out. `points`: what the first finding of a
    rule takes from the 10 points of its area. `unknown`: what a question that could not be decided takes."""

    areas: dict[str, float]
    points: dict[Severity, float]
    unknown: float


DEFAULT_WEIGHTS: Final = Weights(
    {"pinning": 2, "freshness": 1, "permissions": 2, "exposure": 3, "nix-trust": 2, "hygiene": 1},
    {Severity.CRITICAL: 6, Severity.HIGH: 3, Severity.MEDIUM: 1.5, Severity.LOW: 0.5, Severity.INFO: 0},
    0.5,
)

_AREA_KEYS: Final = {
    name: Key(name, Number(0, 100), f"the weight of the area: {about}") for name, about in AREAS.items()
}
_POINT_KEYS: Final = {
    severity: Key(str(severity), Number(0, 10), f"points for the first {severity} finding of a rule")
    for severity in sorted(Severity, reverse=True)
}
_AREAS_KEY: Final = Key(
    "areas", Record("`areas`", _AREA_KEYS.values()), "the weight of each area in the whole"
)
_POINTS_KEY: Final = Key(
    "points",
    Record("`points`", _POINT_KEYS.values()),
    "what a rule that finds something takes from its area, by severity",
)
_UNKNOWN_KEY: Final = Key("unknown", Number(0, 10), "what a question that could not be decided takes")
_SCORE: Final = Record("`score`", (_AREAS_KEY, _POINTS_KEY, _UNKNOWN_KEY))

SCORE: Final[Key[Fields]] = Key("score", _SCORE, "the weights of `snowfence score`")


def weights(fields: Fields, base: Weights) -> Weights:
    """What the section says, on top of what an earlier policy said."""
    areas, points = fields.get(_AREAS_KEY), fields.get(_POINTS_KEY)
    unknown = fields.get(_UNKNOWN_KEY)
    return Weights(
        base.areas
        | (
            {name: value for name, key in _AREA_KEYS.items() if (value := areas.get(key)) is not None}
            if areas
            else {}
        ),
        base.points
        | (
            {one: value for one, key in _POINT_KEYS.items() if (value := points.get(key)) is not None}
            if points
            else {}
        ),
        base.unknown if unknown is None else unknown,
    )
