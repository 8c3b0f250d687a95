"""Examples of checks: what may be written, and what comes of holding it against what a check says."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.knowledge.tables import Knowledge
from scanner.model.errors import PolicyError
from scanner.model.finding import Confidence, Finding, Problem, Severity, Undecided
from scanner.model.source import Source, Span
from scanner.parse.yaml import compose
from scanner.pipeline import check, read_sources
from scanner.policy.checks.examples import EXAMPLES, Example, Outcome, examples_of, outcome
from scanner.policy.load import pack
from scanner.results import Report

WORKFLOW = ".github/workflows/ci.yml"
DAY = date(2026, 11, 22)


def read(text: str) -> list[Example]:
    root = compose(Source("team.yaml", "policy", text), [])
    assert root is not None
    return list(examples_of(EXAMPLES.shape.read(root, "`examples`")))


def refused(text: str) -> str:
    with pytest.raises(PolicyError) as error:
        read(text)
    return str(error.value)


def test_what_is_written_is_read_with_its_place() -> None:
    found = read(
        "good:\n"
        "  files: {flake.lock: '{}'}\n"
        "bad:\n"
        "- files: {flake.lock: '', .github/dependabot.yml: 'version: 2'}\n"
        "  at: [a, b]\n"
        "  now: 2026-01-31\n"
        "unknown:\n"
        "- files: {flake.lock: ''}\n"
        "- files: {flake.lock: ''}\n"
        "  at: c\n"
    )
    assert [(one.verdict, one.at, one.now) for one in found] == [
        ("good", (), None),
        ("bad", ("a", "b"), date(2026, 1, 31)),
        ("unknown", None, None),
        ("unknown", ("c",), None),
    ]
    assert [(one.place.begin.line, one.place.begin.column) for one in found] == [
        (2, 3),
        (4, 3),
        (8, 3),
        (9, 3),
    ]
    assert [(one.path, one.kind, one.text) for one in found[1].sources()] == [
        ("flake.lock", "flake-lock", ""),
        (".github/dependabot.yml", "dependabot", "version: 2"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "good: {files: {.github/workflow/ci.yml: ''}}",
            "team.yaml:1:16: `.github/workflow/ci.yml` is no file that snowfence reads; did you mean `.github/workflows/ci.yml`?",
        ),
        (
            "good: {files: {flake.lck: ''}}",
            "team.yaml:1:16: `flake.lck` is no file that snowfence reads; did you mean `flake.lock`?",
        ),
        (
            "good: {files: {README.md: ''}}",
            "team.yaml:1:16: `README.md` is no file that snowfence reads",
        ),
        (
            "good: {files: {/etc/flake.lock: ''}}",
            "team.yaml:1:16: `/etc/flake.lock` is no path of a file in an example: paths begin at the root of the "
            "repository, as in `.github/workflows/ci.yml`",
        ),
        (
            "good: {files: {a/../flake.lock: ''}}",
            "team.yaml:1:16: `a/../flake.lock` is no path of a file in an example: paths begin at the root of the "
            "repository, as in `.github/workflows/ci.yml`",
        ),
        ("good: {}", "team.yaml:1:7: a good example needs `files`: the files of a small repository, by their paths"),
        ("good: {files: {flake.lock: [a]}}", "team.yaml:1:28: `flake.lock` in `files` must be the text of the file"),
        ("good: {files: {flake.lock: }}", "team.yaml:1:28: `flake.lock` in `files` must be the text of the file"),
        ("good: []", "team.yaml:1:7: `good` is an empty list"),
        (
            "bad: {files: {flake.lock: ''}}",
            "team.yaml:1:6: a bad example needs `at`: the texts that the check must report there",
        ),
        (
            "good: {files: {flake.lock: ''}, at: x}",
            "team.yaml:1:33: a good example has no key `at`",
        ),
        ("good: {files: {flake.lock: ''}, now: soon}", "team.yaml:1:38: `now` must be a date as YYYY-MM-DD, not `soon`"),
        ("god: []", "team.yaml:1:1: `examples` has no key `god`; did you mean `good`?"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_at_its_place(text: str, said: str) -> None:
    assert refused(text).startswith(said)


# ---------------------------------------------------------------- against what a check says

KNOWLEDGE = Knowledge()
EMPTY = check("", read_sources((), (), KNOWLEDGE), pack("minimal"), KNOWLEDGE, DAY)


def found(at: Span) -> Finding:
    return Finding("x", None, Severity.LOW, Confidence.HIGH, "s", at, f"about {at.text}", (), (), "f")


def held(example: Example, texts: list[str], undecided: list[str] | None = None) -> Outcome:
    """The outcome when the check reports these texts, which stand in the example's first file in this order."""
    source = Source(next(iter(example.files)), "workflow", "\n".join([*texts, *(undecided or [])]))
    spans: list[Span] = []
    start = 0
    for text in [*texts, *(undecided or [])]:
        spans.append(Span(source, start, start + len(text)))
        start += len(text) + 1
    report: Report = EMPTY._replace(
        findings=tuple(found(at) for at in reversed(spans[: len(texts)])),
        unknowns=tuple(Undecided("x", at, "s", "reason") for at in spans[len(texts) :]),
    )
    return outcome(example, report)


