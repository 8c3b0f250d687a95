"""The posture for people: a line with a bar for each area, and below it what the points are lost for."""

from typing import Final

from scanner.model.counting import counted
from scanner.report.columns import broken, columns, flowing, remark
from scanner.report.escape import visible
from scanner.report.table import WIDTH, Column, table_rows
from scanner.views.score.points import FULL, shown, tenths
from scanner.views.score.posture import AreaScore, Loss, Posture
from scanner.views.score.words import headline, limits, place, points, policies, reason, remarks, what

SHOWN: Final = 4
"""Losses of an area that are listed."""

_LOSS: Final = (
    Column("", right=True),
    Column("", 12, most=100, wraps=True, rank=1),
    Column("", 12, most=100, wraps=True),
)
_COLUMNS: Final = (*_LOSS, Column("", None))
_INDENT: Final = "    "
_BAR: Final = 10


def write(posture: Posture, *, every: bool = False, width: int | None = None) -> str:
    """`every`: all losses, and the names of the rules that are off."""
    policy, knowledge = visible(policies(posture)), posture.report.short_knowledge
    lines = flowing(f"score: {headline(posture)}, by the policy {policy}; knowledge {knowledge}", width, 0)
    chosen = [_chosen(one, every) for one in posture.areas]
    below = iter(_losses([one for losses in chosen for one in losses], max(width or WIDTH, 40)))
    for area, losses in zip(posture.areas, chosen, strict=True):
        lines += ["", *flowing(_head(area), width)]
        lines += [line for _ in losses for line in next(below)]
        more = [one for one in area.losses if one not in losses]
        if more:
            lines.append(f"    and {_more(more)}; --all shows {'it' if len(more) == 1 else 'them'}")
        for one in limits(area, names=every):
            lines += flowing(f"    {visible(one)}", width, 0)
    lines.append("")
    lines += [line for one in remarks(posture) for line in remark("note", one, width)]
    if any(one.losses for one in posture.areas):
        end = "`snowfence scan` shows the findings, `snowfence explain RULE` says why they matter and what to do"
        lines += flowing(end, width, 0)
    return "\n".join(lines).rstrip("\n") + "\n"


def _losses(losses: list[Loss], width: int) -> list[list[str]]:
    """The lines of each, in one table, so that the columns of all areas stand below each other. Its place stands on a line of its own
    where it would be too wide."""
    if not losses:
        return []
    rows = [[points(one), one.rule, what(one), visible(place(one))] for one in losses]
    sizes = (max(columns(row[at]) for row in rows) for at in range(len(_COLUMNS)))
    if sum(sizes) + len(_INDENT) + 2 * (len(_COLUMNS) - 1) <= width:
        return table_rows(_COLUMNS, rows, width, _INDENT)[1:]
    margin = len(_INDENT) + max(len(row[0]) for row in rows) + 2
    return [
        [*lines, *(f"{' ' * margin}{part}" for part in broken(row[-1], width - margin))]
        for row, lines in zip(
            rows, table_rows(_LOSS, [row[:-1] for row in rows], width, _INDENT)[1:], strict=True
        )
    ]


def _chosen(area: AreaScore, every: bool) -> tuple[Loss, ...]:
    if every:
        return area.losses
    taking = tuple(one for one in area.losses if one.points)
    return taking if len(taking) == SHOWN + 1 else taking[:SHOWN]


def _more(losses: list[Loss]) -> str:
    nothing = all(not one.points for one in losses)
    rules = counted(len(losses), "more rule") if not nothing else counted(len(losses), "rule")
    return f"{rules} that {'takes' if len(losses) == 1 else 'take'} nothing" if nothing else rules


def _head(area: AreaScore) -> str:
    name = f"{area.name:<12}"
    if area.left is None:
        return f"{name}     -  {reason(area)}"
    full = tenths(area.left) * _BAR // tenths(FULL)
    bar = "#" * full + "." * (_BAR - full)
    weight = "" if area.weight else ", no weight in the whole"
    said = f"{'' if area.losses else 'nothing lost, '}{counted(area.rules, 'rule')}{weight}"
    return f"{name}  {shown(area.left):>4}  {bar}  {said}"
