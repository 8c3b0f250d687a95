"""What a report knows of its base."""

from scanner.model.finding import Finding, Problem, Severity
from scanner.model.source import Source, Span
from scanner.results import UNREADABLE, Base, known_as, merged
from tests.report.reports import PINNED, finding, report


def of(prefix: str, fingerprint: str = "1:1", severity: Severity = Severity.HIGH) -> Finding:
    source = Source("ci.yml", "workflow", "x", prefix=prefix)
    return finding(Span(source, 0, 1), severity=severity)._replace(fingerprint=fingerprint)


def test_without_a_base_nothing_is_new() -> None:
    made = report(PINNED)
    assert not made.is_new(PINNED)
    assert made.new() == ()
    assert made.without_known() == made


def test_equal_fingerprints_of_two_repositories_are_two() -> None:
    known, new, gone = of("a/"), of("b/"), of("a/", "2:1")
    made = merged(
        ".",
        [
            report(known)._replace(base=Base("main", frozenset({known_as(known)}), (gone,))),
            report(new)._replace(base=Base("main", frozenset(), ())),
        ],
    )
    assert made.base is not None
    assert made.base.gone == (gone,)
    assert made.new() == (new,)


def test_narrowed_to_what_is_wanted_of_the_base_too() -> None:
    low = of("", "2:1", Severity.LOW)
    made = report(PINNED, low)._replace(base=Base("main", frozenset(), (low, PINNED)))
    found = made.narrowed(lambda one: one.severity > Severity.LOW)
    assert found.findings == (PINNED,)
    assert found.base is not None
    assert found.base.gone == (PINNED,)


def test_what_is_hidden_is_counted_and_its_problem_goes_with_it() -> None:
    problem, other = Problem(PINNED.at, PINNED.message), Problem(PINNED.at, "another")
    known, new = PINNED._replace(rule=UNREADABLE), of("", "2:1")
    made = report(known, new, problems=(problem, other))
    found = made._replace(base=Base("main", frozenset({known_as(known)}), ())).without_known()
    assert found.findings == (new,)
    assert found.problems == (other,)
    assert found.base is not None
    assert found.base.hidden == 1
