"""Tables that lie over the shipped ones: which count, what is said of the others, how old all are."""

import json
import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.knowledge import overlay, tables
from scanner.knowledge.overlay import FORGIVING
from scanner.knowledge.shape import misfit
from scanner.knowledge.tables import Knowledge

DATA = Path(tables.__file__).parent / "data"
RELEASES = "nixos-releases.json"
SHIPPED: Any = json.loads((DATA / RELEASES).read_text("utf-8"))
LATER = date.fromisoformat(SHIPPED["date"]) + timedelta(days=1)
EARLIER = LATER - timedelta(days=2)

Change = Callable[[Any], None]


def written(to: Path, *changes: Change, day: date = LATER, name: str = RELEASES) -> Path:
    """A folder with a table as it is shipped, of a day and with changes."""
    table = json.loads((DATA / name).read_text("utf-8"))
    table["date"] = day.isoformat()
    for change in changes:
        change(table)
    to.mkdir(exist_ok=True)
    (to / name).write_text(json.dumps(table), "utf-8")
    return to


def with_release(name: str) -> Change:
    return lambda table: table["releases"].append(SHIPPED["releases"][0] | {"release": name})


def known(knowledge: Knowledge, name: str) -> bool:
    release = knowledge.nixos_release(name)
    return release is not None and release.known


# ---------------------------------------------------------------- which table counts


def test_a_newer_table_counts(tmp_path: Path) -> None:
    over = Knowledge(over=written(tmp_path, with_release("29.05")))
    assert known(over, "29.05") and not known(Knowledge(), "29.05")
    assert over.updated == {RELEASES}
    assert over.digest != Knowledge().digest
    [table] = [one for one in over.tables if one.updated]
    assert (table.name, table.head.date) == (RELEASES, LATER)


def test_one_of_the_same_day_counts(tmp_path: Path) -> None:
    of_the_day = written(tmp_path, with_release("29.05"), day=LATER - timedelta(days=1))
    assert known(Knowledge(over=of_the_day), "29.05")


def test_an_older_one_does_not_count_unless_it_shall(tmp_path: Path) -> None:
    older = written(tmp_path, with_release("29.05"), day=EARLIER)
    assert not known(Knowledge(over=older), "29.05")
    assert Knowledge(over=older).digest == Knowledge().digest
    assert not Knowledge(over=older).remarks(LATER)
    assert known(Knowledge(over=older, always=True), "29.05")


def test_the_digest_is_that_of_the_tables_that_count(tmp_path: Path) -> None:
    """Wherever they lie, and whatever else lies there."""
    one = written(tmp_path / "one", with_release("29.05"))
    two = written(tmp_path / "two", with_release("29.05"))
    (two / "sources.json").write_text("{}")
    (two / "no-table.json").write_text("[")
    (two / "archived-actions.txt").symlink_to(DATA / "archived-actions.txt")
    assert Knowledge(over=one).digest == Knowledge(over=two).digest
    whole = tmp_path / "whole"
    whole.mkdir()
    for file in DATA.iterdir():
        (whole / file.name).write_bytes(((one if file.name == RELEASES else DATA) / file.name).read_bytes())
    assert Knowledge(whole).digest == Knowledge(over=one).digest


def test_a_table_of_text_lies_over_another(tmp_path: Path) -> None:
    text = (DATA / "archived-actions.txt").read_text("utf-8")
    (tmp_path / "archived-actions.txt").write_text(f"{text}some/body\n", "utf-8")
    assert Knowledge(over=tmp_path).actions.archived("some/body")
    assert not Knowledge().actions.archived("some/body")
    assert not [one for one in Knowledge(over=tmp_path).remarks(LATER) if "old" in one]


def test_a_table_need_not_say_again_what_it_is_about(tmp_path: Path) -> None:
    def bare(table: Any) -> None:
        del table["about"], table["goes_stale"]

    [table] = [one for one in Knowledge(over=written(tmp_path, bare)).tables if one.updated]
    assert table.head.about == SHIPPED["about"]
    assert table.head.goes_stale


@pytest.mark.parametrize("folder", ["nowhere", "a file"])
def test_a_folder_without_tables_changes_nothing(tmp_path: Path, folder: str) -> None:
    (tmp_path / "a file").write_text("")
    over = Knowledge(over=tmp_path / folder)
    assert over.digest == Knowledge().digest
    assert over.remarks(LATER) == ()


# ---------------------------------------------------------------- what is left out


def _shapeless(table: Any) -> None:
    table["releases"] = {"29.05": "2030-01-31"}


def _incomplete(table: Any) -> None:
    del table["releases"][1]["eol"]


def _undated(table: Any) -> None:
    table["releases"][1]["eol"] = "soon"


def _null(table: Any) -> None:
    table["releases"][0]["release"] = None


def _without_licence(table: Any) -> None:
    del table["licence"]


