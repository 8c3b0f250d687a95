"""Who owns a file by CODEOWNERS.

GitHub: "About code owners": the first file of `.github/`, the root and `docs/` counts, in it the last line that matches. A
pattern is one of gitignore without `!` and `[ ]`: without a slash before its end it matches at any depth, what it matches may be a
folder with all below it, but `docs/*` means the files in `docs` alone.
"""

from collections import Counter
from typing import Final

from scanner.analysis.updates.paths import matches
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.updates import CodeOwnersNode
from scanner.parse.code_owners import CodeOwners, Ownership

PLACES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""In the order in which GitHub looks."""

FEW: Final = 200
"""Lines that are all tried for every path."""

MAX_PIECE: Final = 40
"""Characters of a piece of a pattern that lines are told apart by."""


@per_graph
def code_owners(graph: Graph) -> CodeOwnersNode | None:
    """The file that counts."""
    found = {node.path: node for node in graph.of(CodeOwnersNode)}
    return next((found[path] for path in PLACES if path in found), None)


class Owners:
    """Answers for one file: of equal patterns only the last is kept.

    Of many lines only those are tried whose rarest literal piece stands in the path, so that the work does not grow with the
    number of lines times that of the files.
    """

    __slots__ = ("_by_piece", "_kept", "_lines", "_longest", "_others", "_within")

    def __init__(self, owners: CodeOwners) -> None:
        valid = {line.pattern: line for line in owners.lines if line.defect is None} if owners.loaded else {}
        # A pattern that is given again counts at its last place.
        self._lines = [
            (parts_of_pattern(line.pattern), line)
            for line in reversed(owners.lines)
            if valid.get(line.pattern) is line
        ]
        self._kept: dict[str, Ownership | None] = {}
        self._within: dict[str, list[int]] = {}
        self._by_piece: dict[str, list[int]] = {}
        self._others: list[int] = []
        self._longest = 0
        if len(self._lines) > FEW:
            self._index()
        else:
            self._others = list(range(len(self._lines)))

    def line_of(self, path: str) -> Ownership | None:
        """The line that decides who owns a path; None when none does."""
        if path not in self._kept:
            self._kept[path] = self._find(path.split("/"))
        return self._kept[path]

    def _find(self, parts: list[str]) -> Ownership | None:
        tried = set(self._others)
        for part in parts:
            tried.update(self._containing(part))
        return next(
            (self._lines[at][1] for at in sorted(tried) if matches(self._lines[at][0], parts)),
            None,
        )

    def _index(self) -> None:
        pieces = [_pieces(pattern) for pattern, _ in self._lines]
        common = Counter(piece for some in pieces for piece in some)
        for at, some in enumerate(pieces):
            if some:
                rarest = min(some, key=lambda piece: common[piece])
                self._by_piece.setdefault(rarest, []).append(at)
                self._longest = max(self._longest, len(rarest))
            else:
                self._others.append(at)

    def _containing(self, part: str) -> list[int]:
        """The lines whose piece stands in a part of a path."""
        if part not in self._within:
            pieces = {
                part[start:end]
                for start in range(len(part) if self._by_piece else 0)
                for end in range(start + 1, min(len(part), start + self._longest) + 1)
            }
            self._within[part] = [at for piece in pieces for at in self._by_piece.get(piece, ())]
        return self._within[part]


def _pieces(pattern: list[str]) -> set[str]:
    """The beginnings of the texts between the wildcards of a pattern: each must stand in a path that matches."""
    return {piece[:MAX_PIECE] for part in pattern for piece in part.replace("?", "*").split("*") if piece}


def parts_of_pattern(pattern: str) -> list[str]:
    """The parts of a pattern from the root on; one that matches nothing (`/`, and `\\` alone, which is also what is left of
    `\\#`, an escape that GitHub has not) is one empty part."""
    parts = pattern.replace("\\", "").split("/")
    if parts == [""]:
        return parts
    if parts[0] == "":
        parts = parts[1:]
    elif len(parts) == 1 or parts[1:] == [""]:
        parts.insert(0, "**")
    match parts[-1]:
        case "" if len(parts) == 1:
            return [""]  # "/" matches nothing
        case "" | "**":
            parts[-1:] = ["*", "**"]
        case "*":
            pass
        case _:
            parts.append("**")
    return parts
