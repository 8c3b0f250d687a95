"""The folder in which each command of a step runs (see `places.place_of`)."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.scripts.commands import Ran, commands_of
from scanner.analysis.taint.places import place_of
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.parse.nodes import Scalar

_CHANGES: Final = frozenset(("cd", "pushd", "Set-Location"))


def place(folder: Scalar | None) -> str | None:
    """The folder that an input names; the workspace without one."""
    return "" if folder is None else place_of(folder.value)


def home(node: StepNode) -> str | None:
    """The folder in which the script of a step starts."""
    run = node.step.run
    folder = run.working_directory if run is not None else None
    if folder is None:
        folder = next(
            (one.working_directory for one in node.defaults if one.working_directory is not None), None
        )
    return place(folder)


def commands_in(graph: Graph, node: StepNode) -> Iterator[tuple[Ran, str | None]]:
    """The commands of a step, each with the folder in which it runs; each subshell has one of its own."""
    folders: dict[tuple[int, ...], str | None] = {(): home(node)}
    for ran in commands_of(graph, node):
        command = ran.command
        shell = command.shell
        while shell not in folders:
            shell = shell[:-1]
        here = folders[shell]
        if command.program in _CHANGES:
            folders[command.shell] = place_of(command.words[1].text, here) if len(command.words) > 1 else None
        yield ran, here
