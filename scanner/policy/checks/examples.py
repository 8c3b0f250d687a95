"""The section `examples`: small repositories that prove a check, or a whole policy, and what they are held against.

An example is whole files by their paths. `good` ones must be silent, `bad` ones must report exactly what they say, `unknown` ones
must leave the question open. `snowfence policy test` runs them.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final, Literal, NamedTuple

from scanner.discover import KINDS, kind_of
from scanner.model.finding import Finding, Problem
from scanner.model.nearest import nearest
from scanner.model.quoting import quoted
from scanner.model.source import Source, Span
from scanner.parse.nodes import Node, Scalar
from scanner.policy.shapes import Day, Fields, Key, ListOf, MapOf, Record, Schema, Text, first, refuse
from scanner.results import Report

Verdict = Literal["good", "bad", "unknown"]

# ---------------------------------------------------------------- what is written


class _FileText:
    """The text of a file, which may be empty."""

    def read(self, node: Node, what: str) -> str:
        if isinstance(node, Scalar) and not node.is_null:
            return node.value
        raise refuse(first(node), f"{what} must be the text of the file; begin it with `|`")

    def schema(self) -> Schema:
        return {"type": "string"}


def _path(path: str) -> None:
    """Raises ValueError for a path at which snowfence would read nothing: the example would prove nothing."""
    parts = path.split("/")
    if "\\" in path or any(part in ("", ".", "..") for part in parts):
        raise ValueError(
            f"{quoted(path)} is no path of a file in an example: paths begin at the root of the repository, "
            "as in `.github/workflows/ci.yml`"
        )
    if kind_of(path) is None:
        raise ValueError(f"{quoted(path)} is no file that snowfence reads{_near(path)}")


def _near(path: str) -> str:
    name = path.rpartition("/")[2]
    inputs = [
        f"{kind.folder}/{file.replace('*', name.rpartition('.')[0] or name)}" if kind.folder else file
        for kind in KINDS
        for file in kind.files
    ]
    return nearest(path, [one for one in inputs if kind_of(one) is not None])


FILES: Final[Key[dict[str, str]]] = Key(
    "files",
    MapOf(_FileText(), name=_path),
    "the files of a small repository: their texts by their paths",
    required="the files of a small repository, by their paths",
)
NOW: Final[Key[date]] = Key("now", Day(), "the day on which the example is looked at, for ages")
_AT_ABOUT: Final = "the texts that the check must report, in the order of the files, and no others"
AT: Final[Key[tuple[str, ...]]] = Key(
    "at", ListOf(Text(), or_one=True, least=1), _AT_ABOUT, required="the texts that the check must report there"
)  # fmt: skip
AT_UNDECIDED: Final[Key[tuple[str, ...]]] = Key(
    "at",
    ListOf(Text(), or_one=True, least=1),
    "the texts at which the question must stay open, in the order of the files; left out, anywhere",
)
GOOD: Final[Key[tuple[Fields, ...]]] = Key(
    "good",
    ListOf(Record("a good example", (FILES, NOW)), or_one=True, least=1),
    "repositories in which the check finds nothing",
)
BAD: Final[Key[tuple[Fields, ...]]] = Key(
    "bad",
    ListOf(Record("a bad example", (FILES, AT, NOW)), or_one=True, least=1),
    "repositories in which the check finds something",
)
UNKNOWN: Final[Key[tuple[Fields, ...]]] = Key(
    "unknown",
    ListOf(Record("an unknown example", (FILES, AT_UNDECIDED, NOW)), or_one=True, least=1),
    "repositories of which the check cannot tell",
)
EXAMPLES: Final[Key[Fields]] = Key(
    "examples",
    Record("`examples`", (GOOD, BAD, UNKNOWN)),
    "small repositories that prove the check; `snowfence policy test` runs them",
)


class Example(NamedTuple):
    """One small repository and what must be said of it. `place` is where it stands in the policy, `at` the texts that are
    expected: None where any will do. `files` are in the order in which they are written."""

    verdict: Verdict
    place: Span
    files: dict[str, str]
    at: tuple[str, ...] | None
    now: date | None

    def sources(self) -> tuple[Source, ...]:
        """The files as inputs."""
        return tuple(Source(path, kind_of(path) or "", text) for path, text in self.files.items())


def examples_of(fields: Fields) -> Iterator[Example]:
    """The examples of a section, as they stand there."""
    for one in fields.get(GOOD) or ():
        yield _example("good", one, ())
    for one in fields.get(BAD) or ():
        yield _example("bad", one, one.get(AT))
    for one in fields.get(UNKNOWN) or ():
        yield _example("unknown", one, one.get(AT_UNDECIDED))


def _example(verdict: Verdict, fields: Fields, at: tuple[str, ...] | None) -> Example:
    return Example(verdict, first(fields.node), fields.get(FILES) or {}, at, fields.get(NOW))


# ---------------------------------------------------------------- what is said


class Line(NamedTuple):
    """A line of the difference between what was expected and what was said: `both`, only `expected`, or only `said`; `at` is the
    place in the example (None: it is in none), `message` what was said there."""

    side: Literal["both", "expected", "said"]
    text: str
    at: Span | None = None
    message: str = ""


class Outcome(NamedTuple):
    """What an example has come to. `unreadable` are files of it that could not be read, so that it proves nothing; `findings` and
    `undecided` are the differences in what was found, and in what stayed open."""

    example: Example
    unreadable: tuple[Problem, ...]
    findings: tuple[Line, ...]
    undecided: tuple[Line, ...]

    @property
    def holds(self) -> bool:
        """Whether everything is as the example says."""
        return not self.unreadable and all(one.side == "both" for one in (*self.findings, *self.undecided))


def _text(finding: Finding) -> str:
    return finding.at.text


def outcome(example: Example, report: Report, text: Callable[[Finding], str] = _text) -> Outcome:
    """An example against the report on its files; `text` is what a finding is in `at`."""
    order = {path: number for number, path in enumerate(example.files)}

    def place(at: Span) -> tuple[int, int, int]:
        return order.get(at.source.path, len(order)), at.start, at.end

    found = [
        Line("said", text(one), one.at, one.message)
        for one in sorted(report.findings, key=lambda one: place(one.at))
    ]
    left = [
        Line("said", one.at.text, one.at, one.reason)
        for one in sorted(report.unknowns, key=lambda one: place(one.at))
    ]
    is_open = example.verdict == "unknown"
    wanted = () if is_open else example.at or ()
    if not is_open:
        undecided = _difference((), left)
    elif example.at is not None:
        undecided = _difference(example.at, left)
    elif left:
        undecided = tuple(one._replace(side="both") for one in left)
    else:
        undecided = (Line("expected", ""),)
    return Outcome(example, report.problems, _difference(wanted, found), undecided)


_MOST_COMPARED: Final = 250_000
"""Pairs of texts: beyond them, what differs is listed and not aligned."""


def _difference(expected: tuple[str, ...], said: list[Line]) -> tuple[Line, ...]:
    """What both sides have in one order, and what only one has."""
    texts = tuple(one.text for one in said)
    blocks = [(0, 0, len(texts))] if texts == expected else []
    if not blocks and len(expected) * len(texts) <= _MOST_COMPARED:
        from difflib import SequenceMatcher

        matcher = SequenceMatcher(None, expected, texts, autojunk=False)
        blocks = [(one.a, one.b, one.size) for one in matcher.get_matching_blocks()]
    lines: list[Line] = []
    left, right = 0, 0
    for start, other, size in (*blocks, (len(expected), len(texts), 0)):
        lines += (Line("expected", text) for text in expected[left:start])
        lines += said[right:other]
        lines += (one._replace(side="both") for one in said[other : other + size])
        left, right = start + size, other + size
    return tuple(lines)
