"""Which machines a job may run on, and whose they are: `runs-on` with its expressions followed where the files tell them.

Facts: GitHub's "Choosing the runner for a job" and "Using self-hosted runners in a workflow" (a self-hosted runner has the
labels `self-hosted`, its system and its architecture unless they are taken away; a job gets a machine that has all of its labels).
"""

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import islice, product
from typing import Final, Literal, NamedTuple

from scanner.analysis.workflows.matrix import matrix_values
from scanner.analysis.workflows.runner_labels import HostedLabels
from scanner.analysis.workflows.templates import OPEN
from scanner.graph.graph import Graph, per_graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span
from scanner.parse.expressions.syntax import (
    Access,
    Call,
    Expression,
    Malformed,
    Name,
    Operation,
    parse,
)
from scanner.parse.expressions.syntax import Literal as Constant
from scanner.parse.fences import fences
from scanner.parse.nodes import Mapping, Node, Scalar
from scanner.parse.nodes import Sequence as YamlList

MAX_MACHINES: Final = 256
"""Alternatives of one `runs-on` that are looked at."""

MAX_CALLERS: Final = 50

OWN: Final = "self-hosted"
_DEFAULTS: Final = frozenset("linux windows macos x64 arm arm64".split())
"""Labels that GitHub gives to every self-hosted runner, and to none of its own."""

_SERVICES: Final = (
    "blacksmith-",
    "buildjet-",
    "depot-",
    "namespace-profile-",
    "nscloud-",
    "ubicloud",
    "warp-",
)
"""How the labels of companies begin that rent out a fresh machine for every job (their documentation)."""

Owner = Literal["own", "implied", "named", "group", "custom", "misspelt", "open", "hosted", "service"]
"""`own`: a label is `self-hosted`; `implied`: one that only self-hosted machines have; `named`: `self-hosted` is a part of a
label or of an expression; `group`: a runner group, which holds own or larger machines; `custom`: another label, of an own or a
larger machine; `misspelt`: nearly one of GitHub's; `open`: an expression decides; `hosted`: GitHub's; `service`: a company's, fresh for every job."""


class Machine(NamedTuple):
    """One set of labels that a job may ask for. `at` is a place in `runs-on` on one line, `said` the place outside it that
    a label comes from; `certain` is false when an expression chooses among several."""

    labels: tuple[str, ...]
    group: str | None
    at: Span
    said: Span | None
    certain: bool

    @property
    def label(self) -> str:
        """The label that says most, for people."""
        own = next((label for label in self.labels if label.lower() == OWN), None)
        named = next((label for label in self.labels if OWN in label.lower()), None)
        return own or named or (self.labels[0] if self.labels else self.group or "")


_Keys = tuple[str | int, ...]


class _Answer(NamedTuple):
    """What an expression can be: a text or a list of them."""

    labels: tuple[str, ...]
    group: str | None = None
    said: Span | None = None
    certain: bool = True


def owner_of(machine: Machine, knowledge: Knowledge) -> Owner:
    return owner_of_labels(machine.labels, machine.group, knowledge)


def owner_of_labels(asked: tuple[str, ...], group: str | None, knowledge: Knowledge) -> Owner:
    """Whose machines have all of some labels and are in a group."""
    labels = [label.lower() for label in asked]
    if OWN in labels:
        return "own"
    if any(OWN in label for label in labels):
        return "named"
    if group is not None:
        return "group"
    if any(OPEN in label for label in labels):
        return "open"
    if any(label in knowledge.github.hosted_runner_labels or _names_an_image(label) for label in labels):
        return "hosted"
    if any(label.startswith(_SERVICES) for label in labels):
        return "service"
    if any(label in _DEFAULTS for label in labels):
        return "implied"
    # A slip of the pen is for another rule to say, and no machine answers to it.
    hosted = _hosted(knowledge)
    return "misspelt" if any(hosted.meant(label) is not None for label in labels) else "custom"


@cache
def _hosted(knowledge: Knowledge) -> HostedLabels:
    return HostedLabels(knowledge.github, date.min)