def _of_no_day(table: Any) -> None:
    table["date"] = "yesterday"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_shapeless, "has another shape than the shipped one: `releases` is a mapping, not a list"),
        (_incomplete, "has another shape than the shipped one: `releases[1].eol` is missing"),
        (_undated, "has another shape than the shipped one: `releases[1].eol` is a text, not a date"),
        (_null, "has another shape than the shipped one: `releases[0].release` is null, not a version"),
        (_without_licence, "does not say its source, licence and date"),
        (_of_no_day, "does not say its source, licence and date"),
    ],
)
def test_a_table_of_another_shape_is_left_out_and_said(tmp_path: Path, change: Change, why: str) -> None:
    over = Knowledge(over=written(tmp_path, with_release("29.05"), change))
    assert not known(over, "29.05")
    assert over.digest == Knowledge().digest
    [said] = over.refused
    assert said.startswith(f"`{RELEASES}` {why}, so the shipped table is used in its place; ")
    assert said in over.remarks(LATER)


def _no_version(table: Any) -> None:
    table["advisories"][0]["fixed"] = ["the next one"]


def test_a_version_is_a_version(tmp_path: Path) -> None:
    over = Knowledge(
        over=written(tmp_path, _no_version, name="nix-vulnerabilities.json", day=date(2030, 1, 1))
    )
    [said] = over.refused
    assert "`advisories[0].fixed[0]` is a text, not a version" in said
    assert over.nix_advisories


def _empty(table: Any) -> None:
    table["releases"] = []


def _without_owner(table: Any) -> None:
    for row in table["flakes"]:
        row["to"] = {"type": "github", "url": "https://example.org"}


def test_what_the_shape_does_not_tell_harms_nothing(tmp_path: Path) -> None:
    written(tmp_path, _empty, day=date(2030, 1, 1))
    over = Knowledge(over=written(tmp_path, _without_owner, name="flake-registry.json", day=date(2030, 1, 1)))
    assert over.updated == {RELEASES, "flake-registry.json"}
    assert over.nixos_release("25.11") is not None and over.nixos_release("x") is None
    assert over.registry_target("nixpkgs") == "https://example.org"
    assert over.owners


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is not JSON"),
        (b'{"source": ', "is not JSON"),
        (b"\xff\xfe\x00", "is not JSON"),
        (b"[" * 200_000, "is not JSON"),
        (b"[]", "does not say its source"),
        (b"null", "does not say its source"),
        (b'{"source": 1, "licence": [], "date": {}}', "does not say its source"),
        (b"1" * 5_000, "is not JSON"),
    ],
)
def test_a_broken_table_is_left_out_and_said(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / RELEASES).write_bytes(content)
    [said] = Knowledge(over=tmp_path).refused
    assert said.startswith(f"`{RELEASES}` {why}")
    assert known(Knowledge(over=tmp_path), "25.11")


def test_a_list_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "archived-actions.txt").write_bytes(b"# source: \xff\n")
    [said] = Knowledge(over=tmp_path).refused
    assert said.startswith("`archived-actions.txt` is not UTF-8")
    (tmp_path / "archived-actions.txt").write_bytes(b"a/b\n")
    [said] = Knowledge(over=tmp_path).refused
    assert said.startswith("`archived-actions.txt` does not say its source")


def test_what_is_no_file_of_ones_own_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlay, "MAX_TABLE", 100)
    (tmp_path / RELEASES).symlink_to(DATA / RELEASES)
    os.mkfifo(tmp_path / "exploited.json")
    (tmp_path / "advisories.json").mkdir()
    (tmp_path / "flake-registry.json").write_bytes(b" " * 101)
    said = {
        one.partition("` ")[0].strip("`"): one.partition("` ")[2] for one in Knowledge(over=tmp_path).refused
    }
    assert said[RELEASES].startswith("is a link, and those are not followed")
    assert said["exploited.json"].startswith("is not a file")
    assert said["advisories.json"].startswith("is not a file")
    assert said["flake-registry.json"].startswith("is larger than ")


def test_rows_that_their_reader_forgives_are_no_reason_to_leave_a_table_out(tmp_path: Path) -> None:
    """What a source writes in a form that no shipped row has must not cost all the others."""

    def strange(table: Any) -> None:
        table["advisories"] += [{"id": None}, 7]

    over = Knowledge(over=written(tmp_path, strange, name="advisories.json", day=date(2030, 1, 1)))
    assert over.updated == {"advisories.json"}
    assert not over.refused


