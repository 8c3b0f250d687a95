"""What a script assigns: variables of its shell, and with them step outputs and the environment of later steps.

For languages that are not read as commands (Python, JavaScript, cmd; those of shells are read by `assignments.py`). Found by the
look of assignments in the raw text (`NAME=…`, `NAME<<EOF`, `::set-output name=NAME::…`, `setOutput('NAME', …`); no script is run
or parsed in full.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Final

from scanner.model.source import Span
from scanner.parse.fences import Fence, fences
from scanner.parse.nodes import Scalar

_ASSIGNMENT: Final = re.compile(
    r"(?<![\w.-])(?P<name>[A-Za-z_][\w-]*)(?:=(?![=~])|(?P<here><<)-?[ '\"]*(?P<tag>[\w$-]+))"
    r"|::set-(?:output|env) name=(?P<old>[\w-]+)::"
    r"|setOutput\(\s*['\"`](?P<js>[\w-]+)"
)
MAX_VALUE: Final = 2_000
"""Characters of an assigned value that are looked at."""


class Script:
    """A script by what it assigns."""

    def __init__(self, scalar: Scalar) -> None:
        self.scalar: Final = scalar
        self._fences = list(fences(scalar))
        self._starts = [fence.at.start for fence in self._fences]
        self._assigned: dict[str, list[Span]] = {}
        for name, span in _assignments(scalar):
            self._assigned.setdefault(name.lower(), []).append(span)

    @property
    def writes_outputs(self) -> bool:
        text = self.scalar.value
        return "GITHUB_OUTPUT" in text or "set-output" in text or "setOutput" in text

    @property
    def names(self) -> Iterable[str]:
        """Every name that is assigned, in lower case."""
        return self._assigned

    def assigned(self, name: str) -> list[Span]:
        """The texts that a name (in lower case) is given."""
        return self._assigned.get(name, [])

    def fences(self, span: Span | None = None) -> Iterator[Fence]:
        """The expressions inside a part of the script, or in all of it."""
        if span is None:
            return iter(self._fences)
        first, end = bisect_left(self._starts, span.start), bisect_left(self._starts, span.end)
        return (self._fences[index] for index in range(first, end))


def _assignments(scalar: Scalar) -> Iterator[tuple[str, Span]]:
    text = scalar.source.text
    for match in _ASSIGNMENT.finditer(text, scalar.start, scalar.end):
        limit = min(match.end() + MAX_VALUE, scalar.end)
        line_end = text.find("\n", match.end(), limit)
        line_end = limit if line_end < 0 else line_end
        start, end = match.end() + bool(match["js"]), line_end
        if match["here"]:
            start, end = line_end, text.find(match["tag"], line_end, limit)
        elif _is_open(text, start, line_end):
            end = text.find("\n", text.find(")", line_end, limit), limit)
        end = limit if end < 0 else end
        yield match["name"] or match["old"] or match["js"], Span(scalar.source, start, end)


def _is_open(text: str, start: int, end: int) -> bool:
    """Whether a `$(` on the line is closed on a later one, or the line goes on behind a backslash."""
    return text.count("(", start, end) > text.count(")", start, end) or text.endswith("\\", start, end)
