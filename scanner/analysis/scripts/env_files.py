"""What a script writes to the files by which it sets variables and the PATH of later steps.

Seen are redirections and `tee` in bash and sh; redirections, `Out-File`, `Add-Content`, `Set-Content` and `Tee-Object` in
PowerShell; redirections in cmd (the same as zizmor 1.32, `github-env`, and what that overlooks: here-documents, groups, loops).
"""

from collections.abc import Iterator, Sequence
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Final, NamedTuple

from scanner.analysis.scripts.commands import OTHERS, POWERSHELL, Ran, commands_of
from scanner.analysis.scripts.shells import shell_of
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.source import Span
from scanner.parse.scalars import Places

if TYPE_CHECKING:
    from scanner.parse.shell_words import Command, Word

FILES: Final = ("GITHUB_ENV", "GITHUB_PATH")
MAX_GROUP: Final = 100
"""Commands of a group that are looked at; a longer one is taken to print something computed."""

_PRINTS: Final = frozenset(("echo", "printf"))
_COPIES: Final = frozenset(("cat", "tee"))
_SILENT: Final = frozenset((":", "true", "cd", "set", "[", "test", "shift"))
_PRINT_NOTHING: Final = frozenset(("", "exec", "command", "builtin"))
"""Wrappers that print nothing without a command; `env` prints the environment, `xargs` what it reads."""
_CMDLETS: Final = frozenset(("out-file", "add-content", "set-content", "tee-object", "ac", "sc", "tee"))


class Write(NamedTuple):
    """`file` is GITHUB_ENV or GITHUB_PATH. `words` are the texts with computed parts that are seen to be written; there may be
    others. `whole` are those words, of the command `ran`, where there are none but them."""

    at: Span
    file: str
    words: tuple[Span, ...]
    ran: Ran | None = None
    whole: "tuple[Word, ...] | None" = None


def writes(graph: Graph, node: StepNode) -> Iterator[Write]:
    """The writes of a step whose content is not fixed in the script."""
    run = node.step.run
    text = run.script.value.upper() if run is not None else ""
    if run is None or not any(file in text for file in FILES):
        return
    name = shell_of(node).name
    if name == "cmd":
        yield from _of_cmd(run.script.value, Places(run.script))
    elif name in POWERSHELL:
        yield from _of_powershell(commands_of(graph, node))
    elif name not in OTHERS:
        yield from _of_bash(commands_of(graph, node))


def redirections(graph: Graph, node: StepNode, files: Sequence[str]) -> Iterator[tuple[int, "Word", str]]:
    """The redirections and arguments by which commands of a step write to some files of the runner: the number of the command among
    `commands_of`, the word that names the file, and which it is. Not in cmd."""
    run = node.step.run
    text = run.script.value.upper() if run is not None else ""
    if run is None or not any(file in text for file in files):
        return
    powershell = shell_of(node).name in POWERSHELL
    for index, ran in enumerate(commands_of(graph, node)):
        command = ran.command
        if not powershell:
            for word, file in _targets(command, files):
                yield index, word, file
            continue
        words = [one.target for one in command.redirections if one.writes]
        words += command.words[1:] if _is_cmdlet(command) else ()
        for word in words:
            named = _variable(word, files)
            if named is not None:
                yield index, word, named


# ---------------------------------------------------------------- bash


def _of_bash(found: Sequence[Ran]) -> Iterator[Write]:
    for index, ran in enumerate(found):
        command = ran.command
        for target, file in _targets(command):
            if not _fixed(found, index):
                words = tuple(_shown(ran, command.words[1:]))
                yield Write(ran.at(target), file, words, ran, _whole(command))


def _targets(command: "Command", files: Sequence[str] = FILES) -> Iterator[tuple["Word", str]]:
    """The words that name one of the files as the place to write to."""
    words = [one.target for one in command.redirections if one.writes]
    if command.program == "tee":
        words += command.words[1:]
    for word in words:
        file = word.text.removeprefix("$").removeprefix("{").partition("}")[0].partition(":")[0]
        if word.computed and file in files and word.text.startswith("$"):
            yield word, file


def _fixed(found: Sequence[Ran], index: int) -> bool:
    """Whether what a command prints stands in the script."""
    command = found[index].command
    if command.group is not None:
        inside = list(islice(_inside(found, index), MAX_GROUP + 1))
        return len(inside) <= MAX_GROUP and all(_fixed_inside(one) for one in inside)
    if command.bare == "exec":  # all that the shell prints from here on
        rest = [one.command for one in islice(found, index + 1, index + MAX_GROUP + 2)]
        behind = list(takewhile(lambda one: one.shell[: len(command.shell)] == command.shell, rest))
        return len(behind) <= MAX_GROUP and all(_fixed_inside(one) for one in behind)
    if not command.words:
        return command.bare in _PRINT_NOTHING  # `> file` empties it
    if command.program in _COPIES and command.pipe is not None:
        return index > 0 and found[index - 1].command.pipe is None and _fixed_alone(found[index - 1].command)
    return _fixed_alone(command)


