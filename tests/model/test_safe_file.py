"""Files that somebody else may have put there are read, or refused, at once."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.model import safe_file
from scanner.model.safe_file import IsLink, NotRegular, is_own, opened, read_file


@pytest.fixture(params=["as it is", "without flags"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This system, and one that has none of the flags, as Windows."""
    if request.param == "without flags":
        for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC"):
            monkeypatch.delattr(os, name)
        monkeypatch.setattr(safe_file, "NOT_FOLLOWED", 0)
    yield


def test_a_file_is_read_up_to_one_more_than_the_bound(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"a\r\nb\n")
    assert read_file(file, 5) == b"a\r\nb\n"
    assert read_file(str(file), 3) == b"a\r\nb"


@pytest.mark.usefixtures("system")
def test_a_link_is_followed_only_where_it_shall_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("nowhere")
    assert read_file(tmp_path / "link", 100) == b"content"
    for name in ("link", "dangling"):
        with pytest.raises(IsLink):
            read_file(tmp_path / name, 100, follow=False)
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "dangling", 100)
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "nowhere", 100, follow=False)


@pytest.mark.parametrize("follow", [True, False])
def test_what_is_no_file_does_not_hang(tmp_path: Path, follow: bool) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", tmp_path, Path("/dev/null")):
        before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else 0  # noqa: PTH208
        with pytest.raises(NotRegular):
            opened(place, follow=follow)
        after = len(os.listdir("/proc/self/fd")) if before else 0  # noqa: PTH208
        assert after == before, "left open"


@pytest.mark.usefixtures("system")
def test_below_an_open_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        with opened("file", follow=False, folder=folder) as stream:
            assert stream.read() == b"content"
        with pytest.raises(IsLink):
            opened("link", follow=False, folder=folder)
    finally:
        os.close(folder)


def test_a_system_without_the_flags_scans_alike(tmp_path: Path) -> None:
    """In a process of its own, since modules read the flags when they are loaded."""
    scan = ["scan", "fixtures/demo", "--fail-on", "none", "--now", "2026-11-22", "--format", "json"]
    without = "import os; del os.O_NOFOLLOW, os.O_NONBLOCK, os.O_CLOEXEC"
    cache = tmp_path / "snowfence" / "knowledge"
    cache.mkdir(parents=True)
    (cache / "exploited.json").symlink_to("/dev/zero")  # read as far as to be refused, and said
    said = []
    for before in ("", without):
        program = f"{before}\nfrom scanner.cli.main import main\nraise SystemExit(main({scan!r}))"
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
    assert said[0] == said[1]
    assert "`exploited.json` is a link, and those are not followed" in said[0]


@pytest.mark.parametrize(("mode", "own"), [(0o600, True), (0o755, True), (0o620, False), (0o602, False)])
def test_whose_a_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, own: bool) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "file").chmod(mode)
    status = (tmp_path / "file").stat()
    assert is_own(status) is own
    monkeypatch.setattr(os, "geteuid", lambda: status.st_uid + 1)
    assert is_own(status) is False
    monkeypatch.delattr(os, "geteuid")
    assert is_own(status) is None
