"""Nothing of the input is obeyed by what shows Markdown."""

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from scanner.report.escape import bounded
from scanner.report.gfm import code, escape, message, table
from tests.report.reports import texts

READER = MarkdownIt("gfm-like")
ZERO_WIDTH = "\u200b"


@given(texts)
def test_text_is_shown_as_it_is(text: str) -> None:
    """Also where it begins a line."""
    written = escape(text.strip())
    assert "\n" not in written
    assert not set("<>").intersection(written)
    blocks = READER.parse(written)
    assert [one.type for one in blocks] in ([], ["paragraph_open", "inline", "paragraph_close"])
    inline = [one for block in blocks for one in block.children or ()]
    assert {one.type for one in inline} <= {"text"}
    said = "".join(one.content for one in inline).replace(ZERO_WIDTH, "")
    assert said == bounded(text.strip()).strip().replace(ZERO_WIDTH, "")


@pytest.mark.parametrize(
    "text",
    [
        "missing: pin it, or remove it (version 24.05, v31).",
        "a snake_case name - and + what it = 3, C# and x @ y",
        "3 more: medium",
    ],
)
def test_plain_text_needs_no_escapes(text: str) -> None:
    assert escape(text) == text


@pytest.mark.parametrize("text", ["1. x", "1) x", "- x", "+ x", "# x", "=== ", "--- "])
def test_nothing_begins_a_list_or_a_heading(text: str) -> None:
    assert [one.type for one in READER.parse(f"a\n{escape(text)}")] == [
        "paragraph_open",
        "inline",
        "paragraph_close",
    ]


@pytest.mark.parametrize(
    "text", ["www.a.example", "www.", "WWW. x", "a@b", "#1", "o/n#1", "http://a", "::error::x", ":tada:"]
)
def test_what_github_would_make_more_of_is_parted(text: str) -> None:
    assert escape(text) != text


@given(texts)
def test_code_is_one_line_that_ends_itself(text: str) -> None:
    shown = code(text)
    assert "\n" not in shown
    if not shown or shown.startswith("<code>"):
        assert "<" not in shown.removeprefix("<code>").removesuffix("</code>")
        return
    fence = shown[: len(shown) - len(shown.lstrip("`"))]
    inside = shown[len(fence) : -len(fence)]
    assert shown.endswith(fence)
    assert fence not in inside.strip() or not inside.strip()
    assert "|" not in inside.replace("\\|", "")


def test_code_with_an_angle_bracket_is_readable() -> None:
    assert code("actions/checkout@<commit> # v5|*") == (
        "<code>actions/checkout\\@&lt;commit&gt; \\# v5\\|\\*</code>"
    )


@pytest.mark.parametrize(
    "text", ["<x> a@evil.com", "<a@evil.com>", "<a+b@-evil.com", "a_b@_x.evil.com<", "<a@.com"]
)
def test_code_with_an_angle_bracket_holds_no_address(text: str) -> None:
    assert "\\@&#8203;" in code(text)


def test_nothing_becomes_a_reference() -> None:
    assert escape("see GH-12, not ugh-12") == "see GH-&#8203;12, not ugh-12"


def test_a_message() -> None:
    assert message("the input `a|b` is *old*") == "the input `a\\|b` is \\*old\\*"
    assert message("one ` is left") == "one \\` is left"
    assert message("`a``b`") == "`a`&#8203;`b`"


def test_a_table_says_what_does_not_fit() -> None:
    text = table(("a", "b"), ((str(number), "x" * 90) for number in range(100)), 2_000)
    assert len(text.encode()) <= 2_000
    assert "… and 83 more, which do not fit here." in text


def test_a_row_that_does_not_fit_leaves_the_room_to_others() -> None:
    rows = [(str(number), "x" * (5_000 if number in (1, 3) else 90)) for number in range(6)]
    text = table(("a", "b"), rows, 2_000, lambda left: f"those at {[*left]}")
    assert "… and those at [1, 3], which do not fit here." in text
    assert all(f"| {number} | x" in text for number in (0, 2, 4, 5))
