"""What a run says of answers that it has not got, with servers in memory: no gate opens because a server is silent, and nothing that only
servers can tell of is called gone or idle without them."""

import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scanner.policy.accepted import FILE_NAME
from tests.cli.policy.test_accept import accept, workflow, write
from tests.cli.test_scan import run
from tests.online import InMemory
from tests.support import NOW

A, B = "1" * 40, "2" * 40
FIRST, SECOND = Path(".github/workflows/a.yml"), Path(".github/workflows/b.yml")
POLICY = "snowfence: 1\nextends: []\nrules: { impostor-commit: { unknown: high } }\n"


class Servers(InMemory):
    """Servers that also remark on what is missing."""

    def remarks(self) -> tuple[str, ...]:
        asked, self.asked = {str(of) for _, of in self.asked}, []
        return (f"asked somebody about {', '.join(sorted(asked))}",) if asked else ()


class World:
    """Whom a run with `--online` asks."""

    def __init__(self) -> None:
        self.says: dict[str, Any] = {}

    def of(self, arguments: Namespace) -> Servers | None:
        return Servers(self.says) if arguments.online else None


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    found = World()
    for command in ("scan", "policy.accept"):
        monkeypatch.setattr(f"scanner.cli.{command}.online_of", found.of)
    yield found


def scan(*arguments: str | Path) -> tuple[int, dict[str, Any]]:
    code, out, _ = run("scan", *map(str, arguments), "--now", NOW, "--format", "json")
    found: dict[str, Any] = json.loads(out)
    return code, found


def rules(report: dict[str, Any]) -> list[str]:
    return [one["rule"] for one in report["findings"]]


# ---------------------------------------------------------------- one file of several


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {FIRST: workflow(f"acme/tool@{A}"), SECOND: workflow(f"acme/tool@{B}"), "snowfence.yaml": POLICY}
    return write(tmp_path, files)  # type: ignore[arg-type]


def test_a_silent_server_stops_the_gate_of_every_file(root: Path, world: World) -> None:
    world.says = {"acme/tool": {"refs": "the server answered 503"}}
    for named in (root, root / FIRST, root / SECOND):
        code, report = scan(named, "--online")
        assert code == 1
        assert set(rules(report)) == {"impostor-commit"}
        assert all("503" in one["message"] for one in report["findings"])
        assert "asked somebody about acme/tool" in report["notes"]
    code, report = scan(root, "--online")
    assert [one["path"] for one in report["findings"]] == [str(FIRST), str(SECOND)]


def test_a_file_that_does_not_count_speaks_for_no_other(root: Path, world: World) -> None:
    world.says = {"acme/tool": {"refs": "the server answered 503"}}
    rule = f"{{ unknown: high, paths: {{ {FIRST}: off }} }}"
    write(root, {"snowfence.yaml": f"snowfence: 1\nextends: []\nrules: {{ impostor-commit: {rule} }}\n"})
    code, report = scan(root, "--online")
    assert (code, [one["path"] for one in report["findings"]]) == (1, [str(SECOND)])


def test_questions_that_no_policy_makes_findings_are_in_the_report_on_one_file(
    root: Path, world: World
) -> None:
    write(root, {"snowfence.yaml": "snowfence: 1\nextends: []\nrules: { impostor-commit: on }\n"})
    for named in (FIRST, SECOND):
        code, report = scan(root / named, "--online")
        assert (code, [one["path"] for one in report["unknowns"]]) == (0, [str(named)])


def test_one_story_of_a_foreign_commit(root: Path, world: World) -> None:
    """No release, old, and with a wrong comment is what every stranger's commit is."""
    write(
        root,
        {
            FIRST: workflow(f"acme/tool@{A} # v1.1.0"),
            SECOND: workflow("a/b@v1"),
            "snowfence.yaml": "snowfence: 1\nextends: []\nrules: { impostor-commit: on, ref-version-mismatch: on, stale-action-refs: on, "
            "stale-action-pin: { options: { days: 1 } } }\n",
        },
    )
    refs = {"branches": {"main": B}, "tags": {"v1.0.0": "3" * 40, "v1.1.0": B}}
    dates = {A: "2020-01-01", B: "2026-01-01", "3" * 40: "2021-01-01"}
    world.says = {"acme/tool": {"refs": refs, "commits": dates, "holds": {"main": []}}, "a/b": {"refs": {}}}
    assert rules(scan(root, "--online")[1]) == ["impostor-commit"]
    # Where that rule is off the others have their say, as they have of what is the repository's own.
    policy = (root / "snowfence.yaml").read_text("utf-8")
    write(root, {"snowfence.yaml": policy.replace("impostor-commit: on, ", "")})
    all_three = ["ref-version-mismatch", "stale-action-pin", "stale-action-refs"]
    assert sorted(rules(scan(root, "--online")[1])) == all_three
    write(root, {"snowfence.yaml": policy})
    world.says["acme/tool"]["holds"] = {"main": [A]}
    assert sorted(rules(scan(root, "--online")[1])) == all_three


