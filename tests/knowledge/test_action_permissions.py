"""What actions need of the token: rows that the rules can trust."""

import json
from pathlib import Path

import pytest

from scanner.knowledge import tables
from scanner.knowledge.tables import Knowledge

KNOWLEDGE = Knowledge()
TABLE = json.loads((Path(tables.__file__).parent / "data" / "action-permissions.json").read_text("utf-8"))
SCOPES = KNOWLEDGE.github.permission_scopes


@pytest.mark.parametrize("name", sorted(TABLE["actions"]))
def test_rows_speak_of_scopes_that_there_are(name: str) -> None:
    assert name == name.lower()
    assert name.count("/") >= 1
    facts = KNOWLEDGE.actions.needs(name)
    assert facts is not None
    assert set(facts.needs) | set(facts.may) | set(facts.when) <= set(SCOPES)
    for scope, level in facts.needs.items():
        assert level in ("read", "write")
        assert level == "read" or SCOPES[scope] is not None
    assert set(TABLE["actions"][name]) <= {"needs", "may", "when", "token", "env", "given", "code", "source"}
    assert not facts.waits or facts.token or facts.env


def test_other_actions_are_not_known() -> None:
    assert KNOWLEDGE.actions.needs("owner/unheard-of") is None
    checkout = KNOWLEDGE.actions.needs("actions/checkout")
    assert checkout is not None
    assert (checkout.needs, checkout.token, checkout.runs_code) == ({"contents": "read"}, ("token",), False)
