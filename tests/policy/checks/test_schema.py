"""The JSON Schema of checks says of conditions what their reader says."""

from typing import Any

import jsonschema
import pytest

from scanner.analysis.attributes.table import attributes, edge_attributes
from scanner.policy.checks.operands import VALUE
from scanner.policy.checks.reading import COMBINATORS, ENDS, PATHS
from scanner.policy.checks.schema import definitions
from scanner.policy.checks.section import CHECK
from tests.policy.checks.small import check, compiled

SCHEMA = {**CHECK.schema(), "$defs": definitions()}

GOOD: list[dict[str, Any]] = [
    {"select": "action", "require": {"owner": {"in": ["actions", {"value": "owners"}]}}},
    {"select": ["action", "reusable-workflow"], "require": {"owner": {"in": {"value": "owners"}}}},
    {"select": {"node": "job"}, "forbid": {"reaches": "action"}},
    {"select": "job", "forbid": {"any": [{"label": "x"}, {"not": {"label": {"matches": "^a", "not": {"is": "ab"}}}}]}},
    {"select": "job", "where": {"events": {"any": "push", "count": {"ge": 2}}}, "require": {"permissions": {"none": {"glob": "*write"}}}},
    {"select": "flake-input", "require": {"age": {"le": "30d"}, "last-modified": {"ge": "2026-01-01"}}},
    {"select": {"edge": "uses"}, "require": {"target": {"pinned": True}, "source": {"label": {"exists": True}}}},
    {
        "select": "workflow",
        "forbid": {
            "reaches": {"node": ["secret"], "where": {"built-in": False}, "along": ["contains", "reads"], "within": 3, "through": {"node": "job", "where": {"outsider": True}}, "count": {"gt": 2}},
        },
    },
    {"select": "lock", "count": {"le": 1}},
    {"select": "lock", "count": 1, "message": "{number} locks"},
]  # fmt: skip

BAD: list[dict[str, Any]] = [
    {"select": "acton", "require": {"owner": "x"}},
    {"select": "action", "require": {"ownr": "x"}},
    {"select": "action", "require": {"owner": {"equals": "x"}}},
    {"select": "action", "require": {"owner": {"in": []}}},
    {"select": "action", "require": {"pinned": "yes"}},
    {"select": "job", "require": {"events": "push"}},
    {"select": "job", "require": {"events": {"is": "push"}}},
    {"select": "flake-input", "require": {"age": {"le": "30"}}},
    {"select": "job", "require": {"reaches": {"node": "action", "within": 0}}},
    {"select": "job", "require": {"reaches": {"node": "action", "along": "use"}}},
    {"select": "job", "require": {"all": {"label": "x"}}},
    {"select": "job", "require": {}},
]  # fmt: skip


def test_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("asked", GOOD)
def test_takes_what_is_right(asked: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(check(**asked))
    compiled(check(**asked), {"owners": ["actions"]})


@pytest.mark.parametrize("asked", BAD)
def test_refuses_what_is_wrong(asked: dict[str, Any]) -> None:
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(check(**asked))


def test_every_property_says_what_it_is() -> None:
    conditions = SCHEMA["$defs"]["condition"]["properties"]
    assert all(one.get("description") for one in conditions.values())
    assert {"owner", "events", "reaches", "all"} <= set(conditions)


def test_no_attribute_has_the_name_of_a_combinator() -> None:
    of_nodes = {name for known in attributes().values() for name in known}
    of_edges = {name for known in edge_attributes().values() for name in known}
    assert not of_nodes & {*COMBINATORS, *PATHS, VALUE}
    assert not of_edges & {*COMBINATORS, *ENDS, VALUE}
