"""Outputs of a step that others can set beside the one that is meant: by a line break in GITHUB_OUTPUT, or by what is printed in a
step that sets outputs with `::set-output` (the runner reads such commands out of all that a step prints)."""

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

from scanner.analysis.scripts.commands import POWERSHELL
from scanner.analysis.scripts.shells import shell_of
from scanner.analysis.taint.printed import Said, can_command, printing_of
from scanner.analysis.taint.taint import Taint
from scanner.analysis.taint.weight import Weighed, rank, weigh
from scanner.analysis.taint.writes import written
from scanner.analysis.workflows.expressions import written as expressions
from scanner.analysis.workflows.steps import parent_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.source import Span
from scanner.parse.expressions.contexts import occurring
from scanner.parse.expressions.syntax import Malformed

FILE: Final = "GITHUB_OUTPUT"
COMMAND: Final = "::set-output"
_SET: Final = re.compile(r"::set-output\s+name=([\w-]+)::")
_WRITES: Final = re.compile(r"(?<![\w$-])([A-Za-z_][\w-]*)(?:=|<<)")
_CODE_INPUTS: Final = frozenset(("ref", "script", "repository", "args", "command", "run"))

Use = Literal["code", "read", "unread"]
"""What is made of the outputs: code or a ref, something else, nothing."""


class Clobbered(NamedTuple):
    """`at` is what is printed or written. `way` is by which it sets outputs. `outputs` are those that others can set, of which `use` is
    made."""

    at: Span
    way: Literal["file", "command"]
    said: Said
    weighed: Weighed
    outputs: tuple[str, ...]
    use: Use


def clobbered(graph: Graph, taint: Taint, node: StepNode) -> Iterator[Clobbered]:
    """The outputs of a step that others can set though they are not meant to: for every place the worst."""
    run = node.step.run
    if run is None or (FILE not in run.script.value and COMMAND not in run.script.value):
        return
    found: dict[Span, Clobbered] = {}
    for one in _all(graph, taint, node, run.script.value):
        known = found.get(one.at)
        if known is None or rank(one.weighed) > rank(known.weighed):
            found[one.at] = one
    yield from found.values()


def _all(graph: Graph, taint: Taint, node: StepNode, script: str) -> Iterator[Clobbered]:
    names: frozenset[str] | None = None
    if FILE in script:
        for one in written(graph, taint, node, (FILE,)):
            if one.part == "lines":
                names = _set_in(script) if names is None else names
                yield from _judged(graph, taint, node, one.text, "file", one.said, names, one.name)
    if COMMAND in script and shell_of(node).name not in POWERSHELL:
        printing = printing_of(graph, taint, node)
        names = _set_in(script)
        for index in printing.printing(0, len(printing.found), ()):
            for printed in printing.of(index):
                for said in printed.said:
                    if can_command(printed, said):
                        meant = _SET.search(printed.text) if printed.text is not None else None
                        name = meant[1] if meant is not None else None
                        yield from _judged(graph, taint, node, printed.at, "command", said, names, name)


def _judged(
    graph: Graph,
    taint: Taint,
    node: StepNode,
    at: Span,
    way: Literal["file", "command"],
    said: Said,
    names: frozenset[str],
    meant: str | None,
) -> Iterator[Clobbered]:
    reads = _reads(graph, node)
    known = {name.lower() for name in names}
    others = {*names, *(name for name in reads if name not in known)}
    others = {name for name in others if meant is None or name.lower() != meant.lower()}
    read = sorted(name for name in others if name.lower() in reads)
    if not others:
        return
    weighed = weigh(taint, node, said.origin, said.tree)
    if weighed is not None:
        use: Use = "unread" if not read else "code" if any(reads[name.lower()] for name in read) else "read"
        yield Clobbered(at, way, said, weighed, tuple(read or sorted(others)), use)


def _set_in(script: str) -> frozenset[str]:
    """The outputs that a script sets by name."""
    names = {match[1] for match in _SET.finditer(script)}
    for line in script.splitlines():
        if FILE in line:
            names.update(match[1] for match in _WRITES.finditer(line))
    return frozenset(names)


def _reads(graph: Graph, node: StepNode) -> Mapping[str, bool]:
    """The outputs of a step (lower case) that are read in its job, each with whether it becomes code or a ref there."""
    id = node.step.id
    return _read(graph).get((parent_of(node), id.value.lower()), {}) if id is not None else {}


@per_graph
def _read(graph: Graph) -> dict[tuple[str, str], dict[str, bool]]:
    """The same for all steps, by the id of their job or composite action and their own `id:` in lower case."""
    found: dict[tuple[str, str], dict[str, bool]] = {}
    for one in expressions(graph):
        if "steps" not in one.fence.text.lower() or isinstance(one.tree, Malformed):
            continue
        parent = parent_of(one.owner) if isinstance(one.owner, StepNode) else one.owner.id
        code = one.path[-1:] == ("run",) or (
            one.path[-2:-1] == ("with",) and one.path[-1].lower() in _CODE_INPUTS
        )
        for context in occurring(one.tree):
            match context.path:
                case ("steps", step, "outputs", name, *_):
                    names = found.setdefault((parent, step), {})
                    names[name] = names.get(name, False) or code
    return found
