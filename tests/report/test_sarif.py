"""What GitHub's documentation requires of a file, checked on hostile reports; the schema itself is in
tests/test_sarif_multitool.py."""

import json
import re
from gzip import compress
from random import Random
from typing import Any

import pytest
import sarif_om as om
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.engine import load, places
from scanner.model.finding import Edit, Fix, Ignored, Note, Problem, Severity, Undecided
from scanner.model.source import Source, Span
from scanner.report import sarif
from scanner.report.links import of_rule, uri
from scanner.report.sarif import write
from scanner.report.sarif_json import to_json
from scanner.report.sarif_results import in_sentences
from scanner.results import Base, Report, RuleInUse
from tests.report.reports import PINNED, RULE, WORKFLOW, finding, report, reports, span


def run(made: Report, category: str | None = None) -> dict[str, Any]:
    log = json.loads(write(made, category=category))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    [found] = log["runs"]
    assert isinstance(found, dict)
    return found


def result(made: Report) -> dict[str, Any]:
    [found] = run(made)["results"]
    assert isinstance(found, dict)
    return found


def test_a_result() -> None:
    made = report(
        finding(
            PINNED.at,
            "`actions/checkout@v4` is a [moving] tag",
            related=(
                Note(span(WORKFLOW, "build"), "the job"),
                Note(span(WORKFLOW, "push"), "what starts it"),
            ),
        )
    )
    place = {"artifactLocation": {"uri": ".github/workflows/ci.yml"}}
    assert result(made) == {
        "ruleId": RULE,
        "ruleIndex": 0,
        "level": "error",
        "message": {
            "text": "`actions/checkout@v4` is a \\[moving\\] tag. See [the job](1), [what starts it](2)."
        },
        "locations": [
            {
                "physicalLocation": {
                    **place,
                    "region": {"startLine": 5, "startColumn": 15, "endLine": 5, "endColumn": 34},
                }
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": "0123456789abcdef:1"},
        "properties": {"subject": "file:.github/workflows/ci.yml", "confidence": "medium"},
        "relatedLocations": [
            {
                "id": 1,
                "message": {"text": "the job"},
                "physicalLocation": {
                    **place,
                    "region": {"startLine": 3, "startColumn": 3, "endLine": 3, "endColumn": 8},
                },
            },
            {
                "id": 2,
                "message": {"text": "what starts it"},
                "physicalLocation": {
                    **place,
                    "region": {"startLine": 1, "startColumn": 5, "endLine": 1, "endColumn": 9},
                },
            },
        ],
    }


def test_the_level_of_a_result_is_always_there() -> None:
    """sarif-om's own serialiser drops `warning`, and GitHub then takes the rule's level."""
    assert result(report(finding(PINNED.at, severity=Severity.MEDIUM)))["level"] == "warning"


def test_the_serialiser_knows_the_final_names() -> None:
    log = om.SarifLog(
        version="2.1.0",
        runs=[
            om.Run(
                tool=om.Tool(driver=om.ToolComponent(name="x")),
                results=[
                    om.Result(
                        message=om.Message(text="a"),
                        suppressions=[om.Suppression(kind="external", state="accepted")],
                        locations=[om.Location(id=0)],
                    )
                ],
            )
        ],
    )
    assert json.loads(to_json(log)) == {
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "x"}},
                "results": [
                    {
                        "message": {"text": "a"},
                        "level": "warning",
                        "suppressions": [{"kind": "external", "status": "accepted"}],
                        "locations": [{"id": 0}],
                    }
                ],
            }
        ],
    }


