"""The line that shows how far long work is: when it is drawn, when it is gone, and where there is none."""

import io
import os
import pty
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from scanner.cli.progress import PATIENCE, ProgressLine, progress_of
from scanner.model.ports import NO_PROGRESS
from tests.support import NOW, ROOT, clean_environment, git_environment
from tests.support import run as finished

ERASED = "\r\x1b[K"


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(Clock):
    """A line, what it has written, and the clock that it is drawn by."""

    def __init__(self, width: int = 80) -> None:
        super().__init__()
        self.stream = io.StringIO()
        self.line = ProgressLine(self.stream, self, lambda: width)

    def written(self) -> str:
        text = self.stream.getvalue()
        self.stream.seek(0)
        self.stream.truncate()
        return text


def test_short_work_shows_nothing() -> None:
    terminal = Terminal()
    terminal.line.step("reading files", 1, 2)
    terminal.now += PATIENCE - 0.01
    assert terminal.line.draw()
    terminal.line.erase()
    assert terminal.written() == ""


def test_long_work_is_drawn_and_erased() -> None:
    terminal = Terminal()
    terminal.line.step("reading files", 1, 2000)
    terminal.now += PATIENCE
    assert terminal.line.draw()
    assert terminal.written() == f"{ERASED}reading files 1/2,000"
    assert terminal.line.draw()
    assert terminal.written() == ""  # it stands there already
    terminal.line.step("building the graph", 0, 0)
    terminal.line.draw()
    assert terminal.written() == f"{ERASED}building the graph ..."
    terminal.line.erase()
    terminal.line.erase()
    assert terminal.written() == ERASED


def test_nothing_is_drawn_behind_what_was_written_until_work_goes_on() -> None:
    terminal = Terminal()
    terminal.line.step("reading files", 1, 2)
    terminal.line.erase()
    terminal.now += 10
    terminal.line.draw()
    assert terminal.written() == ""  # a pager may have the terminal now
    terminal.line.step("reading files", 2, 2)
    terminal.line.draw()
    assert terminal.written() == f"{ERASED}reading files 2/2"


def test_names_cannot_steer_the_terminal_and_lines_are_cut() -> None:
    terminal = Terminal(width=24)
    terminal.now += 1
    terminal.line.step("rule \x1b[2J\n\u202e one that is long", 1, 2)
    terminal.line.draw()
    text = terminal.written().removeprefix(ERASED)
    assert text == "rule ?[2J?? one that is"
    assert len(text) == 23


def test_a_closed_terminal_is_no_error() -> None:
    terminal = Terminal()
    terminal.stream.close()
    terminal.now += 1
    terminal.line.step("x", 1, 2)
    assert not terminal.line.draw()
    terminal.line.erase()


def test_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CI", raising=False)
    for arguments in (Namespace(), Namespace(no_progress=True), Namespace(no_progress=False, quiet=True)):
        assert progress_of(arguments) is NO_PROGRESS
    assert progress_of(Namespace(no_progress=False)) is NO_PROGRESS  # no terminal here


SLOW = """
from scanner import pipeline
from scanner.cli import progress
from scanner.cli.main import entry

progress.PATIENCE = -1.0
progress.start_new_thread = lambda *_: None
parse = pipeline.parse

def parse_slowly(source):
    if progress._of_terminal.cache_info().currsize:
        progress._of_terminal().draw()
    return parse(source)

pipeline.parse = parse_slowly
entry()
"""
"""A scan in which every file takes so long that the line is drawn, as the thread would do it."""


SCAN = ("scan", "fixtures/demo", "--fail-on", "none", "--now", NOW)


def on_terminal(*arguments: str, command: tuple[str, ...] = SCAN, **environment: str) -> tuple[str, str]:
    """What a command writes to a terminal that standard error is, and to the pipe that standard output is."""
    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        [sys.executable, "-c", SLOW, *command, *arguments],
        stdout=subprocess.PIPE,
        stderr=theirs,
        cwd=ROOT,
        env=clean_environment(**({"CI": "", "TERM": "xterm"} | environment)),
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:  # Linux: the other end is closed
        pass
    finally:
        os.close(ours)
    out, _ = run.communicate()
    assert run.returncode == 0, shown
    return shown.decode(), out.decode()


def test_a_scan_on_a_terminal() -> None:
    shown, out = on_terminal()
    assert "reading files " in shown
    assert shown.endswith(ERASED)
    assert "reading files" not in out and "\x1b" not in out
    assert on_terminal("--no-progress") == ("", out)
    assert on_terminal(CI="true") == ("", out)
    assert on_terminal(TERM="dumb") == ("", out)


def test_the_base_is_shown_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "action.yml").write_text("runs: {using: composite, steps: []}\n", "utf-8")
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"], ["tag", "then"]):
        finished(["git", "-C", str(tmp_path), *command], env=git_environment())
    shown, _ = on_terminal("--base", "then", command=("scan", str(tmp_path), "--now", NOW))
    lines = shown.split(ERASED)
    assert "reading files 0/1" in lines and "then: reading files 0/1" in lines
    assert shown.endswith(ERASED)


def test_a_bill_of_materials() -> None:
    command = ("sbom", "fixtures/demo", "--now", NOW, "--knowledge", "shipped")
    shown, out = on_terminal(command=command)
    assert "reading files " in shown
    silent, same = on_terminal("--no-progress", command=command)
    assert "reading files " not in silent
    assert out == same
