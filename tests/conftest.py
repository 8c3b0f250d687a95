"""Every test runs in the root of the project, with nothing of the caller's environment that changes output."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.support import ROOT

# The same examples in every run: a red build is about the change. `--hypothesis-profile=searching` looks for
# new ones. No deadlines: a slow machine is no failure.
settings.register_profile("reproducible", deadline=None, derandomize=True)
settings.register_profile("searching", deadline=None)
settings.load_profile("reproducible")

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
def _scrubbed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in _CHANGES_OUTPUT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(ROOT)
    yield
