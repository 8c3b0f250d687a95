"""What gets into the texts of a shell script: variables, expressions, what commands print, files."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from scanner.analysis.outsiders.senders import described
from scanner.analysis.scripts.assignments import ANY, MAX_VALUES, Assignments, Part, Piece, Value, parts
from scanner.analysis.scripts.checked import checks
from scanner.analysis.scripts.commands import OTHERS, POWERSHELL, Ran, commands_of
from scanner.analysis.scripts.filters import safe_class, safe_replacement
from scanner.analysis.scripts.passes import passes, prints_nothing
from scanner.analysis.scripts.shells import shell_of
from scanner.analysis.taint.foreign import brought
from scanner.analysis.taint.origin import MAX_HOPS, Origin, Scope
from scanner.analysis.taint.other_texts import picks_safely, variables_read
from scanner.analysis.taint.places import lies_in, place_of
from scanner.analysis.taint.told import FILES, HISTORY, history, picked, told
from scanner.analysis.taint.trees import Tree
from scanner.graph.graph import Graph
from scanner.graph.ids import step_id
from scanner.graph.nodes.workflows import StepNode
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.fences import Fence, fences
from scanner.parse.shell_words import Command, Word, start_of

if TYPE_CHECKING:
    from scanner.analysis.taint.origins import Origins

Before = Callable[[StepNode], tuple[Tree, ...]]

MAX_ARGUMENTS: Final = 40
"""Calls of a function that are looked at for what they hand over."""

MAX_NAMES: Final = 50
"""Outputs of a step that are looked at when all of them are asked for."""

MAX_STRETCHES: Final = 20
"""Stretches of a script before a place, in which a variable is checked, that are looked at."""

_PRINTS: Final = frozenset("echo printf write-output write-host".split())
_MOVES: Final = frozenset(("cd", "pushd", "set-location"))
_LISTS: Final = frozenset("ls find tree dir fd".split())
_BUILDS: Final = frozenset(
    "ant bundle cargo composer deno dotnet go gradle gradlew java just make mvn mvnw node npm npx nx php pip pnpm poetry pwsh "
    "python python3 ruby sbt swift task tox ts-node uv yarn".split()
)
"""Programs that read and run what lies in the workspace."""

_IDS: Final = frozenset("hash-object merge-base rev-list rev-parse write-tree".split())
"""Commands of git that print ids of commits."""

_CODE: Final = "what the code of a pull request prints"


Given = tuple[tuple[Origin, Span], ...]
"""Origins, each with the place at which a script gives the text out."""


class ScriptTexts:
    """Answers for one graph. `ask` follows what stands outside of scripts, `before` says which files there are."""

    def __init__(self, graph: Graph, ask: "Origins", before: Before) -> None:
        self._graph = graph
        self._ask = ask
        self._before = before
        self._scripts: dict[str, Script | None] = {}
        self._written: dict[tuple[str, str], dict[str, list[Script]]] = {}

    def of(self, scope: Scope) -> "Script | None":
        """The script of a step; None where its language is not read."""
        step = scope.step
        if step is None or step.run is None:
            return None
        id = step_id(scope.owner.source, scope.job, step)
        if id not in self._scripts:
            node = self._graph.nodes.get(id)
            name = shell_of(node).name if isinstance(node, StepNode) else None
            self._scripts[id] = (
                Script(self._graph, node, scope, name in POWERSHELL)
                if isinstance(node, StepNode) and name not in OTHERS
                else None
            )
        return self._scripts[id]

    # ------------------------------------------------------------ questions

    def outputs(self, script: "Script", name: str, depth: int) -> Given | None:
        """What a step gives out under a name, each with the place that does; None when it gives out nothing that can be seen."""
        return self._given(script, script.assigned.outputs, "output", name, depth)

    def exported(self, script: "Script", name: str, depth: int) -> Given | None:
        """What later steps find in a variable, each with the place that sets it; None when the script does not set it."""
        return self._given(script, script.assigned.exported, "exported", name, depth)

    def word(self, script: "Script", number: int, word: Word) -> tuple[Origin, ...]:
        return tuple(self._word(script, Piece(number, word), 0))

    def printed(self, script: "Script", number: int) -> tuple[Origin, ...]:
        """What a command prints."""
        return tuple(self._printed(script, number, 0))

    def _given(
        self, script: "Script", table: dict[str, list[Value]], kind: str, name: str, depth: int
    ) -> Given | None:
        given = table.get(name) or table.get(ANY)
        names = [given] if given else list(table.values())[:MAX_NAMES] if name == ANY else []
        if not names:
            return None
        found: list[tuple[Origin, Span]] = []
        for values in names:
            for value in script.assigned.last(values):
                at = script.place(value)
                found += [(origin, at) for origin in self._value(script, kind, value, depth)]
        return tuple(found)

    # ------------------------------------------------------------ texts

    def _value(self, script: "Script", kind: str, value: Value, depth: int) -> tuple[Origin, ...]:
        at = id(value.pieces[0].word) if value.pieces else value.printed
        return self._ask.keep(
            (script.scope.key, kind, value.number, at), self._in_value(script, value, depth)
        )

    def _in_value(self, script: "Script", value: Value, depth: int) -> Iterator[Origin]:
        for piece in value.pieces:
            yield from self._word(script, piece, depth)
        for number in value.printed:
            yield from self._printed(script, number, depth)

    def _word(self, script: "Script", piece: Piece, depth: int) -> Iterator[Origin]:
        if not piece.word.computed and "${{" not in piece.word.text:
            if script.assigned.powershell and piece.word.text == "(":
                yield from ()
            else:
                return
        for part in parts(piece.word, powershell=script.assigned.powershell):
            match part.kind:
                case "expression":
                    fence = script.fences.get(part.start + len("${{"))
                    if fence is not None:
                        yield from self._ask.in_fence(fence, script.scope, depth)
                case "variable":
                    yield from self._variable(script, piece, part, depth)
                case "commands":
                    for number in script.assigned.inside(part.start, part.end):
                        if number != piece.number:
                            yield from self._printed(script, number, depth + 1)

    def _variable(self, script: "Script", piece: Piece, part: Part, depth: int) -> Iterator[Origin]:
        name = part.name
        if depth > MAX_HOPS:
            yield Origin("unknown", (name,))
            return
        if safe_replacement(part.operator) or script.is_checked(name, part.start):
            return
        if name.isdigit() or name in ("@", "*"):
            yield from self._arguments(script, name, piece, depth)
            return
        if name == "BASH_REMATCH":
            yield from self._matched(script, piece, part, depth)
            return
        powershell = script.assigned.powershell
        values, sure = script.assigned.before(name, piece.number)
        found: list[Origin] = []
        for value in values:
            at = script.place(value)
            for origin in self._value(script, f"variable {name}", value, depth + 1):
                found.append(origin.through(at, f"kept in {quoted(name)}", kind="kept", name=name))
        if not sure and (not powershell or name.lower().startswith("env:")):
            outside = self._ask.environment(
                name.lower().removeprefix("env:") if powershell else name, script.scope, depth + 1
            )
            found += [one for one in outside if not values or one.kind != "unknown"]
        if "check-ref-format" in script.text and script.is_checked(name, part.start, "ref"):
            found = [one._replace(ref=True) for one in found]
        yield from found

    def _matched(self, script: "Script", piece: Piece, part: Part, depth: int) -> Iterator[Origin]:
        """What the last `[[ … =~ … ]]` before a place has matched."""
        number = script.matches(piece.number)
        if number is not None:
            words = script.assigned.rans[number].command.test
            at = next((index for index, word in enumerate(words) if word.text == "=~"), 0)
            subject = words[at - 1 : at]
            origins = [one for word in subject for one in self._word(script, Piece(number, word), depth + 1)]
            place = script.assigned.rans[number].at(subject[0]) if subject else script.node.place()
            index = script.text[part.start : part.start + len("${BASH_REMATCH[99]}")]
            pattern = script.text[words[at].end : words[-1].start].strip()
            if not any(word.computed for word in words[at + 1 :]) and not picks_safely(pattern, index):
                yield from (one.through(place, "matched by a regular expression", 1) for one in origins)
                return
            if any(one.path[:3] == ("github", "event", "comment") for one in origins):
                yield Origin("unknown", ("env", part.name.lower())).through(
                    place, "matched by a regular expression", kind="matched"
                )
                return
        yield Origin("unknown", ("env", part.name.lower()))

    def _arguments(self, script: "Script", name: str, piece: Piece, depth: int) -> Iterator[Origin]:
        """What the functions of the script are given."""
        for number in script.calls if name != "0" else ():
            words = script.assigned.rans[number].command.words[1:]
            for word in words[int(name) - 1 : int(name)] if name.isdigit() else words:
                if number != piece.number:
                    yield from self._word(script, Piece(number, word), depth + 2)

    # ------------------------------------------------------------ commands

    def _printed(self, script: "Script", number: int, depth: int) -> Iterator[Origin]:
        """What a command prints."""
        if depth > MAX_HOPS:
            yield Origin("unknown", ("the output of a command",))
            return
        yield from self._ask.keep(
            (script.scope.key, "printed", number), self._output(script, number, depth + 1)
        )

    def _output(self, script: "Script", number: int, depth: int) -> Iterator[Origin]:
        ran = script.assigned.rans[number]
        command = ran.command
        program = command.program.lower()
        if prints_nothing(command) or (command.assignments and not command.words):
            return
        if program in _PRINTS:
            for word in command.words[1:]:
                yield from self._word(script, Piece(number, word), depth)
            return
        known = told([command, *script.behind(number)])
        if known is not None:
            at = script.whole(ran)
            for one in known:
                field = one.path or (one.what,)
                yield Origin("event" if _reads_event(command) else "fetched", field).through(
                    at, described(field), 1
                )
            return
        if program == "git" and _IDS.intersection(command.texts[1:3]) and "--abbrev-ref" not in command.texts:
            return
        if history(command):
            yield from self._history(script, ran, number)
            return
        if script.assigned.powershell and (command.words and command.words[0].computed):
            yield from self._expression(script, number, depth)
            return
        if program in script.functions:
            yield from self._called(script, number, depth)
            return
        for origin in self._filtered(script, number, program, depth):
            fields = picked(command, origin.path) if origin.is_field else None
            if fields is None:
                yield origin
            else:
                yield from (origin._replace(path=field) for field in fields)

    def _expression(self, script: "Script", number: int, depth: int) -> Iterator[Origin]:
        """A text of PowerShell with operators behind it."""
        command = script.assigned.rans[number].command
        texts = [text.lower() for text in command.texts]
        if any(text in ("-match", "-eq", "-ne", "-like", "-contains", "-in") for text in texts):
            return
        for text, after in pairwise(command.texts):
            if text.lower() in ("-replace", "-creplace") and after.startswith("["):
                safe, negated, end = safe_class(after, 0)
                if safe and negated and end >= len(after.rstrip(",+")):
                    return
        for word in command.words:
            yield from self._word(script, Piece(number, word), depth)

    def _called(self, script: "Script", number: int, depth: int) -> Iterator[Origin]:
        """What a function of the script prints may be anything it is given."""
        command = script.assigned.rans[number].command
        for word in command.words[1:]:
            for origin in self._word(script, Piece(number, word), depth):
                yield origin._replace(doubt=max(origin.doubt, 1))

    def _filtered(self, script: "Script", number: int, program: str, depth: int) -> Iterator[Origin]:
        """What a program makes of its arguments, of files and of what it reads."""
        ran = script.assigned.rans[number]
        command = ran.command
        known = passes(command) is not None or not command.words
        doubt = 1 if known else 2
        at = script.whole(ran)
        found = False
        for file in _files_of(command):
            for origin in self._file(script, number, file, depth):
                found = True
                yield origin._replace(doubt=max(origin.doubt, 1))
        if program in _LISTS:
            for tree in self._trees(script, number):
                found = True
                yield brought(tree, FILES).through(at, "listed here", 1)
        if program.rpartition("/")[2] in _BUILDS or (command.words[:1] and command.texts[0].startswith("./")):
            for tree in self._trees(script, number):
                if tree.kind == "pull request":
                    found = True
                    yield brought(tree, _CODE).through(at, "run here", 2)
        for word in command.words[1:]:
            for origin in self._word(script, Piece(number, word), depth):
                if known or origin.kind != "unknown":
                    found = True
                    yield origin if known else origin.through(at, f"given to {quoted(program)}", doubt)
        texts = [command.input] if command.input is not None else []
        for word in texts:
            for origin in self._word(script, Piece(number, word), depth):
                found = True
                yield origin._replace(doubt=max(origin.doubt, doubt))
        for source in script.assigned.source(number):
            for origin in self._printed(script, source, depth + 1):
                found = True
                yield origin._replace(doubt=max(origin.doubt, doubt))
        # `python -c 'print(os.environ["NAME"])'`, `awk 'BEGIN { print ENVIRON["NAME"] }'`
        for word in (*command.words[1:], *texts):
            for name in variables_read(word.text):
                for origin in self._ask.environment(name, script.scope, depth + 1):
                    found = True
                    yield origin.through(at, f"read by {quoted(program)}", doubt)
        fixed = (how := passes(command)) is not None and how.arguments
        if not found and not fixed and not (known and (texts or command.pipe is not None)):
            yield Origin("unknown", (program or "a file",))

    def _history(self, script: "Script", ran: Ran, number: int) -> Iterator[Origin]:
        """What git tells after others' code was fetched."""
        found = False
        for tree in self._trees(script, number):
            if tree.kind == "pull request":
                found = True
                yield brought(tree, HISTORY).through(script.whole(ran), "told by git", 1)
        if not found:
            yield Origin("unknown", ("git",))

    # ------------------------------------------------------------ files

    def _trees(self, script: "Script", number: int) -> Iterator[Tree]:
        """The files of others that are there when a command runs; what the script itself fetches is there from then on."""
        for tree in self._before(script.node):
            if tree.own or tree.latent:
                continue
            if tree.by != script.node.id or tree.at.start < script.whole(script.assigned.rans[number]).start:
                yield tree

    def _file(self, script: "Script", number: int, file: Word, depth: int) -> Iterator[Origin]:
        """What stands in a file: what the script or an earlier step has written to it, else what others have brought."""
        if not file.text or file.text in ("-", "/dev/stdin", "/dev/null"):
            return
        if not file.computed and "${{" not in file.text:
            own = self._own_file(script, number, file.text.removeprefix("./"), depth)
            if own is not None:
                yield from own
                return
        place = place_of(file.text, script.folder)
        at = script.assigned.rans[number].at(file)
        for tree in self._trees(script, number):
            if tree.folder is None:
                inside = place is None or place.startswith(("$RUNNER_TEMP", "/tmp", ".."))
            else:
                inside = (place is None and not file.text.startswith(("/", "~"))) or (
                    place is not None and (lies_in(place, tree.folder) or script.moves)
                )
            if inside:
                yield brought(tree).through(at, f"read from {quoted(file.text)}", 1)

    def _own_file(self, script: "Script", number: int, name: str, depth: int) -> tuple[Origin, ...] | None:
        values = script.assigned.files.get(name, [])
        values, writer = values[: bisect_left(values, number, key=lambda one: one.number)], script
        if not values:
            earlier = self._writers(script).get(name, [])
            last = bisect_left(earlier, script.node.step.number, key=lambda one: one.node.step.number) - 1
            if last < 0:
                return None
            writer = earlier[last]
            values = writer.assigned.files[name]
        found: list[Origin] = []
        for value in writer.assigned.last(values):
            found += self._value(writer, f"file {name}", value, depth + 1)
        return tuple(found)

    def _writers(self, script: "Script") -> dict[str, list["Script"]]:
        """The scripts of all steps that write to files, in their order, by the name of the file."""
        place = script.scope.key[:2]
        known = self._written.get(place)
        if known is None:
            known = self._written[place] = {}
            for step in script.scope.steps:
                if step.run is not None and (">" in step.run.script.value or "tee" in step.run.script.value):
                    other = self.of(Scope(script.scope.owner, script.scope.job, step))
                    if other is not None:
                        for name in other.assigned.files:
                            known.setdefault(name, []).append(other)
        return known


