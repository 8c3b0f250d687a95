"""What is read of the event of a run, whatever its file holds. `tests/cli/test_comment.py` has the events themselves."""

import json
import os
from pathlib import Path

import pytest

from scanner.cli.github.event import event_of, head_of, number_of

PULL_REQUEST = {"pull_request": {"number": 7, "head": {"sha": "a" * 40}}}


def test_an_event(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(PULL_REQUEST), "utf-8")
    environment = {"GITHUB_EVENT_PATH": str(file)}
    assert event_of(environment) == PULL_REQUEST
    assert head_of(environment) == "a" * 40
    assert number_of(environment) == 7


@pytest.mark.parametrize("data", [b"", b"\xff", b"{", b"[" * 100_000, b"1" * 5_000])
def test_a_file_that_holds_none(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "event.json"
    file.write_bytes(data)
    assert head_of({"GITHUB_EVENT_PATH": str(file)}) is None


def test_none_is_waited_for(tmp_path: Path) -> None:
    """A pipe that nobody writes to would never end."""
    pipe = tmp_path / "event.json"
    os.mkfifo(pipe)
    assert event_of({"GITHUB_EVENT_PATH": str(pipe)}) is None
    assert event_of({"GITHUB_EVENT_PATH": str(tmp_path / "none")}) is None
    assert event_of({}) is None
