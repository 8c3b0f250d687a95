"""Tables that somebody else has written: whatever is in them, they are used or refused with a remark, and no run ends by them."""

import io
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.cli.main import main
from scanner.cli.world import knowledge_folder
from scanner.knowledge.folder import RENEWED
from scanner.knowledge.overlay import FORGIVING
from scanner.knowledge.readers import READERS
from scanner.knowledge.tables import DATA, Knowledge
from scanner.model.safe_file import MAX_TABLE

RELEASES: Final = "nixos-releases.json"
TODAY: Final = date(2026, 11, 23)

WORKFLOW: Final = """\
on: issues
jobs:
  a:
    runs-on: ubuntu-18.04
    steps:
      - run: |
          echo ${{ github.event.issue.title }}
          claude -p "${{ github.event.issue.body }}"
          llm "$X"
          rubocop .
        env:
          X: ${{ github.event.issue.body }}
      - uses: tj-actions/changed-files@v40
      - uses: actions/checkout@v2
        if: failure()
"""


def planted(to: Path, name: str = RELEASES, **fields: Any) -> Path:
    """A table as it is shipped but for some fields, of today."""
    table = json.loads((DATA / name).read_text("utf-8")) | {"date": TODAY.isoformat()} | fields
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    (to / name).write_text(json.dumps(table), "utf-8")
    (to / name).chmod(0o600)
    return to


def scanned(repository: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        code = main(
            [
                "scan",
                str(repository),
                "--format",
                "json",
                "--fail-on",
                "none",
                "--now",
                TODAY.isoformat(),
                *arguments,
            ]
        )
    return code, json.loads(out.getvalue() or "{}")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    (root / ".github/workflows").mkdir(parents=True)
    (root / ".github/workflows/a.yml").write_text(WORKFLOW)
    (root / "flake.nix").write_text('{ inputs.nixpkgs.url = "nixpkgs"; outputs = _: { }; }\n')
    return root


# ---------------------------------------------------------------- which tables


def test_what_the_world_leaves_behind_can_be_replaced() -> None:
    assert set(READERS) == {one.name for one in Knowledge().tables if one.head.goes_stale}
    assert set(READERS) >= RENEWED | FORGIVING


@pytest.mark.parametrize("name", sorted(READERS))
def test_every_reader_asks_for_its_table(name: str) -> None:
    from scanner.knowledge.folder import Folder

    folder = Folder(DATA)
    READERS[name](folder)
    assert name in folder.used


def test_the_language_of_this_version_is_not_replaced(tmp_path: Path, repository: Path) -> None:
    for file in DATA.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes() + (b"" if file.name in READERS else b"\n"))
    knowledge = Knowledge(over=tmp_path, always=True)
    assert knowledge.digest == Knowledge().digest
    [said] = knowledge.refused
    count = len(list(DATA.iterdir())) - len(READERS)
    assert said == (
        f"{count} tables in the folder of `--knowledge` are not used, because such belong to the version of snowfence: `action-permissions.json`, "
        f"`ai-agents.json`, `cache-aware-actions.json` and {count - 3} more"
    )
    code, report = scanned(repository, "--knowledge", str(tmp_path))
    assert code == 0 and said in report["notes"]


def test_in_the_folder_of_updates_only_those_of_updates_count(repository: Path) -> None:
    planted(knowledge_folder(), "compromises.json", compromises=[])
    _, report = scanned(repository)
    assert report["knowledge"] == Knowledge().digest
    assert (
        "1 table in the folder of updated tables is not used, because no update writes such: `compromises.json`"
        in report["notes"]
    )


# ---------------------------------------------------------------- whose they are


def vulnerable(report: dict[str, Any]) -> bool:
    return any(one["rule"] == "known-vulnerable-actions" for one in report["findings"])


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_may_write_to_is_not_trusted(repository: Path, mode: int) -> None:
    folder = planted(knowledge_folder(), "advisories.json", advisories=[])
    _, report = scanned(repository)
    assert report["knowledge"] != Knowledge().digest
    folder.chmod(mode)
    _, report = scanned(repository)
    assert report["knowledge"] == Knowledge().digest
    assert vulnerable(report)
    assert [
        one for one in report["notes"] if one.startswith("the folder of updated tables belongs to somebody")
    ]
    # A folder that the user names is the user's decision.
    _, report = scanned(repository, "--knowledge", str(folder))
    assert report["knowledge"] != Knowledge().digest


def test_a_file_that_others_may_write_to_is_not_trusted(repository: Path) -> None:
    folder = planted(knowledge_folder(), "advisories.json", advisories=[])
    (folder / "advisories.json").chmod(0o666)
    _, report = scanned(repository)
    assert report["knowledge"] == Knowledge().digest
    assert [
        one
        for one in report["notes"]
        if one.startswith("`advisories.json` belongs to somebody else or others may")
    ]


