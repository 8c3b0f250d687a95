"""The whole format of a policy: its sections, and the keys that are none of theirs."""

from typing import Final

from scanner.parse.nodes import Node, Scalar
from scanner.policy.checks.section import CHECKS, VALUES
from scanner.policy.examples import EXAMPLES
from scanner.policy.exceptions import EXCEPTIONS
from scanner.policy.packs import pack_names
from scanner.policy.paths import PATHS
from scanner.policy.settings import RULES, SEVERITY
from scanner.policy.shapes import Key, ListOf, Record, Schema, but, first, refuse
from scanner.policy.weights import SCORE


class _Version:
    """The number of the format."""

    def read(self, node: Node, what: str) -> int:
        if not isinstance(node, Scalar) or node.value != "1":
            raise refuse(
                first(node), f"a policy begins with `snowfence: 1`, the version of its format{but(node)}"
            )
        return 1

    def schema(self) -> Schema:
        return {"enum": [1, "1"]}


class _Name:
    """What a policy extends."""

    def read(self, node: Node, what: str) -> str:
        if not isinstance(node, Scalar) or node.is_null or not node.value or not node.value.isprintable():
            raise refuse(first(node), f"{what} must be the name of a pack or the path of a file{but(node)}")
        return node.value

    def schema(self) -> Schema:
        return {"anyOf": [{"enum": pack_names()}, {"type": "string", "pattern": r"\.ya?ml$|/"}]}


def is_file(name: str) -> bool:
    """Whether a policy names a file, else it is a pack."""
    return "/" in name or name.endswith((".yaml", ".yml"))


VERSION: Final = Key(
    "snowfence",
    _Version(),
    "the version of the format",
    required="it begins with `snowfence: 1`, the version of its format",
)
EXTENDS: Final = Key(
    "extends", ListOf(_Name(), or_one=True),
    "packs by their names and files by their paths, the weakest first; left out, it is `recommended`",
)  # fmt: skip
FAIL_ON: Final = Key("fail-on", SEVERITY, "a finding at least this severe fails the run")
POLICY: Final = Record(
    "a policy", (VERSION, EXTENDS, FAIL_ON, RULES, EXCEPTIONS, VALUES, CHECKS, EXAMPLES, PATHS, SCORE)
)
"""The whole format."""