def test_a_rule() -> None:
    driver = run(report())["tool"]["driver"]
    [rule] = driver["rules"]
    assert driver["name"] == "snowfence"
    assert re.fullmatch(r"\d+\.\d+\.\d+", driver["semanticVersion"])
    assert rule["id"] == RULE
    assert rule["name"] == "UnreadableInput"
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["shortDescription"]["text"] == "An input cannot be read"
    assert rule["fullDescription"]["text"].startswith("A file that snowfence should check")
    assert rule["help"]["markdown"].startswith("# An input cannot be read\n")
    assert rule["helpUri"] == of_rule("unreadable-input")
    # It is about quality: GitHub shows its level and no score.
    assert rule["properties"] == {
        "precision": "high",
        "problem.severity": "error",
        "tags": ["reliability", "validity"],
    }


@pytest.mark.parametrize(
    ("severity", "score", "level", "problem"),
    [
        (Severity.CRITICAL, "9.5", "error", "error"),
        (Severity.HIGH, "8.0", "error", "error"),
        (Severity.MEDIUM, "5.5", "warning", "warning"),
        (Severity.LOW, "2.5", "note", "recommendation"),
        (Severity.INFO, None, "note", "recommendation"),
    ],
)
def test_severities(severity: Severity, score: str | None, level: str, problem: str) -> None:
    [rule] = run(security_report(severity=severity))["tool"]["driver"]["rules"]
    properties = rule["properties"]
    assert properties.get("security-severity") == score
    assert rule["defaultConfiguration"]["level"] == level
    # A score makes it one about security, whose level GitHub does not look at.
    assert properties.get("problem.severity") == (problem if score is None else None)
    # Of more than ten GitHub keeps the first.
    tags = ["external/cwe/cwe-829", "external/cwe/cwe-094", "CICD-SEC-3", "supply-chain"]
    assert properties["tags"] == (["security", *tags] if score is not None else tags)


def security_report(
    *severities: Severity, variants: tuple[Severity, ...] = (), severity: Severity | None = None
) -> Report:
    """Findings of a security rule with the given variants; `severity` is what the policy sets."""
    place = places()[RULE]
    plain = load(place)
    rule = type(plain)(
        RULE,
        plain.check,
        plain.options,
        Severity.MEDIUM,
        plain.confidence,
        {str(one): one for one in variants},
        (),
        ("supply-chain", "CWE-829", "CICD-SEC-3", "CWE-94"),
    )
    made = report(*[finding(PINNED.at, severity=one) for one in severities])
    return made._replace(rules=(RuleInUse(rule, place, severity),))


def test_a_rule_with_several_severities_has_a_descriptor_for_each() -> None:
    found = run(security_report(Severity.MEDIUM, Severity.CRITICAL, variants=(Severity.CRITICAL,)))
    rules = found["tool"]["driver"]["rules"]
    assert [(rule["id"], rule["name"], rule["properties"]["security-severity"]) for rule in rules] == [
        (f"{RULE}/critical", "UnreadableInputCritical", "9.5"),
        (f"{RULE}/medium", "UnreadableInputMedium", "5.5"),
    ]
    assert [(one["ruleId"], one["ruleIndex"], one["level"]) for one in found["results"]] == [
        (f"{RULE}/critical", 0, "error"),
        (f"{RULE}/medium", 1, "warning"),
    ]


def test_the_policys_severity_makes_it_one() -> None:
    found = run(security_report(Severity.LOW, variants=(Severity.CRITICAL,), severity=Severity.LOW))
    assert [rule["id"] for rule in found["tool"]["driver"]["rules"]] == [RULE]
    assert found["results"][0]["ruleId"] == RULE


def test_a_flow_ends_at_the_finding() -> None:
    made = report(finding(PINNED.at, flow=(Note(span(WORKFLOW, "push"), "it starts here"),)))
    [flow] = result(made)["codeFlows"]
    [thread] = flow["threadFlows"]
    assert [
        (step["location"]["message"]["text"], step["location"]["physicalLocation"]["region"]["startLine"])
        for step in thread["locations"]
    ] == [("it starts here", 1), ("the action is not pinned", 5)]
    assert "codeFlows" not in result(report(PINNED))


