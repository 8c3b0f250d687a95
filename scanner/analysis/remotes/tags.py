"""What the tags of a repository say: which releases there are, in which order, and which of them a commit is."""

from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property
from typing import Final, NamedTuple

from scanner.analysis.uses.versions import Version, exact, parted
from scanner.model.online import BRANCH, TAG, Refs

_MOST_AT: Final = 500
"""Tags at one commit that are compared with what is said of it."""


class Tag(NamedTuple):
    """A tag that names a version. `family` is what stands before it: tags like `codeql-bundle-v2.19.0` beside `v3.28.0` count for
    themselves. `written` are its numbers as they are written."""

    name: str
    family: str
    version: Version
    written: tuple[int, ...]

    @property
    def is_final(self) -> bool:
        """Whether it is no pre-release."""
        return self.version == Version(self.version.numbers)


def tag_of(name: str) -> Tag | None:
    """The version that a tag names, None when it names none."""
    for family, text in parted(name):
        version = exact(text)
        if version is not None:
            return Tag(name, family, version, _written(text, version))
    return None


def is_full(name: str) -> bool:
    """Whether a name is that of one release, which nobody moves who is careful: a version of three numbers or more. It is so whatever other
    tags there are, which anybody adds who may move one."""
    tag = tag_of(name)
    return tag is not None and len(tag.written) > 2


def _written(text: str, version: Version) -> tuple[int, ...]:
    text = text.lstrip("vV")
    end = 0
    while end < len(text) and (text[end].isdecimal() or text[end] == "."):
        end += 1
    found = tuple(int(part) for part in text[:end].split(".") if part)
    # A day has other separators.
    return max(found, tuple(map(int, version.numbers)), key=len)


class Tags:
    """The tags of a repository, indexed; `refs` are all its branches and tags."""

    __slots__ = ("__dict__", "refs")

    def __init__(self, refs: Refs) -> None:
        self.refs: Final = refs

    def at(self, commit: str) -> tuple[str, ...]:
        """The tags that lead to a commit, the one that says most first: `v4.2.2`, `v4.2`, `v4`, other names."""
        return self._names.get(commit, ())

    def fits(self, commit: str, ref: str) -> bool:
        """Whether a commit is what a name says: it leads there, or a tag does that says the same (`v4.2.2` for `v4`, for `4.2.2` and for
        `v4.2.2.0`), also with the name of a part of the repository before it. Beside the tag of a release a branch of its name says
        nothing."""
        if self.refs.tags.get(ref) == commit or (
            self.refs.branches.get(ref) == commit and not self.is_full(ref)
        ):
            return True
        return self.has_of(ref, commit)

    def leads_to(self, ref: str) -> str | None:
        """The commit of what `whole_name` finds."""
        name = self.whole_name(ref)
        return next(iter(self.refs.tips(name)), None) if name is not None else None

    def whole_name(self, ref: str) -> str | None:
        """The tag, or else branch, of this name, with or without a `v` before it, as git calls it: `refs/tags/v4`."""
        other = ref[1:] if ref[:1] in ("v", "V") else f"v{ref}"
        for folder, refs in ((TAG, self.refs.tags), (BRANCH, self.refs.branches)):
            for name in (ref, other):
                if name in refs:
                    return f"{folder}{name}"
        return None

    def moves(self, ref: str) -> bool:
        """Whether a tag is one that moves by design: `v4` where there are `v4.2.1` and `v4.2.2`, and any name that is no version (`v3-beta`,
        `stable`). A full version never is."""
        tag = self._tags.get(ref)
        if tag is None:
            return True
        return len(tag.written) < 3 and (not tag.is_final or (tag.family, tag.written) in self._lines)

    def is_full(self, ref: str) -> bool:
        """Whether a tag is the name of one release. `v30` alone is not told from a name that moves."""
        return ref in self._tags and is_full(ref)

    def has_of(self, line: str, commit: str) -> bool:
        """Whether a tag of the releases that a name stands for (`v4.2.2` for `v4`) leads to a commit."""
        claimed = tag_of(line)
        here = map(self._tags.get, self.at(commit)[:_MOST_AT])
        return claimed is not None and any(_same(claimed, tag) for tag in here if tag is not None)

    def release_at(self, commit: str, said: str | None = None) -> Tag | None:
        """The release that a commit is, as the first of its tags says that is a version; of those that fit what is said of it, if any do."""
        found = [self._tags[name] for name in self.at(commit)[:_MOST_AT] if name in self._tags]
        claimed = tag_of(said) if said is not None else None
        fitting = [tag for tag in found if claimed is not None and _same(claimed, tag)]
        return next(iter(fitting or found), None)

    def releases(self, family: str = "") -> tuple[Tag, ...]:
        """The releases of a family, the oldest version first, each version once; without pre-releases and names that move."""
        return self._families.get(family, ())

    def newest(self, family: str = "", major: float | None = None) -> Tag | None:
        """The newest release, of one major version if that is given."""
        found = self.releases(family)
        if major is not None:
            found = tuple(tag for tag in found if tag.version.major == major)
        return found[-1] if found else None

    def newer(self, than: Tag) -> tuple[Tag, ...]:
        """The releases of its family behind a tag."""
        found = self.releases(than.family)
        return found[bisect_right(found, than.version, key=_version) :]

    @cached_property
    def _tags(self) -> dict[str, Tag]:
        return {name: tag for name in self.refs.tags if (tag := tag_of(name)) is not None}

    @cached_property
    def _lines(self) -> frozenset[tuple[str, tuple[int, ...]]]:
        """The one or two numbers with which longer versions begin."""
        return frozenset(
            (tag.family, tag.written[:end])
            for tag in self._tags.values()
            for end in range(1, min(len(tag.written), 3))
        )

    @cached_property
    def _names(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for name, commit in self.refs.tags.items():
            found.setdefault(commit, []).append(name)
        return {commit: tuple(sorted(names, key=self._rank)) for commit, names in found.items()}

    def _rank(self, name: str) -> tuple[bool, bool, int, int, str]:
        tag = self._tags.get(name)
        if tag is None:
            return True, True, 0, len(name), name
        return False, not tag.is_final, -len(tag.written), len(name), name

    @cached_property
    def _families(self) -> dict[str, tuple[Tag, ...]]:
        found: dict[str, dict[Version, Tag]] = {}
        for name, tag in sorted(self._tags.items()):
            if tag.is_final and not self.moves(name):
                found.setdefault(tag.family, {}).setdefault(tag.version, tag)
        return {family: _sorted(tags.values()) for family, tags in found.items()}


def _sorted(tags: Iterable[Tag]) -> tuple[Tag, ...]:
    return tuple(sorted(tags, key=_version))


def _version(tag: Tag) -> Version:
    return tag.version


def _same(claimed: Tag, tag: Tag) -> bool:
    """Whether a tag is of the release, or of the line of releases, that a name claims."""
    if claimed.family not in ("", tag.family):
        return False
    if claimed.version == tag.version:
        return True
    padded = tag.written + (0,) * (len(claimed.written) - len(tag.written))
    line = claimed.is_final and len(claimed.written) < 3 and len(tag.written) > len(claimed.written)
    return line and padded[: len(claimed.written)] == claimed.written
