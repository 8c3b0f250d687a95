"""What programs make of a secret: what they print of their input and words, and the files that they keep it in."""

from typing import TYPE_CHECKING, Final

from scanner.analysis.taint.secret_values import Held, Value

if TYPE_CHECKING:
    from scanner.parse.shell_words import Command, Word

PRINTS: Final = frozenset(("echo", "printf"))
_SAME: Final = frozenset("cat tee tac sort uniq nl envsubst grep egrep fgrep base64 tr head tail".split())
_MAKES: Final = frozenset(
    "jq yq cut sed awk gawk rev fold xxd od hexdump gunzip zcat gzip openssl gpg base64 tr head tail grep egrep fgrep".split()
)
"""Programs that write what they make of their input."""
_NOTHING: Final = ("length", "keys", "type", "has(", "empty", "error")
"""Filters of jq that say nothing of the values."""


def written_by(command: "Command") -> "Word | None":
    """The file that an option names as the place for what a program makes."""
    words = command.words
    for index, word in enumerate(words):
        name, equals, _ = word.text.partition("=")
        if name in ("--output", "--out") and equals:
            return word.part(len(name) + 1)
        if word.text in ("-o", "--output", "-out", "--out") and command.program not in (
            "grep",
            "egrep",
            "fgrep",
        ):
            return words[index + 1] if index + 1 < len(words) else None
    return None


def printed_by(command: "Command", given: Value | None, arguments: Value | None) -> Value | None:
    """What a command prints of secrets in its input (`given`) and its words."""
    program = command.program
    if program in PRINTS:
        return arguments
    if program not in _SAME and program not in _MAKES:
        return None
    if given is not None:
        held = _made_of(program, command.texts[1:])
        if held is None:
            return None
        return given._replace(held=max(held, given.held))
    # What stands in the words of a filter is put into its text as it is.
    return arguments if program in ("jq", "yq", "sed", "awk", "gawk") else None


def _made_of(program: str, words: tuple[str, ...]) -> Held | None:
    """How much of its input a program writes out."""
    if program in ("jq", "yq"):
        filters = [word for word in words if not word.startswith("-")]
        if any(
            word.strip(". |").startswith(_NOTHING) or word.endswith(("| length", "| keys"))
            for word in filters[:1]
        ):
            return None
        return Held.PART
    if program == "base64":
        decodes = any(word in ("-d", "-D", "--decode", "-di", "-id") for word in words)
        return Held.PART if decodes else Held.WHOLE
    if program == "openssl":
        return Held.PART if "-d" in words else None
    if program == "gpg":
        decrypts = any(word in ("-d", "--decrypt") for word in words)
        return Held.PART if decrypts and not any(word.startswith("--passphrase") for word in words) else None
    if program == "tr":
        removed = words[1] if words[:1] == ("-d",) and len(words) > 1 else "x"
        return Held.WHOLE if not removed.replace("\\n", "").replace("\\r", "").strip() else Held.PART
    if program in ("head", "tail"):
        return Held.PART if any(word.startswith(("-c", "--bytes")) for word in words) else Held.WHOLE
    if program in ("grep", "egrep", "fgrep"):
        options = "".join(word[1:] for word in words if word.startswith("-") and not word.startswith("--"))
        if "q" in options or "c" in options:
            return None
        return Held.PART if "o" in options else Held.WHOLE
    return Held.PART if program in _MAKES else Held.WHOLE


def kept_by(command: "Command") -> str | None:
    """The file in which a program keeps what its words tell it."""
    texts = command.texts
    match texts[:2]:
        case ("git", "config"):
            return "~/.gitconfig" if "--global" in texts else ".git/config"
        case ("git", "remote"):
            return ".git/config"
        case ("npm" | "pnpm" | "yarn", "config"):
            return ".npmrc" if "project" in texts or "--location=project" in texts else "~/.npmrc"
        case ("docker", "login"):
            return "~/.docker/config.json"
        case ("aws", "configure"):
            return "~/.aws/credentials"
        case ("kubectl", "config"):
            return "~/.kube/config"
    return None
