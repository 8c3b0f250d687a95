"""Every option of every rule is described on its page, in words that editors and first policies show beside it."""

import pytest

from scanner.engine import Place, load, places
from scanner.policy.options import fields_of
from scanner.rules.pages import options_about, read_page


@pytest.mark.parametrize("place", places().values(), ids=lambda place: place.module)
def test_pages_describe_the_options(place: Place) -> None:
    found = options_about(read_page(place).markdown)
    assert set(found) == set(fields_of(load(place)))
    assert all(about and "\n" not in about for about in found.values())


def test_lists_and_tables_are_read() -> None:
    page = (
        "# Title\n\n## Options\n\n- `days`, `hours` (`5`): how long.\n  More of it.\n- `names`: which\n  ones\n\n`more`: one more.\n\nAnd so on.\n\n"
        "| option | default | meaning |\n|---|---|---|\n| `deep` | `false` | look deeper |\n\n## Examples\n\n- `not` (1): this\n"
    )
    assert options_about(page) == {
        "days": "how long",
        "hours": "how long",
        "names": "which ones",
        "more": "one more",
        "deep": "look deeper",
    }
