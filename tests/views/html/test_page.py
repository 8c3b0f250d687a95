"""The page as text: one file with nothing from outside, all of the report in it, and nothing of the input that is markup."""

import re
from base64 import b64encode
from hashlib import sha256
from html import unescape

import pytest
from hypothesis import HealthCheck, given, settings

from scanner.engine import Described
from scanner.model.finding import Edit, Fix, Ignored, Note, Problem, Severity, Undecided
from scanner.model.source import Source, Span
from scanner.report.escape import inert
from scanner.results import Base, Gate, Report, merged
from scanner.views.html import findings as rows
from scanner.views.html.markup import message, short, tag, text
from scanner.views.html.page import write
from scanner.views.html.part import Part
from tests.memory import KNOWLEDGE, repository
from tests.report.reports import PINNED, RULE, WORKFLOW, finding, report, reports, span
from tests.views.html.pages import FILES, POLICY, Elements, page

EVIL = '</script><img src=x onerror="alert(1)"><svg onload=alert(2)>'


def test_the_policy_names_the_style_and_the_script_and_allows_nothing_else() -> None:
    html = page(report(PINNED))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    style, script = (re.findall(rf"<{name}>(.*?)</{name}>", html, re.DOTALL) for name in ("style", "script"))
    assert len(style) == len(script) == 1
    for name, (body,) in (("style", style), ("script", script)):
        digest = b64encode(sha256(body.encode()).digest()).decode()
        assert f"{name}-src &#x27;sha256-{digest}&#x27;" in policy[1]
    assert policy[1].startswith("default-src &#x27;none&#x27;;")
    assert "unsafe" not in policy[1]


def test_nothing_in_it_is_loaded_and_nothing_needs_an_inline_style_or_handler() -> None:
    found = Elements(page(report(PINNED)))
    assert not {"link", "img", "iframe", "object", "embed", "base", "form", "foreignobject"} & set(
        found.names
    )
    assert not [name for name in found.attributes if name == "style" or name.startswith("on")]
    assert all(link.startswith(("#", "https://")) for link in found.links)


def test_the_script_is_small_and_that_of_pictures_is_there_where_they_are() -> None:
    def script(files: dict[str, str]) -> str:
        found = re.search(r"<script>(.*?)</script>", page(report(), files), re.DOTALL)
        assert found is not None
        return found[1]

    assert "wheel" not in script({})
    assert len(script({})) < 9_000
    assert "wheel" in script(FILES)
    assert len(script(FILES)) < 18_500


def test_every_id_is_one() -> None:
    found = Elements(page(report(PINNED, finding(span(WORKFLOW, "push")))))
    assert {name: number for name, number in found.ids.items() if number > 1} == {}
    assert {link[1:] for link in found.links if link.startswith("#")} <= set(found.ids)


def test_a_link_to_a_finding_holds_when_others_come_and_go() -> None:
    one, other = (PINNED._replace(fingerprint=f"{number:032x}:1") for number in (1, 2))
    alone, both = page(report(other)), page(report(one, other))
    name = f'id="f-{2:032x}-1"'
    assert name in alone
    assert name in both
    assert re.fullmatch(r'id="[A-Za-z][A-Za-z0-9_-]*"', name)


def test_equal_fingerprints_have_names_of_their_own() -> None:
    there = Source(WORKFLOW.path, "workflow", WORKFLOW.text, prefix="there/")
    ids = Elements(page(report(PINNED, PINNED, PINNED._replace(at=span(there, "push"))))).ids
    assert [len([name for name in ids if name.startswith("f-0123456789abcdef-1")])] == [3]


def test_the_verdict_of_the_gate_is_said() -> None:
    def said(gate: Gate | None) -> str:
        return Elements(page(report(PINNED)._replace(gate=gate))).text

    assert "Fails the gate: 1 finding at or above high" in said(Gate((Severity.HIGH,), 1))
    assert "Passes the gates of the repositories (medium or high)" in said(
        Gate((Severity.MEDIUM, Severity.HIGH), 0)
    )
    assert "the gate" not in said(None)


def test_with_a_base_what_is_new_comes_first() -> None:
    old = PINNED._replace(fingerprint="f" * 32 + ":1")
    said = Elements(
        page(report(PINNED, old)._replace(base=Base("main", frozenset([old.fingerprint]), ())))
    ).text
    assert "1 new finding since main" in said
    assert "2 findings in 1 file in all" in said
    assert "1 newof 2" in said


