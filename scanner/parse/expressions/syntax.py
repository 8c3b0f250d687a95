"""The syntax of GitHub's expression language, as a tree with spans.

Grammar: GitHub's "Evaluate expressions in workflows and actions" and the `expressions` package of
actions/languageservices. A text that is no expression answers with a `Malformed`; the depth is bounded.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from scanner.model.quoting import quoted
from scanner.parse.expressions.names import Names, miscounted
from scanner.parse.expressions.values import number_in

MAX_DEPTH = 50
"""Levels of the tree, and of brackets in it; GitHub's own parser stops at 50."""

MAX_LENGTH = 21_000
"""Characters of an expression; GitHub refuses longer ones."""


MAX_REMEMBERED = 2_000
"""Characters of an expression whose tree is kept for the next that asks: the process keeps them."""


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
    """Why a text is no expression, and where: offsets into it, of which `end` may equal `at`."""

    at: int
    reason: str
    end: int


# ---------------------------------------------------------------- tokens

_PAIRS = ("&&", "||", "==", "!=", "<=", ">=")
_SINGLE = frozenset("!<>()[],*")
_BOUNDS = frozenset("([)],.!><=&|")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_DIGITS = frozenset("0123456789")
_INSTEAD = {
    "=": "texts and numbers are compared with `==`",
    "&": "write `&&`",
    "|": "write `||`",
    "?": "write `case(condition, value, other)`",
    '"': "texts are written in single quotes",
    "`": "texts are written in single quotes",
    "$": "what stands here is an expression already",
    "{": "what stands here is an expression already",
    "/": "there is no arithmetic, and texts are written in single quotes",
    "%": "there is no arithmetic",
}
_WORD = _LETTERS | _DIGITS | {"-"}


class _Token(NamedTuple):
    kind: str  # an operator or bracket as written, or "name", "value", "end"
    value: bool | float | str | None
    start: int
    end: int


class _Bad(Exception):
    def __init__(self, at: int, end: int, reason: str) -> None:
        super().__init__(reason)
        self.at = at
        self.end = end


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
        if char.isspace():
            at += 1
            continue
        start = at
        if text.startswith(_PAIRS, at):
            at += 2
            token = _Token(text[start:at], None, start, at)
        elif char in _SINGLE:
            at += 1
            token = _Token(char, None, start, at)
        elif char == "'":
            value, at = _string(text, at)
            token = _Token("value", value, start, at)
        elif char == "." and previous in ("name", "]", ")", "*"):
            at += 1
            token = _Token(".", None, start, at)
        elif char in _DIGITS or char in "+-.":
            at = _bound(text, at + 1, dots=True)
            token = _Token("value", _number(text[start:at], start), start, at)
        else:
            at = _bound(text, at + 1, dots=False)
            word = text[start:at]
            if not _is_word(word):
                raise _Bad(start, at, f"{quoted(word)} has no meaning here{_instead(word)}")
            if word in _KEYWORDS and previous != ".":
                token = _Token("value", _KEYWORDS[word], start, at)
            else:
                token = _Token("name", word, start, at)
        previous = token.kind
        yield token
    yield _Token("end", None, size, size)


def _instead(word: str) -> str:
    """What to write for what is usual in other languages."""
    if word[0] in _INSTEAD:
        return f"; {_INSTEAD[word[0]]}"
    return "; texts are written in single quotes" if not _LETTERS.isdisjoint(word) else ""


def _bound(text: str, at: int, *, dots: bool) -> int:
    """Where the word or number ends that goes on at `at`; a number has dots in it."""
    while (
        at < len(text) and not text[at].isspace() and (text[at] not in _BOUNDS or (dots and text[at] == "."))
    ):
        at += 1
    return at


def _is_word(text: str) -> bool:
    return text[0] in _LETTERS and _WORD.issuperset(text)


def _string(text: str, at: int) -> tuple[str, int]:
    start, parts = at, []
    at += 1
    while True:
        end = text.find("'", at)
        if end < 0:
            raise _Bad(start, len(text), "a text that begins with `'` does not end")
        parts.append(text[at:end])
        if not text.startswith("''", end):
            return "".join(parts), end + 1
        parts.append("'")
        at = end + 2


def _number(text: str, at: int) -> float:
    number = number_in(text)
    if number != number:
        raise _Bad(at, at + len(text), f"{quoted(text)} is not a number; texts are written in single quotes")
    return number


# ---------------------------------------------------------------- the tree


def parse(text: str, names: Names | None = None) -> Expression | Malformed:
    """The tree of an expression, remembered for the next that asks. With `names` an unknown context or function and a wrong
    number of arguments make it malformed too."""
    return _remembered(text, names) if len(text) <= MAX_REMEMBERED else _parse(text, names)


