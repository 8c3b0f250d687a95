"""What of an expression in JavaScript or Python gets into its value, and the variables that a script checks before.

Read by the look of it, on the side of "it gets in": what is blanked here gets in in no case.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator
from typing import Final, NamedTuple

from scanner.analysis.scripts.filters import safe_class, safe_pattern

MAX_EACH: Final = 20
"""Conditions, replacements and checks of one text that are looked at."""
MAX_BODY: Final = 4_000
"""Characters behind a check in which its block is looked for to end."""

NUMBERS: Final = (
    r"(?:parseInt|parseFloat|Number(?:\.parse(?:Int|Float))?|BigInt|Boolean|isNaN|int|float|len|bool)\("
)
"""The call of a function whose answer is a number, true or false (a regular expression)."""
_NUMBERS: Final = re.compile(r"(?<![\w.$])" + NUMBERS)
_REPLACES: Final = re.compile(r"\.\s*replace(?:All)?\(\s*/(?=\[\^)")
_REPLACED: Final = re.compile(r"[+*]?/[a-z]*g[a-z]*\s*,\s*(?:'[^'$\n]*'|\"[^\"$\n]*\")\s*\)")
_OPERATOR: Final = re.compile(r"(?<!\?)\?(?![?.])")
_GUARD: Final = re.compile(
    r"\bif\s*\(\s*(?P<not>!\s*)?(?:(?P<list>\[[^\[\]\n]{1,300}\]|[A-Za-z_$][\w$]{0,60})\s*\.(?:includes|has)"
    r"|/(?P<pattern>(?:[^/\n\\]|\\.){1,200})/(?P<flags>[a-z]{0,6})\.test)"
    r"\(\s*(?P<name>[A-Za-z_$][\w$.]{0,100})\s*\)\s*\)\s*"
)
_LEAVES: Final = re.compile(r"\b(?:return|throw|process\.exit|continue)\b")
_LITERALS: Final = re.compile(
    r"\s*(?:new\s+Set\(\s*)?\[\s*(?:(?:'[^'\n]{0,80}'|\"[^\"\n]{0,80}\")\s*(?:,\s*|(?=\])))+\]\s*\)?\s*;?\s*"
)


def kept(text: str, code: str) -> str:
    """A text, of which `code` is the same with its strings blanked, without what only decides (`a ? b : c`), what is made a number,
    and what loses all but harmless letters. Of the same length."""
    if "(" in code:
        for count, match in enumerate(_NUMBERS.finditer(code)):
            if count == MAX_EACH:
                break
            code = _blank(code, match.end(), _closed(code, match.end()))
    if "replace" in code and "/[^" in text:
        for count, match in enumerate(_REPLACES.finditer(text)):
            if count == MAX_EACH:
                break
            safe, negated, end = safe_class(text, match.end())
            if safe and negated and _REPLACED.match(text, end) is not None:
                code = _blank(code, _begin(code, match.start(), "+|&;,=?:{"), match.start())
    if "?" in code:
        for count, match in enumerate(_OPERATOR.finditer(code)):
            if count == MAX_EACH:
                break
            at = match.start()
            if code.count("`", 0, at) % 2 == 0 and _chooses(code, at):
                code = _blank(code, _begin(code, at, ",;=?:{"), at)
    return code


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def _closed(text: str, at: int) -> int:
    """The offset of the bracket that closes the one before a place."""
    depth = 1
    for index in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0:
            return index
    return len(text)


def _begin(text: str, at: int, ends: str) -> int:
    """Where the operand begins that ends at a place: behind an open bracket, or behind one of some operators."""
    depth = 0
    for index in range(at - 1, -1, -1):
        char = text[index]
        if char in ")]":
            depth += 1
        elif char in "([":
            depth -= 1
            if depth < 0:
                return index + 1
        elif depth == 0 and char == "`":
            return index + 1
        elif depth == 0 and char in ends:
            if char == "=" and (
                text[index - 1 : index] in ("=", "!", "<", ">") or text[index + 1 : index + 2] in "=>"
            ):
                continue
            return index + 1
    return 0


def _chooses(text: str, at: int) -> bool:
    """Whether a `?` is an operator: a `:` stands behind it between the same brackets."""
    depth = 0
    for char in text[at + 1 :]:
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if depth < 0:
                return False
        elif char == ":" and depth == 0:
            return True
    return False


class Checked(NamedTuple):
    """A stretch of a script, from `start` to `end`, in which what stands under `name` is harmless."""

    name: str
    start: int
    end: int


def guards(text: str, start: int, end: int, value: Callable[[str], str | None]) -> Iterator[Checked]:
    """The checks of a part of a text that leave where something else than harmless letters stands in a variable, or that let only
    such into their block. `value` says what a constant is given."""
    for count, match in enumerate(_GUARD.finditer(text, start, end)):
        if count == MAX_EACH:
            return
        if not _is_strict(match["list"], match["pattern"], match["flags"] or "", value):
            continue
        at = match.end()
        braces = text.startswith("{", at)
        close = (
            _block(text, at + 1, end)
            if braces
            else min(_or(text.find(";", at, end), end), _or(text.find("\n", at, end), end))
        )
        if match["not"]:
            if _LEAVES.search(text, at, close) and "{" not in text[at + 1 : close]:
                yield Checked(match["name"], close, _block(text, close + 1, end))
        else:
            yield Checked(match["name"], at, close)


def _or(found: int, otherwise: int) -> int:
    return found if found >= 0 else otherwise


def _is_strict(
    names: str | None, pattern: str | None, flags: str, value: Callable[[str], str | None]
) -> bool:
    if pattern is not None:
        return "m" not in flags and safe_pattern(pattern)
    if names is None:
        return False
    known = names if names.startswith("[") else value(names)
    return known is not None and _LITERALS.fullmatch(known) is not None


def _block(text: str, at: int, end: int) -> int:
    """Where the block ends that a place is in; `end` when that is not seen."""
    depth = 0
    for index in range(at, min(end, at + MAX_BODY)):
        char = text[index]
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth < 0:
                return index
    return min(end, at + MAX_BODY)


class Checks:
    """The checks of one script, asked by variable and place."""

    def __init__(self, found: Iterator[Checked]) -> None:
        self._found: dict[str, list[Checked]] = {}
        for one in found:
            self._found.setdefault(one.name, []).append(one)

    @property
    def names(self) -> Collection[str]:
        return self._found

    def holds(self, name: str, at: int, changed: list[int]) -> bool:
        """Whether a name is checked at a place; `changed` are the places, in order, at which it is given another value."""
        for one in self._found.get(name, ()):
            last = bisect_right(changed, at) - 1
            if one.start <= at < one.end and (last < 0 or changed[last] <= one.start):
                return True
        return False


MAX_CALLS: Final = 200
MAX_ARGUMENTS: Final = 2_000
"""Characters of the arguments of a call that are looked at."""


class Argument(NamedTuple):
    """An argument of the call of `name`: its place, and what of it stands in the script before anything computed."""

    name: str
    start: int
    end: int
    begins: str


_LITERAL: Final = re.compile(r"\s*(?:[rRbBuU]?[fF]?(['\"`])((?:(?!\1|\$\{)[^\\\n]){0,300}))?")


def calls(text: str, start: int, end: int, names: re.Pattern[str]) -> Iterator[tuple[Argument, ...]]:
    """The arguments of the calls in a part of a text whose beginning, to the open bracket, a pattern finds; its group is the name."""
    for count, match in enumerate(names.finditer(text, start, end)):
        if count == MAX_CALLS:
            return
        found: list[Argument] = []
        depth, at, quote = 0, match.end(), ""
        for index in range(match.end(), min(end, match.end() + MAX_ARGUMENTS)):
            char = text[index]
            if quote:
                quote = "" if char == quote and text[index - 1] != "\\" else quote
            elif char in "'\"`":
                quote = char
            elif char in "([{":
                depth += 1
            elif (char == "," and depth == 0) or char in ")]}":
                depth -= char != ","
                if depth <= 0 and (char == "," or depth < 0):
                    found.append(Argument(match[1], at, index, begins(text[at:index])))
                    at = index + 1
                if depth < 0:
                    break
        if found:
            yield tuple(found)


def begins(text: str) -> str:
    """What of the value of an expression stands in the script before anything computed."""
    literal = _LITERAL.match(text)
    known = literal[2] if literal is not None and literal[1] else ""
    python = literal is not None and bool(literal[1]) and "f" in text[: literal.start(1)].lower()
    return known.partition("{")[0] if python else known
