"""The syntax of the Nix language (parser.y of Nix 2.34): what is written out becomes a tree, the rest is only checked.

Nix reads the inputs of a flake without evaluating them, so nothing else is needed (see `tree.py`). Attribute sets are merged as
Nix merges them: `a.b = 1; a = { c = 2; };`. Whether a variable is defined is not checked. Linear, and bounded in depth.
"""

from typing import Final, NoReturn

from scanner.model.finding import Problem
from scanner.model.quoting import quoted
from scanner.model.source import Source, Span
from scanner.parse.nix.lexer import (
    CLOSE,
    END,
    ERROR,
    FLOAT,
    HOME_PATH,
    ID,
    INT,
    OPEN_PATH,
    OPEN_TEXT,
    PATH,
    SEARCH_PATH,
    TEXT,
    URI,
    tokenize,
)
from scanner.parse.nix.texts import value_of
from scanner.parse.nix.tree import (
    Attribute,
    Attributes,
    Computed,
    Formal,
    Function,
    Items,
    Name,
    Node,
    Number,
    Path,
    Text,
)

MAX_DEPTH: Final = 100
"""Expressions inside one another that are read; the deepest of 750 real files has 19."""

_MAX_INT: Final = 2**63 - 1


_UNREAD: Final = Computed("an expression", 0, 0)

# One step of an attribute path: the name, None when only an evaluation can tell it, and where it stands.
_Step = tuple[str | None, int, int]

_LAMBDA_MARKS: Final = frozenset((":", "@"))
_PREFIXES: Final = {"!": 6, "-": 11}
_BINARY: Final = {
    "->": 0,
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    ">": 4,
    "<=": 4,
    ">=": 4,
    "//": 5,
    "+": 7,
    "-": 7,
    "*": 8,
    "/": 8,
    "++": 9,
}
_TO_THE_RIGHT: Final = frozenset((0, 5, 9))
_NOT_IN_A_ROW: Final = frozenset((3, 4))
_OPERATORS: Final = frozenset((*_BINARY, "?", "|>", "<|"))
_ATOMS: Final = frozenset(
    (
        ID,
        INT,
        FLOAT,
        TEXT,
        URI,
        PATH,
        HOME_PATH,
        SEARCH_PATH,
        OPEN_TEXT,
        OPEN_PATH,
        "(",
        "[",
        "{",
        "rec",
        "let",
    )
)
_NAMES: Final = frozenset((ID, "or", TEXT, OPEN_TEXT, "${"))


class _Refused(Exception):
    """`of_nix` unless only we refuse it."""

    def __init__(self, start: int, end: int, message: str, *, of_nix: bool = True) -> None:
        super().__init__(message)
        self.start = start
        self.end = end
        self.message = f"{message}; Nix refuses the file" if of_nix else message


def parse(source: Source, problems: list[Problem]) -> Node | None:
    """The expression that a file holds; None, with a problem, where Nix refuses it for its syntax."""
    try:
        return _Parser(source.text).file()
    except _Refused as refused:
        problems.append(Problem(Span(source, refused.start, refused.end).first_line(), refused.message))
        return None


