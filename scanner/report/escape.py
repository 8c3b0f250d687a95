"""Makes hostile text safe to show: what a terminal or a workflow log would obey becomes a visible escape.

Characters: C0 and C1 controls with DEL and ESC, line and paragraph separators, every format character (bidirectional
controls of UAX #9, zero-width ones of UTR #36, tags), lone surrogates (bytes of a path that are not UTF-8), and the
letters and marks that have no glyph. Commands: the runner of GitHub Actions obeys a line of a log that starts with `::`
(ActionCommand.TryParseV2, after trimming) and a `##[` anywhere in it (ActionCommand.TryParse).
"""

from typing import Final

LIMIT: Final = 1000
"""Characters of one text that are shown."""

_CATEGORIES: Final = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
# Fillers, joiners and variation selectors: no glyph, and they can carry hidden text. U+FE0F stays: it makes
# the emoji of step names colourful.
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_BLANK_RANGES: Final = (("\ufe00", "\ufe0e"), ("\U000e0000", "\U000e0fff"))
_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    """One line of text that a terminal shows as it is."""
    if text.isascii() and text.isprintable():
        return text
    from unicodedata import category

    return "".join(
        [
            char
            if " " <= char <= "~"
            else _escape(char)
            if category(char) in _CATEGORIES
            or char in _BLANK
            or any(first <= char <= last for first, last in _BLANK_RANGES)
            else char
            for char in text
        ]
    )


def _escape(char: str) -> str:
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible_lines(text: str) -> str:
    """The same lines, each as a terminal shows it; a carriage return before a line feed belongs to the end of the line."""
    return "\n".join([visible(line.removesuffix("\r")) for line in text.split("\n")])


def bounded(text: str) -> str:
    """`visible`, and cut off behind `LIMIT` characters."""
    if len(text) <= LIMIT:
        return visible(text)
    return f"{visible(text[:LIMIT])}… ({len(text) - LIMIT} more characters)"


def inert(text: str) -> str:
    """The same lines, holding no workflow command. The last step of what is printed as text."""
    if "##[" in text:
        text = text.replace("##[", "\\x23#[")
    if "::" in text:
        # A carriage return ends a line as well, for a runner that reads them.
        lines = [[_inert_line(part) for part in line.split("\r")] for line in text.split("\n")]
        text = "\n".join(["\r".join(parts) for parts in lines])
    return text


def _inert_line(line: str) -> str:
    stripped = line.lstrip()
    if not stripped.startswith("::"):
        return line
    return f"{line[: len(line) - len(stripped)]}\\x3a{stripped[1:]}"


def inert_xml(text: str) -> str:
    """The same XML document, holding no workflow command and nothing that a terminal would obey: those characters are references. It must
    hold neither comments nor CDATA that do."""
    import re

    if not text.isascii():
        from unicodedata import category

        # C0 controls and surrogates are nothing that XML could hold, not even as references.
        wrong = {char for char in set(text) if char >= "\x7f" and category(char) in _CATEGORIES - {"Cs"}}
        text = text.translate({ord(char): f"&#x{ord(char):x};" for char in wrong})
    return re.sub(r"((?:^|[\n\r])[^\S\n\r]*):(?=:)", r"\1&#x3a;", text.replace("##[", "#&#x23;["))


def inert_json(text: str) -> str:
    """The same JSON document, holding no workflow command."""
    return text.replace("##[", "\\u0023#[")
