"""The posture as Markdown, for a summary of a run or a comment."""

from typing import Final

from scanner.report import gfm
from scanner.views.score.points import shown
from scanner.views.score.posture import AreaScore, Posture
from scanner.views.score.words import headline, limits, place, points, policies, reason, remarks, what

_HEADER: Final = ("area", "score", "lost for")
_SHOWN: Final = 5


def write(posture: Posture) -> str:
    parts = [
        f"**Score: {headline(posture)}**, by the policy {gfm.code(policies(posture))}; knowledge {gfm.code(posture.report.short_knowledge)}\n"
    ]
    parts.append(
        gfm.table(
            _HEADER,
            (
                [one.name, "–" if one.left is None else f"**{shown(one.left)}**", _lost(one)]
                for one in posture.areas
            ),
            gfm.LIMIT - 6_000,
        )
    )
    notes = [f"- {one.name}: {gfm.message(said)}" for one in posture.areas for said in limits(one)]
    notes += [f"- {gfm.message(note)}" for note in remarks(posture)]
    if notes:
        parts.append("\n".join(notes) + "\n")
    return "\n".join(parts)


def _lost(area: AreaScore) -> str:
    if area.left is None:
        return reason(area)
    taking = [one for one in area.losses if one.points]
    lines = [
        f"{points(one)} {gfm.code(one.rule)}: {what(one)}, {gfm.code(place(one))}" for one in taking[:_SHOWN]
    ]
    if len(taking) > _SHOWN:
        lines.append(f"… and {len(taking) - _SHOWN} more")
    return "<br>".join(lines) or "nothing"