def test_a_flow_says_in_which_order_and_what_matters() -> None:
    hops = ("the title of an issue", "kept in `TITLE`", "given out as `slug`")
    spans = (span(WORKFLOW, "push"), span(WORKFLOW, "jobs"), span(WORKFLOW, "build"))
    [flow] = result(report(finding(PINNED.at, flow=tuple(map(Note, spans, hops)))))["codeFlows"]
    assert flow["message"]["text"] == "the title of an issue → kept in `TITLE` → given out as `slug`"
    steps = flow["threadFlows"][0]["locations"]
    assert [step["executionOrder"] for step in steps] == [1, 2, 3, 4]
    assert [step.get("importance") for step in steps] == ["essential", None, None, "essential"]
    assert [step.get("kinds") for step in steps] == [["taint"], None, None, None]


def test_a_region_has_one_line_since_a_pull_request_shows_no_other() -> None:
    made = report(finding(span(WORKFLOW, "jobs:\n  build")))
    assert result(made)["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 2,
        "startColumn": 1,
        "endLine": 2,
        "endColumn": 6,
    }


def test_columns_count_utf16_units() -> None:
    source = Source("a.yml", "workflow", "🎉 here")
    made = report(finding(span(source, "here")))
    assert result(made)["locations"][0]["physicalLocation"]["region"]["startColumn"] == 4
    assert run(made)["columnKind"] == "utf16CodeUnits"


def test_what_is_no_result_is_a_notification() -> None:
    [invocation] = run(
        report(
            problems=(Problem(span(WORKFLOW, "jobs"), "no jobs"),),
            unknowns=(Undecided("stale-input", span(WORKFLOW, "on"), "subject", "no date"),),
            notes=("git did not answer",),
        )
    )["invocations"]
    assert invocation["executionSuccessful"] is True
    assert [(one["level"], one["message"]["text"]) for one in invocation["toolExecutionNotifications"]] == [
        ("note", "git did not answer."),
        ("error", "no jobs."),
        ("note", "stale-input is undecided: no date."),
    ]
    assert "toolExecutionNotifications" not in run(report())["invocations"][0]


@pytest.mark.parametrize(
    ("message", "sentences"),
    [
        ("it moves; pin it", "it moves. Pin it"),
        ("`a; b` (c; `d); e`) moves; pin it; now", "`a; b` (c; `d); e`) moves. Pin it. Now"),
        ("it moves: pin it", "it moves: pin it"),
        (f"`{'x' * 150}` is what others decide: check it", f"`{'x' * 150}` is what others decide. Check it"),
        (f"here: `{'x' * 150}`", f"here: `{'x' * 150}`"),
        ("nothing;", "nothing;"),
    ],
)
def test_the_title_of_an_alert_ends_before_the_repair(message: str, sentences: str) -> None:
    assert in_sentences(message) == sentences


@given(st.text(alphabet="ab ;:`().", max_size=60))
def test_sentences_lose_and_invent_no_word(message: str) -> None:
    def words(text: str) -> str:
        return re.sub(r"[;:. ]", "", text).lower()

    assert words(in_sentences(message)) == words(message)


def test_category() -> None:
    assert "automationDetails" not in run(report())
    # GitHub splits at the last slash: what stands behind it is the id of the run.
    assert run(report(), category="flakes")["automationDetails"] == {"id": "flakes/"}


def test_the_run_names_its_policies_and_knowledge() -> None:
    assert run(report())["properties"] == {
        "policies": ["recommended"],
        "knowledge": "sha256:0",
        "now": "2026-11-22",
    }


def test_the_most_severe_are_kept_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "RESULTS", 2)
    severities = (Severity.LOW, Severity.HIGH, Severity.MEDIUM, Severity.LOW)
    found = run(report(*[finding(PINNED.at, severity=one) for one in severities]))
    assert [one["level"] for one in found["results"]] == ["error", "warning"]
    [notification] = found["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"] == (
        "2 findings of the lowest severities are left out: GitHub takes 2 of one run."
    )


