"""The commands of a shell script, as far as they can be told without running it.

A tolerant tokenizer for POSIX shell and bash: quotes, escapes, comments, continuation lines, here-documents,
command substitution, `${{ … }}` as opaque text. Keywords, assignments and wrappers (`sudo`, `env`, `time`, …) in
front of a command are skipped; the words of a command are unquoted. It never fails: what it cannot read ends a
word. Linear in the script.
"""

from collections.abc import Iterator
from typing import NamedTuple

MAX_SUBSTITUTIONS = 20
"""Levels of `$(…)`, subshells and quotes in one another that are looked into."""


class Command(NamedTuple):
    """`words[0]` is the program as written; `start` is the offset of its first character in the script.

    `words` that hold a variable or substitution keep it as text (`$DIR`). `pushed` is the number of subshells
    around the command: a `cd` inside one does not outlive it.
    """

    words: tuple[str, ...]
    start: int
    pushed: int


_SEPARATORS = frozenset(";&|\n(){}")
_KEYWORDS = frozenset(
    "if then elif else fi while until do done for case esac in select function ! { } time coproc".split()
)
_WRAPPERS = frozenset("sudo doas env command exec nice nohup builtin timeout stdbuf xvfb-run ionice".split())
_WRAPPER_VALUES = frozenset(("-u", "-g", "-C", "--user", "--group", "-n", "-k", "-s", "--signal"))


def commands(script: str) -> Iterator[Command]:
    """The simple commands of a script in the order in which they stand, those of `$(…)` before their host."""
    return iter(_Scanner(script).scan())


