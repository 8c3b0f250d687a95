"""Where a path leads that a step names: below the workspace, or at a known place outside of it."""

from posixpath import normpath
from typing import Final

TEMPORARY: Final = "$RUNNER_TEMP"
HOME: Final = "~"

# What a path may begin with, by the place that it stands for: `.` is the current folder, the empty text the workspace.
_BEGINNINGS: Final = {
    "$GITHUB_WORKSPACE": "",
    "${GITHUB_WORKSPACE}": "",
    "$env:GITHUB_WORKSPACE": "",
    "${{github.workspace}}": "",
    "${{env.GITHUB_WORKSPACE}}": "",
    "/github/workspace": "",
    "$PWD": ".",
    "${PWD}": ".",
    "$(pwd)": ".",
    "`pwd`": ".",
    "$RUNNER_TEMP": TEMPORARY,
    "${RUNNER_TEMP}": TEMPORARY,
    "$env:RUNNER_TEMP": TEMPORARY,
    "${{runner.temp}}": TEMPORARY,
    "$TMPDIR": TEMPORARY,
    "$HOME": HOME,
    "${HOME}": HOME,
    "~": HOME,
}


def place_of(text: str, here: str | None = "") -> str | None:
    """The place of a file or folder that is named in the folder `here`.

    Relative to the workspace (`""` for itself), else as `/tmp/x`, `$RUNNER_TEMP/x`, `~/x` or `../x`; None when only a run can
    tell.
    """
    text = text.strip().replace("\\", "/")
    if "${{" in text:
        start, _, rest = text.partition("${{")
        name, closed, rest = rest.partition("}}")
        text = f"{start}${{{{{''.join(name.split())}}}}}{rest}" if closed else text
    base = here
    for beginning, meant in _BEGINNINGS.items():
        if text.startswith(beginning) and text[len(beginning) : len(beginning) + 1] in ("", "/"):
            text = text[len(beginning) :].lstrip("/") or "."
            base = here if meant == "." else meant
            break
    if "$" in text or "`" in text or text == "-":
        return None
    if text.startswith("/"):
        return normpath(text)
    if base is None:
        return None
    joined = normpath(f"{base}/{text}" if base else text or ".")
    return "" if joined == "." else joined


def is_outside(path: str) -> bool:
    """Whether a place lies outside of the workspace."""
    return path.startswith(("/", "..", "~", "$"))


def lies_in(path: str, folder: str) -> bool:
    """Whether a place is a folder or lies somewhere below it."""
    if not folder:
        return not is_outside(path)
    return path == folder or path.startswith(f"{folder}/")
