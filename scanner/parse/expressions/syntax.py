"""The syntax of GitHub's expression language, as a tree with spans.

Grammar: GitHub's "Evaluate expressions in workflows and actions" and the `expressions` package of
actions/languageservices. A text that is no expression answers with a `Malformed`; the depth is bounded.
"""

from collections.abc import Iterator
from typing import NamedTuple

MAX_DEPTH = 50
"""Nesting of an expression; GitHub's own parser stops at 50."""

MAX_LENGTH = 21_000
"""Characters of an expression; GitHub refuses longer ones."""


class Literal(NamedTuple):
    value: bool | float | str | None
    start: int
    end: int


class Name(NamedTuple):
    """A context by its name: `github`, `env`, …"""

    name: str
    start: int
    end: int


class Access(NamedTuple):
    """`base.key`, `base['key']`, `base[0]`, or `base.*` and `base[*]` with key None."""

    base: "Expression"
    key: "Expression | None"
    start: int
    end: int


class Call(NamedTuple):
    function: str
    arguments: "tuple[Expression, ...]"
    start: int
    end: int


class Operation(NamedTuple):
    """`!` has one operand, a chain of `&&` or of `||` two or more, the others two."""

    operator: str
    operands: "tuple[Expression, ...]"
    start: int
    end: int


Expression = Literal | Name | Access | Call | Operation


class Malformed(NamedTuple):
    """Why a text is no expression, and where (an offset into it)."""

    at: int
    reason: str


# ---------------------------------------------------------------- tokens

_PAIRS = ("&&", "||", "==", "!=", "<=", ">=")
_SINGLE = frozenset("!<>()[],.*")


class _Token(NamedTuple):
    kind: str  # an operator or bracket as written, or "name", "value", "end"
    value: bool | float | str | None
    start: int
    end: int


class _Bad(Exception):
    def __init__(self, at: int, reason: str) -> None:
        super().__init__(reason)
        self.at = at


_KEYWORDS: dict[str, bool | float | None] = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": float("nan"),
    "Infinity": float("inf"),
}


def _tokens(text: str) -> Iterator[_Token]:
    at, size = 0, len(text)
    previous = ""
    while at < size:
        char = text[at]
        if char in " \t\r\n":
            at += 1
            continue
        start = at
        if text.startswith(_PAIRS, at):
            at += 2
            token = _Token(text[start:at], None, start, at)
        elif char == "'":
            value, at = _string(text, at)
            token = _Token("value", value, start, at)
        elif char.isascii() and (char.isalpha() or char == "_"):
            while at < size and text[at].isascii() and (text[at].isalnum() or text[at] in "_-"):
                at += 1
            word = text[start:at]
            if word in _KEYWORDS and previous != ".":
                token = _Token("value", _KEYWORDS[word], start, at)
            else:
                token = _Token("name", word, start, at)
        elif (char.isascii() and char.isdigit()) or char in "+-" or (char == "." and _digit(text, at + 1)):
            while at < size and text[at].isascii() and (text[at].isalnum() or text[at] in "+-."):
                at += 1
            token = _Token("value", _number(text[start:at], start), start, at)
        elif char in _SINGLE:
            at += 1
            token = _Token(char, None, start, at)
        else:
            raise _Bad(at, f"`{char}` has no meaning in an expression")
        previous = token.kind
        yield token
    yield _Token("end", None, size, size)


def _digit(text: str, at: int) -> bool:
    return at < len(text) and text[at].isascii() and text[at].isdigit()


def _string(text: str, at: int) -> tuple[str, int]:
    start, parts = at, []
    at += 1
    while True:
        end = text.find("'", at)
        if end < 0:
            raise _Bad(start, "a text that begins with `'` does not end")
        parts.append(text[at:end])
        if not text.startswith("''", end):
            return "".join(parts), end + 1
        parts.append("'")
        at = end + 2


