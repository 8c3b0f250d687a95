"""Where commands write: files that are there as a whole or not at all, pipes, full disks and closed outputs, and what a terminal can show."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from scanner import HOME, __version__
from scanner.cli.main import COMMANDS, main
from scanner.cli.terminal import emit, links, unicode
from scanner.model.errors import UsageError
from tests.support import NOW, ROOT, clean_environment

LINUX = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
ROOTED = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


WRITERS = {
    "scan": "scan fixtures/demo --fail-on none --output json={file}",
    "inputs": "inputs fixtures/demo --output json={file}",
    "exposure": "exposure fixtures/demo --output json={file}",
    "score": "score fixtures/demo --output json={file}",
    "diff": "diff fixtures/demo/flake.lock fixtures/demo/flake.lock --output json={file}",
    "sbom": "sbom fixtures/demo --output {file}",
    "graph": "graph fixtures/demo --output {file}",
    "policy": "policy init fixtures/demo --output {file}",
}
"""Commands that write files."""


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A line of bash, in which `snowfence` is this checkout's."""
    line = f'snowfence() {{ "{sys.executable}" -m scanner "$@"; }}; {command}'
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=ROOT,
        env=clean_environment(**environment),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


# ---------------------------------------------------------------- files


def test_a_new_file_has_the_rights_of_any_new_one(tmp_path: Path) -> None:
    os.umask(0o027)
    emit("x\n", str(tmp_path / "new"))
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    assert names(tmp_path) == ["new"]


def test_an_old_file_keeps_its_rights(tmp_path: Path) -> None:
    file = tmp_path / "old"
    file.write_text("before", "utf-8")
    file.chmod(0o604)
    emit("after\n", str(file))
    assert file.read_text("utf-8") == "after\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o604


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("before", "utf-8")
    (tmp_path / "link").symlink_to("real")
    emit("after\n", str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text("utf-8") == "after\n"
    (tmp_path / "dangling").symlink_to("later")
    emit("new\n", str(tmp_path / "dangling"))
    assert (tmp_path / "later").read_text("utf-8") == "new\n"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("function", ["replace", "write"])
def test_what_fails_half_way_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, function: str
) -> None:
    file = tmp_path / "old"
    file.write_text("before", "utf-8")

    def fail(*_: object, **__: object) -> None:
        raise error

    if function == "replace":
        monkeypatch.setattr(os, "replace", fail)
    else:
        real = os.fdopen

        class Full:
            """A file on a disk that is full."""

            def __init__(self, descriptor: int, mode: str) -> None:
                self.file = real(descriptor, mode)
                self.write = fail
                self.fileno = self.file.fileno

            def __enter__(self) -> "Full":
                return self

            def __exit__(self, *_: object) -> None:
                self.file.close()

        monkeypatch.setattr(os, "fdopen", Full)
    with pytest.raises(UsageError if isinstance(error, OSError) else KeyboardInterrupt):
        emit("after\n", str(file))
    assert file.read_text("utf-8") == "before"
    assert names(tmp_path) == ["old"]


def test_what_no_file_can_be_written_to(tmp_path: Path) -> None:
    for path, advice in (
        (tmp_path, "name a file in it"),
        (tmp_path / "no" / "file", "name a file in a folder that you can write to"),
        (tmp_path / ("x" * 300), "File name too long; give it a shorter name"),
    ):
        with pytest.raises(UsageError, match=f"cannot write .*{advice}"):
            emit("x", str(path))
    assert names(tmp_path) == []


@pytest.mark.parametrize("length", [237, 238, 255])
def test_a_name_may_be_as_long_as_the_system_has_it(tmp_path: Path, length: int) -> None:
    emit("x\n", str(tmp_path / ("x" * length)))
    assert names(tmp_path) == ["x" * length]


# ---------------------------------------------------------------- a repository that wants more than to be read


@pytest.fixture
def scanned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with links, beside a file that is nobody's business."""
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim" / "tool").write_text("before", "utf-8")
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    (root / "inside").mkdir()
    for link, to in {
        "report": "../victim/tool",
        "absolute": str(tmp_path / "victim" / "tool"),
        "folder": "../victim",
        "twice": "inside/next",
        "inside/next": "../report",
        "stays": "inside/file",
        "new": "../victim/new",
        "hook": ".git/hooks/pre-commit",
    }.items():
        (root / link).symlink_to(to)
    (tmp_path / "mine").symlink_to("repository/report")
    monkeypatch.chdir(root)
    return root


