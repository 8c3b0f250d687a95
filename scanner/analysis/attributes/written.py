"""What a file of GitHub says at a key, or why that is missing: left out, or decided by a run."""

from math import ceil, isfinite
from typing import Final

from scanner.analysis.attributes.attribute import Missing
from scanner.parse.nodes import Mapping, Scalar
from scanner.parse.reader import Block

COMPUTED: Final = "only a run can tell it"

_LONGEST: Final = 60 * 24 * 365
"""Minutes of a year: more is no time that anybody means."""


def text_of(scalar: Scalar | None, key: str, *, written: bool = True) -> str | Missing:
    """A text; as it is `written`, else missing where an expression stands in it."""
    if scalar is None or scalar.is_null:
        return Missing(f"it has no `{key}`")
    if not written and "${{" in scalar.value:
        return Missing(f"an expression decides its `{key}`")
    return scalar.value


def condition_of(guard: Scalar | None) -> str | Missing:
    return text_of(guard, "if")


def minutes_of(block: Mapping) -> int | Missing:
    """`timeout-minutes` of a job or step, rounded up."""
    found = _scalar(block, "timeout-minutes")
    text = text_of(found, "timeout-minutes", written=False)
    if isinstance(text, Missing):
        return text
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1.0
    if not isfinite(minutes) or not 0 <= minutes <= _LONGEST:
        return Missing("its `timeout-minutes` is no number of minutes")
    return ceil(minutes)


def flag_of(block: Mapping, key: str) -> bool | Missing:
    """A key that is true or false, and false where it is left out."""
    found = _scalar(block, key)
    if found is None or found.is_null:
        return False
    return found.boolean if found.boolean is not None else Missing(f"an expression decides its `{key}`")


def keys_of(block: Block, key: str) -> tuple[str, ...] | Missing:
    """The keys of a map of texts (`env`, `with`), as written."""
    if block.expression is not None:
        return Missing(f"an expression stands for all of `{key}`")
    return tuple(entry.key.value for entry in block.entries)


def is_computed(block: Mapping, key: str) -> bool:
    """Whether an expression stands where a map is due."""
    found = _scalar(block, key)
    return found is not None and "${{" in found.value


def _scalar(block: Mapping, key: str) -> Scalar | None:
    found = block.get(key)
    return found if isinstance(found, Scalar) else None
