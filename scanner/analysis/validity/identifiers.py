"""Ids of jobs and steps: what they may look like, and that each is there once.

Source: IdBuilder of actions/runner (src/Sdk/WorkflowParser): letters, digits, `_` and `-`, first a letter or `_`, shorter than 100
characters, `__` is GitHub's own; compared without case. The steps of a `parallel:` group are a scope of their own.
"""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.validity.mistakes import Mistake, place
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode, LocalActionNode
from scanner.model.finding import Note
from scanner.model.quoting import quoted
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence

TOO_LONG: Final = 100

_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_MORE: Final = _LETTERS | frozenset("0123456789-")


def fault(name: str) -> str | None:
    """What is wrong with an id, None for nothing."""
    if name[:1] not in _LETTERS:
        return "must start with a letter or `_`"
    if not _MORE.issuperset(name):
        return "may hold letters, digits, `_` and `-` only"
    if len(name) >= TOO_LONG:
        return f"must be shorter than {TOO_LONG} characters"
    if name.startswith("__"):
        return "cannot start with `__`, which GitHub keeps for itself"
    return None


def id_mistakes(graph: Graph) -> Iterator[Mistake]:
    for job in graph.of(JobNode):
        key = job.job.id
        said = fault(key.value) if key.value and "${{" not in key.value else None
        if said is not None:
            yield _mistake(key, job.id, f"the id of the job {quoted(key.value)} {said}")
        yield from _of_steps(job.job.at.get("steps"), job.id)
    for action in graph.of(LocalActionNode):
        runs = action.action.root.get("runs")
        if isinstance(runs, Mapping):
            yield from _of_steps(runs.get("steps"), action.id)


def _of_steps(steps: Node | None, subject: str) -> Iterator[Mistake]:
    waiting = [steps]
    looked: set[int] = set()
    while waiting:
        scope = waiting.pop()
        if not isinstance(scope, Sequence) or id(scope) in looked:
            continue
        looked.add(id(scope))
        seen: dict[str, Scalar] = {}
        for step in scope.items:
            if not isinstance(step, Mapping):
                continue
            waiting.append(step.get("parallel"))
            name = step.get("id")
            if not isinstance(name, Scalar) or not name.value or name.is_null or "${{" in name.value:
                continue
            said = fault(name.value)
            if said is not None:
                yield _mistake(name, subject, f"the id of the step {quoted(name.value)} {said}")
                continue
            first = seen.setdefault(name.value.lower(), name)
            if first is not name:
                what = f"the id {quoted(name.value)} is taken"
                if first.value != name.value:
                    what += f" by {quoted(first.value)}: ids are compared without case"
                note = Note(first.content.first_line(), "another step has it already")
                yield _mistake(name, subject, what)._replace(related=(note,))


def _mistake(at: Scalar, subject: str, message: str) -> Mistake:
    return Mistake("invalid-id", place(at, at), at.start, subject, f"{message}; GitHub refuses the file")
