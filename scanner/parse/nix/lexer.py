"""The tokens of the Nix language (lexer.l of Nix 2.34), with what stands in texts and paths between `${` and `}`.

A token is its kind and two offsets. A keyword or an operator is its own kind; the others are named below. A text or
path without interpolation is one token. Otherwise an opening token is followed by `${`, the tokens inside, `}`, and so
on, up to `CLOSE`. Linear in the text.
"""

import re
from typing import Final, NamedTuple

ID: Final = "identifier"
INT: Final = "integer"
FLOAT: Final = "decimal number"
TEXT: Final = "text"
URI: Final = "URL"
PATH: Final = "path"
HOME_PATH: Final = "path in the home folder"
SEARCH_PATH: Final = "search path"
OPEN_TEXT: Final = "start of a text"
OPEN_PATH: Final = "start of a path"
CLOSE: Final = "end of a text"
END: Final = "end of the file"
ERROR: Final = "error"

KEYWORDS: Final = frozenset("if then else assert with let in rec inherit or".split())

# No possessive groups (`(…)*+`): Python 3.11 before 3.11.5 matches them wrongly (python/cpython#106052). None of these can
# backtrack far without them, since nothing stands behind the groups that could fail.
#
# What decides itself by its first characters. `+`, `-`, `.`, `/`, digits, and names before one of `+./:` may
# begin a path or a URL, `<` a search path and `'` a text: those are looked at more closely.
_TOKEN: Final = re.compile(
    r"""
    (?: [ \t\r\n]++ | \#[^\r\n]*+ | /\*[^*]*+(?:\*(?!/)[^*]*+)*\*/ )*
    (?: ([a-zA-Z_][a-zA-Z0-9_'-]*+)(?![+./:])
      | ("[^"\\$]*+")
      | ( [;,@:()\[\]?*{}] | ==? | !=? | >=? | && | \|[|>] | \$\{ )
      )?
    """,
    re.VERBOSE,
)
_RUN: Final = re.compile(r"[a-zA-Z0-9._+-]*+")
_PATH_REST: Final = re.compile(r"(?:/[a-zA-Z0-9._+-]++)+/?+|/(?=\$\{)")
_PATH_PART: Final = re.compile(r"[a-zA-Z0-9._+/-]*+")
_URI_REST: Final = re.compile(r":[a-zA-Z0-9%/?:@&=+$,_.!~*'-]++")
_NUMBER: Final = re.compile(r"((?:[1-9][0-9]*+\.[0-9]*+|0?\.[0-9]++)(?:[eE][+-]?[0-9]++)?)|[0-9]++")
_NAME: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_'-]*+")
_OPERATOR: Final = re.compile(r"\.\.\.|\.|->|-|\+\+|\+|//|/|<=|<\||<")
_SEARCH: Final = re.compile(r"<[a-zA-Z0-9._+-]++(?:/[a-zA-Z0-9._+-]++)*>")
_HOME: Final = re.compile(r"~(?:(?:/[a-zA-Z0-9._+-]++)+/?+|/(?=\$\{))")

# What stands in a text up to its end or the next `${`: pairs such as `$$` and `''$` hide what follows.
_QUOTED: Final = re.compile(r"""(?:[^$"\\]++|\\.|\$(?:[^{"\\]|\\.|(?=")))*""", re.DOTALL)
_INDENTED: Final = re.compile(
    r"""(?:[^$']++|\$(?:[^{']|(?='))|'(?:[^'$]|(?=\$))|''(?:[$']|\\.))*""", re.DOTALL
)

_WORD_STARTS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")


class Tokens(NamedTuple):
    """Parallel lists, the last token being `END`, or `ERROR` with `reason` where no token can be told."""

    kinds: list[str]
    starts: list[int]
    ends: list[int]
    reason: str


def tokenize(text: str) -> Tokens:
    return _Lexer(text).run()