def _names_an_image(label: str) -> bool:
    """Whether a label names an image of GitHub by its version, whether or not there still is one: `macos-11`."""
    system, _, version = label.partition("-")
    return system in ("macos", "ubuntu", "windows") and version.replace(".", "").isdigit()


def machines(graph: Graph, node: JobNode) -> tuple[Machine, ...]:
    """The machines that a job may get, at most `MAX_MACHINES`; none for a job that calls a workflow."""
    if node.job.call is not None:
        return ()
    wanted = node.job.runs_on
    reader = _reader(graph)
    group = wanted.group.value if wanted.group is not None else None
    if not wanted.labels:
        if wanted.group is None:
            return ()
        return (Machine((), group, wanted.group.content.first_line(), None, True),)
    plain = [label for label in wanted.labels if "${{" not in label.value]
    computed = [label for label in wanted.labels if "${{" in label.value]
    fixed = tuple(label.value for label in plain)
    own = next((label for label in plain if label.value.lower() == OWN), (plain or computed)[0])
    if not computed or own.value.lower() == OWN:
        return (
            Machine((*fixed, *([OPEN] if computed else ())), group, own.content.first_line(), None, True),
        )
    found: list[Machine] = []
    for scalar in computed:
        # The other expressions of the list add labels and take none away, so each is looked at for itself.
        for answer in islice(reader.answers(scalar, node), MAX_MACHINES - len(found)):
            found.append(
                Machine(
                    (*fixed, *answer.labels),
                    answer.group or group,
                    scalar.content.first_line(),
                    answer.said,
                    answer.certain,
                )
            )
    return tuple(dict.fromkeys(found))


@per_graph
def own_labels(graph: Graph) -> frozenset[str]:
    """Labels that the repository asks for beside `self-hosted`, so that machines of its owner bear them; in lower case."""
    found: set[str] = set()
    for node in graph.of(JobNode):
        for machine in machines(graph, node):
            labels = [label.lower() for label in machine.labels]
            if OWN in labels:
                found.update(label for label in labels if OPEN not in label)
    return frozenset(found - {OWN} - _DEFAULTS)


@per_graph
def _reader(graph: Graph) -> "_Reader":
    return _Reader(graph)


