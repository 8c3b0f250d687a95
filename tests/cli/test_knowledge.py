"""`snowfence knowledge`, and `--knowledge` of all commands: which snapshot a run uses, and what it says of it."""

import errno
import io
import json
import os
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from platformdirs import user_cache_path

from scanner.adapters.folders import cache_folder
from scanner.cli.main import COMMANDS, main, parser_of
from scanner.cli.world import knowledge_folder
from scanner.knowledge.tables import DATA, Knowledge
from scanner.model.errors import UsageError

RELEASES: Final = "nixos-releases.json"
TODAY: Final = "2026-11-22"

JUDGING: Final = {
    "scan": ["scan", "fixtures/demo", "--fail-on", "none"],
    "score": ["score", "fixtures/demo"],
    "inputs": ["inputs", "fixtures/demo"],
    "exposure": ["exposure", "fixtures/demo"],
    "diff": ["diff", "fixtures/update/old", "fixtures/update/new", "--fail-on", "none"],
}
"""Commands that write the head of a report in JSON."""

ALL: Final = [
    *JUDGING.values(),
    ["sbom", "fixtures/demo"],
    ["graph", "fixtures/demo"],
    ["why", "nixpkgs", "fixtures/demo"],
    ["policy", "test", "fixtures/demo"],
    ["policy", "init", "fixtures/demo", "--output", "-"],
    ["knowledge"],
    ["knowledge", "show"],
]


def run(*arguments: str | Path, expect: int = 0) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([*map(str, arguments)])
    assert code == expect, (out.getvalue(), err.getvalue())
    return out.getvalue(), err.getvalue()


def as_json(*arguments: str | Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(run(*arguments, "--format", "json", "--now", TODAY)[0])
    return data


def updated(folder: Path, day: str = TODAY, eol: str = "2026-11-21") -> Path:
    """A folder in which the support of all releases of NixOS ends on a day."""
    table = json.loads((DATA / RELEASES).read_text("utf-8"))
    table["date"] = day
    table["releases"] = [one | {"eol": eol} for one in table["releases"]]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RELEASES).write_text(json.dumps(table), "utf-8")
    return folder


@pytest.fixture
def old() -> Iterator[str]:
    """A day on which every table that goes stale is old."""
    newest = max(one.head.date for one in Knowledge().tables)
    yield (newest + timedelta(days=100)).isoformat()


# ---------------------------------------------------------------- which snapshot


@pytest.mark.parametrize("command", JUDGING)
def test_updated_tables_count_and_are_said(command: str) -> None:
    plain = as_json(*JUDGING[command])
    assert plain["knowledge"] == Knowledge().digest
    updated(knowledge_folder())
    found = as_json(*JUDGING[command])
    assert found["knowledge"] == Knowledge(over=knowledge_folder()).digest != plain["knowledge"]
    [said] = [one for one in found["notes"] if "in place of the shipped ones" in one]
    assert said == (
        "the knowledge used has 1 table in place of the shipped ones, the newest of 2026-11-22; "
        "`--knowledge shipped` judges without them"
    )
    assert as_json(*JUDGING[command], "--knowledge", "shipped") == plain
    assert as_json(*JUDGING[command], "--knowledge", "updated") == found


def test_what_is_judged_changes_with_the_table() -> None:
    def ended() -> int:
        found = as_json("scan", "fixtures/clean", "--fail-on", "none")["findings"]
        return sum(one["rule"] == "unsupported-nixpkgs-branch" for one in found)

    assert not ended()
    updated(knowledge_folder())
    assert ended()


def test_older_tables_do_not_count() -> None:
    plain = as_json(*JUDGING["scan"])
    updated(knowledge_folder(), day="2020-01-01")
    assert as_json(*JUDGING["scan"]) == plain
    _, error = run(*JUDGING["scan"], "--knowledge", "updated", expect=2)
    assert error == (
        "snowfence: there are no updated tables, or the shipped ones are newer; run `snowfence knowledge update`\n"
    )


def test_a_folder_counts_whatever_its_date(tmp_path: Path) -> None:
    """So that a run can be repeated with a later snowfence."""
    folder = updated(tmp_path / "kept", day="2020-01-01")
    updated(knowledge_folder(), eol="2026-11-20")
    found = as_json(*JUDGING["scan"], "--knowledge", folder)
    assert found["knowledge"] == Knowledge(over=folder, always=True).digest


