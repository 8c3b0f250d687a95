"""Walks the YAML of workflows and actions against the table of their language, as GitHub's template reader does.

Source of the semantics: TemplateReader of actions/runner (src/Sdk/WorkflowParser) and of actions/languageservices. Keys are told apart by
case, but two that differ only in case are one given twice. A value that is no text is also taken as its text.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.validity.mistakes import Advice, Mistake, place
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import JobNode, LocalActionNode, StepNode, WorkflowNode
from scanner.knowledge.schema import Keys, Schema, Shape
from scanner.knowledge.tables import Knowledge
from scanner.model.nearest import closest
from scanner.model.quoting import quoted
from scanner.parse.fences import fences
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence
from scanner.parse.reader import described

MAX_EXPRESSION: Final = 21_000
"""Characters of an expression; a text around expressions counts with them, since GitHub makes one `format()` of both."""

_NUMBER: Final = re.compile(
    r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_MEANT: Final = "; did you mean `"
_REFUSED: Final = "GitHub refuses the file"
_ENDS: Final = {
    "invalid-action": "the runner refuses the action",
    # The service reads these loosely: on-mapping-new of its table.
    "event": "GitHub ignores it",
    "type": "GitHub never starts the workflow for it",
    "types": "GitHub never starts the workflow for it",
}
"""What comes of a mistake, by its rule or the kind of its shape."""
_REQUIRED_OF: Final = {"job": "a job", "steps-item": "a step", "action.composite-step": "a step"}


@per_graph
def mistakes(graph: Graph, knowledge: Knowledge) -> tuple[Mistake, ...]:
    """All that is wrong with the keys and values of the repository's workflows and actions."""
    schema = knowledge.schema
    subjects: dict[int, str] = {}
    for job in graph.of(JobNode):
        subjects.setdefault(id(job.job.at), job.id)
    for step in graph.of(StepNode):
        subjects.setdefault(id(step.step.at), step.id)
    found: list[Mistake] = []
    advice = Advice()
    for workflow in graph.of(WorkflowNode):
        walk = _Walk(schema, subjects, found, advice)
        walk.all("workflow-root", workflow.workflow.root, "invalid-workflow", workflow.id)
    for action in graph.of(LocalActionNode):
        walk = _Walk(schema, subjects, found, advice)
        walk.all("action.action-root", action.action.root, "invalid-action", action.id)
    return tuple(found)


class _Here(NamedTuple):
    """Where a value stands: below a `key`, or in the list of a key (`list_of`). `expressions`: they are allowed; `rule` says what
    is wrong, `subject` is the graph's node around it."""

    key: Scalar | None
    list_of: Scalar | None
    expressions: bool
    rule: str
    subject: str

    @property
    def name(self) -> str:
        if self.key is not None:
            return quoted(self.key.value)
        return f"an item of {quoted(self.list_of.value)}" if self.list_of is not None else "an item here"

    def below(self, key: Scalar) -> "_Here":
        return _Here(key, None, self.expressions, self.rule, self.subject)


_Frame = tuple[Shape, Mapping | Sequence, _Here]


