"""Which ways of using an action are meant: a small logic with three values over its inputs and its version.

A table says e.g. "actions/cache, unless `lookup-only` is true". Values are compared as the toolkit of actions does; an
expression is not decided (semantics: zizmor 1.32, `models/coordinate.rs`).
"""

from collections.abc import Iterable
from typing import NamedTuple

from scanner.analysis.uses.versions import version_of
from scanner.parse.fences import fences
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call


class Verdict(NamedTuple):
    """`holds` is None when an expression decides; `because` is the input that does, None when none is given."""

    holds: bool | None
    because: Scalar | None = None


class Always(NamedTuple):
    """However the action is used."""


class Boolean(NamedTuple):
    """An input that is read as a switch: `false` is off, every other text is on."""

    input: str
    default: bool
    wanted: bool = True


class Filled(NamedTuple):
    """An input with any text in it; an expression counts as one."""

    input: str
    default: bool = False
    wanted: bool = True


class OneOf(NamedTuple):
    """An input with one of some texts."""

    input: str
    values: frozenset[str]
    default: bool = False
    wanted: bool = True


class Below(NamedTuple):
    """A version of the action before `version`."""

    version: tuple[int, ...]


class Every(NamedTuple):
    conditions: "tuple[Condition, ...]"


class Some(NamedTuple):
    conditions: "tuple[Condition, ...]"


Condition = Always | Boolean | Filled | OneOf | Below | Every | Some


def judged(call: Call, condition: Condition) -> Verdict:
    """Whether a use of an action meets a condition."""
    if isinstance(condition, Always):
        return Verdict(True)
    if call.inputs.expression is not None:
        return Verdict(None, call.inputs.expression)
    match condition:
        case Boolean(name, default, wanted):
            value = call.inputs.get(name)
            if value is None:
                return Verdict(default == wanted)
            if is_open(value):
                return Verdict(None, value)
            return Verdict((value.value.strip().lower() != "false") == wanted, value)
        case Filled(name, default, wanted):
            value = call.inputs.get(name)
            if value is None:
                return Verdict(default == wanted)
            return Verdict(bool(value.value.strip() and not value.is_null) == wanted, value)
        case OneOf(name, values, default, wanted):
            value = call.inputs.get(name)
            if value is None:
                return Verdict(default == wanted)
            if is_open(value):
                return Verdict(None, value)
            return Verdict((value.value.strip() in values) == wanted, value)
        case Below(limit):
            version = version_of(call)
            return Verdict(None if version is None else version < limit)
        case Every(conditions):
            return _joined((judged(call, one) for one in conditions), False)
        case Some(conditions):
            return _joined((judged(call, one) for one in conditions), True)


def _joined(verdicts: Iterable[Verdict], decisive: bool) -> Verdict:
    """`decisive` from one operand is the answer; else an open one leaves it open."""
    open: Verdict | None = None
    last = Verdict(not decisive)
    for verdict in verdicts:
        if verdict.holds is decisive:
            return verdict
        if verdict.holds is None:
            open = open or verdict
        elif last.because is None:
            last = verdict
    return open or last


def is_open(value: Scalar) -> bool:
    """Whether an expression has a part in a text."""
    return next(fences(value), None) is not None


def names(call: Call, action: str) -> bool:
    """Whether a step uses `owner/repository[/path]` (any case in owner and repository, the path as written)."""
    use = call.target
    if not isinstance(use, RepositoryUse):
        return False
    owner, repository, *path = action.split("/", 2)
    return use.slug == f"{owner}/{repository}".lower() and use.path == "".join(path)
