"""A shell script as Nix's side of the program sees it: its commands, and what they run in their turn."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from scanner.model.source import Span
from scanner.parse.nix.command import Invocation, commands_run_by, invocation
from scanner.parse.nodes import Scalar
from scanner.parse.programs import LONGEST, OTHERS, POWERSHELL, program
from scanner.parse.scalars import Places
from scanner.parse.shell import commands
from scanner.parse.shell_words import Command, Word
from scanner.parse.workflow import Defaults, Run

MAX_DEPTH: Final = 3
"""Commands in commands that are looked into."""

_UNREAD: Final = OTHERS | POWERSHELL


class Executed(NamedTuple):
    """A command of a script; `call` takes it apart when it is one of Nix, `inner` are the commands that it runs."""

    command: Command
    call: Invocation | None
    places: Places
    inner: tuple["Executed", ...] = ()

    def at(self, word: Word) -> Span:
        """The place of a word, or of its first line."""
        return self.places.span(word.start, word.end)

    def between(self, first: Word, last: Word) -> Span:
        """The place from one word to another, as far as they are on one line."""
        return self.places.span(first.start, last.end)


class Script:
    """A script in a YAML file, read when it is first asked for and then kept: several rules ask."""

    __slots__ = ("_all", "_commands", "places", "scalar")

    def __init__(self, scalar: Scalar) -> None:
        self.scalar: Final = scalar
        self.places: Final = Places(scalar)
        self._commands: tuple[Executed, ...] | None = None
        self._all: tuple[Executed, ...] | None = None

    @property
    def text(self) -> str:
        return self.scalar.value

    @property
    def commands(self) -> tuple[Executed, ...]:
        """The commands that the script itself holds, in their order."""
        if self._commands is None:
            self._commands = tuple(_read(commands(self.text), self.places, 0))
        return self._commands

    @property
    def all(self) -> tuple[Executed, ...]:
        """Every command, each followed by those that it runs."""
        if self._all is None:
            self._all = tuple(_flat(self.commands))
        return self._all


def scripts_of(run: Run, defaults: Sequence[Defaults]) -> tuple[Script, ...]:
    """What a step runs as commands: its `shell:` where that calls Nix (`nix develop -c bash {0}`), and its script unless it
    is in another language. `defaults` are those of the job and the workflow, nearest first. A `shell:` longer than `LONGEST` is not read, since
    every step of a job may have it."""
    shell = run.shell or next((one.shell for one in defaults if one.shell is not None), None)
    found: list[Script] = []
    if shell is not None and len(shell.value) <= LONGEST and "nix" in shell.value:
        found.append(Script(shell))
    if shell is None or program(shell.value) not in _UNREAD:
        found.append(Script(run.script))
    return tuple(found)


def _read(found: Iterable[Command], places: Places, depth: int) -> Iterator[Executed]:
    for command in found:
        call = invocation(command) if command.words else None
        runs = commands_run_by(command, call) if command.words and depth < MAX_DEPTH else ()
        yield Executed(command, call, places, tuple(_read(runs, places, depth + 1)))


def _flat(found: Iterable[Executed]) -> Iterator[Executed]:
    for one in found:
        yield one
        if one.inner:
            yield from _flat(one.inner)
