"""Filters that leave nothing of a text by which it could mean more than a word: letters, digits, numbers, digests."""

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from scanner.parse.shell_words import Command

MAX_FILTER: Final = 2_000
"""Characters of a filter that are looked at."""

_FIELDS: Final = re.compile(r"(?<![\w./-])(?:\.[A-Za-z_]\w*(?:\[\d*\])?)+")
_HARMLESS: Final = (
    "sha", "oid", "number", "id", "state", "merged", "draft", "login", "_at", "createdat", "length", "type",
)  # fmt: skip
_CLASS: Final = re.compile(r"^[\w\s:\[\]._/@+,-]*$")
_OPEN_CLASS: Final = ("[:print:]", "[:graph:]", "[:punct:]", "[:ascii:]")
_LOOSE: Final = re.compile(r"(?<!\\)\.[*+?{]|\\[SDWX]|\[\^|=|\[:(?:print|graph|punct)|(?<!\\)\.")


def is_clean(command: "Command") -> bool:
    """Whether a filter lets nothing through by which a text could mean more than a word: letters, digits and a few signs."""
    texts = command.texts
    if command.program == "tr":
        options = [one for one in texts[1:3] if one.startswith("-")]
        if any("c" in one.lower() and "d" in one for one in options) or options == ["-c", "-d"]:
            kept = texts[-1]
            return (
                not any(one in kept for one in _OPEN_CLASS)
                and _CLASS.match(kept) is not None
                and "\\n" not in kept
            )
    if command.program in ("grep", "egrep", "rg"):
        options = [one for one in texts[1:] if one.startswith("-")]
        patterns = [one for one in texts[1:] if not one.startswith("-")]
        if any(one == "--only-matching" or (one[1:2] != "-" and "o" in one) for one in options) and patterns:
            return _LOOSE.search(patterns[0]) is None
        return any(one == "--count" or (one[1:2] != "-" and "c" in one) for one in options)
    return False


def is_harmless_field(command: str) -> bool:
    """Whether a command with jq takes nothing but numbers, digests and the like, where it reads what GitHub answers."""
    quote = min((command.find(one) for one in ("'", '"') if one in command), default=-1)
    filter = command[quote : command.rfind(command[quote]) + 1] if quote >= 0 else command
    fields = [match[0].rpartition(".")[2] for match in _FIELDS.finditer(filter[:MAX_FILTER])]
    return bool(fields) and all(field.lower().endswith(_HARMLESS) for field in fields)
