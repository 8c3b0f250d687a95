"""What a step runs out of the workspace: whoever wrote the files there runs code.

Programs and actions are those of a table; scripts are told by how they are called. Nothing is matched in text: a command is
its program and its arguments, so that `echo make` runs nothing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from scanner.analysis.scripts.commands import OTHERS, POWERSHELL, commands_of
from scanner.analysis.scripts.shells import shell_of
from scanner.analysis.taint.places import lies_in, place_of
from scanner.analysis.taint.tools import use_of
from scanner.analysis.taint.trees import Tree
from scanner.analysis.uses.controls import condition_of
from scanner.analysis.uses.coordinates import judged
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import StepNode
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span
from scanner.parse.action import Action
from scanner.parse.nodes import Scalar
from scanner.parse.scalars import Places
from scanner.parse.uses import LocalUse, RepositoryUse
from scanner.parse.workflow import Call

if TYPE_CHECKING:
    from scanner.parse.nix.script import Executed
    from scanner.parse.shell_words import Command, Word

MAX_RUNNERS: Final = 4
"""Programs before a program (`npx`, `python -m`) that are looked through."""

_SHELLS: Final = frozenset("bash sh dash zsh ksh ash fish".split())
_SOURCES: Final = frozenset((".", "source"))
# Interpreters that run the file behind their options, with the options that take a value.
_INTERPRETERS: Final = {
    name: frozenset(options.split())
    for names, options in (
        ("bash sh dash zsh ksh ash fish", "-o +o -O +O --rcfile --init-file"),
        ("node nodejs", "-r --require --import --loader --env-file --conditions -C --max-old-space-size"),
        ("ts-node tsx", "-P --project -r --require --tsconfig -O --compiler-options"),
        ("ruby perl", "-r -I -E"),
        ("php", "-d -c"),
        ("Rscript julia lua osascript tclsh expect groovy elixir escript kotlin scala", ""),
        ("deno", "--config --import-map --lock -c"),
        ("pwsh powershell", "-ExecutionPolicy -WorkingDirectory -Version"),
        ("python", "-W -X"),
    )
    for name in names.split()
}
# Options with which an interpreter runs a text, or nothing at all, instead of a file.
_TEXTS: Final = frozenset(
    "-c -e -E -p -n -r -i --eval --print --run -pe -ne -Command -command -v -V -h --version --help --check".split()
)
_RUNNERS: Final = frozenset(("npx", "bunx", "pnpx"))
_RUNNER_VALUES: Final = frozenset("-p --package -w --workspace --cache --registry".split())
_WINDOWS: Final = (".exe", ".cmd", ".bat", ".ps1")
_DATA: Final = frozenset("csproj sln json xml nuspec nupkg txt md yml yaml toml zip dll props config".split())
_SYSTEM: Final = ("/usr", "/bin", "/sbin", "/opt", "/nix", "/snap", "/c/", "/home/linuxbrew")
_PYTHON: Final = re.compile(r"python[\d.]*w?|pypy[\d.]*")
_REQUIRE: Final = re.compile(
    r"\b(?:require|import)\(\s*(?:process\.env\.GITHUB_WORKSPACE\s*\+\s*)?"
    r"(?P<mark>['\"`])(?P<path>(?:\.{1,2}/|/|\$\{)[^'\"`\n]{1,300})(?P=mark)"
)
_CALL: Final = re.compile(
    r"\b(?:exec|execSync|execFile|execFileSync|spawn|spawnSync|getExecOutput)\(\s*"
    r"(?P<mark>['\"`])(?P<command>[^'\"`\n]{1,300})(?P=mark)"
)
_WORKSPACE: Final = "process.env.GITHUB_WORKSPACE"


class Execution(NamedTuple):
    """`at` is the command, the `uses:` or the `require` that runs something; `what` names it for people. `folder` is the folder
    whose files it runs, relative to the workspace (`""` for the workspace itself, see `places.place_of` for places outside);
    None when it cannot be told. `file` is the one file that it runs, None for a tool that reads what it finds in the
    folder. `contained`: what is run is kept in a sandbox, a container or on another machine, away from what the job holds
    (`nix build`, `docker build`); the result is still made by others."""

    at: Span
    what: str
    folder: str | None
    file: str | None = None
    contained: bool = False


def executed(graph: Graph, knowledge: Knowledge, node: StepNode) -> Iterator[Execution]:
    """What a step runs of the files in the workspace, in the order of its commands."""
    return iter(_executed(graph, knowledge, node.id))


def runs_in(execution: Execution, tree: Tree) -> bool | None:
    """Whether what is run lies in a tree; None when that cannot be told."""
    path = execution.file if execution.file is not None else execution.folder
    if path is None or tree.folder is None:
        return None
    return lies_in(path, tree.folder)


@per_graph
def _executed(graph: Graph, knowledge: Knowledge, id: str) -> tuple[Execution, ...]:
    node = graph.nodes[id]
    if not isinstance(node, StepNode):
        return ()
    if node.step.run is not None:
        return tuple(_of_script(graph, knowledge, node))
    return tuple(_of_call(knowledge, node.step.call)) if node.step.call is not None else ()


# ---------------------------------------------------------------- actions


def _of_call(knowledge: Knowledge, call: Call) -> Iterator[Execution]:
    use, at = call.target, call.text.content.first_line()
    if isinstance(use, LocalUse):
        yield Execution(at, call.text.value, place_of(use.path))
        return
    if not isinstance(use, RepositoryUse):
        return
    if use.slug == "actions/github-script" and not use.path:
        script = call.inputs.get("script")
        if script is not None:
            yield from _required(script)
            yield from _called(knowledge, script)
        return
    name = f"{use.slug}/{use.path}" if use.path else use.slug
    script_inputs = knowledge.execution.script(name.lower())
    if script_inputs is not None:
        yield from _handed_over(knowledge, call, *script_inputs)
        return
    runner = knowledge.execution.runner(name.lower())
    if runner is None or judged(call, condition_of(runner.control)).holds is False:
        return
    folder = call.inputs.get(runner.folder) if runner.folder is not None else None
    if folder is None or not folder.value.strip():
        if not runner.given:
            yield Execution(at, use.name, "", None, runner.contained)
    elif "://" not in folder.value and "{{defaultContext}}" not in folder.value.replace(" ", ""):
        yield Execution(at, use.name, place_of(folder.value), None, runner.contained)


def _handed_over(knowledge: Knowledge, call: Call, name: str, where: str | None) -> Iterator[Execution]:
    """What an action runs of the commands that it is given in an input."""
    script = call.inputs.get(name)
    if script is None:
        return
    from scanner.parse.shell import commands

    folder = call.inputs.get(where) if where is not None else None
    here = place_of(folder.value) if folder is not None else ""
    folders: dict[tuple[int, ...], str | None] = {(): here}
    places = Places(script)
    for command in commands(script.value):
        for ran in _moved(_Ran(command, places, here, None), folders):
            yield from _runs(knowledge, ran, command.words, 0)


def _required(script: Scalar) -> Iterator[Execution]:
    """The files that a script of actions/github-script loads: by a path, which is one of the workspace."""
    text = script.value
    if "require(" not in text and "import(" not in text:
        return
    places = Places(script)
    for match in _REQUIRE.finditer(text):
        path = match["path"].replace(f"${{{_WORKSPACE}}}", "$GITHUB_WORKSPACE")
        if _WORKSPACE in match[0] and path.startswith("/"):
            path = path.lstrip("/")
        file = place_of(path)
        folder = file.rpartition("/")[0] if file is not None else None
        yield Execution(places.span(match.start(), match.end()).first_line(), match[0], folder, file)


def _called(knowledge: Knowledge, script: Scalar) -> Iterator[Execution]:
    """The commands that a script of actions/github-script runs, where they are written out."""
    text = script.value
    if "exec" not in text and "spawn" not in text:
        return
    from scanner.parse.shell import commands

    places = Places(script)
    for match in _CALL.finditer(text):
        at = places.span(match.start(), match.end()).first_line()
        for command in commands(match["command"]):
            for one in _runs(knowledge, _Ran(command, places, "", None), command.words, 0):
                yield one._replace(at=at)


# ---------------------------------------------------------------- scripts


class _Ran(NamedTuple):
    """A command, the folder it runs in, and the folder of the local action whose step it belongs to."""

    command: "Command"
    places: Places
    here: str | None
    action: str | None

    def resolve(self, text: str, here: str | None) -> str | None:
        if self.action is not None:
            for name in ("$GITHUB_ACTION_PATH", "${GITHUB_ACTION_PATH}", "${{ github.action_path }}"):
                if text.startswith(name):
                    return place_of(text[len(name) :].lstrip("/"), self.action)
        return place_of(text, here)

    def found(self, what: str, folder: str | None, file: str | None = None) -> Execution:
        words = self.command.words
        return Execution(self.places.span(words[0].start, words[-1].end).first_line(), what, folder, file)

    def of_file(self, word: "Word", what: str) -> Execution:
        """A file that is run."""
        file = self.resolve(word.text, self.here)
        if file is None:
            # `./scripts/$NAME.sh`: the folder is known all the same.
            front = word.text[: _first_computed(word.text)].rpartition("/")[0]
            return self.found(what, self.resolve(front, self.here) if front else None)
        return self.found(what, file.rpartition("/")[0], file)


def _first_computed(text: str) -> int:
    found = [at for at in (text.find("$", 1), text.find("`"), text.find("*")) if at >= 0]
    return min(found, default=len(text))


def _of_script(graph: Graph, knowledge: Knowledge, node: StepNode) -> Iterator[Execution]:
    run = node.step.run
    if run is None:
        return
    said = run.working_directory or next(
        (one.working_directory for one in node.defaults if one.working_directory is not None), None
    )
    here = place_of(said.value) if said is not None else ""
    action = None
    if node.job is None and isinstance(node.owner, Action):
        action = node.owner.source.path.rpartition("/")[0]
    shell = shell_of(node).name
    if shell in POWERSHELL:
        folders: dict[tuple[int, ...], str | None] = {(): here}
        for ran in commands_of(graph, node):
            for one in _moved(_Ran(ran.command, ran.places, here, action), folders):
                yield from _runs(knowledge, one, one.command.words, 0)
    elif shell not in OTHERS:
        for script in node.scripts:
            for one in _walked(script.commands, here, action):
                yield from _runs(knowledge, one, one.command.words, 0)


def _walked(commands: "Iterable[Executed]", here: str | None, action: str | None) -> Iterator[_Ran]:
    """Commands and those that they run in their turn, each with its folder. (A reader bounds their depth.)"""
    folders: dict[tuple[int, ...], str | None] = {(): here}
    for one in commands:
        for ran in _moved(_Ran(one.command, one.places, here, action), folders):
            yield ran
            yield from _walked(one.inner, ran.here, action)


def _moved(ran: _Ran, folders: dict[tuple[int, ...], str | None]) -> Iterator[_Ran]:
    """A command in the folder that the `cd`s before it lead to; each subshell has a folder of its own."""
    command, shell = ran.command, ran.command.shell
    while shell not in folders:
        shell = shell[:-1]
    current = folders[shell]
    program = command.program.lower()
    if program in ("cd", "pushd", "set-location", "sl", "chdir", "push-location"):
        targets = [word.text for word in command.words[1:] if word.text in ("-",) or word.text[:1] != "-"]
        folders[command.shell] = ran.resolve(targets[0], current) if targets else place_of("~")
    elif program in ("popd", "pop-location"):
        folders[command.shell] = None
    else:
        yield ran._replace(here=current)


def _runs(knowledge: Knowledge, ran: _Ran, words: "Sequence[Word]", depth: int) -> Iterator[Execution]:
    """What a command runs; `words` are those of it from a program on."""
    if not words or depth > MAX_RUNNERS:
        return
    texts = [word.text for word in words]
    if texts[0] in _SOURCES:
        if len(words) > 1 and not texts[1].startswith("<("):
            yield ran.of_file(words[1], f"{texts[0]} {texts[1]}")
        return
    name = texts[0].replace("\\", "/").rpartition("/")[2]
    program = name
    for ending in _WINDOWS:
        program = program.removesuffix(ending)
    if texts[0] == "&" and len(words) > 1:  # PowerShell calls it
        yield from _runs(knowledge, ran, words[1:], depth + 1)
        return
    path = texts[0].replace("\\", "/")
    if "/" in path and _is_program(path):
        called = ran.of_file(words[0], texts[0])
        if called.folder is not None and not _is_of_system(called.folder):
            yield called
    if _PYTHON.fullmatch(program):
        program = "python"
    if program in _RUNNERS:
        rest = _behind(texts, 1, _RUNNER_VALUES)
        yield from _runs(knowledge, ran, words[rest:], depth + 1)
    elif program in _INTERPRETERS:
        yield from _interpreted(knowledge, ran, words, program, depth)
    else:
        for tool in knowledge.execution.tools(program):
            use = use_of(words, program, tool, ran.here, ran.resolve)
            if use is not None:
                yield ran.found(*use)._replace(contained=tool.contained)
                break


def _is_program(path: str) -> bool:
    """Whether the first word of a command can be a file that is run; PowerShell prints other words."""
    if "://" in path or path.startswith("<(") or "\n" in path or path[-1:] in ",/":
        return False
    _, dot, ending = path.rpartition("/")[2].rpartition(".")
    return not dot or ending.lower() not in _DATA


def _is_of_system(folder: str) -> bool:
    """Whether programs of the machine are there, which nobody unpacks anything into."""
    return folder.startswith(_SYSTEM) or folder[1:3] == ":/"


def _behind(texts: Sequence[str], start: int, values: frozenset[str]) -> int:
    """The index of the first argument that is no option and no option's value."""
    at = start
    while at < len(texts) and texts[at].startswith(("-", "+")) and texts[at] != "-":
        at += 2 if texts[at] in values else 1
    return at


