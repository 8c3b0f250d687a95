"""JSON of servers: parsed only when it cannot become much larger in memory than it is on the way.

An empty object is 2 octets of JSON and 64 of memory, so that 16 MB of `{},` are 400 MB parsed. Every value but the first stands behind one of
`,`, `:`, `[` or `{`, and these are counted before anything is parsed; those inside texts count too, which real answers have room for.
"""

import json
from collections.abc import Callable
from typing import Final

MOST_VALUES: Final = 400_000
"""Marks of a document: CISA's catalogue, the largest that is asked for, has tens of thousands. Values of so many are 60 MB at most."""

_MARKS: Final = (b",", b":", b"[", b"{")


class TooManyValues(ValueError):
    """A document with more values than anything that is asked for has."""


def parsed(body: bytes, constant: Callable[[str], object] | None = None) -> object:
    """The value of a document in UTF-8. `constant` is called for `NaN` and the like, as `json.loads` does.

    Raises:
        ValueError: it is no JSON; TooManyValues when it has too many values to be parsed.
        RecursionError: it is nested too deeply.
    """
    if sum(map(body.count, _MARKS)) > MOST_VALUES:
        raise TooManyValues
    value: object = json.loads(body.decode("utf-8-sig"), parse_constant=constant)
    return value
