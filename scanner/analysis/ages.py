"""How old a locked input is."""

from datetime import date, timedelta
from math import isfinite
from typing import Final, NamedTuple

from scanner.parse.flake_lock import Reference

_EPOCH: Final = date(1970, 1, 1)
_DAY: Final = 24 * 60 * 60


class Age(NamedTuple):
    """`days` since the day `since` on which the locked content was last modified."""

    days: int
    since: date


def age_of(locked: Reference, now: date) -> Age | str:
    """The age of an input, or why it is not known.

    Nothing checks `lastModified`: whoever writes the lock can choose it.
    """
    modified = locked.attributes.get("lastModified")
    if modified is None:
        return "it has no `lastModified`"
    if isinstance(modified, bool | str):
        return "its `lastModified` is not a number"
    if modified in (0, 1):
        return "its `lastModified` is a placeholder, as files of the Nix store have it"
    if (isinstance(modified, float) and not isfinite(modified)) or modified < 0:
        return "its `lastModified` is not a time"
    days = (now - _EPOCH).days - int(modified // _DAY)
    if days < -1:
        return "its `lastModified` lies in the future"
    days = max(days, 0)
    return Age(days, now - timedelta(days))