def test_the_most_severe_stand_first_since_github_shows_5000() -> None:
    severities = (Severity.LOW, Severity.HIGH, Severity.MEDIUM, Severity.HIGH)
    messages = ("a", "b", "c", "d")
    found = run(
        report(
            *[finding(PINNED.at, text, severity=one) for one, text in zip(severities, messages, strict=True)]
        )
    )
    assert [one["message"]["text"] for one in found["results"]] == ["b.", "d.", "c.", "a."]


IGNORED = (
    Ignored(PINNED, span(WORKFLOW, "push"), "a test", "comment"),
    Ignored(PINNED, Span(Source("/etc/snowfence.yaml", "policy", "x"), 0, 1), "agreed", "exception"),
    Ignored(PINNED, span(WORKFLOW, "jobs"), "", "accepted"),
)


def test_what_is_taken_out_is_written_when_asked_for_and_behind_the_rest() -> None:
    made = report(finding(PINNED.at, severity=Severity.LOW), ignored=IGNORED)
    assert len(run(made)["results"]) == 1
    open, *suppressed = json.loads(write(made, suppressed=True))["runs"][0]["results"]
    assert "suppressions" not in open
    places = [one["suppressions"][0].pop("location", None) for one in suppressed]
    assert [one["suppressions"] for one in suppressed] == [
        [{"kind": "inSource", "status": "accepted", "justification": "a test"}],
        [{"kind": "external", "status": "accepted", "justification": "agreed"}],
        [{"kind": "external", "status": "accepted"}],
    ]
    # A policy that is not in the repository has no place there.
    lines = [place and place["physicalLocation"]["region"]["startLine"] for place in places]
    assert lines == [1, None, 2]


def test_new_against_a_base() -> None:
    known = PINNED._replace(fingerprint="1:1")
    made = report(PINNED, known)._replace(base=Base("main", frozenset(("1:1",)), (PINNED,)))
    found = run(made)
    assert [one["baselineState"] for one in found["results"]] == ["new", "unchanged"]
    assert found["properties"]["base"] == "main"
    assert "baselineState" not in result(report(PINNED))


def test_a_fix() -> None:
    edits = (Edit(span(WORKFLOW, "v4"), "v5"), Edit(span(WORKFLOW, "jobs")._replace(end=0, start=0), "# x\n"))
    [fix] = result(report(PINNED._replace(fix=Fix("use `v5`", edits))))["fixes"]
    assert fix == {
        "description": {"text": "use `v5`."},
        "artifactChanges": [
            {
                "artifactLocation": {"uri": ".github/workflows/ci.yml"},
                "replacements": [
                    {
                        "deletedRegion": {"startLine": 5, "startColumn": 32, "endLine": 5, "endColumn": 34},
                        "insertedContent": {"text": "v5"},
                    },
                    {
                        "deletedRegion": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1},
                        "insertedContent": {"text": "# x\n"},
                    },
                ],
            }
        ],
    }


def test_long_paths_share_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """The beginning and the end of a path stay, and short paths stay whole."""
    monkeypatch.setattr(sarif, "ALL_STEPS", 10)
    hops = tuple(Note(span(WORKFLOW, "push"), f"hop {number}") for number in range(50))
    made = sarif.written(
        report(PINNED._replace(flow=hops), PINNED._replace(flow=hops), PINNED._replace(flow=hops[:1]))
    )
    assert made.cut == ("2 paths are cut to 4 places: GitHub takes no more of one run",)
    paths = [
        [step["location"]["message"]["text"] for step in one["codeFlows"][0]["threadFlows"][0]["locations"]]
        for one in json.loads(made.text)["runs"][0]["results"]
    ]
    assert paths[0] == paths[1] == ["hop 0", "hop 1", "hop 49", "the action is not pinned"]
    assert paths[2] == ["hop 0", "the action is not pinned"]


