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


def test_what_outsiders_cannot_do_is_silent_beside_what_they_can() -> None:
    data = json.loads(expected("outsiders", "json").read_text("utf-8"))
    about = {"template-injection", "untrusted-checkout", "untrusted-checkout-toctou", "artifact-poisoning"}
    found = {
        (finding["rule"], finding["severity"], finding["subject"].rpartition("#")[2])
        for finding in data["findings"]
        if finding["rule"] in about
    }
    # Not the number of the issue, not the repository's own pull request, not what is only read, not what a push has left.
    assert found == {
        ("template-injection", "critical", "0"),
        ("untrusted-checkout", "critical", "build/0"),
        ("untrusted-checkout", "low", "refused/0"),
        ("untrusted-checkout-toctou", "critical", "asked/0"),
        ("artifact-poisoning", "critical", "poisoned/1"),
    }


def test_a_path_is_the_same_in_findings_and_graph() -> None:
    data = json.loads(expected("outsiders", "json").read_text("utf-8"))
    drawn = json.loads(expected("outsiders", "taint.json").read_text("utf-8"))
    way = next(one["flow"] for one in data["findings"] if one["rule"] == "template-injection")
    edges = {(one["path"], one["line"]) for one in drawn["edges"] if one["kind"] == "flows"}
    assert len(way) == 8
    # Hops within one step are one edge; every hop into another job, file or action is drawn.
    handed = [hop for hop in way if "handed over" in hop["message"] or "by the job" in hop["message"]]
    assert {(hop["path"], hop["start"]["line"]) for hop in (*handed, way[-1])} <= edges