class _Walk:
    """One document; its collections wait on a stack."""

    __slots__ = ("advice", "found", "schema", "seen", "stack", "subjects")

    def __init__(
        self, schema: Schema, subjects: dict[int, str], found: list[Mistake], advice: Advice
    ) -> None:
        self.schema = schema
        self.subjects = subjects
        self.found = found
        self.stack: list[_Frame] = []
        # A node that aliases repeat is looked at once for every shape that it must have.
        self.seen: set[tuple[int, str, bool]] = set()
        self.advice = advice

    def all(self, shape: str, root: Mapping, rule: str, subject: str) -> None:
        self.visit(shape, root, _Here(None, None, False, rule, subject))
        while self.stack:
            found, node, here = self.stack.pop()
            if isinstance(node, Mapping):
                self.mapping(found, node, here)
            else:
                self.sequence(found, node, here)

    def visit(self, name: str, node: Node, here: _Here) -> None:
        """A scalar is judged at once, a collection is left for later."""
        shape = self.schema.shape(name)
        if shape.anything:
            if isinstance(node, Scalar) and "${{" in node.value:
                self.scalar(shape, node, here)
            return
        if shape.rule or (shape.expressions and not here.expressions):
            here = here._replace(
                expressions=here.expressions or shape.expressions, rule=shape.rule or here.rule
            )
        if isinstance(node, Scalar):
            self.scalar(shape, node, here)
            return
        once = (id(node), name, here.expressions)
        if once not in self.seen:
            self.seen.add(once)
            subject = self.subjects.get(id(node))
            self.stack.append((shape, node, here if subject is None else here._replace(subject=subject)))

    def say(
        self,
        here: _Here,
        at: Node,
        message: str,
        advice: str = "",
        *,
        key: Scalar | None = None,
        shape: Shape | None = None,
    ) -> None:
        """`key` is pointed at when the value has no text of its own, else the key of the place."""
        kind = shape.name.partition(":")[0] if shape is not None else here.rule
        message = f"{message}; {_ENDS.get(kind) or _ENDS.get(here.rule, _REFUSED)}"
        key = key or here.key or (here.list_of if isinstance(at, Scalar) else None)
        self.found.append(Mistake(here.rule, place(at, key), at.start, here.subject, message, advice))

    # ------------------------------------------------------------ scalars

    def scalar(self, shape: Shape, node: Scalar, here: _Here) -> None:
        value = node.value
        if "${{" in value:
            if not here.expressions:
                if "}}" in value:
                    self.say(here, node, f"{here.name} takes no expression")
            elif len(value) > MAX_EXPRESSION // 2:
                self.length(node, here)
            return
        if shape.text or (shape.filled and not node.is_null and value):
            return
        if (shape.boolean and node.boolean is not None) or (shape.null and node.is_null):
            return
        if shape.values and value in shape.values:
            return
        if shape.number and node.plain and _NUMBER.fullmatch(value):
            return
        self.unfit(shape, node, here)

    def unfit(self, shape: Shape, node: Node, here: _Here) -> None:
        """Says why a value does not fit."""
        what, advice = here.name, ""
        said = f"{what} must be {_wanted(shape, here.expressions)}, not {described(node)}"
        if isinstance(node, Scalar):
            if len(shape.values) > 3 and not node.is_null:
                said = f"{quoted(node.value)} is not {shape.noun or 'a value that may stand here'}"
                advice = self.advice(node.value, shape.values)
            elif not node.plain and (
                (shape.boolean and node.value in ("true", "false"))
                or (shape.number and _NUMBER.fullmatch(node.value))
            ):
                said = f"{what} must stand without quotes, {described(node)} in quotes is a text"
        self.say(here, node, said, advice, shape=shape if shape.name.startswith("type") else None)

    def length(self, node: Scalar, here: _Here) -> None:
        """A text with expressions becomes `format('text {0} text', first, …)`, its quotes and braces doubled."""
        inside = [fence.text for fence in fences(node)]
        whole = len(node.value)
        if len(inside) != 1 or whole != len(inside[0]) + 5:
            fenced = sum(len(text) + 5 for text in inside)
            doubled = _doubled(node.value) - sum(_doubled(text) + 4 for text in inside)
            whole += 10 - fenced + doubled + sum(len(text.strip()) + 5 for text in inside)
        if whole > MAX_EXPRESSION and all(len(text) <= MAX_EXPRESSION for text in inside):
            self.say(
                here,
                node,
                f"a text with expressions may have {MAX_EXPRESSION:,} characters, this one has more: hand the "
                "values over by `env` and take the expressions out, or move the script to a file",
            )

    # ------------------------------------------------------------ collections

    def sequence(self, shape: Shape, node: Sequence, here: _Here) -> None:
        if shape.items is None:
            self.unfit(shape, node, here)
            return
        here = here._replace(key=None, list_of=here.key)
        for item in node.items:
            self.visit(shape.items, item, here)

    def mapping(self, shape: Shape, node: Mapping, here: _Here) -> None:
        if not shape.maps:
            self.unfit(shape, node, here)
            return
        names = {name.value for name, _ in node.pairs}
        kinds = self.kinds(shape, node, names, here)
        if not kinds:
            return
        upper: dict[str, str] = {}
        dynamic = False
        for name, value in node.pairs:
            if "${{" in name.value:
                dynamic = True
                if not here.expressions:
                    self.say(here, name, "a key here takes no expression")
                elif kinds[0].free is not None and not kinds[0].known:
                    self.visit(kinds[0].free, value, here.below(name))
                continue
            folded = name.value.upper()
            first = upper.get(folded)
            if first is not None:
                if first != name.value:  # the very same key twice is said by the YAML reader
                    self.twice(kinds[0], name, first, here)
                continue
            upper[folded] = name.value
            meant = self.pair(shape, kinds, name, value, here)
            if meant:
                names.add(meant)  # it is there, but misspelt: said once
        if not dynamic:
            self.missing(shape, kinds, node, names, here)

    def kinds(self, shape: Shape, node: Mapping, names: set[str], here: _Here) -> tuple[Keys, ...]:
        """Which mappings this one can be, by its keys. None when that is what is wrong."""
        if len(shape.maps) == 1:
            return shape.maps
        if shape.by is not None:
            return self.by_value(shape.by, node, here)
        whole = [one for one in shape.maps if names.issuperset(one.required)]
        if len(whole) > 1:
            both = [name for name, _ in node.pairs if any(name.value in one.required for one in whole)]
            what = _REQUIRED_OF.get(shape.name, "this mapping")
            said = " and ".join(quoted(name.value) for name in both[:2])
            self.say(here, both[1], f"{what} cannot have both {said}")
        if whole:
            return tuple(whole)
        left = shape.maps
        for name, _ in node.pairs:
            left = tuple(one for one in left if name.value in one.known) or left
        return left

    def by_value(self, by: tuple[str, dict[str, Keys]], node: Mapping, here: _Here) -> tuple[Keys, ...]:
        name, maps = by
        value = node.get(name)
        if isinstance(value, Scalar) and value.value.lower() in maps:
            return (maps[value.value.lower()],)
        if value is None:
            said = f"{here.name} has no {quoted(name)}"
            self.say(here, here.key or node, said, f"; write {_listed(tuple(maps))}")
        elif isinstance(value, Scalar) and "${{" not in value.value:
            advice = self.advice(value.value, tuple(maps))
            said = f"{quoted(name)} cannot be {quoted(value.value)}"
            self.say(here, value, said, advice, key=node.key(name))
        return ()

    def pair(
        self, shape: Shape, kinds: tuple[Keys, ...], name: Scalar, value: Node, here: _Here
    ) -> str | None:
        """Says what is wrong with a key, and answers with the one that was probably meant."""
        for keys in kinds:
            known = keys.known.get(name.value)
            if known is not None:
                self.visit(known, value, here.below(name))
                return None
        keys = kinds[0]
        if keys.free is not None:
            if not name.value:
                self.say(here, name, "a key is empty", key=name)
            elif keys.near:
                self.misspelt(keys, name, here)
            self.visit(keys.free, value, here.below(name))
            return None
        noun, advice = keys.noun if len(kinds) == 1 else _REQUIRED_OF.get(shape.name, keys.noun), ""
        other = next((one for one in shape.maps if name.value in one.known), None)
        if name.value == "<<":
            said = "GitHub does not read YAML's merge key `<<`: write the keys out, or give the whole block an alias"
        elif shape.name == "on":
            said = f"{quoted(name.value)} is not an event"
            advice = self.advice(name.value, tuple(keys.known))
        elif other is not None:
            whose = other.noun if "`" in other.noun else f"{other.noun} with {quoted(other.required[0])}"
            said = f"{noun} has no key {quoted(name.value)}, only {whose} has"
        else:
            names = tuple(dict.fromkeys(known for one in kinds for known in one.known))
            said = f"{noun} has no key {quoted(name.value)}"
            advice = self.advice(name.value, names)
        self.say(here, name, said, advice, shape=shape)
        return advice[len(_MEANT) : -2] if advice.startswith(_MEANT) else None

    def misspelt(self, keys: Keys, name: Scalar, here: _Here) -> None:
        """Other keys are allowed here, but nobody reads them."""
        meant = closest(name.value, tuple(keys.known)) if self.advice.left > 0 else None
        self.advice.left -= 1
        if meant is None or abs(len(meant) - len(name.value)) > 1 or len(set(meant) ^ set(name.value)) > 2:
            return
        said = f"{keys.noun} has no key {quoted(name.value)}, so it does nothing"
        advice = f"; did you mean {quoted(meant)}?"
        self.found.append(
            Mistake(here.rule, name.content.first_line(), name.start, here.subject, said, advice, "ignored")
        )

    def twice(self, keys: Keys, name: Scalar, first: str, here: _Here) -> None:
        same = (
            f"{quoted(name.value)} is there already as {quoted(first)}: these names are compared without case"
        )
        self.say(here._replace(rule=keys.rule or here.rule), name, same)

    def missing(
        self, shape: Shape, kinds: tuple[Keys, ...], node: Mapping, names: set[str], here: _Here
    ) -> None:
        # Where to add it: beside a required key that is there.
        there = next((node.key(name) for name in kinds[0].required if name in names), None)
        at = there or here.key or node
        if len(kinds) > 1:
            if not any(names.issuperset(one.required) for one in kinds):
                noun = _REQUIRED_OF.get(shape.name, "this mapping")
                wanted = _listed(tuple(one.required[0] for one in kinds if one.required))
                self.say(here, at, f"{noun} needs one of {wanted}", key=there)
            return
        upper = {name.upper() for name in names}
        for required in kinds[0].required:
            if required.upper() not in upper:
                self.say(here, at, f"{kinds[0].noun} needs {quoted(required)}, which is missing", key=there)


def _doubled(text: str) -> int:
    return sum(text.count(char) for char in "'{}")


def _wanted(shape: Shape, expressions: bool) -> str:
    """What a place takes, as a phrase."""
    return " or ".join(_choices(shape, expressions))


def _choices(shape: Shape, expressions: bool) -> Iterator[str]:
    if shape.values:
        yield _listed(shape.values) if len(shape.values) <= 3 else shape.noun or "one of the known values"
    if shape.boolean and not shape.text:
        yield "`true` or `false`"
    if shape.number and not shape.text:
        yield "a number"
    if shape.text:
        yield "a text"
    if shape.filled:
        yield "a text that is not empty"
    if shape.null:
        yield "empty"
    if shape.items is not None:
        yield "a list"
    if shape.maps:
        yield "a mapping"
    if expressions and not shape.text and not shape.filled:
        yield "an expression"


def _listed(names: tuple[str, ...]) -> str:
    quotes = [quoted(name) for name in dict.fromkeys(names)]
    return quotes[0] if len(quotes) == 1 else ", ".join(quotes[:-1]) + f" or {quotes[-1]}"
