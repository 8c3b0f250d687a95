"""What texts of the Nix language say, and where their characters stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.parse.nix.texts import inside, spoken, value_of

# Every value is what Nix 2.34.8 evaluates the text to.
VALUES = [
    ('""', ""),
    ('"a b"', "a b"),
    (r'"\n\r\t\\\"\${x}\q"', '\n\r\t\\"${x}q'),
    ('"$$ $${x} $"', "$$ $${x} $"),
    ('"a\r\nb\rc"', "a\nb\nc"),
    ("http://a/b", "http://a/b"),
    ("''''", ""),
    ("''a''", "a"),
    ("''  a''", "a"),
    ("''\n  a\n    b\n  ''", "a\n  b\n"),
    ("''\n  a\n\n  b''", "a\n\nb"),
    ("''   \n  a\n ''", "a\n"),
    ("''\ta\n  b''", "\ta\n  b"),
    ("''$ $$ ''${x} ''' ' ''", "$ $$ ${x} '' ' "),
    ("''a''\\nb''\\'c''", "a\nb'c"),
    ("'' ''\\n  a''", "\n a"),
    ("''\n  ''$a\n    b''", "$a\n  b"),
    ("'' '$ ''", "'$ "),
    ("''\r\n  a\r\n''", "\r\n  a\r\n"),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_values(text: str, value: str) -> None:
    assert value_of(f"  {text} ", 2, 2 + len(text)) == value


@pytest.mark.parametrize(
    ("text", "shown"),
    [('"a b"', "a b"), ("''a''", "a"), ("''\n  a\n ''", "a"), ("x:y", "x:y"), ('""', ""), ("''  ''", "  ")],
)
def test_where_a_text_stands(text: str, shown: str) -> None:
    start, end = inside(f"  {text} ", 2, 2 + len(text))
    assert f"  {text} "[start:end] == shown


@given(st.text("ab \n\t'$\\{", max_size=30))
def test_every_character_has_its_place(body: str) -> None:
    quoted = '"' + body.replace("\\", "\\\\").replace("$", "\\$") + '"'
    value, offsets = spoken(quoted, 0, len(quoted))
    assert value == body
    assert len(offsets) == len(value)
    indented = "''" + body.replace("''", "'''").replace("$", "''$") + "''"
    value, offsets = spoken(indented, 0, len(indented))
    assert len(offsets) == len(value)
    assert list(offsets) == sorted(offsets)
    for char, offset in zip(value, offsets, strict=True):
        assert indented[offset] in (char, "'")
