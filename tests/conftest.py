"""Every test runs in the root of the project, with nothing of the caller's environment that changes output."""

import os
from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import settings

from tests.server import Server
from tests.support import ROOT

# The same examples in every run: a red build is about the change. `--hypothesis-profile=searching` looks for
# new ones. No deadlines: a slow machine is no failure.
settings.register_profile("reproducible", deadline=None, derandomize=True)
settings.register_profile("searching", deadline=None)
settings.load_profile("reproducible")

_TESTS = count()

_CHANGES_OUTPUT = (
    "NO_COLOR",
    "FORCE_COLOR",
    "SOURCE_DATE_EPOCH",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_WORK_TREE",
    "COLUMNS",
)


@pytest.fixture(autouse=True)
def _scrubbed(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    for name in _CHANGES_OUTPUT:
        monkeypatch.delenv(name, raising=False)
    # What a test keeps is its own, and nothing is there that the caller has: updated tables change every report.
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / f"cache-{next(_TESTS)}"))
    monkeypatch.chdir(ROOT)
    # What others may write to is not trusted.
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def server() -> Iterator[Server]:
    """A web server of the test's own, which answers as it is told."""
    with Server() as running:
        yield running