class _Lexer:
    __slots__ = ("ends", "kinds", "modes", "reason", "run_end", "starts", "text", "underscore")

    def __init__(self, text: str) -> None:
        self.text = text
        self.kinds: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.reason = ""
        # What goes on behind each open `{` or `${`: the closing mark of a text (`/` for a path) and where it begins.
        self.modes: list[tuple[str, int] | None] = []
        # Where the run of path characters ends that was measured last, and its last underscore: a run is measured
        # once, however many tokens it turns out to be.
        self.run_end = -1
        self.underscore = -1

    def run(self) -> Tokens:
        text, modes = self.text, self.modes
        kinds, starts, ends = self.kinds, self.starts, self.ends
        add_kind, add_start, add_end = kinds.append, starts.append, ends.append
        token = _TOKEN.match
        at, size = 0, len(text)
        while True:
            match = token(text, at)
            assert match is not None  # every part of the pattern may be empty
            group = match.lastindex
            at = match.end()
            if group == 1:
                word = match[1]
                add_kind(word if word in KEYWORDS else ID)
                add_start(match.start(1))
                add_end(at)
            elif group == 3:
                kind = match[3]
                add_kind(kind)
                add_start(at - len(kind))
                add_end(at)
                if kind == "{" or kind == "${":
                    modes.append(None)
                elif kind == "}" and modes and (mode := modes.pop()) is not None:
                    at = self._go_on(at, *mode)
            elif group == 2:
                add_kind(TEXT)
                add_start(match.start(2))
                add_end(at)
            elif at < size:
                at = self._closer(at)
            else:
                break
            if at < 0:
                break
        if not self.reason:
            self._add(END, size, size)
        return Tokens(kinds, starts, ends, self.reason)

    def _add(self, kind: str, start: int, end: int) -> int:
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)
        return end

    def _fail(self, start: int, end: int, reason: str) -> int:
        self.reason = reason
        self._add(ERROR, start, end)
        return -1

    def _closer(self, at: int) -> int:
        """Reads a token that cannot be told by its first characters; answers where it ends."""
        text = self.text
        char = text[at]
        if char == '"':
            return self._text(at, at + 1, '"')
        if char == "'" and text.startswith("''", at):
            return self._text(at, at + 2, "''")
        if char == "~":
            match = _HOME.match(text, at)
            if match is not None:
                return self._path(at, match.end(), HOME_PATH)
        elif char == "<" and (match := _SEARCH.match(text, at)) is not None:
            return self._add(SEARCH_PATH, at, match.end())
        elif text.startswith("/*", at):
            return self._fail(at, at + 2, "the comment that begins here is not closed")
        if at >= self.run_end:
            match = _RUN.match(text, at)
            assert match is not None
            self.run_end = match.end()
            self.underscore = text.rfind("_", at, self.run_end)
        behind = self.run_end
        if text.startswith("/", behind) and (match := _PATH_REST.match(text, behind)) is not None:
            return self._path(at, match.end(), PATH)
        if char in _WORD_STARTS:
            # The scheme of a URL has no underscore.
            if at > self.underscore and (match := _URI_REST.match(text, behind)) is not None:
                return self._add(URI, at, match.end())
            match = _NAME.match(text, at)
            assert match is not None
            word = match[0]
            return self._add(word if word in KEYWORDS else ID, at, match.end())
        if (match := _NUMBER.match(text, at)) is not None:
            return self._add(INT if match[1] is None else FLOAT, at, match.end())
        if (match := _OPERATOR.match(text, at)) is not None:
            return self._add(match[0], at, match.end())
        return self._fail(at, at + 1, "this character has no meaning here")

    def _text(self, start: int, at: int, mark: str) -> int:
        match = (_QUOTED if mark == '"' else _INDENTED).match(self.text, at)
        assert match is not None
        at = match.end()
        if self.text.startswith(mark, at):
            return self._add(TEXT, start, at + len(mark))
        if self.text.startswith("${", at):
            self._add(OPEN_TEXT, start, start + len(mark))
            return self._interpolation(at, mark, start)
        return self._fail(start, start + len(mark), "the text that begins here is not closed")

    def _path(self, start: int, at: int, kind: str) -> int:
        text = self.text
        if text[at - 1] == "/":
            match = _PATH_PART.match(text, at)
            assert match is not None
            at = match.end()
            if not text.startswith("${", at):
                return self._fail(start, at, "a path cannot end with a slash or have two in a row")
        if text.startswith("${", at):
            self._add(OPEN_PATH, start, at)
            return self._interpolation(at, "/", start)
        return self._add(kind, start, at)

    def _interpolation(self, at: int, mark: str, start: int) -> int:
        self.modes.append((mark, start))
        return self._add("${", at, at + 2)

    def _go_on(self, at: int, mark: str, start: int) -> int:
        """Reads on in a text or path behind the `}` of an interpolation."""
        text = self.text
        match = (_PATH_PART if mark == "/" else _QUOTED if mark == '"' else _INDENTED).match(text, at)
        assert match is not None
        at = match.end()
        if text.startswith("${", at):
            return self._interpolation(at, mark, start)
        if mark == "/":
            if text[at - 1] == "/":
                return self._fail(start, at, "a path cannot end with a slash")
            return self._add(CLOSE, at, at)
        if text.startswith(mark, at):
            return self._add(CLOSE, at, at + len(mark))
        return self._fail(start, start + len(mark), "the text that begins here is not closed")
