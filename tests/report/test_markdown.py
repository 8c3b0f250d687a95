"""The document for comments and summaries: what is open, what is folded, what fits, and that nothing of the input is obeyed."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from markdown_it.token import Token

from scanner import HOME, __version__
from scanner.model.finding import Finding, Fix, Ignored, Note, Problem, Severity, Undecided
from scanner.model.source import Source, Span
from scanner.report.gfm import LIMIT
from scanner.report.links import pages
from scanner.report.markdown import MARKER, OPEN, write
from scanner.results import Base, Gate, Report, known_as
from tests.report.reports import PINNED, RULE, WORKFLOW, finding, findings, report, reports, span

BLOB = "https://github.com/o/n/blob/0123456789012345678901234567890123456789/"


def numbered(number: int, severity: Severity = Severity.HIGH, message: str = "") -> Finding:
    made = finding(PINNED.at, message or f"message {number}", severity=severity)
    return made._replace(fingerprint=f"{number:08x}:1")


def with_base(made: Report, *known: Finding, gone: tuple[Finding, ...] = ()) -> Report:
    return made._replace(base=Base("main", frozenset(map(known_as, known)), gone))


def test_one_finding() -> None:
    assert write(report(PINNED)) == (
        f"{MARKER}\n## 1 finding: 1 high\n\n### Findings\n\n"
        "| severity | finding |\n| --- | --- |\n"
        "| **high** | the action is not pinned ([`unreadable-input`]"
        f"({HOME}/blob/v{__version__}/docs/rules/unreadable-input.md))<br>`.github/workflows/ci.yml:5` |\n\n"
        "<sub>snowfence 0.1.0, policy `recommended`, knowledge `sha256:0`, 2026-11-22</sub>\n"
    )


def test_nothing_found() -> None:
    text = write(report())
    assert text.startswith(f"{MARKER}\n## No findings in 3 files\n\n<sub>")


def test_places_are_linked_at_the_commit() -> None:
    source = Source("a b|`.yml", "workflow", "x\ny", base="sub/")
    text = write(report(finding(Span(source, 2, 3))), blob_url=BLOB)
    assert f"[``sub/a b\\|`.yml:2``]({BLOB}sub/a%20b%7C%60.yml#L2)" in text


def test_places_are_those_in_the_checkout() -> None:
    sources = [
        Source("ci.yml", "workflow", "x\ny", prefix=prefix, base="svc/") for prefix in ("a/", "b/", "")
    ]
    known, other, problem = (Span(source, 2, 3) for source in sources)
    made = report(finding(known), finding(other))._replace(problems=(Problem(problem, "not YAML"),))
    for text in (write(made), write(with_base(made, gone=made.findings)._replace(findings=()))):
        assert "`svc/a/ci.yml:2`, `svc/b/ci.yml:2`" in text
        assert "`svc/ci.yml:2`" in text


def test_what_is_open_has_its_path_and_its_fix() -> None:
    one = finding(PINNED.at, flow=(Note(span(WORKFLOW, "push"), "a title"), Note(PINNED.at, "is code")))
    text = write(report(one._replace(fix=Fix("pin `it`", ()))))
    assert "<br>Path: a title → is code<br>Fix: pin `it` |" in text


def test_of_many_the_worst_are_open_and_the_others_folded_by_severity() -> None:
    many = [numbered(number, Severity.LOW) for number in range(180)]
    text = write(report(*many, *(numbered(number, Severity.CRITICAL) for number in range(180, 200))))
    first, *folded = text.split("<details>")
    assert first.count("| **critical** |") == OPEN
    assert [one.partition("</summary>")[0] for one in folded] == [
        "<summary>5 more critical findings",
        "<summary>180 more low findings",
    ]
    assert text.count("message ") == 200
    assert len(text.encode()) < LIMIT


def at_line(number: int, message: str) -> Finding:
    source = Source(f"{number}.yml", "workflow", "x")
    return numbered(number, message=message)._replace(at=Span(source, 0, 1))


def test_equal_findings_are_one_row_with_their_places() -> None:
    ones = [at_line(number, "the same") for number in range(5)]
    text = write(report(*ones, numbered(9)))
    assert "## 6 findings: 6 high\n" in text
    assert text.count("the same") == 1
    assert "<br>`0.yml:1`, `1.yml:1`, `2.yml:1` and 2 more places |" in text
    assert "2.yml:1` |" in write(report(*ones[:3]))


def test_of_equally_bad_ones_that_with_a_way_in_comes_first() -> None:
    way = numbered(3, message="way")._replace(stakes=("a token",))
    path = numbered(4, message="path")._replace(flow=(Note(PINNED.at, "a title"),))
    worse = numbered(5, Severity.CRITICAL, "worse")
    text = write(report(numbered(1), way, path, worse))
    places = [text.index(f"| {part}") for part in ("worse", "way", "path", "message 1")]
    assert places == sorted(places)


def test_a_fix_of_one_place_is_not_said_of_others() -> None:
    fixed = [at_line(number, "the same")._replace(fix=Fix(f"pin {number}", ())) for number in range(2)]
    assert "Fix:" not in write(report(*fixed))
    assert "<br>Fix: pin 0 |" in write(report(fixed[0], fixed[1]._replace(fix=fixed[0].fix)))


def test_the_headline_says_whether_the_run_fails() -> None:
    failing = report(PINNED)._replace(gate=Gate((Severity.HIGH,), 1))
    assert "\n## 1 finding: 1 high; fails the gate: 1 finding at or above high\n" in write(failing)
    passing = report()._replace(gate=Gate((Severity.LOW,), 0))
    assert "\n## No findings in 3 files; passes the gate (low)\n" in write(passing)


def test_how_old_the_knowledge_is_stands_at_the_end() -> None:
    made = report(PINNED, notes=("the rest is not read", "the knowledge is old; renew it"))
    text = write(made._replace(on_knowledge=("the knowledge is old; renew it",)))
    assert text.endswith("2026-11-22<br>The knowledge is old; renew it.</sub>\n")
    assert text.count("knowledge is old") == 1
    assert text.index("- the rest is not read\n") < text.index("### Findings")


def test_findings_that_do_not_fit_are_counted_and_not_their_rows() -> None:
    low = [numbered(number, Severity.LOW, f"{number} {'x' * 900}") for number in range(100)]
    text = write(report(*low, *(one._replace(fingerprint="f:1") for one in low)))
    left_out = re.search(r"… and (\d+) more low findings, which do not fit here\.", text)
    assert left_out is not None
    assert int(left_out[1]) == 200 - 2 * len(re.findall(r"^\| low ", text, re.MULTILINE))


def test_new_ones_first_then_what_was_there_and_what_is_gone() -> None:
    known, new, gone = numbered(1, Severity.CRITICAL), numbered(2, Severity.LOW), numbered(3)
    text = write(with_base(report(known, new), known, gone=(gone,)))
    assert "## 1 new finding: 1 low\n" in text
    assert "Compared with `main`: 1 known before, 1 gone.\n" in text
    places = [text.index(part) for part in ("### New", "message 2", "known before: 1 critical", "message 1", "1 finding gone", "message 3")]  # fmt: skip
    assert places == sorted(places)


def test_only_new() -> None:
    known, new = numbered(1), numbered(2)
    text = write(with_base(report(known, new), known).without_known())
    assert "message 1" not in text
    assert "Compared with `main`: 1 known before, 0 gone.\n" in text
    nothing = write(with_base(report(known), known).without_known())
    assert "## No new findings in 3 files\n" in nothing


def test_what_a_change_silences_is_said() -> None:
    known = numbered(1)
    made = with_base(report(ignored=(Ignored(known, PINNED.at, "because"),)), known)
    assert "**1 finding of it is silenced now**; 1 ignored by comments.\n" in write(made)


def test_what_is_open_and_taken_out_is_folded() -> None:
    unknown = Undecided(RULE, PINNED.at, "step:x", "the server is silent")
    text = write(report(unknowns=(unknown,), ignored=(Ignored(PINNED, PINNED.at, "so", "accepted"),)))
    assert "\n1 undecided; 1 accepted.\n" in text
    assert "<details><summary>1 question that cannot be decided</summary>" in text
    assert "<details><summary>1 finding accepted</summary>" in text
    assert "<br>Reason: so |" in text


@pytest.mark.parametrize("length", [10, 900])
def test_what_does_not_fit_is_counted(length: int) -> None:
    many = [
        numbered(number, severity, f"{number} " + "\u202e\U000e0001@" * length)
        for number, severity in enumerate(list(Severity) * 300)
    ]
    unknowns = tuple(Undecided(RULE, PINNED.at, "", f"why {number}") for number in range(500))
    made = with_base(
        report(*many, unknowns=unknowns, notes=("n" * 2000,) * 50), *many[:700], gone=tuple(many)
    )
    for one in (made, made._replace(base=None)):
        text = write(one, blob_url=BLOB)
        assert len(text.encode()) <= LIMIT
        assert "There is no room here for: " in text
        assert text.endswith("</sub>\n")


# ---------------------------------------------------------------- read by a parser

READER = MarkdownIt("gfm-like")
HTML_BLOCKS = re.compile(r"(<!-- snowfence scan -->\n?|<details><summary>[^<>]*</summary>\n?|</details>\n?)+")
HTML_INLINE = {"<br>", "<code>", "</code>", "<sub>", "</sub>"}
OURS = {
    "heading_open", "heading_close", "inline", "paragraph_open", "paragraph_close", "bullet_list_open", "bullet_list_close",
    "list_item_open", "list_item_close", "table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close",
    "tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close", "text", "text_special", "code_inline", "strong_open",
    "strong_close", "softbreak", "link_close",
}  # fmt: skip


def every(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from every(token.children or [])


def check(text: str, made: Report) -> None:
    hrefs = set(pages(made).values())
    for token in every(READER.parse(text)):
        if token.type == "html_block":
            assert HTML_BLOCKS.fullmatch(token.content), token.content
        elif token.type == "html_inline":
            assert token.content in HTML_INLINE
        elif token.type == "link_open":
            href = token.attrs["href"]
            assert href in hrefs or re.fullmatch(re.escape(BLOB) + r"[\w.~/%-]*#L[0-9]+", str(href)), href
        else:
            assert token.type in OURS, token


@given(reports)
def test_hostile_texts_become_no_elements(made: Report) -> None:
    text = write(made, blob_url=BLOB)
    check(text, made)
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::") or "##[" in line]
    tables = [token for token in READER.parse(text) if token.type == "table_open"]
    assert len(tables) == text.count("| --- |\n")


@given(findings)
def test_hostile_findings_are_one_row(one: Finding) -> None:
    made = report(one)
    rows = [token for token in READER.parse(write(made, blob_url=BLOB)) if token.type == "tr_open"]
    assert len(rows) == 2
    cells = [token for token in READER.parse(write(made)) if token.type == "td_open"]
    assert len(cells) == 2


@pytest.mark.parametrize(
    "text",
    [
        "www.evil.example",
        "https://evil.example/x",
        "mailto:a@evil.example a@evil.example",
        "[x](https://evil.example)",
        "![x](https://evil.example/track.png)",
        "<img src=x onerror=alert(1)>",
        "</details><script>alert(1)</script>",
        "`</code><b>`",
        "`a``<b>`",
        "a | b | c",
        "| --- |",
        "# x\n\n## y",
        "~~~ ```",
        "- x",
        "1) x",
        "&lt;b&gt; &#60;b>",
        "<!-- --> -->",
        "@octocat closes #1, GH-1, o/n#1",
    ],
)
def test_known_tricks(text: str) -> None:
    source = Source(text, "workflow", "x")
    at = Span(source, 0, 1)
    one = finding(at, text, flow=(Note(at, text), Note(Span(source, 1, 1), text)))
    made = report(
        one._replace(fix=Fix(text, ())),
        notes=(text,) * 7,
        unknowns=(Undecided(RULE, at, text, text),),
        ignored=(Ignored(one, at, text),),
    )._replace(policies=(text,))
    written = write(made, blob_url=BLOB)
    check(written, made)
    shown = re.sub(r"<code>.*?</code>| href=\"[^\"]*\"", "", READER.render(written))
    assert "@octocat" not in shown
    assert not re.search(r"#1\b|GH-1\b", shown)


def test_a_long_path_pushes_nobody_out() -> None:
    """Folders of signs that are long in Markdown and in URLs, as deep as a system has them."""
    folder = "<" * 80 + "‹" * 50
    deep = Span(Source("/".join([folder] * 14) + "/last.yml", "workflow", "x\ny"), 2, 3)
    many = [finding(deep, f"deep {number}")._replace(fingerprint=f"{number:08x}:1") for number in range(10)]
    text = write(report(*many, *(numbered(100 + number) for number in range(5))), blob_url=BLOB)
    assert all(f"deep {number} " in text for number in range(10))
    assert all(f"message {100 + number} " in text for number in range(5))
    assert "last\\.yml\\:2</code>" in text
    assert "%3C%3C" not in text  # such a link is left out
    assert len(text.encode()) < 40_000
