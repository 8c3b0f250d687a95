"""Three answers to what a script does: true, false, and None for what something else decides."""

from typing import NamedTuple

from scanner.analysis.outsiders.checks import Kind

Truth = bool | None
Values = frozenset[str] | None
"""The texts that something can be; None where that is not known."""


class Done(NamedTuple):
    """What a script has asked about, whether it surely fails, and what its outputs are: those of which nothing is known are None,
    and those that say what was looked up are in `told`."""

    kinds: frozenset[Kind]
    fails: bool
    outputs: dict[str, Values]
    told: frozenset[str]


def and3(one: Truth, other: Truth) -> Truth:
    """Both."""
    if one is False or other is False:
        return False
    return True if one and other else None


def not3(one: Truth) -> Truth:
    """The opposite."""
    return None if one is None else not one


def joined(before: Truth, sign: str, status: Truth) -> Truth:
    """The status of two commands with `&&` or `||` between them."""
    if sign == "||":
        return not3(and3(not3(before), not3(status)))
    return and3(before, status)
