"""Regular expressions of checks. They are RE2's: its time grows with the text and no faster, whatever the pattern is. It is loaded with
the first pattern."""

from typing import Final

from scanner.analysis.attributes.attribute import Missing

MAX_LENGTH: Final = 1000
"""Characters of a pattern."""

MAX_TEXT: Final = 100_000
"""Characters of a text that is searched."""

_MAX_MEMORY: Final = 1024 * 1024
"""Bytes that the program of a pattern may take; RE2 refuses a pattern that needs more (`a{1000}{1000}`)."""

_LOOK: Final = ("(?=", "(?!", "(?<=", "(?<!", "(?>")


class Pattern:
    """A pattern that can be asked; it is looked for anywhere in a text. Answers are kept, since a call into RE2 costs more than most
    other operators and texts come again."""

    __slots__ = ("_known", "_search", "text")

    def __init__(self, text: str) -> None:
        """Raises ValueError with what is wrong."""
        import re2  # type: ignore[import-untyped]

        if len(text) > MAX_LENGTH:
            raise ValueError(f"the pattern is longer than {MAX_LENGTH} characters")
        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MAX_MEMORY
        try:
            self._search: Final = re2.compile(text, options=options).search
        except (re2.error, UnicodeEncodeError) as error:
            raise ValueError(f"{_said(error)}{_advice(text)}") from None
        self.text: Final = text
        self._known: Final[dict[str, bool]] = {}

    def matches(self, text: str) -> bool | Missing:
        if len(text) > MAX_TEXT:
            return Missing(
                f"a text of {len(text):,} characters is too long to search, more than {MAX_TEXT:,}"
            )
        found = self._known.get(text)
        if found is None:
            # Half of a pair of UTF-16, which JSON can hold, is no character.
            whole = text.encode("utf-8", "replace").decode()
            found = self._known[text] = self._search(whole) is not None
        return found


def _said(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _advice(text: str) -> str:
    if any(part in text for part in _LOOK):
        return "; RE2 knows no look-ahead, look-behind or atomic groups, so use two operators, or `not`"
    if any(f"\\{digit}" in text for digit in "123456789") or "(?P=" in text:
        return "; RE2 knows no back-references"
    return "; patterns are written as RE2 reads them"
