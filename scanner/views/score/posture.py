"""What a report says of the posture of a repository: points for each area, what each lost point is for, and what was not judged."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, NamedTuple, TypeVar

from scanner.discover import KINDS, LOCKS
from scanner.engine import called_for, load, places
from scanner.model.areas import AREAS, DEFAULT_AREA, Area
from scanner.model.finding import Finding, IgnoredBy, Problem, Severity, Undecided
from scanner.model.source import Span
from scanner.parse.document import NIX_IN_WORKFLOW
from scanner.policy.policy import Policy, Setting
from scanner.policy.weights import Weights
from scanner.results import UNREADABLE, Report
from scanner.views.score.points import FULL, Points, left, points, taken, whole
from scanner.views.score.softened import Softened, softened

_OF_WORKFLOWS: Final = frozenset(("workflow", "action"))
_USING: Final = LOCKS | _OF_WORKFLOWS | {"flake-nix", "actions-lock", "pre-commit"}

BELONG: Final[Mapping[Area, frozenset[str]]] = {
    "pinning": _USING,
    "freshness": _USING | {"dependabot", "renovate"},
    "permissions": _OF_WORKFLOWS,
    "exposure": _OF_WORKFLOWS | {"dependabot"},
    "nix-trust": LOCKS | {"flake-nix", "nix-conf", NIX_IN_WORKFLOW},
    "hygiene": frozenset(kind.name for kind in KINDS),
}
"""The kinds of input that belong to an area: without one of them it is not judged."""

Cause = Literal["findings", "undecided", "unread"]
_Answer = TypeVar("_Answer", Finding, Undecided)


class Loss(NamedTuple):
    """What a rule takes from its area, or what files take that cannot be read. `severity` is that of the worst finding, `at` its
    place or the first one; `number` of findings, questions or files; `accepted` are the findings among them that were accepted earlier: they count."""

    cause: Cause
    rule: str
    severity: Severity | None
    number: int
    accepted: int
    at: Span
    points: Points


class AreaScore(NamedTuple):
    """One area. `left` is None when it is not judged: no file belongs to it, or no rule of it is on. `rules` counts those that were
    asked, `off` are those that the policy has switched off, `partly` those that it has for some files. `taken_out` counts findings
    that do not count, by what took them out."""

    name: Area
    weight: float
    left: Points | None
    losses: tuple[Loss, ...]
    has_files: bool
    rules: int
    off: tuple[str, ...]
    partly: tuple[str, ...]
    taken_out: Mapping[IgnoredBy, int]


class Posture(NamedTuple):
    """All that a format shows. `total` is None when nothing was judged; `capped`: a critical finding keeps it below the mean;
    `softened`: what the policy judges milder than its packs."""

    total: Points | None
    capped: bool
    areas: tuple[AreaScore, ...]
    report: Report
    softened: Softened

    @property
    def counted(self) -> int:
        """How many areas the total is made of."""
        return sum(one.left is not None and one.weight > 0 for one in self.areas)


def posture(report: Report, policy: Policy, kinds: frozenset[str]) -> Posture:
    """`kinds` are those of the inputs that were read."""
    area_of = {one.rule.id: one.rule.area for one in report.rules}
    losses: dict[Area, list[Loss]] = {name: [] for name in AREAS}
    for area, loss in _losses(report, policy.weights, kinds, area_of):
        losses[area].append(loss)
    taken_out: dict[Area, Counter[IgnoredBy]] = {name: Counter() for name in AREAS}
    for ignored in report.ignored:
        if ignored.by != "accepted":
            taken_out[area_of.get(ignored.finding.rule, DEFAULT_AREA)][ignored.by] += 1
    asked = Counter(area_of.values())
    off, partly = _off(policy, kinds)
    present = kinds | {one.at.source.kind for one in report.problems}
    areas = tuple(
        _area(
            name,
            policy.weights.areas[name],
            losses[name],
            not BELONG[name].isdisjoint(present),
            asked[name],
            tuple(off[name]),
            tuple(partly[name]),
            dict(sorted(taken_out[name].items())),
        )
        for name in AREAS
    )
    return Posture(*_total(areas, policy.weights), areas, report, softened(policy, report.rules))


def _area(
    name: Area,
    weight: float,
    losses: list[Loss],
    has_files: bool,
    rules: int,
    off: tuple[str, ...],
    partly: tuple[str, ...],
    taken_out: Mapping[IgnoredBy, int],
) -> AreaScore:
    losses.sort(key=lambda one: (-one.points, one.rule, one.cause))
    judged = bool(losses) or (has_files and rules > 0)
    score = left(one.points for one in losses) if judged else None
    return AreaScore(name, weight, score, tuple(losses), has_files, rules, off, partly, taken_out)


def _total(areas: tuple[AreaScore, ...], weights: Weights) -> tuple[Points | None, bool]:
    """The mean of the areas; but with a critical finding no more than what it alone would leave of ten, so that areas in order do not
    hide it."""
    mean = whole((one.weight, one.left, one.has_files) for one in areas if one.left is not None)
    critical = any(
        loss.severity is Severity.CRITICAL for area in areas if area.weight for loss in area.losses
    )
    most = left((points(weights.points[Severity.CRITICAL]),))
    return (most, True) if mean is not None and critical and mean > most else (mean, False)


def _losses(
    report: Report, weights: Weights, kinds: frozenset[str], area_of: Mapping[str, Area]
) -> Iterator[tuple[Area, Loss]]:
    unknown = points(weights.unknown)
    weight = {severity: points(number) for severity, number in weights.points.items()}
    accepted = [one.finding for one in report.ignored if one.by == "accepted"]
    known = {one.fingerprint for one in accepted}
    findings = [*report.findings, *accepted]
    unread_of = area_of.get(UNREADABLE)
    nothing_read = unread_of is not None and bool(report.problems) and BELONG[unread_of].isdisjoint(kinds)
    severity: Severity | None = None
    for rule, found in _grouped(findings):
        worst = max(found, key=lambda one: weight[one.severity])
        if rule == UNREADABLE and nothing_read:
            severity = worst.severity  # what is left of the area is nothing, which says it already
            continue
        yield (
            area_of.get(rule, DEFAULT_AREA),
            Loss(
                "findings",
                rule,
                worst.severity,
                len(found),
                sum(one.fingerprint in known for one in found),
                worst.at,
                taken(weight[one.severity] for one in found),
            ),
        )
    # A policy may make findings of what cannot be decided: those count, unless they weigh less.
    said = {(one.rule, one.at) for one in findings if weight[one.severity] >= unknown}
    for rule, open_questions in _grouped(one for one in report.unknowns if (one.rule, one.at) not in said):
        yield (
            area_of.get(rule, DEFAULT_AREA),
            Loss(
                "undecided",
                rule,
                None,
                len(open_questions),
                0,
                open_questions[0].at,
                taken(unknown for _ in open_questions),
            ),
        )
    about = {one.at: weight[one.severity] for one in findings if one.rule == UNREADABLE}
    for name, files in _unread(report.problems, about).items():
        said_here = name == unread_of
        if BELONG[name].isdisjoint(kinds):
            gravest = severity if said_here else None
            yield name, Loss("unread", UNREADABLE, gravest, len(files), 0, files[0].at, FULL)
        elif files := [one for one in files if not (said_here and about.get(one.at, -1) >= unknown)]:
            each = [max(about.get(one.at, unknown), unknown) for one in files]
            yield name, Loss("unread", UNREADABLE, None, len(files), 0, files[0].at, taken(each))


def _unread(problems: Iterable[Problem], about: Mapping[Span, Points]) -> dict[Area, list[Problem]]:
    """The first problem of each file, one that is a finding before others, by the areas that the file belongs to. It could hold
    anything, so it takes from each of them what the finding about it takes from its own; without one, what an open question takes. Where
    no file of an area can be read, nothing is left of it."""
    files: dict[str, Problem] = {}
    for problem in problems:
        before = files.setdefault(problem.at.shown, problem)
        if before.at not in about and problem.at in about:
            files[problem.at.shown] = problem
    by_area = {
        name: [one for one in files.values() if one.at.source.kind in belonging]
        for name, belonging in BELONG.items()
    }
    return {name: found for name, found in by_area.items() if found}


def _grouped(answers: Iterable[_Answer]) -> Iterable[tuple[str, list[_Answer]]]:
    groups: dict[str, list[_Answer]] = {}
    for one in answers:
        groups.setdefault(one.rule, []).append(one)
    return groups.items()


def _off(policy: Policy, kinds: frozenset[str]) -> tuple[dict[Area, list[str]], dict[Area, list[str]]]:
    """The rules that the inputs call for and the policy has switched off, for all files and for some: what they would have found
    is in no score."""
    off: dict[Area, list[str]] = {name: [] for name in AREAS}
    partly: dict[Area, list[str]] = {name: [] for name in AREAS}
    called: dict[str, bool] = {}
    for id, place in places().items():
        setting = policy.setting(id)
        if _everywhere(setting):
            continue
        if place.subject not in called:
            called[place.subject] = called_for(place.subject, kinds)
        if called[place.subject]:
            (partly if setting.on_somewhere else off)[load(place).area].append(id)
    for id, own in policy.own.items():
        setting = policy.setting(id)
        if not _everywhere(setting):
            (partly if setting.on_somewhere else off)[own.rule.area].append(id)
    return off, partly


def _everywhere(setting: Setting) -> bool:
    return setting.enabled is True and all(one.setting.enabled is not False for one in setting.paths)
