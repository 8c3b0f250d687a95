"""The program that a `shell:` names, and which of them read another language than bash."""

from typing import Final

POWERSHELL: Final = frozenset(("pwsh", "powershell"))
OTHERS: Final = frozenset("cmd python python3 node perl ruby nu deno bun".split())
"""Programs whose scripts are in languages that are not read."""

LONGEST: Final = 1_000
"""Characters of a `shell:` or of a runner's label that are looked at: each step of a job is asked for the job's."""


def program(text: str) -> str:
    """`bash` of `/usr/bin/bash -e {0}`."""
    start = text.lstrip()[: LONGEST + 1]
    words = start.split(maxsplit=1)
    if len(start) > LONGEST and not start[-1].isspace() and len(words) == 1:
        return ""  # a part of a name is none, and may be one of a secret
    return words[0].replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe") if words else ""
