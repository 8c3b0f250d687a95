"""The commands that a step runs, in whichever shell."""

from typing import TYPE_CHECKING, NamedTuple

from scanner.analysis.scripts.shells import shell_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.source import Span
from scanner.parse.programs import OTHERS as OTHERS
from scanner.parse.programs import POWERSHELL as POWERSHELL
from scanner.parse.scalars import Places

if TYPE_CHECKING:
    from scanner.parse.shell_words import Command, Word


class Ran(NamedTuple):
    """A command with the way to its places."""

    command: "Command"
    places: Places

    def at(self, word: "Word") -> Span:
        """The place of a word, or of its first line."""
        return self.places.span(word.start, word.end)

    def whole(self) -> Span:
        """The place from the program to the last word, as far as they are on one line."""
        words = self.command.words
        return self.places.span(words[0].start, words[-1].end)


def commands_of(graph: Graph, node: StepNode) -> tuple[Ran, ...]:
    """The commands of a step's script and those that they run, where its shell is bash, sh, PowerShell or one like them. A
    shell that cannot be told is taken for bash. To be asked only where the text says that there is something to find."""
    return _commands(graph, node.id)


@per_graph
def _commands(graph: Graph, id: str) -> tuple[Ran, ...]:
    node = graph.nodes[id]
    if not isinstance(node, StepNode) or node.step.run is None:
        return ()
    name, script = shell_of(node).name, node.step.run.script
    if name in POWERSHELL:
        from scanner.parse.powershell import commands

        places = Places(script)
        return tuple(Ran(command, places) for command in commands(script.value))
    if name in OTHERS:
        return ()
    return tuple(
        Ran(one.command, one.places) for read in node.scripts if read.scalar is script for one in read.all
    )