def test_what_belongs_to_somebody_else_is_not_trusted(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted(knowledge_folder(), "advisories.json", advisories=[])
    monkeypatch.setattr(os, "geteuid", lambda: DATA.stat().st_uid + 1)
    _, report = scanned(repository)
    assert report["knowledge"] == Knowledge().digest
    assert [
        one for one in report["notes"] if one.startswith("the folder of updated tables belongs to somebody")
    ]


def test_where_a_system_has_no_owners_updates_count(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = planted(knowledge_folder(), "advisories.json", advisories=[])
    folder.chmod(0o777)
    monkeypatch.delattr(os, "geteuid")
    _, report = scanned(repository)
    assert report["knowledge"] != Knowledge().digest


def test_a_link_in_the_place_of_the_folder_leads_nowhere_that_is_not_the_users(
    repository: Path, tmp_path: Path
) -> None:
    planted(tmp_path / "theirs").chmod(0o777)
    knowledge_folder().parent.mkdir(parents=True)
    knowledge_folder().symlink_to(tmp_path / "theirs")
    _, report = scanned(repository)
    assert report["knowledge"] == Knowledge().digest


# ---------------------------------------------------------------- of which day


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize(("days", "used"), [(0, True), (1, True), (2, False), (2_900_000, False)])
def test_a_table_of_a_day_to_come_is_not_used(
    repository: Path, tmp_path: Path, own: bool, days: int, used: bool
) -> None:
    day = TODAY + timedelta(days=days)
    folder = planted(knowledge_folder() if own else tmp_path, date=day.isoformat())
    planted(folder, "exploited.json")
    code, report = scanned(repository, *([] if own else ["--knowledge", str(folder)]))
    assert code == 0
    said = f"`{RELEASES}` is of {day}, which is after the day of this run (2026-11-23), so the shipped table is used"
    assert bool([one for one in report["notes"] if one.startswith(said)]) != used


# ---------------------------------------------------------------- how much they say


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"notes": [{}]}, "has `notes` that are not up to 50 texts"),
        ({"notes": ["x"] * 51}, "has `notes` that are not up to 50 texts"),
        ({"notes": ["x" * 2001]}, "has `notes` that are not up to 50 texts"),
        ({"notes": "x"}, "has `notes` that are not up to 50 texts"),
        ({"source": "x" * 2001}, "says its source or licence in more words"),
        ({"licence": "x" * 2001}, "says its source or licence in more words"),
        ({"more": " " * MAX_TABLE}, "is larger than 4 MB"),
    ],
)
def test_what_a_table_says_of_itself_is_bounded(tmp_path: Path, fields: dict[str, Any], why: str) -> None:
    [said] = Knowledge(over=planted(tmp_path, **fields), always=True).refused
    assert said.startswith(f"`{RELEASES}` {why}")


# ---------------------------------------------------------------- whatever is in them


def test_a_table_that_its_reader_cannot_read_is_refused(tmp_path: Path) -> None:
    """Its shape says nothing of how many items a list has."""
    planted(tmp_path, "licenses.json", repositories={"github.com": {"a/b": []}})
    [said] = Knowledge(over=tmp_path, always=True).refused
    assert said == (
        "`licenses.json` says what cannot be understood (IndexError), so the shipped table is used in its place; repair or remove it"
    )
    assert Knowledge(over=tmp_path, always=True).licenses.license_of("github.com", "a/b") is None


_OTHER: Final[st.SearchStrategy[Any]] = st.one_of(
    st.sampled_from(
        [None, True, -1, 10**400, 0.5, "", "x", "2026-01-01", "9" * 99, "\x1b[31m", [], ["a"], {}, {"a": []}]
    ),
)
_CUT: Final = st.floats(0, 1)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a value, of long lists and mappings those of the first items."""
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs)[:6]:
        yield from _places(inner, (*path, key))


def _changed(table: Any, path: tuple[Any, ...], value: Any) -> None:
    """Puts another value at a place; a place without a value is dropped."""
    *above, last = path
    for key in above:
        table = table[key]
    if value is ...:
        del table[last]
    else:
        table[last] = deepcopy(value)


@st.composite
def _mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    name = draw(st.sampled_from(sorted(file.name for file in DATA.iterdir())))
    data = (DATA / name).read_bytes()
    if name.endswith(".json"):
        table = json.loads(data)
        for _ in range(draw(st.integers(1, 2))):
            places = [path for path in _places(table) if path != ("date",)]
            _changed(table, draw(st.sampled_from(places)), draw(_OTHER | st.just(...)))
        data = json.dumps(table).encode()
    return name, data[: round(len(data) * draw(_CUT))] if draw(st.integers(0, 4)) == 0 else data


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(_mutated(), min_size=1, max_size=4))
def test_no_table_ends_a_scan(repository: Path, mutated: list[tuple[str, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, data in mutated:
            Path(folder, name).write_bytes(data)
        knowledge = Knowledge(over=Path(folder), always=True)
        for name, data in dict(mutated).items():
            used = name in knowledge.updated
            same = data == (DATA / name).read_bytes()
            assert used or same or any(name in one or " more" in one for one in knowledge.refused)
        code, report = scanned(repository, "--knowledge", folder)
        assert code == (0 if knowledge.updated else 2)
        if code == 0:
            assert set(knowledge.refused) <= set(report["notes"])


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("ai-agents.json", ("programs", "claude", "can"), "magic"),
        ("ai-agents.json", ("programs", "llm", "values"), {"--tool": "9"}),
        ("text-sinks.json", ("programs", "rubocop"), ["a"]),
        ("expression-contexts.json", ("action", 0, "functions"), {"failure": []}),
    ],
)
def test_tables_that_once_ended_a_scan(
    tmp_path: Path, repository: Path, name: str, path: tuple[Any, ...], value: Any
) -> None:
    table = json.loads((DATA / name).read_text("utf-8"))
    _changed(table, path, value)
    (planted(tmp_path) / name).write_text(json.dumps(table))
    for command in ("scan", "exposure"):
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            assert main([command, str(repository), "--knowledge", str(tmp_path), "--now", str(TODAY)]) in (
                0,
                1,
            )


def test_a_list_without_a_last_line_end(tmp_path: Path) -> None:
    (tmp_path / "event-contexts.csv").write_text("# source: x\ngithub.event.issue.title,arbitrary")
    assert Knowledge(tmp_path).context_capability("github.event.issue.title") == "arbitrary"
