"""YAML as GitHub reads it, with positions: events of libyaml become `nodes`.

Differences from PyYAML's loaders, all deliberate: scalars keep their text and resolve by YAML 1.2's core schema
(`on`, `yes`, `22:22` and `010` are what they look like); `<<` is an ordinary key; an anchor may be defined twice;
a key given twice is a problem. Building from events instead of libyaml's composer bounds the depth (the composer
recurses on the native stack and crashes the process) and is no slower.
"""

from collections.abc import Iterator
from typing import Any, Final

import yaml
from yaml._yaml import CParser

from scanner.model.finding import Problem
from scanner.model.quoting import quoted
from scanner.model.source import Source, Span
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence

MAX_DEPTH: Final = 100
"""Levels of nesting; GitHub's own reader stops earlier."""

MAX_ALIASED: Final = 100_000
"""Nodes that aliases may add to a document when they are expanded; 8 characters of text count as one: an
expression has no fewer, and each is read again wherever its alias stands."""


OURS: Final = "policy"
"""The kind of a source that we alone read."""

# Line breaks of YAML 1.1 that are ordinary characters in YAML 1.2, and what stands for them in libyaml: characters
# for private use, one for one, so that offsets stay.
_HIDE: Final = {0x85: 0x10FF85, 0x2028: 0x10FF28, 0x2029: 0x10FF29}
_SHOW: Final = {hidden: shown for shown, hidden in _HIDE.items()}


