"""Whole repositories against the outputs beside them."""

import json

import pytest

from tests.golden import FIXTURES, cases, expected, produce


@pytest.mark.parametrize(("name", "output"), list(cases()))
def test_output(name: str, output: str) -> None:
    assert produce(name, output) == expected(name, output).read_text("utf-8"), "wanted? then `make golden`"


def test_no_output_is_left_over() -> None:
    wanted = {expected(name, output).name for name, output in cases()}
    assert {file.name for file in FIXTURES.iterdir() if file.is_file()} == wanted


def test_the_clean_fixture_is_clean_under_strict() -> None:
    data = json.loads(expected("clean", "json").read_text("utf-8"))
    assert data["findings"] == data["problems"] == data["unknowns"] == []
    assert data["policies"][0] == "strict"


def test_the_demo_has_findings_in_lock_and_workflows() -> None:
    data = json.loads(expected("demo", "json").read_text("utf-8"))
    paths = {finding["path"] for finding in data["findings"]}
    assert "flake.lock" in paths
    assert any(path.startswith(".github/workflows/") for path in paths)


def test_one_bad_file_does_not_hide_the_good_ones() -> None:
    data = json.loads(expected("malformed", "json").read_text("utf-8"))
    found = {(finding["path"], finding["rule"]) for finding in data["findings"]}
    assert {
        (".github/workflows/good.yml", "unpinned-uses"),
        (".github/workflows/broken.yml", "unreadable-input"),
        ("flake.lock", "insecure-transport"),
        ("merged/flake.lock", "unreadable-input"),
    } <= found
    assert [
        (one["path"], one["line"], one["column"]) for one in data["problems"] if "broken" in one["path"]
    ] == [(".github/workflows/broken.yml", 6, 1)]
