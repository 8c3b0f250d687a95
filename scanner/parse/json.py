"""JSON documents: data read by the standard library's C scanner, positions looked up only when asked for."""

import json
from collections.abc import Iterator
from json.decoder import WHITESPACE, scanstring  # type: ignore[attr-defined]
from math import isinf
from typing import Final, NamedTuple

from scanner.model.finding import Problem
from scanner.model.json import Json
from scanner.model.source import Source, Span

_DECODER: Final = json.JSONDecoder()
_skip = WHITESPACE.match


def _constant(name: str) -> Json:
    raise ValueError(f"`{name}` is not JSON")


def _integer(text: str) -> int:
    if len(text) > 300 and isinf(float(text)):
        raise ValueError("it holds a number that is too large")
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if isinf(value):
        raise ValueError("it holds a number that is too large")
    return value


class Pairs:
    """Makes objects of their pairs, and notes whether a key was given twice in one of them."""

    __slots__ = ("repeated",)

    def __init__(self) -> None:
        self.repeated = False

    def __call__(self, pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        made = dict(pairs)
        if len(made) < len(pairs):
            self.repeated = True
        return made


def load(
    source: Source,
    problems: list[Problem],
    pairs: Pairs | None = None,
    *,
    create: str = "nix flake lock",
    update: str = "nix flake lock",
    reader: str = "Nix",
) -> Json:
    """The value of a JSON text; on bad text None, with a problem at its place. `create` and `update` are the commands
    that write such a file, `reader` is who refuses it.

    Stricter than `json.loads` where that is lenient: NaN, Infinity, numbers beyond a double and halves of surrogate
    pairs are refused. A key given twice keeps its last value, as in Nix.
    """
    text = source.text
    try:
        value: Json = json.loads(
            text, parse_constant=_constant, parse_int=_integer, parse_float=_float, object_pairs_hook=pairs
        )
        if "\\ud" in text or "\\uD" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        at = source.seen(error.pos)
        problems.append(
            Problem(
                Span(source, at, at if at == error.pos else at + 1),
                f"not JSON: {_reason(source, error, create, update, reader)}",
            )
        )
    except RecursionError:
        problems.append(Problem(Span(source, 0, 0), "not read: it is nested too deeply"))
    except UnicodeEncodeError:
        problems.append(
            Problem(
                Span(source, 0, 0), f"not read: it holds half of a surrogate pair. {reader} refuses this file"
            )
        )
    except ValueError as error:  # of the functions above
        problems.append(Problem(Span(source, 0, 0), f"not read: {error}"))
    else:
        return value
    return None


def _reason(source: Source, error: json.JSONDecodeError, create: str, update: str, reader: str) -> str:
    text = source.text
    if not text.strip():
        return f"the file is empty. Run `{create}`"
    if "\n<<<<<<< " in "\n" + text[: error.pos + 8]:
        return f"it holds the markers of an unresolved merge. Take one side and run `{update}`"
    said = error.msg.removesuffix(" at")  # the place follows in Python's own messages
    return f"{said[:1].lower()}{said[1:]}. {reader} refuses this file"


class Member(NamedTuple):
    """Offsets of a key (quotes included) and of its value."""

    key_start: int
    key_end: int
    start: int
    end: int


class Positions:
    """Finds keys and values of one valid JSON text, the items of a list by their numbers (`"0"`); each object and list is walked
    once, nothing below is parsed twice."""

    __slots__ = ("_objects", "source")

    def __init__(self, source: Source) -> None:
        self.source: Final = source
        self._objects: dict[int, dict[str, Member]] = {}

    def key(self, *path: str) -> Span:
        """The span of the last key of `path`; of the deepest one that exists when it is not there."""
        member = self._member(path)
        return Span(self.source, member.key_start, member.key_end) if member else Span(self.source, 0, 0)

    def value(self, *path: str) -> Span:
        """The span of the value at `path`: a string without its quotes; the deepest key that exists when
        there is no such value."""
        member = self._member(path, exact=True)
        if member is None:
            return self.key(*path)
        text = self.source.text
        if text[member.start] == '"' and member.end - member.start > 2:
            return Span(self.source, member.start + 1, member.end - 1)
        return Span(self.source, member.start, member.end)

    def _member(self, path: tuple[str, ...], exact: bool = False) -> Member | None:
        at = self._skip_space(0)
        found: Member | None = None
        for name in path:
            inside = self._object(at).get(name)
            if inside is None:
                return None if exact else found
            found, at = inside, inside.start
        return found

    def _skip_space(self, at: int) -> int:
        match = _skip(self.source.text, at)
        return match.end() if match else at

    def _object(self, start: int) -> dict[str, Member]:
        """The members of the object or list that begins at `start`; none when something else stands there."""
        known = self._objects.get(start)
        if known is not None:
            return known
        text, skip = self.source.text, self._skip_space
        members: dict[str, Member] = {}
        self._objects[start] = members
        if text[start : start + 1] == "[":
            at = skip(start + 1)
            while text[at] != "]":
                _, end = _DECODER.raw_decode(text, at)
                members[str(len(members))] = Member(at, end, at, end)
                at = skip(end)
                if text[at] == ",":
                    at = skip(at + 1)
            return members
        if text[start : start + 1] != "{":
            return members
        at = skip(start + 1)
        while text[at] != "}":
            name, key_end = scanstring(text, at + 1, True)
            begin = skip(skip(key_end) + 1)
            _, end = _DECODER.raw_decode(text, begin)
            members[name] = Member(at, key_end, begin, end)
            at = skip(end)
            if text[at] == ",":
                at = skip(at + 1)
        return members

    def repeated(self) -> Iterator[Span]:
        """Every key that its object has already had: the last one counts, a reader sees the first."""
        text = self.source.text
        names: list[set[str] | None] = []  # of the objects around; None for a list
        at = 0
        while at < len(text):
            char = text[at]
            if char == '"':
                name, end = scanstring(text, at + 1, True)
                if names and names[-1] is not None and text[self._skip_space(end)] == ":":
                    if name in names[-1]:
                        yield Span(self.source, at, end)
                    names[-1].add(name)
                at = end
                continue
            if char in "{[":
                names.append(set() if char == "{" else None)
            elif char in "}]":
                names.pop()
            at += 1