class _Refused(Exception):
    """The document cannot be read on; carries what is said about it."""

    def __init__(self, offset: int, end: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.end = end


def compose(source: Source, problems: list[Problem]) -> Node | None:
    """The root node of the first document of `source`, or None for an empty one or one that is not YAML.

    What is wrong is appended to `problems`; the work is linear in the text.
    """
    builder = _Builder(source, problems)
    try:
        return builder.build()
    except _Refused as refused:
        problems.append(Problem(Span(source, refused.offset, refused.end), str(refused)))
    except yaml.reader.ReaderError as error:
        at = _reader_offset(source.text, error.position)
        problems.append(
            Problem(Span(source, at, at + 1), f"not YAML: {error.reason}; save the file as plain UTF-8 text")
        )
    except yaml.MarkedYAMLError as error:
        marks = [mark.index or 0 for mark in (error.problem_mark, error.context_mark) if mark is not None]
        at = min(marks[0], len(source.text)) if marks else 0
        said = "; ".join(part for part in (error.context, error.problem) if part)
        span = Span(source, at, at)
        if (
            source.seen(at) != at
        ):  # the text ends before it is complete: where what is not closed begins says more
            begun = next(
                (begin for begin in (*marks[1:], *builder.brackets()) if source.seen(begin) == begin), at
            )
            span = Span(source, source.seen(begun), source.seen(begun) + 1)
        problems.append(Problem(span, f"not YAML: {said}. {_advice(source, at)}"))
    return None


def _reader_offset(text: str, position: int) -> int:
    """libyaml counts the position of a bad character in bytes of UTF-8."""
    if text.isascii():
        return min(position, max(len(text) - 1, 0))
    return len(text.encode()[:position].decode(errors="ignore"))


def _advice(source: Source, at: int) -> str:
    line = source.line(source.position(at).line)
    if "\n<<<<<<< " in "\n" + source.text[:at] or line.startswith(("<<<<<<<", "=======", ">>>>>>>")):
        return "It holds the markers of an unresolved merge: resolve the conflict"
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "Indent with spaces, YAML forbids tabs"
    if source.kind == OURS:
        return "Look at the brackets, quotes and the indentation before it"
    return "GitHub refuses this file as well"


class _Frame:
    """An open collection: the key that waits for its value, the keys seen (mappings only), its anchor, whether it stands in
    brackets, and the number of nodes in it with aliases expanded."""

    __slots__ = ("anchor", "flow", "key", "keys", "node", "size")

    def __init__(self, node: Sequence | Mapping, anchor: str | None, flow: bool) -> None:
        self.node = node
        self.anchor = anchor
        self.flow = flow
        self.key: Scalar | None = None
        self.keys: set[str] = set()
        self.size = 1


class _Builder:
    """One pass over the events of a document, with its own stack instead of recursion."""

    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.open_anchors: dict[str, int] = {}
        self.aliased = 0
        text = source.text
        self.hides = not text.isascii() and any(chr(shown) in text for shown in _HIDE)

    def build(self) -> Node | None:
        text = self.source.text
        next_event = CParser(text.translate(_HIDE) if self.hides else text).get_event
        root: Node | None = None
        documents = 0
        while True:
            # The stubs call every event `Event | None`; the type is decided by `kind` below.
            event: Any = next_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                node, size = self._scalar(event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._open(event, kind is yaml.MappingStartEvent)
                continue
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                node, size = self._close(event)
            elif kind is yaml.AliasEvent:
                node, size = self._alias(event.anchor, event.start_mark.index, event.end_mark.index)
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    self._second_document(event.start_mark.index)
                    return root
                continue
            elif kind is yaml.StreamEndEvent:
                return root
            else:
                continue
            if self.stack:
                self._place(node, size)
            else:
                root = node

    def brackets(self) -> Iterator[int]:
        """Where the open brackets stand, the innermost first."""
        return (frame.node.start for frame in reversed(self.stack) if frame.flow)

    def _scalar(self, event: Any) -> tuple[Node, int]:
        value = event.value.translate(_SHOW) if self.hides else event.value
        node = Scalar(self.source, event.start_mark.index, event.end_mark.index, value, not event.style)
        size = 1 + len(value) // 8
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, size)
        return node, size

    def _open(self, event: Any, mapping: bool) -> None:
        start = event.start_mark.index
        if len(self.stack) >= MAX_DEPTH:
            raise _Refused(
                start,
                start + 1,
                f"nested deeper than {MAX_DEPTH} levels{self._by_github('; GitHub refuses such a file, and it is not read')}",
            )
        node = Mapping(self.source, start) if mapping else Sequence(self.source, start)
        self.stack.append(_Frame(node, event.anchor, event.flow_style))
        if event.anchor is not None:
            self.open_anchors[event.anchor] = self.open_anchors.get(event.anchor, 0) + 1
            self.anchors.pop(event.anchor, None)

    def _close(self, event: Any) -> tuple[Node, int]:
        frame = self.stack.pop()
        frame.node.end = self._end(frame, event.end_mark.index)
        if frame.anchor is not None:
            self.open_anchors[frame.anchor] -= 1
            self.anchors[frame.anchor] = (frame.node, frame.size)
        return frame.node, frame.size

    def _place(self, node: Node, size: int) -> None:
        """Puts a finished node into the innermost open collection."""
        frame = self.stack[-1]
        frame.size += size
        match frame.node:
            case Sequence() as parent:
                parent.items.append(node)
            case Mapping() as parent:
                if frame.key is None:
                    frame.key = self._key(node, frame.keys)
                else:
                    parent.pairs.append((frame.key, node))
                    frame.key = None

    def _second_document(self, at: int) -> None:
        self.problems.append(
            Problem(
                Span(self.source, at, at + 3),
                "a second YAML document starts here"
                + self._by_github("; GitHub reads one per file, so what follows is not checked")
                + ". Move it to a file of its own",
            )
        )

    def _key(self, node: Node, seen: set[str]) -> Scalar:
        if not isinstance(node, Scalar):
            raise _Refused(
                node.start,
                node.start + 1,
                "a mapping or list stands where a key is expected; quote it if `{{ … }}` or `[…]` is meant as text",
            )
        if node.value in seen:
            self.problems.append(
                Problem(
                    node.span,
                    f"the key {quoted(node.value)} is given twice in this mapping"
                    f"{self._by_github('; GitHub refuses the file')}. Remove one of them",
                )
            )
        seen.add(node.value)
        return node

    def _by_github(self, said: str) -> str:
        """What holds of the files that GitHub reads."""
        return "" if self.source.kind == OURS else said

    def _alias(self, name: str, start: int, end: int) -> tuple[Node, int]:
        if name not in self.anchors:
            inside = self.open_anchors.get(name, 0) > 0
            raise _Refused(
                start,
                end,
                f"the alias {quoted(f'*{name}')} refers to a node that contains it"
                if inside
                else f"the alias {quoted(f'*{name}')} has no anchor {quoted(f'&{name}')} before it",
            )
        node, size = self.anchors[name]
        self.aliased += size
        if self.aliased > MAX_ALIASED:
            raise _Refused(
                start,
                end,
                f"aliases expand to more than {MAX_ALIASED} nodes; such a file is made to exhaust "
                "its reader and is not read",
            )
        return node, size

    def _end(self, frame: _Frame, marked: int) -> int:
        """libyaml ends a block collection, and a pair without braces in brackets, at the next token; ours ends with its last child."""
        node = frame.node
        last: Node | None = None
        match node:
            case Sequence():
                last = node.items[-1] if node.items else None
            case Mapping():
                last = node.pairs[-1][1] if node.pairs else None
        if last is None or (frame.flow and self.source.text[marked - 1] in "]}"):
            return marked
        return max(last.end, node.start)
