"""Without `--online` nobody is asked: every command runs in a process in which a socket cannot even be made."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from scanner.cli.formats import FORMATS
from scanner.cli.knowledge import COMMANDS as OF_KNOWLEDGE
from scanner.cli.main import COMMANDS
from scanner.cli.policy import COMMANDS as OF_POLICY
from tests.support import CORPUS, NOW, ROOT, clean_environment

PROGRAM: Final = """
import io, json, sys, traceback
from contextlib import redirect_stdout, redirect_stderr

def forbid(event, arguments):
    if event.startswith("socket.") and event != "socket.gethostname":
        opened.append(f"{event} of {' '.join(now)}")
        raise RuntimeError("no sockets here")
    if event in ("import",) and arguments[0] in ("requests", "urllib3", "dulwich"):
        opened.append(f"the import of {arguments[0]} in {' '.join(now)}")

opened, now, codes = [], [], []
sys.addaudithook(forbid)
from scanner.cli.main import main
for now in json.load(sys.stdin):
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as said:
        try:
            code = main(now)
        except SystemExit as error:
            code = error.code
        except Exception:
            code = traceback.format_exc()
    if code not in (0, 1):
        codes.append([now, code, said.getvalue()[-500:]])
if sys.argv[1:] == ["proof"]:
    import socket
    try:
        socket.socket()
    except RuntimeError:
        pass
json.dump([opened, codes], sys.stdout)
"""
"""Runs command lines, and prints which of them wanted a socket and which went wrong."""

SETTINGS: Final = {
    "GITHUB_TOKEN": "planted-0123456789abcdefghijklmnopqrstuv",
    "GH_HOST": "git.example.org",
    "GITHUB_SERVER_URL": "https://git.example.org",
}
"""What makes nobody go online who was not told to."""


def commands(repository: Path, scratch: Path) -> dict[str, list[list[str]]]:
    """Command lines of every command over a repository."""
    root, now = str(repository), ["--now", NOW]
    lock = repository / "flake.lock"
    return {
        "scan": [["scan", root, "--policy", "strict", "--format", format, *now] for format in FORMATS],
        "inputs": [["inputs", root, "--transitive", *now]],
        "diff": [["diff", str(lock), str(lock), *now]] if lock.is_file() else [],
        "exposure": [["exposure", root, *now]],
        "comment": [["comment", "README.md", "--key", "x", "--repository", "o/r", "--pull-request", "1", "--dry-run"]],
        "sbom": [["sbom", root, "--output", str(scratch / "sbom.json"), "--output", f"spdx-json={scratch / 'spdx.json'}", *now]],
        "graph": [["graph", root, "--format", "json", "--taint", *now]],
        "why": [["why", "actions/checkout", root], ["why", "nixpkgs", root]],
        "score": [["score", root, "--policy", "strict", *now]],
        "policy": [
            ["policy", "check"],
            ["policy", "show", root],
            ["policy", "test"],
            ["policy", "init", root, "--output", "-", *now],
            ["policy", "accept", str(_copied(repository, scratch)), *now],
        ],
        "knowledge": [["knowledge"], ["knowledge", "show"]],
        "schema": [["schema", "nodes"], ["schema", "policy"]],
        "rules": [["rules"]],
        "explain": [["explain", "impostor-commit"]],
    }  # fmt: skip


def _copied(repository: Path, scratch: Path) -> Path:
    """Findings are accepted in a copy of the workflows: the file of them is written into the repository."""
    copy = scratch / repository.name
    copy.mkdir(parents=True, exist_ok=True)
    for file in (repository / ".github").rglob("*.yml"):
        if file.is_file():
            there = copy / file.relative_to(repository)
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(file.read_bytes())
    return copy


def asked(
    lines: list[list[str]], scratch: Path, *arguments: str
) -> tuple[list[str], list[tuple[list[str], object, str]]]:
    """Which command lines wanted a socket, and which did not end well."""
    environment = clean_environment(XDG_CACHE_HOME=str(scratch / "cache"), **SETTINGS)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        input=json.dumps(lines),
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        env=environment,
        check=True,
    )
    opened, codes = json.loads(done.stdout)
    return opened, codes


def _wrong(codes: list[tuple[list[str], object, str]]) -> list[object]:
    """What did not end well. Not every repository has what `why` is asked for."""
    return [(line, code, said) for line, code, said in codes if line[0] != "why" or code != 2]


def test_every_command_is_run(tmp_path: Path) -> None:
    """A new command gets a row here."""
    rows = commands(Path("fixtures/demo"), tmp_path)
    assert set(rows) == set(COMMANDS)
    assert {line[1] for line in rows["policy"]} == set(OF_POLICY)
    assert {line[1] for line in rows["knowledge"] if line[1:]} == set(OF_KNOWLEDGE) - {
        "update"
    }  # that asks, by its name


def test_the_hook_would_see_a_socket(tmp_path: Path) -> None:
    """Proves that the tests here can fail."""
    opened, _ = asked([], tmp_path, "proof")
    assert opened == ["socket.__new__ of "]


def test_an_online_scan_is_seen(tmp_path: Path) -> None:
    opened, _ = asked([["scan", "fixtures/demo", "--online"]], tmp_path)
    assert opened


@pytest.mark.parametrize("name", sorted(one.name for one in (ROOT / "fixtures").iterdir() if one.is_dir()))
def test_no_command_opens_a_socket(name: str, tmp_path: Path) -> None:
    lines = [line for lines in commands(Path("fixtures") / name, tmp_path).values() for line in lines]
    opened, codes = asked(lines, tmp_path)
    assert not opened
    assert not _wrong(codes)


def over_corpus(scratch: Path, share: int = 1) -> list[list[str]]:
    """Command lines over every real repository: a scan in one of the formats, and the other commands, those whose turn it is when there is
    a `share` of them for each."""
    lines = []
    index: dict[str, Any] = json.loads((CORPUS / "INDEX.json").read_text("utf-8"))
    for number, name in enumerate(sorted(index["entries"])):
        rows = commands(CORPUS / name, scratch / str(number))
        scans, why, policies = rows.pop("scan"), rows.pop("why"), rows.pop("policy")
        about_it = [line for line in policies if line[1] in ("show", "init", "accept")]
        about_it += [
            line
            for command in ("inputs", "diff", "exposure", "sbom", "graph", "score")
            for line in rows[command]
        ]
        lines += [scans[number % len(scans)], *[why[number % len(why)], *about_it][number % share :: share]]
    return lines


NEEDS_CORPUS: Final = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of real repositories is not beside the checkout"
)


@NEEDS_CORPUS
@pytest.mark.parametrize("half", [0, 1])
def test_no_command_opens_a_socket_over_real_repositories(half: int, tmp_path: Path) -> None:
    """A scan of each, and every command over some."""
    lines = over_corpus(tmp_path, share=4)
    assert {line[0] for line in lines} == set(COMMANDS) - {
        "comment",
        "knowledge",
        "schema",
        "rules",
        "explain",
    }
    opened, codes = asked(lines[half::2], tmp_path)
    assert not opened
    assert not _wrong(codes)


@NEEDS_CORPUS
@pytest.mark.registry  # for `make test-all`: it takes minutes
def test_no_command_at_all_opens_a_socket_over_real_repositories(tmp_path: Path) -> None:
    opened, codes = asked(over_corpus(tmp_path), tmp_path)
    assert not opened
    assert not _wrong(codes)
