"""How the shell fills in a word."""

import pytest

from scanner.analysis.scripts.filled_in import fixed_start, is_split
from scanner.parse.shell import commands


@pytest.mark.parametrize(
    ("word", "split"),
    [
        ("$A", True),
        ('"$A"', False),
        ('x"$A"y', False),
        ('"x"$A', True),
        ('"$(cat $A)"', False),
        ("$(cat a)", True),
        ("`cat a`", True),
        ("'$A'", False),
        ("\\$A", False),
        ("'it'\"$A\"", False),
    ],
)
def test_quotes_keep_a_text_together(word: str, split: bool) -> None:
    script = f"echo {word} end"
    command = list(commands(script))[-1]
    assert is_split(script, command.words[1]) is split


@pytest.mark.parametrize(
    ("text", "start"), [("a/$B", "a/"), ("$B", ""), ("costs 5$", "costs 5$"), ("x`y`", "x"), ("${{ a }}", "")]
)
def test_what_stands_in_front(text: str, start: str) -> None:
    assert fixed_start(text) == start
