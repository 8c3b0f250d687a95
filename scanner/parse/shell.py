"""The commands of a shell script, as far as they can be told without running it.

A tolerant reader for POSIX shell and bash (POSIX.1-2024, "Shell Command Language"; bash's arrays, `[[ … ]]`, `((…))`):
quotes, escapes, comments, continuation lines, here-documents, substitutions, `case`, functions, and `${{ … }}` as opaque
text. Keywords, assignments and wrappers (`sudo`, `env`, `timeout`, …) in front of a command are not its words. Every
character of a word knows where it stands in the script. It never fails: what it cannot read ends a word. Linear in the
script.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.parse.shell_reader import ENDS, MAX_SUBSTITUTIONS, WordReader
from scanner.parse.shell_words import KEYWORDS, Command, Redirection, Text, Word, split

_OPEN: Final = frozenset("if while until for select {".split())
_CLOSE: Final = frozenset("fi done }".split())
_BRANCHES: Final = frozenset("then else elif".split())
_LOOPS: Final = frozenset(("for", "select"))

MAX_BLOCKS: Final = 12
"""Branches in one another that are told apart."""


def commands(script: str) -> Iterator[Command]:
    """The simple commands of a script in the order in which they stand, those of `$(…)` before their host."""
    return iter(_Scanner(script, 0, len(script), 0, ()).scan())


class _Line:
    """The words of the command that is being read; `index` is its place among the found once it is complete. `first` says
    whether the last word stands where a command begins."""

    __slots__ = (
        "_leads", "array", "chained", "first", "group", "index", "input", "pipe", "redirections", "words"
    )  # fmt: skip

    def __init__(self, pipe: int | None = None, group: int | None = None) -> None:
        self.array: list[Word] = []
        self.chained = False
        self.pipe = pipe
        self.group = group
        self.redirections: list[Redirection] = []
        self.words: list[Word] = []
        self.input: Word | None = None
        self.index: int | None = None
        self.first = True
        self._leads = True

    def add(self, word: Word) -> None:
        self.words.append(word)
        self.first = self._leads
        self._leads = self._leads and word.text in KEYWORDS


class _Heredoc(NamedTuple):
    tag: str
    strip: bool
    quoted: bool
    line: _Line


class _Scanner(WordReader):
    """Reads a part of a script; `shell` is the one that it runs in."""

    def __init__(self, script: str, start: int, end: int, depth: int, shell: tuple[int, ...]) -> None:
        super().__init__(script, start, end)
        self.depth = depth
        self.shell = shell
        self.found: list[Command] = []
        self.heredocs: list[_Heredoc] = []
        self.shells = 0
        self.block: tuple[int, ...] = ()

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
        outer = self.block
        at = self._read_list(at, depth, closer, _Blocks(outer))
        self.block = outer
        return at

    def _read_list(self, at: int, depth: int, closer: str, blocks: "_Blocks") -> int:
        script, size = self.script, self.size
        line, cases = _Line(), 0
        opened: list[int] = []  # where the loops, `if`s, `case`s and groups begin that are not closed yet
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
                chained = line.chained and not line.words
                line = self._emit(line, line.pipe if not line.words else None)
                line.chained = chained
                at = self._read_heredocs(at + 1)
            elif char == "(":
                at, line = self._opened(at, line, depth)
            elif char in "<>" or script.startswith("&>", at):
                at = self._redirection(at, depth, line)
            elif char == "|" and not script.startswith("||", at):
                line = self._emit(line, at, piped=True)
                at += 2 if script.startswith("|&", at) else 1
            elif char in ";&|)":
                line = self._emit(line)
                line.chained = script.startswith(("&&", "||"), at) or script[at - 1 : at + 1] == "&&"
                ends_case = cases > 0 and script.startswith((";;", ";&"), at)
                at += 2 if char == "|" else 1
                if ends_case:
                    while script[at : at + 1] in (";", "&"):
                        at += 1
                    at, more = self._patterns(at, depth)
                    cases -= 0 if more else 1
                    self.block = blocks.branch(at) if more else blocks.close()
                    line.group = None if more or not opened else opened.pop()
            else:
                word, at = self._word(at, depth)
                if word.text.isdigit() and script[at : at + 1] in ("<", ">"):  # `2>&1`: a descriptor
                    continue
                line.add(word)
                if word.text in _OPEN and (line.first or line.words[0].text == "function"):
                    opened.append(word.start)
                    self.block = blocks.open(word.start, word.text == "{")
                elif word.text in _CLOSE and line.first:
                    line.group = opened.pop() if opened else None
                    self.block = blocks.close()
                elif word.text in _BRANCHES and line.first:
                    self.block = blocks.branch(word.start)
                elif word.text == "case" and line.first:
                    opened.append(word.start)
                    at, of = self._case_head(at, depth)
                    self._tested((word, of), line)
                    at, more = self._patterns(at, depth)
                    cases += more
                    self.block = blocks.open(at, False) if more else self.block
                    line = _Line(None, None if more else opened.pop())
                elif word.text == "esac" and line.first:
                    cases = max(0, cases - 1)
                    line.group = opened.pop() if opened else None
                    self.block = blocks.close()
                elif word.text == "[[" and line.first:
                    at, tested = self._test(at, depth)
                    self._tested((word, *tested), line)
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
                return self._array(at + 1, depth, line), line
        if self._is_arithmetic(at):
            return self._closers()[at] + 1, _Line()
        line = self._emit(line)
        if depth >= MAX_SUBSTITUTIONS:
            return at + 1, line
        line.group = at
        return self._subshell(at + 1, depth), line

    def _array(self, at: int, depth: int, line: _Line) -> int:
        while at < self.size:
            char = self.script[at]
            if char == ")":
                return at + 1
            if char == "#":
                at = self._line_end(at)
            elif char in ENDS:
                at += 1
            else:
                value, at = self._word(at, depth)
                line.array.append(value)
        return at

    def _case_head(self, at: int, depth: int) -> tuple[int, Word]:
        """Behind `case WORD in`, and this word."""
        of, at = self._word(self._blank(at), depth)
        return self._word(self._blank(at), depth)[1], of

    def _patterns(self, at: int, depth: int) -> tuple[int, bool]:
        """Behind the `)` of a clause's patterns, and whether there was a clause: `esac` ends them."""
        at = self._blank(at)
        if self.script.startswith("esac", at) and self.script[at + 4 : at + 5] in ("", *ENDS):
            return at + 4, False
        at += self.script.startswith("(", at)
        while at < self.size:
            char = self.script[at]
            if char == ")":
                return at + 1, True
            at = at + 1 if char in ENDS else self._word(at, depth)[1]
        return at, False

    def _tested(self, words: tuple[Word, ...], line: _Line) -> None:
        """Keeps a test that is no command."""
        self.found.append(Command((), self.shell, block=self.block, chained=line.chained, test=words))

    def _test(self, at: int, depth: int) -> tuple[int, list[Word]]:
        """Behind the `]]` of a `[[ … ]]`, whose operators look like those between commands, with its words."""
        words: list[Word] = []
        while at < self.size:
            if self.script[at] in ENDS:
                at += 1
            else:
                word, at = self._word(at, depth)
                words.append(word)
                if word.text == "]]":
                    break
        return at, words

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

    def _inner(self, start: int, end: int, depth: int) -> "_Scanner":
        """For a part of the script that is read on its own, in a shell of its own."""
        self.shells += 1
        inner = _Scanner(self.script, start, end, depth + 1, (*self.shell, self.shells))
        inner.shells = self.shells
        inner.block = self.block
        return inner

    def _take(self, inner: "_Scanner", found: list[Command]) -> None:
        self.found += found
        self.shells = inner.shells

    def _run(self, start: int, end: int, depth: int) -> None:
        inner = self._inner(start, end, depth)
        self._take(inner, inner.scan())

    # ------------------------------------------------------------ redirections

    def _redirection(self, at: int, depth: int, line: _Line) -> int:
        """Notes `> file`, what `<<EOF` and `<<<` give to the command, and `<(…)`, which is a word of it."""
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
            end = self._subshell(at + 2, depth)
            line.add(Word(script[at:end], ((0, at),), True))
            return end
        begin = at
        at += 1
        while script[at : at + 1] in (">", "&", "|"):
            at += 1
        operator, at = script[begin:at], self._gap(at)
        if script.startswith(("<(", ">("), at) and depth < MAX_SUBSTITUTIONS:
            return self._subshell(at + 2, depth)
        if script[at : at + 1] in ("", *ENDS):
            return at
        target, at = self._word(at, depth)
        if not operator.endswith("&") or target.text.strip("0123456789-"):  # `2>&1`: a descriptor
            line.redirections.append(Redirection(operator, target))
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
        if not heredoc.quoted and self.depth < MAX_SUBSTITUTIONS:
            # The shell runs the substitutions in it before the command reads it.
            inner, read = self._inner(begin, end, self.depth), Text(begin)
            inner._quoted(begin, self.depth + 1, read, "")
            text.computed = read.computed
            self._take(inner, inner.found)
        if heredoc.line.index is not None:
            command = self.found[heredoc.line.index]
            self.found[heredoc.line.index] = command._replace(input=text.word())

    def _emit(self, line: _Line, pipe: int | None = None, *, piped: bool = False) -> _Line:
        """Keeps a command that is complete; answers the line for the next one, which reads from a `pipe`."""
        words, assignments, bare = split(line.words)
        loop = () if words or assignments else _loop(line.words)
        ends = line.group is not None and (piped or line.input is not None)
        if words or assignments or line.redirections or bare or loop or ends:
            line.index = len(self.found)
            group = line.group if not words else None
            self.found.append(
                Command(
                    words,
                    self.shell,
                    assignments,
                    line.input,
                    tuple(line.redirections),
                    line.pipe,
                    group,
                    bare,
                    loop,
                    tuple(line.array),
                    self.block,
                    line.chained,
                )
            )
        return _Line(pipe)


