"""Pages of rules as HTML, ours and those of strangers."""

from hypothesis import given
from hypothesis import strategies as st

from scanner.engine import places
from scanner.rules.pages import read_page
from scanner.views.html.prose import rendered
from tests.views.html.pages import Elements

ALLOWED = frozenset("a code div em h4 li p pre strong table tbody td th thead tr ul".split())


def test_the_kinds_of_blocks() -> None:
    html = rendered(
        "# Title\nA *first* **line**\nof `two`.\n\n## Fix\n\n- one\n  goes on\n- two\n\n| a | b |\n|---|---|\n| `c` | d |\n\n"
        "```yaml\na: <b>\n```\n",
        4,
    )
    assert html == (
        "<p>A <em>first</em> <strong>line</strong> of <code>two</code>.</p><h4>Fix</h4><ul><li>one goes on</li><li>two</li></ul>"
        '<div class="wide" tabindex="0" role="region" aria-label="table of the page"><table><thead><tr><th scope="col">a</th>'
        '<th scope="col">b</th></tr></thead><tbody><tr><td><code>c</code></td><td>d</td></tr></tbody></table></div>'
        '<pre tabindex="0" aria-label="example"><code>a: &lt;b&gt;</code></pre>'
    )


def test_links_lead_to_the_web_only() -> None:
    found = Elements(
        rendered("[a](https://a.example/x) [b](javascript:alert(1)) <https://c.example> [d](data:x)", 4)
    )
    assert found.links == ["https://a.example/x", "https://c.example"]
    assert "javascript:alert(1)" in found.text


def test_the_page_of_another_rule_is_linked_where_it_is_shown() -> None:
    html = rendered(
        "See [one](one_rule.md), [`two`](../triggers/two-rule.md#fix) or [x](../../x.txt).", 4, {"one-rule"}
    )
    assert html == '<p>See <a href="#rule-one-rule">one</a>, <code>two</code> or [x](../../x.txt).</p>'


def test_every_page_of_ours_is_read_without_marks_left_over() -> None:
    for place in places().values():
        found = Elements(rendered(read_page(place).markdown.partition("\n## Examples")[0], 4))
        assert set(found.names) <= ALLOWED
        assert "```" not in found.text
        assert "](http" not in found.text, place
        assert ".md)" not in found.text, place


@given(st.text(st.sampled_from("ab`*[]()<>|#- \n\"'&\u202e:/hts"), max_size=200))
def test_a_page_of_a_stranger_adds_no_other_elements(markdown: str) -> None:
    found = Elements(rendered(markdown, 4))
    assert set(found.names) <= ALLOWED
    assert set(found.attributes) <= {"href", "rel", "class", "tabindex", "role", "aria-label", "scope"}