@pytest.mark.parametrize("command", ALL, ids=" ".join)
def test_every_command_that_judges_takes_it(command: list[str]) -> None:
    _, error = run(*command, "--knowledge", "nowhere", expect=2)
    assert error.startswith("snowfence: there is no folder `nowhere` with tables; ")
    _, error = run(*command, "--knowledge", "updated", expect=2)
    assert "run `snowfence knowledge update`" in error
    run(*command, "--knowledge", "shipped")


def test_accepting_judges_by_it_too(tmp_path: Path) -> None:
    (tmp_path / "flake.lock").write_text("{}")
    _, error = run("policy", "accept", tmp_path, "--knowledge", "nowhere", expect=2)
    assert "there is no folder `nowhere`" in error


def test_no_other_command_is_forgotten() -> None:
    """Whoever makes a command must decide whether it judges."""
    judging = {command[0] for command in ALL}
    assert set(COMMANDS) - judging == {"comment", "rules", "explain", "schema"}
    for command in sorted(judging - {"policy"}):
        assert "--knowledge" in parser_of(command).format_help()


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nixos_releases.json").write_text("{}")
    _, error = run(*JUDGING["scan"], "--knowledge", tmp_path, expect=2)
    assert "there is no table that can be used in " in error
    (tmp_path / RELEASES).write_text("{}")
    _, error = run(*JUDGING["scan"], "--knowledge", tmp_path, expect=2)
    assert f": `{RELEASES}` does not say its source, licence and date" in error
    (tmp_path / "file").write_text("")
    _, error = run(*JUDGING["scan"], "--knowledge", tmp_path / "file", expect=2)
    assert "there is no folder " in error


@pytest.mark.parametrize("command", JUDGING)
def test_a_broken_table_is_said_and_ends_no_run(command: str) -> None:
    plain = as_json(*JUDGING[command])
    knowledge_folder().mkdir(parents=True)
    (knowledge_folder() / RELEASES).write_text("{")
    found = as_json(*JUDGING[command])
    assert found["knowledge"] == plain["knowledge"]
    [said] = [one for one in found["notes"] if one not in plain["notes"]]
    assert said.startswith(f"`{RELEASES}` is not JSON, so the shipped table is used in its place; ")
    assert {**found, "notes": 0} == {**plain, "notes": 0}
    _, error = run(*JUDGING[command], "--knowledge", "updated", expect=2)
    assert f"no updated table can be used: `{RELEASES}` is not JSON" in error


@pytest.mark.parametrize(
    "command", [["sbom"], ["graph"], ["why", "nixpkgs"], ["policy", "test"]], ids=" ".join
)
def test_a_broken_table_is_said_where_no_report_is_written(command: list[str]) -> None:
    knowledge_folder().mkdir(parents=True)
    (knowledge_folder() / RELEASES).write_text("{")
    _, error = run(*command, "fixtures/demo")
    assert error.count("is not JSON") == 1


def test_the_bill_of_materials_says_that_its_tables_are_old(old: str) -> None:
    assert "licences of repositories" not in run("sbom", "fixtures/demo", "--now", TODAY)[1]
    out, error = run("sbom", "fixtures/demo", "--now", old)
    assert "the knowledge used is old, so what is newer is missing: " in error
    assert "licences of repositories that" in error
    assert error.count("the knowledge used is old") == 1
    assert "components" in json.loads(out)
    updated(knowledge_folder())
    assert "1 table in place of the shipped ones" in run("sbom", "fixtures/demo", "--now", old)[1]


def test_a_copy_of_the_shipped_tables_is_as_they_are(tmp_path: Path) -> None:
    """The same digest, so the same bytes."""
    for file in DATA.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    for command in JUDGING.values():
        shipped, copied = (
            run(*command, "--format", "json", "--now", TODAY, "--knowledge", asked)
            for asked in ("shipped", tmp_path)
        )
        assert shipped == copied
    shown = as_json("knowledge", "--knowledge", tmp_path)["tables"]
    assert {one["from"] for one in shown} == {"shipped"}


def test_the_bill_of_materials_names_it() -> None:
    metadata = json.loads(run("sbom", "fixtures/demo", "--now", TODAY)[0])["metadata"]
    assert {"name": "snowfence:knowledge", "value": Knowledge().digest} in metadata["properties"]


