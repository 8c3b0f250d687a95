"""Checks in a workflow that let only some people's runs through."""

from collections.abc import Iterator
from typing import Final

from scanner.parse.expressions.contexts import Context, occurring
from scanner.parse.expressions.syntax import (
    Access,
    Call,
    Expression,
    Literal,
    Malformed,
    Name,
    Operation,
    parse,
)
from scanner.parse.fences import condition
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Step

_ASKS: Final = frozenset(
    "actor actor_id author_association fork full_name login merged triggering_actor".split()
)
# Actions and calls that ask for somebody's role: the control checks of CodeQL for Actions 2.26.2 (MIT, GitHub).
_CHECKERS: Final = frozenset(
    "actions-cool/check-user-permission lannonbr/repo-permission-check-action "
    "prince-chrismc/check-actor-permissions-action sushichop/action-repository-permission "
    "xt0rted/slash-command-action".split()
)
_CALLS: Final = (
    "getCollaboratorPermissionLevel",
    "checkMembershipForUser",
    "getMembershipForUser",
    "/collaborators/",
)


def asks_who(guard: Scalar | None) -> bool:
    """Whether an `if:` looks at who started the run, or at what only people with rights decide (a label, a merge)."""
    if guard is None:
        return False
    trees = [parse(fence.text) for fence in condition(guard)]
    return any(
        context.path[-1] in _ASKS or not {"label", "labels"}.isdisjoint(context.path)
        for tree in trees
        if not isinstance(tree, Malformed)
        for context in _tested(tree)
    )


def checks_permission(step: Step) -> bool:
    """Whether a step asks GitHub what the person who started the run may do."""
    if step.run is not None:
        return any(call in step.run.script.value for call in _CALLS)
    use = step.call.target if step.call is not None else None
    if step.call is None or not isinstance(use, RepositoryUse):
        return False
    if use.slug == "xt0rted/slash-command-action":
        level = step.call.inputs.get("permission-level")
        return level is None or level.value.lower() not in ("read", "none")
    script = step.call.inputs.get("script") if use.slug == "actions/github-script" else None
    return use.slug in _CHECKERS or (script is not None and any(call in script.value for call in _CALLS))


def _tested(tree: Expression) -> Iterator[Context]:
    """The contexts that must have some value; `x != y` rules only one value out."""
    match tree:
        case Operation("!=", _) | Literal():
            return
        case Operation(_, operands) | Call(_, operands):
            for operand in operands:
                yield from _tested(operand)
        case Name() | Access():
            yield from occurring(tree)
