"""The commands of a PowerShell script, as far as they can be told without running it.

A tolerant reader in one pass (Microsoft's "about_Parsing", "about_Quoting_Rules", "about_Redirection"): quotes, here-strings,
backticks, comments, blocks, pipelines, `--%`, `${{ … }}` as opaque text. What stands between brackets is read as commands of
their own, in front of the one around them. It never fails. Linear in the script.
"""

from collections.abc import Iterator
from typing import Final

from scanner.parse.shell_words import Command, Redirection, Text, Word

MAX_SUBSTITUTIONS: Final = 20
"""Levels of `"$("$(…)")"` that are looked into."""

_BLANK: Final = frozenset(" \t\r")
_ENDS: Final = frozenset(" \t\r\n;&|(){}<>")
_STOPS: Final = frozenset(" \t\r\n;&|(){}<>'\"`$")
_CLOSERS: Final = {"(": ")", "{": "}"}
_NAME: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:")


def commands(script: str) -> Iterator[Command]:
    """The commands of a script in the order in which they end."""
    return iter(_Reader(script, 0, len(script), 0).read())


class _Line:
    """The command that is being read, and the bracket that it stands in."""

    __slots__ = ("assigned", "closer", "pipe", "redirections", "start", "words")

    def __init__(self, closer: str, start: int = 0, pipe: int | None = None) -> None:
        self.closer = closer
        self.start = start
        self.pipe = pipe
        self.words: list[Word] = []
        self.assigned: list[Word] = []
        self.redirections: list[Redirection] = []


