"""The sections `checks` and `values`: what may stand in them. What a check asks is read when it is compiled (`check.py`)."""

from collections.abc import Mapping as Map
from typing import Final, NamedTuple

from scanner.model.areas import AREAS
from scanner.model.finding import Severity
from scanner.model.quoting import quoted
from scanner.parse.nodes import Node, Scalar, Sequence
from scanner.policy.checks.examples import EXAMPLES
from scanner.policy.policy import OwnRule
from scanner.policy.settings import SEVERITY
from scanner.policy.shapes import (
    Choice,
    Key,
    ListOf,
    MapOf,
    Mistakes,
    Raw,
    Record,
    Schema,
    Text,
    but,
    first,
    refuse,
)


class Declared(NamedTuple):
    """A check as it stands in a policy. It is compiled when all policies are read: a later one may give other values. `policy` is
    the policy's name, `id` the key."""

    id: Scalar
    body: Node
    policy: str


_MAX_ID: Final = 80
_ID_CHARS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


def _select_schema() -> Schema:
    from scanner.policy.checks.schema import select_schema  # for editors only

    return select_schema()


def _condition_schema() -> Schema:
    from scanner.policy.checks.schema import condition_schema

    return condition_schema()


def _count_schema() -> Schema:
    from scanner.policy.checks.schema import count_schema

    return count_schema()


TITLE: Final = Key(
    "title", Text(), "what holds when the check is silent, in a few words",
    required="what holds when it is silent, in a few words",
)  # fmt: skip
CHECK_SEVERITY: Final[Key[Severity]] = Key(
    "severity", SEVERITY, "how bad a finding of the check is",
    required="how bad a finding is: critical, high, medium, low or info",
)  # fmt: skip
WHY: Final = Key("why", Text(), "why it matters, for the page of the check")
FIX: Final = Key("fix", Text(), "what to do about a finding, for the page of the check")
TAGS: Final = Key(
    "tags", ListOf(Text(), or_one=True), "words to find the check by, and numbers of catalogues: `CWE-829`"
)
AREA: Final = Key(
    "area", Choice({name: name for name in AREAS}), "the area of the score; left out, it is `hygiene`"
)
SELECT: Final = Key(
    "select",
    Raw(_select_schema),
    "what is looked at: a kind of node, several of them, or `{edge: …}`; `snowfence schema nodes` lists them",
    required="what is looked at, as in `select: action`; `snowfence schema nodes` lists the kinds",
)
WHERE: Final = Key("where", Raw(_condition_schema), "only what this holds of is looked at")
REQUIRE: Final = Key("require", Raw(_condition_schema), "what must hold of each of them")
FORBID: Final = Key("forbid", Raw(_condition_schema), "what must hold of none of them")
COUNT: Final = Key("count", Raw(_count_schema), "how many of them there must be, as in `{ge: 1}`")
MESSAGE: Final = Key(
    "message",
    Text(),
    "what a finding says; `{name}` stands for an attribute, `{id}`, `{label}`, `{kind}`, `{path}` or `{reached}`",
)
CHECK: Final = Record(
    "a check",
    (TITLE, CHECK_SEVERITY, WHY, FIX, TAGS, AREA, SELECT, WHERE, REQUIRE, FORBID, COUNT, MESSAGE, EXAMPLES),
)
"""All that a check says of itself."""


ID_PATTERN: Final = f"^[a-z][a-z0-9-]{{0,{_MAX_ID - 1}}}$"
"""The ids of checks, for editors."""


def _check_id(id: str) -> None:
    if not id or not set(id) <= _ID_CHARS or not id[0].isalpha() or len(id) > _MAX_ID:
        raise ValueError(
            f"{quoted(id)} is no id of a check: it is made of small letters, digits and hyphens, begins with a letter, and has at most {_MAX_ID} characters"
        )


class _Value:
    """What has a name under `values`: a scalar, or a list of them."""

    def read(self, node: Node, what: str) -> Node:
        for one in node.items if isinstance(node, Sequence) else [node]:
            if not isinstance(one, Scalar) or one.is_null:
                raise refuse(first(one), f"{what} must be a text, a number or a list of them{but(one)}")
        return node

    def schema(self) -> Schema:
        scalar: Schema = {"type": ["string", "number", "boolean"]}
        return {"anyOf": [scalar, {"type": "array", "items": scalar}]}


CHECKS: Final[Key[dict[str, Node]]] = Key(
    "checks",
    MapOf(Raw(CHECK.schema), name=_check_id, pattern=ID_PATTERN),
    "checks of your own, by their ids",
    idle=True,
)
VALUES: Final[Key[dict[str, Node]]] = Key(
    "values",
    MapOf(_Value()),
    "texts, numbers and lists by name, for checks; a policy that extends this one may replace them",
    idle=True,
)


class Compiled(NamedTuple):
    """The checks as rules, and the names of `values` that they use."""

    own: dict[str, OwnRule]
    used: tuple[str, ...]


def compiled(checks: Map[str, Declared], values: Map[str, Node]) -> Compiled:
    """Raises PolicyError with all that is wrong, each at its place."""
    # Only a policy with checks pays for what they need.
    from scanner.policy.checks.check import compile_check
    from scanner.policy.checks.operands import Shared

    shared = Shared()
    own: dict[str, OwnRule] = {}
    mistakes = Mistakes()
    for id, declared in checks.items():
        with mistakes:
            own[id] = compile_check(declared, values, shared)
    mistakes.refuse()
    return Compiled(own, tuple(shared.used))
