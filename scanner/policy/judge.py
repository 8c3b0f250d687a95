"""Answers of rules become findings: severity, confidence floor, comments, fingerprint, order; nothing is said twice."""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import NamedTuple

from scanner.analysis.ignores import NOTHING_IGNORED, Ignores
from scanner.engine import Answer, AnyRule
from scanner.model.finding import Finding, Hit, Ignored, Undecided, Unknown
from scanner.parse.ignores import Ignore
from scanner.policy.policy import Policy


class Judgment(NamedTuple):
    """Findings and undecided questions, each sorted by path, place and rule, and the findings that comments silence."""

    findings: tuple[Finding, ...]
    undecided: tuple[Undecided, ...]
    ignored: tuple[Ignored, ...]

    def with_more(self, more: "Judgment") -> "Judgment":
        """Both in one, sorted."""
        return Judgment(
            tuple(sorted((*self.findings, *more.findings), key=_place)),
            tuple(sorted((*self.undecided, *more.undecided), key=_question)),
            tuple(sorted((*self.ignored, *more.ignored), key=lambda one: _place(one.finding))),
        )


def judge(
    policy: Policy,
    answers: Iterable[tuple[AnyRule, Answer]],
    identify: Callable[[str], str] = str,
    ignores: Ignores = NOTHING_IGNORED,
) -> Judgment:
    """What the policy and the comments make of answers.

    `identify` turns the id of a node into what stays the same when the file around it is edited.
    """
    hits: list[tuple[AnyRule, Hit]] = []
    undecided: list[Undecided] = []
    sharp = _Sharper(policy)
    for rule, answer in answers:
        # Asked of hits below the floor as well: their comment is needed by who looks at everything.
        comment = _comment(ignores, rule.id, answer)
        match answer:
            case Hit():
                sharp.hear(rule, answer)
                floor = policy.setting(rule.id).confidence
                if floor is None or (answer.confidence or rule.confidence) >= floor:
                    hits.append((rule, answer))
            case Unknown(at, subject, reason) if comment is None:
                undecided.append(Undecided(rule.id, at, subject, reason))
    hits = sharp.left(hits)
    hits.sort(key=_order)
    undecided.sort(key=_question)
    findings: list[Finding] = []
    ignored: list[Ignored] = []
    for finding in _findings(policy, hits, identify):
        comment = _comment(ignores, finding.rule, finding)
        if comment is None:
            findings.append(finding)
        else:
            ignored.append(Ignored(finding, comment.at, comment.reason))
    return Judgment(tuple(findings), tuple(undecided), tuple(ignored))


class _Sharper:
    """Rules that supersede others: where both speak of one text, only the sharper one does. It says no more than that:
    where the other one is on and has nothing to say (it trusts the owner of an action), neither has the sharper one. A rule
    that speaks `instead_of` others asks them nothing."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._said: dict[str, set[_At]] = {}

    def hear(self, rule: AnyRule, hit: Hit) -> None:
        self._said.setdefault(rule.id, set()).add(_at(hit))

    def left(self, hits: list[tuple[AnyRule, Hit]]) -> list[tuple[AnyRule, Hit]]:
        """The hits that stay."""
        if not any(rule.supersedes or rule.instead_of for rule, _ in hits):
            return hits
        kept: list[tuple[AnyRule, Hit]] = []
        taken: dict[str, set[_At]] = {}
        for rule, hit in hits:
            if rule.supersedes and not self._speaks(rule, hit):
                continue
            kept.append((rule, hit))
            for other in (*rule.supersedes, *rule.instead_of):
                taken.setdefault(other, set()).add(_at(hit))
        return [(rule, hit) for rule, hit in kept if _at(hit) not in taken.get(rule.id, ())]

    def _speaks(self, rule: AnyRule, hit: Hit) -> bool:
        """Whether the rule that a hit sharpens speaks at its place, or is off: what another one says or does not say there is no
        matter. Where the hit does not name it, one of them must speak, or all be off."""
        at = _at(hit)
        others = (hit.sharpens,) if hit.sharpens else rule.supersedes
        return any(at in self._said.get(other, ()) for other in others) or not any(
            self._policy.setting(other).enabled for other in others
        )


def _at(hit: Hit) -> "_At":
    return hit.at.shown, hit.at.start, hit.at.end


_At = tuple[str, int, int]


def _comment(ignores: Ignores, rule: str, said: Answer | Finding) -> Ignore | None:
    if not ignores:
        return None
    related = () if isinstance(said, Unknown) else said.related
    return ignores.of(rule, said.at, (note.at for note in related))


def _place(finding: Finding) -> tuple[str, int, int, str, str, str]:
    at = finding.at
    return at.shown, at.start, at.end, finding.rule, finding.subject, finding.message


def _question(one: Undecided) -> tuple[str, int, str, str, str]:
    return one.at.shown, one.at.start, one.rule, one.subject, one.reason


def _order(pair: tuple[AnyRule, Hit]) -> tuple[str, int, int, str, str, str]:
    rule, hit = pair
    return hit.at.shown, hit.at.start, hit.at.end, rule.id, hit.subject, hit.message


def _findings(
    policy: Policy, hits: list[tuple[AnyRule, Hit]], identify: Callable[[str], str]
) -> Iterable[Finding]:
    counts: dict[str, int] = {}
    # A node that an alias repeats has one place in the file and is said once.
    said: set[tuple[str, str, int, int, tuple[str, ...]]] = set()
    for rule, hit in hits:
        place = (rule.id, hit.at.shown, hit.at.start, hit.at.end, hit.evidence)
        if place in said:
            continue
        said.add(place)
        override = policy.setting(rule.id).severity
        identity = _identity(rule, hit, identify)
        counts[identity] = counts.get(identity, 0) + 1
        yield Finding(
            rule=rule.id,
            variant=hit.variant,
            severity=rule.severity_of(hit.variant) if override is None else override,
            confidence=rule.confidence if hit.confidence is None else hit.confidence,
            subject=hit.subject,
            at=hit.at,
            message=hit.message,
            related=hit.related,
            flow=hit.flow,
            fingerprint=f"{identity}:{counts[identity]}",
        )


def _identity(rule: AnyRule, hit: Hit, identify: Callable[[str], str]) -> str:
    """Rule, node and evidence, never a line; a number behind it tells apart equal ones, in the file's order."""
    text = "\0".join((rule.id, hit.at.source.prefix, identify(hit.subject), *hit.evidence))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
