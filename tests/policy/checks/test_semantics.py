"""What conditions, operators and lists mean, case by case."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from scanner.analysis.attributes.attribute import Value, untold
from scanner.model.finding import Hit, Unknown
from tests.policy.checks.small import ask, check, compiled, small_world, world

DAY = timedelta(days=1)


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    with small_world():
        yield


def holds(condition: dict[str, Any], **given: Value) -> bool | None:
    """What a condition answers of one job; None where it cannot be told."""
    found = ask(
        compiled(check(select="job", where=condition, forbid={"label": "0"})), world([("job", given)])
    )
    return None if found.unknown else bool(found.hits)


@pytest.mark.parametrize(
    ("asked", "value", "expected"),
    [
        # texts
        ("red", "red", True),
        ("red", "Red", False),
        ({"is": "red"}, "red", True),
        ({"is": ""}, "", True),
        ({"in": ["red", "blue"]}, "blue", True),
        ({"not-in": ["red", "blue"]}, "blue", False),
        ({"not-in": ["red"]}, "green", True),
        ({"matches": "e"}, "red", True),
        ({"matches": "^e"}, "red", False),
        ({"matches": "(?i)^RED$"}, "red", True),
        ({"glob": "r?d"}, "red", True),
        ({"glob": "e"}, "red", False),
        ({"glob": "a/**"}, "a/b/c", True),
        ({"not": {"is": "red"}}, "blue", True),
        ({"matches": "^r", "not": {"is": "red"}}, "rose", True),
        ({"matches": "^r", "not": {"is": "red"}}, "red", False),
        ({"exists": True}, "red", True),
        ({"exists": False}, "red", False),
        # what is missing is neither equal nor unequal
        ("red", None, None),
        ({"not-in": ["red"]}, None, None),
        ({"not": {"is": "red"}}, None, None),
        ({"matches": "."}, None, None),
        ({"exists": True}, None, False),
        ({"exists": False}, None, True),
        ({"exists": True, "is": "red"}, None, False),
        ({"exists": False, "is": "red"}, None, None),
        ({"not": {"exists": True}}, None, True),
    ],
)  # fmt: skip
def test_texts(asked: Any, value: Value | None, expected: bool | None) -> None:
    assert holds({"colour": asked}, **({} if value is None else {"colour": value})) is expected


@pytest.mark.parametrize(
    ("name", "asked", "value", "expected"),
    [
        ("size", 3, 3, True),
        ("size", {"lt": 3}, 3, False),
        ("size", {"le": 3}, 3, True),
        ("size", {"gt": -1}, 0, True),
        ("size", {"ge": 2, "lt": 4}, 3, True),
        ("size", {"in": [1, 2]}, 2, True),
        ("round", True, True, True),
        ("round", {"is": False}, True, False),
        ("born", {"lt": "2026-01-31"}, date(2026, 1, 30), True),
        ("born", {"ge": "2026-01-31"}, date(2026, 1, 31), True),
        ("born", "2026-01-31", date(2026, 1, 31), True),
        ("age", {"gt": "30d"}, 31 * DAY, True),
        ("age", {"le": "36h"}, DAY, True),
        ("age", {"lt": "2w"}, 14 * DAY, False),
        ("age", "1y", 365 * DAY, True),
        ("version", {"ge": "4.1"}, "v4.10", True),
        ("version", {"lt": "4.10"}, "4.9", True),
        ("version", "4", "v4.0.0", True),
        ("version", {"in": ["4.0", "5"]}, "v4", True),
        ("version", {"ge": 4}, "main", None),
        ("version", {"matches": "^m"}, "main", True),
        ("version", {"lt": "2.0"}, "2.0rc1", True),
    ],
)  # fmt: skip
def test_typed_values(name: str, asked: Any, value: Value, expected: bool | None) -> None:
    assert holds({name: asked}, **{name: value}) is expected
    assert holds({name: asked}) is None


@pytest.mark.parametrize(
    ("asked", "value", "expected"),
    [
        ({"any": "a"}, ("a", "b"), True),
        ({"any": "c"}, ("a", "b"), False),
        ({"any": "a"}, (), False),
        ({"all": {"in": ["a", "b"]}}, ("a", "b"), True),
        ({"all": "a"}, ("a", "b"), False),
        ({"all": "a"}, (), True),
        ({"none": "c"}, ("a", "b"), True),
        ({"none": "a"}, ("a", "b"), False),
        ({"none": "a"}, (), True),
        ({"any": {"matches": "^a", "not": {"is": "a"}}}, ("a", "ab"), True),
        ({"not": {"any": "a"}}, ("b",), True),
        ({"count": 2}, ("a", "b"), True),
        ({"count": {"ge": 1, "lt": 2}}, ("a", "b"), False),
        ({"exists": True}, (), True),
        ({"any": "a", "count": 1}, ("a",), True),
        ({"any": "a"}, None, None),
        ({"all": "a"}, None, None),
        ({"none": "a"}, None, None),
        ({"count": 0}, None, None),
        ({"exists": False}, None, True),
    ],
)  # fmt: skip
def test_lists_say_of_which_items(asked: Any, value: Value | None, expected: bool | None) -> None:
    assert holds({"words": asked}, **({} if value is None else {"words": value})) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"colour": "red", "round": True}, True),
        ({"colour": "red", "size": 1}, None),
        ({"colour": "blue", "size": 1}, False),  # false whatever the size is: so guards work
        ({"all": [{"colour": "red"}, {"size": 1}]}, None),
        ({"any": [{"colour": "red"}, {"size": 1}]}, True),
        ({"any": [{"colour": "blue"}, {"size": 1}]}, None),
        ({"none": [{"colour": "blue"}]}, True),
        ({"none": [{"colour": "blue"}, {"size": 1}]}, None),
        ({"none": [{"colour": "red"}, {"size": 1}]}, False),
        ({"not": {"size": 1}}, None),
        ({"not": {"colour": "blue"}}, True),
    ],
)  # fmt: skip
def test_conditions_have_three_values(condition: dict[str, Any], expected: bool | None) -> None:
    assert holds(condition, colour="red", round=True) is expected


def test_values_stand_wherever_operands_may() -> None:
    graph = world([("job", {"colour": "red", "size": 5}), ("job", {"colour": "blue", "size": 6})])
    values = {"good": ["red", "green"], "one": "red", "most": 5}
    for require in (
        {"colour": {"in": {"value": "good"}}},
        {"colour": {"in": ["violet", {"value": "good"}]}},
        {"colour": {"in": [{"value": "one"}, "violet"]}},
        {"colour": {"value": "one"}},
        {"colour": {"is": {"value": "one"}}},
        {"colour": {"matches": {"value": "one"}}},
        {"size": {"le": {"value": "most"}}},
    ):
        assert ask(compiled(check(select="job", require=require), values), graph).hits == ["job:1"]


# ---------------------------------------------------------------- verdicts


NODES: list[tuple[str, dict[str, Value]]] = [("job", {"round": True}), ("job", {"round": False}), ("job", {})]


def test_require_passes_only_what_is_true() -> None:
    found = ask(compiled(check(select="job", require={"round": True})), world(NODES))
    assert found.hits == ["job:1", "job:2"]
    assert found.messages == [
        "It is as it should be: `round` is false",
        "It is as it should be: `round` is missing: nobody knows the round",
    ]


def test_what_only_a_run_tells_is_not_said_to_be_wrong() -> None:
    """What is simply not there is."""
    nodes: list[tuple[str, dict[str, Value]]] = [("job", {}), ("job", {"round": untold("a run decides")})]
    found = ask(
        compiled(check(select="job", require={"round": True}, message="{label} is not round")), world(nodes)
    )
    assert found.messages == [
        "`0` is not round (`round` is missing: nobody knows the round)",
        "It is as it should be: it cannot be told that this holds of `1`, since `round` is missing: a run decides",
    ]


def test_forbid_passes_only_what_is_false() -> None:
    found = ask(compiled(check(select="job", forbid={"round": True})), world(NODES))
    assert found.hits == ["job:0", "job:2"]
    assert found.messages[1].endswith(
        "this cannot be ruled out of `2`, since `round` is missing: nobody knows the round"
    )


def test_where_that_cannot_be_decided_is_a_question() -> None:
    found = ask(compiled(check(select="job", where={"round": True}, forbid={"round": True})), world(NODES))
    assert (found.hits, found.unknown) == (["job:0"], ["job:2"])
    assert "`round` is missing: nobody knows the round" in next(
        one.reason for one in found.answers if isinstance(one, Unknown)
    )


def test_an_attribute_that_a_kind_has_not_is_missing() -> None:
    found = ask(
        compiled(check(select=["job", "action"], require={"size": {"ge": 0}})),
        world([("job", {"size": 1}), ("action", {})]),
    )
    assert found.hits == ["action:1"]
    assert "`size` is missing: an action has none" in found.messages[0]


@pytest.mark.parametrize(
    ("count", "hits", "unknown"),
    [({"ge": 1}, 0, 1), ({"ge": 2}, 0, 2), ({"ge": 3}, 1, 1), (0, 1, 1), ({"le": 2}, 0, 1), ({"le": 1}, 0, 2)],
)  # fmt: skip
def test_count_is_of_what_is_selected(count: Any, hits: int, unknown: int) -> None:
    """One is round for certain, and one may be; that it may be is a question of its own."""
    found = ask(compiled(check(select="job", where={"round": True}, count=count)), world(NODES))
    assert (len(found.hits), len(found.unknown)) == (hits, unknown)


def test_count_names_the_number() -> None:
    found = ask(compiled(check(select="job", count={"le": 2})), world(NODES))
    assert found.messages == ["It is as it should be: the number of `job` is 3, and must be at most 2"]
    one = found.answers[0]
    assert isinstance(one, Hit)
    assert (one.subject, len(one.related)) == ("repository:.", 2)
    worded = check(select="job", count={"le": 2}, message="{number} are too many")
    assert ask(compiled(worded), world(NODES)).messages == ["3 are too many"]


def test_none_where_there_must_be_one_is_found() -> None:
    found = ask(compiled(check(select="action", count={"ge": 1})), world(NODES))
    assert found.hits == ["repository:."]


# ---------------------------------------------------------------- paths


def test_a_node_reaches_itself_only_by_a_cycle() -> None:
    nodes: list[tuple[str, dict[str, Value]]] = [("job", {"colour": "red"}), ("job", {"colour": "blue"})]
    red = check(select="job", forbid={"reaches": {"node": "job", "where": {"colour": "red"}}})
    assert ask(compiled(red), world(nodes, [(0, 1, "needs")])).hits == []
    assert ask(compiled(red), world(nodes, [(0, 1, "needs"), (1, 0, "needs")])).hits == ["job:0", "job:1"]


def test_through_stands_strictly_between() -> None:
    nodes: list[tuple[str, dict[str, Value]]] = [("job", {}), ("step", {}), ("action", {})]
    edges = [(0, 1, "contains"), (1, 2, "uses"), (0, 2, "uses")]
    asked = check(select=["job", "step"], forbid={"reaches": {"node": "action", "through": "step"}})
    assert ask(compiled(asked), world(nodes, edges)).hits == ["job:0"]  # type: ignore[arg-type]
    asked["forbid"]["reaches"]["within"] = 1
    assert ask(compiled(asked), world(nodes, edges)).hits == []  # type: ignore[arg-type]


def test_the_number_of_nodes_is_of_different_ones() -> None:
    nodes: list[tuple[str, dict[str, Value]]] = [("job", {}), ("step", {}), ("step", {}), ("action", {})]
    edges = [(0, 1, "contains"), (0, 2, "contains"), (1, 3, "uses"), (2, 3, "uses")]
    asked = check(select="job", require={"reaches": {"node": "action", "count": {"ge": 2}}})
    found = ask(compiled(asked), world(nodes, edges))  # type: ignore[arg-type]
    assert found.messages == ["It is as it should be: it reaches 1 action, and that is below 2"]


# ---------------------------------------------------------------- messages


@pytest.mark.parametrize(
    ("require", "given", "said"),
    [
        ({"colour": "red"}, {"colour": "blue"}, "`colour` is `blue`, not `red`"),
        ({"colour": {"in": ["red", "green"]}}, {"colour": "blue"}, "`colour` is `blue`, which is none of `red`, `green`"),
        ({"colour": {"not-in": ["red", "blue"]}}, {"colour": "blue"}, "`colour` is `blue`, which is one of `red`, `blue`"),
        ({"colour": {"not": {"is": "blue"}}}, {"colour": "blue"}, "`colour` is `blue`"),
        ({"colour": {"matches": "^r"}}, {"colour": "blue"}, "`colour` is `blue`, which does not match `^r`"),
        ({"size": {"lt": 3}}, {"size": 5}, "`size` is 5, which is not below 3"),
        ({"age": {"le": "30d"}}, {"age": 45 * DAY}, "`age` is 45 days, which is above 30 days"),
        ({"born": {"ge": "2026-01-01"}}, {"born": date(2025, 5, 6)}, "`born` is 2025-05-06, which is before 2026-01-01"),
        ({"version": {"ge": "4"}}, {"version": "v3"}, "`version` is `v3`, which is below `4`"),
        ({"version": {"ge": "4"}}, {"version": "main"}, "it cannot be told that this holds of `0`, since `main` is no version that can be compared"),
        ({"words": {"any": "c"}}, {"words": ("a", "b")}, "`words` is `a`, `b`, of which none is `c`"),
        ({"words": {"any": "c"}}, {"words": ()}, "`words` is empty"),
        ({"words": {"none": "b"}}, {"words": ("a", "b")}, "`words` holds `b`"),
        ({"words": {"all": {"glob": "a*"}}}, {"words": ("a", "b")}, "`words` holds `b`, which does not match `a*`"),
        ({"words": {"count": {"le": 1}}}, {"words": ("a", "b")}, "the number of `words` is 2, which is above 1"),
        ({"reaches": "action"}, {}, "it reaches no action"),
        ({"reaches": {"node": "action", "where": {"colour": "red"}, "within": 2}}, {}, "it reaches no action of that kind within 2 steps"),
        ({"colour": "red", "size": 1}, {"colour": "blue", "size": 2}, "`colour` is `blue`, not `red`; `size` is 2, not 1"),
    ],
)  # fmt: skip
def test_a_finding_says_what_did_not_hold(require: Any, given: dict[str, Value], said: str) -> None:
    found = ask(compiled(check(select="job", require=require)), world([("job", given)]))
    assert found.messages == [f"It is as it should be: {said}"]


def test_fields_of_a_message() -> None:
    nodes: list[tuple[str, dict[str, Value]]] = [("job", {"words": ("a", "b"), "size": 3}), ("action", {})]
    asked = check(
        select="job",
        forbid={"reaches": "action"},
        message="{kind} {id} has {words}, {size} and {colour}; `{label}` {{reaches}} {reached}",
    )
    found = ask(compiled(asked), world(nodes, [(0, 1, "uses")]))
    assert found.messages == ["job `job:0` has `a`, `b`, 3 and (no colour); `0` {reaches} `1`"]


# ---------------------------------------------------------------- edges


def test_edges_are_asked_at_their_ends() -> None:
    nodes: list[tuple[str, dict[str, Value]]] = [("step", {}), ("action", {"colour": "red"}), ("action", {})]
    edges = [(0, 1, "uses"), (0, 2, "uses")]
    asked = check(select={"edge": "uses"}, require={"target": {"colour": "blue"}, "source": {"label": "0"}})
    found = ask(compiled(asked), world(nodes, edges))  # type: ignore[arg-type]
    assert found.hits == ["step:0", "step:0"]
    assert found.messages[0].endswith("of the target `1` `colour` is `red`, not `blue`")
    assert "of the target `2` `colour` is missing" in found.messages[1]
    evidence = [one.evidence for one in found.answers if isinstance(one, Hit)]
    assert evidence == [("action:1", "colour red"), ("action:2", "untold")]