def _parse(text: str, names: Names | None) -> Expression | Malformed:
    if len(text) > MAX_LENGTH:
        return Malformed(MAX_LENGTH, f"it is longer than {MAX_LENGTH:,} characters", len(text))
    try:
        parser = _Parser(list(_tokens(text)), names)
        tree = parser.expression(0, 0)
        rest = parser.peek()
        if rest.kind != "end":
            raise _Bad(rest.start, rest.end, f"{quoted(text[rest.start : rest.end])} is not expected here")
        if parser.deepest > MAX_DEPTH // 2 and _depth(tree) > MAX_DEPTH:
            raise _Bad(tree.start, tree.end, f"nested deeper than {MAX_DEPTH} levels")
        return tree
    except _Bad as bad:
        return Malformed(bad.at, str(bad), bad.end)


_remembered = lru_cache(maxsize=32_768)(_parse)


def parts(tree: Expression) -> tuple[Expression, ...]:
    """The expressions right below one, in their order."""
    match tree:
        case Access(base, key):
            return (base,) if key is None else (base, key)
        case Call(_, operands) | Operation(_, operands):
            return operands
    return ()


def nodes(tree: Expression) -> Iterator[Expression]:
    """An expression and all that is in it, outside first."""
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += parts(one)[::-1]


def _depth(tree: Expression) -> int:
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        one, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(part, depth + 1) for part in parts(one)]
    return deepest


_BINDING = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4}


def _joined(operator: str, operands: list[Expression]) -> Operation:
    return Operation(operator, tuple(operands), operands[0].start, operands[-1].end)


class _Parser:
    """Precedence climbing over the tokens."""

    def __init__(self, tokens: list[_Token], names: Names | None) -> None:
        self.tokens = tokens
        self.names = names
        self.at = 0
        self.deepest = 0

    def peek(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def expect(self, kind: str) -> _Token:
        token = self.take()
        if token.kind != kind:
            what = "a name" if kind == "name" else f"`{kind}`"
            raise _Bad(token.start, token.end, f"{what} is missing here")
        return token

    def enter(self, depth: int, at: _Token | None = None) -> None:
        """Bounds the recursion; the levels of the tree are counted when it is there."""
        self.deepest = max(self.deepest, depth)
        if depth > 2 * MAX_DEPTH:
            token = at or self.peek()
            raise _Bad(token.start, token.end, f"nested deeper than {MAX_DEPTH} levels")

    def expression(self, least: int, depth: int) -> Expression:
        self.enter(depth)
        operands = [self.unary(depth)]
        joined = ""  # the operator between the operands
        links = 0
        while (binding := _BINDING.get(self.peek().kind, 0)) > least:
            operator = self.take()
            if joined and (operator.kind != joined or joined not in ("&&", "||")):
                links += 1
                self.enter(links, operator)
                operands = [_joined(joined, operands)]
            joined = operator.kind
            operands.append(self.expression(binding, depth + 1))
        return _joined(joined, operands) if joined else operands[0]

    def unary(self, depth: int) -> Expression:
        if self.peek().kind != "!":
            return self.postfix(depth)
        self.enter(depth)
        operator = self.take()
        operand = self.unary(depth + 1)
        return Operation("!", (operand,), operator.start, operand.end)

    def postfix(self, depth: int) -> Expression:
        indexable = self.peek().kind in ("name", "(")
        base = self.primary(depth)
        links = 0
        while indexable and (kind := self.peek().kind) in (".", "["):
            links += 1
            self.enter(links)
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
        match token.kind:
            case "value":
                return Literal(token.value, token.start, token.end)
            case "(":
                inner = self.expression(0, depth + 1)
                self.expect(")")
                return inner
            case "name" if self.peek().kind == "(":
                return self.call(token, depth)
            case "name":
                name = Name(str(token.value), token.start, token.end)
                if self.names is not None and name.name.lower() not in self.names.contexts:
                    raise _Bad(token.start, token.end, f"{quoted(name.name)} is not known here")
                return name
            case "end":
                raise _Bad(token.start, token.end, "the expression ends too early")
        raise _Bad(token.start, token.end, "a value is missing here")

    def call(self, token: _Token, depth: int) -> Call:
        name = str(token.value)
        self.take()
        arguments: list[Expression] = []
        while self.peek().kind != ")":
            arguments.append(self.expression(0, depth + 1))
            if self.peek().kind != ",":
                break
            self.take()
        end = self.expect(")").end
        if self.names is not None:
            arity = self.names.arity(name)
            wrong = (
                f"{quoted(name)} is no function here"
                if arity is None
                else miscounted(name, len(arguments), arity)
            )
            if wrong is not None:
                raise _Bad(token.start, token.end, wrong)
        return Call(name, tuple(arguments), token.start, end)
