"""An update as a whole: what is written, what stays, and what a run that ends in the middle leaves behind."""

import json
import os
import stat
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scanner.adapters.sources.every import SOURCES
from scanner.adapters.sources.source import Failed, Fetched, Seen, Unchanged
from scanner.adapters.sources.store import STATE, Busy, Store
from scanner.adapters.sources.update import Before, Updated, update
from scanner.knowledge.folder import Folder
from scanner.knowledge.tables import DATA, Knowledge
from tests.adapters.sources.asking import TODAY, client
from tests.feeds import (
    ENDOFLIFE_PATH,
    GITHUB_PATH,
    KEV_PATH,
    advisory,
    files,
    known_records,
    record,
    serve,
    serve_osv,
    urls,
)
from tests.server import Answer, Server, json_of

LATER = date(2026, 11, 30)
TABLES = {name for source in SOURCES for name in source.tables}


def updated(server: Server, folder: Path, day: date = TODAY) -> dict[str, Updated]:
    tables = Folder(DATA, folder)
    found = update(SOURCES, client(), Store(folder), Before(tables.json, tables.laid), day, urls=urls(server))
    return {done.source.name: done for done in found}


def kinds(done: dict[str, Updated]) -> dict[str, type]:
    return {name: type(one.outcome) for name, one in done.items()}


def content(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in files(folder)}


def test_every_table_is_written_and_can_be_used(server: Server, tmp_path: Path) -> None:
    serve(server, [*known_records(), record()], [advisory()])
    folder = tmp_path / "a" / "knowledge"
    done = updated(server, folder)
    assert set(kinds(done).values()) == {Fetched}
    assert files(folder) == TABLES | {STATE}
    knowledge = Knowledge(over=folder)
    assert knowledge.refused == ()
    laid = {table.name: table.head for table in knowledge.tables if table.updated}
    assert laid.keys() == TABLES
    assert {head.date for head in laid.values()} == {TODAY}
    assert all(head.goes_stale and head.about and head.licence for head in laid.values())
    ids = [one["id"] for one in json.loads((folder / "advisories.json").read_text())["advisories"]]
    assert ids[-2:] == ["GHSA-aaaa-bbbb-cccc", "GHSA-dddd-eeee-ffff"]
    assert json.loads((folder / "exploit-scores.json").read_text())["scores"]["CVE-2026-20002"]