def _fixed_inside(command: "Command") -> bool:
    """Whether what a command among others prints stands in the script."""
    if command.group is not None or (not command.words and command.bare in _PRINT_NOTHING):
        return True
    return command.program in _SILENT or _fixed_alone(command)


def _fixed_alone(command: "Command") -> bool:
    if command.program in _PRINTS:
        return not any(word.computed or "${{" in word.text for word in command.words[1:])
    if command.program in _COPIES and command.input is not None:
        files = [word for word in command.words[1:] if not word.text.startswith("-")]
        given = command.input
        return (command.program == "tee" or not files) and not given.computed and "${{" not in given.text
    return False


def _whole(command: "Command") -> "tuple[Word, ...] | None":
    """The words that make up all that a command prints; None where there is more."""
    if command.program in _PRINTS:
        return command.words[1:]
    if command.program == "cat" and command.input is not None and command.pipe is None:
        return (command.input,) if all(word.text[:1] == "-" for word in command.words[1:]) else None
    return None


def _inside(found: Sequence[Ran], index: int) -> Iterator["Command"]:
    """The commands of the group that ends with one, the last first."""
    begin = found[index].command.group
    for before in range(index - 1, -1, -1):
        command = found[before].command
        words = command.words or command.assignments
        if words and begin is not None and words[0].start < begin:
            return
        yield command


def _shown(ran: Ran, words: "Sequence[Word]") -> Iterator[Span]:
    for word in words:
        if word.computed or "${{" in word.text:
            yield ran.at(word)


# ---------------------------------------------------------------- PowerShell


def _of_powershell(found: Sequence[Ran]) -> Iterator[Write]:
    for index, ran in enumerate(found):
        command = ran.command
        targets = [one.target for one in command.redirections if one.writes]
        cmdlet = _is_cmdlet(command)
        if cmdlet:
            targets += command.words[1:]
        for target in targets:
            file = _variable(target)
            if file is not None and not _constant(found, index, target, cmdlet):
                rest = [word for word in command.words if word is not target]
                alone = command.pipe is None and (cmdlet or _is_text(command))
                yield Write(
                    ran.at(target), file, tuple(_shown(ran, rest)), ran, tuple(rest) if alone else None
                )


def _is_text(command: "Command") -> bool:
    """Whether a command of PowerShell prints the words that it consists of, or has behind it."""
    return command.program.lower() in ("echo", "write-output") or (
        len(command.words) == 1 and (command.words[0].text[:1] == "$" or "=" in command.words[0].text)
    )


def _is_cmdlet(command: "Command") -> bool:
    return command.program.rpartition("\\")[2].lower() in _CMDLETS


def _variable(word: "Word", files: Sequence[str] = FILES) -> str | None:
    text = word.text.upper()
    if not word.computed:
        return None
    return next((file for file in files if f"ENV:{file}" in text), None)


def _constant(found: Sequence[Ran], index: int, target: "Word", cmdlet: bool) -> bool:
    """Whether what is written stands in the script: `"A=b" >> …`, `echo "A=b" | Out-File …`, `Add-Content … "A=b"`."""
    command = found[index].command
    if cmdlet and command.pipe is not None:
        return index > 0 and found[index - 1].command.pipe is None and _printed(found[index - 1].command)
    if cmdlet:
        return not any(word is not target and _open(word) for word in command.words)
    return _printed(command)


def _printed(command: "Command") -> bool:
    """Whether a command prints nothing but the words behind it, or is itself a text."""
    words = command.words
    if not words or any(_open(word) for word in words):
        return False
    return _is_text(command)


def _open(word: "Word") -> bool:
    return word.computed or "${{" in word.text


# ---------------------------------------------------------------- cmd


def _of_cmd(script: str, places: Places) -> Iterator[Write]:
    """Line by line: cmd has no grammar to speak of."""
    start = 0
    for line in script.split("\n"):
        upper = line.upper()
        for file in FILES:
            for mark in "%!":
                at = upper.find(f"{mark}{file}{mark}")
                before = upper[:at].rstrip(' "') if at >= 0 else ""
                if not before.endswith(">") or before.lstrip().startswith(("REM ", "::")):
                    continue
                rest = before.rstrip(">") + upper[at + len(file) + 2 :]
                if not rest.lstrip(" @(").startswith("ECHO") or any(
                    sign in rest for sign in ("%", "!", "${{")
                ):
                    yield Write(places.span(start + at, start + at + len(file) + 2), file, ())
        start += len(line) + 1
