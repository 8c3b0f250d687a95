"""YAML as GitHub reads it, with positions: events of libyaml become `nodes`.

Differences from PyYAML's loaders, all deliberate: scalars keep their text and resolve by YAML 1.2's core schema
(`on`, `yes`, `22:22` and `010` are what they look like); `<<` is an ordinary key; an anchor may be defined twice;
a key given twice is a problem. Building from events instead of libyaml's composer bounds the depth (the composer
recurses on the native stack and crashes the process) and is no slower.
"""

from typing import Any, Final

import yaml
from yaml._yaml import CParser

from scanner.model.finding import Problem
from scanner.model.source import Source, Span
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence

MAX_DEPTH: Final = 100
"""Levels of nesting; GitHub's own reader stops earlier."""

MAX_ALIASED: Final = 100_000
"""Nodes that aliases may add to a document when they are expanded; 64 characters of text count as one."""


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
        mark = error.problem_mark or error.context_mark
        at = min(mark.index or 0, len(source.text)) if mark is not None else 0
        said = "; ".join(part for part in (error.context, error.problem) if part)
        problems.append(Problem(Span(source, at, at), f"not YAML: {said}. {_advice(source, at)}"))
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
    return "GitHub refuses this file as well"


class _Builder:
    """One pass over the events of a document, with its own stack instead of recursion."""

    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.open_anchors: dict[str, int] = {}
        self.aliased = 0

    def build(self) -> Node | None:
        source = self.source
        text = source.text
        hides = not text.isascii() and any(chr(shown) in text for shown in _HIDE)
        parser = CParser(text.translate(_HIDE) if hides else text)
        next_event = parser.get_event
        root: Node | None = None
        documents = 0
        # A frame is an open collection, the key that waits for its value (mappings), its anchor, and the
        # number of nodes below it with aliases expanded.
        stack: list[tuple[Sequence | Mapping, str | None]] = []
        keys: list[Scalar | None] = []
        sizes: list[int] = []
        seen: list[set[str] | None] = []
        while True:
            # The stubs call every event `Event | None`; the type is decided by `kind` below.
            event: Any = next_event()
            kind = type(event)
            node: Node
            if kind is yaml.ScalarEvent:
                node = Scalar(
                    source,
                    event.start_mark.index,
                    event.end_mark.index,
                    event.value.translate(_SHOW) if hides else event.value,
                    event.style is None or event.style == "",
                )
                size = 1 + len(node.value) // 64
                if event.anchor is not None:
                    self.anchors[event.anchor] = (node, size)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                start = event.start_mark.index
                if len(stack) >= MAX_DEPTH:
                    raise _Refused(
                        start,
                        start + 1,
                        f"nested deeper than {MAX_DEPTH} levels; GitHub refuses such a file, and it is not read",
                    )
                mapping = kind is yaml.MappingStartEvent
                stack.append((Mapping(source, start) if mapping else Sequence(source, start), event.anchor))
                if event.anchor is not None:
                    self.open_anchors[event.anchor] = self.open_anchors.get(event.anchor, 0) + 1
                    self.anchors.pop(event.anchor, None)
                keys.append(None)
                seen.append(set() if mapping else None)
                sizes.append(1)
                continue
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                node, anchor = stack.pop()
                keys.pop()
                seen.pop()
                size = sizes.pop()
                node.end = self._end(node, event.end_mark.index)
                if anchor is not None:
                    self.open_anchors[anchor] -= 1
                    self.anchors[anchor] = (node, size)
            elif kind is yaml.AliasEvent:
                node, size = self._alias(event.anchor, event.start_mark.index, event.end_mark.index)
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    at = event.start_mark.index
                    self.problems.append(
                        Problem(
                            Span(source, at, at + 3),
                            "a second YAML document starts here; GitHub reads one per file, "
                            "so what follows is not checked. Move it to a file of its own",
                        )
                    )
                    return root
                continue
            elif kind is yaml.StreamEndEvent:
                return root
            else:
                continue

            if not stack:
                root = node
                continue
            sizes[-1] += size
            parent = stack[-1][0]
            match parent:
                case Sequence():
                    parent.items.append(node)
                case Mapping():
                    key = keys[-1]
                    if key is None:
                        keys[-1] = self._key(node, seen[-1])
                    else:
                        parent.pairs.append((key, node))
                        keys[-1] = None

    def _key(self, node: Node, seen: set[str] | None) -> Scalar:
        if not isinstance(node, Scalar):
            raise _Refused(
                node.start,
                node.start + 1,
                "a mapping or list stands where a key is expected; quote it if `{{ … }}` or `[…]` is meant as text",
            )
        if seen is not None:
            if node.value in seen:
                self.problems.append(
                    Problem(
                        node.span,
                        f"the key `{node.value}` is given twice in this mapping; GitHub refuses the file. "
                        "Remove one of them",
                    )
                )
            seen.add(node.value)
        return node

    def _alias(self, name: str, start: int, end: int) -> tuple[Node, int]:
        if name not in self.anchors:
            inside = self.open_anchors.get(name, 0) > 0
            raise _Refused(
                start,
                end,
                f"the alias `*{name}` refers to a node that contains it"
                if inside
                else f"the alias `*{name}` has no anchor `&{name}` before it",
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

    def _end(self, node: Sequence | Mapping, marked: int) -> int:
        """libyaml ends a block collection at the next token; ours ends with its last child."""
        last: Node | None = None
        match node:
            case Sequence():
                last = node.items[-1] if node.items else None
            case Mapping():
                last = node.pairs[-1][1] if node.pairs else None
        if last is None or self.source.text[node.start : node.start + 1] in "[{":
            return marked
        return max(last.end, node.start)
