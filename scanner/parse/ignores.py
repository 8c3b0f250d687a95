"""Comments that silence rules at their place: `# snowfence: ignore[rule, rule] reason`, and zizmor's form of them.

A comment inside a script of a workflow counts too (the shell sees a comment as well); one inside any other text does not.
"""

import re
from bisect import bisect_right
from typing import Final, NamedTuple

from scanner.model.source import Source, Span
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence

OWN: Final = "snowfence"
"""The tool whose comments are our own; the other is `zizmor`."""

_HINT: Final = ("snowfence:", "zizmor:")
_COMMENT: Final = re.compile(
    r"(?<!\S)#\s{0,9}(?P<tool>snowfence|zizmor):\s{0,9}ignore\b(?:\[(?P<names>[^\]\n#]*)\])?(?P<reason>[^\n]*)"
)
_NO_COMMENTS: Final = frozenset(("flake-lock", "npins", "niv", "lon", "renovate"))
"""Kinds of inputs in JSON."""

_LISTS: Final = frozenset(("steps", "updates", "repos"))
"""Keys whose items are settings of their own."""

MAX_COMMENTS: Final = 10_000

LOOK_BACK: Final = 10
"""Lines of comments and blanks between a comment and the code below that it speaks of."""


_Stretches = tuple[tuple[int, int], ...]


class Name(NamedTuple):
    """A rule as a comment names it."""

    text: str
    at: Span


class Ignore(NamedTuple):
    """A comment: `names` in its brackets, what is said behind them, and the line of the code that it speaks of when it
    stands alone above it (None: it stands behind code)."""

    at: Span
    tool: str
    names: tuple[Name, ...]
    reason: str
    line: int
    above: int | None


class Silenced(NamedTuple):
    """The comments of a file in their order, and the stretches of it that are settings of their own: a step, `permissions:` of
    a job, `on:`."""

    comments: tuple[Ignore, ...]
    scopes: tuple[tuple[int, int], ...]

    def scope(self, offset: int) -> tuple[int, int] | None:
        """The setting around an offset."""
        return _around(self.scopes, offset)


def silenced(source: Source) -> Silenced | None:
    """What a file says of rules in comments; None when it says nothing, as nearly all files do."""
    text = source.text
    if source.kind in _NO_COMMENTS or "ignore" not in text or not any(hint in text for hint in _HINT):
        return None
    matches = [match for match, _ in zip(_COMMENT.finditer(text), range(MAX_COMMENTS), strict=False)]
    if not matches:
        return None
    texts: _Stretches
    blocks: _Stretches = ()
    scopes: _Stretches = ()
    if source.kind == "flake-nix":
        from scanner.parse.nix.lexer import tokenize

        tokens = tokenize(text)
        texts = tuple(zip(tokens.starts, tokens.ends, strict=True))
    elif source.kind in ("nix-conf", "code-owners"):
        texts = ()
    else:
        texts, blocks, scopes = _stretches(source)
    comments = []
    for match in matches:
        inside = _around(texts, match.start())
        if inside is None or (match["tool"] == OWN and inside in blocks):
            comments.append(_ignore(source, match))
    return Silenced(tuple(comments), scopes) if comments else None


def _around(stretches: tuple[tuple[int, int], ...], offset: int) -> tuple[int, int] | None:
    """The stretch that holds an offset, of several that follow one another."""
    at = bisect_right(stretches, (offset, len(stretches) and stretches[-1][1])) - 1
    return stretches[at] if at >= 0 and stretches[at][0] <= offset < stretches[at][1] else None


def _ignore(source: Source, match: re.Match[str]) -> Ignore:
    names = []
    if match["names"] is not None:
        start = match.start("names")
        for part in match["names"].split(","):
            name = part.strip()
            at = start + part.index(name)
            names.append(Name(name, Span(source, at, at + len(name))))
            start += len(part) + 1
    line = source.position(match.start()).line
    end = match.start() + len(match[0].rstrip())
    return Ignore(
        at=Span(source, match.start(), end),
        tool=match["tool"],
        names=tuple(name for name in names if name.text),
        reason=match["reason"].strip(),
        line=line,
        above=_next(source, line) if source.line(line).lstrip().startswith("#") else None,
    )


def _next(source: Source, line: int) -> int | None:
    """The next line that holds more than a comment, of the few behind one."""
    for number in range(line + 1, line + LOOK_BACK):
        text = source.line(number).strip()
        if text and not text.startswith("#"):
            return number
    return None


def _stretches(source: Source) -> tuple[_Stretches, _Stretches, _Stretches]:
    """The texts, the block scalars and the settings of a YAML file, each in the order of the file."""
    from scanner.parse.yaml import compose

    root = compose(source, [])
    texts: list[tuple[int, int]] = []
    blocks: list[tuple[int, int]] = []
    waiting: list[Node] = [root] if root is not None else []
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        match node:
            case Scalar():
                if not node.plain:
                    texts.append((node.start, node.end))
                    if source.text[node.start] in "|>":
                        blocks.append((node.start, node.end))
            case Sequence() | Mapping() if id(node) not in seen:
                seen.add(id(node))  # aliases lead to a node again
                waiting += (
                    node.items
                    if isinstance(node, Sequence)
                    else [part for pair in node.pairs for part in pair]
                )
    scopes = sorted(set(_settings(root))) if isinstance(root, Mapping) else []
    return tuple(sorted(set(texts))), tuple(sorted(set(blocks))), tuple(scopes)


def _settings(root: Mapping) -> list[tuple[int, int]]:
    """Steps, settings of jobs, and settings of the workflow itself; none holds another."""
    found: list[tuple[int, int]] = []

    def entries(mapping: Mapping) -> None:
        for key, value in mapping.pairs:
            if key.value in _LISTS and isinstance(value, Sequence):
                found.extend((item.start, item.end) for item in value.items if item.start >= value.start)
            else:
                found.append((key.start, max(key.end, value.end)))

    for key, value in root.pairs:
        if key.value == "jobs" and isinstance(value, Mapping):
            for _, job in value.pairs:
                if isinstance(job, Mapping):
                    entries(job)
        elif key.value == "runs" and isinstance(value, Mapping):
            entries(value)
        elif key.value in _LISTS and isinstance(value, Sequence):
            found.extend((item.start, item.end) for item in value.items)
        else:
            found.append((key.start, max(key.end, value.end)))
    return found
