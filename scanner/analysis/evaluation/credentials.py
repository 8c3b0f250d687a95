"""Credentials for binary caches and for fetching that a step hands to Nix."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.evaluation.runs import Around, executed
from scanner.graph.nodes.workflows import StepNode
from scanner.model.source import Span
from scanner.parse.expressions.contexts import occurring
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import Fence, fences
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse

_LOGINS: Final = {("cachix", "authtoken"), ("attic", "login")}
_OWN: Final = "GITHUB_TOKEN"


class Credential(NamedTuple):
    """An expression with a credential: `secret` is the name in `secrets`, None when it comes from elsewhere.

    With `writes`, it writes to a binary cache; else Nix fetches with it.
    """

    at: Span
    secret: str | None
    writes: bool
    expression: str


def credentials(node: StepNode, around: Around) -> Iterator[Credential]:
    """What a step gets, each place once; the token of the run itself is none."""
    knowledge, call = around.knowledge, node.step.call
    if call is not None and isinstance(call.target, RepositoryUse):
        known = knowledge.nix_action(call.target.name)
        for names, writes in ((known.cache, True), (known.fetch, False)) if known is not None else ():
            for name in names:
                if (value := call.inputs.get(name)) is not None:
                    yield from _secrets(value, writes)
        for name in known.conf if known is not None else ():
            text = call.inputs.get(name)
            if text is not None and ("access-tokens" in text.value or "netrc" in text.value):
                yield from _secrets(text, False)
    for variables in around.variables(node):
        for name in knowledge.cache_variables & variables.keys():
            yield from _secrets(variables[name], True)
    run = node.step.run
    if run is None:
        return
    if "netrc" in run.script.value or "access-tokens" in run.script.value:
        yield from _secrets(run.script, False)
    logins = [
        (one.at(one.command.words[0]).start, one.at(one.command.words[-1]).end)
        for one in executed(node, ("cachix", "attic"))
        if (one.command.program, *one.command.texts[1:2]) in _LOGINS
    ]
    logins.sort()
    for found in _secrets(run.script, True) if logins else ():
        last = bisect_right(logins, (found.at.start, found.at.start)) - 1
        if last >= 0 and found.at.start < logins[last][1]:
            yield found


def _secrets(value: Scalar, writes: bool) -> Iterator[Credential]:
    for fence in fences(value):
        secret = _secret(fence)
        if secret != _OWN:
            yield Credential(fence.at.first_line(), secret, writes, fence.text)


def _secret(fence: Fence) -> str | None:
    """The secret that an expression reads; the run's own token by either of its names."""
    tree = parse(fence.text)
    if isinstance(tree, Malformed):
        return None
    for context in occurring(tree):
        if context.path[0] == "secrets" and len(context.path) > 1:
            return context.path[1].upper()
        if context.path == ("github", "token"):
            return _OWN
    return None