class Script:
    """A step's script with what is asked of it again and again."""

    def __init__(self, graph: Graph, node: StepNode, scope: Scope, powershell: bool) -> None:
        self._graph = graph
        self._powershell = powershell
        self.node: Final = node
        self.scope: Final = scope

    @cached_property
    def text(self) -> str:
        return self.node.step.run.script.value if self.node.step.run is not None else ""

    @cached_property
    def assigned(self) -> Assignments:
        return Assignments(commands_of(self._graph, self.node), self.text, powershell=self._powershell)

    @cached_property
    def _numbers(self) -> dict[int, int]:
        return {id(ran.command): number for number, ran in enumerate(self.assigned.rans)}

    def number(self, ran: Ran) -> int | None:
        """The place of a command among those of the script."""
        return self._numbers.get(id(ran.command))

    @cached_property
    def fences(self) -> dict[int, Fence]:
        """The expressions by the offset behind their `${{`."""
        run = self.node.step.run
        return {fence.offset: fence for fence in fences(run.script)} if run is not None else {}

    @cached_property
    def _checks(self) -> dict[tuple[str, str], list[tuple[int, int]]]:
        """By what a test shows and the variable: the stretches in which it is known."""
        found: dict[tuple[str, str], list[tuple[int, int]]] = {}
        if not any(word in self.text for word in ("[", "grep", "case ", "check-ref-format")):
            return found
        for one in checks(self.text, [ran.command for ran in self.assigned.rans]):
            # What is assigned later was not what was tested.
            values = self.assigned.variables.get(one.name, [])
            starts = [start_of(self.assigned.rans[value.number].command) for value in values[:MAX_VALUES]]
            end = min((start for start in starts if one.start < start < one.end), default=one.end)
            found.setdefault((one.kind, one.name), []).append((one.start, end))
        for stretches in found.values():
            stretches.sort()
        return found

    def is_checked(self, name: str, at: int, kind: str = "letters") -> bool:
        """Whether a test has shown before a place that a variable holds nothing harmful."""
        known = self._checks.get((kind, name))
        if known is None:
            return False
        last = bisect_left(known, (at, len(self.text) + 1))
        # The first ones reach the farthest, the last ones are the nearest.
        near = (*known[: min(last, MAX_STRETCHES)], *known[max(0, last - MAX_STRETCHES) : last])
        return any(at < end for _, end in near)

    def matches(self, number: int) -> int | None:
        """The number of the last command before one that matches a text with a regular expression."""
        last = bisect_left(self._tests, number) - 1
        return self._tests[last] if last >= 0 else None

    @cached_property
    def _tests(self) -> list[int]:
        if "=~" not in self.text:
            return []
        rans = enumerate(self.assigned.rans)
        return [number for number, ran in rans if any(word.text == "=~" for word in ran.command.test)]

    @cached_property
    def calls(self) -> list[int]:
        """The commands that call its functions."""
        if not self.functions:
            return []
        rans = enumerate(self.assigned.rans)
        return [number for number, ran in rans if ran.command.program in self.functions][:MAX_ARGUMENTS]

    @cached_property
    def functions(self) -> frozenset[str]:
        """The names of its functions."""
        found: set[str] = set()
        at = self.text.find("()")
        while at >= 0:
            before = self.text[:at].rstrip() if at < 200 else self.text[at - 200 : at].rstrip()
            name = before.split()[-1] if before.split() else ""
            if name.replace("-", "_").isidentifier():
                found.add(name)
            at = self.text.find("()", at + 2)
        words = self.text.split() if "function " in self.text else []
        found.update(after.rstrip("(){") for word, after in pairwise(words) if word == "function")
        return frozenset(found)

    @cached_property
    def folder(self) -> str | None:
        """The folder it runs in, relative to the workspace."""
        run = self.node.step.run
        said = run.working_directory if run is not None else None
        said = said or next(
            (one.working_directory for one in self.node.defaults if one.working_directory is not None), None
        )
        return place_of(said.value) if said is not None else ""

    @cached_property
    def moves(self) -> bool:
        """Whether it changes the folder on the way."""
        if "cd" not in self.text and "pushd" not in self.text:
            return False
        return any(ran.command.program in _MOVES for ran in self.assigned.rans)

    def behind(self, number: int) -> Iterator[Command]:
        """The commands that read from a command, one behind the other."""
        rans, last = self.assigned.rans, number
        for later in range(number + 1, min(number + 30, len(rans))):
            if rans[later].command.pipe is not None and last in self.assigned.source(later):
                yield rans[later].command
                last = later

    def whole(self, ran: Ran) -> Span:
        """The place of a command."""
        words = ran.command.words or ran.command.assignments
        if words:
            return ran.places.span(words[0].start, words[-1].end)
        return ran.at(ran.command.redirections[0].target) if ran.command.redirections else self.node.place()

    def place(self, value: Value) -> Span:
        """The place of a value: its first text, else the command that gives it."""
        ran = self.assigned.rans[value.number]
        if value.pieces:
            return ran.at(value.pieces[0].word)
        return self.whole(ran)


def _files_of(command: Command) -> Iterator[Word]:
    """The files that a command reads."""
    known = passes(command)
    if known is not None and known.files is not None:
        arguments: list[Word] = []
        skip = False
        for word in command.words[1:]:
            if skip:
                skip = False
            elif word.text.startswith("-") and len(word.text) > 1:
                skip = word.text in (
                    "-n",
                    "-c",
                    "-d",
                    "-f",
                    "-F",
                    "-t",
                    "-k",
                    "-e",
                    "-v",
                    "--arg",
                    "-A",
                    "-B",
                    "-C",
                    "-m",
                    "-path",
                )
                skip = skip and not (
                    command.program in ("sed", "jq", "cat", "grep")
                    and word.text in ("-n", "-e", "-c", "-v", "-d", "-A")
                )
            else:
                arguments.append(word)
        yield from arguments[known.files :]
    for one in command.redirections:
        if not one.writes:
            yield one.target


def _reads_event(command: Command) -> bool:
    files = (one.target.text for one in command.redirections if not one.writes)
    return any("GITHUB_EVENT_PATH" in text for text in (*command.texts, *files))