class _Reader:
    """Answers about matrices and inputs are kept: jobs share them by YAML aliases, and by the workflow that they are in."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._matrices: dict[tuple[int, _Keys], tuple[_Answer, ...]] = {}
        self._inputs: dict[tuple[str, str], tuple[_Answer, ...]] = {}

    def answers(self, scalar: Scalar, node: JobNode, hops: int = 0) -> Iterator[_Answer]:
        found = list(islice(fences(scalar), 2))
        if not found:
            yield _Answer((scalar.value,))
        elif len(found) == 1 and scalar.value.strip() == "${{" + found[0].text + "}}":
            tree = parse(found[0].text)
            if isinstance(tree, Malformed):
                yield _Answer((OPEN,))
            else:
                yield from self._outcomes(tree, node, True, hops)
        else:
            yield from self._joined(scalar, node, hops)

    def _joined(self, scalar: Scalar, node: JobNode, hops: int) -> Iterator[_Answer]:
        """The texts that a value with expressions in it can become."""
        parts: list[list[_Answer]] = []
        at = 0
        for fence in fences(scalar):
            start = scalar.value.index("${{", at)
            parts.append([_Answer((scalar.value[at:start],))])
            at = start + len("${{") + len(fence.text) + len("}}")
            tree = parse(fence.text)
            found = [] if isinstance(tree, Malformed) else list(self._outcomes(tree, node, True, hops))
            parts.append([one for one in found if len(one.labels) == 1] or [_Answer((OPEN,))])
        parts.append([_Answer((scalar.value[at:],))])
        for combination in islice(product(*parts), MAX_MACHINES):
            said = next((one.said for one in combination if one.said is not None), None)
            certain = all(one.certain for one in combination)
            yield _Answer(("".join(one.labels[0] for one in combination),), None, said, certain)

    def _outcomes(self, tree: Expression, node: JobNode, certain: bool, hops: int) -> Iterator[_Answer]:
        match tree:
            case Constant(str() as value):
                if value:
                    yield _Answer((value,), certain=certain)
            case Constant():
                return
            case Operation("||", operands):
                for operand in operands:
                    yield from self._outcomes(operand, node, False, hops)
            case Operation("&&", (*_, last)):
                yield from self._outcomes(last, node, False, hops)
            case Call(function, (argument,)) if function.lower() == "fromjson":
                for text in self._outcomes(argument, node, certain, hops):
                    yield _from_json(text)
            case Access() if (keys := _keys(tree)) is not None and keys[0] == "matrix" and len(keys) > 1:
                for answer in self._matrix(node, keys[1:], hops):
                    yield answer._replace(certain=answer.certain and certain)
            case Access() if (keys := _keys(tree)) is not None and keys[0] == "inputs" and len(keys) == 2:
                for answer in self._input(node, str(keys[1]), hops):
                    yield answer._replace(certain=False)
            case _:
                # Nobody can tell the value, but a label that stands in it may well be a part of it.
                yield _Answer((OPEN + OWN + OPEN if _mentions(tree) else OPEN,), certain=False)

    def _matrix(self, node: JobNode, keys: _Keys, hops: int) -> tuple[_Answer, ...]:
        strategy = node.job.at.get("strategy")
        matrix = strategy.get("matrix") if isinstance(strategy, Mapping) else strategy
        key = (id(matrix), keys)
        if key not in self._matrices:
            self._matrices[key] = (_Answer((OPEN,)),)  # for a matrix that refers to itself
            self._matrices[key] = tuple(islice(self._of_matrix(node, keys, hops), MAX_MACHINES))
        return self._matrices[key]

    def _of_matrix(self, node: JobNode, keys: _Keys, hops: int) -> Iterator[_Answer]:
        path = tuple("*" if isinstance(key, int) else key for key in keys)
        one = matrix_values(node.job, path)
        # Items of lists: `os: [[self-hosted, linux], ubuntu-latest]`. Each is taken for a label of its own.
        many = matrix_values(node.job, (*path, "*"))
        wanted = _indexed(node, keys) if any(isinstance(key, int) for key in keys) else None
        for value in (*one.written, *many.written):
            said = value.content.first_line()
            if wanted is not None and id(value) not in wanted:
                continue
            if "${{" not in value.value:
                yield _Answer((value.value,), None, said)
            elif hops < 2:
                for answer in self.answers(value, node, hops + 1):
                    yield answer._replace(said=said)
        for value in one.computed:
            said = value.content.first_line()
            listed = list(self.answers(value, node, hops + 1)) if hops < 2 and len(path) == 1 else []
            if any(OPEN in label for answer in listed for label in answer.labels) or not listed:
                yield _Answer((OPEN + OWN + OPEN if OWN in value.value.lower() else OPEN,), None, said, False)
            for answer in listed:
                for label in answer.labels:
                    if OPEN not in label:
                        yield _Answer((label,), None, said, answer.certain)

    def _input(self, node: JobNode, name: str, hops: int) -> tuple[_Answer, ...]:
        """What the jobs of this repository give to a called workflow, and what it says itself: defaults and choices."""
        id = workflow_id(node.workflow.source)
        key = (id, name)
        if key not in self._inputs:
            self._inputs[key] = tuple(islice(self._of_input(id, node, name, hops), MAX_MACHINES))
        return self._inputs[key]

    def _of_input(self, id: str, node: JobNode, name: str, hops: int) -> Iterator[_Answer]:
        found = False
        on = node.workflow.root.get("on")
        for event in ("workflow_call", "workflow_dispatch"):
            options = on.get(event) if isinstance(on, Mapping) else None
            inputs = options.get("inputs") if isinstance(options, Mapping) else None
            for key, declared in inputs.pairs if isinstance(inputs, Mapping) else ():
                if key.value.lower() != name or not isinstance(declared, Mapping):
                    continue
                default, choices = declared.get("default"), declared.get("options")
                items = choices.items if isinstance(choices, YamlList) else []
                for value in (default, *items):
                    if isinstance(value, Scalar) and not value.is_null and "${{" not in value.value:
                        found = True
                        yield _Answer((value.value,), None, value.content.first_line())
        for edge in islice(self._graph.into(id, "calls"), MAX_CALLERS):
            caller = self._graph.nodes[edge.source]
            call = caller.job.call if isinstance(caller, JobNode) else None
            found = True
            value = call.inputs.get(name) if call is not None else None
            if value is None or not isinstance(caller, JobNode):
                continue
            if "${{" not in value.value:
                yield _Answer((value.value,), None, value.content.first_line())
            elif hops < 2:
                yield from self.answers(value, caller, hops + 1)
        if not found:
            yield _Answer((OPEN,))


def _keys(tree: Access) -> _Keys | None:
    """The context's name and the keys below it in lower case; numbers are indexes of lists, `*` is every item."""
    keys: list[str | int] = []
    node: Expression = tree
    while isinstance(node, Access):
        match node.key:
            case None:
                keys.append("*")
            case Constant(str() as name):
                keys.append(name.lower())
            case Constant(float() as number) if number >= 0 and number.is_integer():
                keys.append(int(number))
            case _:
                return None
        node = node.base
    if not isinstance(node, Name):
        return None
    return (node.name.lower(), *reversed(keys))


