"""SARIF 2.1.0 (OASIS, errata 01) for GitHub code scanning, and valid for everyone else.

What GitHub reads, requires and refuses is in github/docs, `sarif-support.md` and `sarif-limits.md`. It takes a file whole or not
at all, so nothing here depends on the input being well-behaved: texts are cut and escaped, paths are
percent-encoded, every result has one location of one line. GitHub reads `security-severity` from the rule only, so a
rule with several severities has a descriptor for each. Suppressed results would be open alerts there: none are written.
"""

from collections.abc import Iterator
from typing import Final

import sarif_om as om

from scanner import __version__
from scanner.engine import AnyRule, Described
from scanner.model.finding import Confidence, Finding, Note, Severity
from scanner.model.source import Span
from scanner.report.chain import chain, in_one_line
from scanner.report.escape import bounded, visible, visible_lines
from scanner.report.sarif_json import to_json
from scanner.results import Report, RuleInUse
from scanner.rules.pages import Page, read_page

HOME: Final = "https://github.com/snowfence/snowfence"
SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

# GitHub's limits; of relatedLocations and codeFlows it keeps fewer than it accepts.
RESULTS: Final = 25_000
RELATED: Final = 100
STEPS: Final = 1_000
TAGS: Final = 20
DESCRIPTION: Final = 1024
# Ours.
LINKS: Final = 10
NOTIFICATIONS: Final = 1_000

LEVELS: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_PROBLEM_SEVERITIES: Final = {"error": "error", "warning": "warning", "note": "recommendation"}
# CVSS-like scores in the middle of GitHub's bands.
_SCORES: Final = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.5",
}
_PRECISIONS: Final = {Confidence.HIGH: "high", Confidence.MEDIUM: "medium", Confidence.LOW: "low"}
# Rules that are about quality and not about security have no score: GitHub shows their level instead.
_QUALITY: Final = frozenset(("reliability", "maintainability", "style", "license"))


def write(report: Report, *, category: str | None = None) -> str:
    """`category` tells apart several uploads for one commit; without it the uploading action's own counts."""
    findings, cut = _most_severe(report.findings)
    # The id and index of the descriptor for a rule at a severity.
    descriptors: dict[tuple[str, Severity], tuple[str, int]] = {}
    rules: list[om.ReportingDescriptor] = []
    for one, severities in _severities(report):
        for rule, severity in _describe(one, severities):
            descriptors[one.rule.id, severity] = rule.id, len(rules)
            rules.append(rule)
    run = om.Run(
        tool=om.Tool(
            driver=om.ToolComponent(
                name="snowfence", semantic_version=__version__, information_uri=HOME, rules=rules
            )
        ),
        automation_details=om.RunAutomationDetails(id=f"{category}/") if category else None,
        column_kind="utf16CodeUnits",
        invocations=[
            om.Invocation(
                # GitHub refuses the upload of a run that was not; what could not be read is a finding.
                execution_successful=True,
                tool_execution_notifications=_notifications(report, cut) or None,
            )
        ],
        results=[_result(finding, descriptors[finding.rule, finding.severity]) for finding in findings],
        properties={
            "policies": list(report.policies),
            "knowledge": report.knowledge,
            "now": report.now.isoformat(),
        },
    )
    return to_json(om.SarifLog(schema_uri=SCHEMA, version="2.1.0", runs=[run]))


def _most_severe(findings: tuple[Finding, ...]) -> tuple[list[Finding], int]:
    """As many findings as GitHub takes, in their order, and how many are left out."""
    if len(findings) <= RESULTS:
        return list(findings), 0
    ranked = sorted(range(len(findings)), key=lambda number: -findings[number].severity)
    return [findings[number] for number in sorted(ranked[:RESULTS])], len(findings) - RESULTS


# ---------------------------------------------------------------- rules


def _severities(report: Report) -> Iterator[tuple[RuleInUse, list[Severity]]]:
    """Every rule with the severities that it can have in this run."""
    found: dict[str, set[Severity]] = {}
    for finding in report.findings:
        found.setdefault(finding.rule, set()).add(finding.severity)
    for one in report.rules:
        yield one, sorted({*one.severities, *found.get(one.rule.id, ())}, reverse=True)


def _describe(
    one: RuleInUse, severities: list[Severity]
) -> Iterator[tuple[om.ReportingDescriptor, Severity]]:
    rule, place = one.rule, one.place
    page: Page | Described
    if isinstance(place, Described):
        # A check may be of a repository that nobody trusts.
        file = place.file
        page = Described(visible(place.title), visible(place.lead), visible_lines(place.markdown), file)
    else:
        page, file = read_page(place), f"scanner/rules/{place.subject}/{place.module}.md"
    name = "".join(part.capitalize() for part in rule.id.split("-"))
    for severity in severities:
        several = len(severities) > 1
        level = LEVELS[severity]
        properties: dict[str, object] = {
            "precision": _PRECISIONS[rule.confidence],
            "problem.severity": _PROBLEM_SEVERITIES[level],
        }
        security = severity in _SCORES and not _QUALITY.intersection(rule.tags)
        if security:
            properties["security-severity"] = _SCORES[severity]
        properties["tags"] = list(_tags(rule, security))[:TAGS]
        yield (
            om.ReportingDescriptor(
                id=f"{rule.id}/{severity}" if several else rule.id,
                name=f"{name}{str(severity).capitalize()}" if several else name,
                short_description=om.MultiformatMessageString(text=page.title[:DESCRIPTION]),
                full_description=om.MultiformatMessageString(text=page.lead[:DESCRIPTION]),
                default_configuration=om.ReportingConfiguration(level=level),
                # GitHub shows the Markdown; the text, which it requires, does without the examples.
                help=om.MultiformatMessageString(
                    text=page.markdown.partition("\n## Examples")[0].strip(), markdown=page.markdown
                ),
                help_uri=f"{HOME}/blob/main/{file}" if file else None,
                properties=properties,
            ),
            severity,
        )