def test_the_forgiven_tables_are_there() -> None:
    assert {one.name for one in DATA.iterdir()} >= FORGIVING


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("2026-01-01"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(_JSON)
def test_everything_has_the_shape_of_itself(value: Any) -> None:
    assert misfit({"rows": value}, {"rows": value}) is None


@given(_JSON, _JSON)
def test_no_two_values_cannot_be_compared(one: Any, other: Any) -> None:
    assert isinstance(misfit({"rows": one}, {"rows": other}), str | None)


@pytest.mark.parametrize("file", sorted(DATA.glob("*.json")), ids=lambda file: str(file.name))
def test_every_table_has_the_shape_of_itself(file: Path) -> None:
    table = json.loads(file.read_text("utf-8"))
    assert misfit(table, table) is None


# ---------------------------------------------------------------- age


def test_old_tables_that_were_used_are_said_in_one_sentence(tmp_path: Path) -> None:
    over = written(tmp_path, day=date(2030, 1, 1))
    written(tmp_path, day=date(2030, 1, 11), name="exploited.json")
    knowledge = Knowledge(over=over)
    now = date(2030, 4, 21)  # 110 and 100 days later
    assert not [one for one in knowledge.remarks(now) if "old" in one], "nothing was asked"
    assert knowledge.digest and knowledge.tables
    assert not [one for one in knowledge.remarks(now) if "old" in one], "to show is not to use"
    knowledge.nixos_release("25.11")
    knowledge.advisories.exploited(["CVE-2025-1"])
    *_, said = knowledge.remarks(now)
    assert said.endswith(
        "releases of NixOS (110 days) and holes that are exploited (100 days); run `snowfence knowledge update` or use a "
        "newer snowfence"
    )
    assert not [one for one in knowledge.remarks(date(2030, 4, 1)) if "exploited" in one], "90 days"
    assert "2 tables in place of the shipped ones, the newest of 2030-01-11" in knowledge.remarks(now)[0]


def test_of_many_old_tables_the_oldest_are_named(tmp_path: Path) -> None:
    knowledge = Knowledge()
    knowledge.nixos_release("25.11")
    knowledge.registry_target("nixpkgs")
    _ = knowledge.nix_advisories, knowledge.actions.archived("a/b"), knowledge.actions.outdated_refs("a/b")
    [said] = knowledge.remarks(date(2040, 1, 1))
    assert " and 2 more; `snowfence knowledge update` renews some of it, a newer snowfence the rest" in said
    assert len(said) < 300


def test_what_no_update_renews_is_not_promised_by_one() -> None:
    knowledge = Knowledge()
    _ = knowledge.nix_advisories
    [said] = knowledge.remarks(date(2040, 1, 1))
    assert said.endswith(" days); use a newer snowfence")


def test_a_table_without_rows_that_was_used_is_said() -> None:
    knowledge = Knowledge()
    assert knowledge.advisories.exploit_score(["CVE-2025-30066"]) is None
    [said] = knowledge.remarks(date(2026, 11, 22))
    assert "missing: how probable it is that holes are exploited (nothing yet); run `snowfence" in said


def test_which_tables_are_empty(tmp_path: Path) -> None:
    assert [one.name for one in Knowledge().tables if one.head.empty] == ["exploit-scores.json"]
    (tmp_path / "archived-actions.txt").write_text(
        "# source: here\n# licence: MIT\n# date: 2030-01-01\n\n", "utf-8"
    )
    written(tmp_path, _empty)
    assert {one.name for one in Knowledge(over=tmp_path).tables if one.head.empty and one.updated} == {
        "archived-actions.txt",
        RELEASES,
    }


def test_what_is_exploited_since_nobody_knows_when(tmp_path: Path) -> None:
    def undated(table: Any) -> None:
        table["exploited"] = {"CVE-2025-1": None}

    over = Knowledge(over=written(tmp_path, undated, name="exploited.json", day=date(2030, 1, 1)))
    assert over.updated == {"exploited.json"}
    assert over.advisories.exploited(["CVE-2025-1"])
    assert not over.refused


def test_what_does_not_go_stale_is_never_old() -> None:
    assert not any(one.is_old(date(2090, 1, 1)) for one in Knowledge().tables if not one.head.goes_stale)


def test_a_table_of_a_later_day_says_so() -> None:
    """Its age is never made younger or older than it is."""
    [table] = [one for one in Knowledge().tables if one.name == RELEASES]
    assert table.age(table.head.date - timedelta(days=3)) == -3
    assert not table.is_old(date(2020, 1, 1))


def test_a_list_of_names_that_hardly_change_is_old_later(tmp_path: Path) -> None:
    day = date(2030, 1, 1)
    for over in (None, written(tmp_path, _without_old_after, day=day, name="flake-registry.json")):
        [table] = [one for one in Knowledge(over=over).tables if one.name == "flake-registry.json"]
        assert not table.is_old(table.head.date + timedelta(days=365))
        assert table.is_old(table.head.date + timedelta(days=366))


def _without_old_after(table: Any) -> None:
    """As a source writes it."""
    del table["old_after"]


def test_the_tables_that_the_world_leaves_behind() -> None:
    stale = {one.name for one in Knowledge().tables if one.head.goes_stale}
    assert stale >= {
        "advisories.json",
        "archived-actions.txt",
        "compromises.json",
        "exploit-scores.json",
        "exploited.json",
        "flake-registry.json",
        "nix-vulnerabilities.json",
        RELEASES,
        "outdated-actions.json",
    }
