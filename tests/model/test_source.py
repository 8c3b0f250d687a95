"""Places in texts."""

import pytest

from scanner.model.nearest import nearest
from scanner.model.source import Source, Span


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r\r\r\n"])
def test_the_first_line_ends_before_its_line_break(breaks: str) -> None:
    text = f"ab{breaks}cd{breaks}"
    assert Span(Source("a", "workflow", text), 0, len(text)).first_line().text == "ab"
    assert Span(Source("a", "workflow", text), 2, len(text)).first_line().text == ""


def test_advice_holds_no_secrets() -> None:
    name = "https://u:hunter2hunter2@x.org/a"
    assert "hunter2" not in nearest(name[:-1], [name])
    assert "hunter2" not in nearest("zzz", [name])
