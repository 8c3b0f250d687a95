"""What a tag must agree with, and what the release workflow may do."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from docs.release import CHANGELOG, Refused, main, notes
from tests.support import ROOT

WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))
JOBS: dict[str, Any] = WORKFLOW["jobs"]

TEXT = """# Changelog

## [Unreleased]

- later

## [1.2.3] - 2026-11-23

### Added

- something

## [1.2.2] - 2026-11-01

- older

[1.2.2]: https://example.org
"""


def test_the_notes_of_a_release() -> None:
    assert notes("v1.2.3", "1.2.3", TEXT) == "### Added\n\n- something\n"
    assert notes("v1.2.2", "1.2.2", TEXT) == "- older\n"


@pytest.mark.parametrize(
    ("tag", "version", "text", "reason"),
    [
        ("v1.2.4", "1.2.3", TEXT, "the tag of that is v1.2.3"),
        ("1.2.3", "1.2.3", TEXT, "the tag of that is v1.2.3"),
        ("v1.2.3\n", "1.2.3", TEXT, "the tag of that is v1.2.3"),
        ("v1.2.4", "1.2.4", TEXT, "no section"),
        ("v1x2.3", "1x2.3", TEXT, "no section"),
        ("v1.2.3", "1.2.3", TEXT.replace(" - 2026-11-23", ""), "needs its date"),
        ("v1.2.3", "1.2.3", TEXT.replace("2026-11-23", "2026-13-23"), "needs its date"),
        ("v1.2.3", "1.2.3", "## [1.2.3] - 2026-11-23\n\n## [1.2.2]\n- x\n", "says nothing"),
    ],
)
def test_what_does_not_agree_is_no_release(tag: str, version: str, text: str, reason: str) -> None:
    refused = notes(tag, version, text)
    assert isinstance(refused, Refused)
    assert reason in refused.reason


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["v0.0.0"]) == 1
    assert main([]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "the tag is v0.0.0" in said.err
    assert "## [Unreleased]" in CHANGELOG.read_text("utf-8")


def test_only_a_tag_starts_it() -> None:
    assert WORKFLOW[True] == {"push": {"tags": ["v*"]}}
    assert WORKFLOW["permissions"] == {}


def test_who_may_write_runs_nothing_of_the_repository() -> None:
    for name, job in JOBS.items():
        if set(job["permissions"].values()) <= {"read"}:
            continue
        uses = [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]
        assert "actions/checkout" not in uses, name
        first, second, *_ = job["steps"]
        assert first["uses"].startswith("actions/download-artifact@"), name
        assert second["run"] == 'sha256sum --check --strict <<<"$DIGESTS"', name
        assert "build" in job["needs"], name


def test_only_what_was_tested_and_let_through_is_published() -> None:
    assert JOBS["publish"]["environment"]["name"] == "pypi"
    assert JOBS["publish"]["permissions"] == {"id-token": "write"}
    before = {"publish"}
    for _ in JOBS:
        before |= {needed for name in before for needed in JOBS[name].get("needs", [])}
    assert before == set(JOBS)


def test_no_cache_is_restored() -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    assert "actions/cache" not in text
    assert not re.search(r"(?m)^\s+cache:", text)


def test_the_page_names_every_job() -> None:
    page = (ROOT / "docs" / "releasing.md").read_text("utf-8")
    assert re.findall(r"(?m)^\| `(\w+)` \|", page) == list(JOBS)