def test_no_file_is_too_large_for_an_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts that do not compress are cut, then findings of the lowest severities."""
    monkeypatch.setattr(sarif, "COMPRESSED", 20_000)
    noise = Random(1)
    texts = ["".join(noise.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=800)) for _ in range(200)]
    made = sarif.written(report(*[finding(PINNED.at, text) for text in texts]))
    results = json.loads(made.text)["runs"][0]["results"]
    assert len(compress(json.dumps(results).encode())) < 22_000
    assert {len(one["message"]["text"]) for one in results} == {122}
    monkeypatch.setattr(sarif, "COMPRESSED", 2_000)
    few = sarif.written(report(*[finding(PINNED.at, text) for text in texts]))
    left = len(json.loads(few.text)["runs"][0]["results"])
    assert 0 < left < len(results)
    assert few.cut[0].startswith(f"{200 - left} findings of the lowest severities are left out")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".github/workflows/ci.yml", ".github/workflows/ci.yml"),
        ("a b/c#d?e%f.yml", "a%20b/c%23d%3Fe%25f.yml"),
        ("x:y/flake.lock", "x%3Ay/flake.lock"),
        ("é/flake.lock", "%C3%A9/flake.lock"),
        ("\udcff/flake.lock", "%FF/flake.lock"),
        ("\ud800/flake.lock", "%ED%A0%80/flake.lock"),
    ],
)
def test_uri(path: str, expected: str) -> None:
    assert uri(path) == expected


LINK = re.compile(r"(?<!\\)(?:\\\\)*\[((?:[^\\\[\]]|\\.)*)\]\((\d+)\)")


@settings(deadline=None)
@given(reports)
def test_github_takes_any_report(made: Report) -> None:
    text = write(made)
    assert text.isascii()
    assert "##[" not in text
    assert text == write(made)
    found = run(made)
    rules = found["tool"]["driver"]["rules"]
    for rule in rules:
        for part in ("shortDescription", "fullDescription", "help"):
            assert rule[part]["text"]
        assert len(rule.get("name", "")) <= 255
        assert len(rule["properties"]["tags"]) <= 20
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    for one in found["results"]:
        assert rules[one["ruleIndex"]]["id"] == one["ruleId"]
        assert one["level"] in ("error", "warning", "note")
        assert one["partialFingerprints"]["primaryLocationLineHash"]
        assert "suppressions" not in one
        assert len(one["locations"]) == 1
        steps = [
            step["location"]
            for flow in one.get("codeFlows", ())
            for step in flow["threadFlows"][0]["locations"]
        ]
        related = one.get("relatedLocations", [])
        for location in (*one["locations"], *related, *steps):
            check(location)
        message = one["message"]["text"]
        assert message
        message.encode("utf-8")
        # Nothing of the input is a link: all links are ours, to related locations that exist.
        links = LINK.findall(message)
        assert [int(number) for _, number in links] == [location["id"] for location in related]
        assert not re.search(r"(?<!\\)(\\\\)*[\[\]]", LINK.sub("", message))


def check(location: dict[str, Any]) -> None:
    physical = location["physicalLocation"]
    assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", physical["artifactLocation"]["uri"])
    assert "uriBaseId" not in physical["artifactLocation"]
    region = physical["region"]
    assert region["startLine"] == region["endLine"] >= 1
    assert region["endColumn"] >= region["startColumn"] >= 1


def test_the_work_is_linear() -> None:
    """Twice the findings, twice the text: nothing is repeated for each."""
    one = len(write(report(*[PINNED] * 100))) - len(write(report()))
    two = len(write(report(*[PINNED] * 200))) - len(write(report()))
    assert abs(two - 2 * one) <= 2


def test_an_empty_span_is_a_place() -> None:
    lock = Source("flake.lock", "flake-lock")
    made = report(finding(Span(lock, 0, 0)))
    assert result(made)["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 1,
        "startColumn": 1,
        "endLine": 1,
        "endColumn": 1,
    }