class _Scanner:
    def __init__(self, script: str) -> None:
        self.script = script
        self.found: list[Command] = []
        self.heredocs: list[tuple[str, bool]] = []

    def scan(self) -> list[Command]:
        self._list(0, 0, "")
        return self.found

    def _list(self, at: int, depth: int, closer: str) -> int:
        """Reads commands until `closer` (or the end); answers the offset behind it."""
        script, size = self.script, len(self.script)
        words: list[str] = []
        starts: list[int] = []
        while at < size:
            char = script[at]
            if closer and char == closer:
                self._emit(words, starts, depth)
                return at + 1
            if char in " \t\r":
                at += 1
            elif char == "\\" and script.startswith(("\\\n", "\\\r\n"), at):
                at += 2 if script[at + 1] == "\n" else 3
            elif char == "#":
                newline = script.find("\n", at)
                at = size if newline < 0 else newline
            elif char == "\n":
                self._emit(words, starts, depth)
                words, starts = [], []
                at = self._skip_heredocs(at + 1)
            elif char == "(":
                self._emit(words, starts, depth)
                words, starts = [], []
                at = self._list(at + 1, depth + 1, ")") if depth < MAX_SUBSTITUTIONS else at + 1
            elif char in "<>":
                at = self._redirection(at, depth)
            elif char in _SEPARATORS:
                self._emit(words, starts, depth)
                words, starts = [], []
                at += 1
            else:
                start = at
                word, at = self._word(at, depth)
                if not (word.isdigit() and script[at : at + 1] in ("<", ">")):  # `2>&1`: a descriptor
                    words.append(word)
                    starts.append(start)
        self._emit(words, starts, depth)
        return at

    def _word(self, at: int, depth: int) -> tuple[str, int]:
        script, size = self.script, len(self.script)
        parts: list[str] = []
        while at < size:
            char = script[at]
            if char == "'":
                end = script.find("'", at + 1)
                end = size if end < 0 else end
                parts.append(script[at + 1 : end])
                at = end + 1
            elif char == '"':
                at = self._quoted(at + 1, depth, parts)
            elif char == "\\":
                if script.startswith("\\\n", at):
                    at += 2
                else:
                    parts.append(script[at + 1 : at + 2])
                    at += 2
            elif char == "$":
                at = self._dollar(at, depth, parts)
            elif char == "`":
                at = self._backquoted(at, depth, parts)
            elif (char == "{" or char == "}") and parts:
                parts.append(char)
                at += 1
            elif char in " \t\r\n;&|()<>":
                break
            else:
                end = at + 1
                while end < size and script[end] not in " \t\r\n;&|()<>'\"\\$`{}":
                    end += 1
                parts.append(script[at:end])
                at = end
        return "".join(parts), at

    def _quoted(self, at: int, depth: int, parts: list[str]) -> int:
        script, size = self.script, len(self.script)
        while at < size:
            char = script[at]
            if char == '"':
                return at + 1
            if char == "\\":
                parts.append(script[at + 1 : at + 2])
                at += 2
            elif char == "$":
                at = self._dollar(at, depth, parts)
            elif char == "`":
                at = self._backquoted(at, depth, parts)
            else:
                end = at + 1
                while end < size and script[end] not in '"\\$`':
                    end += 1
                parts.append(script[at:end])
                at = end
        return at

    def _dollar(self, at: int, depth: int, parts: list[str]) -> int:
        script = self.script
        if script.startswith("${{", at):
            end = script.find("}}", at)
            end = len(script) if end < 0 else end + 2
        elif script.startswith("$((", at):
            end = script.find("))", at)
            end = len(script) if end < 0 else end + 2
        elif script.startswith("$(", at) and depth < MAX_SUBSTITUTIONS:
            end = self._list(at + 2, depth + 1, ")")
        elif script.startswith("${", at):
            end = script.find("}", at)
            end = len(script) if end < 0 else end + 1
        else:
            end = at + 1
        parts.append(script[at:end])
        return end

    def _backquoted(self, at: int, depth: int, parts: list[str]) -> int:
        script = self.script
        end = script.find("`", at + 1)
        end = len(script) if end < 0 else end
        inner = _Scanner(script[at + 1 : end])
        self.found += (
            Command(command.words, command.start + at + 1, command.pushed + depth + 1)
            for command in inner.scan()
        )
        parts.append(script[at : end + 1])
        return end + 1

    def _redirection(self, at: int, depth: int) -> int:
        """Skips `> file`, `2>&1`, `<<EOF`, …; remembers here-documents."""
        script = self.script
        if script.startswith("<<<", at):
            at += 3
        elif script.startswith("<<", at):
            strip = script.startswith("<<-", at)
            at += 3 if strip else 2
            while script[at : at + 1] in (" ", "\t"):
                at += 1
            tag, at = self._word(at, depth)
            if tag:
                self.heredocs.append((tag, strip))
            return at
        elif script.startswith(("<(", ">("), at) and depth < MAX_SUBSTITUTIONS:
            return self._list(at + 2, depth + 1, ")")
        else:
            at += 1
            while script[at : at + 1] in (">", "&", "|"):
                at += 1
        while script[at : at + 1] in (" ", "\t"):
            at += 1
        return self._word(at, depth)[1]

    def _skip_heredocs(self, at: int) -> int:
        for tag, strip in self.heredocs:
            while at < len(self.script):
                end = self.script.find("\n", at)
                end = len(self.script) if end < 0 else end
                line = self.script[at:end].rstrip("\r")
                at = end + 1
                if (line.lstrip("\t") if strip else line) == tag:
                    break
        self.heredocs.clear()
        return at

    def _emit(self, words: list[str], starts: list[int], depth: int) -> None:
        first = _first_of_command(words)
        if first < len(words):
            self.found.append(Command(tuple(words[first:]), starts[first], depth))


def _first_of_command(words: list[str]) -> int:
    """The index of the program: behind keywords, assignments and wrappers with their options."""
    at, wrapped = 0, False
    while at < len(words):
        word = words[at]
        if word in _KEYWORDS or _is_assignment(word):
            at += 1
        elif word in _WRAPPERS:
            wrapped = True
            at += 1
        elif wrapped and word.startswith("-"):
            at += 2 if word in _WRAPPER_VALUES else 1
        elif wrapped and word[:1].isdigit():  # the duration of `timeout`
            at += 1
        else:
            break
    return at


def _is_assignment(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.removesuffix("+").isidentifier()
