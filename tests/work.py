"""How much work a scan is: counted as lines of ours that run, not as time, so that the machine does not matter."""

import io
import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from types import FrameType
from typing import Any

from scanner.cli.main import main
from tests.support import NOW, ROOT

SCANNER = str(ROOT / "scanner")


def scan(folder: Path) -> dict[str, Any]:
    printed = io.StringIO()
    with redirect_stdout(printed):
        code = main(
            ["scan", str(folder), "--policy", "policies/strict.yaml", "--now", NOW, "--format", "json"]
        )
    assert code in (0, 1)
    found: dict[str, Any] = json.loads(printed.getvalue())
    return found


def work_of(folder: Path) -> int:
    """How many lines of the scanner run in a scan."""
    count = 0

    def line(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return line

    def call(frame: FrameType, event: str, argument: Any) -> Any:
        return line if frame.f_code.co_filename.startswith(SCANNER) else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        scan(folder)
    finally:
        sys.settrace(before)
    return count
