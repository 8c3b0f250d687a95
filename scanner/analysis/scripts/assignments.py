"""What the commands of a script assign: variables of its shell, step outputs, the environment of later steps, files.

Read from the commands of bash, sh and PowerShell (`commands_of`), without running anything. A text is a word of a command; what
variables and substitutions bring into it is asked for by its `parts`. Linear in the script.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final, Literal, NamedTuple

from scanner.analysis.scripts.commands import Ran
from scanner.parse.shell_words import Command, Word, behind_bracket, start_of

OUTPUT: Final = "GITHUB_OUTPUT"
ENVIRONMENT: Final = "GITHUB_ENV"
ANY: Final = "*"
"""The name of what is written under names that cannot be told."""

MAX_VALUES: Final = 50
"""Values of a variable before a use of it that are looked at."""

MAX_INSIDE: Final = 500
"""Commands of a group or substitution that are looked at."""

_DECLARES: Final = frozenset("export declare local readonly typeset".split())
_PRINTS: Final = frozenset("echo printf write-output write-host".split())
_CMDLETS: Final = frozenset("out-file add-content set-content tee-object ac sc tee".split())
_OPTIONS: Final = frozenset(("-n", "-e", "-E", "-ne", "-en"))
_NAME_LETTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
_NAME_OF_ENTRY: Final = _NAME_LETTERS | frozenset("-.")
_READ_VALUES: Final = frozenset(("-a", "-d", "-i", "-n", "-N", "-p", "-t", "-u", "-C", "-c", "-O", "-s"))
_FLAGS_ONLY: Final = frozenset(("-r", "-s", "-e", "-ra", "-er", "-rs"))


class Piece(NamedTuple):
    """A text at the time of a command, given by its number."""

    number: int
    word: Word


class Value(NamedTuple):
    """What a name is given by a command (its number): texts, and what the commands at `printed` print. `more` says that it is
    added to what was there."""

    number: int
    pieces: tuple[Piece, ...] = ()
    printed: tuple[int, ...] = ()
    more: bool = False


class Part(NamedTuple):
    """A part of a word that is filled in: an expression of GitHub's, a variable or what commands print. Offsets into the script;
    `operator` is what stands behind the name in `${NAME…}`, or `#` and `!` in front of it."""

    kind: Literal["expression", "variable", "commands"]
    start: int
    end: int
    name: str = ""
    operator: str = ""


class Assignments:
    """A script by what it assigns. Names of PowerShell's variables are in lower case, of outputs and the environment as well."""

    def __init__(self, rans: Sequence[Ran], text: str, *, powershell: bool = False) -> None:
        self.rans: Final = rans
        self.text: Final = text
        self.powershell: Final = powershell

    # ------------------------------------------------------------ tables

    @cached_property
    def variables(self) -> dict[str, list[Value]]:
        found: dict[str, list[Value]] = {}
        for index, ran in enumerate(self.rans):
            for name, value in self._assigned(index, ran.command):
                found.setdefault(name, []).append(value)
        return found

    @cached_property
    def outputs(self) -> dict[str, list[Value]]:
        """What the step gives out, by the name in lower case; `ANY` for names that cannot be told."""
        return self._written(OUTPUT, "::set-output name=")

    @cached_property
    def exported(self) -> dict[str, list[Value]]:
        """What later steps find in their environment."""
        return self._written(ENVIRONMENT, "::set-env name=")

    @cached_property
    def files(self) -> dict[str, list[Value]]:
        """What is written to files whose names are spelt out."""
        found: dict[str, list[Value]] = {}
        for index, ran in enumerate(self.rans):
            for name, more in _files(ran.command):
                found.setdefault(name.removeprefix("./"), []).append(
                    Value(index, (), self.printers(index), more)
                )
        return found

    def before(self, name: str, index: int) -> tuple[list[Value], bool]:
        """What a variable may hold when a command runs, and whether one of these values was surely given."""
        values = self.variables.get(name.lower() if self.powershell else name, [])
        if not values:
            return [], False
        command = self.rans[index].command
        end = bisect_left(values, index, key=lambda value: value.number)
        found: list[Value] = []
        for value in reversed(values[max(0, end - MAX_VALUES) : end]):
            given = self.rans[value.number].command
            if command.shell[: len(given.shell)] != given.shell:
                continue
            found.append(value)
            block = given.block[:-1] if given.loop else given.block
            if not value.more and not given.chained and command.block[: len(block)] == block:
                return found, True
        # A function or a loop may use what is assigned behind it.
        return found or values[end : end + MAX_VALUES], False

    def last(self, values: list[Value]) -> list[Value]:
        """Of what a name is given one after the other, what may be there at the end."""
        found: list[Value] = []
        for value in reversed(values[-MAX_VALUES:]):
            found.append(value)
            command = self.rans[value.number].command
            if not value.more and not command.chained and not command.block:
                break
        return found

    # ------------------------------------------------------------ commands

    @cached_property
    def _starts(self) -> list[tuple[int, int]]:
        return sorted((start_of(ran.command), index) for index, ran in enumerate(self.rans))

    @cached_property
    def _feeds(self) -> frozenset[int]:
        """The commands whose output another one reads."""
        before = (
            self._previous(index) for index, ran in enumerate(self.rans) if ran.command.pipe is not None
        )
        return frozenset(index for index in before if index is not None)

    def inside(self, start: int, end: int) -> list[int]:
        """The commands between two offsets that print what the whole of them prints."""
        first, last = bisect_left(self._starts, (start,)), bisect_left(self._starts, (end,))
        indexes = sorted(index for _, index in self._starts[first : min(last, first + MAX_INSIDE)])
        if not indexes:
            return []
        top = min(len(self.rans[index].command.shell) for index in indexes)
        return [
            index for index in indexes if len(self.rans[index].command.shell) == top and self._shows(index)
        ]

    def _shows(self, index: int) -> bool:
        command = self.rans[index].command
        if command.group is not None or not (command.words or command.redirections or command.bare):
            return False
        return index not in self._feeds and not any(_to_file(command))

    def _previous(self, index: int) -> int | None:
        """The command in front of the `|` that one reads."""
        command = self.rans[index].command
        if command.pipe is None:
            return None
        before = index - 1
        while before >= 0 and start_of(self.rans[before].command) > command.pipe:
            before -= 1
        return before if before >= 0 else None

    def source(self, index: int) -> tuple[int, ...]:
        """The commands whose output a command reads through a pipe; of a group, all that it prints."""
        previous = self._previous(index)
        if previous is None:
            return ()
        group = self.rans[previous].command.group
        return (previous,) if group is None else tuple(self.inside(group, self._end(previous, index)))

    def _end(self, group: int, reader: int) -> int:
        return self.rans[reader].command.pipe or start_of(self.rans[group].command)

    def printers(self, index: int) -> tuple[int, ...]:
        """The commands that print what a command with a redirection writes."""
        command = self.rans[index].command
        if command.group is not None:
            target = command.redirections[0].target.start if command.redirections else start_of(command)
            return tuple(self.inside(command.group, target))
        if command.bare == "exec":
            found: list[int] = []
            for later in range(index + 1, min(index + 1 + MAX_INSIDE, len(self.rans))):
                if self.rans[later].command.bare == "exec":
                    break
                if self._shows(later):
                    found.append(later)
            return tuple(found)
        return (index,)

    # ------------------------------------------------------------ variables

    def _assigned(self, index: int, command: Command) -> Iterator[tuple[str, Value]]:
        if self.powershell:
            pieces = tuple(Piece(index, word) for word in command.words)
            printed = (index,) if command.words else ()
            for word in command.assignments:
                name = word.text.removeprefix("$").lower()
                yield name, Value(index, pieces) if len(pieces) == 1 else Value(index, (), printed)
            return
        if not command.words or command.assignments:
            for word in command.assignments:
                yield from self._equals(index, word, command.array)
        if command.loop:
            variable, items = command.loop[0].text, command.loop[1:]
            yield variable, Value(index, tuple(Piece(index, item) for item in items))
        program = command.program
        if program in _DECLARES:
            for word in command.words[1:]:
                if "=" in word.text:
                    yield from self._equals(index, word, command.array)
        elif program in ("read", "mapfile", "readarray"):
            value = self._read(index, command)
            for name in _read_names(command):
                yield name, value
        elif program == "printf" and command.texts[1:2] == ("-v",) and len(command.words) > 2:
            yield command.words[2].text, Value(index, tuple(Piece(index, word) for word in command.words[3:]))

    def _equals(self, index: int, word: Word, array: tuple[Word, ...]) -> Iterator[tuple[str, Value]]:
        name, _, value = word.text.partition("=")
        texts = (word.part(len(name) + 1),) if value else array
        pieces = tuple(Piece(index, one) for one in texts)
        if name.removesuffix("+").partition("[")[0].isidentifier():
            yield name.removesuffix("+").partition("[")[0], Value(index, pieces, (), name.endswith("+"))

    def _read(self, index: int, command: Command) -> Value:
        """What `read` and `mapfile` read: a here-string, a pipe, a file, the input of the loop around them."""
        pieces = (Piece(index, command.input),) if command.input is not None else ()
        if pieces or command.pipe is not None:
            return Value(index, pieces, self.source(index))
        given = _substitution(self.text, command)
        if given is None:  # the loop's own: `done < <(…)`, `done <<< "$X"`
            for later in range(index + 1, min(index + 200, len(self.rans))):
                one = self.rans[later].command
                if one.group is not None and one.group < start_of(command):
                    if one.input is not None:
                        return Value(index, (Piece(later, one.input),))
                    given = _behind(self.text, one)
                    if one.redirections:
                        return Value(index, (), (later,))
                    break
            else:
                given = self._done(index, command)
        return (
            Value(index, (), tuple(self.inside(*given))) if given is not None else Value(index, (), (index,))
        )

    def _done(self, index: int, command: Command) -> tuple[int, int] | None:
        at = self.text.find("done < <(", start_of(command))
        return (at + 9, behind_bracket(self.text, at + 8)) if at >= 0 else None

    # ------------------------------------------------------------ files of the runner

    def _written(self, file: str, old: str) -> dict[str, list[Value]]:
        found: dict[str, list[Value]] = {}
        upper = self.text.upper() if self.powershell else self.text
        if file in upper:
            lines = (line for index, ran in enumerate(self.rans) for line in self._lines_to(index, ran, file))
            for name, value in _entries(lines):
                found.setdefault(name, []).append(value)
        if old in self.text:
            for index, ran in enumerate(self.rans):
                for word in ran.command.words[1:] if _prints(ran.command) else ():
                    for line in _split(word, False):
                        at = line.text.find(old)
                        name, mark, _ = line.text[at + len(old) :].partition("::")
                        if at >= 0 and mark:
                            piece = Piece(index, line.part(at + len(old) + len(name) + 2))
                            found.setdefault(name.lower(), []).append(Value(index, (piece,)))
        return found

    def _lines_to(self, index: int, ran: Ran, file: str) -> Iterator[Value]:
        command = ran.command
        cmdlet = self.powershell and command.program.lower() in _CMDLETS
        targets = [one.target for one in command.redirections if one.writes]
        if cmdlet or command.program == "tee":
            targets += command.words[1:]
        target = next((word for word in targets if file in word.text.upper()), None)
        if target is None:
            return
        if cmdlet or command.program == "tee":
            if command.pipe is not None:
                for source in self.source(index):
                    yield from self.lines(source)
            elif command.input is not None:
                yield from self.lines(index)
            elif cmdlet:
                for word in command.words[1:]:
                    if word is not target and not word.text.startswith("-"):
                        yield from _each(index, word)
            return
        for printer in self.printers(index):
            yield from self.lines(printer)

    def lines(self, index: int) -> Iterator[Value]:
        """What a command prints, line by line as far as its words say it."""
        command = self.rans[index].command
        given = command.input
        if command.program == "printf" and len(command.words) > 1:
            yield from _formatted(index, [w for w in command.words[1:] if w.text != "--"])
        elif _prints(command):
            words = list(command.words[1:])
            escapes = False
            while words and words[0].text in _OPTIONS:
                escapes |= "e" in words.pop(0).text
            yield from _joined(index, words, escapes)
        elif command.program in ("cat", "tee") and given is not None:
            yield from _each(index, given)
        elif command.program in ("cat", "tee") and command.pipe is not None and len(command.words) == 1:
            for source in self.source(index):
                yield from self.lines(source)
        elif self.powershell and len(command.words) == 1:
            yield from _each(index, command.words[0])
        else:
            yield Value(index, (), (index,))


