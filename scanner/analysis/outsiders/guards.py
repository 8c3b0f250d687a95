"""Checks in a workflow that let only some people's runs through."""

from typing import Final

from scanner.analysis.outsiders.events import OUTSIDER_EVENTS
from scanner.analysis.workflows.conditions import joined
from scanner.parse.expressions.contexts import context_of, occurring
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

_NOTHING: Final = 0
_OTHER_EVENT: Final = 1
_CHECK: Final = 2

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
    """Whether an `if:` lets nobody through without a look at who started the run, or at what only people with rights decide
    (a label, a merge). An alternative for events that no outsider has the rights of takes nothing away from that."""
    if guard is None:
        return False
    trees = [parse(fence.text) for fence in condition(guard)]
    return any(not isinstance(tree, Malformed) and _demands(tree, True) is _CHECK for tree in trees)


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


def _demands(tree: Expression, wanted: bool) -> int:
    """What must hold for a part of a condition to be `wanted`: a check of who it is, another event, or anything else."""
    pair = joined(tree, wanted)
    if pair is not None:
        every, operands = pair
        found = [_demands(operand, value) for operand, value in operands]
        if not every:  # any of the alternatives that an outsider with rights has
            found = [one for one in found if one != _OTHER_EVENT] or [_OTHER_EVENT]
        return max(found) if every else min(found)
    match tree:
        case Literal(value):
            return _NOTHING if bool(value) is wanted else _OTHER_EVENT  # never so
        case Operation("==" | "!=" as operator, (left, right)):
            equal = (operator == "==") is wanted
            for side, other in ((left, right), (right, left)):
                if context_of(side) == ("github", "event_name") and isinstance(other, Literal):
                    return _OTHER_EVENT if _is_other_event(other, equal) else _NOTHING
                if isinstance(other, Literal) and other.value in ("", None):
                    return _NOTHING
            return _CHECK if equal and _asks(tree) else _NOTHING
        case Operation() | Call():
            return _CHECK if wanted and _asks(tree) else _NOTHING
        case Name() | Access():
            # By itself only what is true or false says anything.
            last = context_of(tree)[-1:]
            return _CHECK if last == (("merged",) if wanted else ("fork",)) else _NOTHING


def _is_other_event(name: Literal, equal: bool) -> bool:
    """Whether to be, or not to be, an event keeps outsiders with rights out, as far as this comparison tells."""
    return not equal or not OUTSIDER_EVENTS.get(str(name.value).lower(), False)


def _asks(tree: Expression) -> bool:
    return any(
        context.path[-1] in _ASKS or not {"label", "labels"}.isdisjoint(context.path)
        for context in occurring(tree)
    )
