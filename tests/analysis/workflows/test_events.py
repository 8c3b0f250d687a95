"""Expressions that let only runs of some events through."""

import pytest

from scanner.analysis.workflows.events import rules_out


@pytest.mark.parametrize(
    ("expression", "ruled_out"),
    [
        ("github.event_name == 'push'", True),
        ("'push' == github.event_name", True),
        ("github.event_name != 'issue_comment'", True),
        ("github.event_name == 'push' && secrets.X || ''", True),
        ("github.event_name == 'push' || github.event_name == 'schedule'", True),
        ("github.event_name == 'issue_comment' && secrets.X", False),
        ("github.event_name == 'push' || secrets.X", False),
        ("github.event_name != 'push'", False),
        ("github.actor == 'push'", False),
        ("!(github.event_name == 'push')", False),
        ("secrets.X", False),
        ("(", False),
    ],
)
def test_rules_out(expression: str, ruled_out: bool) -> None:
    assert rules_out(expression, "issue_comment") is ruled_out