# ---------------------------------------------------------------- words


def parts(word: Word, *, powershell: bool = False) -> Iterator[Part]:
    """What is filled into a word, in its order."""
    text, at = word.text, 0
    while True:
        dollar, tick = text.find("$", at), text.find("`", at) if not powershell else -1
        if tick >= 0 and (dollar < 0 or tick < dollar):
            end = text.find("`", tick + 1)
            end = len(text) if end < 0 else end
            if word.computed:
                yield Part("commands", word.offset(tick) + 1, _offset(word, end))
            at = end + 1
            continue
        if dollar < 0:
            if powershell and text == "(":
                yield Part("commands", word.start + 1, 1 << 60)
            return
        if text.startswith("${{", dollar):
            end = text.find("}}", dollar)
            end = len(text) if end < 0 else end + 2
            yield Part("expression", word.offset(dollar), _offset(word, end))
            at = end
        elif not word.computed:
            at = dollar + 1
        elif text.startswith("$((", dollar):
            at = behind_bracket(text, dollar + 1)  # a number
        elif text.startswith("$(", dollar):
            end = behind_bracket(text, dollar + 1)
            yield Part("commands", word.offset(dollar) + 2, _offset(word, max(dollar + 2, end - 1)))
            at = end
        else:
            part, at = _variable(word, dollar, powershell)
            if part is not None:
                yield part


