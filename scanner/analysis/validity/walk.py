"""Walks the YAML of workflows and actions against the table of their language, as GitHub's template reader does.

Source of the semantics: TemplateReader of actions/runner (src/Sdk/WorkflowParser) and of actions/languageservices. Keys are told apart by
case, but two that differ only in case are one given twice. A value that is no text is also taken as its text.
"""

import re
from collections.abc import Iterator
from typing import Final

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
_REFUSED: Final = {
    "invalid-event": "GitHub refuses the file or ignores it",
    "invalid-action": "the runner refuses the action",
}
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


_Frame = tuple[Shape, Mapping | Sequence, Scalar | None, bool, str, str]


class _Walk:
    """One document. A frame is a collection to look at: its shape, the key that holds it, whether expressions are allowed,
    the rule that says what is wrong, the graph's node that it belongs to."""

    __slots__ = ("advice", "found", "list_of", "schema", "seen", "stack", "subjects")

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
        self.list_of: Scalar | None = None

    def all(self, shape: str, root: Mapping, rule: str, subject: str) -> None:
        self.visit(shape, root, None, False, rule, subject)
        while self.stack:
            frame = self.stack.pop()
            if isinstance(frame[1], Mapping):
                self.mapping(*frame)
            else:
                self.sequence(*frame)

    def visit(
        self, name: str, node: Node, key: Scalar | None, expressions: bool, rule: str, subject: str
    ) -> None:
        """A scalar is judged at once, a collection is left for later."""
        shape = self.schema.shape(name)
        if shape.anything:
            return
        expressions = expressions or shape.expressions
        rule = shape.rule or rule
        if isinstance(node, Scalar):
            self.scalar(shape, node, key, expressions, rule, subject)
            return
        once = (id(node), name, expressions)
        if once not in self.seen:
            self.seen.add(once)
            self.stack.append((shape, node, key, expressions, rule, self.subjects.get(id(node), subject)))

    def say(
        self, rule: str, at: Node, key: Scalar | None, subject: str, message: str, advice: str = ""
    ) -> None:
        message = f"{message}; {_REFUSED.get(rule, 'GitHub refuses the file')}{advice}"
        self.found.append(Mistake(rule, place(at, key), at.start, subject, message))

    def name(self, key: Scalar | None) -> str:
        """What a value is called: by its key, or by that of the list it stands in."""
        if key is not None:
            return quoted(key.value)
        return f"an item of {quoted(self.list_of.value)}" if self.list_of is not None else "an item here"

    # ------------------------------------------------------------ scalars

    def scalar(
        self, shape: Shape, node: Scalar, key: Scalar | None, expressions: bool, rule: str, subject: str
    ) -> None:
        value = node.value
        if "${{" in value:
            if not expressions:
                if "}}" in value:
                    what = quoted(key.value) if key is not None else "an item here"
                    self.say(rule, node, key, subject, f"{what} takes no expression")
            elif len(value) > MAX_EXPRESSION // 2:
                self.length(node, rule, subject)
            return
        if shape.text or (shape.filled and not node.is_null and value):
            return
        if (shape.boolean and node.boolean is not None) or (shape.null and node.is_null):
            return
        if shape.values and value in shape.values:
            return
        if shape.number and node.plain and _NUMBER.fullmatch(value):
            return
        self.unfit(shape, node, key, expressions, rule, subject)

    def unfit(
        self, shape: Shape, node: Node, key: Scalar | None, expressions: bool, rule: str, subject: str
    ) -> None:
        """Says why a value does not fit."""
        what, advice = self.name(key), ""
        said = f"{what} must be {_wanted(shape, expressions)}, not {described(node)}"
        if isinstance(node, Scalar):
            if len(shape.values) > 3 and not node.is_null:
                said = f"{quoted(node.value)} is not {shape.noun or 'a value that may stand here'}"
                advice = self.advice(node.value, shape.values)
            elif not node.plain and (
                (shape.boolean and node.value in ("true", "false"))
                or (shape.number and _NUMBER.fullmatch(node.value))
            ):
                said = f"{what} must stand without quotes, {described(node)} in quotes is a text"
        self.say(rule, node, key, subject, said, advice)

    def length(self, node: Scalar, rule: str, subject: str) -> None:
        inside = [fence.text for fence in fences(node)]
        whole = len(node.value)
        around = node.value
        if inside and whole != len(inside[0]) + 5:
            # format('text {0} text', first, …): quotes and braces of the text are doubled
            for text in inside:
                around = around.replace("${{" + text + "}}", "", 1) if len(inside) < 50 else around
            doubled = sum(around.count(char) for char in "'{}")
            whole = 10 + len(around) + doubled + sum(len(text.strip()) + 5 for text in inside)
        if whole > MAX_EXPRESSION and all(len(text) <= MAX_EXPRESSION for text in inside):
            self.say(
                rule,
                node,
                None,
                subject,
                f"a text with expressions may have {MAX_EXPRESSION:,} characters, this one has {len(node.value):,}: hand the "
                "values over by `env` and take the expressions out, or move the script to a file",
            )

    # ------------------------------------------------------------ collections

    def sequence(
        self, shape: Shape, node: Node, key: Scalar | None, expressions: bool, rule: str, subject: str
    ) -> None:
        assert isinstance(node, Sequence)
        if shape.items is None:
            self.unfit(shape, node, key, expressions, rule, subject)
            return
        self.list_of = key
        for item in node.items:
            self.visit(shape.items, item, None, expressions, rule, subject)

    def mapping(
        self, shape: Shape, node: Node, key: Scalar | None, expressions: bool, rule: str, subject: str
    ) -> None:
        assert isinstance(node, Mapping)
        if not shape.maps:
            self.unfit(shape, node, key, expressions, rule, subject)
            return
        names = {name.value for name, _ in node.pairs}
        kinds = self.kinds(shape, node, key, names, rule, subject)
        if not kinds:
            return
        upper: dict[str, str] = {}
        dynamic = False
        for name, value in node.pairs:
            if "${{" in name.value:
                dynamic = True
                if not expressions:
                    self.say(rule, name, name, subject, "a key here takes no expression")
                elif kinds[0].free is not None and not kinds[0].known:
                    self.visit(kinds[0].free, value, name, expressions, rule, subject)
                continue
            folded = name.value.upper()
            first = upper.get(folded)
            if first is not None:
                if first != name.value:  # the very same key twice is said by the YAML reader
                    self.twice(kinds[0].rule or rule, name, first, subject)
                continue
            upper[folded] = name.value
            meant = self.pair(shape, kinds, name, value, expressions, rule, subject)
            if meant:
                names.add(meant)  # it is there, but misspelt: said once
        if not dynamic:
            self.missing(shape, kinds, node, key, names, rule, subject)

    def kinds(
        self, shape: Shape, node: Mapping, key: Scalar | None, names: set[str], rule: str, subject: str
    ) -> tuple[Keys, ...]:
        """Which mappings this one can be, by its keys. None when that is what is wrong."""
        if len(shape.maps) == 1:
            return shape.maps
        if shape.by is not None:
            return self.by_value(shape, shape.by, node, key, rule, subject)
        whole = [one for one in shape.maps if names.issuperset(one.required)]
        if len(whole) > 1:
            both = [name for name, _ in node.pairs if any(name.value in one.required for one in whole)]
            what = _REQUIRED_OF.get(shape.name, "this mapping")
            said = " and ".join(quoted(name.value) for name in both[:2])
            self.say(rule, both[1], both[1], subject, f"{what} cannot have both {said}")
        if whole:
            return tuple(whole)
        left = shape.maps
        for name, _ in node.pairs:
            left = tuple(one for one in left if name.value in one.known) or left
        return left

    def by_value(
        self,
        shape: Shape,
        by: tuple[str, dict[str, Keys]],
        node: Mapping,
        key: Scalar | None,
        rule: str,
        subject: str,
    ) -> tuple[Keys, ...]:
        name, maps = by
        value = node.get(name)
        if isinstance(value, Scalar) and value.value.lower() in maps:
            return (maps[value.value.lower()],)
        if value is None:
            what = f"{quoted(key.value)} has" if key is not None else "this mapping has"
            self.say(
                rule,
                key or node,
                key,
                subject,
                f"{what} no {quoted(name)}",
                f"; write {_listed(tuple(maps))}",
            )
        elif isinstance(value, Scalar) and "${{" not in value.value:
            advice = self.advice(value.value, tuple(maps))
            self.say(
                rule,
                value,
                node.key(name),
                subject,
                f"{quoted(name)} cannot be {quoted(value.value)}",
                advice,
            )
        return ()

    def pair(
        self,
        shape: Shape,
        kinds: tuple[Keys, ...],
        name: Scalar,
        value: Node,
        expressions: bool,
        rule: str,
        subject: str,
    ) -> str | None:
        """Says what is wrong with a key, and answers with the one that was probably meant."""
        for keys in kinds:
            known = keys.known.get(name.value)
            if known is not None:
                self.visit(known, value, name, expressions, rule, subject)
                return None
        keys = kinds[0]
        if keys.free is not None:
            if not name.value:
                self.say(rule, name, name, subject, "a key is empty")
            elif keys.near:
                self.misspelt(keys, name, rule, subject)
            self.visit(keys.free, value, name, expressions, rule, subject)
            return None
        noun, advice = keys.noun if len(kinds) == 1 else _REQUIRED_OF.get(shape.name, keys.noun), ""
        other = next((one.noun for one in shape.maps if name.value in one.known), None)
        if shape.name == "on":
            said = f"{quoted(name.value)} is not an event"
            advice = self.advice(name.value, tuple(keys.known))
        elif other is not None:
            said = f"{noun} has no key {quoted(name.value)}, only {other} has"
        else:
            names = tuple(dict.fromkeys(known for one in kinds for known in one.known))
            said = f"{noun} has no key {quoted(name.value)}"
            advice = self.advice(name.value, names)
        self.say(rule, name, name, subject, said, advice)
        return advice[len(_MEANT) : -2] if advice.startswith(_MEANT) else None

    def misspelt(self, keys: Keys, name: Scalar, rule: str, subject: str) -> None:
        """Other keys are allowed here, but nobody reads them."""
        meant = closest(name.value, tuple(keys.known)) if self.advice.left > 0 else None
        self.advice.left -= 1
        if meant is None or abs(len(meant) - len(name.value)) > 1 or len(set(meant) ^ set(name.value)) > 2:
            return
        said = (
            f"{keys.noun} has no key {quoted(name.value)}, so it does nothing; did you mean {quoted(meant)}?"
        )
        self.found.append(Mistake(rule, name.content.first_line(), name.start, subject, said, "ignored"))

    def twice(self, rule: str, name: Scalar, first: str, subject: str) -> None:
        self.say(
            rule,
            name,
            name,
            subject,
            f"{quoted(name.value)} is there already as {quoted(first)}: these names are compared without case",
        )

    def missing(
        self,
        shape: Shape,
        kinds: tuple[Keys, ...],
        node: Mapping,
        key: Scalar | None,
        names: set[str],
        rule: str,
        subject: str,
    ) -> None:
        # Where to add it: beside a required key that is there.
        there = next((node.key(name) for name in kinds[0].required if name in names), None)
        key = there or key
        at: Node = key if key is not None else node
        if len(kinds) > 1:
            if not any(names.issuperset(one.required) for one in kinds):
                noun = _REQUIRED_OF.get(shape.name, "this mapping")
                wanted = _listed(tuple(one.required[0] for one in kinds if one.required))
                self.say(rule, at, key, subject, f"{noun} needs one of {wanted}")
            return
        upper = {name.upper() for name in names}
        for required in kinds[0].required:
            if required.upper() not in upper:
                self.say(
                    rule, at, key, subject, f"{kinds[0].noun} needs {quoted(required)}, which is missing"
                )


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
