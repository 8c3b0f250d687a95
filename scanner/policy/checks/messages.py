"""What a finding says: the check's own message with its fields filled in, or the title with what did not hold."""

from typing import Final, NamedTuple

from scanner.analysis.attributes.attribute import Missing, Value
from scanner.model.nearest import nearest
from scanner.model.quoting import quoted
from scanner.model.secrets import masked
from scanner.model.source import Span
from scanner.parse.nodes import Scalar
from scanner.policy.checks.operands import shown
from scanner.policy.checks.vocabulary import Scope, names
from scanner.policy.shapes import refuse

REACHED: Final = "reached"
NUMBER: Final = "number"
OF_COUNTS: Final = (NUMBER,)
"""The fields of a message about how many there are."""

MAX_LENGTH: Final = 2000
"""Characters of a message as it is written."""

_LONG: Final = 120
_KIND: Final = "kind"
"""A word of ours, which stands in a message as it is."""
_OF_NODES: Final = ("id", "label", _KIND, "path")
_OF_EDGES: Final = ("id", "label", _KIND, "path", "source", "target")


class Field(NamedTuple):
    """A place in a message that an attribute fills."""

    name: str


class Message:
    """A message with fields: `{label}` stands for a value, `{{` and `}}` for the braces themselves."""

    def __init__(self, parts: tuple[str | Field, ...]) -> None:
        self._parts: Final = parts

    def filled(self, values: "dict[str, Value]") -> str:
        """The message with these values in it."""
        found: list[str] = []
        for part in self._parts:
            if isinstance(part, str):
                found.append(part)
                continue
            value = values.get(part.name, Missing(""))
            if isinstance(value, Missing):
                found.append(f"(no {part.name})")
            else:
                found.append(str(value) if part.name == _KIND else _filled(value))
        return " ".join("".join(found).split())

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.name for part in self._parts if isinstance(part, Field)))


def fields_of(scope: Scope, reaches: bool) -> tuple[str, ...]:
    """What a message may name."""
    own = _OF_EDGES if scope.edges else _OF_NODES
    return tuple(dict.fromkeys((*own, *names(scope), *((REACHED,) if reaches else ()))))


def message(node: Scalar, known: tuple[str, ...]) -> Message:
    """Reads a message with these fields. Raises PolicyError."""
    text = node.value.strip()
    if len(text) > MAX_LENGTH:
        raise refuse(node.content.first_line(), f"`message` has more than {MAX_LENGTH:,} characters")
    parts: list[str | Field] = []
    literal: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if text[at : at + 2] in ("{{", "}}"):
            literal.append(char)
            at += 2
        elif char == "{":
            end = text.find("}", at)
            name = text[at + 1 : end] if end > 0 else text[at + 1 :]
            if end < 0:
                place = _place(node, text, at, len(name) + 2)
                raise refuse(place, "`message`: `{` is not closed; write `{{` for the brace itself")
            if name not in known:
                more = nearest(name, known)
                if name == REACHED and NUMBER not in known:
                    more = "; the check asks for no path (`reaches`, `reached-by`)"
                raise refuse(
                    _place(node, text, at, len(name) + 2),
                    f"`message` has no field {quoted(name)}{more or '; there is ' + ', '.join(known)}",
                )
            # An author's own backticks around a field are those that the value gets anyhow.
            at = end + 1
            if "".join(literal[-1:]) == "`" and text[at : at + 1] == "`":
                literal.pop()
                at += 1
            parts += ("".join(literal), Field(name))
            literal = []
        else:
            literal.append(char)
            at += 1
    return Message(
        (*(masked(one) if isinstance(one, str) else one for one in parts), masked("".join(literal)))
    )


def _filled(value: Value) -> str:
    """A value in a message; a text is named in full where that is not very long, as a commit behind the name of an action."""
    return quoted(value, _LONG) if isinstance(value, str) else shown(value)


def _place(node: Scalar, text: str, at: int, length: int) -> Span:
    """Where a field of a message stands: the occurrence in the file with the same number; the whole message where an escape hides it."""
    written = text[at : at + length]
    raw = node.raw
    found = -1
    for _ in range(text.count(written, 0, at) + 1):
        found = raw.find(written, found + 1)
        if found < 0:
            return node.content.first_line()
    return Span(node.source, node.start + found, node.start + found + len(written))
