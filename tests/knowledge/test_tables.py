"""The shipped tables: each says where it comes from, and its questions are answered as its source would."""

import json
from datetime import date
from pathlib import Path

import pytest

from scanner.knowledge import tables
from scanner.knowledge.snapshot import Table
from scanner.knowledge.tables import Knowledge

KNOWLEDGE = Knowledge()
DATA = Path(tables.__file__).parent / "data"
NOTICE = Path("NOTICE").read_text("utf-8")


def test_every_file_is_a_table() -> None:
    """With a head that says what it is; without one it would not be among them."""
    assert [one.name for one in KNOWLEDGE.tables] == sorted(file.name for file in DATA.iterdir())


@pytest.mark.parametrize("table", KNOWLEDGE.tables, ids=lambda table: str(table.name))
def test_every_table_says_what_it_is(table: Table) -> None:
    head = table.head
    assert head.about and len(head.about) < 80
    assert head.source
    assert head.date.year >= 2026
    assert head.licence
    assert head.licence.endswith("(snowfence)") or table.name in NOTICE


def test_the_digest_depends_on_every_byte(tmp_path: Path) -> None:
    for file in DATA.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert Knowledge(tmp_path).digest == KNOWLEDGE.digest
    changed = next(tmp_path.iterdir())
    changed.write_bytes(changed.read_bytes() + b"\n")
    assert Knowledge(tmp_path).digest != KNOWLEDGE.digest


@pytest.mark.parametrize(
    ("context", "capability"),
    [
        ("github.event.issue.title", "arbitrary"),
        ("github.event.commits.*.message", "arbitrary"),
        ("github.event.issue.number", "fixed"),
        ("github.action_path", "fixed"),
        ("github.event.issue", None),
        ("github.event.issue.titl", None),
        ("env.x", None),
    ],
)
def test_context_capability(context: str, capability: str | None) -> None:
    assert KNOWLEDGE.context_capability(context) == capability


@pytest.mark.parametrize(
    ("name", "end", "known"),
    [
        ("25.11", date(2026, 6, 30), True),
        ("26.05", date(2026, 12, 31), True),
        ("26.11", date(2027, 6, 30), False),
        ("31.05", date(2031, 12, 31), False),
    ],
)
def test_releases(name: str, end: date, known: bool) -> None:
    release = KNOWLEDGE.nixos_release(name)
    assert release is not None
    assert (release.end, release.known) == (end, known)


@pytest.mark.parametrize("name", ["26.06", "2611", "", "ab.05", "126.05", "20.05", "09.05"])
def test_names_that_no_release_has(name: str) -> None:
    assert KNOWLEDGE.nixos_release(name) is None


def test_the_rule_of_releases_agrees_with_the_table() -> None:
    """Since 21.05, releases come in May and November and end as the rule says."""
    for row in json.loads((DATA / "nixos-releases.json").read_text("utf-8"))["releases"]:
        name = row["release"]
        if name >= "21.11":
            year = 2000 + int(name[:2])
            end = date(year, 12, 31) if name.endswith("05") else date(year + 1, 6, 30)
            assert date.fromisoformat(row["eol"]) == end


def test_other_questions() -> None:
    assert KNOWLEDGE.actions.executed_inputs("actions/github-script") == {"script"}
    assert KNOWLEDGE.actions.executed_inputs("actions/checkout") == frozenset()
    assert KNOWLEDGE.registry_target("flake-utils") == "github:numtide/flake-utils"
    assert KNOWLEDGE.registry_target("no-such-flake") is None
    assert KNOWLEDGE.github.permission_scopes["contents"] == "high"
    assert KNOWLEDGE.github.permission_scopes["vulnerability-alerts"] is None
    assert "ubuntu-latest" in KNOWLEDGE.github.hosted_runner_labels
    action = KNOWLEDGE.nix_action("DeterminateSystems/update-flake-lock")
    assert action is not None
    assert action.directory == "path-to-flake-dir"
