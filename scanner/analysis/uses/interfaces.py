"""What a called workflow or a local action declares about itself, and which files could not be read."""

from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import islice
from typing import Final, NamedTuple

from scanner.model.finding import Note, Problem
from scanner.model.nearest import nearest
from scanner.model.quoting import quoted
from scanner.parse.action import Action
from scanner.parse.nodes import Mapping as YamlMapping
from scanner.parse.nodes import Node, Scalar
from scanner.parse.workflow import Workflow


class Parameter(NamedTuple):
    """An input or a secret. `type` is that of a called workflow's input (`boolean`, `number`, `string`), None where none is
    said. `defaulted`: it has a `default`."""

    name: Scalar
    required: bool
    type: str | None
    defaulted: bool


MAX_HINTS: Final = 300
MAX_NAMES: Final = 60
MAX_SHOWN: Final = 4


class Lacking(NamedTuple):
    """Required parameters without a default that a call does not give: `some` are the first of them, `more` that there are
    others."""

    some: tuple[Parameter, ...]
    more: bool

    def named(self, kind: str) -> str:
        """For a sentence: `input` becomes "inputs `a`, `b`"."""
        names = ", ".join(quoted(one.name.value) for one in self.some) + (", …" if self.more else "")
        return f"{kind if len(self.some) == 1 else kind + 's'} {names}"

    @property
    def notes(self) -> tuple[Note, ...]:
        return tuple(Note(one.name.content.first_line(), "required here") for one in self.some)


def lacking(declared: Mapping[str, Parameter], given: Set[str]) -> Lacking:
    """One answer for a call, however many there are: the callers and what they lack must not multiply."""
    found = list(islice(_lacking(declared, given), MAX_SHOWN + 1))
    return Lacking(tuple(found[:MAX_SHOWN]), len(found) > MAX_SHOWN)


def _lacking(declared: Mapping[str, Parameter], given: Set[str]) -> Iterator[Parameter]:
    for name, parameter in declared.items():
        if parameter.required and not parameter.defaulted and name not in given:
            yield parameter


class Hints:
    """Advice on misspelt names. It costs some tenths of a millisecond each, so that there is a bound for one scan."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = MAX_HINTS

    def near(self, name: str, declared: Mapping[str, Parameter]) -> str:
        """`; did you mean …?`, or nothing."""
        if self._left <= 0 or len(declared) > MAX_NAMES:
            return ""
        self._left -= 1
        return nearest(name, [parameter.name.value for parameter in declared.values()])


class Interface(NamedTuple):
    """Parameters by their names in lower case, in which GitHub compares them; None where the declaration is no mapping, so
    that nothing is known of it."""

    inputs: dict[str, Parameter] | None
    secrets: dict[str, Parameter] | None


def of_workflow(workflow: Workflow) -> Interface | None:
    """What `on.workflow_call` declares; None when the workflow cannot be called."""
    trigger = next((one for one in workflow.triggers if one.event.value == "workflow_call"), None)
    if trigger is None:
        return None
    options = trigger.options
    if options is None:
        return Interface({}, {})
    return Interface(_parameters(options.get("inputs")), _parameters(options.get("secrets")))


def inputs_of(action: Action) -> dict[str, Parameter] | None:
    """The `inputs` of an action, None when they are no mapping."""
    return _parameters(action.root.get("inputs"))


def unread(problems: Iterable[Problem]) -> frozenset[str]:
    """The files of which a part could not be read: what they seem to lack may be there."""
    return frozenset(problem.at.source.path for problem in problems)


def _parameters(node: Node | None) -> dict[str, Parameter] | None:
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return {}
    if not isinstance(node, YamlMapping):
        return None
    found: dict[str, Parameter] = {}
    for key, value in node.pairs:
        required = value.get("required") if isinstance(value, YamlMapping) else None
        type = value.get("type") if isinstance(value, YamlMapping) else None
        default = value.get("default") if isinstance(value, YamlMapping) else None
        found.setdefault(
            key.value.lower(),
            Parameter(
                key,
                isinstance(required, Scalar) and required.value.lower() == "true",
                type.value if isinstance(type, Scalar) else None,
                default is not None and not (isinstance(default, Scalar) and default.is_null),
            ),
        )
    return found
