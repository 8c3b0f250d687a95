"""What the core asks of the world outside the process; `scanner.adapters` answers, `scanner.cli` connects."""

from pathlib import Path
from typing import Protocol


class Repository(Protocol):
    """The version control of a folder."""

    def toplevel(self, folder: Path) -> Path | None:
        """The root of the checkout that holds `folder`, or None when there is none."""

    def visible_files(self, root: Path) -> list[str] | None:
        """Paths below `root`, relative to it and with `/`, that are tracked or not ignored; a path with a
        trailing `/` is a checkout of its own. None when `root` is not in a checkout or git cannot answer."""
