"""The arithmetic of the score, in thousandths of a point: whole numbers, so that the same findings give the same score everywhere.

More findings, or worse ones, never raise a score: every step is a sum, a maximum or a minimum of what grows with them.
"""

from collections.abc import Iterable
from typing import Final, NewType

Points = NewType("Points", int)
"""Thousandths of a point."""

FULL: Final = Points(10_000)
"""What an area begins with."""


def points(number: float) -> Points:
    """What a policy says, which is a decimal number."""
    return Points(round(number * 1000))


def taken(each: Iterable[Points]) -> Points:
    """What a rule takes: all that its worst finding weighs and a tenth of what each further one does, up to twice the first."""
    worst, whole = 0, 0
    for one in each:
        worst = max(worst, one)
        whole += one
    return Points(min(worst * 2, worst + (whole - worst) // 10))


def left(lost: Iterable[Points]) -> Points:
    """What is left of an area."""
    return Points(max(FULL - sum(lost), 0))


def whole(areas: Iterable[tuple[float, Points, bool]]) -> Points | None:
    """What is left of all areas, each with its weight, what is left of it, and whether it has files at all: the weighted mean of
    those that have; None when nothing has a weight. What is lost in others is lost here too, but they share nothing out, or a
    finding in one of them could raise the mean."""
    weights = total = 0
    for weight, one, has_files in areas:
        share = round(weight * 1000)
        if has_files:
            weights += share
            total += share * one
        else:
            total -= share * (FULL - one)
    return Points(max(total, 0) // weights) if weights else None


def tenths(of: Points) -> int:
    """Rounded down, so that ten means that nothing was lost."""
    return of // 100


def shown(of: Points) -> str:
    """`7.4`."""
    whole, tenth = divmod(tenths(of), 10)
    return f"{whole}.{tenth}"
