"""Words of a shell, which know where they stand, and the commands that they make."""

from bisect import bisect_right
from typing import Final, NamedTuple

_END_OF_TIME: Final = 1 << 62


class Word(NamedTuple):
    """An unquoted word; variables and substitutions are kept as text (`$DIR`).

    `pieces` are the stretches of `text` that stand in the script letter by letter, each as its index in `text` and its
    offset in the script; the first begins at 0. `computed` says that a variable or a substitution of the shell has a part in
    it (`'$DIR'` has none; `${{ … }}` is GitHub's and does not count).
    """

    text: str
    pieces: tuple[tuple[int, int], ...]
    computed: bool = False

    def offset(self, index: int) -> int:
        """Where a character of the text stands in the script."""
        start, at = self.pieces[bisect_right(self.pieces, (index, _END_OF_TIME)) - 1]
        return at + index - start

    @property
    def start(self) -> int:
        return self.pieces[0][1]

    @property
    def end(self) -> int:
        """The offset behind the last character, quotes not counted."""
        return self.offset(len(self.text) - 1) + 1 if self.text else self.start

    def part(self, start: int, end: int | None = None) -> "Word":
        """The word that a part of the text is."""
        end = len(self.text) if end is None else end
        return self.around(Word(self.text[start:end], ((0, start),), self.computed))

    def around(self, inner: "Word") -> "Word":
        """A word that was found in this one's text, at its place in this one's script."""
        pieces: list[tuple[int, int]] = []
        for number, (index, at) in enumerate(inner.pieces):
            last = number + 1 == len(inner.pieces)
            size = (len(inner.text) if last else inner.pieces[number + 1][0]) - index
            pieces.append((index, self.offset(at)))
            for place in range(bisect_right(self.pieces, (at, _END_OF_TIME)), len(self.pieces)):
                start, offset = self.pieces[place]
                if start >= at + size:
                    break
                pieces.append((index + start - at, offset))
        return Word(inner.text, tuple(pieces), inner.computed)


class Redirection(NamedTuple):
    """`> file`, `2>> file`, `< file`: the operator without its descriptor, and the file."""

    operator: str
    target: Word

    @property
    def writes(self) -> bool:
        return ">" in self.operator


