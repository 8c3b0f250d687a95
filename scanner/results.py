"""What a run has found: the value that reports, views and the exit code are made of."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from scanner.analysis.waivers import ABOUT_EXCEPTIONS, UNUSED
from scanner.engine import AnyRule, Described, Place
from scanner.model.finding import Finding, Ignored, Problem, Severity, Undecided

UNREADABLE: Final = "unreadable-input"
"""The rule by which what cannot be read is a finding, too."""


class RuleInUse(NamedTuple):
    """A rule that the policy enables; `severity` is the policy's when it overrides the rule's own.

    `place` is where its page is, or the page itself.
    """

    rule: AnyRule
    place: Place | Described
    severity: Severity | None

    @property
    def severities(self) -> tuple[Severity, ...]:
        """Every severity that its findings can have in this run, the highest first."""
        return self.rule.severities if self.severity is None else (self.severity,)


class Base(NamedTuple):
    """An earlier state that a report is compared with: its `name` for people, what is `known` there (the fingerprints, each behind
    the prefix of its repository's paths), and its findings that are `gone` now. `hidden` counts the known findings that the report
    leaves out, since only what is new is wanted."""

    name: str
    known: frozenset[str]
    gone: tuple[Finding, ...]
    hidden: int = 0

    def knows(self, finding: Finding) -> bool:
        """Whether it has a finding, too."""
        return known_as(finding) in self.known


class Gate(NamedTuple):
    """What fails a run: findings of a severity that is in `least` or above it; several where repositories that were scanned together
    each have their own, `own` by the prefixes of their paths. `failing` counts those that reach it, also where `--min-severity` leaves them out
    of the report. With `only_new` no finding counts that the base has, too."""

    least: tuple[Severity, ...]
    failing: int
    own: Mapping[str, Severity] = {}
    only_new: bool = False

    def least_for(self, finding: Finding) -> Severity:
        """The severity from which on a finding fails the run."""
        return self.own.get(finding.at.source.prefix, min(self.least))


def gate_of(report: "Report", own: Mapping[str, Severity], only_new: bool = False) -> Gate:
    """The gate of a report, of several repositories when they are one; `own` are the severities by the prefixes of their paths."""
    gate = Gate(tuple(sorted(set(own.values()))), 0, own, only_new)
    judged = report.without_known() if only_new else report
    return gate._replace(failing=sum(one.severity >= gate.least_for(one) for one in judged.findings))


def known_as(finding: Finding) -> str:
    """What a base knows a finding by: several repositories may have equal fingerprints."""
    return f"{finding.at.source.prefix}{finding.fingerprint}"


class Report(NamedTuple):
    """One run over one or more repositories.

    `root` is what the user named (of several repositories their common folder), and all paths are relative to it.
    `findings`, `problems` and `unknowns` are sorted by path, place and rule. `inputs` counts the files read. `ignored` are the
    findings that comments, exceptions of the policy and the file of accepted findings took out. `rules` are those enabled, by
    id. `notes` are remarks about the run itself, `asked` those of them that say which servers were asked, `on_knowledge` those on the age of the tables used. `policies` are the names of the policies in force, `knowledge` is the digest of
    the tables used. `base` is the state that it is compared with, None where there is none, `gate` what fails the run, None where nothing does.
    """

    root: str
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    unknowns: tuple[Undecided, ...]
    ignored: tuple[Ignored, ...]
    rules: tuple[RuleInUse, ...]
    inputs: int
    notes: tuple[str, ...]
    policies: tuple[str, ...]
    knowledge: str
    now: date
    asked: tuple[str, ...] = ()
    base: Base | None = None
    gate: Gate | None = None
    on_knowledge: tuple[str, ...] = ()

    def is_new(self, finding: Finding) -> bool:
        """Whether the base does not have a finding; without a base none is new."""
        return self.base is not None and not self.base.knows(finding)

    def new(self) -> tuple[Finding, ...]:
        """The findings that the base does not have."""
        return tuple(filter(self.is_new, self.findings))

    def narrowed(self, wanted: Callable[[Finding], bool]) -> "Report":
        """The report on the findings that are wanted, of the base too."""
        base = self.base
        return self._replace(
            findings=tuple(filter(wanted, self.findings)),
            base=None if base is None else base._replace(gone=tuple(filter(wanted, base.gone))),
        )

    def without_known(self) -> "Report":
        """The report on what the base does not have; the same where there is none."""
        if self.base is None:
            return self
        hidden = [one for one in self.findings if self.base.knows(one)]
        said = {(one.at, one.message) for one in hidden if one.rule == UNREADABLE}
        return self._replace(
            findings=self.new(),
            # These would seem to be problems that no finding shows.
            problems=tuple(one for one in self.problems if (one.at, one.message) not in said),
            base=self.base._replace(hidden=len(hidden)),
        )

    @property
    def short_knowledge(self) -> str:
        """The digest of the tables used as people read it: its first digits."""
        return self.knowledge[:12]

    def worst(self) -> Severity | None:
        """The highest severity found, None without findings."""
        return max((finding.severity for finding in self.findings), default=None)


def _path(one: Finding | Problem | Undecided) -> str:
    return one.at.shown


def merged(root: str, reports: Iterable[Report]) -> Report:
    """One report for several repositories, their paths told apart by the prefixes they were read with. No gate has judged it yet."""
    several = list(reports)
    if len(several) == 1:
        return several[0]._replace(root=root)
    rules: dict[str, RuleInUse] = {}
    for report in several:
        for one in report.rules:
            rules[one.rule.id] = _together(rules.get(one.rule.id, one), one)
    return several[0]._replace(
        root=root,
        findings=tuple(sorted(_findings_of(several), key=_path)),
        problems=tuple(sorted((one for report in several for one in report.problems), key=_path)),
        unknowns=tuple(sorted((one for report in several for one in report.unknowns), key=_path)),
        ignored=tuple(one for report in several for one in report.ignored),
        rules=tuple(rules[id] for id in sorted(rules)),
        inputs=sum(report.inputs for report in several),
        notes=tuple(dict.fromkeys(note for report in several for note in report.notes)),
        asked=tuple(dict.fromkeys(note for report in several for note in report.asked)),
        policies=tuple(dict.fromkeys(name for report in several for name in report.policies)),
        base=_bases([report.base for report in several if report.base is not None]),
    )


def _bases(several: list[Base]) -> Base | None:
    """The same state of several repositories."""
    if not several:
        return None
    return Base(
        several[0].name,
        frozenset(key for base in several for key in base.known),
        tuple(sorted((one for base in several for one in base.gone), key=_path)),
    )


def _together(one: RuleInUse, other: RuleInUse) -> RuleInUse:
    """A rule of two runs. Checks of different policies may have one id and say different things: the page has both."""
    match one.place, other.place:
        case (Described() as mine, Described() as theirs) if theirs.markdown not in mine.markdown:
            title = mine.title if mine.title == theirs.title else f"{mine.title} / {theirs.title}"
            lead = mine.lead if mine.lead == theirs.lead else f"{mine.lead}\n\n{theirs.lead}"
            page = Described(title, lead, f"{mine.markdown.rstrip()}\n\n{theirs.markdown}", mine.file)
            return one._replace(place=page)
    return one


def _findings_of(reports: list[Report]) -> Iterator[Finding]:
    """Every finding; what is wrong with an exception of a policy that judges several repositories is said once, and not that it is
    unused where one of them uses it."""
    used = {
        (one.at.shown, one.at.start) for report in reports for one in report.ignored if one.by == "exception"
    }
    said: set[tuple[str, str, int]] = set()
    for report in reports:
        for one in report.findings:
            if one.rule in ABOUT_EXCEPTIONS:
                key = one.rule, one.at.shown, one.at.start
                if key in said or (one.rule == UNUSED and key[1:] in used):
                    continue
                said.add(key)
            yield one