def _variable(word: Word, dollar: int, powershell: bool) -> tuple[Part | None, int]:
    """`$NAME` and `${NAME…}`; of the words behind an operator, the variables are found by going on."""
    text, at = word.text, dollar + 1
    braced = text.startswith("{", at)
    at += braced
    operator = text[at] if braced and text[at : at + 1] in ("#", "!") else ""
    begin = at + len(operator)
    if powershell and text[begin : begin + 4].lower() == "env:":
        begin += 4
    end = begin
    while end < len(text) and text[end] in _NAME_LETTERS:
        end += 1
    if end == begin and text[begin : begin + 1] in ("@", "*"):
        end += 1
    if end == begin:
        return None, dollar + 1
    if not braced and text[begin].isdigit():
        end = begin + 1
    name = text[begin:end]
    if powershell and text[begin - 4 : begin].lower() == "env:":
        name = "env:" + name
    if braced and not operator:
        close = text.find("}", end)
        operator = text[end : close if close >= 0 else len(text)]
    return Part("variable", word.offset(dollar), _offset(word, end), name, operator), end


def _offset(word: Word, index: int) -> int:
    """Where a character stands; behind the last one, the end."""
    return word.offset(index) if index < len(word.text) else word.end


def _split(word: Word, escapes: bool) -> Iterator[Word]:
    """The lines of a word."""
    text, at = word.text, 0
    while at <= len(text):
        end = text.find("\n", at)
        escaped = text.find("\\n", at) if escapes else -1
        size = 1
        if escaped >= 0 and (end < 0 or escaped < end):
            end, size = escaped, 2
        end = len(text) if end < 0 else end
        if end > at:
            yield word.part(at, end) if (at, end) != (0, len(text)) else word
        at = end + size