def example(verdict: str, at: str | None = None) -> Example:
    listed = f", at: [{at}]" if at is not None else ""
    return read(f"{verdict}: {{files: {{{WORKFLOW}: ''}}{listed}}}")[0]


def test_what_each_kind_asks_for() -> None:
    assert held(example("good"), []).holds
    assert not held(example("good"), ["a"]).holds
    assert not held(example("good"), [], ["a"]).holds
    assert held(example("bad", "a, b, a"), ["a", "b", "a"]).holds
    assert not held(example("bad", "a, b"), ["b", "a"]).holds
    assert not held(example("bad", "a"), ["a", "a"]).holds
    assert not held(example("bad", "a"), ["a"], ["b"]).holds
    assert held(example("unknown"), [], ["a"]).holds
    assert not held(example("unknown"), []).holds
    assert not held(example("unknown"), ["a"], ["a"]).holds
    assert held(example("unknown", "a"), [], ["a"]).holds
    assert not held(example("unknown", "a"), [], ["b"]).holds


def test_a_file_that_cannot_be_read_proves_nothing() -> None:
    good = example("good")
    problem = Problem(Span(Source(WORKFLOW, "workflow", "?"), 0, 1), "not YAML")
    assert not outcome(good, EMPTY._replace(problems=(problem,))).holds


def test_the_files_count_in_the_order_in_which_they_are_written() -> None:
    bad = read("bad: {files: {z/flake.lock: '', a/flake.lock: ''}, at: [first, second]}")[0]
    first, second = (
        Source(path, "flake-lock", text)
        for path, text in (("z/flake.lock", "first"), ("a/flake.lock", "second"))
    )
    findings = (found(Span(second, 0, 6)), found(Span(first, 0, 5)))  # as reports sort them
    assert outcome(bad, EMPTY._replace(findings=findings)).holds


_WORDS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=8)


@given(_WORDS, _WORDS)
def test_a_difference_tells_both_sides_whole(expected: list[str], said: list[str]) -> None:
    result = held(example("bad", ", ".join(expected)), said)
    assert [one.text for one in result.findings if one.side != "said"] == expected
    assert [one.text for one in result.findings if one.side != "expected"] == said
    assert result.holds == (expected == said)


def test_a_long_difference_is_not_aligned() -> None:
    texts = [f"t{number}" for number in range(600)]
    result = held(example("bad", ", ".join(texts)), [*texts, "one more"])
    assert not result.holds
    assert [one.text for one in result.findings if one.side == "expected"] == texts
