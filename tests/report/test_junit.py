"""JUnit XML, read back by an XML parser and by a library that CI tools use."""

from xml.etree import ElementTree

from hypothesis import given
from junitparser import JUnitXml

from scanner import HOME, __version__
from scanner.engine import Described, load, places
from scanner.model.finding import Fix, Ignored, Note, Problem, Severity, Undecided
from scanner.report.junit import NAME, write
from scanner.results import Base, Gate, Report, RuleInUse, known_as
from tests.report.reports import PINNED, RULE, WORKFLOW, finding, report, reports, span


def parsed(made: Report) -> ElementTree.Element:
    return ElementTree.fromstring(write(made).encode())


def cases(made: Report) -> list[ElementTree.Element]:
    return list(parsed(made).iter("testcase"))


def test_a_rule_that_found_nothing_is_one_test_that_passed() -> None:
    [case] = cases(report())
    assert case.attrib == {"classname": "inputs.unreadable-input", "name": "no findings", "time": "0"}
    assert list(case) == []


def test_a_finding_is_one_that_failed() -> None:
    flow = (Note(span(WORKFLOW, "push"), "a title"), Note(PINNED.at, "is code"))
    [case] = cases(report(PINNED._replace(flow=flow, fix=Fix("pin it", ()))))
    assert case.attrib == {
        "classname": "inputs.unreadable-input",
        "name": "unreadable-input: file:.github/workflows/ci.yml",
        "time": "0",
        "file": ".github/workflows/ci.yml",
        "line": "5",
    }
    [failure] = case
    assert failure.attrib == {"message": "high: the action is not pinned", "type": "high"}
    assert failure.text == (
        "high, confidence medium: .github/workflows/ci.yml:5:15\npath: a title → is code\nfix: pin it\n"
        f"see {HOME}/blob/v{__version__}/docs/rules/unreadable-input.md"
    )


def test_no_name_holds_a_line_and_equal_ones_are_numbered() -> None:
    names = [one.get("name") for one in cases(report(PINNED, finding(span(WORKFLOW, "push"))))]
    first = "unreadable-input: file:.github/workflows/ci.yml"
    assert names == [first, f"{first} (2)"]


def test_what_is_new_is_said() -> None:
    made = report(PINNED)
    [case] = cases(made._replace(base=Base("main", frozenset(), ())))
    assert case[0].get("message") == "new high: the action is not pinned"
    [case] = cases(made._replace(base=Base("main", frozenset({known_as(PINNED)}), ())))
    assert case[0].get("message") == "high: the action is not pinned"


def test_undecided_and_taken_out_are_skipped_with_the_reason() -> None:
    unknown = Undecided(RULE, PINNED.at, "", "the server is silent")
    found = cases(report(unknowns=(unknown,), ignored=(Ignored(PINNED, PINNED.at, "we know", "accepted"),)))
    assert [one[0].get("message") for one in found] == [
        "undecided: the server is silent",
        "accepted: we know: the action is not pinned",
    ]
    assert {one[0].tag for one in found} == {"skipped"}


def test_what_the_gate_lets_pass_is_skipped() -> None:
    small = finding(span(WORKFLOW, "push"), "small", severity=Severity.LOW)
    made = report(PINNED, small)._replace(gate=Gate((Severity.HIGH,), 1))
    failed, passed = cases(made)
    assert failed[0].tag == "failure"
    assert (passed[0].tag, passed[0].get("message")) == ("skipped", "low, below the gate (high): small")
    known = made._replace(
        base=Base("main", frozenset({known_as(PINNED)}), ()), gate=Gate((Severity.LOW,), 0, only_new=True)
    )
    for case in cases(known):
        assert case[0].tag == "skipped" and "known in the base `main`" in (case[0].get("message") or "")


def test_a_problem_that_no_finding_shows_is_an_error() -> None:
    [case] = cases(report(problems=(Problem(PINNED.at, "not YAML"),)))
    assert (case[0].tag, case[0].get("message")) == ("error", "not YAML")


def test_rules_stand_in_suites_by_subject_and_own_checks_in_one() -> None:
    place = places()["unpinned-uses"]
    own = RuleInUse(load(place), Described("t", "l", "m", ""), None)
    made = report()
    made = made._replace(rules=(*made.rules, RuleInUse(load(place), place, None)))
    assert [one.get("name") for one in parsed(made)] == ["inputs", "actions"]
    assert [one.get("name") for one in parsed(report()._replace(rules=(own,)))] == ["checks"]


def test_findings_of_a_rule_that_is_not_listed_are_there() -> None:
    made = report(PINNED)._replace(rules=())
    assert [one.get("name") for one in parsed(made)] == ["other"]


def test_long_names_are_cut() -> None:
    [case] = cases(report(PINNED._replace(subject="x" * 1000)))
    assert len(case.attrib["name"]) == NAME


@given(reports)
def test_hostile_reports_are_whole_and_counted(made: Report) -> None:
    text = write(made)
    assert "##[" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    root = ElementTree.fromstring(text.encode())
    for one in (root, *root):
        inside = list(one.iter("testcase"))
        assert one.get("tests") == str(len(inside))
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert one.get(name) == str(sum(case.find(tag) is not None for case in inside))
        assert all(len(case) <= 1 for case in inside)
    every = list(root.iter("testcase"))
    assert len({(case.get("classname"), case.get("name")) for case in every}) == len(every)
    assert sum(case.find("failure") is not None for case in every) == len(made.findings)
    read = JUnitXml.fromstring(text.encode())
    assert (str(read.tests), str(read.failures)) == (root.get("tests"), root.get("failures"))
    assert sum(len(list(suite)) for suite in read) == len(every)


def test_characters_that_xml_forbids() -> None:
    [case] = cases(report(finding(PINNED.at, "a\ufffeb\uffff\x00\ud800&<>\"'", severity=Severity.LOW)))
    assert case[0].get("message") == "low: a\\ufffeb\\uffff\\x00\\ud800&<>\"'"
