"""The table of licences: every row is an expression of SPDX, and found by whoever writes the name otherwise."""

import json
from pathlib import Path

import pytest
from cyclonedx.spdx import is_expression, is_supported_id

from scanner.analysis.licenses.expressions import License, read
from scanner.knowledge import tables
from scanner.knowledge.tables import Knowledge

TABLE = Path(tables.__file__).parent / "data" / "licenses.json"
LICENSES = Knowledge().licenses


def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    assert len({key for key, _ in pairs}) == len(pairs)
    return dict(pairs)


ROWS = [
    (host, slug, expression, path)
    for host, rows in json.loads(TABLE.read_text("utf-8"), object_pairs_hook=once)["repositories"].items()
    for slug, (expression, path) in rows.items()
]


@pytest.mark.parametrize(("host", "slug", "expression", "path"), ROWS)
def test_rows(host: str, slug: str, expression: str, path: str) -> None:
    assert (host, slug) == (host.lower(), slug.lower())
    assert slug.count("/") == 1
    assert path
    found = read(expression)
    if isinstance(found, License):
        assert str(found) == expression
        assert is_supported_id(expression)  # the SBOM writes it as an id
    else:
        assert is_expression(expression)
        assert " " in expression


def test_they_stand_in_order() -> None:
    assert [row[:2] for row in ROWS] == sorted(row[:2] for row in ROWS)


def test_questions() -> None:
    assert LICENSES.license_of("github.com", "NixOS/nixpkgs") == "MIT"
    assert LICENSES.license_of("github.com", "rust-lang/rust-analyzer") == "MIT OR Apache-2.0"
    assert LICENSES.license_of("github.com", "nixos/unheard-of") is None
    assert LICENSES.license_of("gitlab.com", "nixos/nixpkgs") is None
