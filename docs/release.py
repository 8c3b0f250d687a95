"""What must agree before a release: `python -m docs.release v1.2.3` prints what the changelog says of it, or ends with 1."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from scanner import __version__

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"


class Refused(NamedTuple):
    """Why there can be no release of this name."""

    reason: str


def notes(tag: str, version: str, changelog: str) -> str | Refused:
    """What the changelog says of the release that the tag names, in Markdown."""
    if tag != f"v{version}":
        return Refused(
            f"the tag is {tag}, but scanner/__init__.py says {version}; the tag of that is v{version}"
        )
    heading = re.search(rf"(?m)^## \[{re.escape(version)}\](.*)$", changelog)
    if heading is None:
        return Refused(f"CHANGELOG.md has no section `## [{version}] - YYYY-MM-DD`; rename `## [Unreleased]`")
    dated = re.fullmatch(r" - (\d{4}-\d{2}-\d{2})", heading[1])
    try:
        date.fromisoformat(dated[1] if dated else "")
    except ValueError:
        return Refused(f"the section of CHANGELOG.md needs its date: `## [{version}] - YYYY-MM-DD`")
    section = re.split(r"(?m)^(?:## |\[[^\]]+\]: )", changelog[heading.end() :])[0].strip()
    return f"{section}\n" if section else Refused(f"CHANGELOG.md says nothing of {version}")


def main(arguments: Sequence[str]) -> int:
    """The command; the tag is its only argument."""
    if len(arguments) != 1:
        print("usage: python -m docs.release TAG", file=sys.stderr)
        return 2
    match notes(arguments[0], __version__, CHANGELOG.read_text("utf-8")):
        case Refused(reason):
            print(f"no release: {reason}", file=sys.stderr)
            return 1
        case text:
            print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
