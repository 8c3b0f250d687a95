"""The README for PyPI, where nothing lies beside it: what it links to and shows is named in full, as of the version that is built.

hatchling calls this when it builds (pyproject.toml, `tool.hatch.metadata.hooks.custom`), so it imports nothing of ours.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(?P<image>!?)(?P<text>\[[^\[\]]*\])\((?P<target>[^()\s]+)\)")


def description(readme: str, repository: str, version: str) -> str:
    """The text with absolute links.

    Args:
        readme: Markdown whose relative links start in the root of the repository.
        repository: its address on GitHub.
        version: the release; the links lead to its tag.
    """
    page = f"{repository}/blob/v{version}/"
    image = f"{repository}/raw/v{version}/"

    def absolute(link: re.Match[str]) -> str:
        if link["target"].startswith("#"):  # of the page itself
            return link[0]
        return f"{link['image']}{link['text']}({urljoin(image if link['image'] else page, link['target'])})"

    return _LINK.sub(absolute, readme)


class Readme(MetadataHookInterface):
    """Sets `project.readme`."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Args: metadata: the table `project`, with its version."""
        text = (Path(self.root) / "README.md").read_text("utf-8")
        said = description(text, metadata["urls"]["Homepage"], metadata["version"])
        metadata["readme"] = {"content-type": "text/markdown", "text": said}
