"""Answers of rules become findings: severity, confidence floor, fingerprint, order; nothing is said twice; and what comments,
exceptions and the repository's accepted findings take out."""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import Final, NamedTuple

from scanner.analysis.ignores import NOTHING_IGNORED, Ignores
from scanner.analysis.waivers import NOTHING_WAIVED, Waivers
from scanner.engine import Answer, AnyRule
from scanner.model.finding import Confidence, Finding, Hit, Ignored, Severity, Undecided, Unknown
from scanner.parse.fences import evened
from scanner.parse.ignores import Ignore
from scanner.policy.accepted import NOTHING_ACCEPTED, Accepted
from scanner.policy.policy import Policy, Setting

OPEN: Final = "undecided"
"""The evidence of a finding that a question is open."""


class Judgment(NamedTuple):
    """Findings and undecided questions, each sorted by path, place and rule, and the findings that are taken out."""

    findings: tuple[Finding, ...]
    undecided: tuple[Undecided, ...]
    ignored: tuple[Ignored, ...]

    def with_more(self, more: "Judgment") -> "Judgment":
        """Both in one, sorted."""
        return Judgment(
            tuple(sorted((*self.findings, *more.findings), key=_place)),
            tuple(sorted((*self.undecided, *more.undecided), key=_question)),
            tuple(sorted((*self.ignored, *more.ignored), key=_taken)),
        )


class _Said(NamedTuple):
    """An answer that becomes a finding of this severity."""

    rule: AnyRule
    hit: Hit
    severity: Severity


class _Judged(NamedTuple):
    """A finding, the inputs that its hit names, and its fingerprint in a run over its repository alone."""

    finding: Finding
    inputs: tuple[str, ...]
    fingerprint: str


def judge(
    policy: Policy,
    answers: Iterable[tuple[AnyRule, Answer]],
    identify: Callable[[str], str] = str,
    ignores: Ignores = NOTHING_IGNORED,
    waivers: Waivers = NOTHING_WAIVED,
    accepted: Accepted = NOTHING_ACCEPTED,
) -> Judgment:
    """What the policy, comments and the accepted findings make of answers.

    `identify` turns the id of a node into what stays the same when the file around it is edited.
    """
    settings = Settings(policy)
    hits: list[_Said] = []
    opened: list[_Said] = []
    unsaid: list[tuple[AnyRule, Hit]] = []
    undecided: list[Undecided] = []
    sharp = _Sharper(settings)
    for rule, answer in answers:
        # Asked of hits below the floor as well: their comment is needed by who looks at everything.
        comment = _comment(ignores, rule.id, answer)
        if accepted and isinstance(answer, Unknown):
            accepted.leave_open(rule.id, answer.at.path)
        setting = settings.at(rule.id, answer.at.path)
        if setting is None:
            continue
        match answer:
            case Hit():
                sharp.hear(rule, answer)
                if setting.confidence is None or (answer.confidence or rule.confidence) >= setting.confidence:
                    hits.append(_Said(rule, answer, setting.severity_of(rule, answer.variant)))
                else:
                    unsaid.append((rule, answer))
            case Unknown() if setting.unknown is not None:
                opened.append(_Said(rule, _open(answer), setting.unknown))
            case Unknown(at, subject, reason):
                waiver = waivers.of(rule.id, at, subject, counted=comment is None)
                if comment is None and waiver is None:
                    undecided.append(Undecided(rule.id, at, subject, reason, answer.because))
    undecided.sort(key=_question)
    hits, silent = sharp.left(hits)
    unsaid += [(one.rule, one.hit) for one in silent]
    for rule, hit in unsaid:  # what excuses them is in use
        waivers.of(rule.id, hit.at, hit.subject, inputs=hit.inputs, counted=False)
        if accepted:
            accepted.hidden.add(_identity(rule.id, "", _about(hit, identify), hit.evidence))
    said = sorted([*hits, *opened], key=_order)
    findings, ignored = _left(list(_findings(said, identify)), ignores, waivers, accepted)
    return Judgment(tuple(findings), tuple(undecided), tuple(ignored))


def _open(question: Unknown) -> Hit:
    """A question that the policy wants to see as a finding, whatever its floor of confidence."""
    return Hit(question.at, question.subject, question.reason, None, Confidence.LOW, (OPEN,))


def _left(
    judged: list[_Judged], ignores: Ignores, waivers: Waivers, accepted: Accepted
) -> tuple[list[Finding], list[Ignored]]:
    """The findings that are reported, and those that are taken out: by a comment before an exception, by that before acceptance."""
    left: list[_Judged] = []
    ignored: list[Ignored] = []
    for one in judged:
        finding = one.finding
        comment = _comment(ignores, finding.rule, finding)
        waiver = waivers.of(
            finding.rule,
            finding.at,
            finding.subject,
            fingerprints=(one.fingerprint, finding.fingerprint),
            inputs=one.inputs,
            counted=comment is None,
        )
        if comment is not None:
            ignored.append(Ignored(finding, comment.at, comment.reason, "comment"))
        elif waiver is not None:
            ignored.append(Ignored(finding, waiver.at, waiver.reason, "exception"))
        else:
            left.append(one)
    entries = accepted.of([one.fingerprint for one in left]) if accepted else {}
    findings: list[Finding] = []
    for one in left:
        entry = entries.get(one.fingerprint)
        if entry is None or not entry.covers(one.finding):
            findings.append(one.finding)
        else:
            ignored.append(
                Ignored(one.finding, entry.at, f"accepted on {entry.since.isoformat()}", "accepted")
            )
    ignored.sort(key=_taken)
    return findings, ignored


