"""The sections `checks` and `values`."""

from collections.abc import Mapping as Map
from typing import Final, NamedTuple

from scanner.parse.nodes import Node, Scalar
from scanner.policy.policy import OwnRule
from scanner.policy.shapes import Key, MapOf, Raw


class Declared(NamedTuple):
    """A check as it stands in a policy. It is compiled when all policies are read: a later one may give other values. `policy` is
    the policy's name, `id` the key."""

    id: Scalar
    body: Node
    policy: str


CHECKS: Final[Key[dict[str, Node]]] = Key("checks", MapOf(Raw()), "checks of your own, by their ids")
VALUES: Final[Key[dict[str, Node]]] = Key(
    "values",
    MapOf(Raw()),
    "texts, numbers and lists by name, for checks; a policy that extends this one may replace them",
)


def compiled(checks: Map[str, Declared], values: Map[str, Node]) -> dict[str, OwnRule]:
    """The checks as rules. Raises PolicyError at the place of what is wrong."""
    raise NotImplementedError