def test_only_the_owner_may_read(server: Server, tmp_path: Path) -> None:
    serve(server, known_records())
    folder = tmp_path / "knowledge"
    updated(server, folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_a_second_update_asks_whether_anything_is_newer(server: Server, tmp_path: Path) -> None:
    serve(server, [*known_records(), record()], [advisory()])
    first = updated(server, tmp_path)
    assert {name for name, one in first.items() if one.changed} == {"osv", "github-advisories", "epss"}
    second = updated(server, tmp_path, LATER)
    assert kinds(second) == {
        "osv": Unchanged,
        "github-advisories": Unchanged,
        "kev": Unchanged,
        "epss": Fetched,
        "endoflife": Unchanged,
        "flake-registry": Unchanged,
    }
    assert not any(one.changed for one in second.values())
    # what still holds, is as new as today
    assert {table.head.date for table in Knowledge(over=tmp_path).tables if table.updated} == {LATER}


def test_the_same_answers_give_the_same_bytes(server: Server, tmp_path: Path) -> None:
    serve(server, known_records(), [advisory()])
    for name in ("one", "two"):
        updated(server, tmp_path / name)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_a_source_that_fails_leaves_its_table(server: Server, tmp_path: Path) -> None:
    serve(server, known_records(), [advisory()])
    updated(server, tmp_path)
    before = content(tmp_path)
    for path in (GITHUB_PATH, KEV_PATH, ENDOFLIFE_PATH):
        server.on(path, Answer(500))
    done = updated(server, tmp_path, LATER)
    assert kinds(done)["kev"] is Failed
    assert done["kev"].dates == {"exploited.json": TODAY}
    after = content(tmp_path)
    assert {name for name in after if after[name] == before[name]} == {
        "exploited.json",
        "nixos-releases.json",
    }


def test_what_only_one_of_two_sources_knows_stays_when_it_fails(server: Server, tmp_path: Path) -> None:
    serve(server, known_records(), [advisory()])
    updated(server, tmp_path)
    serve_osv(server, [*known_records(), record()], '"newer"')
    server.on(GITHUB_PATH, Answer(500))
    updated(server, tmp_path, LATER)
    text = (tmp_path / "advisories.json").read_text()
    assert "GHSA-dddd-eeee-ffff" in text and "GHSA-aaaa-bbbb-cccc" in text


@pytest.mark.parametrize("spoilt", [b"", b"{", b"[]", b'{"source": 1}', b"\xff"])
def test_a_table_that_was_spoilt_is_fetched_again(server: Server, tmp_path: Path, spoilt: bytes) -> None:
    serve(server, known_records(), [advisory()])
    updated(server, tmp_path)
    good = content(tmp_path)
    for name in TABLES:
        (tmp_path / name).write_bytes(spoilt)
    assert set(kinds(updated(server, tmp_path)).values()) == {Fetched}
    assert content(tmp_path) == good


@pytest.mark.parametrize(
    "spoilt",
    [b"", b"{", b"[]", b'{"version": 2}', b'{"version": 1, "sources": []}', b'{"version": 1, "sources": {"osv": {"marks": [1]}}}',
     b'{"version": 1, "sources": {"osv": {"marks": {"etag of index": 7}}}}', b"[" * 100_000, b" " * (2 << 20)],
)  # fmt: skip
def test_what_is_remembered_may_be_lost(server: Server, tmp_path: Path, spoilt: bytes) -> None:
    serve(server, known_records(), [advisory()])
    updated(server, tmp_path)
    good = content(tmp_path)
    (tmp_path / STATE).write_bytes(spoilt)
    assert set(kinds(updated(server, tmp_path)).values()) == {Fetched}
    assert content(tmp_path) == good


def test_nothing_is_remembered_of_a_table_that_is_gone(server: Server, tmp_path: Path) -> None:
    serve(server, [*known_records(), record()], [advisory()])
    updated(server, tmp_path)
    good = content(tmp_path)
    (tmp_path / "advisories.json").unlink()
    done = updated(server, tmp_path)
    assert (kinds(done)["osv"], kinds(done)["github-advisories"]) == (Fetched, Fetched)
    assert content(tmp_path) == good


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("survived", range(12))
def test_a_run_may_be_killed_at_any_moment(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    """Before the nth renaming; what is then in the folder, can be used, and the next run makes it whole."""
    serve(server, [*known_records(), record()], [advisory()])
    rename, done = os.replace, 0

    def killed(*arguments: Any, **options: Any) -> None:
        nonlocal done
        if done == survived:
            raise Killed
        done += 1
        rename(*arguments, **options)

    folder = tmp_path / "killed"
    monkeypatch.setattr(os, "replace", killed)
    monkeypatch.setattr(os, "unlink", lambda *_, **__: None)
    with pytest.raises(Killed):
        updated(server, folder)
    monkeypatch.undo()
    assert list(folder.glob(".*.new"))
    assert Knowledge(over=folder).refused == ()
    updated(server, folder)
    updated(server, tmp_path / "whole")
    assert content(folder) == content(tmp_path / "whole")
    assert not list(folder.glob(".*.new"))


def test_a_folder_in_place_of_a_file_that_was_being_written(server: Server, tmp_path: Path) -> None:
    serve(server, known_records())
    for name in (".x.new", ".advisories.json.0123456789ab.new"):
        (tmp_path / name / "inner").mkdir(parents=True)
    assert set(kinds(updated(server, tmp_path)).values()) == {Fetched}


def test_one_update_at_a_time(server: Server, tmp_path: Path) -> None:
    serve(server, known_records())
    with Store(tmp_path).locked(), pytest.raises(Busy):
        updated(server, tmp_path)
    assert files(tmp_path) == set()
    updated(server, tmp_path)


def test_links_are_replaced_and_not_followed(server: Server, tmp_path: Path) -> None:
    serve(server, known_records())
    folder, other = tmp_path / "knowledge", tmp_path / "other"
    folder.mkdir()
    other.write_text("mine")
    for name in (*TABLES, STATE):
        (folder / name).symlink_to(other)
    updated(server, folder)
    assert other.read_text() == "mine"
    assert not any(file.is_symlink() for file in folder.iterdir())


def test_what_a_server_says_is_written_as_text(server: Server, tmp_path: Path) -> None:
    serve(server, known_records())
    server.on(KEV_PATH, json_of({"vulnerabilities": [], "count": 0}, etag='"' + "x" * 5_000 + '"'))
    updated(server, tmp_path)
    assert (tmp_path / STATE).stat().st_size < 10_000


def test_marks_are_read_as_they_were_written(tmp_path: Path) -> None:
    store, (osv, github, kev, *_) = Store(tmp_path), SOURCES
    store.remember(osv, Seen({"etag of index": '"a"'}), "2026-11-23")
    store.remember(kev, Seen({"rows of catalogue": "3"}), "2026-11-23")
    assert store.seen("osv") == Seen({"etag of index": '"a"'})
    assert store.seen(github.name) == Seen()
    store.forget({"exploited.json"})
    assert (store.seen("osv"), store.seen("kev")) == (Seen(), Seen({"rows of catalogue": "3"}))


def test_a_table_of_two_sources_is_made_whole_after_one_of_them(server: Server, tmp_path: Path) -> None:
    serve(server, [*known_records(), record()], [advisory()])
    updated(server, tmp_path)
    good = content(tmp_path)
    (tmp_path / "advisories.json").unlink()
    only = [source for source in SOURCES if source.name == "github-advisories"]
    tables = Folder(DATA, tmp_path)
    before = Before(tables.json, tables.laid)
    assert len(list(update(only, client(), Store(tmp_path), before, TODAY, urls=urls(server)))) == 1
    assert "GHSA-aaaa-bbbb-cccc" not in (tmp_path / "advisories.json").read_text()
    updated(server, tmp_path)
    assert content(tmp_path) == good


def test_a_table_that_no_scan_should_read_is_not_written(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.adapters.sources.update.MAX_TABLE", 10_000)
    serve(server, known_records())
    done = updated(server, tmp_path)
    assert {name for name, one in done.items() if isinstance(one.outcome, Failed)} == {
        "osv",
        "github-advisories",
    }
    assert "advisories.json" not in files(tmp_path)
