"""Pages are read in a terminal and in an editor: their text is wrapped."""

from pathlib import Path

import pytest

WIDEST = 130
PAGES = sorted((Path(__file__).parents[2] / "scanner" / "rules").glob("*/*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.stem))
def test_lines_are_wrapped(page: Path) -> None:
    inside = False
    for line in page.read_text("utf-8").splitlines():
        if line.startswith("```"):
            inside = not inside
        elif not inside:
            assert len(line) <= WIDEST, line