@pytest.mark.parametrize(
    "output",
    [
        "report",
        "absolute",
        "folder/tool",
        "twice",
        "new",
        "inside/../report",
        "../mine",
        "../repository/twice",
        "stays",
        "hook",
    ],
)
def test_no_link_of_the_repository_is_followed(scanned: Path, output: str) -> None:
    for folder in (Path(), scanned / "inside"):  # of a folder of it, the whole checkout counts
        with pytest.raises(UsageError, match="a link in the scanned repository"):
            emit("after\n", output, scanned=[folder])
    assert names(scanned.parent / "victim") == ["tool"]
    assert (scanned.parent / "victim" / "tool").read_text("utf-8") == "before"


@pytest.mark.parametrize("output", ["file", "../beside", "inside/../file"])
def test_other_outputs_are_written(scanned: Path, output: str) -> None:
    (scanned.parent / "beside").symlink_to("victim/tool")
    emit("after\n", output, scanned=[Path()])
    assert Path(output).read_text("utf-8") == "after\n"


def test_links_of_the_checkout_around_a_submodule_are_not_followed(scanned: Path) -> None:
    (scanned / "inside" / ".git").write_text("gitdir: ../.git/modules/inside\n")
    with pytest.raises(UsageError, match="a link in the scanned repository"):
        emit("after\n", "report", scanned=[Path("inside")])


def test_links_in_a_circle_end(scanned: Path) -> None:
    (scanned / "one").symlink_to("two")
    (scanned / "two").symlink_to("one")
    with pytest.raises(UsageError):
        emit("x", "one", scanned=[Path()])
    assert names(scanned.parent) == ["mine", "repository", "victim"]


@pytest.mark.parametrize("command", WRITERS)
def test_every_command_refuses_such_links(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "fixtures" / "demo", tmp_path / "repository" / "fixtures" / "demo")
    (tmp_path / "repository" / ".git").mkdir()
    (tmp_path / "repository" / "link").symlink_to("..")
    monkeypatch.chdir(tmp_path / "repository")
    assert main([*WRITERS[command].format(file="link/out").split(), "--now", NOW]) == 2
    assert "a link in the scanned repository" in capsys.readouterr().err
    assert names(tmp_path) == ["repository"]


@pytest.mark.parametrize(
    ("format", "text", "inert"),
    [
        ("json", '{"a": "##[error]x"}', '{"a": "\\u0023#[error]x"}'),
        ("text", "a\n ::error::x\n", "a\n \\x3a:error::x\n"),
        ("text", "[a\n ::error::x\n", "[a\n \\x3a:error::x\n"),
        ("svg", "<svg \n::error::x>##[error]\x9b</svg>", "<svg \n&#x3a;:error::x>#&#x23;[error]&#x9b;</svg>"),
    ],
)
def test_files_are_inert_too(tmp_path: Path, format: str, text: str, inert: str) -> None:
    emit(text, str(tmp_path / "file"), format=format)
    assert (tmp_path / "file").read_text("utf-8") == inert
    emit(text, str(tmp_path / "file"), obeyed=True)
    assert (tmp_path / "file").read_text("utf-8") == text