def _number(text: str, at: int) -> float:
    digits = text.lower()
    try:
        if digits.startswith(("0x", "0o")):
            return float(int(digits[2:], 16 if digits[1] == "x" else 8))
        if "_" not in digits and digits.lstrip("+-")[:1] not in ("i", "n"):
            return float(digits)
        if digits in ("-infinity", "+infinity"):
            return float(digits)
    except (ValueError, OverflowError):
        pass
    raise _Bad(at, f"`{text}` is not a number; texts are written in single quotes")


# ---------------------------------------------------------------- the tree


def parse(text: str) -> Expression | Malformed:
    if len(text) > MAX_LENGTH:
        return Malformed(MAX_LENGTH, f"it is longer than {MAX_LENGTH:,} characters")
    try:
        parser = _Parser(list(_tokens(text)))
        tree = parser.expression(0, 0)
        rest = parser.peek()
        if rest.kind != "end":
            raise _Bad(rest.start, f"`{text[rest.start : rest.end]}` is not expected here")
        return tree
    except _Bad as bad:
        return Malformed(bad.at, str(bad))


_BINDING = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4}


def _joined(operator: str, operands: list[Expression]) -> Operation:
    return Operation(operator, tuple(operands), operands[0].start, operands[-1].end)


class _Parser:
    """Precedence climbing over the tokens."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def expect(self, kind: str) -> _Token:
        token = self.take()
        if token.kind != kind:
            raise _Bad(token.start, f"`{kind}` is missing here")
        return token

    def expression(self, least: int, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise _Bad(self.peek().start, f"nested deeper than {MAX_DEPTH} levels")
        operands = [self.unary(depth)]
        joined = ""  # the operator between the operands
        links = 0
        while (binding := _BINDING.get(self.peek().kind, 0)) > least:
            operator = self.take()
            if joined and (operator.kind != joined or joined not in ("&&", "||")):
                links += 1
                if links > MAX_DEPTH:
                    raise _Bad(operator.start, f"nested deeper than {MAX_DEPTH} levels")
                operands = [_joined(joined, operands)]
            joined = operator.kind
            operands.append(self.expression(binding, depth + 1))
        return _joined(joined, operands) if joined else operands[0]

    def unary(self, depth: int) -> Expression:
        if self.peek().kind != "!":
            return self.postfix(depth)
        if depth > MAX_DEPTH:
            raise _Bad(self.peek().start, f"nested deeper than {MAX_DEPTH} levels")
        operator = self.take()
        operand = self.unary(depth + 1)
        return Operation("!", (operand,), operator.start, operand.end)

    def postfix(self, depth: int) -> Expression:
        base = self.primary(depth)
        links = 0
        while (kind := self.peek().kind) in (".", "["):
            links += 1
            if links > MAX_DEPTH:
                raise _Bad(self.peek().start, f"nested deeper than {MAX_DEPTH} levels")
            self.take()
            key: Expression | None
            if self.peek().kind == "*":
                key, end = None, self.take().end
            elif kind == ".":
                name = self.expect("name")
                key, end = Literal(str(name.value), name.start, name.end), name.end
            else:
                key = self.expression(0, depth + 1)
                end = key.end
            if kind == "[":
                end = self.expect("]").end
            base = Access(base, key, base.start, end)
        return base

    def primary(self, depth: int) -> Expression:
        token = self.take()
        if token.kind == "value":
            return Literal(token.value, token.start, token.end)
        if token.kind == "(":
            inner = self.expression(0, depth + 1)
            self.expect(")")
            return inner
        if token.kind != "name":
            raise _Bad(
                token.start,
                "the expression ends too early" if token.kind == "end" else "a value is missing here",
            )
        name = str(token.value)
        if self.peek().kind != "(":
            return Name(name, token.start, token.end)
        self.take()
        arguments: list[Expression] = []
        while self.peek().kind != ")":
            arguments.append(self.expression(0, depth + 1))
            if self.peek().kind != ",":
                break
            self.take()
        return Call(name, tuple(arguments), token.start, self.expect(")").end)
