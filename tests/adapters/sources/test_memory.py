"""Servers that send what is small on the way and large in memory: an update has a bound, whatever comes.

The update runs in a process of its own, which may not take more address space than it has plus `MOST` (of Linux: other systems count
differently).
"""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.adapters.bounded_json import MOST_VALUES
from tests.feeds import GITHUB_PATH, KEV_PATH, OSV_PATH, advisory, index, urls, zipped
from tests.server import Answer, Asked, Server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and RLIMIT_AS")

MOST = 200 << 20
UPDATE = """
import resource, sys
from datetime import date
from pathlib import Path

from scanner.adapters.http import HttpClient
from scanner.adapters.sources.every import SOURCES
from scanner.adapters.sources.store import Store
from scanner.adapters.sources.update import Before, update
from scanner.knowledge.folder import Folder
from scanner.knowledge.tables import DATA

name, url, folder, most = sys.argv[1:]
tables = Folder(DATA, Path(folder))
sources = [source for source in SOURCES if source.name == name]
taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + int(most), resource.RLIM_INFINITY))
before = Before(tables.json, frozenset())
for done in update(sources, HttpClient(), Store(Path(folder)), before, date(2026, 11, 23), urls={name: url}):
    print(getattr(done.outcome, "reason", "done"))
"""

VALUES = MOST_VALUES // 2 - 10_000
"""Empty objects in a document that is still read."""


def packed(body: bytes, **headers: str) -> Answer:
    return Answer(200, gzip.compress(body, 1, mtime=0), {"Content-Encoding": "gzip"} | headers)


def empty(number: int) -> bytes:
    return b"[" + b"{}," * number + b"{}]"


def said(server: Server, source: str, folder: Path) -> str:
    """What an update from one source says."""
    ran = subprocess.run(
        [sys.executable, "-c", UPDATE, source, urls(server)[source], str(folder / "tables"), str(MOST)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


@pytest.mark.parametrize("megabytes", [3, 30])
def test_a_catalogue_of_nothing(server: Server, tmp_path: Path, megabytes: int) -> None:
    server.on(
        KEV_PATH, packed(b'{"x": "\xf0\x9f\x98\x80", "vulnerabilities": %b}' % empty(megabytes << 20 >> 2))
    )
    reason = said(server, "kev", tmp_path)
    assert reason == f"the server's answer has more than {MOST_VALUES:,} values" or "more than 4 MB" in reason


def test_a_catalogue_of_as_much_as_is_read(server: Server, tmp_path: Path) -> None:
    rows = b",".join(b'{"cveID":"CVE-2026-%06d"}' % number for number in range(MOST_VALUES // 3 - 10))
    server.on(KEV_PATH, packed(b'{"vulnerabilities":[%b]}' % rows))
    assert said(server, "kev", tmp_path).startswith("the answer has 0 of the advisories here")


def test_pages_of_nothing(server: Server, tmp_path: Path) -> None:
    def page(asked: Asked) -> Answer:
        number = len(server.asked)
        items = ",".join(json.dumps(advisory(f"GHSA-2222-2222-{number:02}{one:02}")) for one in range(99))
        link = {"Link": '<https://x/?after=a>; rel="next"'} if number < 23 else {}
        return packed(b'[%b, {"x": %b}]' % (items.encode(), empty(VALUES)), **link)

    server.on(GITHUB_PATH, page)
    assert said(server, "github-advisories", tmp_path) == "done"
    assert len(server.asked) == 24


def test_a_dump_of_nothing(server: Server, tmp_path: Path) -> None:
    record = empty(VALUES)
    members = {f"GHSA-{number:02}.json": record for number in range((16 << 20) // len(record))}
    server.on(f"{OSV_PATH}/modified_id.csv", Answer(200, index([])))
    server.on(f"{OSV_PATH}/all.zip", Answer(200, zipped(members)))
    assert "too few to be right" in said(server, "osv", tmp_path)