def _each(index: int, word: Word) -> Iterator[Value]:
    return (Value(index, (Piece(index, line),)) for line in _split(word, False))


def _joined(index: int, words: list[Word], escapes: bool) -> Iterator[Value]:
    """The words of `echo`, one behind the other, as lines."""
    line: list[Piece] = []
    for word in words:
        lines = list(_split(word, escapes))
        for number, one in enumerate(lines):
            if number:
                yield Value(index, tuple(line))
                line = []
            line.append(Piece(index, one))
    if line:
        yield Value(index, tuple(line))


def _formatted(index: int, words: list[Word]) -> Iterator[Value]:
    """The lines of `printf`; each takes the arguments for its own conversions, the last one those that are left."""
    if not words:
        return
    format, *rest = words
    lines = list(_split(format, True))
    for number, line in enumerate(lines):
        count = line.text.count("%") - 2 * line.text.count("%%")
        own, rest = (rest[:count], rest[count:]) if number + 1 < len(lines) else (rest, [])
        fixed = bool(own) and not own[0].computed and "${{" not in own[0].text
        if fixed and line.text.startswith("%s="):  # `printf '%s=%s' name "$VALUE"`
            name = Word(own[0].text + "=", own[0].pieces)
            yield Value(index, (Piece(index, name), *[Piece(index, word) for word in own[1:]]))
            continue
        if line.text.strip() in ("%s", "%b") and own:
            for word in own:
                yield from _each(index, word)
            continue
        yield Value(index, (Piece(index, line), *[Piece(index, word) for word in own]))


