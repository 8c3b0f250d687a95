"""What leaves nothing harmful of a text, and what only looks like it."""

import pytest

from scanner.analysis.scripts.filters import cleans, safe_pattern, safe_replacement
from scanner.parse.shell import commands


@pytest.mark.parametrize(
    ("pattern", "safe"),
    [
        ("^[0-9]+$", True),
        ("^v[0-9]+(\\.[0-9]+)*$", True),
        ("^(major|minor)$", True),
        ("^[[:alnum:]_-]{1,20}$", True),
        ("^\\d+$", True),
        ("^[^a-z]+$", False),
        ("^[a-z ;]+$", False),
        ("^[A-z]+$", False),
        ("^.+$", False),
        ("^\\S+$", False),
        ("^a|b$", False),
        ("[0-9]+", False),
        ("^[0-9]+", False),
        ("^[0-9", False),
        ("", False),
    ],
)
def test_patterns_for_a_whole_text(pattern: str, safe: bool) -> None:
    assert safe_pattern(pattern) is safe


@pytest.mark.parametrize(
    ("operator", "safe"),
    [
        ("#", True),
        (":+x", True),
        ("//[^a-z0-9]/-", True),
        ("//[^a-z0-9]", True),
        ("//[a-z]/-", False),
        ("/[^a-z]/-", False),
        ("//[^a-z]/$X", False),
        (":-x", False),
        ("", False),
    ],
)
def test_expansions(operator: str, safe: bool) -> None:
    assert safe_replacement(operator) is safe


@pytest.mark.parametrize(
    ("command", "clean"),
    [
        ("wc -l", True),
        ("sha256sum", True),
        ("base64 -w0", True),
        ("base64 -d", False),
        ("tr -cd 'a-z0-9'", True),
        ("tr -c 'a-z0-9' '-'", True),
        ("tr -d 'a-z'", False),
        ("tr -cd 'a-z;'", False),
        ("sed 's/[^a-z0-9]/-/g'", True),
        ("sed 's/[^a-z0-9]/-/'", False),
        ("sed 's/[^a-z0-9$]/-/g'", False),
        ("sed 's/a/b/g'", False),
        ("grep -oE '[0-9]+'", True),
        ("grep -oE '.+'", False),
        ("grep -E '^[0-9]+$'", True),
        ("grep -E '[0-9]+'", False),
        ("grep -xE '[0-9]+'", True),
        ("grep -q x", True),
        ("jq length", True),
        ("jq .title", False),
        ("cat", False),
        ("expr X : '\\(.*\\)'", False),
        ("xxd -r", False),
    ],
)
def test_commands(command: str, clean: bool) -> None:
    (one,) = commands(command)
    assert cleans(one) is clean
