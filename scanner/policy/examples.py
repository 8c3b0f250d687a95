"""The section `examples`: small repositories that prove a whole policy, its settings, exceptions and paths with it.

Examples of one check stand with the check (`checks/examples.py`); these are judged by everything that the policy says.
"""

from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from scanner.model.finding import Finding, Severity
from scanner.policy.checks.examples import FILES, NOW, Example, Outcome, Verdict, outcome
from scanner.policy.settings import SEVERITY
from scanner.policy.shapes import Fields, Key, ListOf, Record, Text, first, one_of, refuse
from scanner.results import Report

_RULE: Final = Key(
    "rule", Text(), "the id of the rule or check", required="the id of the rule that reports it"
)
_AT: Final = Key("at", Text(), "the text that it reports", required="the text that the rule reports")
_SEVERITY: Final[Key[Severity]] = Key(
    "severity", SEVERITY, "how severe it is; left out, that is not looked at"
)
_FINDINGS: Final = Key(
    "findings",
    ListOf(Record("an expected finding", (_RULE, _AT, _SEVERITY)), or_one=True, least=1),
    "what the policy must report, in the order of the files, and nothing else of the rules that are named",
    required="what the policy must report there, as a list of `rule` and `at`",
)
_RULES: Final[Key[tuple[str, ...]]] = Key(
    "rules",
    ListOf(Text(), or_one=True, least=1),
    "the rules that are looked at; left out, those of `findings`, and in a good example all of them",
)
_GOOD: Final = Key(
    "good",
    ListOf(Record("a good example", (FILES, _RULES, NOW)), or_one=True, least=1),
    "repositories in which the policy finds nothing",
)
_BAD: Final = Key(
    "bad",
    ListOf(Record("a bad example", (FILES, _FINDINGS, _RULES, NOW)), or_one=True, least=1),
    "repositories in which the policy finds something",
)
EXAMPLES: Final[Key[Fields]] = Key(
    "examples",
    Record("`examples`", (_GOOD, _BAD)),
    "small repositories that prove the policy as a whole; `snowfence policy test` runs them",
    idle=True,
)


class PolicyExample(NamedTuple):
    """An example and the rules that are looked at (empty: all); `exact` are those whose severities are."""

    example: Example
    rules: frozenset[str]
    exact: frozenset[str]

    def against(self, report: Report) -> Outcome:
        """What has come of the policy's report on the files. What it could not decide is not looked at: who minds sets `unknown:`
        and gets findings."""
        heard = tuple(
            one
            for one in report.findings
            if one.at.path in self.example.files and (not self.rules or one.rule in self.rules)
        )
        return outcome(self.example, report._replace(findings=heard, unknowns=()), self._text)

    def _text(self, finding: Finding) -> str:
        severity = finding.severity if finding.rule in self.exact else None
        return _expected(finding.rule, severity, finding.at.text)


def policy_examples(fields: Fields) -> Iterator[PolicyExample]:
    """The examples of a section, as they stand there."""
    for one in fields.get(_GOOD) or ():
        yield _example("good", one)
    for one in fields.get(_BAD) or ():
        yield _example("bad", one)


def check_names(fields: Fields, known: Collection[str]) -> None:
    """Raises PolicyError where the section names a rule that is not among those known."""
    for one in (*(fields.get(_GOOD) or ()), *(fields.get(_BAD) or ())):
        for rule in one.get(_RULES) or ():
            _known(rule, one, _RULES, known)
        for finding in one.get(_FINDINGS) or ():
            _known(finding.get(_RULE) or "", finding, _RULE, known)


def _known(rule: str, fields: Fields, key: Key[str] | Key[tuple[str, ...]], known: Collection[str]) -> None:
    try:
        one_of(rule, known, "rule")
    except ValueError as error:
        node = fields.node.get(key.name)
        for item in getattr(node, "items", ()):
            if item.value == rule:
                node = item
        raise refuse(first(node) if node is not None else fields.at(key), str(error)) from None


def _example(verdict: Verdict, fields: Fields) -> PolicyExample:
    findings = fields.get(_FINDINGS) or ()
    named = frozenset(one.get(_RULE) or "" for one in findings)
    exact = frozenset(one.get(_RULE) or "" for one in findings if one.get(_SEVERITY) is not None)
    at = tuple(_expected(one.get(_RULE) or "", one.get(_SEVERITY), one.get(_AT) or "") for one in findings)
    example = Example(verdict, first(fields.node), fields.get(FILES) or {}, at, fields.get(NOW))
    rules = fields.get(_RULES) or ()
    return PolicyExample(example, named | frozenset(rules), exact)


def _expected(rule: str, severity: Severity | None, text: str) -> str:
    """A finding in the words of a difference: `unpinned-uses (high): actions/checkout@v4`."""
    return f"{rule}: {text}" if severity is None else f"{rule} ({severity}): {text}"
