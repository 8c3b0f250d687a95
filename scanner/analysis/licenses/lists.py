"""Lists of licences that are allowed and denied, and what they say of an expression.

- Of an `OR` one side is enough, of an `AND` all must be fine.
- "or later" is an `OR` over the versions that there are: code under `GPL-2.0-or-later` may be taken under `GPL-3.0-only`. On a list it means
  all these versions.
- An exception adds permissions to its licence: an entry without one counts for the licence with any exception, too; one that names
  the exception counts for that only, and more than an entry on the other list that does not name it.
- What is on both lists is denied.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from scanner.analysis.licenses.expressions import (
    Both,
    Either,
    Expression,
    License,
    NoLicense,
    read,
    read_license,
)
from scanner.model.online import NotKnown

Entries = dict[str, set[str | None]]
"""A list: by the ids of versions the exceptions with which they stand on it, None for any."""

_IN_GENERAL: Final = 1
_WITH_EXCEPTION: Final = 2


class Lists:
    """`allow` and `deny` are licences as `read_license` takes them. An empty list of what is allowed allows all that is not denied."""

    __slots__ = ("_allow", "_deny")

    def __init__(self, allow: Iterable[str], deny: Iterable[str]) -> None:
        self._allow: Final = _entries(allow)
        self._deny: Final = _entries(deny)

    def denies(self, license: License) -> bool:
        """Whether a licence is refused since it is denied, and not because it is not on the list of what is allowed."""
        return all(self._denied(version, license.exception) for version in license.versions)

    def judge(self, text: str) -> tuple[License, ...] | NotKnown:
        """What stands in the way of using code under an expression, see `refused`; not known where the text is none."""
        try:
            return self.refused(read(text))
        except NoLicense as error:
            return NotKnown(str(error))

    def says(self, refused: tuple[License, ...]) -> str:
        """What the lists do with the licences that stand in the way: `denies`, `does not allow`."""
        return "denies" if all(self.denies(one) for one in refused) else "does not allow"

    def take(self, expression: Expression) -> bool:
        """Whether code under this expression may be used."""
        match expression:
            case Either(parts):
                return any(self.take(part) for part in parts)
            case Both(parts):
                return all(self.take(part) for part in parts)
        return any(self._taken(version, expression.exception) for version in expression.versions)

    def refused(self, expression: Expression) -> tuple[License, ...]:
        """The licences that stand in the way, in the order of the expression; none where it may be used."""
        return tuple(dict.fromkeys(self._refused(expression)))

    def _refused(self, expression: Expression) -> Iterator[License]:
        if self.take(expression):
            return
        if isinstance(expression, License):
            yield expression
            return
        for part in expression.parts:
            yield from self._refused(part)

    def _taken(self, id: str, exception: str | None) -> bool:
        if self._denied(id, exception):
            return False
        return not self._allow or _counts(self._allow, id, exception) > 0

    def _denied(self, id: str, exception: str | None) -> bool:
        denied = _counts(self._deny, id, exception)
        return denied > 0 and not _counts(self._allow, id, exception) > denied


def _entries(names: Iterable[str]) -> Entries:
    found: Entries = {}
    for entry in map(read_license, names):
        for id in entry.versions:
            found.setdefault(id, set()).add(entry.exception)
    return found


def _counts(entries: Entries, id: str, exception: str | None) -> int:
    """How much a list says of one version of a licence: nothing, 1 in general, 2 for it with this very exception."""
    found = entries.get(id, ())
    if exception is not None and exception in found:
        return _WITH_EXCEPTION
    return _IN_GENERAL if None in found else 0
