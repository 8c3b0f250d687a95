"""What the commands of a step print that others wrote: words, files that they brought along, and what goes through filters."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from posixpath import normpath
from typing import TYPE_CHECKING, Final, NamedTuple

from scanner.analysis.scripts.assignments import parts
from scanner.analysis.scripts.checked import Checked, checks
from scanner.analysis.scripts.commands import Ran, commands_of
from scanner.analysis.scripts.filled_in import is_split
from scanner.analysis.scripts.passes import Passes, may_print_input, passes, prints_nothing
from scanner.analysis.scripts.word_parts import formatted, outline, parts_of
from scanner.analysis.taint import foreign
from scanner.analysis.taint.lines import joined, one_line
from scanner.analysis.taint.origin import Origin
from scanner.analysis.taint.taint import Taint
from scanner.analysis.taint.told import HISTORY
from scanner.analysis.taint.trees import Tree
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.source import Span
from scanner.parse.shell_words import start_of

if TYPE_CHECKING:
    from scanner.parse.shell_words import Command, Word

MAX_GROUP: Final = 100
"""Commands of a group, of a pipe and of a word that are looked at."""
MAX_DEPTH: Final = 6
"""Commands whose texts go through one another."""

_ECHOES: Final = frozenset(("echo", "printf"))


class Said(NamedTuple):
    """A text of others' in what a command prints. `line` says whether it is one line for sure, None for one that is by chance: a
    title, as far as is known, and what a shell splits into words for want of quotes. `tree` is what it was read from, where it
    was a file; `name` says that it stands before the first `=` of its word, `first` that the word begins with it."""

    origin: Origin
    line: bool | None
    tree: Tree | None = None
    name: bool = True
    first: bool = True


class Printed(NamedTuple):
    """One thing that a command prints: `text` is it as it stands in the script, None for what is read from elsewhere; `said` is what
    of it others wrote. `at` is its place. `broken` says that `\\n` in it becomes a line break."""

    at: Span
    text: str | None
    said: tuple[Said, ...]
    broken: bool = False


def can_command(printed: Printed, said: Said) -> bool:
    """Whether what others wrote can stand at the beginning of a line that is printed, where the runner looks for commands."""
    if said.line is False or printed.text is None:
        return True
    return said.name and said.first and printed.text.lstrip()[:1] in ("$", "`")


@per_graph
def printing_of(graph: Graph, taint: Taint, node: StepNode) -> "Printing":
    """The answers for a step, which several rules ask."""
    return Printing(graph, taint, node)


class Printing:
    """Answers for one step."""

    def __init__(self, graph: Graph, taint: Taint, node: StepNode) -> None:
        self._taint = taint
        self._node = node
        self.found: Sequence[Ran] = commands_of(graph, node)
        run = node.step.run
        self._script = run.script.value if run is not None else ""
        self._trees: tuple[Tree, ...] | None = None
        self._refs: list[Checked] | None = None

    # ------------------------------------------------------------ commands

    def of(self, index: int, depth: int = 0) -> Iterator[Printed]:
        """What a command prints, given by its number in `found`, in order."""
        ran = self.found[index]
        command = ran.command
        if depth > MAX_DEPTH:
            return
        if command.group is not None:
            yield from self._group(index, depth)
        elif not command.words:
            yield from self._read(index, (), depth)  # `$(<file)`
        elif command.program in _ECHOES:
            yield from self._echo(index, depth)
        elif prints_nothing(command, lines=True):
            return
        elif (known := passes(command)) is not None:
            yield from self._filter(index, known, depth)
        elif command.program == "ls":
            said = tuple(self._of_tree(tree, "names of files", ran.whole()) for tree in self._all_trees())
            yield Printed(ran.whole(), None, said)
        else:
            yield from self._program(index, depth)

    def printing(self, first: int, end: int, shell: tuple[int, ...]) -> Iterator[int]:
        """The numbers of the commands of a shell, among some, whose output is not read by another one or put elsewhere."""
        for index in range(first, min(end, first + MAX_GROUP)):
            command = self.found[index].command
            if command.shell != shell or diverted(command) or (not command.words and command.group is None):
                continue
            if not self._is_piped(index, end):
                yield index

    def _is_piped(self, index: int, end: int) -> bool:
        """Whether the output of a command goes into another one."""
        shell = self.found[index].command.shell
        for after in range(index + 1, min(end, index + MAX_GROUP)):
            command = self.found[after].command
            if command.shell == shell:
                return command.pipe is not None
        return False

    def group(self, index: int) -> tuple[int, int, tuple[int, ...]]:
        """The numbers of the commands between which the group stands that ends with a command, and its shell."""
        first, begin = index, self.found[index].command.group
        while first > 0 and index - first < MAX_GROUP:
            before = self.found[first - 1].command
            words = before.words or before.assignments
            if words and begin is not None and words[0].start < begin:
                break
            first -= 1
        shells = [self.found[one].command.shell for one in range(first, index)]
        return first, index, min(shells, key=len, default=())

    def _group(self, index: int, depth: int) -> Iterator[Printed]:
        first, end, shell = self.group(index)
        read = list(self._read(index, (), depth))
        for inner in self.printing(first, end, shell):
            for one in self.of(inner, depth + 1):
                # `while read line; do echo "$line"; done < file`
                computed = one.text is not None and "$" in one.text
                yield (
                    one._replace(said=(*one.said, *(said for part in read for said in part.said)))
                    if (computed and read)
                    else one
                )

    def _echo(self, index: int, depth: int) -> Iterator[Printed]:
        ran = self.found[index]
        program, words = ran.command.program, ran.command.words[1:]
        while words and words[0].text[:1] == "-" and program == "echo":
            if not words[0].text[1:] or not set(words[0].text[1:]) <= set("neE"):
                break
            words = words[1:]
        if program == "printf" and words[:1] and words[0].text == "--":
            words = words[1:]
        if not words:
            return
        options = ran.command.texts[1:3]
        broken = program == "printf" or any(
            one.startswith("-") and "e" in one and set(one[1:]) <= set("neE") for one in options
        )
        said = [one for word in words for one in self.said(index, word, depth)]
        if broken and program == "echo":
            said = [one._replace(line=False) if one.line is None else one for one in said]
        at = next((ran.at(word) for word in words if word.computed or "${{" in word.text), ran.at(words[0]))
        texts = [outline(word.text) for word in words]
        text = formatted(texts) if program == "printf" else " ".join(texts)
        yield Printed(at, text, tuple(said), broken)

    def _filter(self, index: int, known: Passes, depth: int) -> Iterator[Printed]:
        ran = self.found[index]
        command = ran.command
        if known.arguments:
            words = [word for word in command.words[1:] if word.computed or "${{" in word.text]
            said = tuple(one for word in words for one in self.said(index, word, depth))
            if said:
                yield Printed(ran.at(words[0]), outline(words[0].text), said)
            return
        cut = joined(f"$({' '.join(_quoted_like(one) for one in command.texts)})")
        for one in self._filtered(index, known, depth):
            said = tuple([said._replace(line=True) for said in one.said]) if cut else one.said
            yield one._replace(said=said, text=one.text if command.program in ("cat", "tee") else None)

    def _filtered(self, index: int, known: Passes, depth: int) -> Iterator[Printed]:
        ran = self.found[index]
        command = ran.command
        files = [
            word
            for before, word in pairwise(command.words)
            if not word.text.startswith("-") and not _is_value(before.text, word.text)
        ]
        if known.files is None:
            files = []
        elif known.files and ("-e" in command.texts or "-f" in command.texts):
            pass
        else:
            files = files[known.files :]
        outside = self._outside(ran)
        if outside:
            yield Printed(ran.whole(), None, outside)
            return
        yield from self._read(index, tuple(files), depth)

    def _read(self, index: int, files: "tuple[Word, ...]", depth: int) -> Iterator[Printed]:
        """What a command reads: files, its input, the output of the one before it."""
        ran = self.found[index]
        command = ran.command
        for word in (*files, *(one.target for one in command.redirections if one.operator == "<")):
            trees = self.trees_at(word.text, ran)
            if trees:
                at = ran.at(word)
                yield Printed(at, None, tuple(self._of_tree(tree, "read here", at) for tree in trees))
        if command.input is not None and not files:
            yield from self._input(index, command.input, depth)
        elif command.pipe is not None and (
            not files or "-" in command.texts or "/dev/stdin" in command.texts
        ):
            before = self._before(index)
            if before is not None:
                yield from self.of(before, depth + 1)

    def _input(self, index: int, input: "Word", depth: int) -> Iterator[Printed]:
        """The lines of a here-document."""
        start = 0
        for line in input.text.splitlines(keepends=True)[:MAX_GROUP]:
            word = input.part(start, start + len(line.rstrip("\n")))
            start += len(line)
            if word.text:
                said = tuple(self.said(index, word, depth, document=True))
                yield Printed(self.found[index].at(word), word.text, said)

    def _before(self, index: int) -> int | None:
        """The command whose output a command reads."""
        shell = self.found[index].command.shell
        for before in range(index - 1, max(-1, index - MAX_GROUP), -1):
            if self.found[before].command.shell == shell:
                return before
            if len(self.found[before].command.shell) < len(shell):
                return None
        return None

    def _program(self, index: int, depth: int) -> Iterator[Printed]:
        """A program of which nothing is known may print what it is given."""
        ran = self.found[index]
        outside = self._outside(ran)
        if outside:
            yield Printed(ran.whole(), None, outside)
            return
        if ran.command.program in ("git", "gh"):
            return
        said = [
            one._replace(origin=one.origin._replace(doubt=2))
            for word in ran.command.words[1:]
            if word.computed or "${{" in word.text
            for one in self.said(index, word, depth)
        ]
        if may_print_input(ran.command):
            said += [
                one._replace(origin=one.origin._replace(doubt=2), line=False)
                for printed in self._read(index, (), depth)
                for one in printed.said
            ]
        if said:
            yield Printed(ran.whole(), None, tuple(said))

    def _outside(self, ran: Ran) -> tuple[Said, ...]:
        """What a command tells that others wrote."""
        if ran.command.program not in ("git", "gh", "jq"):
            return ()
        return tuple(self._known(one) for one in self._taint.origins.of_output(self._node, ran))

    def _known(self, origin: Origin) -> Said:
        """A text with what of git's history can be told of it: nothing of that is others' where a branch of the repository itself
        was checked out."""
        if origin.kind == "unknown" and origin.path == ("git",):
            for tree in self._all_trees():
                if tree.kind == "pull request" and (tree.own or tree.latent):
                    told = self.of_files(tree)
                    hops = (*told.hops, *origin.hops)
                    return Said(told._replace(path=(HISTORY,), hops=hops, doubt=1), False, tree)
        return Said(origin, one_line(origin))

    def is_ref(self, index: int, word: "Word") -> bool:
        """Whether git has checked before that what fills a word is the name of a branch: there are no spaces in it, and no `-` begins
        it."""
        if "check-ref-format" not in self._script:
            return False
        if self._refs is None:
            found = checks(self._script, [ran.command for ran in self.found])
            self._refs = [one for one in found if one.kind == "ref"]
        names = [part.name for part in parts(word) if part.kind == "variable"]
        checked = {one.name for one in self._refs if one.start <= word.start < one.end}
        return bool(names) and checked.issuperset(names)

    def read_by(self, index: int) -> Iterator[Said]:
        """What others wrote of what a command reads: a here-document, the output of another one."""
        for one in self._read(index, (), 0):
            yield from one.said

    # ------------------------------------------------------------ words

    def said(self, index: int, word: "Word", depth: int = 0, document: bool = False) -> Iterator[Said]:
        """What others wrote of a word of a command; of a line of a here-document if `document`."""
        if not word.computed and "${{" not in word.text:
            return
        ran = self.found[index]
        split = not document and is_split(self._script, word)
        name = True
        for start, end, substituted in parts_of(word.text):
            part = word.part(start, end)
            if substituted:
                cut = joined(part.text)
                for one in self._substituted(index, part, depth):
                    line = True if cut else _spread(one.line, split)
                    yield one._replace(line=line, name=name, first=start == 0)
                continue
            for origin in self._taint.origins.of_word(self._node, ran, part):
                said = self._known(origin)
                line = True if joined(part.text) else _spread(said.line, split and "${{" not in part.text)
                yield said._replace(line=line, name=name, first=start == 0)
            name = name and "=" not in part.text

    def _substituted(self, index: int, part: "Word", depth: int) -> Iterator[Said]:
        """What the commands of a `$(…)` print."""
        shell = self.found[index].command.shell
        first = index
        while first > 0 and index - first < MAX_GROUP:
            command = self.found[first - 1].command
            if len(command.shell) <= len(shell) or start_of(command) < part.start:
                break
            first -= 1
        inside = [one for one in range(first, index) if start_of(self.found[one].command) < part.end]
        if not inside:
            for origin in self._taint.origins.of_word(self._node, self.found[index], part):
                said = self._known(origin)
                yield said._replace(line=joined(part.text) or said.line)
            return
        end = inside[-1] + 1
        inner = min((self.found[one].command.shell for one in inside), key=len)
        for one in range(inside[0], end):
            command = self.found[one].command
            if command.shell == inner and not self._is_piped(one, end):
                for printed in self.of(one, depth + 1):
                    yield from printed.said

    # ------------------------------------------------------------ files

    def _all_trees(self) -> tuple[Tree, ...]:
        if self._trees is None:
            workspace = self._taint.workspace
            self._trees = (*workspace.before(self._node), *workspace.brought(self._node))
        return self._trees

    def trees_at(self, path: str, ran: Ran) -> tuple[Tree, ...]:
        """The trees that a file may be in, given as a command of the script has it."""
        return tuple(
            tree for tree in self._all_trees() if is_in(path, tree.folder) and self._is_there(tree, ran)
        )

    def _is_there(self, tree: Tree, ran: Ran) -> bool:
        """Whether a tree is there when a command runs: what the script itself fetches is only from then on."""
        run = self._node.step.run
        inside = run is not None and tree.at.source is run.script.source
        inside = inside and run is not None and run.script.start <= tree.at.start < run.script.end
        start = max(0, start_of(ran.command))
        return not inside or tree.at.start < ran.places.span(start, start + 1).start

    def _of_tree(self, tree: Tree, message: str, at: Span) -> Said:
        return Said(self.of_files(tree).through(at, message), False, tree)

    def of_files(self, tree: Tree) -> Origin:
        """What stands in the files of a tree."""
        absent = {event for event in self._taint.reach.of(self._node) if not tree.comes(event)}
        origin = foreign.brought(tree)
        return origin._replace(guarded=origin.guarded | absent)


def is_in(path: str, folder: str | None) -> bool:
    """Whether a path of a script may lead into a folder of the workspace (None for one that cannot be told)."""
    path = path.strip().removeprefix("./")
    for root in ("$GITHUB_WORKSPACE/", "${GITHUB_WORKSPACE}/", "${{ github.workspace }}/"):
        if path.startswith(root):
            path = path[len(root) :]
            break
    else:
        if path.startswith(("/dev/", "/etc/", "/proc/", "/usr/", "$GITHUB_", "${GITHUB_")) or path in (
            "",
            "-",
        ):
            return False
        if path.startswith(("/", "~", "$RUNNER_TEMP", "${RUNNER_TEMP", "${{ runner.temp")):
            return folder is None
        if path.startswith(("$", "`")):
            return True
    if folder is None:
        return False
    folder = normpath(folder) if folder else ""
    if folder in ("", "."):
        return not path.startswith("../")
    path = normpath(path)
    return path == folder or path.startswith(folder + "/") or "$" in path.partition("/")[0]


def _is_value(option: str, text: str) -> bool:
    """Whether a word is the value of the short option before it: a number, a sign."""
    return len(option) == 2 and option[0] == "-" and (text.isdigit() or len(text) == 1)


def _spread(line: bool | None, split: bool) -> bool | None:
    """Whether a text is one line where the shell makes words of it: as long as nobody sets the quotes that are missing."""
    return None if split and not line else line


def _quoted_like(text: str) -> str:
    return f"'{text}'" if " " in text or "\\" in text else text


def diverted(command: "Command") -> bool:
    """Whether what a command prints goes into a file."""
    return any(one.writes and one.target.text != "/dev/null" for one in command.redirections) and (
        command.program != "tee"
    )
