"""A folder of tables: JSON or lines of text, each with its source and licence in it."""

import json
from pathlib import Path
from typing import Any


class Folder:
    __slots__ = ("path",)

    def __init__(self, path: Path) -> None:
        self.path = path

    def json(self, name: str) -> Any:
        return json.loads((self.path / name).read_text("utf-8"))

    def lines(self, name: str) -> list[str]:
        """The lines of a list, without its comments."""
        text = (self.path / name).read_text("utf-8")
        return [line for line in text.splitlines() if line and not line.startswith("#")]
