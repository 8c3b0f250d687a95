"""The program that a `shell:` names, and which of them read another language than bash."""

from typing import Final

POWERSHELL: Final = frozenset(("pwsh", "powershell"))
OTHERS: Final = frozenset("cmd python python3 node perl ruby nu deno bun".split())
"""Programs whose scripts are in languages that are not read."""


def program(text: str) -> str:
    """`bash` of `/usr/bin/bash -e {0}`."""
    words = text.split(maxsplit=1)
    return words[0].replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe") if words else ""
