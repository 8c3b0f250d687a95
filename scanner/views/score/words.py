"""What the writers say of a posture, in the same words."""

from collections.abc import Iterator
from typing import Final

from scanner.model.counting import counted
from scanner.model.finding import IgnoredBy
from scanner.views.score.points import shown
from scanner.views.score.posture import AreaScore, Loss, Posture
from scanner.views.score.softened import Softened

_NAMED: Final = 4
"""Rules that a remark names."""
_BY: Final[dict[IgnoredBy, str]] = {"comment": "comments", "exception": "exceptions"}


def headline(posture: Posture) -> str:
    """`6.3 of 10`, or `6.3 of 10 (4 of 6 areas judged)`: ten for what was looked at is no ten for everything."""
    if posture.total is None:
        return "not judged"
    areas = len(posture.areas)
    some = f" ({posture.counted} of {areas} areas judged)" if posture.counted < areas else ""
    return f"{shown(posture.total)} of 10{some}"


def policies(posture: Posture) -> str:
    """`recommended + snowfence.yaml`."""
    return " + ".join(posture.report.policies)


def points(loss: Loss) -> str:
    """`-5.10`: what it takes, to the hundredth, and never nothing where something is taken."""
    whole, hundredth = divmod(-(-loss.points // 10), 100)
    return f"-{whole}.{hundredth:02}" if loss.points else "0"


def what(loss: Loss) -> str:
    """`5 findings, the worst high`."""
    match loss.cause:
        case "undecided":
            return f"{loss.number} undecided"
        case "unread":
            return f"{counted(loss.number, 'file')} not read"
        case "findings":
            severity = f", {'up to ' if loss.number > 1 else ''}{loss.severity}"
            some = f"{loss.accepted} " if loss.accepted < loss.number else ""
            accepted = f", {some}accepted" if loss.accepted else ""
            return f"{counted(loss.number, 'finding')}{severity}{accepted}"


def place(loss: Loss) -> str:
    """`flake.lock:12`: of the worst finding, or the first question or file."""
    return f"{loss.at.shown}:{loss.at.begin.line}"


def reason(area: AreaScore) -> str:
    """Why an area is not judged."""
    if not area.has_files:
        return "not judged: no file of the repository belongs to it"
    return "not judged: no rule of it is on"


def limits(area: AreaScore, *, names: bool = False) -> Iterator[str]:
    """What the points of an area do not tell: rules that are off, findings that are taken out."""
    for rules, where in ((area.off, ""), (area.partly, " for some files")):
        if rules:
            are = "is" if len(rules) == 1 else "are"
            listed = f": {', '.join(rules)}" if names else ""
            yield f"not judged: {counted(len(rules), 'rule')} {are} off{where}{listed}"
    if area.taken_out:
        parts = [f"{number:,} by {_BY.get(by, by)}" for by, number in area.taken_out.items()]
        yield f"not counted: what is taken out: {', '.join(parts)}"


def remarks(posture: Posture) -> Iterator[str]:
    """What is to be known of the whole."""
    if posture.capped:
        yield ("a critical finding keeps the score down: it is at most what that finding alone leaves of ten")
    if changes := list(_softened(posture.softened)):
        yield f"the policy makes the score milder than its packs do: {', '.join(changes)}"
    if posture.softened.weights:
        yield "the policy weighs areas and severities in its own way"
    yield from posture.report.notes


def _softened(by: Softened) -> Iterator[str]:
    for rules, one, many in (
        (by.lowered, "severity is lowered", "severities are lowered"),
        (by.raised_floors, "floor of confidence is raised", "floors of confidence are raised"),
    ):
        if rules:
            more = f" and {len(rules) - _NAMED} more" if len(rules) > _NAMED else ""
            named = f"{', '.join(rules[:_NAMED])}{more}"
            yield f"{len(rules):,} {one if len(rules) == 1 else many} ({named})"
