"""Whether the job's own token is in a text: `github.token`, `secrets.GITHUB_TOKEN`, or something that holds it."""

from collections.abc import Iterable
from typing import Final

from scanner.parse.expressions.contexts import occurring
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import fences
from scanner.parse.nodes import Scalar
from scanner.parse.reader import Block, Entry

NONE: Final = frozenset[str]()


def holds_token(value: Scalar, inputs: frozenset[str] = NONE) -> bool:
    """Whether an expression in a text can bring in the job's token. `inputs` (lower case) are those of the action or workflow
    around it that hold it; a called workflow's secrets of that name do, too."""
    if "${{" not in value.value:
        return False
    for fence in fences(value):
        tree = parse(fence.text)
        if isinstance(tree, Malformed):
            return True
        for context in occurring(tree):
            match context.path:
                case ("github", "token") | ("secrets", "github_token"):
                    return True
                case ("github" | "secrets",) | ("github" | "secrets", "*", *_):
                    return True  # all there is
                case ("inputs" | "secrets", name) if name in inputs:
                    return True
                case ("inputs",) if inputs:
                    return True
                case ("env", *_):
                    return True  # what the variable holds is not looked up
    return False


def holders(block: Block, inputs: frozenset[str] = NONE) -> tuple[Entry, ...]:
    """The entries of `env:` or `with:` that hold the job's token."""
    return tuple(entry for entry in block.entries if holds_token(entry.value, inputs))


def hands_out_token(blocks: Iterable[Block], inputs: frozenset[str] = NONE) -> bool:
    """Whether variables may hold the job's token; an expression that stands for all of them may."""
    return any(block.expression is not None or holders(block, inputs) for block in blocks)
