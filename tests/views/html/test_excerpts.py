"""Source around a place: the lines beside it, the place marked, long lines and secrets cut."""

from html.parser import HTMLParser

import pytest
from hypothesis import given

from scanner.model.finding import Edit, Fix
from scanner.model.source import Source, Span
from scanner.views.html.excerpts import COLUMNS, MOST, excerpt, repaired
from tests.report.reports import span, spans


class Lines(HTMLParser):
    """The numbers of the lines, and what is marked."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.numbers: list[int] = []
        self.hits: list[int] = []
        self.marked = ""
        self.text = ""
        self._marks = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._marks = tag == "mark"
        if number := values.get("data-n"):
            self.numbers.append(int(number))
            if "hit" in (values.get("class") or "").split():
                self.hits.append(int(number))

    def handle_endtag(self, tag: str) -> None:
        self._marks = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._marks:
            self.marked += data


def _source(text: str) -> Source:
    return Source("a.yml", "workflow", text)


def test_three_lines_stand_before_and_behind() -> None:
    source = _source("".join(f"line {number}\n" for number in range(1, 21)))
    found = Lines(excerpt(span(source, "10")))
    assert found.numbers == list(range(7, 14))
    assert (found.hits, found.marked) == ([10], "10")


def test_a_place_of_several_lines_is_marked_in_each() -> None:
    source = _source("a\nbcd\nef\ng\n")
    found = Lines(excerpt(span(source, "cd\ne")))
    assert (found.hits, found.marked) == ([2, 3], "cde")


def test_a_place_of_very_many_lines_is_cut_and_says_so() -> None:
    source = _source("x\n" * 500)
    found = Lines(excerpt(Span(source, 0, 1000)))
    assert len(found.hits) == MOST
    assert "… and 486 more lines" in found.text


def test_of_a_long_line_the_part_around_the_place_is_shown() -> None:
    source = _source("a" * 50_000 + "HERE" + "b" * 50_000)
    found = Lines(excerpt(span(source, "HERE")))
    assert found.marked == "HERE"
    assert len(found.text) <= COLUMNS + 2


def test_the_password_of_a_url_is_masked_also_where_the_line_is_cut() -> None:
    source = _source(
        "url: https://me:hunter2secret@example.org/"
        + "p" * 300
        + " HERE\nx: git+https://me:hunter2secret@b.org\n"
    )
    for place in ("HERE", "x:"):
        assert "hunter2" not in excerpt(span(source, place))


@pytest.mark.parametrize("size", [100, 182, 300, 420, 1_000, 5_000])
def test_a_password_longer_than_the_line_shown_is_masked(size: int) -> None:
    secret = ("s3cret" * size)[:size]
    url = f"https://oauth2:{secret}@example.org/a"
    source = _source(f"- run: {url}\nx: {url} HERE {url}\n- run: {url}\n")
    place = span(source, "HERE")
    assert "s3c" not in excerpt(place)
    assert "s3c" not in repaired(Fix("do", (Edit(place, "two"),)))


def test_a_fix_that_copies_a_secret_is_not_shown() -> None:
    source = _source("a: https://u:hunter2x@h/x\nb: c\n")
    url, plain = span(source, "https://u:hunter2x@h/x"), span(source, "c")
    assert not Fix("copy", (Edit(plain, "https://u:hunter2x@h/x"),)).may_be_shown
    assert not Fix("copy a part", (Edit(span(source, "hunter2x@h"), "hunter2x@g"),)).may_be_shown
    assert Fix("remove", (Edit(url, ""),)).may_be_shown
    assert Fix("change", (Edit(plain, "d"),)).may_be_shown


def test_an_empty_place_is_a_caret_and_no_text_is_no_excerpt() -> None:
    assert '<mark class="here"></mark>' in excerpt(Span(_source("ab"), 1, 1))
    assert excerpt(Span(_source(""), 0, 0)) == ""


@given(spans)
def test_any_place_has_an_excerpt_of_bounded_size(at: Span) -> None:
    found = Lines(excerpt(at))
    assert len(found.numbers) <= MOST + 6
    assert found.hits or not at.source.text


def test_a_fix_shows_the_lines_before_and_after() -> None:
    source = _source("a: 1\nb: 2\nc: 3\n\n\n\nd: 4\n")
    fix = Fix(
        "do",
        (Edit(span(source, "2"), "two"), Edit(span(source, "3"), "three\nmore"), Edit(span(source, "4"), "")),
    )
    text = Lines(repaired(fix)).text
    assert "- b: 2- c: 3+ b: two+ c: three+ more" in text
    assert "a.yml:7- d: 4+ d: " in text