def _interpreted(
    knowledge: Knowledge, ran: _Ran, words: "Sequence[Word]", program: str, depth: int
) -> Iterator[Execution]:
    values = _INTERPRETERS[program]
    at = 1
    if program == "deno" and len(words) > 1 and words[1].text in ("run", "test", "task", "bench"):
        at = 2
        if words[1].text in ("test", "task", "bench"):
            yield ran.found(f"deno {words[1].text}", ran.here)
            return
    while at < len(words):
        text = words[at].text
        if program == "python" and text == "-m":
            yield from _module(knowledge, ran, words[at + 1 :], depth)
            return
        if program in ("pwsh", "powershell") and text.lower() in ("-file", "-f"):
            at += 1
            break
        if program == "node" and text == "--test":
            yield ran.found("node --test", ran.here)
            return
        if text in _TEXTS or (
            program in _SHELLS and text[:1] == "-" and text[1:2] != "-" and "c" in text[1:]
        ):
            return
        if not text.startswith(("-", "+")):
            break
        if text == "-":
            return
        at += 2 if text in values else 1
    if at < len(words):
        if not words[at].text.startswith(("<(", "http:", "https:", "npm:", "jsr:")):
            yield ran.of_file(words[at], f"{words[0].text} {words[at].text}")
        return
    for one in ran.command.redirections:
        if one.operator == "<" and program in _SHELLS:
            yield ran.of_file(one.target, f"{words[0].text} < {one.target.text}")


def _module(knowledge: Knowledge, ran: _Ran, words: "Sequence[Word]", depth: int) -> Iterator[Execution]:
    """`python -m NAME`: a tool, or a module that Python looks for in the current folder first."""
    if not words:
        return
    name = words[0].text
    tools = knowledge.execution.tools(name)
    if tools or name in ("pip", "venv", "ensurepip", "virtualenv"):
        yield from _runs(knowledge, ran, words, depth + 1)
    elif name.replace(".", "").replace("_", "").isalnum():
        yield ran.found(f"python -m {name}", ran.here)
