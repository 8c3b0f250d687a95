from unicodedata import bidirectional, category
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.report.escape import LIMIT, bounded, inert, inert_json, inert_xml, visible, visible_lines
from tests.report.reports import texts


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain `text` with ${{ braces }}", "plain `text` with ${{ braces }}"),
        ("naïve 漢字 ☃ 🎉", "naïve 漢字 ☃ 🎉"),
        ("\x1b[31mred\x1b[0m\x07", "\\x1b[31mred\\x1b[0m\\x07"),
        ("a\nb\rc\td", "a\\nb\\rc\\td"),
        ("\x7f\x85\x9b1m", "\\x7f\\x85\\x9b1m"),
        ("abc\u202etxt\u2066\u2069\u061c", "abc\\u202etxt\\u2066\\u2069\\u061c"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("line\u2028paragraph\u2029", "line\\u2028paragraph\\u2029"),
        ("byte \udcff, half \ud800", "byte \\udcff, half \\ud800"),
        (
            "tag \U000e0041, filler \u3164, selector \ufe01",
            "tag \\U000e0041, filler \\u3164, selector \\ufe01",
        ),
        ("⚠️", "⚠️"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text() | texts)
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    shown = visible(text)
    assert not {category(char) for char in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not {bidirectional(char) for char in shown} & set("LRE RLE LRO RLO PDF LRI RLI FSI PDI".split())
    assert "".join(shown.splitlines()) == shown
    shown.encode("utf-8")
    assert visible(shown) == shown


def test_a_long_text_is_cut_and_says_so() -> None:
    assert bounded("x" * LIMIT) == "x" * LIMIT
    assert bounded("\x1b" + "x" * LIMIT) == "\\x1b" + "x" * (LIMIT - 1) + "… (1 more characters)"


@pytest.mark.parametrize(
    ("line", "harmless"),
    [
        ("::error::x", "\\x3a:error::x"),
        (" \t::error::x", " \t\\x3a:error::x"),
        ("a::b", "a::b"),
        ("a\r::error::x", "a\r\\x3a:error::x"),
        ("x ##[add-mask]y ##[c]", "x \\x23#[add-mask]y \\x23#[c]"),
        ("# not ##one [", "# not ##one ["),
    ],
)
def test_inert(line: str, harmless: str) -> None:
    assert inert(f"before\n{line}\nafter") == f"before\n{harmless}\nafter"


def test_lines_stay_lines() -> None:
    assert visible_lines("a\r\n\x1b[2J\rb\n") == "a\n\\x1b[2J\\rb\n"


def test_json_stays_the_same_document() -> None:
    assert inert_json('"\\\\##[error]"') == '"\\\\\\u0023#[error]"'


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters=[chr(one) for one in range(0x20)]))
    | st.sampled_from(["::error::x", " \n\t::a::b\r::c", "##[error]", "\x9b31m\x85\u202e\u2028::x"])
)
def test_xml_stays_the_same_and_is_obeyed_by_nobody(text: str) -> None:
    root = ElementTree.Element("a", {"b": text})
    root.text = text
    written = ElementTree.tostring(root, encoding="unicode")
    shown = inert_xml(written)
    assert ElementTree.canonicalize(shown) == ElementTree.canonicalize(written)
    assert "##[" not in shown
    assert not any(line.lstrip().startswith("::") for line in shown.splitlines())
    assert not {category(char) for char in shown if char not in "\t\n\r"} & {"Cc", "Cf", "Zl", "Zp"}