class _Parser:
    __slots__ = ("at", "depth", "ends", "kinds", "reason", "starts", "text", "unread")

    def __init__(self, text: str) -> None:
        self.text = text
        self.kinds, self.starts, self.ends, self.reason = tokenize(text)
        self.at = 0
        self.depth = 0
        # Whether what is parsed now is read by nobody: it is checked, but has no nodes.
        self.unread = False

    def file(self) -> Node:
        node = self._expression()
        if self.kinds[self.at] != END:
            self._unexpected("the end of the file")
        return node

    # ------------------------------------------------------------ what is refused

    def _refuse(self, start: int, end: int, message: str) -> NoReturn:
        raise _Refused(start, end, message)

    def _unexpected(self, wanted: str) -> NoReturn:
        kind, start, end = self.kinds[self.at], self.starts[self.at], self.ends[self.at]
        if kind == ERROR:
            self._refuse(start, end, self.reason)
        if kind == END:
            # The last thing that stands in the file is what the rest is missing behind.
            last = max(self.at - 1, 0)
            self._refuse(self.starts[last], self.ends[last], f"the file ends here, but {wanted} is missing")
        self._refuse(start, end, f"{wanted} is expected here, not {quoted(self.text[start:end])}")

    def _expect(self, kind: str) -> int:
        """Takes a token that must stand here; answers where it ends."""
        at = self.at
        if self.kinds[at] != kind:
            self._unexpected(f"`{kind}`")
        self.at = at + 1
        return self.ends[at]

    # ------------------------------------------------------------ expressions

    def _expression(self) -> Node:
        """Anything: functions, `let`, `if` and the like, which reach as far to the right as they can."""
        kinds = self.kinds
        self._descend()
        first = self.starts[self.at]
        unread = self.unread
        result: Node | None = None
        while True:
            at = self.at
            kind = kinds[at]
            if (kind == ID and kinds[at + 1] in _LAMBDA_MARKS) or (kind == "{" and self._is_formals(at)):
                formals = self._parameters()
                made: Node = Function(formals, first, self.ends[self.at - 1])
            elif kind == "let" and kinds[at + 1] != "{":
                self._let()
                made = Computed("`let`", first, self.ends[at])
            elif kind == "with" or kind == "assert":
                self.unread, self.at = True, at + 1
                self._expression()
                self._expect(";")
                made = Computed(f"`{kind}`", first, self.ends[at])
            elif kind == "if":
                self.unread, self.at = True, at + 1
                self._expression()
                self._expect("then")
                self._expression()
                self._expect("else")
                made = Computed("`if`", first, self.ends[at])
            else:
                break
            # What follows is the body: no more than a check.
            self.unread = True
            result = made if result is None else result
        last = self._operation()
        self.unread = unread
        self.depth -= 1
        return last if result is None else result

    def _descend(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            at = self.at
            message = f"more than {MAX_DEPTH} expressions inside one another are not read by snowfence"
            raise _Refused(self.starts[at], self.ends[at], message, of_nix=False)

    def _is_formals(self, at: int) -> bool:
        """Whether a `{` where any expression may stand begins the formals of a function."""
        kinds = self.kinds
        match kinds[at + 1]:
            case "...":
                return True
            case "}":
                return kinds[at + 2] in _LAMBDA_MARKS
            case "identifier":
                return kinds[at + 2] in (",", "?", "}")
        return False

    def _parameters(self) -> tuple[Formal, ...]:
        """`x:`, `{ … }:`, `{ … }@x:` or `x@{ … }:`."""
        kinds, starts, ends = self.kinds, self.starts, self.ends
        formals: list[Formal] = []
        whole: int | None = None
        if kinds[self.at] == ID:
            whole = self.at
            self.at += 1
            if kinds[self.at] == "@":
                self.at += 1
                self._formals(formals)
        else:
            self._formals(formals)
            if kinds[self.at] == "@":
                whole = self.at + 1
                self.at += 1
                self._expect(ID)
        self._expect(":")
        seen: set[str] = set()
        for name, start, end in formals:
            if name in seen:
                self._refuse(start, end, f"the function already takes {quoted(name)}")
            seen.add(name)
        if whole is not None and self.text[starts[whole] : ends[whole]] in seen:
            name = self.text[starts[whole] : ends[whole]]
            self._refuse(starts[whole], ends[whole], f"the function already takes {quoted(name)}")
        return tuple(formals)

    def _formals(self, formals: list[Formal]) -> None:
        kinds = self.kinds
        self._expect("{")
        while kinds[self.at] != "}":
            if kinds[self.at] == "...":
                self.at += 1
                break
            at = self.at
            self._expect(ID)
            formals.append(Formal(self.text[self.starts[at] : self.ends[at]], self.starts[at], self.ends[at]))
            if kinds[self.at] == "?":
                self.at += 1
                unread, self.unread = self.unread, True
                self._expression()
                self.unread = unread
            if kinds[self.at] != ",":
                break
            self.at += 1
        self._expect("}")

    def _let(self) -> None:
        self.unread = True
        bound = Attributes(self.starts[self.at], self.ends[self.at])
        self.at += 1
        self._bindings(bound, "in")
        self._expect("in")
        if bound.computed:
            self._refuse(*bound.computed[0], "a name in `let` must be written out")

    def _operation(self) -> Node:
        """Operands with operators between them. Precedence matters only where operators must not stand in a row."""
        kinds = self.kinds
        first = self.at
        pending: list[int] = []
        pipe = what = ""
        while True:
            while (prefix := _PREFIXES.get(kinds[self.at])) is not None:
                what = "an operation"
                pending.append(prefix)
                self.at += 1
            node = self._operand()
            if kinds[self.at] in _ATOMS:  # arguments of a function
                what = what or "a call"
                self.unread = True
                while kinds[self.at] in _ATOMS:
                    self._operand()
            while kinds[self.at] == "?":
                what = "an operation"
                self.at += 1
                self._path()
            kind = kinds[self.at]
            if kind not in _OPERATORS:
                break
            what = "an operation"
            self.unread = True
            if kind == "|>" or kind == "<|":
                if pipe and kind != pipe:
                    self._unexpected(f"`{pipe}` or the end of the expression")
                pipe = kind
                pending.clear()
            else:
                level = _BINARY[kind]
                while pending and pending[-1] >= level:
                    if pending[-1] == level:
                        if level in _TO_THE_RIGHT:
                            break
                        if level in _NOT_IN_A_ROW:
                            start, end = self.starts[self.at], self.ends[self.at]
                            self._refuse(
                                start, end, f"`{kind}` needs parentheses around the comparison before it"
                            )
                    pending.pop()
                pending.append(level)
            self.at += 1
        return Computed(what, self.starts[first], self.ends[self.at - 1]) if what else node

    def _operand(self) -> Node:
        """A literal, a name, something in brackets, with what is selected from it: `a.b.c or d`."""
        kinds = self.kinds
        first = self.at
        unread = self.unread
        selected = False
        while True:
            at = self.at
            kind = kinds[at]
            start, end = self.starts[at], self.ends[at]
            self.at = at + 1
            node: Node = _UNREAD
            match kind:
                case "identifier":
                    if not self.unread:
                        node = Name(self.text[start:end], start, end)
                case "text" | "URL":
                    if not self.unread:
                        node = Text(start, end)
                case "{":
                    node = self._attributes(start)
                case "(":
                    node = self._expression()
                    self._expect(")")
                case "[":
                    node = self._list(start)
                case "start of a text" | "start of a path":
                    self._parts()
                    node = Computed("an interpolation", start, self.ends[self.at - 1])
                case "path" | "path in the home folder":
                    if not self.unread:
                        node = Path(self.text[start:end], kind == HOME_PATH, start, end)
                case "search path":
                    node = Computed("a search path", start, end)
                case "integer" | "decimal number":
                    node = self._number(kind, start, end)
                case "rec":
                    self._expect("{")
                    node = self._attributes(start, recursive=True)
                case "let":
                    self._expect("{")
                    self._attributes(start)
                    node = Computed("`let`", start, self.ends[self.at - 1])
                case _:
                    self.at = at
                    self._unexpected("a value")
            kind = kinds[self.at]
            if kind == ".":
                selected = self.unread = True
                self.at += 1
                self._path()
                if kinds[self.at] == "or":
                    self.at += 1
                    continue
            elif kind == "or":
                selected = True
                self.at += 1
            break
        if not selected:
            return node
        self.unread = unread
        return Computed("a selection", self.starts[first], self.ends[self.at - 1])

    def _number(self, kind: str, start: int, end: int) -> Node:
        digits = self.text[start:end]
        if kind == FLOAT:
            value = float(digits)
            # Nix takes no number that its C library calls out of range, which tiny ones are, too.
            if value == float("inf") or (value < 2.0**-1022 and digits.lower().partition("e")[0].strip("0.")):
                self._refuse(start, end, "the number is out of range")
            return Number(value, start, end)
        # Python limits how many digits it converts.
        if len(digits.lstrip("0")) > 19 or int(digits.lstrip("0") or "0") > _MAX_INT:
            self._refuse(start, end, "the number is too large")
        return Number(int(digits.lstrip("0") or "0"), start, end)

    def _list(self, start: int) -> Node:
        kinds = self.kinds
        items: list[Node] = []
        self._descend()
        while kinds[self.at] in _ATOMS:
            items.append(self._operand())
        if kinds[self.at] != "]":
            self._unexpected("a value or `]`")
        self.at += 1
        self.depth -= 1
        return _UNREAD if self.unread else Items(tuple(items), start, self.ends[self.at - 1])

    def _parts(self) -> None:
        """The rest of a text or path with interpolations."""
        unread, self.unread = self.unread, True
        while self.kinds[self.at] == "${":
            self.at += 1
            self._expression()
            self._expect("}")
        self.unread = unread
        if self.kinds[self.at] != CLOSE:
            self._unexpected("the end of the text")
        self.at += 1

    # ------------------------------------------------------------ attribute sets

    def _attributes(self, start: int, *, recursive: bool = False) -> Attributes:
        made = Attributes(start, start, recursive=recursive)
        self._bindings(made, "}")
        made.end = self._expect("}")
        return made

    def _bindings(self, into: Attributes, closer: str) -> None:
        kinds = self.kinds
        while kinds[self.at] != closer:
            if kinds[self.at] == "inherit":
                self._inherit(into)
                continue
            if kinds[self.at] not in _NAMES:
                self._unexpected(f"a name or `{closer}`")
            path = self._path()
            if kinds[self.at] != "=":
                self._unexpected("`=` or `.`")
            self.at += 1
            value = self._expression()
            if kinds[self.at] != ";":
                self._unexpected("`;`")
            self.at += 1
            self._define(into, path, value)

    def _inherit(self, into: Attributes) -> None:
        kinds = self.kinds
        self.at += 1
        source: Node | None = None
        if kinds[self.at] == "(":
            self.at += 1
            unread, self.unread = self.unread, True
            self._expression()
            self.unread = unread
            self._expect(")")
            source = _UNREAD
        while kinds[self.at] in _NAMES:
            name, start, end = self._step()
            if name is None:
                self._refuse(start, end, "a name behind `inherit` must be written out")
            known = into.entries.get(name)
            if known is not None:
                self._twice([(name, start, end)], known)
            value = Name(name, start, end) if source is None else Computed("`inherit`", start, end)
            into.entries[name] = Attribute(name, start, end, value, inherited=True)
        if kinds[self.at] != ";":
            self._unexpected("a name or `;`")
        self.at += 1

    def _path(self) -> list[_Step]:
        """The names of an attribute path: `a."b".${"c"}`."""
        path = [self._step()]
        while self.kinds[self.at] == ".":
            self.at += 1
            path.append(self._step())
        return path

    def _step(self) -> _Step:
        at = self.at
        kind = self.kinds[at]
        start, end = self.starts[at], self.ends[at]
        self.at = at + 1
        if kind == ID or kind == "or":
            return self.text[start:end], start, end
        if kind == TEXT and self.text[start] == '"':
            return value_of(self.text, start, end), start, end
        if kind == OPEN_TEXT and self.text[start] == '"':
            self._parts()
            return None, start, self.ends[self.at - 1]
        if kind != "${":
            self.at = at
            self._unexpected("a name")
        unread, self.unread = self.unread, False
        value = self._expression()
        self.unread = unread
        end = self._expect("}")
        if isinstance(value, Text):
            return value_of(self.text, value.start, value.end), start, end
        return None, start, end

    def _define(self, into: Attributes, path: list[_Step], value: Node) -> None:
        """Puts a value where its path leads, and merges sets that stand at the same place."""
        for name, start, end in path[:-1]:
            known = into.entries.get(name) if name is not None else None
            if known is not None:
                if not isinstance(known.value, Attributes):
                    self._twice(path, known)
                into = known.value
                continue
            nested = Attributes(start, end)
            if name is None:
                into.computed.append((start, end))
            else:
                into.entries[name] = Attribute(name, start, end, nested)
            into = nested
        name, start, end = path[-1]
        if name is None:
            into.computed.append((start, end))
            return
        # Iterative: paths may be as deep as they are long.
        waiting = [(into, Attribute(name, start, end, value))]
        while waiting:
            into, added = waiting.pop()
            known = into.entries.get(added.name)
            if known is None:
                into.entries[added.name] = added
            elif isinstance(known.value, Attributes) and isinstance(added.value, Attributes):
                merged = known.value
                merged.computed.extend(added.value.computed)
                waiting.extend([(merged, entry) for entry in reversed(added.value.entries.values())])
            else:
                self._twice([(added.name, added.start, added.end)], known)

    def _twice(self, path: list[_Step], known: Attribute) -> NoReturn:
        """`path` ends in what is already defined, or leads through it."""
        start, end = next(
            ((start, end) for name, start, end in path if name == known.name), (path[-1][1], path[-1][2])
        )
        line = self.text.count("\n", 0, known.start) + 1
        self._refuse(start, end, f"{quoted(known.name)} is already defined in line {line}")
