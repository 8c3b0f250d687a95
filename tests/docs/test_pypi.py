"""The README as PyPI shows it."""

from pathlib import Path

import pytest

from docs.pypi import Readme, description
from tests.docs.links import links
from tests.support import ROOT

HOME = "https://github.com/octo/hello"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[a](docs/a.md#b)", f"[a]({HOME}/blob/v1.2/docs/a.md#b)"),
        ("[`a`](a.md) [b](./b.md)", f"[`a`]({HOME}/blob/v1.2/a.md) [b]({HOME}/blob/v1.2/b.md)"),
        ("![a](docs/a.png)", f"![a]({HOME}/raw/v1.2/docs/a.png)"),
        ("[a](https://example.org/b)", "[a](https://example.org/b)"),
        ("[a](#b)", "[a](#b)"),
        ("[a] (b) and f(x)[0]", "[a] (b) and f(x)[0]"),
    ],
)
def test_what_is_relative_is_named_in_full(written: str, said: str) -> None:
    assert description(written, HOME, "1.2") == said


def test_every_link_of_the_readme_leads_to_the_release(tmp_path: Path) -> None:
    project: dict[str, object] = {"urls": {"Homepage": HOME}, "version": "1.2"}
    Readme(str(ROOT), {}).update(project)
    readme = project["readme"]
    assert isinstance(readme, dict)
    assert readme["content-type"] == "text/markdown"
    page = tmp_path / "page.md"
    page.write_text(readme["text"], "utf-8")
    here, there = list(links(ROOT / "README.md")), list(links(page))
    assert len(here) == len(there) > 50
    for one, other in zip(here, there, strict=True):
        kind = "raw" if one.endswith(".png") else "blob"
        assert other == (one if one.startswith(("#", "https:")) else f"{HOME}/{kind}/v1.2/{one}")
