"""Every operator, function, coercion and filter, and what is known without a run."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.parse.expressions.contexts import context_of
from scanner.parse.expressions.evaluate import (
    OPEN,
    Failed,
    constant,
    contexts,
    evaluate,
    truth,
)
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.expressions.values import Array, Object, equal, less, number, text, truthy, value_of

DATA: dict[str, Any] = {
    "github": {
        "ref": "refs/heads/Main",
        "Actor": "mona",
        "event": {"commits": [{"id": "a", "n": 1}, {"id": "b"}, {"other": 3}], "labels": ["x", "y"]},
    },
    "matrix": {"os": "linux", "n": 3, "none": None, "yes": True, "nested": [[1, 2], [3]]},
    "env": {},
}


def value(expression: str) -> Any:
    tree = parse(expression)
    assert not isinstance(tree, Malformed), tree
    answer = evaluate(tree, contexts(DATA))
    match answer:
        case Array():
            return [item if not isinstance(item, Array | Object) else repr(item) for item in answer.items]
        case Object():
            return dict(answer.pairs())
    return answer


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # literals
        ("'it''s'", "it's"),
        ("0x1F", 31.0),
        ("0o17", 15.0),
        ("-1.5e3", -1500.0),
        (".5", 0.5),
        ("-Infinity", -math.inf),
        ("null", None),
        # names and keys, without case
        ("GitHub.REF", "refs/heads/Main"),
        ("github['ACTOR']", "mona"),
        ("github.actor.more", None),
        ("unknown.more", None),
        ("github.event.labels[1]", "y"),
        ("github.event.labels['1']", "y"),
        ("github.event.labels[1.9]", "y"),
        ("github.event.labels[-1]", None),
        ("github.event.labels[7]", None),
        ("matrix.true", None),
        # filters
        ("github.event.commits.*.id", ["a", "b"]),
        ("github.event.commits[*].n", [1.0]),
        ("join(matrix.*, '|')", "linux|3||true|Array"),
        ("matrix.nested.*[0]", [1.0, 3.0]),
        ("matrix.nested.*.*", [1.0, 2.0, 3.0]),
        ("matrix.os.*", []),
        # not, and, or answer with operands
        ("!github.ref", False),
        ("!!''", False),
        ("'' || 'b'", "b"),
        ("'a' && 0 && 'c'", 0.0),
        ("null || false || ''", ""),
        ("matrix && 'yes'", "yes"),
        # comparisons
        ("github.actor == 'MONA'", True),
        ("'1' == 1", True),
        ("'' == 0", True),
        ("null == 0", True),
        ("null == ''", True),
        ("true == 1", True),
        ("true == 'true'", False),
        ("NaN == NaN", False),
        ("NaN != NaN", True),
        ("'b' > 'A'", True),
        ("'10' < 9", False),
        ("'a' < 1", False),
        ("false < true", True),
        ("2 >= '2'", True),
        ("3 <= 2", False),
        ("matrix == matrix", True),
        ("matrix.nested == matrix.nested", True),
        ("fromJSON('[]') == fromJSON('[]')", False),
        ("matrix == 'Object'", False),
        ("1 < 2 == true", True),
        ("!true == false", True),
        # functions
        ("contains('Hello', 'ELL')", True),
        ("contains(fromJSON('[1, 2]'), '2')", True),
        ("contains(github.event.labels, 'X')", True),
        ("contains(matrix, 'linux')", False),
        ("contains(123, 2)", True),
        ("startsWith(github.ref, 'REFS/')", True),
        ("endsWith(github.ref, 'main')", True),
        ("startsWith(matrix, '')", False),
        ("format('{1}-{0} {{x}}', 'a', 2)", "2-a {x}"),
        ("format('{0}{1}', matrix, github.event.labels)", "ObjectArray"),
        ("join(github.event.labels)", "x,y"),
        ("join(github.event.labels, 1)", "x1y"),
        ("join('one')", "one"),
        ("toJSON(github.event.labels)", '[\n  "x",\n  "y"\n]'),
        ("toJSON(null)", "null"),
        ("fromJSON(toJSON(matrix)).n", 3.0),
        ('fromJSON(\'{"A": 1, "a": 2}\').a', 1.0),
        ("case(false, 1, true, 2, 3)", 2.0),
        ("case(false, 1, 3)", 3.0),
        ("case(true, 1, fromJSON('['))", 1.0),
    ],
)
def test_values(expression: str, expected: Any) -> None:
    answer = value(expression)
    assert answer == expected
    assert type(answer) is type(expected)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("format('{0}')", "more values"),
        ("format('{')", "written twice"),
        ("format('{0:x}', 1)", "does not know"),
        ("format('{99999999999999999999999}')", "more values"),
        ("fromJSON('')", "not JSON"),
        ("fromJSON('NaN')", "not JSON"),
        (f"fromJSON('{'[' * 5000}')", "not JSON"),
        ("case('x', 1, 2)", "neither true nor false"),
        ("join()", "at least 1 argument"),
        ("case(true, 1, false, 2)", "odd number"),
        (f"format('{'{0}' * 99}', format('{'{0}' * 99}', '{'x' * 99}'))", "longer"),
        ("success()", "needs a run"),
        ("hashFiles('x')", "needs a run"),
    ],
)
def test_failures(expression: str, reason: str) -> None:
    answer = value(expression)
    assert isinstance(answer, Failed)
    assert reason in answer.reason


@pytest.mark.parametrize(
    ("expression", "expected", "counts"),
    [
        ("1 == 1", True, True),
        ("false && github.ref", False, False),
        ("github.ref && false", OPEN, False),
        ("github.ref || true", OPEN, True),
        ("true || github.ref", True, True),
        ("!(github.ref && '')", OPEN, True),
        ("format('{0}', 'a')", "a", True),
        ("format('{0}', github.ref)", OPEN, None),
        ("contains(fromJSON('[\"a\"]'), 'A')", True, True),
        ("fromJSON('[1, 2]')[1]", 2.0, True),
        ("github.event.*", OPEN, None),
        ("success()", OPEN, None),
        ("case(1 == 2, github.ref, 'x')", "x", True),
        ("case(github.ref == 'x', 1, 2)", OPEN, None),
        ("0 || ''", "", False),
        ("NaN", None, False),
    ],
)
def test_what_is_known_without_a_run(expression: str, expected: Any, counts: bool | None) -> None:
    tree = parse(expression)
    assert not isinstance(tree, Malformed)
    answer = constant(tree)
    if isinstance(answer, float) and math.isnan(answer):
        assert expected is None
    else:
        assert answer == expected
    assert truth(tree) is counts


@pytest.mark.parametrize(
    ("expression", "counts"),
    [
        ("github.event_name == 'PUSH'", True),
        ("github['event_name'] != 'push' && github.ref", False),
        ('contains(fromJSON(\'["issues", "push"]\'), github.event_name)', True),
        ("startsWith(github.event_name, 'pull_request')", False),
        ("github.event_name == 'push' && github.ref", None),
        ("github.event_name.x", False),
    ],
)
def test_what_is_known_of_one_context(expression: str, counts: bool | None) -> None:
    assert truth(_parsed(expression), {("github", "event_name"): "push"}) is counts


@pytest.mark.parametrize(
    ("expression", "counts"),
    [
        ("github.yes", True),
        ("!github.yes", False),
        ("github.yes || github.ref", True),
        ("github.yes && github.ref", None),
        ("!(github.yes || github.ref)", False),
        ("github.yes == true", True),
        ("github.yes != true", False),
        ("false == github.yes", False),
        ("(!github.yes) == false", True),
        ("github.yes == 'true'", None),
        ("github.ref", None),
        ("github.ref && false", False),
    ],
)
def test_somebody_may_know_a_part(expression: str, counts: bool | None) -> None:
    assert (
        truth(_parsed(expression), leaf=lambda part: True if context_of(part)[-1:] == ("yes",) else None)
        is counts
    )


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (0.1 + 0.2, "0.3"),
        (1e20, "1E+20"),
        (123456789012345680.0, "1.23456789012346E+17"),
        (1e-7, "1E-07"),
        (-0.0, "0"),
        (math.nan, "NaN"),
        (100.0, "100"),
    ],
)
def test_numbers_have_fifteen_digits(given: float, shown: str) -> None:
    assert text(given) == shown


@pytest.mark.parametrize("written", ["1_0", "inf", "nan", "-0x1", "0b1", "1e", "٣", "1 2", "--1"])
def test_what_is_no_number(written: str) -> None:
    assert math.isnan(number(written))


json_like = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(json_like, json_like)
def test_comparing_is_total_and_symmetric(one: Any, other: Any) -> None:
    left, right = value_of(one), value_of(other)
    assert equal(left, right) is equal(right, left)
    assert not (less(left, right) and less(right, left))
    assert truthy(left) in (True, False)


@given(json_like)
def test_json_comes_back(data: Any) -> None:
    shown = evaluate(_parsed("toJSON(x)"), contexts({"x": data}))
    assert isinstance(shown, str)
    again = evaluate(_parsed("toJSON(fromJSON(x))"), contexts({"x": shown}))
    assert again == shown


def _parsed(expression: str) -> Any:
    return parse(expression)
