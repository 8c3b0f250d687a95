"""`snowfence policy show`: what holds for each rule, and which place says so."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.analysis.waivers import ABOUT_EXCEPTIONS
from scanner.cli.main import main
from scanner.engine import places
from scanner.policy.load import load_policies
from scanner.rules.changes import KINDS

POLICY = """\
snowfence: 1
extends: [./team.yaml]
rules:
  unpinned-uses:
    severity: critical
    options: { trusted: [actions/*] }
    paths:
      examples/: off
      .github/workflows/release.yml: { options: { trusted: [] } }
  undated-input: { unknown: medium }
  mine: { severity: low }
  diff-added: off
exceptions:
  - { rule: unpinned-uses, target: cachix/*, reason: we wait, expires: 2027-01-31 }
"""
TEAM = """\
snowfence: 1
extends: [recommended]
rules:
  "*": { confidence: medium }
  unpinned-uses: { severity: low }
  artipacked: off
paths: { exclude: [vendor/] }
checks:
  mine: { title: Pinned, severity: high, select: action, require: { pinned: true } }
"""

Show = Callable[..., str]


@pytest.fixture
def show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Show:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "snowfence.yaml").write_text(POLICY)
    (tmp_path / "team.yaml").write_text(TEAM)

    def show(*arguments: str, code: int = 0) -> str:
        assert main(["policy", "show", *arguments]) == code
        said = capsys.readouterr()
        return said.err if code else said.out

    return show


def test_every_rule_has_a_line(show: Show) -> None:
    lines = show().splitlines()
    assert lines[:3] == [
        "Policies, the weakest first: recommended, team.yaml, snowfence.yaml",
        "A finding fails the run from severity high on",
        "Files: without vendor/",
    ]
    named = {line.split()[0].rstrip(",") for line in lines if line.startswith("  ")}
    assert {*places(), *KINDS, "mine"} <= named
    off = lines[next(at for at, line in enumerate(lines) if line.startswith("Off: ")) :]
    assert ["artipacked", "team.yaml:6"] in [line.split() for line in off]
    assert ["diff-added", "snowfence.yaml:12"] in [line.split() for line in off]
    [row] = (line for line in lines if line.startswith("  unpinned-uses "))
    assert row.split()[:4] == ["unpinned-uses", "critical", "medium", "trusted:"]
    assert "snowfence.yaml:4, team.yaml:4" in row


def test_rules_that_nobody_switched_on(show: Show, tmp_path: Path) -> None:
    (tmp_path / "alone.yaml").write_text("snowfence: 1\nextends: []\nrules: { artipacked: on }\n")
    said = show("--policy", "alone.yaml")
    [idle] = (part for part in said.split("\n\n") if part.startswith("Switched on by nobody: "))
    names = idle.partition("\n")[2].replace(",", " ").split()
    assert set(names) == set(places()) - {"artipacked", *ABOUT_EXCEPTIONS}
    assert all(len(line) <= 120 for line in idle.splitlines())


def test_one_rule_is_explained(show: Show) -> None:
    assert show("--explain", "unpinned-uses") == (
        "unpinned-uses: on\n"
        "  Pin every action and called workflow to a full commit id\n"
        "\n"
        "What is said, the stronger below:\n"
        f"  recommended:{_line('*')}     *              on\n"
        "  team.yaml:4       *              from medium confidence\n"
        "  team.yaml:5       unpinned-uses  on, severity low (overridden: severity low)\n"
        "  snowfence.yaml:4  unpinned-uses  on, severity critical, trusted: [actions/*], in `examples/` off, "
        "in `.github/workflows/release.yml` trusted: []\n"
        "\n"
        "What holds:\n"
        "  severity    critical; of itself high, medium as github\n"
        "  confidence  findings of medium confidence and more\n"
        "  undecided   listed, no findings\n"
        "  option      trusted: [actions/*]\n"
        "  files       examples/: off\n"
        "  files       .github/workflows/release.yml: trusted: []\n"
        "  exception   snowfence.yaml:14: target cachix/*; until 2027-01-31; we wait\n"
    )


def _line(key: str) -> int:
    """The line on which the default pack speaks of a rule."""
    found = load_policies([(Path("recommended"), "recommended")])
    return next(said.at.begin.line for said in found.said if said.key == key)


def test_rules_checks_and_changes_are_explained(show: Show) -> None:
    assert "findings of severity medium" in show("--explain", "undated-input")
    mine = show("--explain", "mine")
    assert mine.startswith("mine: on\n  Pinned\n")
    assert "severity    low; of itself high" in mine
    assert "from medium confidence" not in mine  # what is said of `*` is not said of checks
    assert show("--explain", "diff-added").startswith("diff-added: off\n")
    assert "No policy says anything of it." in show("--explain", "diff-removed")
    assert show("--explain", "unpined-uses", code=2) == (
        "snowfence: there is no rule `unpined-uses`; did you mean `unpinned-uses`?\n"
    )


def test_other_policies(show: Show) -> None:
    assert show("--policy", "minimal", "--policy", "team.yaml").startswith(
        "Policies, the weakest first: minimal, recommended, team.yaml\n"
    )
    assert show("--no-repository-policy").startswith("Policies, the weakest first: recommended\n")
    assert show("nowhere", code=2) == "snowfence: `nowhere` is not a folder; name the root of a repository\n"


def test_json(show: Show) -> None:
    data: dict[str, Any] = json.loads(show("--format", "json"))
    assert data["policies"] == ["recommended", "team.yaml", "snowfence.yaml"]
    rules = {one["id"]: one for one in data["rules"]}
    assert set(rules) == {*places(), *KINDS, "mine"}
    one = rules["unpinned-uses"]
    assert one == json.loads(show("--format", "json", "--explain", "unpinned-uses"))
    assert (one["enabled"], one["severity"], one["variants"]) == (True, "critical", {"github": "critical"})
    assert (one["confidence"], one["options"]) == ("medium", {"trusted": ["actions/*"]})
    assert [path["pattern"] for path in one["paths"]] == ["examples/", ".github/workflows/release.yml"]
    assert [said["at"] for said in one["said"]][1:] == [
        "team.yaml:4:3",
        "team.yaml:5:3",
        "snowfence.yaml:4:3",
    ]
    assert one["exceptions"] == [{"at": "snowfence.yaml:14:5", "reason": "we wait", "expires": "2027-01-31"}]


def test_hostile_texts_are_made_inert(show: Show, tmp_path: Path) -> None:
    (tmp_path / "evil.yaml").write_text(
        'snowfence: 1\nexceptions:\n  - {rule: artipacked, reason: "x\\e[31m\\n::error::y"}\n'
    )
    said = show("--policy", "evil.yaml", "--explain", "artipacked")
    assert "\x1b" not in said
    assert "\n::error" not in said


def test_both_places_of_a_check_that_is_replaced(show: Show, tmp_path: Path) -> None:
    mine = "checks: {mine: {title: T, severity: low, select: action, require: {pinned: true}}}\n"
    (tmp_path / "snowfence.yaml").write_text(f"snowfence: 1\nextends: ./team.yaml\n{mine}")
    assert "  declared at snowfence.yaml:3, in place of team.yaml:9\n" in show("--explain", "mine")


def test_a_rule_that_is_on_again_for_a_file(show: Show, tmp_path: Path) -> None:
    paths = "{.github/: off, .github/workflows/ci.yml: {severity: low}}"
    (tmp_path / "snowfence.yaml").write_text(f"snowfence: 1\nrules: {{artipacked: {{paths: {paths}}}}}\n")
    said = show("--explain", "artipacked")
    assert "  files       .github/: off\n" in said
    assert "  files       .github/workflows/ci.yml: on again, severity low\n" in said
