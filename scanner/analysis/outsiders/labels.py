"""Conditions that let a pull request through for a label that somebody with rights has given it.

A label stays when the author pushes another commit: what runs then is not what was looked at. A condition is evaluated twice for an
event of the author's, with the label and without it, everything else being open.
"""

from typing import Final

from scanner.analysis.workflows.conditions import expression_of
from scanner.parse.expressions.contexts import Context, context_of, occurring
from scanner.parse.expressions.evaluate import truth
from scanner.parse.expressions.syntax import (
    Access,
    Call,
    Expression,
    Literal,
    Malformed,
    Operation,
    parse,
)
from scanner.parse.nodes import Scalar
from scanner.parse.workflow import Trigger

BY_OTHERS: Final = ("labeled", "unlabeled")
"""Activities that somebody with rights or a bot causes, by another label: what runs then is the newest commit."""

BY_AUTHOR: Final = ("synchronize", "reopened", "edited", "ready_for_review", "converted_to_draft", "closed")
"""Activities of `pull_request_target` that the author of a pull request causes after it was labelled, worst first."""

_DEFAULT: Final = ("opened", "synchronize", "reopened")
_LABELS: Final = ("github", "event", "pull_request", "labels")
_MERGED: Final = ("github", "event", "pull_request", "merged")
_JUST_GIVEN: Final = ("github", "event", "label")


def renewed_by(trigger: Trigger) -> tuple[str, ...]:
    """The activities of a trigger that the author of a labelled pull request can cause."""
    types = trigger.filter("types")
    wanted = _DEFAULT if types is None else types
    return tuple(one for one in BY_AUTHOR if one in wanted)


def gates(guard: Scalar | None, activity: str) -> bool:
    """Whether an `if:` is false for an activity of `pull_request_target` without a label, and may be true with it."""
    if guard is None or "label" not in guard.value:
        return False
    text = expression_of(guard)
    tree = parse(text) if text is not None else None
    if tree is None or isinstance(tree, Malformed):
        return False
    return _holds(tree, activity, False) is False and _holds(tree, activity, True) is not False


def refuses(guard: Scalar | None, activity: str) -> bool:
    """Whether an `if:` is false for an activity whatever labels there are."""
    text = expression_of(guard) if guard is not None else None
    tree = parse(text) if text is not None else None
    if tree is None or isinstance(tree, Malformed):
        return False
    return _holds(tree, activity, True) is False and _holds(tree, activity, False) is False


def _holds(tree: Expression, activity: str, labelled: bool) -> bool | None:
    """Whether a condition is true; None when something else decides."""
    return truth(tree, leaf=lambda part: _part(part, activity, labelled))


def _part(tree: Expression, activity: str, labelled: bool) -> bool | None:
    match tree:
        case Operation("==" | "!=" as operator, (one, other)):
            same = _equal(one, other, activity, labelled)
            return None if same is None else same is (operator == "==")
        case Call(name, arguments) if name.lower() in ("contains", "startswith", "endswith"):
            return _about_labels([context for one in arguments for context in occurring(one)], labelled)
        case Access() if context_of(tree) == _MERGED:
            return False  # a merge is somebody else's doing, and ends the pull request
    return None


def _equal(one: Expression, other: Expression, activity: str, labelled: bool) -> bool | None:
    if isinstance(one, Literal):
        one, other = other, one
    contexts = list(occurring(one))
    if isinstance(other, Literal) and isinstance(other.value, str) and len(contexts) == 1:
        known = {
            ("github", "event", "action"): activity,
            ("github", "event_name"): "pull_request_target",
        }.get(contexts[0].path)
        if known is not None and not isinstance(one, Call | Operation):
            return known == other.value.lower()
        if other.value == "":
            return None
    if isinstance(other, Literal) and isinstance(other.value, bool):
        return None
    return _about_labels(contexts, labelled)


def _about_labels(contexts: list[Context], labelled: bool) -> bool | None:
    """What a comparison with labels answers. The label of the event is there only when one was just given."""
    if any(context.path[:3] == _JUST_GIVEN for context in contexts):
        return False
    if any(context.path[:4] == _LABELS for context in contexts):
        return labelled
    return None
