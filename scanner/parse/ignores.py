"""Comments that silence rules at their place: `# snowfence: ignore[rule, rule] reason`, and zizmor's form of them.

Our own form counts inside a script of a workflow as well, where it is a comment of the script; inside any other text nothing is a
comment.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from scanner.model.finding import Problem
from scanner.model.source import Source, Span
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from scanner.parse.nix.lexer import Tokens

OWN: Final = "snowfence"
"""The tool whose comments are our own; the other is `zizmor`."""

_HINT: Final = ("snowfence:", "zizmor:")
# White space is that of YAML, and never a line break: `\s` takes more for it.
_COMMENT: Final = re.compile(
    r"(?<![^ \t\r\n])#[ \t]{0,9}(?P<tool>snowfence|zizmor):[ \t]{0,9}ignore(?![\w-])"
    r"(?:\[(?P<names>[^\]\n#]*)\])?(?P<reason>[^\n]*?)(?=[ \t]#[ \t]{0,9}(?:snowfence|zizmor):|$)",
    re.MULTILINE,
)
_NO_COMMENTS: Final = frozenset(("flake-lock", "npins", "niv", "lon", "renovate"))
"""Kinds of inputs that have no comments with `#`."""

_SCRIPTS: Final = frozenset(("run", "script"))
"""Keys of texts that are programs."""

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
    stands alone above it (None: it stands behind code). `certain` is whether it is nothing but a comment: what looks like one in a
    script may be part of a text that the script writes."""

    at: Span
    tool: str
    names: tuple[Name, ...]
    reason: str
    line: int
    above: int | None
    certain: bool


class Setting(NamedTuple):
    """A stretch of a file that is a setting of its own: a `whole` one, such as a step, is spoken of by a comment on any of its
    lines; another, such as `permissions:` of a job or `on:`, by one on the line of its key."""

    start: int
    end: int
    whole: bool


class Silenced(NamedTuple):
    """The comments of a file in their order, and its settings, none of which holds another."""

    comments: tuple[Ignore, ...]
    settings: tuple[Setting, ...]

    def setting(self, offset: int) -> Setting | None:
        """The setting around an offset."""
        at = bisect_right(self.settings, offset, key=lambda one: one.start) - 1
        return self.settings[at] if at >= 0 and offset < self.settings[at].end else None


def silenced(source: Source) -> Silenced | None:
    """What a file says of rules in comments; None when it says nothing, as nearly all files do."""
    text = source.text
    if source.kind in _NO_COMMENTS or "ignore" not in text or not any(hint in text for hint in _HINT):
        return None
    matches = [match for match, _ in zip(_COMMENT.finditer(text), range(MAX_COMMENTS), strict=False)]
    if not matches:
        return None
    texts: _Stretches
    scripts: _Stretches = ()
    settings: tuple[Setting, ...] = ()
    certain = True
    if source.kind == "flake-nix":
        from scanner.parse.nix.lexer import tokenize

        tokens = tokenize(text)
        texts = tuple(_texts_of_nix(tokens))
        certain = not tokens.reason and "/*" not in text
    elif source.kind in ("nix-conf", "code-owners"):
        texts = ()
    else:
        texts, scripts, settings, certain = _stretches(source)
    ours = frozenset(scripts)
    comments = []
    for match in matches:
        inside = _around(texts, match.start())
        if inside is None:
            comments.append(_ignore(source, match, match.end(), certain))
        elif match["tool"] == OWN and inside in ours and match.end("names") < inside[1]:
            comments.append(_ignore(source, match, min(match.end(), inside[1]), False))
    return Silenced(tuple(comments), settings) if comments else None


def _around(stretches: tuple[tuple[int, int], ...], offset: int) -> tuple[int, int] | None:
    """The stretch that holds an offset, of several that follow one another."""
    at = bisect_right(stretches, (offset, len(stretches) and stretches[-1][1])) - 1
    return stretches[at] if at >= 0 and stretches[at][0] <= offset < stretches[at][1] else None


