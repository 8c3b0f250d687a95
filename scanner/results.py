"""What a run has found: the value that reports, views and the exit code are made of."""

from datetime import date
from typing import NamedTuple

from scanner.engine import AnyRule, Described, Place
from scanner.model.finding import Finding, Ignored, Problem, Severity, Undecided


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


class Report(NamedTuple):
    """One run over one or more repositories.

    `root` is what the user named (of several repositories their common folder), and all paths are relative to it.
    `findings`, `problems` and `unknowns` are sorted by path, place and rule. `inputs` counts the files read. `ignored` are the
    findings that comments, exceptions of the policy and the file of accepted findings took out. `rules` are those enabled, by
    id. `notes` are remarks about the run itself. `policies` are the names of the policies in force, `knowledge` is the digest of
    the tables used.
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

    def worst(self) -> Severity | None:
        """The highest severity found, None without findings."""
        return max((finding.severity for finding in self.findings), default=None)
