"""Nothing of the input is obeyed by what shows Markdown."""

from hypothesis import given

from scanner.report.gfm import code, escape, message, table
from tests.report.reports import texts


@given(texts)
def test_text_holds_no_markup(text: str) -> None:
    shown = escape(text)
    for entity in ("&#8203;", "&amp;", "&lt;", "&gt;"):
        shown = shown.replace(entity, "")
    assert "\n" not in shown
    assert not set("<>&").intersection(shown)
    for at, char in enumerate(shown):
        if char in "*_`[]|~@#:{}":
            assert shown[at - 1] == "\\"


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
