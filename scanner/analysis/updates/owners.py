"""Who owns a file by CODEOWNERS.

GitHub: "About code owners": the first file of `.github/`, the root and `docs/` counts, in it the last line that matches. A
pattern is one of gitignore without `!` and `[ ]`: without a slash before its end it matches at any depth, what it matches may be a
folder with all below it, but `docs/*` means the files in `docs` alone.
"""

from typing import Final

from scanner.analysis.updates.paths import matches
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.updates import CodeOwnersNode
from scanner.parse.code_owners import CodeOwners, Ownership

PLACES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""In the order in which GitHub looks."""


@per_graph
def code_owners(graph: Graph) -> CodeOwnersNode | None:
    """The file that counts."""
    found = {node.path: node for node in graph.of(CodeOwnersNode)}
    return next((found[path] for path in PLACES if path in found), None)


class Owners:
    """Answers for one file: of equal patterns only the last is kept, and those that begin in another folder are left out."""

    __slots__ = ("_beginning", "_lines")

    def __init__(self, owners: CodeOwners) -> None:
        valid = {line.pattern: line for line in owners.lines if line.defect is None} if owners.loaded else {}
        # A pattern that is given again counts at its last place.
        self._lines = [
            (parts_of_pattern(line.pattern), line)
            for line in reversed(owners.lines)
            if valid.get(line.pattern) is line
        ]
        self._beginning: dict[str, list[tuple[list[str], Ownership]]] = {}

    def line_of(self, path: str) -> Ownership | None:
        """The line that decides who owns a path; None when none does."""
        parts = path.split("/")
        lines = self._beginning.get(parts[0])
        if lines is None:
            lines = [one for one in self._lines if matches(one[0][:1], parts[:1]) or one[0][0] == "**"]
            self._beginning[parts[0]] = lines
        return next((line for pattern, line in lines if matches(pattern, parts)), None)


def parts_of_pattern(pattern: str) -> list[str]:
    parts = pattern.replace("\\", "").split("/")
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
