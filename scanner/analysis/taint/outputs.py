"""Outputs of a step that others can set beside the one that is meant: by a line break in GITHUB_OUTPUT, or by what is printed in a
step that sets outputs with `::set-output` (the runner reads such commands out of all that a step prints)."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

from scanner.analysis.scripts.commands import POWERSHELL
from scanner.analysis.scripts.shells import shell_of
from scanner.analysis.taint.printed import Printing, Said, can_command
from scanner.analysis.taint.taint import Taint
from scanner.analysis.taint.weight import Weighed, rank, weigh
from scanner.analysis.taint.writes import written
from scanner.analysis.workflows.steps import parent_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import JobNode, LocalActionNode, StepNode
from scanner.model.source import Span
from scanner.parse.workflow import Step

FILE: Final = "GITHUB_OUTPUT"
COMMAND: Final = "::set-output"
_SET: Final = re.compile(r"::set-output\s+name=([\w-]+)::")
_READ: Final = re.compile(r"steps\.([\w-]+)\.outputs\.([A-Za-z_][\w-]*)", re.I)
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
        printing = Printing(graph, taint, node)
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
    others = {name for name in {*names, *reads} if name != meant}
    read = sorted(name for name in others if name in reads)
    if not others:
        return
    weighed = weigh(taint, node, said.origin, said.tree)
    if weighed is not None:
        use: Use = "unread" if not read else "code" if any(reads[name] for name in read) else "read"
        yield Clobbered(at, way, said, weighed, tuple(read or sorted(others)), use)


def _set_in(script: str) -> frozenset[str]:
    """The outputs that a script sets by name."""
    names = {match[1] for match in _SET.finditer(script)}
    for line in script.splitlines():
        if FILE in line:
            names.update(match[1] for match in _WRITES.finditer(line))
    return frozenset(names)


def _reads(graph: Graph, node: StepNode) -> Mapping[str, bool]:
    """The outputs of a step that are read in its job, each with whether it becomes code or a ref there."""
    id = node.step.id
    return _read_in(graph, parent_of(node)).get(id.value.lower(), {}) if id is not None else {}


@per_graph
def _read_in(graph: Graph, parent: str) -> dict[str, dict[str, bool]]:
    """The same for all steps of a job or composite action, given by its id, by the `id:` of the step in lower case."""
    owner = graph.nodes[parent]
    if isinstance(owner, JobNode):
        steps, text = owner.job.steps, owner.workflow.source.text
        start, end = owner.job.at.start, owner.job.at.end
    elif isinstance(owner, LocalActionNode):
        steps, text = owner.action.steps, owner.source.text
        start, end = 0, len(text)
    else:
        return {}
    found: dict[str, dict[str, bool]] = {}
    code: list[tuple[int, int]] | None = None
    for match in _READ.finditer(text, start, end):
        code = sorted(_code(steps)) if code is None else code
        at = bisect_right(code, (match.start(), len(text))) - 1
        inside = at >= 0 and match.start() < code[at][1]
        names = found.setdefault(match[1].lower(), {})
        names[match[2]] = names.get(match[2], False) or inside
    return found


def _code(steps: tuple[Step, ...]) -> Iterator[tuple[int, int]]:
    """Where the scripts of steps stand, and the inputs that become code or say what is checked out."""
    for step in steps:
        if step.run is not None:
            yield step.run.script.start, step.run.script.end
        elif step.call is not None:
            for entry in step.call.inputs.entries:
                if entry.key.value.lower() in _CODE_INPUTS:
                    yield entry.value.start, entry.value.end