class _Blocks:
    """The branches and loops that are open in a list of commands. A `{ … }` is none: it always runs."""

    __slots__ = ("_open", "_outer")

    def __init__(self, outer: tuple[int, ...]) -> None:
        self._outer = outer
        self._open: list[tuple[int, ...]] = []

    def open(self, at: int, always: bool) -> tuple[int, ...]:
        self._open.append(() if always else (at,))
        return self._path()

    def branch(self, at: int) -> tuple[int, ...]:
        """Another branch of the innermost one begins."""
        if self._open and self._open[-1]:
            self._open[-1] = (self._open[-1][0], at)
        return self._path()

    def close(self) -> tuple[int, ...]:
        if self._open:
            self._open.pop()
        return self._path()

    def _path(self) -> tuple[int, ...]:
        here = self._open[:MAX_BLOCKS] + (self._open[-1:] if len(self._open) > MAX_BLOCKS else [])
        return (*self._outer[:MAX_BLOCKS], *[at for one in here for at in one])


def _loop(words: list[Word]) -> tuple[Word, ...]:
    """The variable of a `for` and what it goes over."""
    for number, word in enumerate(words[:3]):
        if word.text in _LOOPS:
            name, items = words[number + 1 : number + 2], words[number + 2 :]
            if not name or not name[0].text.isidentifier():
                return ()
            return (*name, *(items[1:] if items and items[0].text == "in" else items))
    return ()
