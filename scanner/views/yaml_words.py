"""Texts of others as YAML: values that every reader takes for what they are, and comments that stay comments."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanner.model.secrets import masked
from scanner.report.escape import bounded

_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./@")
_WORDS: Final = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n", ".inf", ".nan"))


def word(text: str) -> str:
    """A text without secrets as a YAML scalar that every reader takes for that text, on one line."""
    text = masked(text)
    # `.5` is a number, `.github` is none.
    if text.removeprefix(".")[:1].isalpha() and set(text) <= _PLAIN and text.lower() not in _WORDS:
        return text
    return f'"{"".join(_escaped(char) for char in text)}"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if " " <= char <= "~":
        return char
    code = ord(char)
    if 0xD800 <= code < 0xE000:  # a byte that was no text: YAML has no way to write it
        return "?"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def value(data: Any) -> str:
    """Options as they stand in a policy, on one line."""
    match data:
        case bool():
            return str(data).lower()
        case int():
            return str(data)
        case tuple() | list():
            return f"[{', '.join(value(one) for one in data)}]"
        case Mapping():
            return f"{{{', '.join(f'{word(str(name))}: {value(one)}' for name, one in data.items())}}}"
    return word(str(data))


def wrapped(text: str, width: int) -> Iterator[str]:
    """The words of a text in lines."""
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    if line:
        yield line


def remark(text: str, indent: int) -> str:
    return f"{' ' * indent}# {prose(text)}"


def prose(text: str) -> str:
    """A text inside a comment: one line, of characters that YAML allows."""
    return bounded(masked(text)).replace("\ufffe", "?").replace("\uffff", "?").strip()
