"""JUnit XML for CI systems (Jenkins, GitLab, CircleCI, Azure, dorny/test-reporter): every rule that was asked is a test.

A suite is a subject of rules (`uses`, `flakes`, …), a class is a rule. A rule that found nothing is one test that has passed; else each
finding that fails the run (every one, where no gate is set) is a test that failed, each other finding, each undecided question and each
finding that was taken out one that was skipped, with its reason: a run that has passed has no failures. Readers tell tests of two runs
apart by class and name, so a name holds what the finding is about and neither a line number nor the message, which may have ages and
counts in it; equal ones are numbered.

There is no one schema; attributes and their order of elements are those of Jenkins' `junit-10.xsd` (github.com/jenkinsci/xunit-plugin), which
the others read.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.engine import Described
from scanner.model.finding import Finding, Problem
from scanner.model.source import Span
from scanner.report.chain import in_one_line
from scanner.report.escape import bounded, visible
from scanner.report.links import pages
from scanner.report.words import TAKEN_OUT, lets_pass, silent_problems, where
from scanner.results import UNREADABLE, Report

OWN: Final = "checks"
"""The suite of the checks that policies declare."""

NOTHING: Final = "no findings"
"""The name of the test of a rule that found nothing."""

NAME: Final = 300
"""Characters of a name."""


class _Case(NamedTuple):
    """A test: what stands inside of it is XML already, and it counts as `result` (nothing: it passed)."""

    name: str
    at: Span | None = None
    result: str = ""
    inside: str = ""


def write(report: Report) -> str:
    cases = _cases(report)
    suites: dict[str, list[str]] = {}
    for one in report.rules:
        subject = OWN if isinstance(one.place, Described) else one.place.subject
        suites.setdefault(subject, []).append(one.rule.id)
    known = {id for ids in suites.values() for id in ids}
    suites.setdefault("other", []).extend(sorted(set(cases) - known))
    written = [
        _suite(subject, {id: cases.get(id) or [_Case(NOTHING)] for id in ids})
        for subject, ids in suites.items()
        if ids
    ]
    counts = _counts([case for ones in cases.values() for case in ones])
    passed = sum(1 for id in known if id not in cases)
    head = _attributes(name="snowfence", **_numbers(counts, passed))
    return "\n".join(
        ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites{head}>", *written, "</testsuites>\n"]
    )


def _cases(report: Report) -> dict[str, list[_Case]]:
    """The tests of the rules that said something, by the ids of the rules."""
    cases: dict[str, list[_Case]] = {}
    of_rules = pages(report)
    for finding in report.findings:
        cases.setdefault(finding.rule, []).append(_judged(report, finding, of_rules.get(finding.rule)))
    for problem in silent_problems(report):
        cases.setdefault(UNREADABLE, []).append(_broken(problem))
    for one in report.unknowns:
        name = _name(one.at, "undecided", one.subject)
        cases.setdefault(one.rule, []).append(_skipped(one.at, name, f"undecided: {bounded(one.reason)}"))
    for out in report.ignored:
        reason = TAKEN_OUT[out.by] + (f": {bounded(out.reason)}" if out.reason else "")
        skipped = _skipped(out.finding.at, _name_of(out.finding), f"{reason}: {bounded(out.finding.message)}")
        cases.setdefault(out.finding.rule, []).append(skipped)
    return cases


def _judged(report: Report, finding: Finding, page: str | None) -> _Case:
    new = "new " if report.is_new(finding) else ""
    passes = lets_pass(report, finding)
    if passes is not None:
        reason = f"{new}{finding.severity}, {passes}: {bounded(finding.message)}"
        return _skipped(finding.at, _name_of(finding), reason)
    lines = [f"{new}{finding.severity}, confidence {finding.confidence}: {where(finding.at)}"]
    path = in_one_line(finding)
    lines += [f"path: {bounded(path)}"] if path else []
    lines += [f"fix: {bounded(finding.fix.what)}"] if finding.fix is not None else []
    lines += [f"see {page}"] if page is not None else []
    head = _attributes(message=f"{new}{finding.severity}: {finding.message}", type=str(finding.severity))
    body = "\n".join(map(_text, lines))
    return _Case(_name_of(finding), finding.at, "failures", f"<failure{head}>{body}</failure>")


def _broken(problem: Problem) -> _Case:
    head = _attributes(message=problem.message, type="problem")
    return _Case(_name(problem.at, "problem", ""), problem.at, "errors", f"<error{head}/>")


def _skipped(at: Span, name: str, reason: str) -> _Case:
    return _Case(name, at, "skipped", f"<skipped{_attributes(message=reason)}/>")


def _name_of(finding: Finding) -> str:
    return _name(finding.at, finding.rule, finding.subject)


def _name(at: Span, what: str, subject: str) -> str:
    """What a test is about: the file, where the subject does not name it."""
    about = subject if at.shown in subject else ": ".join(filter(None, (at.shown, subject)))
    name = f"{visible(what)}: {visible(about)}"
    return name if len(name) <= NAME else f"{name[: NAME - 1]}…"


def _suite(subject: str, cases: dict[str, list[_Case]]) -> str:
    counts = _counts([case for ones in cases.values() for case in ones])
    lines = [f"<testsuite{_attributes(name=subject, **_numbers(counts, 0))}>"]
    for id, ones in cases.items():
        lines += _written(f"{subject}.{id}", ones)
    return "\n".join([*lines, "</testsuite>"])


def _written(classname: str, cases: list[_Case]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for case in cases:
        number = seen[case.name] = seen.get(case.name, 0) + 1
        name = case.name if number == 1 else f"{case.name} ({number})"
        place = (
            {"file": visible(case.at.source.committed), "line": str(case.at.begin.line)}
            if case.at is not None
            else {}
        )
        head = _attributes(classname=classname, name=name, time="0", **place)
        yield f"<testcase{head}>{case.inside}</testcase>" if case.inside else f"<testcase{head}/>"


def _counts(cases: list[_Case]) -> dict[str, int]:
    counts = {"tests": len(cases), "failures": 0, "errors": 0, "skipped": 0}
    for case in cases:
        if case.result:
            counts[case.result] += 1
    return counts


def _numbers(counts: dict[str, int], passed: int) -> dict[str, str]:
    """The counts as attributes, with tests that have `passed` and are not among them."""
    return {name: str(count + passed if name == "tests" else count) for name, count in counts.items()} | {
        "time": "0"
    }


def _attributes(**values: str) -> str:
    return "".join(f' {name}="{_text(bounded(value))}"' for name, value in values.items())


def _text(text: str) -> str:
    """Text as XML 1.0 may hold it (https://www.w3.org/TR/xml/#charsets), without what a log would obey."""
    shown = (
        visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )
    return shown.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff").replace("##[", "&#35;#[")
