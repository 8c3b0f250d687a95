"""The section `paths`: which files of the repository count."""

from functools import partial
from typing import Final

from scanner.model.globs import Glob, glob
from scanner.parse.nodes import Node
from scanner.policy.policy import Paths
from scanner.policy.shapes import Fields, Key, ListOf, Record, Schema, Text


class GlobText:
    """A pattern of paths, or with `path=False` of other texts; see `scanner.model.globs`."""

    def __init__(self, path: bool = True) -> None:
        self._read: Final = partial(glob, path=path)
        self._text: Final = Text(check=self._read)

    def read(self, node: Node, what: str) -> Glob:
        return self._read(self._text.read(node, what))

    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1}


GLOBS: Final = ListOf(GlobText(), or_one=True, least=1)
"""A pattern, or several of which one has to match."""
TEXT_GLOBS: Final = ListOf(GlobText(path=False), or_one=True, least=1)
"""The same, of texts that are no paths from the root."""

_INCLUDE: Final = Key("include", GLOBS, "only files that one of these patterns covers are read")
_EXCLUDE: Final = Key("exclude", GLOBS, "files that one of these patterns covers are not read")
PATHS: Final[Key[Fields]] = Key(
    "paths",
    Record("`paths`", (_INCLUDE, _EXCLUDE)),
    "which files of the repository are read; left out, all are",
    idle=True,
)


def paths(fields: Fields, base: Paths) -> Paths:
    """What the section says, on top of an earlier policy: `include` replaces, `exclude` adds."""
    return Paths(fields.get(_INCLUDE) or base.include, base.exclude + (fields.get(_EXCLUDE) or ()))
