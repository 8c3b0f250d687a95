"""The words of a shell script, with the substitutions in them."""

from typing import Final

from scanner.parse.shell_words import Text, Word

MAX_SUBSTITUTIONS: Final = 20
"""Levels of `$(…)`, subshells and quotes in one another that are looked into."""

ENDS: Final = frozenset(" \t\r\n;&|()<>")
_PLAIN_ENDS: Final = frozenset(" \t\r\n;&|()<>'\"\\$`")
_ESCAPED_IN_QUOTES: Final = frozenset('$`"\\')
_ESCAPES: Final = {
    **dict(zip("abeEfnrtv", "\a\b\x1b\x1b\f\n\r\t\v", strict=True)),
    **{char: char for char in "'\"\\?"},
}
_NUMBERS: Final = {"x": (16, 2), "u": (16, 4), "U": (16, 8)}
_OCTAL: Final = "01234567"
_DIGITS: Final = "0123456789abcdefABCDEF"
_CODES: Final = 0x110000
"""There are no code points from here on."""
_SURROGATES: Final = range(0xD800, 0xE000)
_PARAMETERS: Final = frozenset("_@*#?-$!")


class WordReader:
    """Reads words in a part of a script; what stands in their substitutions is read by its subclass."""

    def __init__(self, script: str, start: int, end: int) -> None:
        self.script = script
        self.start = start
        self.size = end
        self._closed: dict[int, int] | None = None
        self._line = (0, 0)  # begin and end of the line of the last pattern
        self._unclosed = 0  # no `)` stands between the last pattern and here

    def _subshell(self, at: int, depth: int) -> int:
        """Reads `( … )` behind its `(`; answers the offset behind it."""
        raise NotImplementedError

    def _run(self, start: int, end: int, depth: int) -> None:
        """Reads a part of the script that runs in a shell of its own."""
        raise NotImplementedError

    def _word(self, at: int, depth: int) -> tuple[Word, int]:
        """The word at an offset and the offset behind it; at least one character is read."""
        script, size, begin = self.script, self.size, at
        text = Text(at)
        while at < size:
            char = script[at]
            if char == "'":
                end = script.find("'", at + 1, size)
                end = size if end < 0 else end
                text.add(script[at + 1 : end], at + 1)
                at = end + 1
            elif char == '"':
                at = self._quoted(at + 1, depth, text)
            elif char == "\\":
                if script.startswith(("\\\n", "\\\r\n"), at):
                    at += 2 if script[at + 1] == "\n" else 3
                else:
                    text.add(script[at + 1 : at + 2], at + 1)
                    at += 2
            elif char == "$":
                ansi = script.startswith("$'", at)
                at = self._ansi(at + 2, text) if ansi else self._dollar(at, depth, text)
            elif char == "`":
                at = self._backquoted(at, depth, text)
            elif char == "(" and at > begin and script[at - 1] in "@?+!*":  # a pattern: `*.@(a|b)`
                end = self._pattern_end(at)
                text.add(script[at:end], at)
                at = end
            elif char in ENDS:
                break
            else:
                end = at + 1
                while end < size and script[end] not in _PLAIN_ENDS:
                    end += 1
                text.add(script[at:end], at)
                at = end
        return text.word(), min(max(at, begin + 1), size)

    def _pattern_end(self, at: int) -> int:
        """Behind the `)` of a pattern; behind its `(` when its line has none. Each line is searched once."""
        if not self._line[0] <= at < self._line[1]:
            self._line, self._unclosed = (at, self._line_end(at)), 0
        end = self.script.find(")", at, self._line[1]) if at >= self._unclosed else -1
        if end < 0:
            self._unclosed = self._line[1]
        return end + 1 if end >= 0 else at + 1

    def _ansi(self, at: int, text: Text) -> int:
        """Reads `$'…'` behind its quote: a backslash escapes there (bash, "ANSI-C Quoting")."""
        script, size = self.script, self.size
        text.open(at)
        while at < size:
            char = script[at]
            if char == "'":
                return at + 1
            if char == "\\" and at + 1 < size:
                letter, behind = script[at + 1], at + 2
                base, most = _NUMBERS.get(letter, (8, 3) if letter in _OCTAL else (0, 0))
                first = at + 1 if base == 8 else at + 2
                digits = first
                while (
                    base
                    and digits < min(first + most, size)
                    and script[digits] in (_OCTAL if base == 8 else _DIGITS)
                ):
                    digits += 1
                if digits > first:
                    code = int(script[first:digits], base)
                    text.add(chr(code) if code < _CODES and code not in _SURROGATES else "?", at)
                    behind = digits
                elif letter in _ESCAPES:
                    text.add(_ESCAPES[letter], at if letter not in "'\"\\?" else at + 1)
                else:
                    text.add(script[at:behind], at)
                at = behind
            else:
                end = at + 1
                while end < size and script[end] not in "'\\":
                    end += 1
                text.add(script[at:end], at)
                at = end
        return at

    def _quoted(self, at: int, depth: int, text: Text, closer: str = '"') -> int:
        """Reads what stands between double quotes, or in a here-document without `closer`."""
        script, size = self.script, self.size
        text.open(at)
        while at < size:
            char = script[at]
            if char == closer:
                return at + 1
            if char == "\\":
                if script.startswith("\n", at + 1):
                    at += 2
                elif script[at + 1 : at + 2] in _ESCAPED_IN_QUOTES:
                    text.add(script[at + 1 : at + 2], at + 1)
                    at += 2
                else:
                    text.add(char, at)
                    at += 1
            elif char == "$":
                at = self._dollar(at, depth, text)
            elif char == "`":
                at = self._backquoted(at, depth, text)
            else:
                end = at + 1
                while end < size and script[end] not in '"\\$`':
                    end += 1
                text.add(script[at:end], at)
                at = end
        return at

    def _dollar(self, at: int, depth: int, text: Text) -> int:
        script, size = self.script, self.size
        if script.startswith("${{", at):
            end = script.find("}}", at, size)
            end = size if end < 0 else end + 2
            text.add(script[at:end], at)
            return end
        if script.startswith("$((", at) and self._is_arithmetic(at + 1):
            end = self._closers()[at + 1] + 1
        elif depth < MAX_SUBSTITUTIONS and script.startswith("$(", at):
            end = self._subshell(at + 2, depth)
        elif depth < MAX_SUBSTITUTIONS and script.startswith("${", at):
            end = self._braced(at + 2, depth + 1)
        elif script.startswith("${", at):
            end = script.find("}", at, size)
            end = size if end < 0 else end + 1
        elif script.startswith("$'", at) or script.startswith('$"', at):
            return at + 1  # the quotes count, the dollar is none of the text
        else:
            end = at + 1
            text.computed |= script[end : end + 1].isalnum() or script[end : end + 1] in _PARAMETERS
        text.computed |= end > at + 1
        text.add(script[at:end], at)
        return end

    def _braced(self, at: int, depth: int) -> int:
        """Behind the `}` of a `${…}`, in whose words further substitutions may stand."""
        script, size, ignored = self.script, self.size, Text(at)
        while at < size:
            char = script[at]
            if char == "}":
                return at + 1
            if char == "\\":
                at += 2
            elif char == "$":
                at = self._dollar(at, depth, ignored)
            elif char == "`":
                at = self._backquoted(at, depth, ignored)
            else:
                at += 1
        return size

    def _backquoted(self, at: int, depth: int, text: Text) -> int:
        end = self.script.find("`", at + 1, self.size)
        end = self.size if end < 0 else end
        text.computed = True
        if depth < MAX_SUBSTITUTIONS:
            self._run(at + 1, end, depth)
        text.add(self.script[at : end + 1], at)
        return end + 1

    def _line_end(self, at: int) -> int:
        newline = self.script.find("\n", at, self.size)
        return self.size if newline < 0 else newline

    def _is_arithmetic(self, at: int) -> bool:
        """Whether the `((` at an offset is closed by `))`: else it is a subshell in a subshell."""
        if not self.script.startswith("((", at):
            return False
        closed = self._closers()
        return at in closed and closed.get(at + 1) == closed[at] - 1

    def _closers(self) -> dict[int, int]:
        """The place of the `)` for every `(`, quotes not looked at; made once, when a `((` is met."""
        if self._closed is None:
            self._closed = {}
            opened: list[int] = []
            for at in range(self.start, self.size):
                if self.script[at] == "(":
                    opened.append(at)
                elif self.script[at] == ")" and opened:
                    self._closed[opened.pop()] = at
        return self._closed

    def _gap(self, at: int) -> int:
        while self.script[at : at + 1] in (" ", "\t"):
            at += 1
        return at
