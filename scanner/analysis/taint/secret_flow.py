"""Where the secrets of a step go: through its commands into logs, outputs and files."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from scanner.analysis.scripts.commands import Ran, commands_of
from scanner.analysis.taint.secret_programs import PRINTS, kept_by, printed_by, written_by
from scanner.analysis.taint.secret_values import (
    Held,
    Value,
    names_in,
    of_text,
    outside,
    variables_of,
    worse,
)
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Note
from scanner.model.source import Span

if TYPE_CHECKING:
    from scanner.parse.shell_words import Command, Redirection, Word

MAX_GROUP: Final = 200
"""Commands of a group whose output is followed."""
MASK: Final = "::add-mask::"

Way = Literal["log", "output", "environment", "summary", "trace"]

_DECLARES: Final = frozenset(("export", "local", "declare", "readonly", "typeset"))
_FILES: Final[dict[str, Way]] = {
    "GITHUB_OUTPUT": "output",
    "GITHUB_ENV": "environment",
    "GITHUB_STEP_SUMMARY": "summary",
}


class Shown(NamedTuple):
    """A text made of a secret that others get to see unhidden. `made` is where it was made."""

    at: Span
    secret: str
    way: Way
    made: Note


class Put(NamedTuple):
    """A secret that is written to a file; `file` as the shell has it, `folder` (likewise) the last `cd` before it, None where
    that cannot be told."""

    at: Span
    secret: str
    file: str
    folder: str | None


class Gone(NamedTuple):
    """A file that is removed, or written anew without a secret."""

    file: str
    folder: str | None


class Flow(NamedTuple):
    """`files` are in the order of the commands."""

    shown: tuple[Shown, ...]
    files: tuple[Put | Gone, ...]


NO_FLOW: Final = Flow((), ())


def handles_secrets(graph: Graph, node: StepNode) -> bool:
    """Whether the script of a step names a secret, or a variable that holds one: a look at its text."""
    run = node.step.run
    if run is None:
        return False
    text = run.script.value
    return "secrets" in text.lower() or any(name in text for name in variables_of(graph, node))


def flow_of(graph: Graph, node: StepNode) -> Flow:
    """Where the secrets of a step go by the commands of its script, and which files it removes. To be asked where its text says
    that there is something to find."""
    return _flow(graph, node.id)


@per_graph
def _flow(graph: Graph, id: str) -> Flow:
    node = graph.nodes[id]
    if not isinstance(node, StepNode) or node.step.run is None:
        return NO_FLOW
    return _Walk(commands_of(graph, node), dict(variables_of(graph, node))).flow()


class _Walk:
    """One walk over the commands of a script, in their order, and one over what they print."""

    def __init__(self, commands: Sequence[Ran], variables: dict[str, Value]) -> None:
        self._commands = commands
        self._variables = variables
        size = len(commands)
        self._printed: list[Value | None] = [None] * size
        self._made: list[Note | None] = [None] * size
        self._floor = list(range(size))
        """The first of the commands that stand inside the words of a command."""
        self._inner = [False] * size
        self._piped = [False] * size
        self._target: list[Redirection | None] = [None] * size
        self._notes: dict[str, Note] = {}
        self._masked: dict[str, int] = {}
        self._all_masked = False
        self._traced: list[Shown] = []
        self._last: dict[tuple[int, ...], int] = {}
        self._folders: dict[tuple[int, ...], str | None] = {(): ""}
        self._folder: list[str | None] = [""] * size

    def flow(self) -> Flow:
        tracing = False
        for index, ran in enumerate(self._commands):
            command = ran.command
            if command.program == "set":
                tracing = _tracing(command, tracing)
            self._read(index, ran, tracing)
        shown: list[Shown] = []
        files: list[Put | Gone] = []
        for index, ran in enumerate(self._commands):
            self._goes(index, ran, shown, files)
        if self._all_masked:
            shown = []
        return Flow((*self._traced, *shown), tuple(files))

    # ------------------------------------------------------------ what commands make

    def _read(self, index: int, ran: Ran, tracing: bool) -> None:
        command = ran.command
        if command.group is not None:
            self._group(index, command)
        before = self._last.get(command.shell)
        given: Value | None = None
        note: Note | None = None
        if command.pipe is not None and before is not None:
            self._piped[before] = True
            given, note = self._printed[before], self._made[before]
        if command.input is not None:
            given = worse(given, of_text(command.input.text, command.input.computed, self._variables))
        held = self._substituted(index, command)
        words = command.words
        for word in command.assignments if not words else ():
            self._assign(ran, word, held, tracing)
        program = command.program
        if program in _DECLARES:
            for word in words[1:]:
                if "=" in word.text:
                    self._assign(ran, word, held, tracing)
        elif program == "read" and given is not None:
            self._reads(ran, given)
        elif program in ("cd", "pushd"):
            self._changes(command)
        if words and MASK in "".join(word.text for word in words[1:3]):
            self._masks(index, words)
        printed = printed_by(command, given, self._arguments(command, held))
        self._printed[index] = printed
        if printed is not None and printed.held is Held.PART:
            if note is None:
                note = next((self._notes[name] for name in self._named(command) if name in self._notes), None)
            self._made[index] = note or Note(ran.whole(), "made of it here")
        self._folder[index] = self._current(command.shell)
        self._last[command.shell] = index

    def _named(self, command: "Command") -> list[str]:
        words = [*command.words[1:], *((command.input,) if command.input is not None else ())]
        return [name for word in words if word.computed for name in names_in(word.text)]

    def _group(self, index: int, command: "Command") -> None:
        target = next((one for one in command.redirections if one.writes), None)
        if target is None or command.group is None:
            return
        for before in range(index - 1, max(-1, index - 1 - MAX_GROUP), -1):
            if _start(self._commands[before].command) < command.group:
                return
            if self._target[before] is None:
                self._target[before] = target

    def _substituted(self, index: int, command: "Command") -> Value | None:
        """What the commands inside the words of a command print."""
        words = [*command.words, *command.assignments]
        if command.input is not None:
            words.append(command.input)
        begins = [word.start for word in words if "$(" in word.text or "`" in word.text or "<(" in word.text]
        if not begins:
            return None
        begin = min(begins)
        found: Value | None = None
        before = index - 1
        while before >= 0:
            if _start(self._commands[before].command) < begin:
                break
            self._inner[before] = True
            if not self._piped[before]:
                found = worse(found, self._printed[before])
            self._floor[index] = self._floor[before]
            before = self._floor[before] - 1
        return found

    def _arguments(self, command: "Command", held: Value | None) -> Value | None:
        found = held
        for word in command.words[1:]:
            found = worse(found, of_text(word.text, word.computed, self._variables))
        return found

    def _assign(self, ran: Ran, word: "Word", held: Value | None, tracing: bool) -> None:
        name, _, value = word.text.partition("=")
        name = name.removesuffix("+")
        found = of_text(value, word.computed, self._variables)
        if "$(" in value or "`" in value:
            found = worse(found, held)
        if found is None:
            self._variables.pop(name, None)
            return
        self._variables[name] = found
        if found.held is Held.PART:
            made = Note(ran.at(word), f"made of the secret and kept in `{name}`")
            self._notes.setdefault(name, made)
            if tracing:
                self._traced.append(Shown(ran.at(word), found.secret, "trace", made))

    def _reads(self, ran: Ran, given: Value) -> None:
        names = [word for word in ran.command.words[1:] if word.text.isidentifier()]
        parts = len(names) > 1 or bool(ran.command.assignments)
        for word in names:
            held = Held.PART if parts else given.held
            self._variables[word.text] = given._replace(held=held)
            if held is Held.PART:
                self._notes.setdefault(word.text, Note(ran.at(word), f"kept in `{word.text}`"))

    def _masks(self, index: int, words: "tuple[Word, ...]") -> None:
        for word in words[1:]:
            if "$(" in word.text or "`" in word.text:
                self._all_masked = True
            for name in names_in(outside(word.text)):
                self._masked.setdefault(name, index)
                if name not in self._variables:
                    self._all_masked = True

    # ------------------------------------------------------------ where that goes

    def _goes(self, index: int, ran: Ran, shown: list[Shown], files: list[Put | Gone]) -> None:
        command, printed = ran.command, self._printed[index]
        folder = self._folder[index]
        if command.program in ("rm", "shred", "unlink"):
            files += [Gone(word.text, folder) for word in command.words[1:] if not word.text.startswith("-")]
            return
        kept = kept_by(command) if printed is None else None
        if kept is not None:
            secret = self._arguments(command, None)
            if secret is not None:
                files.append(Put(ran.whole(), secret.secret, kept, folder if "/" not in kept[:2] else ""))
            return
        own = [one for one in command.redirections if one.writes and not _of_errors(ran, one)]
        target = own[0] if own else self._target[index]
        places = [(target.target, target.operator)] if target is not None else []
        option = written_by(command) if printed is not None and target is None else None
        if option is not None and printed is not None:
            files.append(Put(ran.at(option), printed.secret, option.text, folder))
            return
        if command.program == "tee":
            appends = any(word.text in ("-a", "--append") for word in command.words)
            operator = ">>" if appends else ">"
            places += [(word, operator) for word in command.words[1:] if not word.text.startswith("-")]
        if printed is None:
            files += [
                Gone(word.text, folder)
                for word, operator in (places if own or target is None else ())
                if operator == ">"
                and command.words
                and command.group is None
                and not word.text.startswith("/dev/")
            ]
            return
        for word, _ in places:
            way = _FILES.get(word.text.strip("${}").partition(":")[0])
            if way is not None:
                self._show(ran, index, printed, way, shown)
            elif not word.text.startswith(("/dev/", "&")):
                files.append(Put(ran.at(word), printed.secret, word.text, folder))
        if target is None and not self._piped[index] and not self._inner[index]:
            text = command.words[1].text if len(command.words) > 1 else ""
            if MASK not in text:
                self._show(ran, index, printed, "output" if "::set-output" in text else "log", shown)

    def _show(self, ran: Ran, index: int, printed: Value, way: Way, shown: list[Shown]) -> None:
        made = self._made[index]
        if printed.held is not Held.PART or made is None:
            return
        # Files of the runner are read at the end of the step, a log as it is written.
        before = index if way == "log" else len(self._commands)
        if any(self._masked.get(name, before) < before for name in self._named(ran.command)):
            return
        at = ran.whole()
        if ran.command.program in PRINTS:
            for word in ran.command.words[1:]:
                value = of_text(word.text, word.computed, self._variables)
                if value is not None and value.held is Held.PART:
                    at = ran.at(word)
                    break
        shown.append(Shown(at, printed.secret, way, made))

    # ------------------------------------------------------------ folders

    def _changes(self, command: "Command") -> None:
        to = command.words[1].text if len(command.words) > 1 else ""
        now = self._current(command.shell)
        if (
            not to
            or to == "-"
            or ("$" in to and not to.startswith(("$GITHUB_WORKSPACE", "${GITHUB_WORKSPACE}")))
        ):
            self._folders[command.shell] = None
        elif to.startswith(("/", "~", "$")):
            self._folders[command.shell] = to
        else:
            self._folders[command.shell] = f"{now}/{to}" if now else to if now is not None else None

    def _current(self, shell: tuple[int, ...]) -> str | None:
        for size in range(len(shell), -1, -1):
            if shell[:size] in self._folders:
                return self._folders[shell[:size]]
        return None


def _start(command: "Command") -> int:
    words = command.assignments or command.words
    if words:
        return words[0].start
    if command.input is not None:
        return command.input.start
    return command.group if command.group is not None else 0


def _tracing(command: "Command", now: bool) -> bool:
    texts = command.texts[1:]
    for index, text in enumerate(texts):
        if text == "-o" and texts[index + 1 : index + 2] == ("xtrace",):
            now = True
        elif text == "+o" and texts[index + 1 : index + 2] == ("xtrace",):
            now = False
        elif text.startswith("-") and "x" in text and not text.startswith("--"):
            now = True
        elif text.startswith("+") and "x" in text:
            now = False
    return now


def _of_errors(ran: Ran, one: "Redirection") -> bool:
    """Whether a redirection is that of the messages: `2> file`."""
    at = ran.at(one.target)
    before = at.source.text[max(0, at.start - 8) : at.start].rstrip(" '\"$").rstrip(">")
    return before.endswith("2") and not before[:-1].rstrip("&")[-1:].isalnum()
