"""Every test runs in the root of the project, with nothing of the caller's environment that changes output."""

from collections.abc import Iterator

import pytest

from tests.support import ROOT

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