def test_with_a_base_new_findings_stand_before_worse_ones() -> None:
    worse = PINNED._replace(severity=Severity.CRITICAL, message="known", fingerprint="f" * 32 + ":1")
    other = worse._replace(rule="another-rule", fingerprint="e" * 32 + ":1")
    made = report(other, worse, PINNED)
    assert page(made).index("f-f") < page(made).index("f-0123456789abcdef")
    with_base = made._replace(base=Base("main", frozenset([worse.fingerprint, other.fingerprint]), ()))
    order = re.findall(r'class="finding [^"]*" id="f-(.)', page(with_base))
    assert order == ["0", "f", "e"]


def test_the_list_begins_as_the_scan_was_asked() -> None:
    made = report(PINNED)._replace(base=Base("main", frozenset(), ()))
    box = '<input type="checkbox" id="only-new"'
    assert f"{box}>" in page(made)
    assert f"{box} checked>" in page(made, only_new=True)


def test_without_findings_the_first_link_leads_somewhere() -> None:
    found = Elements(page(report()))
    assert found.links[0] == "#main"
    assert found.ids["main"] == 1
    assert Elements(page(report(PINNED))).links[0] == "#findings"


def test_what_outsiders_reach_is_counted_apart_from_what_is_not_known_and_what_is_checked() -> None:
    def workflow(on: str, condition: str = "true") -> str:
        return (
            f"on: {on}\njobs:\n  a:\n    if: {condition}\n    runs-on: x\n    permissions: {{issues: write}}\n"
            "    steps: [{run: make}]\n"
        )

    checked = "github.event.comment.author_association == 'OWNER'"
    files = {
        ".github/workflows/held.yml": workflow("issues"),
        ".github/workflows/called.yml": workflow("workflow_call"),
        ".github/workflows/checked.yml": workflow("issue_comment", checked),
    }
    html = page(report(), files)
    assert (
        "What outsiders reach: 1 job; perhaps 1 more, of which nothing here says who starts them; 1 behind checks"
        in html
    )
    assert '<th scope="col"></th>' not in html


def test_it_shows_all_of_a_finding() -> None:
    at = span(WORKFLOW, "actions/checkout@v4")
    whole = PINNED._replace(
        flow=(Note(span(WORKFLOW, "push"), "the `event`"), Note(at, "used")),
        related=(Note(span(WORKFLOW, "jobs"), "a job of <b>"),),
        stakes=("secret TOKEN",),
        fix=Fix("pin it", (Edit(at, "actions/checkout@0123456 # v4"),)),
    )
    html = page(report(whole))
    assert "<mark>actions/checkout@v4</mark>" in html
    said = Elements(html).text
    for part in (
        "the action is not pinned",
        ".github/workflows/ci.yml:5:15",
        "How it gets there",
        "secret TOKEN",
        "a job of <b>",
        "- " + "      - uses: actions/checkout@v4",
        "+ " + "      - uses: actions/checkout@0123456 # v4",
        "0123456789abcdef:1",
    ):
        assert part in said
    assert 'data-copy="snowfence why 0123456789abcdef:1"' in html


def test_the_command_to_copy_names_the_repository_and_can_do_nothing_else() -> None:
    def copied(root: str) -> str:
        found = re.search(r'data-copy="([^"]*)"', page(report(PINNED)._replace(root=root)))
        assert found is not None
        return unescape(found[1])

    assert copied(".") == "snowfence why 0123456789abcdef:1"
    assert copied("a/b") == "snowfence why 0123456789abcdef:1 a/b"
    assert copied("x; rm -rf ~") == "snowfence why 0123456789abcdef:1 'x; rm -rf ~'"
    assert copied("-x") == "snowfence why 0123456789abcdef:1 ./-x"
    assert copied("x\nrm -rf ~") == "snowfence why 0123456789abcdef:1"


def test_several_repositories_have_scores_and_pictures_of_their_own() -> None:
    parts = []
    for name in ("one/", "two/"):
        source = Source(
            ".github/workflows/ci.yml", "workflow", FILES[".github/workflows/ci.yml"], prefix=name
        )
        graph, _ = repository(FILES)
        parts.append(
            Part(name, report(finding(span(source, "push"))), graph, frozenset({"workflow"}), POLICY)
        )
    whole = merged("repos", [one.report for one in parts])
    html = write(whole, parts, KNOWLEDGE)
    found = Elements(html)
    assert {name: number for name, number in found.ids.items() if number > 1} == {}
    assert html.count('role="tabpanel"') == html.count('role="tab"') >= 2
    assert "one/.github/workflows/ci.yml:1:5" in found.text
    assert 'data-copy="snowfence why 0123456789abcdef:1 repos/two"' in html


