"""Systems without some of what POSIX has, as Windows: flags of `os.open`, ids of users, locks of files."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support import NOW, ROOT, clean_environment

POOR: Final = """
import os, sys
for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_DIRECTORY", "O_CLOEXEC", "getuid", "geteuid", "fchmod", "fchown", "chown"):
    if hasattr(os, name):
        delattr(os, name)
sys.modules["fcntl"] = None
"""

COMMANDS: Final = """
import io, json
from contextlib import redirect_stderr, redirect_stdout
from scanner.cli.main import main
for line in json.loads(sys.argv[1]):
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as said:
        code = main(line)
    assert code in (0, 1), (line, code, said.getvalue())
"""

KEEPING: Final = """
from datetime import UTC, datetime
from pathlib import Path
from scanner.adapters.answers import Answers, Question
from scanner.adapters.servers import servers_of
from scanner.adapters.sources.every import SOURCES
from scanner.adapters.sources.source import Seen
from scanner.adapters.sources.store import Store

folder = Path(sys.argv[1])
store = Store(folder / "tables")
with store.locked():
    store.remember(SOURCES[0], Seen({"etag of it": "1"}), "2026-11-22")
assert store.seen(SOURCES[0].name) == Seen({"etag of it": "1"})
answers = Answers(folder / "answers", lambda: datetime.now(UTC))
question = Question("about", "github.com", "/repos/a/b")
answers.keep(question, 1)
assert answers.get(question) is None  # whose a file is, nobody can tell there
assert servers_of({}, folder).remarks() == ()
"""


def run(program: str, argument: str, cache: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", POOR + program, argument],
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        env=clean_environment(XDG_CACHE_HOME=str(cache)),
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", ["scan", "sbom", "score", "inputs", "policy"])
def test_scans_work(command: str, tmp_path: Path) -> None:
    """Also over tables that were updated, which are read with more care than those that are shipped."""
    import json
    import shutil

    tables = tmp_path / "snowfence" / "knowledge"
    tables.mkdir(parents=True)
    shutil.copy(ROOT / "scanner" / "knowledge" / "data" / "flake-registry.json", tables)
    root = shutil.copytree(ROOT / "fixtures" / "demo", tmp_path / "demo")
    line = ["policy", "accept"] if command == "policy" else [command]
    run(COMMANDS, json.dumps([[*line, str(root), "--now", NOW]]), tmp_path)


def test_what_is_kept(tmp_path: Path) -> None:
    run(KEEPING, str(tmp_path), tmp_path)
