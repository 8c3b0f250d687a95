"""No link of the documentation is broken, and the judge of that is awake."""

from pathlib import Path

import pytest

from tests.docs.links import anchors, leads_somewhere, links, slug
from tests.docs.snippets import FILES
from tests.support import ROOT

RULES = sorted((ROOT / "docs" / "rules").glob("*.md"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))
def test_links_lead_somewhere(file: Path) -> None:
    assert [target for target in links(file) if not leads_somewhere(file, target)] == []


def test_links_of_the_pages_of_rules_lead_somewhere() -> None:
    broken = [(file.name, to) for file in RULES for to in links(file) if not leads_somewhere(file, to)]
    assert RULES
    assert broken == []


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("New against a base", "new-against-a-base"),
        ("`--base`: what's new?", "--base-whats-new"),
        ("A & b", "a--b"),
        ("snake_case, Größe 2", "snake_case-größe-2"),
        ("[1.2.3] - 2026-11-23", "123---2026-11-23"),
    ],
)
def test_the_names_of_headings(heading: str, name: str) -> None:
    assert slug(heading) == name


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "other.md").write_text(
        "# Other\n\n## Twice\n\n## Twice\n\n```sh\n# no heading\n```\n", "utf-8"
    )
    (tmp_path / "picture.png").touch()
    page = tmp_path / "page.md"
    page.write_text(
        "# A [`page`](x.md)\n\n<a id='here'></a>\n\n`[no](link.md)` ![x](y.png) | [z]\n\n[z]: z.md", "utf-8"
    )
    return page


def test_what_a_page_offers_and_asks_for(page: Path) -> None:
    assert anchors(page) == {"a-page", "here"}
    assert anchors(page.parent / "other.md") == {"other", "twice", "twice-1"}
    assert list(links(page)) == ["x.md", "y.png", "z.md"]


@pytest.mark.parametrize(
    ("target", "leads"),
    [
        ("other.md", True),
        ("other.md#twice-1", True),
        ("other.md#other", True),
        ("#a-page", True),
        ("#here", True),
        ("picture.png", True),
        ("https://example.org/x#y", True),
        ("mailto:a@example.org", True),
        ("missing.md", False),
        ("other.md#twice-2", False),
        ("other.md#no-heading", False),
        ("other.md#Other", False),
        ("#other", False),
        ("picture.png#x", False),
    ],
)
def test_the_judge_is_awake(page: Path, target: str, leads: bool) -> None:
    assert leads_somewhere(page, target) == leads