def _indexed(node: JobNode, keys: _Keys) -> frozenset[int]:
    """The ids of the scalars of a matrix that keys with indexes lead to."""
    strategy = node.job.strategy
    matrix = strategy.get("matrix") if strategy is not None else None
    level: list[Node] = []
    for key, value in matrix.pairs if isinstance(matrix, Mapping) else ():
        if key.value == "include" and isinstance(value, YamlList):
            included = (item for item in value.items if isinstance(item, Mapping))
            level += [
                inner for item in included for name, inner in item.pairs if name.value.lower() == keys[0]
            ]
        elif key.value.lower() == keys[0] and isinstance(value, YamlList):
            level += value.items
    for wanted in keys[1:]:
        below: list[Node] = []
        for one in level:
            if isinstance(one, YamlList) and wanted == "*":
                below += one.items
            elif isinstance(one, YamlList) and isinstance(wanted, int):
                below += one.items[wanted : wanted + 1]
            elif isinstance(one, Mapping):
                below += [value for name, value in one.pairs if wanted in ("*", name.value.lower())]
        level = below
    return frozenset(id(one) for one in level)


def _mentions(tree: Expression) -> bool:
    """Whether a text with `self-hosted` in it stands anywhere in an expression."""
    waiting: list[Expression] = [tree]
    while waiting:
        match waiting.pop():
            case Constant(str() as value):
                if OWN in value.lower():
                    return True
            case Call(_, operands) | Operation(_, operands):
                waiting += operands
            case Access(base, key, _, _):
                waiting += [base] if key is None else [base, key]
    return False


def _from_json(answer: _Answer) -> _Answer:
    """`fromJSON` of a text that holds a label, a list of labels, or an object with them."""
    text = answer.labels[0] if len(answer.labels) == 1 else OPEN
    open = OPEN + OWN + OPEN if OWN in text.lower() else OPEN
    if OPEN in text:
        return answer._replace(labels=(open,), certain=False)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return answer._replace(labels=(open,), certain=False)
    group = None
    if isinstance(value, dict):
        named = value.get("group")
        group, value = named if isinstance(named, str) else None, value.get("labels", [])
    labels = (value,) if isinstance(value, str) else value if isinstance(value, list) else ()
    texts = tuple(label for label in labels if isinstance(label, str))
    if not texts and group is None:
        return answer._replace(labels=(open,), certain=False)
    return answer._replace(labels=texts, group=group)
