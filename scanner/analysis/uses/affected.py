"""Whether a version of an action has a hole that an advisory tells of, and which version has none."""

from collections.abc import Iterable, Iterator, Sequence

from scanner.analysis.uses.versions import Version, exact, meant_by
from scanner.knowledge.advisories import Advisory, Affected


def has(advisory: Advisory, path: str, version: Version, one_of_line: bool = False) -> bool | None:
    """Whether a version of the action at a path of the repository has it; None where it cannot be told. A line (`v4`) is its newest version or,
    when it is `one_of_line`, any of it."""
    if not comparable(advisory, path, version):
        return None
    answers = [
        _one_of(row, version) if one_of_line else _affects(row, version)
        for row in advisory.affected
        if row.covers(path)
    ]
    return True if True in answers else None if None in answers else False


def comparable(advisory: Advisory, path: str, version: Version) -> bool:
    """Whether a version can be told from those of the advisory: no day (`2024-01-02`) can from numbers that are none, and none from what is no
    version."""
    for row in advisory.affected:
        if row.covers(path) and not any(version == meant_by(text) for text in row.versions):
            bounds = (
                exact(text) for text in (row.introduced, row.fixed, row.last, row.before) if text is not None
            )
            if any(one is None or (one.numbers and one.is_date != version.is_date) for one in bounds):
                return False
    return True


def without_end(advisory: Advisory, path: str) -> bool:
    """Whether no repaired version is known that is newer than all that have it: what is newer still may have it, too."""
    ends = [
        (exact(row.fixed or row.last or row.before or ""), row.fixed is not None)
        for row in advisory.affected
        if row.covers(path) and row.introduced is not None
    ]
    known = [(end, repaired) for end, repaired in ends if end is not None]
    return len(known) < len(ends) or (bool(known) and not max(known)[1])


def _one_of(row: Affected, version: Version) -> bool | None:
    if not version.is_line:
        return _affects(row, version)
    first, newest = _affects(row, version.first), _affects(row, version)
    if first != newest:
        return None
    inside = exact(row.introduced or "0")
    if not first and inside is not None and version.first < inside <= version:
        return None  # it came and went within the line
    return newest


def _affects(row: Affected, version: Version) -> bool | None:
    if any(version == meant_by(text) for text in row.versions):
        return True
    if (row.introduced, row.fixed, row.last, row.before) == (None, None, None, None):
        return False
    start = exact(row.introduced or "0")
    if start is None:
        return None
    if start.numbers and version < start:
        return False
    bound = row.fixed or row.last or row.before
    if bound is None:
        return True
    end = exact(bound)
    if end is None:
        return None
    if row.fixed is None and row.last is not None:
        if version <= end:
            return True
        # The newest of the line may be newer than the last that is known to have it, and have it still.
        return None if version.is_line and version.first <= end else False
    return version < end


def repaired(advisories: Sequence[Advisory], path: str, version: Version | None) -> str | None:
    """The first version from which on the versions of its major line have none of them, as an advisory writes it: of the same major line where
    there is one, else of the next. None where none is known."""
    start = version.first if version is not None else None
    later = sorted(
        (end, text)
        for text in set(_ends(advisories, path))
        if (end := exact(text)) is not None
        and (start is None or start < end)
        and not any(has(one, path, end) is not False or _returns(one, path, end) for one in advisories)
    )
    if start is not None:
        for end, text in later:
            if end.major == start.major:
                return text
    return later[0][1] if later else None


def _returns(advisory: Advisory, path: str, since: Version) -> bool:
    """Whether a newer version of the same major line has it: then "or newer" would lead to it."""
    return any(
        since < start and start.major == since.major
        for row in advisory.affected
        if row.covers(path) and row.introduced is not None and (start := exact(row.introduced)) is not None
    )


def _ends(advisories: Iterable[Advisory], path: str) -> Iterator[str]:
    for advisory in advisories:
        for row in advisory.affected:
            if row.covers(path):
                yield from (text for text in (row.fixed, row.before) if text is not None)