class _Reader:
    """Reads a part of a script; `depth` is the number of quoted texts around it."""

    def __init__(self, script: str, start: int, end: int, depth: int) -> None:
        self.script = script
        self.start = start
        self.size = end
        self.depth = depth
        self.found: list[Command] = []
        self.around: list[_Line] = []
        self.line = _Line("")

    def read(self) -> list[Command]:
        at = self.start
        while at < self.size:
            at = self._next(at)
        while self.around:
            self._emit()
            self.line = self.around.pop()
        self._emit()
        return self.found

    def _next(self, at: int) -> int:
        script, char = self.script, self.script[at]
        if char in _BLANK:
            return at + 1
        if char == "`" and script.startswith(("`\n", "`\r\n"), at):
            return at + (2 if script[at + 1] == "\n" else 3)
        if char == "#":
            return self._line_end(at)
        if script.startswith("<#", at):
            end = script.find("#>", at + 2, self.size)
            return self.size if end < 0 else end + 2
        if char == "\n":
            self._emit(self.line.pipe if not self.line.words else None)
        elif char == "|" and not script.startswith("||", at):
            self._emit(at)
        elif char in ";&|":
            self._emit()
        elif char in _CLOSERS:
            self.around.append(self.line)
            self.line = _Line(_CLOSERS[char], at)
        elif char in ")}":
            self._close(at)
        elif char in "<>":
            return self._redirection(at)
        else:
            return self._token(at)
        return at + 1

    def _close(self, at: int) -> None:
        """Behind a bracket, what stands in it is a word of the command around it."""
        if self.around and self.line.closer == self.script[at]:
            start = self.line.start
            self._emit()
            self.line = self.around.pop()
            self.line.words.append(Word(self.script[start : start + 1], ((0, start),), True))
        else:
            self._emit()

    def _token(self, at: int) -> int:
        line, script = self.line, self.script
        if script.startswith("--%", at) and script[at + 3 : at + 4] in ("", *_BLANK, "\n"):
            return self._line_end(at)
        if not line.words and script[at] == "$":
            end = self._assignment(at)
            if end > at:
                return end
        word, end = self._word(at)
        if script[end : end + 1] == ">" and (word.text.isdigit() or word.text == "*"):
            return end
        if line.words or word.text not in (".", "@"):  # `. program` runs it, `@(…)` is an array
            line.words.append(word)
        return end

    def _assignment(self, at: int) -> int:
        """Behind `$name =`, or where it began when it is something else."""
        end = at + 1
        while end < self.size and self.script[end] in _NAME:
            end += 1
        name, after = end, end
        while after < self.size and self.script[after] in " \t":
            after += 1
        if self.script.startswith("+=", after):
            after += 1
        if name == at + 1 or self.script[after : after + 1] != "=":
            return at
        self.line.assigned.append(Word(self.script[at:name], ((0, at),)))
        return after + 1

    def _redirection(self, at: int) -> int:
        script, begin = self.script, at
        while script[at : at + 1] in (">", "<"):
            at += 1
        operator = script[begin:at]
        if script[at : at + 1] == "&":  # `2>&1`
            return at + 2
        while script[at : at + 1] in (" ", "\t"):
            at += 1
        if script[at : at + 1] in ("", *_ENDS):
            return at
        target, at = self._word(at)
        self.line.redirections.append(Redirection(operator, target))
        return at

    # ------------------------------------------------------------ words

    def _word(self, at: int) -> tuple[Word, int]:
        """The word at an offset and the offset behind it; at least one character is read."""
        script, begin, text = self.script, at, Text(at)
        if script.startswith(("@'", '@"'), at):
            return self._here(at)
        while at < self.size:
            char = script[at]
            if char == "'":
                at = self._single(at + 1, text)
            elif char == '"':
                at = self._double(at + 1, text)
            elif char == "`" and at + 1 < self.size and script[at + 1] not in "\r\n":
                text.add(script[at + 1], at + 1)
                at += 2
            elif char == "$":
                end = self._variable(at, text)
                text.add(script[at:end], at)
                at = end
                if script[at : at + 1] == "(":
                    break
            elif char in _ENDS or char == "`":
                break
            else:
                end = at + 1
                while end < self.size and script[end] not in _STOPS:
                    end += 1
                text.add(script[at:end], at)
                at = end
        return text.word(), min(max(at, begin + 1), self.size)

    def _variable(self, at: int, text: Text) -> int:
        """Behind `$name`, `${name}`, `$env:name` or `${{ … }}`."""
        script = self.script
        if script.startswith("${", at):
            closer = "}}" if script.startswith("${{", at) else "}"
            end = script.find(closer, at, self.size)
            text.computed |= closer == "}"
            return self.size if end < 0 else end + len(closer)
        end = at + 1
        while end < self.size and script[end] in _NAME:
            end += 1
        text.computed |= end > at + 1 or script[end : end + 1] in ("(", "?", "$", "^")
        return end

    def _single(self, at: int, text: Text) -> int:
        text.open(at)
        while True:
            end = self.script.find("'", at, self.size)
            end = self.size if end < 0 else end
            text.add(self.script[at:end], at)
            if not self.script.startswith("''", end):
                return end + 1
            text.add("'", end)
            at = end + 2

    def _double(self, at: int, text: Text) -> int:
        script = self.script
        text.open(at)
        while at < self.size:
            char = script[at]
            if char == '"':
                if not script.startswith('""', at):
                    return at + 1
                text.add(char, at)
                at += 2
            elif char == "`":
                text.add(script[at + 1 : at + 2], at + 1)
                at += 2
            elif char == "$":
                end = self._variable(at, text)
                if end == at + 1 and script.startswith("(", end):
                    end = self._substituted(end)
                    if self.depth < MAX_SUBSTITUTIONS:
                        self.found += _Reader(script, at + 2, end, self.depth + 1).read()
                text.add(script[at:end], at)
                at = end
            else:
                end = at + 1
                while end < self.size and script[end] not in '"`$':
                    end += 1
                text.add(script[at:end], at)
                at = end
        return at

    def _substituted(self, at: int) -> int:
        """Behind the `(…)` of a `$(…)` in a quoted text, as far as brackets tell where it ends."""
        depth = 0
        while at < self.size:
            depth += {"(": 1, ")": -1}.get(self.script[at], 0)
            at += 1
            if depth == 0:
                break
        return at

    def _here(self, at: int) -> tuple[Word, int]:
        """A here-string: from the line behind `@"` to the line that begins with `"@`."""
        quote, text = self.script[at + 1], Text(at)
        begin = self._line_end(at) + 1
        end = self.script.find(f"\n{quote}@", begin - 1, self.size)
        stop = self.size if end < 0 else end
        text.add(self.script[begin:stop], begin)
        text.computed = quote == '"' and "$" in self.script[begin:stop]
        return text.word(), self.size if end < 0 else end + 3

    def _line_end(self, at: int) -> int:
        newline = self.script.find("\n", at, self.size)
        return self.size if newline < 0 else newline

    def _emit(self, pipe: int | None = None) -> None:
        line = self.line
        if line.words or line.redirections or line.assigned:
            self.found.append(
                Command(
                    tuple(line.words),
                    (),
                    tuple(line.assigned),
                    None,
                    tuple(line.redirections),
                    line.pipe,
                )
            )
        self.line = _Line(line.closer, line.start, pipe)