def _tags(rule: AnyRule, security: bool) -> Iterator[str]:
    """The rule's tags, those of weaknesses in the form in which GitHub knows them (`external/cwe/cwe-094`)."""
    if security:
        yield "security"
    for tag in rule.tags:
        lower = tag.lower()
        if lower != "security":
            yield f"external/cwe/cwe-{lower[4:]:0>3}" if lower.startswith("cwe-") else tag


# ---------------------------------------------------------------- results


def _result(finding: Finding, descriptor: tuple[str, int]) -> om.Result:
    rule_id, rule_index = descriptor
    related = finding.related[:RELATED]
    properties = {"subject": visible(finding.subject), "confidence": str(finding.confidence)}
    if finding.variant is not None:
        properties["variant"] = finding.variant
    return om.Result(
        rule_id=rule_id,
        rule_index=rule_index,
        level=LEVELS[finding.severity],
        message=om.Message(text=_text(finding.message, related)),
        locations=[_location(finding.at)],
        partial_fingerprints={"primaryLocationLineHash": finding.fingerprint},
        related_locations=[_location(note.at, note.message, number) for number, note in enumerate(related, 1)]
        or None,
        code_flows=[_flow(finding)] if finding.flow else None,
        properties=properties,
    )


def _text(message: str, related: tuple[Note, ...]) -> str:
    """The message, its first sentence being GitHub's title, with links to the first related places (§3.11.6)."""
    text = _sentence(_plain(bounded(message)))
    if related:
        links = [f"[{_plain(bounded(note.message))}]({number})" for number, note in enumerate(related, 1)]
        more = f" and {len(links) - LINKS} more" if len(links) > LINKS else ""
        text += f" See {', '.join(links[:LINKS])}{more}."
    return text


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _plain(text: str) -> str:
    """Text of which nothing is taken for a link."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _flow(finding: Finding) -> om.CodeFlow:
    """The path from the source to the place of the finding; that of a check of a policy may lead away from there."""
    steps = list(chain(finding)[: STEPS - 1])
    away = steps[0].at == finding.at
    if steps[-1].at != finding.at and not away:
        steps.append(Note(finding.at, finding.message))
    last = len(steps) - 1
    locations = [
        om.ThreadFlowLocation(
            location=_location(step.at, step.message),
            execution_order=number,
            importance="essential" if number in (1, last + 1) else "important",
            kinds=["taint"] if number == 1 and not away else None,
        )
        for number, step in enumerate(steps, 1)
    ]
    text = _plain(bounded(in_one_line(finding)))
    message = om.Message(text=text) if text else None
    return om.CodeFlow(message=message, thread_flows=[om.ThreadFlow(locations=locations)])


def _location(at: Span, message: str | None = None, id: int = -1) -> om.Location:
    at = at.first_line()
    line, column = at.begin
    return om.Location(
        id=id,
        message=None if message is None else om.Message(text=_plain(bounded(message))),
        physical_location=om.PhysicalLocation(
            artifact_location=om.ArtifactLocation(uri=uri(at.source.committed)),
            region=om.Region(
                start_line=line, start_column=column, end_line=line, end_column=at.finish.column
            ),
        ),
    )


_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


def uri(path: str) -> str:
    """A path as a relative reference (RFC 3986 §4.2); bytes that are not UTF-8 arrive as lone surrogates."""
    try:
        octets = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        octets = path.encode("utf-8", "surrogatepass")
    return "".join([chr(octet) if octet in _UNRESERVED else f"%{octet:02X}" for octet in octets])


# ---------------------------------------------------------------- notifications


def _notifications(report: Report, cut: int) -> list[om.Notification]:
    """What is no result: remarks of the run, input that could not be read, questions that stay open."""
    found = [_notification("note", note) for note in report.notes]
    if cut:
        text = f"{cut} findings of the lowest severities are left out: GitHub takes {RESULTS} of one run"
        found.append(_notification("warning", text))
    found += [_notification("error", problem.message, problem.at) for problem in report.problems]
    found += [
        _notification("note", f"{unknown.rule} is undecided: {unknown.reason}", unknown.at)
        for unknown in report.unknowns
    ]
    if len(found) > NOTIFICATIONS:
        more = _notification("warning", f"{len(found) - NOTIFICATIONS} further notifications are left out")
        found = [*found[:NOTIFICATIONS], more]
    return found


def _notification(level: str, text: str, at: Span | None = None) -> om.Notification:
    return om.Notification(
        level=level,
        message=om.Message(text=_sentence(_plain(bounded(text)))),
        locations=None if at is None else [_location(at)],
    )