@pytest.mark.parametrize(
    ("command", "format"),
    [("scan", "text"), ("scan", "github")]
    + [(one, format) for one in JUDGING if one != "scan" for format in ("text", "markdown")],
)
def test_what_people_read_has_the_beginning_of_the_digest(command: str, format: str) -> None:
    out, _ = run(*JUDGING[command], "--now", TODAY, "--format", format)
    assert f"knowledge {Knowledge().digest[:12]}" in out.replace("`", "")


@pytest.mark.parametrize("format", ["text", "github"])
def test_what_sums_up_names_it(format: str) -> None:
    out, _ = run(*JUDGING["scan"], "--now", TODAY, "--format", format)
    assert (
        out.rstrip().endswith(f"; knowledge {Knowledge().digest[:12]}")
        or f"; knowledge {Knowledge().digest[:12]}\n" in out
    )


def test_without_a_home_the_shipped_tables_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise UsageError("there is no home directory")

    monkeypatch.setattr("scanner.cli.world.cache_folder", nowhere)
    assert as_json(*JUDGING["scan"])["knowledge"] == Knowledge().digest
    _, error = run(*JUDGING["scan"], "--knowledge", "updated", expect=2)
    assert "there is no home directory" in error


@pytest.mark.parametrize("command", ALL, ids=" ".join)
def test_where_updated_tables_cannot_be_looked_for_the_shipped_ones_are_used(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container that runs as another user than its HOME belongs to."""
    told = run(*command, "--now", TODAY) if command[0] in JUDGING else run(*command)
    stat = os.stat

    def refused(path: Any, **options: Any) -> os.stat_result:
        if isinstance(path, str | os.PathLike) and Path(path).is_relative_to(cache_folder()):
            raise PermissionError(errno.EACCES, "Permission denied", os.fspath(path))
        return stat(path, **options)

    monkeypatch.setattr(os, "stat", refused)
    assert (run(*command, "--now", TODAY) if command[0] in JUDGING else run(*command)) == told
    _, error = run(*command, "--knowledge", "updated", expect=2)
    assert f"the updated tables in `{knowledge_folder()}` cannot be read (Permission denied); " in error


@pytest.mark.parametrize("cache", [None, "", "/some/cache", "relative", "~/x", " /blank"])
@pytest.mark.parametrize("home", ["/home/ada", "/", "relative", ""])
def test_the_folder_is_that_of_platformdirs(
    monkeypatch: pytest.MonkeyPatch, home: str, cache: str | None
) -> None:
    monkeypatch.setenv("HOME", home)
    if cache is None:
        monkeypatch.delenv("XDG_CACHE_HOME")
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", cache)
    assert cache_folder() == user_cache_path("snowfence", appauthor=False)


@pytest.mark.parametrize(
    ("environment", "sent"),
    [
        ({}, "of-github"),
        ({"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com"}, "of-github"),
        ({"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://git.example.org"}, ""),
    ],
)
def test_an_update_takes_no_token_of_another_server(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], sent: str
) -> None:
    for name in ("GH_TOKEN", "GH_HOST", "GITHUB_API_URL", "GITHUB_SERVER_URL", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (environment | {"GITHUB_TOKEN": "of-github"}).items():
        monkeypatch.setenv(name, value)
    tokens: list[str] = []

    def update(*_: object, token: str, **__: object) -> list[object]:
        tokens.append(token)
        return []

    monkeypatch.setattr("scanner.cli.knowledge.update.update", update)
    main(["knowledge", "update"])
    assert tokens == [sent]


# ---------------------------------------------------------------- old tables


def test_old_tables_are_said_once_for_several_repositories(old: str) -> None:
    alone = [as_json_at(old, "scan", f"fixtures/{name}", "--fail-on", "none") for name in ("clean", "demo")]
    both = as_json_at(old, "scan", "fixtures/clean", "fixtures/demo", "--fail-on", "none")
    turned = as_json_at(old, "scan", "fixtures/demo", "fixtures/clean", "--fail-on", "none")
    for report in (*alone, both, turned):
        assert sum("the knowledge used is old" in one for one in report["notes"]) == 1
    assert _old(both) == _old(turned)


def as_json_at(now: str, *arguments: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(run(*arguments, "--format", "json", "--now", now)[0])
    return data


def _old(report: dict[str, Any]) -> str:
    [said] = [str(one) for one in report["notes"] if "the knowledge used is old" in one]
    return said


def test_a_run_that_asks_nothing_says_nothing_of_age(tmp_path: Path, old: str) -> None:
    assert not [one for one in as_json_at(old, "scan", str(tmp_path))["notes"] if "old" in one]


def test_same_input_same_bytes(old: str) -> None:
    updated(knowledge_folder())
    for command in JUDGING.values():
        assert run(*command, "--now", old) == run(*command, "--now", old)


# ---------------------------------------------------------------- what is shown


def test_tables_are_shown_with_their_age() -> None:
    updated(knowledge_folder())
    shown = as_json("knowledge", "show")
    assert shown["knowledge"] == Knowledge(over=knowledge_folder()).digest
    assert shown["folder"] == os.fspath(knowledge_folder())
    tables = {one["name"]: one for one in shown["tables"]}
    assert set(tables) == {file.name for file in DATA.iterdir()}
    assert tables[RELEASES]["from"] == "updated"
    assert tables[RELEASES]["age"] == 0 and not tables[RELEASES]["old"]
    assert tables["flake-registry.json"]["from"] == "shipped"
    assert all(one["about"] and one["source"] and one["licence"] and one["date"] for one in shown["tables"])
    assert shown["notes"] == []
    assert as_json("knowledge") == shown


@pytest.mark.parametrize("width", [80, 120])
def test_the_text_has_all_of_each_table_and_fits(
    old: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.cli.knowledge.show.terminal_width", lambda: width)
    text, _ = run("knowledge", "--now", old)
    lines = text.splitlines()
    words = " ".join(text.split())
    for one in as_json("knowledge")["tables"]:
        assert sum(line.startswith(f"  {one['name']} ") for line in lines) == 1
        assert f" says {one['about']} licence {one['licence']} source {one['source']} " in words
    assert f"digest   {Knowledge().digest}" in lines
    assert f"updates  {knowledge_folder()}" in lines
    assert any(line.startswith("note     ") and "`snowfence knowledge update`" in line for line in lines)
    unbroken = max(map(len, words.split()))
    assert max(len(line) for line in lines if line.startswith("  ")) <= max(width, unbroken + 13)


def test_an_empty_table_does_not_pose_as_fresh(tmp_path: Path) -> None:
    shipped = {one["name"]: one for one in as_json("knowledge")["tables"]}["exploit-scores.json"]
    assert (shipped["empty"], shipped["old"]) == (True, True)
    [line] = [line for line in run("knowledge")[0].splitlines() if line.startswith("  exploit-scores.json")]
    assert line.split() == ["exploit-scores.json", "2026-11-22", "empty", "shipped"]
    # What an update has found to be empty is an answer.
    table = json.loads((DATA / "exploit-scores.json").read_text("utf-8"))
    (tmp_path / "exploit-scores.json").write_text(json.dumps(table))
    found = {one["name"]: one for one in as_json("knowledge", "--knowledge", tmp_path)["tables"]}
    assert (found["exploit-scores.json"]["empty"], found["exploit-scores.json"]["old"]) == (True, False)


def test_a_folder_is_named(tmp_path: Path) -> None:
    folder = updated(tmp_path / "mine")
    (folder / "advisories.json").write_text("[]")
    shown = as_json("knowledge", "--knowledge", folder)
    [table] = [one for one in shown["tables"] if one["from"] != "shipped"]
    assert (table["name"], table["from"]) == (RELEASES, os.fspath(folder))
    [note] = shown["notes"]
    assert note.startswith("`advisories.json` does not say its source, licence and date")
    assert note in run("knowledge", "show", "--knowledge", folder)[0]


def test_options_count_on_both_sides_of_the_command() -> None:
    before, _ = run("knowledge", "--format", "json", "--now", TODAY, "show")
    assert before == run("knowledge", "show", "--format", "json", "--now", TODAY)[0]
    for option in (["--format", "json"], ["--now", TODAY], ["--knowledge", "shipped"]):
        _, error = run("knowledge", *option, "update", expect=2)
        assert error == f"snowfence: `{option[0]}` goes with `snowfence knowledge show` alone\n"


def test_the_day_decides_what_is_old() -> None:
    day = date(2026, 11, 22)
    updated(knowledge_folder(), day=day.isoformat())
    for days, is_old in ((90, False), (91, True)):
        now = (day + timedelta(days=days)).isoformat()
        [table] = [one for one in as_json_at(now, "knowledge")["tables"] if one["name"] == RELEASES]
        assert (table["age"], table["old"]) == (days, is_old)
