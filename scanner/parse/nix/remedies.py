"""The commands that write a lock anew, as text to copy: nothing of the input stands in them that a shell would not take
for a plain word.

Measured with Nix 2.34.8: `nix flake lock ./folder` and `nix flake update NAME --flake ./folder` (since 2.19) read their
folder as a flake reference, in which `#`, `?` and `%` mean something else; `nix flake update` refuses names that are no ids.
"""

from typing import Final

from scanner.parse.nix.lock import DEVENV, LON, NIX, NPINS, Tool

LONGEST: Final = 200
"""Characters of a folder or a name that are put into a command."""

_PLAIN: Final = frozenset("_/.-")


def folder_of(tool: Tool, path: str) -> str:
    """The folder in which the tool of the lock at `path` is called; empty for the repository's root."""
    return path.rpartition("/")[0].removesuffix(tool.folder).rstrip("/")


def declared_in(tool: Tool, path: str) -> str:
    """The file that says what to lock, as a path from the repository's root."""
    folder = folder_of(tool, path)
    return f"{folder}/{tool.declared_in}" if folder else tool.declared_in


def relock(tool: Tool, path: str) -> str:
    """The command, in backticks, that takes over what is declared and updates as little as its tool can."""
    folder = folder_of(tool, path)
    if tool is not NIX:
        return update(tool, path)
    return f"`nix flake lock ./{folder}`" if folder and _is_plain(folder) else _in(folder, "nix flake lock")


def update(tool: Tool, path: str, name: str = "", *, frozen: bool = False) -> str:
    """The command, in backticks, that updates one input of the lock at `path`; all of them without a name, or when its tool
    takes no such name. `frozen` pins of npins and lon need a word more."""
    folder, given = folder_of(tool, path), _name(tool, name)
    if tool is NIX:
        command = " ".join((*tool.update, given) if given else tool.update)
        if folder and _is_plain(folder):
            return f"`{command} --flake ./{folder}`"
        return _in(folder, command)
    if not given:
        return _in(folder, " ".join(tool.update))
    if frozen and tool is NPINS:
        return _in(folder, " ".join((*tool.update_one, "--frozen", given)))
    command = " ".join((*tool.update_one, given))
    return _in(folder, f"lon unfreeze {given} && {command}" if frozen and tool is LON else command)


def _in(folder: str, command: str) -> str:
    if not folder:
        return f"`{command}`"
    word = _word(f"./{folder}" if folder.startswith("-") else folder)
    return f"`cd {word} && {command}`" if word is not None else f"`{command}` in the folder of the lock"


def _name(tool: Tool, name: str) -> str | None:
    """An input's name as a word of a command of its tool; None where it cannot be one."""
    if not name or name.startswith("-"):
        return None
    if tool in (NIX, DEVENV):
        return name if len(name) <= LONGEST and all(map(is_flake_id, name.split("/"))) else None
    return _word(name)


def is_flake_id(name: str) -> bool:
    """Whether Nix takes an input of that name in flake.nix's `follows` and on its command line."""
    plain = name.replace("-", "").replace("_", "")
    return plain.isascii() and plain.isalnum() and name[0].isalpha()


def _is_plain(text: str) -> bool:
    return len(text) <= LONGEST and all(
        (char.isascii() and char.isalnum()) or char in _PLAIN for char in text
    )


def _word(text: str) -> str | None:
    """The text as one word of a POSIX shell; None for what cannot be shown in backticks on one line."""
    if _is_plain(text):
        return text
    if len(text) > LONGEST or "`" in text or "://" in text or not text.isprintable():
        return None
    return "'" + text.replace("'", "'\\''") + "'"