def _entries(lines: Iterable[Value]) -> Iterator[tuple[str, Value]]:
    """`name=value` and `name<<TAG` with the lines up to the tag, by the name in lower case."""
    name, tag, held = "", "", Value(0)
    for line in lines:
        first = line.pieces[0].word if line.pieces else None
        text = first.text if first is not None else ""
        if tag:
            if len(line.pieces) == 1 and text.strip() == tag:
                yield name, held
                tag = ""
            else:
                held = Value(line.number, held.pieces + line.pieces, held.printed + line.printed)
            continue
        text = text.lstrip()
        if text.startswith("::"):
            continue
        size = 0
        while size < len(text) and text[size] in _NAME_OF_ENTRY:
            size += 1
        lead = len(first.text) - len(text) if first is not None else 0
        if first is not None and size and text.startswith("<<", size):
            name, tag, held = text[:size].lower(), text[size + 2 :].strip(), Value(line.number)
        elif first is not None and size and text.startswith("=", size):
            behind = first.part(lead + size + 1)
            pieces = (Piece(line.pieces[0].number, behind), *line.pieces[1:])
            yield text[:size].lower(), Value(line.number, pieces, line.printed)
        elif line.printed or any(p.word.computed or "${{" in p.word.text for p in line.pieces):
            yield ANY, line
    if tag:
        yield name, held


def _prints(command: Command) -> bool:
    return command.program.lower() in _PRINTS


def _to_file(command: Command) -> Iterator[Word]:
    for one in command.redirections:
        if one.writes and one.target.text not in ("/dev/stdout", "/dev/stderr"):
            yield one.target


def _files(command: Command) -> Iterator[tuple[str, bool]]:
    """The files that a command writes, and whether it adds to them."""
    for one in command.redirections:
        if one.writes and not one.target.computed and "${{" not in one.target.text:
            yield one.target.text, one.operator.startswith(">>")
    if command.program == "tee":
        for word in command.words[1:]:
            if not word.computed and not word.text.startswith("-"):
                yield word.text, "-a" in command.texts


def _read_names(command: Command) -> Iterator[str]:
    skip = False
    for word in command.words[1:]:
        if skip:
            skip = False
            if command.texts[command.words.index(word) - 1].endswith("a") and word.text.isidentifier():
                yield word.text  # `read -a NAMES`
        elif word.text.startswith("-"):
            if command.program == "read":
                skip = word.text in _READ_VALUES and word.text not in _FLAGS_ONLY
                if word.text in ("-ra", "-ar"):
                    skip = True
            else:
                skip = word.text in ("-d", "-n", "-O", "-s", "-u", "-C", "-c")
        elif word.text.isidentifier():
            yield word.text
    if len(command.words) == 1 or all(word.text.startswith("-") for word in command.words[1:]):
        yield "REPLY" if command.program == "read" else "MAPFILE"


def _substitution(text: str, command: Command) -> tuple[int, int] | None:
    """The commands of the `< <(…)` behind a command."""
    return _behind(text, command) if command.words else None


def _behind(text: str, command: Command) -> tuple[int, int] | None:
    last = command.words[-1].end if command.words else start_of(command)
    end = text.find("\n", last)
    at = text.find("<(", last, end if end >= 0 else len(text))
    return (at + 2, behind_bracket(text, at + 1)) if at >= 0 else None