def test_what_is_no_finding_has_a_place_as_well() -> None:
    at = span(WORKFLOW, "push")
    whole = report(
        PINNED,
        problems=(Problem(at, "a problem here"),),
        unknowns=(Undecided(RULE, at, "x", "a question here"),),
        ignored=(Ignored(PINNED, at, "a reason here", "accepted"),),
        notes=("a note here",),
    )._replace(base=Base("main", frozenset(), (finding(at, "gone from here"),)))
    said = Elements(page(whole)).text
    for part in (
        "a problem here",
        "a question here",
        "a reason here",
        "a note here",
        "gone from here",
        "1 new",
        "1 gone",
    ):
        assert part in said


def test_a_workflow_whose_name_is_a_script_is_text() -> None:
    hostile = Source(f".github/workflows/{EVIL}.yml", "workflow", f"name: {EVIL}\n")
    plain = Source(".github/workflows/x.yml", "workflow", "name: x\n")

    def of(source: Source, said: str) -> Report:
        return report(finding(Span(source, 6, len(source.text) - 1), said, variant=said))

    evil, harmless = Elements(page(of(hostile, EVIL))), Elements(page(of(plain, "x")))
    assert evil.names["img"] == 0
    assert evil.names - harmless.names == {"wbr": evil.names["wbr"] - harmless.names["wbr"]}
    assert EVIL in evil.text


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(reports)
def test_no_text_of_the_input_adds_an_element_that_can_do_something(hostile: Report) -> None:
    html = page(hostile)
    html.encode("utf-8")
    found = Elements(html)
    assert found.names["script"] == found.names["style"] == 1
    assert not {"img", "iframe", "object", "form", "base", "link"} & set(found.names)
    assert not [name for name in found.attributes if name == "style" or name.startswith("on")]
    assert all(number == 1 for number in found.ids.values())
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", html)


def test_no_line_of_it_is_a_command_for_the_runner() -> None:
    evil = "##[error]x ::error::x"
    place = Described("x", "x", f"# x\n\n```\n::error::x\n   ::set-env name=A::b\n```\n\n{evil}\n", "")
    whole = report(finding(span(WORKFLOW, "push"), evil), notes=(evil,))
    html = page(whole._replace(rules=(whole.rules[0]._replace(place=place),)))
    assert inert(html) == html
    assert "::set-env name=A::b" in Elements(html).text


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(reports)
def test_the_same_report_is_the_same_page(some: Report) -> None:
    assert page(some) == page(some)


@pytest.mark.parametrize(
    ("full", "most"), [(20, 200), pytest.param(rows.FULL, rows.ROWS, marks=pytest.mark.registry)]
)
def test_the_least_severe_of_very_many_findings_do_not_open_and_the_rest_is_counted(
    monkeypatch: pytest.MonkeyPatch, full: int, most: int
) -> None:
    monkeypatch.setattr(rows, "FULL", full)
    monkeypatch.setattr(rows, "ROWS", most)
    at = span(WORKFLOW, "push")
    low = finding(at, severity=Severity.LOW)
    html = page(report(*[low] * most, PINNED, finding(at, "the worst", severity=Severity.CRITICAL)))
    found = Elements(html)
    assert html.count('class="finding low compact"') == most - full
    assert html.count('class="finding critical full"') == 1
    assert "2 findings, the least severe, have no room here" in found.text
    assert f'data-total="{most + 2}"' in html  # what the script says the shown ones are of
    assert len(html) < 40_000_000


def test_an_attribute_is_escaped_and_what_is_absent_is_left_out() -> None:
    made = tag("input", {"type": 'a"b', "checked": True, "disabled": False, "id": None})
    assert made == '<input type="a&quot;b" checked>'


def test_messages_have_code_and_texts_are_cut() -> None:
    assert message("say `a<b>` <i>") == "say <code>a&lt;b&gt;</code> &lt;i&gt;"
    assert message("one ` is left open") == "one ` is left open"
    assert short("abcdef", 4) == "abc…"
    assert text("a\u202eb") == "a\\u202eb"


def test_an_area_with_nothing_left_is_seen_to_be_judged() -> None:
    worst = [
        PINNED._replace(severity=Severity.CRITICAL, subject=f"file:{number}", fingerprint=f"{number:032x}:1")
        for number in range(300)
    ]
    html = page(report(*worst))
    bars = re.findall(r'class="part" width="(\d+)"', html)
    assert '<span class="points">0.0</span>' in html
    assert bars
    assert all(int(width) > 0 for width in bars)
