"""Files that are there as a whole or not at all."""

import os
from pathlib import Path

import pytest

from scanner.adapters.whole_file import UNFINISHED, write_whole


@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("by_folder", [False, True])
def test_it_is_there_for_its_owner_alone(tmp_path: Path, lasting: bool, by_folder: bool) -> None:
    for data in (b"one\r\n\x00", b"two"):
        if by_folder:
            folder = os.open(tmp_path, os.O_RDONLY)
            write_whole(Path("file"), data, folder=folder, lasting=lasting)
            os.close(folder)
        else:
            write_whole(tmp_path / "file", data, lasting=lasting)
        assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("file", data)]
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"theirs")
    (tmp_path / "file").symlink_to(target)
    write_whole(tmp_path / "file", b"ours")
    assert target.read_bytes() == b"theirs" and not (tmp_path / "file").is_symlink()


def test_what_was_there_stays_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path / "file", b"before")
    names: list[str] = []

    def full(beside: Path, *_: object, **__: object) -> None:
        names.append(beside.name)
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="full"):
        write_whole(tmp_path / "file", b"after")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("file", b"before")]
    assert all(UNFINISHED.fullmatch(name) for name in names) and names