@pytest.mark.parametrize("folder", ["[x", "{x", "<svg x", "x"])
@pytest.mark.parametrize(
    "line",
    [
        "inputs",
        "inputs --format json",
        "inputs --format markdown",
        "score",
        "score --format json",
        "exposure",
        "exposure --format json",
        "graph --format text",
        "graph --format json",
        "graph --format dot",
        "graph --format graphml",
        "graph --format svg",
        "sbom",
        "sbom --format cyclonedx-xml",
        "sbom --format spdx-json",
        "scan",
        "scan --format json",
        "scan --format sarif",
        "scan --format html",
        "scan --format junit",
        "scan --format csv",
        "scan --format gitlab",
    ],
)
def test_no_name_of_a_folder_makes_commands_of_names(
    tmp_path: Path, folder: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "::error::pwned##[error]x"
    lock = {
        "nodes": {
            "root": {"inputs": {name: "a"}},
            "a": {"locked": {"type": "github", "owner": "o", "repo": name, "rev": "0" * 40}, "original": {}},
        },
        "root": "root",
        "version": 7,
    }
    (tmp_path / folder / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / folder / "flake.lock").write_text(json.dumps(lock))
    (tmp_path / folder / ".github" / "workflows" / "a.yml").write_text(
        json.dumps(
            {
                "on": "issue_comment",
                "permissions": {"contents": "write"},
                "jobs": {name: {"runs-on": name, "name": name, "steps": [{"uses": f"o/r@{name}"}]}},
            }
        )
    )
    command, *options = line.split()
    main([command, str(tmp_path / folder), *options, "--now", NOW])
    out = capsys.readouterr().out
    assert "pwned" in out or command == "score"
    assert "##[" not in out
    assert not [one for one in re.split("[\n\r]", out) if one.lstrip().startswith("::")]
    if "json" in line:
        json.loads(out)


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan", "--\x1b[31m::error::x"],
        ["scan", "--\n::error::x"],
        ["scan", "--output", "\x9b\n::error::##[error]"],
        ["scan", "--now", "##[error]\u202e"],
        ["policy", "check", "--\r::error::x"],
        ["knowledge", "show", "--##[error]"],
    ],
)
def test_wrong_arguments_are_shown_inert(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    said = capsys.readouterr().err
    assert "error" in said
    assert not {"\x1b", "\x9b", "\u202e", "\r"} & set(said) and "##[" not in said
    assert not any(line.lstrip().startswith("::") for line in said.splitlines())


@ROOTED
def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(UsageError, match="Permission denied"):
            emit("x", str(tmp_path / "file"))
    finally:
        tmp_path.chmod(0o700)


def test_a_named_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    emit("through\n", str(pipe))
    reader.join(10)
    assert read == [b"through\n"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("command", WRITERS)
def test_every_command_says_what_cannot_be_written(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "no" / "file"
    assert main([*WRITERS[command].format(file=missing).split(), "--now", NOW]) == 2
    said = capsys.readouterr().err
    assert str(missing) in said and "cannot write" in said
    assert "Traceback" not in said


def test_two_outputs_to_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "link").symlink_to("report")
    for other in ("report", "./report", "link"):
        command = ["scan", "fixtures/demo", "--output", f"json={tmp_path}/report"]
        assert main([*command, "--output", f"sarif={tmp_path}/{other}", "--fail-on", "none"]) == 2
        assert "two outputs" in capsys.readouterr().err
        assert not (tmp_path / "report").exists()


# ---------------------------------------------------------------- standard output


PRINTERS = [
    "scan fixtures/demo",
    "scan fixtures/demo --format json",
    "scan fixtures/demo --format sarif",
    "inputs fixtures/demo",
    "diff fixtures/demo/flake.lock fixtures/clean/flake.lock",
    "exposure fixtures/demo",
    "sbom fixtures/demo",
    "graph fixtures/demo",
    "graph fixtures/demo --format text",
    "why nixpkgs fixtures/demo",
    "score fixtures/demo",
    "policy show fixtures/demo",
    "knowledge",
    "schema policy",
    "rules",
    "explain unpinned-uses",
    "comment README.md --key x --repository o/r --pull-request 1 --dry-run",
    "--help",
]


EACH = [
    line if line.startswith(("scan", "rules")) else pytest.param(line, marks=pytest.mark.registry)
    for line in PRINTERS
]
"""All of them take a while."""


def test_every_command_prints() -> None:
    assert {line.split()[0] for line in PRINTERS} == {*COMMANDS, "--help"}


@LINUX
@pytest.mark.parametrize("line", EACH)
def test_a_full_disk(line: str) -> None:
    done = shell(f"snowfence {line} > /dev/full")
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr


@pytest.mark.parametrize("line", EACH)
def test_a_reader_that_is_gone(line: str) -> None:
    """The exit code is that of the command: 0, and 1 for a gate that is reached."""
    whole = shell(f"snowfence {line} > /dev/null").returncode
    assert whole in (0, 1)
    done = shell(f"{{ snowfence {line}; echo $? >&2; }} | true")
    assert done.stderr.splitlines()[-1] == str(whole)
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr


def test_a_closed_output() -> None:
    done = shell("snowfence rules >&-")
    assert (done.returncode, done.stderr) == (2, "snowfence: cannot go on: standard output is closed\n")
    assert shell("snowfence rules 2>&- | tail -1").returncode in (0, 2)


def test_files_are_written_though_outputs_are_closed(tmp_path: Path) -> None:
    file = tmp_path / "c.json"
    command = f"snowfence scan fixtures/clean --output json={file}"
    done = shell(f"{command} >&-")
    assert (done.returncode, done.stderr) == (2, "snowfence: cannot go on: standard output is closed\n")
    assert json.loads(file.read_text("utf-8"))["findings"] == []
    file.unlink()
    done = shell(f"snowfence sbom fixtures/clean --output {file} >&-")
    assert done.returncode == 0 and "closed" not in done.stderr  # nothing was to be printed
    assert json.loads(file.read_text("utf-8"))
    file.unlink()
    assert shell(f"{command} 2>&- >&- <&-").returncode == 2
    assert json.loads(file.read_text("utf-8"))


@LINUX
def test_devices_are_written_to() -> None:
    done = shell("snowfence scan fixtures/demo --fail-on none --quiet --output json=/dev/stdout | head -c 1")
    assert done.stdout == "{"
    full = shell("snowfence scan fixtures/demo --output json=/dev/full")
    assert full.returncode == 2
    assert "cannot write `/dev/full`: No space left on device" in full.stderr
    assert (
        shell("snowfence scan fixtures/demo --fail-on none --output json=/dev/stderr").stderr.lstrip()[0]
        == "{"
    )


@LINUX
@pytest.mark.parametrize("output", ["/dev/stdout", "/dev/fd/1", "/dev/stderr", "/dev/fd/2", "{log}"])
def test_what_is_written_already_goes_on(tmp_path: Path, output: str) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    to = output.format(log=log)
    shell(f"snowfence scan fixtures/clean --output csv={to} >> {log} 2>&1")
    text = log.read_text("utf-8")
    assert text.startswith("before\n")
    assert "severity,confidence,rule" in text
    assert "No findings in" in text
    assert names(tmp_path) == ["log"]


def test_a_closed_input() -> None:
    done = shell("snowfence comment - --dry-run --repository o/r --pull-request 1 <&-")
    assert done.returncode == 2
    assert done.stderr.startswith("snowfence: standard input is closed")


@ROOTED
def test_what_may_not_be_written_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("before")
    file.chmod(0o444)
    with pytest.raises(UsageError, match="Permission denied"):
        emit("after", str(file))
    assert file.read_text() == "before"


# ---------------------------------------------------------------- what a terminal can show


@pytest.mark.parametrize(
    ("environment", "terminal", "shown"),
    [
        ({"TERM_PROGRAM": "WezTerm"}, True, True),
        ({"TERM_PROGRAM": "WezTerm"}, False, False),
        ({"TERM_PROGRAM": "WezTerm", "CI": "true"}, True, False),
        ({"TERM_PROGRAM": "WezTerm", "TERM": "dumb"}, True, False),
        ({"TERM_PROGRAM": "WezTerm", "TERM": "screen-256color"}, True, False),
        ({"TERM_PROGRAM": "WezTerm", "FORCE_HYPERLINK": "0"}, True, False),
        ({"FORCE_HYPERLINK": "1", "CI": "true"}, False, True),
        ({"VTE_VERSION": "5000"}, True, True),
        ({"VTE_VERSION": "4999"}, True, False),
        ({"VTE_VERSION": "²"}, True, False),
        ({"TERM": "xterm-kitty"}, True, True),
        ({"WT_SESSION": "1-2"}, True, True),
        ({"TERM_PROGRAM": "Apple_Terminal"}, True, False),
        ({"NO_COLOR": "1", "TERM_PROGRAM": "vscode"}, True, True),
        ({}, True, False),
    ],
)
def test_links(
    environment: dict[str, str], terminal: bool, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CI", "TERM_PROGRAM", "VTE_VERSION", "WT_SESSION", "KONSOLE_VERSION", "KITTY_WINDOW_ID", "DOMTERM", "FORCE_HYPERLINK"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"TERM": "xterm-256color"} | environment).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    assert links() is shown


def test_names_of_rules_lead_to_their_pages(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["scan", "fixtures/demo", "--fail-on", "none", "--now", NOW]
    assert main(command) == 0
    plain = capsys.readouterr().out
    monkeypatch.setenv("FORCE_HYPERLINK", "1")
    for colour in ("", "1"):
        monkeypatch.setenv("FORCE_COLOR", colour)
        assert main(command) == 0
        out = capsys.readouterr().out
        page = f"{HOME}/blob/v{__version__}/docs/rules/concurrency-limits.md"
        assert f"[\x1b]8;;{page}\x1b\\concurrency-limits\x1b]8;;\x1b\\]" in out
        if not colour:
            parts = out.split("\x1b]8;;")
            assert parts[0] + "".join(part.partition("\x1b\\")[2] for part in parts[1:]) == plain


def test_checks_of_a_policy_are_no_links(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tmp_path / "snowfence.yaml"
    policy.write_text(
        "snowfence: 1\nchecks:\n  ours:\n    title: T\n    why: W\n    fix: F\n    severity: low\n    select: workflow\n"
        "    message: m\n    require: {path: other}\n",
        "utf-8",
    )
    monkeypatch.setenv("FORCE_HYPERLINK", "1")
    assert main(["scan", "fixtures/demo", "--policy", str(policy), "--fail-on", "none"]) == 0
    assert "low[ours]" in capsys.readouterr().out


def test_what_is_not_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    assert unicode()
    done = shell(
        "snowfence why nixpkgs fixtures/demo && snowfence graph fixtures/demo --format text",
        PYTHONIOENCODING="ascii",
    )
    assert done.returncode == 0
    assert "flake.lock -> nixpkgs" in done.stdout
    assert "|-- " in done.stdout and "`-- " in done.stdout
    assert "├" not in done.stdout and "\\u251c" not in done.stdout
