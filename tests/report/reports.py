"""Reports made by hand, and hostile ones for Hypothesis."""

from hypothesis import strategies as st

from scanner.engine import load, places
from scanner.model.finding import Confidence, Finding, Ignored, Note, Problem, Severity, Undecided
from scanner.model.source import Source, Span
from scanner.results import Report, RuleInUse
from tests.memory import NOW

RULE = "unreadable-input"
"""A rule with one severity. The writers know nothing of what a rule is about."""

WORKFLOW = Source(
    ".github/workflows/ci.yml",
    "workflow",
    "on: push\njobs:\n  build:\n    steps:\n      - uses: actions/checkout@v4\n",
)


def span(source: Source, text: str) -> Span:
    """The first place of a text."""
    start = source.text.index(text)
    return Span(source, start, start + len(text))


def finding(
    at: Span,
    message: str = "the action is not pinned",
    *,
    severity: Severity = Severity.HIGH,
    variant: str | None = None,
    related: tuple[Note, ...] = (),
    flow: tuple[Note, ...] = (),
    rule: str = RULE,
) -> Finding:
    return Finding(
        rule=rule,
        variant=variant,
        severity=severity,
        confidence=Confidence.MEDIUM,
        subject=f"file:{at.path}",
        at=at,
        message=message,
        related=related,
        flow=flow,
        fingerprint="0123456789abcdef:1",
    )


PINNED = finding(span(WORKFLOW, "actions/checkout@v4"))


def report(
    *findings: Finding,
    problems: tuple[Problem, ...] = (),
    unknowns: tuple[Undecided, ...] = (),
    notes: tuple[str, ...] = (),
    ignored: tuple[Ignored, ...] = (),
    inputs: int = 3,
    severity: Severity | None = None,
) -> Report:
    """`severity` is what the policy sets for the rule."""
    place = places()[RULE]
    return Report(
        root=".",
        findings=findings,
        problems=problems,
        unknowns=unknowns,
        ignored=ignored,
        rules=(RuleInUse(load(place), place, severity),),
        inputs=inputs,
        notes=notes,
        policies=("recommended",),
        knowledge="sha256:0",
        now=NOW,
    )


# ---------------------------------------------------------------- hostile reports

_NASTY = "a:#[]()%,\\\"'`${}<>&=|~^ \t\n\r\x00\x1b\x7f\x85\u2028\u202e\u200b\ufeff\udcff\ud800\U0001f600\U000e0041é漢"
texts = st.one_of(
    st.text(st.one_of(st.sampled_from(_NASTY), st.characters()), max_size=40),
    st.sampled_from(
        ("::error::x", "  ::add-mask::x", "##[error]x", "\n::set-env name=A::b", "[x](1)", "\x1b[31m")
    ),
)
paths = st.text(st.one_of(st.sampled_from(_NASTY + "/."), st.characters()), min_size=1, max_size=20).map(
    lambda path: path.replace("\x00", "") or "x"
)
sources = st.builds(Source, paths, st.just("workflow"), texts)


@st.composite
def _spans(draw: st.DrawFn) -> Span:
    source = draw(sources)
    start = draw(st.integers(0, len(source.text)))
    return Span(source, start, draw(st.integers(start, len(source.text))))


spans = _spans()
_notes = st.lists(st.builds(Note, spans, texts), max_size=3).map(tuple)
findings = st.builds(
    finding,
    spans,
    texts,
    severity=st.sampled_from(Severity),
    variant=st.none() | texts,
    related=_notes,
    flow=_notes,
)

_ignored = st.builds(Ignored, findings, spans, texts, st.sampled_from(("comment", "exception", "accepted")))


@st.composite
def _reports(draw: st.DrawFn) -> Report:
    return report(
        *draw(st.lists(findings, max_size=4)),
        problems=tuple(draw(st.lists(st.builds(Problem, spans, texts), max_size=2))),
        unknowns=tuple(draw(st.lists(st.builds(Undecided, st.just(RULE), spans, texts, texts), max_size=2))),
        notes=tuple(draw(st.lists(texts, max_size=2))),
        ignored=tuple(draw(st.lists(_ignored, max_size=2))),
    )


reports = _reports()