class Command(NamedTuple):
    """A simple command: `words` begins with the program.

    `shell` names the subshell it runs in, by the way to it: a `cd` in `(1,)` is known in `(1, 2)` but not in `()`.
    `assignments` stand in front of it (alone when it has no words); `input` is what a here-document or here-string
    gives it to read. `redirections` are those of files. `pipe` is the offset of the `|` whose output it reads. `group` is the
    offset at which the loop, subshell or `{ … }` begins whose end it is: it then has redirections, an input or a pipe behind it, and no
    words. `bare` is the wrapper (`env`, `exec`, `xargs`, `time`) that stands there with no command behind it.

    `loop` is what a `for` goes over, its variable first; such a command has no words. `array` are the values of the arrays
    that `assignments` set. `block` names the branches and loops that it stands in, outermost first: what happens in one has
    happened in those that begin with it. `chained` says that it stands behind `&&` or `||`. `test` are the words of a `[[ … ]]`, which
    it begins with, or `case` and its word; such a command has no `words`.
    """

    words: tuple[Word, ...]
    shell: tuple[int, ...] = ()
    assignments: tuple[Word, ...] = ()
    input: Word | None = None
    redirections: tuple[Redirection, ...] = ()
    pipe: int | None = None
    group: int | None = None
    bare: str = ""
    loop: tuple[Word, ...] = ()
    array: tuple[Word, ...] = ()
    block: tuple[int, ...] = ()
    chained: bool = False
    test: tuple[Word, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple([word.text for word in self.words])

    @property
    def program(self) -> str:
        """The name of the program without its folder; empty for assignments alone."""
        return self.words[0].text.rpartition("/")[2] if self.words else ""

    def inside(self, outer: Word) -> "Command":
        """A command of a script that is itself a word of another one."""
        return Command(
            tuple([outer.around(word) for word in self.words]),
            self.shell,
            tuple([outer.around(word) for word in self.assignments]),
            outer.around(self.input) if self.input is not None else None,
            tuple([Redirection(one.operator, outer.around(one.target)) for one in self.redirections]),
            outer.offset(self.pipe) if self.pipe is not None else None,
            outer.offset(self.group) if self.group is not None else None,
            self.bare,
            tuple([outer.around(word) for word in self.loop]),
            tuple([outer.around(word) for word in self.array]),
            self.block,
            self.chained,
            tuple([outer.around(word) for word in self.test]),
        )


def start_of(command: Command) -> int:
    """The offset at which a command begins."""
    words = command.words or command.assignments or command.loop or command.test
    if command.words and command.assignments:
        return min(command.words[0].start, command.assignments[0].start)
    if words:
        return words[0].start
    if command.redirections:
        return command.redirections[0].target.start
    if command.group is None and command.pipe is not None:
        return command.pipe + 1  # `… | xargs`
    return command.group if command.group is not None else -1


def behind_bracket(text: str, at: int, end: int | None = None) -> int:
    """The index behind the `)` for the `(` at an index, quotes not looked at; the end when there is none."""
    depth, end = 0, len(text) if end is None else end
    while at < end:
        if text[at] == "(":
            depth += 1
        elif text[at] == ")":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return end


KEYWORDS: Final = frozenset(
    "if then elif else fi while until do done esac function ! { } time coproc".split()
)
_LOOPS: Final = frozenset(("for", "select"))
# Programs that run the command behind their options, with the options that take a value.
_WRAPPERS: Final = {
    name: frozenset(options.split())
    for name, options in {
        "sudo": "-u -g -C -h -p -r -t -T -U -D -R --user --group --chdir --host --prompt",
        "doas": "-u -C",
        "env": "-u -C --unset --chdir",
        "command": "",
        "exec": "-a",
        "builtin": "",
        "nice": "-n --adjustment",
        "ionice": "-c -n --class --classdata",
        "nohup": "",
        "setsid": "",
        "stdbuf": "-i -o -e",
        "timeout": "-k -s --signal --kill-after",
        "unbuffer": "",
        "chronic": "",
        "xargs": "-a -d -E -I -L -n -P -s --arg-file --delimiter --max-args --max-procs --replace",
        "xvfb-run": "-e -f -n -p -s -w",
    }.items()
}


class Text:
    """A word in the making."""

    __slots__ = ("begin", "computed", "parts", "pieces", "size")

    def __init__(self, begin: int) -> None:
        self.begin = begin
        self.computed = False
        self.parts: list[str] = []
        self.pieces: list[tuple[int, int]] = []
        self.size = 0

    def open(self, at: int) -> None:
        """Quotes begin: an empty text between them has a place too."""
        if not self.parts:
            self.begin = at

    def add(self, text: str, at: int) -> None:
        if text:
            last = self.pieces[-1] if self.pieces else None
            if last is None or last[1] + self.size - last[0] != at:
                self.pieces.append((self.size, at))
            self.parts.append(text)
            self.size += len(text)

    def word(self) -> Word:
        return Word("".join(self.parts), tuple(self.pieces) or ((0, self.begin),), self.computed)


def split(words: list[Word]) -> tuple[tuple[Word, ...], tuple[Word, ...], str]:
    """The words of the command itself, the assignments in front of it, and the wrapper that has no command behind it."""
    at, wrapper, timed = 0, "", False
    assignments: list[Word] = []
    while at < len(words):
        text = words[at].text
        name = text.rpartition("/")[2]
        if not wrapper and text in _LOOPS:
            return (), (), ""
        if not wrapper and text == "function":
            at += 2
        elif not wrapper and text in KEYWORDS:
            timed |= text == "time"
            at += 2 if text == "time" and words[at + 1 : at + 2] and words[at + 1].text == "-p" else 1
        elif is_assignment(text):
            assignments.append(words[at])
            at += 1
        elif name in _WRAPPERS:
            wrapper = name
            at += 1
        elif wrapper and text.startswith("-") and text != "-":
            at += 2 if text in _WRAPPERS[wrapper] else 1
        elif wrapper == "timeout" and text[:1].isdigit():
            at += 1
        else:
            break
    bare = "" if at < len(words) else wrapper or ("time" if timed and not assignments else "")
    return tuple(words[at:]), tuple(assignments), bare


def is_assignment(text: str) -> bool:
    """Whether a word in front of a command sets a variable."""
    name, equals, _ = text.partition("=")
    return bool(equals) and name.removesuffix("+").isidentifier()