def _ignore(source: Source, match: re.Match[str], end: int, certain: bool) -> Ignore:
    """The comment that was found, up to the `end` of the text that it stands in."""
    names = []
    if match["names"] is not None:
        start = match.start("names")
        for part in match["names"].split(","):
            name = part.strip()
            at = start + part.index(name)
            names.append(Name(name, Span(source, at, at + len(name))))
            start += len(part) + 1
    line = source.position(match.start()).line
    end = match.start() + len(source.text[match.start() : end].rstrip())
    behind = match.end("names") + 1 if match["names"] is not None else match.start("reason")
    return Ignore(
        at=Span(source, match.start(), end),
        tool=match["tool"],
        names=tuple(name for name in names if name.text),
        reason=source.text[behind:end].strip(),
        line=line,
        above=_next(source, line) if source.line(line).lstrip().startswith("#") else None,
        certain=certain,
    )


def _next(source: Source, line: int) -> int | None:
    """The next line that holds more than a comment, of the few behind one."""
    for number in range(line + 1, line + LOOK_BACK):
        text = source.line(number).strip()
        if text and not text.startswith("#"):
            return number
    return None


def _stretches(source: Source) -> tuple[_Stretches, _Stretches, tuple[Setting, ...], bool]:
    """The texts, those of them that are scripts, and the settings of a YAML file, each in the order of the file, and whether these are all:
    not in a file that could not be read to its end."""
    from scanner.parse.yaml import compose

    problems: list[Problem] = []
    root = compose(source, problems)
    texts: set[tuple[int, int]] = set()
    scripts: set[tuple[int, int]] = set()
    waiting: list[tuple[Node, bool]] = [(root, False)] if root is not None else []
    seen: set[int] = set()
    while waiting:
        node, is_script = waiting.pop()
        match node:
            case Scalar():
                if not node.plain:
                    text = _text(node)
                    texts.add(text)
                    if is_script:
                        scripts.add(text)
            case Sequence() if id(node) not in seen:
                seen.add(id(node))  # aliases lead to a node again
                waiting += [(item, False) for item in node.items]
            case Mapping() if id(node) not in seen:
                seen.add(id(node))
                waiting += [(key, False) for key, _ in node.pairs]
                waiting += [(value, key.value in _SCRIPTS) for key, value in node.pairs]
    settings = sorted(set(_settings(root))) if isinstance(root, Mapping) else []
    return tuple(sorted(texts)), tuple(sorted(scripts)), tuple(settings), not problems


def _texts_of_nix(tokens: "Tokens") -> Iterator[tuple[int, int]]:
    """The texts of a file of Nix, in its order; of one with interpolations the parts around them."""
    from scanner.parse.nix.lexer import CLOSE, OPEN_PATH, OPEN_TEXT, TEXT

    begin = 0
    open: list[str] = []
    for kind, start, end in zip(tokens.kinds, tokens.starts, tokens.ends, strict=True):
        if kind == TEXT:
            yield start, end
        elif kind in (OPEN_TEXT, OPEN_PATH):
            begin = start
            open.append(kind)
        elif kind in ("{", "${"):
            if kind == "${" and open and open[-1] in (OPEN_TEXT, OPEN_PATH):
                yield begin, start
            open.append(kind)
        elif kind == "}" and open:
            open.pop()
            begin = end  # goes on with a text, if it stands in one
        elif kind == CLOSE and open:
            open.pop()
            yield begin, end


def _text(scalar: Scalar) -> tuple[int, int]:
    """Where the text of a scalar that is not plain stands, up to its closing quote: that of a block begins on the line below its header."""
    text, start, end = scalar.source.text, scalar.start, scalar.end
    if text[start] in "|>":
        newline = text.find("\n", start, end)
        start = end if newline < 0 else newline + 1
    elif end - start > 1 and text[end - 1] in "'\"":
        end -= 1
    return start, end


def _settings(root: Mapping) -> Iterator[Setting]:
    for key, value in root.pairs:
        if key.value == "jobs" and isinstance(value, Mapping):
            for _, job in value.pairs:
                if isinstance(job, Mapping):
                    yield from _entries(job.pairs)
        elif key.value == "runs" and isinstance(value, Mapping):
            yield from _entries(value.pairs)
        else:
            yield from _entries([(key, value)])


def _entries(pairs: list[tuple[Scalar, Node]]) -> Iterator[Setting]:
    for key, value in pairs:
        if key.value in _LISTS and isinstance(value, Sequence):
            # An aliased item stands elsewhere.
            yield from (Setting(one.start, one.end, True) for one in value.items if one.start >= value.start)
        else:
            yield Setting(key.start, max(key.end, value.end), False)
