"""The rules of a run as SARIF's reporting descriptors, as GitHub reads them (github/docs, `sarif-support.md`).

GitHub reads `security-severity` from the rule only, so a rule with several severities has a descriptor for each. It keeps the text of a
rule once for all repositories, so nothing of the input stands here but what a policy says of its own checks.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import sarif_om as om

from scanner.engine import AnyRule, Described
from scanner.model.finding import Confidence, Finding, Severity
from scanner.report.escape import visible, visible_lines
from scanner.report.links import page_of
from scanner.results import RuleInUse
from scanner.rules.pages import Page, read_page

# GitHub's limits. Of the tags it keeps ten, which are to be the first.
TAGS: Final = 20
DESCRIPTION: Final = 1024
NAME: Final = 255

LEVELS: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# For rules that are not about security: GitHub shows this instead of a score.
_PROBLEM_SEVERITIES: Final = {"error": "error", "warning": "warning", "note": "recommendation"}
# CVSS-like scores in the middle of GitHub's bands.
_SCORES: Final = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.5",
}
_PRECISIONS: Final = {Confidence.HIGH: "high", Confidence.MEDIUM: "medium", Confidence.LOW: "low"}
# Rules that are about quality and not about security have no score.
_QUALITY: Final = frozenset(("reliability", "maintainability", "style", "license"))

Descriptors = Mapping[tuple[str, Severity], tuple[str, int]]
"""The id and the index of the descriptor of a rule at a severity."""


def descriptors(
    rules: Iterable[RuleInUse], findings: Iterable[Finding]
) -> tuple[list[om.ReportingDescriptor], Descriptors]:
    """What describes the rules in use at every severity that they can have or that one of the findings has, and where."""
    found: dict[str, set[Severity]] = {}
    for finding in findings:
        found.setdefault(finding.rule, set()).add(finding.severity)
    described: list[om.ReportingDescriptor] = []
    places: dict[tuple[str, Severity], tuple[str, int]] = {}
    for one in rules:
        severities = sorted({*one.severities, *found.get(one.rule.id, ())}, reverse=True)
        for descriptor, severity in _describe(one, severities):
            places[one.rule.id, severity] = descriptor.id, len(described)
            described.append(descriptor)
    return described, places


def _describe(
    one: RuleInUse, severities: list[Severity]
) -> Iterator[tuple[om.ReportingDescriptor, Severity]]:
    rule, place = one.rule, one.place
    page: Page | Described
    if isinstance(place, Described):
        # A check may be of a repository that nobody trusts.
        page = Described(visible(place.title), visible(place.lead), visible_lines(place.markdown), place.file)
    else:
        page = read_page(place)
    name = "".join(part.capitalize() for part in rule.id.split("-"))[: NAME - 10]
    # GitHub refuses empty texts.
    title = page.title.strip() or rule.id
    markdown = page.markdown if page.markdown.strip() else title
    for severity in severities:
        several = len(severities) > 1
        level = LEVELS[severity]
        security = severity in _SCORES and not _QUALITY.intersection(rule.tags)
        properties: dict[str, object] = {"precision": _PRECISIONS[rule.confidence]}
        if security:
            properties["security-severity"] = _SCORES[severity]
        else:
            properties["problem.severity"] = _PROBLEM_SEVERITIES[level]
        properties["tags"] = _tags(rule, security)[:TAGS]
        id = f"{rule.id}/{severity}" if several else rule.id
        called = f"{name}{str(severity).capitalize()}" if several else name
        yield (
            om.ReportingDescriptor(
                id=id,
                # One that is the id in other letters says nothing (§3.49.7).
                name=called if called.lower() != id else None,
                short_description=om.MultiformatMessageString(text=_cut(title)),
                full_description=om.MultiformatMessageString(text=_cut(page.lead.strip() or title)),
                default_configuration=om.ReportingConfiguration(level=level),
                # GitHub shows the Markdown; the text, which it requires, does without the examples.
                help=om.MultiformatMessageString(
                    text=markdown.partition("\n## Examples")[0].strip() or title, markdown=markdown
                ),
                help_uri=page_of(one),
                properties=properties,
            ),
            severity,
        )


def _cut(text: str) -> str:
    return text if len(text) <= DESCRIPTION else f"{text[: DESCRIPTION - 1]}…"


def _tags(rule: AnyRule, security: bool) -> list[str]:
    """What GitHub acts on first: `security`, weaknesses in the form in which it knows them (`external/cwe/cwe-094`), OWASP's risks
    (`CICD-SEC-3`); then the others, in the rule's order."""
    weaknesses: list[str] = []
    risks: list[str] = []
    others: list[str] = []
    for tag in rule.tags:
        lower = tag.lower()
        if lower.startswith("cwe-"):
            weaknesses.append(f"external/cwe/cwe-{lower[4:]:0>3}")
        elif lower.startswith("cicd-sec-"):
            risks.append(tag)
        elif lower != "security":
            others.append(tag)
    return [*(["security"] if security else []), *weaknesses, *risks, *others]
