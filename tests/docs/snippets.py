"""The fenced blocks of the documentation.

The words behind the language of a fence say what the block is: `file=NAME` is a file of that name, `bad` a workflow that shows what not to
do, so that our scan must find something in it. tests/test_policy_guide.py has more of them, for the guide.
"""

import re
import textwrap
from typing import NamedTuple

from tests.support import ROOT

FILES = [
    ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
] + sorted((ROOT / "docs").glob("*.md"))
GUIDE = "docs/policies.md"


class Snippet(NamedTuple):
    file: str
    line: int
    language: str
    words: tuple[str, ...]
    text: str

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def name(self) -> str:
        """The name of the file that it is; "" if it does not say."""
        return next((word.removeprefix("file=") for word in self.words if word.startswith("file=")), "")

    @property
    def is_workflow(self) -> bool:
        """Whether it is one for GitHub, also as part of a page about something else."""
        return self.language == "yaml" and re.search(r"(?m)^jobs:", self.text) is not None


def snippets() -> list[Snippet]:
    """Every fenced block of every document, in order."""
    found = []
    for file in FILES:
        lines = file.read_text("utf-8").splitlines()
        at = 0
        while at < len(lines):
            opening = re.match(r"\s*(`{3,})(\w*) ?(.*)", lines[at])
            at += 1
            if not opening:
                continue
            start = at
            while lines[at].strip() != opening[1]:
                at += 1
            text = textwrap.dedent("\n".join(lines[start:at])) + "\n"
            name = file.relative_to(ROOT).as_posix()
            found.append(Snippet(name, start, opening[2], tuple(opening[3].split()), text))
            at += 1
    return found