def test_an_exception_for_a_lesser_rule_does_not_hide_a_foreign_commit(root: Path, world: World) -> None:
    write(
        root,
        {
            FIRST: workflow(f"acme/tool@{A} # snowfence: ignore[stale-action-refs]"),
            SECOND: workflow("a/b@v1"),
            "snowfence.yaml": "snowfence: 1\nextends: []\nrules: { impostor-commit: on, stale-action-refs: on }\nexceptions:\n"
            "  - rule: stale-action-refs\n    path: .github/workflows/a.yml\n    reason: it has no releases\n    expires: 2026-12-31\n",
        },
    )
    refs = {"branches": {"main": B}}
    world.says = {"acme/tool": {"refs": refs, "commits": {A: "2020-01-01"}, "holds": {}}}
    assert rules(scan(root, "--online")[1]) == ["impostor-commit"]


# ---------------------------------------------------------------- what was accepted

ARCHIVED = (
    "snowfence: 1\nextends: []\nrules: { archived-uses: on, unused-ignore: on, unused-exception: on }\n"
)


@pytest.fixture
def archived(tmp_path: Path, world: World) -> Path:
    """One that the shipped list has as archived, and one of which only GitHub can tell."""
    world.says = {
        "acme/tool": {"about": {"archived": True}},
        "actions-rs/toolchain": {"about": {"archived": True}},
    }
    files = {FIRST: workflow("acme/tool@v1", "actions-rs/toolchain@v1"), "snowfence.yaml": ARCHIVED}
    return write(tmp_path, files)  # type: ignore[arg-type]


def entries(root: Path) -> list[tuple[str, bool]]:
    found = json.loads((root / FILE_NAME).read_text("utf-8"))["accepted"]
    return sorted((one["message"].split("`")[1], one.get("online", False)) for one in found)


def accept_online(root: Path, *arguments: str) -> str:
    code, out, _ = run("policy", "accept", str(root), "--now", NOW, "--online", *arguments)
    assert code == 0
    return out


def notes(*arguments: str | Path) -> list[str]:
    return [one for one in scan(*arguments)[1]["notes"] if "gone" in one]


def test_what_only_servers_can_tell_of_is_marked_and_not_gone_without_them(archived: Path) -> None:
    accept_online(archived)
    both = [("acme/tool@v1", True), ("actions-rs/toolchain@v1", False)]
    assert entries(archived) == both
    for arguments in ((), ("--online",)):
        assert scan(archived, *arguments)[1]["findings"] == []
        assert not notes(archived, *arguments)
    assert accept(archived, "--prune") == ["0 findings removed that are gone, 2 kept"]
    assert entries(archived) == both


def test_a_silent_server_prunes_nothing_and_one_that_answers_does(archived: Path, world: World) -> None:
    accept_online(archived)
    says, world.says = world.says, {"acme/tool": {"about": "the server answered 503"}}
    assert not notes(archived, "--online")
    assert accept_online(archived, "--prune").startswith("0 findings removed")
    world.says = {**says, "acme/tool": {"about": {"archived": False}}}
    assert len(notes(archived, "--online")) == 1
    assert not notes(archived)
    assert accept_online(archived, "--prune").startswith("1 finding removed")
    assert entries(archived) == [("actions-rs/toolchain@v1", False)]


def test_what_a_run_without_servers_finds_is_not_pruned_by_one_with_them(
    archived: Path, world: World
) -> None:
    """The list is older than GitHub's answer; the hook before each commit goes by the list."""
    accept(archived)
    world.says["actions-rs/toolchain"] = {"about": {"archived": False}}
    assert not notes(archived, "--online")
    assert accept_online(archived, "--prune").startswith("0 findings removed")
    assert scan(archived)[1]["findings"] == []


def test_what_is_repaired_is_gone_for_everybody(archived: Path) -> None:
    accept_online(archived)
    write(archived, {FIRST: workflow("acme/tool@v1")})
    assert len(notes(archived)) == 1
    assert accept(archived, "--prune") == ["1 finding removed that is gone, 1 kept"]
    assert entries(archived) == [("acme/tool@v1", True)]


@pytest.mark.parametrize("value", ['"yes"', "1", "null"])
def test_a_mark_is_true_or_false(archived: Path, value: str) -> None:
    accept_online(archived)
    file = archived / FILE_NAME
    file.write_text(file.read_text("utf-8").replace('"online": true', f'"online": {value}'), "utf-8")
    code, _, err = run("scan", str(archived), "--now", NOW)
    assert code == 2
    assert "`online` must be true or false" in err


# ---------------------------------------------------------------- comments and exceptions


def test_what_excuses_a_finding_of_servers_is_idle_only_where_they_have_answered(
    archived: Path, world: World
) -> None:
    text = workflow("acme/tool@v1", "acme/tool@v2 # snowfence: ignore[archived-uses]")
    more = "exceptions:\n  - rule: archived-uses\n    target: other/thing\n    reason: ours\n    expires: 2026-12-31\n"
    write(archived, {FIRST: text, "snowfence.yaml": ARCHIVED + more})
    assert rules(scan(archived)[1]) == []
    assert rules(scan(archived, "--online")[1]) == ["archived-uses", "unused-exception"]
    world.says = {"acme/tool": {"about": "the server answered 503"}}
    assert rules(scan(archived, "--online")[1]) == []
    world.says = {"acme/tool": {"about": {"archived": False}}}
    assert sorted(rules(scan(archived, "--online")[1])) == ["unused-exception", "unused-ignore"]
