"""Answers on disk: when they count, whose they are, and what of hostile files."""

import json
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scanner.adapters import answers as module
from scanner.adapters.answers import Answers, Question

TOKEN = "planted-0123456789abcdefghijklmnopqrstuv"
ASKED = Question("about", "github.com", "/repos/a/b")
START = datetime(2026, 11, 22, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        # files get the real time, so the clock begins there
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def values(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def test_an_answer_comes_back_with_its_age(tmp_path: Path, clock: Clock) -> None:
    Answers(tmp_path / "a", clock).keep(ASKED, {"id": 1}, '"etag"')
    clock.now += timedelta(hours=1)
    again = Answers(tmp_path / "a", clock)
    kept = again.get(ASKED)
    assert kept is not None and (kept.value, kept.etag) == ({"id": 1}, '"etag"')
    assert again.fresh(kept, timedelta(hours=2)) and not again.fresh(kept, timedelta(hours=1))


def test_other_questions_find_nothing(tmp_path: Path, clock: Clock) -> None:
    answers = Answers(tmp_path / "a", clock)
    answers.keep(ASKED._replace(token=TOKEN), {"private": True})
    for other in (ASKED, ASKED._replace(token="x" * 40), ASKED._replace(token=TOKEN, about="/repos/a/c")):
        assert answers.get(other) is None
    assert answers.get(ASKED._replace(token=TOKEN)) is not None


def test_no_token_on_disk_and_folders_do_not_share_names(tmp_path: Path, clock: Clock) -> None:
    for name in "ab":
        Answers(tmp_path / name, clock).keep(ASKED._replace(token=TOKEN), {"id": 1})
    (one,), (other,) = values(tmp_path / "a"), values(tmp_path / "b")
    assert one.name != other.name
    assert TOKEN not in one.read_text("utf-8") + one.name
    assert TOKEN not in repr(ASKED._replace(token=TOKEN))


def test_files_are_ours_alone(tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "new" / "a"
    Answers(folder, clock).keep(ASKED, 1)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 2  # the key and the answer: nothing unfinished


def _damaged(text: str) -> Callable[[Path], None]:
    def damage(file: Path) -> None:
        file.write_text(text, "utf-8")

    return damage


def _linked(file: Path) -> None:
    target = file.with_name("target")
    file.rename(target)
    file.symlink_to(target)


def _open_to_all(file: Path) -> None:
    file.chmod(0o666)


def _a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _of_the_future(file: Path) -> None:
    found = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(found | {"at": "2999-01-01T00:00:00+00:00"}), "utf-8")


def _of_another_question(file: Path) -> None:
    found = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(found | {"question": ["about", "github.com", "/repos/x/y"]}), "utf-8")


@pytest.mark.parametrize(
    "damage",
    [
        *map(_damaged, ("", "{", "[]", "null", '{"question": 1}', "[" * 100_000, "\ud800".encode("utf-8", "replace").decode())),
        _linked,
        _open_to_all,
        _a_pipe,
        _of_the_future,
        _of_another_question,
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_trusted_is_no_answer(
    tmp_path: Path, clock: Clock, damage: Callable[[Path], None]
) -> None:
    answers = Answers(tmp_path / "a", clock)
    answers.keep(ASKED, {"id": 1})
    damage(values(tmp_path / "a")[0])
    assert answers.get(ASKED) is None
    answers.keep(ASKED, {"id": 2})
    kept = answers.get(ASKED)
    assert kept is not None and kept.value == {"id": 2}


@pytest.mark.parametrize("shape", ["link", "file", "open"])
def test_a_folder_that_cannot_be_trusted_is_not_used(tmp_path: Path, clock: Clock, shape: str) -> None:
    other = tmp_path / "other"
    other.mkdir()
    folder = tmp_path / "a"
    match shape:
        case "link":
            folder.symlink_to(other)
        case "file":
            folder.write_text("")
        case _:
            folder.mkdir()
            folder.chmod(0o777)
    answers = Answers(folder, clock)
    answers.keep(ASKED, 1)
    assert answers.get(ASKED) is None
    assert not list(other.iterdir())
    assert shape != "open" or not list(folder.iterdir())


def test_a_validator_that_would_break_a_header_is_not_kept(tmp_path: Path, clock: Clock) -> None:
    answers = Answers(tmp_path / "a", clock)
    for etag in ('"a"\r\nX: 1', '"ü"', '"' + "a" * 300):
        answers.keep(ASKED, 1, etag)
        kept = answers.get(ASKED)
        assert kept is not None and kept.etag == ""


def test_refresh_looks_at_nothing_and_keeps_everything(tmp_path: Path, clock: Clock) -> None:
    Answers(tmp_path / "a", clock).keep(ASKED, 1)
    anew = Answers(tmp_path / "a", clock, refresh=True)
    assert anew.get(ASKED) is None
    anew.keep(ASKED, 2)
    kept = Answers(tmp_path / "a", clock).get(ASKED)
    assert kept is not None and kept.value == 2


def test_the_folder_does_not_grow_without_end(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_FILES", 5)
    answers = Answers(tmp_path / "a", clock)
    for number in range(9):
        answers.keep(ASKED._replace(about=str(number)), number)
        for file in values(tmp_path / "a"):
            os.utime(file, (file.stat().st_mtime - 10, file.stat().st_mtime - 10))
    (tmp_path / "a" / "notes.txt").write_text("of somebody")
    again = Answers(tmp_path / "a", clock)
    assert [number for number in range(9) if again.get(ASKED._replace(about=str(number)))] == [4, 5, 6, 7, 8]
    clock.now += timedelta(days=31)
    Answers(tmp_path / "a", clock)
    assert sorted(one.name for one in (tmp_path / "a").iterdir()) == ["key", "notes.txt"]


def test_a_large_answer_is_not_kept(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 500)
    answers = Answers(tmp_path / "a", clock)
    answers.keep(ASKED, "x" * 500)
    assert answers.get(ASKED) is None and not values(tmp_path / "a")