class Settings:
    """What a policy says of each rule in each file, worked out once."""

    def __init__(self, policy: Policy) -> None:
        self._policy: Final = policy
        self._whole: Final[dict[str, Setting]] = {}
        self._here: Final[dict[tuple[str, str], Setting | None]] = {}

    def of(self, rule: str) -> Setting:
        """What holds for a rule, with what is said of single files."""
        found = self._whole.get(rule)
        if found is None:
            found = self._whole[rule] = self._policy.setting(rule)
        return found

    def at(self, rule: str, path: str) -> Setting | None:
        """What holds for a rule in a file, None where it is off."""
        whole = self.of(rule)
        if not whole.paths:
            return whole
        key = rule, path
        if key not in self._here:
            found = whole.at(path)
            self._here[key] = found if found.enabled else None
        return self._here[key]

    def on(self, rule: str, path: str) -> bool:
        """Whether a rule is on in a file."""
        found = self.at(rule, path)
        return found is not None and bool(found.enabled)


class _Sharper:
    """Rules that supersede others: where both speak of one text, only the sharper one does. It says no more than that:
    where the other one is on and has nothing to say (it trusts the owner of an action), neither has the sharper one. A rule
    that speaks `instead_of` others asks them nothing; one that `yields_to` others is silent beside them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._said: dict[str, set[_At]] = {}

    def hear(self, rule: AnyRule, hit: Hit) -> None:
        self._said.setdefault(rule.id, set()).add(_at(hit))

    def left(self, hits: list[_Said]) -> tuple[list[_Said], list[_Said]]:
        """The hits that stay, and those that yield to others."""
        if not any(one.rule.supersedes or one.rule.instead_of or one.rule.yields_to for one in hits):
            return hits, []
        kept: list[_Said] = []
        taken: dict[str, set[_At]] = {}
        spoken: dict[str, set[_At]] = {}
        for one in hits:
            rule, hit, _ = one
            if rule.supersedes and not self._speaks(rule, hit):
                continue
            kept.append(one)
            spoken.setdefault(rule.id, set()).add(_at(hit))
            for other in (*rule.supersedes, *rule.instead_of):
                taken.setdefault(other, set()).add(_at(hit))
        left: list[_Said] = []
        silent: list[_Said] = []
        for one in kept:
            if _at(one.hit) not in taken.get(one.rule.id, ()):
                yields = any(_about_at(one.hit) in spoken.get(other, ()) for other in one.rule.yields_to)
                (silent if yields else left).append(one)
        return left, silent

    def _speaks(self, rule: AnyRule, hit: Hit) -> bool:
        """Whether the rule that a hit sharpens speaks at its place, or is off: what another one says or does not say there is no
        matter. Where the hit does not name it, one of them must speak, or all be off."""
        at = _at(hit)
        others = (hit.sharpens,) if hit.sharpens else rule.supersedes
        return any(at in self._said.get(other, ()) for other in others) or not any(
            self._settings.on(other, hit.at.path) for other in others
        )


def _at(hit: Hit) -> "_At":
    return hit.at.shown, hit.at.start, hit.at.end


def _about_at(hit: Hit) -> "_At":
    """The place of what a hit speaks of, also where it stands at a remark on that."""
    return _at(hit if hit.remark_on is None else hit._replace(at=hit.remark_on))


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


def _order(one: _Said) -> tuple[str, int, int, str, str, str]:
    rule, hit, _ = one
    return hit.at.shown, hit.at.start, hit.at.end, rule.id, hit.subject, hit.message


def _taken(one: Ignored) -> tuple[str, int, int, str, str, str]:
    return _place(one.finding)


def _findings(said: Iterable[_Said], identify: Callable[[str], str]) -> Iterator[_Judged]:
    counts: dict[str, int] = {}
    # A node that an alias repeats has one place in the file and is said once; several questions may be open at one.
    seen: set[tuple[str, str, int, int, tuple[str, ...], str]] = set()
    for rule, hit, severity in said:
        question = hit.message if hit.evidence == (OPEN,) else ""
        place = (rule.id, hit.at.shown, hit.at.start, hit.at.end, hit.evidence, question)
        if place in seen:
            continue
        seen.add(place)
        prefix, subject = hit.at.source.prefix, _about(hit, identify)
        identity = _identity(rule.id, prefix, subject, hit.evidence)
        alone = _identity(rule.id, "", subject, hit.evidence) if prefix else identity
        number = counts[identity] = counts.get(identity, 0) + 1
        finding = Finding(
            rule=rule.id,
            variant=hit.variant,
            severity=severity,
            confidence=rule.confidence if hit.confidence is None else hit.confidence,
            subject=hit.subject,
            at=hit.at,
            message=hit.message,
            related=hit.related,
            flow=hit.flow,
            fingerprint=f"{identity}:{number}",
            stakes=hit.stakes,
            fix=hit.fix if hit.fix is not None and hit.fix.may_be_shown else None,
        )
        yield _Judged(finding, hit.inputs, f"{alone}:{number}")


def _about(hit: Hit, identify: Callable[[str], str]) -> str:
    return identify(hit.about or hit.subject)


def _evened(text: str) -> str:
    """Evidence that is text of a file, however its lines are folded and its expressions spaced."""
    return evened(" ".join(text.split()) if "\n" in text else text)


def _identity(rule: str, prefix: str, subject: str, evidence: tuple[str, ...]) -> str:
    """Rule, repository, node and evidence, never a line; a number behind it tells apart equal ones, in the file's order."""
    text = "\0".join((rule, prefix, subject, *map(_evened, evidence)))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
