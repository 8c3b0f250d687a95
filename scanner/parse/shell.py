"""The commands of a shell script, as far as they can be told without running it.

A tolerant reader for POSIX shell and bash (POSIX.1-2024, "Shell Command Language"; bash's arrays, `[[ … ]]`, `((…))`):
quotes, escapes, comments, continuation lines, here-documents, substitutions, `case`, functions, and `${{ … }}` as opaque
text. Keywords, assignments and wrappers (`sudo`, `env`, `timeout`, …) in front of a command are not its words. Every
character of a word knows where it stands in the script. It never fails: what it cannot read ends a word. Linear in the
script.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.parse.shell_words import KEYWORDS, Command, Text, Word, split

MAX_SUBSTITUTIONS: Final = 20
"""Levels of `$(…)`, subshells and quotes in one another that are looked into."""


_ENDS: Final = frozenset(" \t\r\n;&|()<>")
_PLAIN_ENDS: Final = frozenset(" \t\r\n;&|()<>'\"\\$`")
_ESCAPED_IN_QUOTES: Final = frozenset('$`"\\')


def commands(script: str) -> Iterator[Command]:
    """The simple commands of a script in the order in which they stand, those of `$(…)` before their host."""
    return iter(_Scanner(script, 0, len(script), 0, ()).scan())


class _Line:
    """The words of the command that is being read; `index` is its place among the found once it is complete."""

    __slots__ = ("index", "input", "words")

    def __init__(self) -> None:
        self.words: list[Word] = []
        self.input: Word | None = None
        self.index: int | None = None

    @property
    def first(self) -> bool:
        """Whether the last word stands where a command begins."""
        return all(word.text in KEYWORDS for word in self.words[:-1])


class _Heredoc(NamedTuple):
    tag: str
    strip: bool
    quoted: bool
    line: _Line


class _Scanner:
    """Reads a part of a script; `shell` is the one that it runs in."""

    def __init__(self, script: str, start: int, end: int, depth: int, shell: tuple[int, ...]) -> None:
        self.script = script
        self.start = start
        self.size = end
        self.depth = depth
        self.shell = shell
        self.found: list[Command] = []
        self.heredocs: list[_Heredoc] = []
        self.shells = 0
        self._closed: dict[int, int] | None = None

    def scan(self) -> list[Command]:
        self._list(self.start, self.depth, "")
        return self.found

    def _subshell(self, at: int, depth: int) -> int:
        """Reads `( … )` behind its `(`; answers the offset behind it."""
        outer = self.shell
        self.shells += 1
        self.shell = (*outer, self.shells)
        at = self._list(at, depth + 1, ")")
        self.shell = outer
        return at

    def _list(self, at: int, depth: int, closer: str) -> int:
        """Reads commands until `closer` (or the end); answers the offset behind it."""
        script, size = self.script, self.size
        line, cases = _Line(), 0
        while at < size:
            char = script[at]
            if char == closer:
                self._emit(line)
                return at + 1
            if char in " \t\r":
                at += 1
            elif char == "\\" and script.startswith(("\\\n", "\\\r\n"), at):
                at += 2 if script[at + 1] == "\n" else 3
            elif char == "#":
                at = self._line_end(at)
            elif char == "\n":
                line = self._emit(line)
                at = self._read_heredocs(at + 1)
            elif char == "(":
                at, line = self._opened(at, line, depth)
            elif char in "<>" or script.startswith("&>", at):
                at = self._redirection(at, depth, line)
            elif char in ";&|)":
                line = self._emit(line)
                ends_case = cases > 0 and script.startswith((";;", ";&"), at)
                at += 1
                if ends_case:
                    while script[at : at + 1] in (";", "&"):
                        at += 1
                    at, more = self._patterns(at, depth)
                    cases -= 0 if more else 1
            else:
                word, at = self._word(at, depth)
                if word.text.isdigit() and script[at : at + 1] in ("<", ">"):  # `2>&1`: a descriptor
                    continue
                line.words.append(word)
                if word.text == "case" and line.first:
                    at, more = self._patterns(self._case_head(at, depth), depth)
                    cases += more
                    line = _Line()
                elif word.text == "esac" and line.first:
                    cases = max(0, cases - 1)
                elif word.text == "[[" and line.first:
                    at = self._test(at, depth)
                    line = _Line()
        self._emit(line)
        return at

    # ------------------------------------------------------------ compound commands

    def _opened(self, at: int, line: _Line, depth: int) -> tuple[int, _Line]:
        """Behind `(`: a function's empty parameters, an array, arithmetic or a subshell."""
        script = self.script
        if line.words:
            inner = at + 1
            while script[inner : inner + 1] in (" ", "\t"):
                inner += 1
            if script[inner : inner + 1] == ")":
                return inner + 1, _Line()
            if script[at - 1] == "=" and line.words[-1].text.endswith("="):
                return self._array(at + 1, depth), line
        if self._is_arithmetic(at):
            return self._closers()[at] + 1, _Line()
        line = self._emit(line)
        if depth >= MAX_SUBSTITUTIONS:
            return at + 1, line
        return self._subshell(at + 1, depth), line

    def _array(self, at: int, depth: int) -> int:
        while at < self.size:
            char = self.script[at]
            if char == ")":
                return at + 1
            if char == "#":
                at = self._line_end(at)
            elif char in _ENDS:
                at += 1
            else:
                at = self._word(at, depth)[1]
        return at

    def _case_head(self, at: int, depth: int) -> int:
        """Behind `case WORD in`."""
        for _ in range(2):
            at = self._word(self._blank(at), depth)[1]
        return at

    def _patterns(self, at: int, depth: int) -> tuple[int, bool]:
        """Behind the `)` of a clause's patterns, and whether there was a clause: `esac` ends them."""
        at = self._blank(at)
        if self.script.startswith("esac", at) and self.script[at + 4 : at + 5] in ("", *_ENDS):
            return at + 4, False
        at += self.script.startswith("(", at)
        while at < self.size:
            char = self.script[at]
            if char == ")":
                return at + 1, True
            at = at + 1 if char in _ENDS else self._word(at, depth)[1]
        return at, False

    def _test(self, at: int, depth: int) -> int:
        """Behind the `]]` of a `[[ … ]]`, whose operators look like those between commands."""
        while at < self.size:
            if self.script[at] in _ENDS:
                at += 1
            else:
                word, at = self._word(at, depth)
                if word.text == "]]":
                    break
        return at

    def _blank(self, at: int) -> int:
        """Behind spaces, line breaks and comments."""
        while at < self.size and self.script[at] in " \t\r\n#\\":
            if self.script[at] == "#":
                at = self._line_end(at)
            elif self.script[at] == "\\" and not self.script.startswith(("\\\n", "\\\r\n"), at):
                break
            else:
                at += 1
        return at

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

    # ------------------------------------------------------------ words

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
                at = self._dollar(at, depth, text)
            elif char == "`":
                at = self._backquoted(at, depth, text)
            elif char == "(" and at > begin and script[at - 1] in "@?+!*":  # a pattern: `*.@(a|b)`
                end = script.find(")", at, self._line_end(at))
                end = at + 1 if end < 0 else end + 1
                text.add(script[at:end], at)
                at = end
            elif char in _ENDS:
                break
            else:
                end = at + 1
                while end < size and script[end] not in _PLAIN_ENDS:
                    end += 1
                text.add(script[at:end], at)
                at = end
        return text.word(), min(max(at, begin + 1), size)

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
        elif script.startswith("$((", at) and self._is_arithmetic(at + 1):
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
        if depth < MAX_SUBSTITUTIONS:
            inner = self._inner(at + 1, end, depth)
            self._take(inner, inner.scan())
        text.add(self.script[at : end + 1], at)
        return end + 1

    def _inner(self, start: int, end: int, depth: int) -> "_Scanner":
        """For a part of the script that is read on its own, in a shell of its own."""
        self.shells += 1
        inner = _Scanner(self.script, start, end, depth + 1, (*self.shell, self.shells))
        inner.shells = self.shells
        return inner

    def _take(self, inner: "_Scanner", found: list[Command]) -> None:
        self.found += found
        self.shells = inner.shells

    # ------------------------------------------------------------ redirections

    def _redirection(self, at: int, depth: int, line: _Line) -> int:
        """Skips `> file`, `2>&1`, …; notes what `<<EOF` and `<<<` give to the command."""
        script = self.script
        if script.startswith("<<<", at):
            at = self._gap(at + 3)
            line.input, at = self._word(at, depth)
            return at
        if script.startswith("<<", at):
            strip = script.startswith("<<-", at)
            at = self._gap(at + (3 if strip else 2))
            begin = at
            tag, at = self._word(at, depth)
            if tag.text:
                quoted = any(mark in script[begin:at] for mark in "'\"\\")
                self.heredocs.append(_Heredoc(tag.text, strip, quoted, line))
            return at
        if script.startswith(("<(", ">("), at) and depth < MAX_SUBSTITUTIONS:
            return self._subshell(at + 2, depth)
        at += 1
        while script[at : at + 1] in (">", "&", "|"):
            at += 1
        at = self._gap(at)
        return self._word(at, depth)[1] if script[at : at + 1] not in ("", *_ENDS) else at

    def _gap(self, at: int) -> int:
        while self.script[at : at + 1] in (" ", "\t"):
            at += 1
        return at

    def _read_heredocs(self, at: int) -> int:
        """Behind the here-documents that begin at a line."""
        waiting, self.heredocs = self.heredocs, []
        for heredoc in waiting:
            begin = end = at
            while at < self.size:
                newline = self._line_end(at)
                line = self.script[at:newline].rstrip("\r")
                begins, at = at, min(newline + 1, self.size)
                if (line.lstrip("\t") if heredoc.strip else line) == heredoc.tag:
                    end = begins
                    break
                end = at
            self._give(heredoc, begin, end)
        return at

    def _give(self, heredoc: _Heredoc, begin: int, end: int) -> None:
        text = Text(begin)
        if heredoc.strip:
            at = begin
            while at < end:
                newline = min(self._line_end(at) + 1, end)
                while at < newline and self.script[at] == "\t":
                    at += 1
                text.add(self.script[at:newline], at)
                at = newline
        else:
            text.add(self.script[begin:end], begin)
        if heredoc.line.index is not None:
            command = self.found[heredoc.line.index]
            self.found[heredoc.line.index] = command._replace(input=text.word())
        if not heredoc.quoted and self.depth < MAX_SUBSTITUTIONS:
            # The shell runs the substitutions in it before the command reads it.
            inner = self._inner(begin, end, self.depth)
            inner._quoted(begin, self.depth + 1, Text(begin), "")
            self._take(inner, inner.found)

    def _emit(self, line: _Line) -> _Line:
        """Keeps a command that is complete; answers the line for the next one."""
        words, assignments = split(line.words)
        if words or assignments:
            line.index = len(self.found)
            self.found.append(Command(words, self.shell, assignments, line.input))
        return _Line()
