"""JSON5 (https://spec.json5.org), as far as settings are written in it: comments, commas behind the last item, single quotes, keys
without quotes. Numbers and escapes beyond JSON are texts of themselves: nobody asks for them here."""

from typing import Final

from scanner.model.json import Json

MAX_DEPTH: Final = 100

_SPACE: Final = " \t\r\n\ufeff\u00a0\u2028\u2029\v\f"
_PUNCTUATION: Final = "{}[],:"
_WORDS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": ""}


class NotJson5(Exception):
    """The text is no JSON5 that this reader knows."""


def read_json5(text: str) -> Json:
    """The value of a text; `NotJson5` for what cannot be read. Linear, and without recursion."""
    tokens = _Tokens(text)
    stack: list[list[Json] | dict[str, Json]] = []
    keys: list[str] = []  # of the mappings around, innermost last
    while True:
        kind, word = tokens.next()
        done: Json
        if kind == "{" or kind == "[":
            if len(stack) >= MAX_DEPTH:
                raise NotJson5("nested too deeply")
            stack.append({} if kind == "{" else [])
            if not _enter(tokens, stack, keys):
                continue
            done = stack.pop()
        elif kind in ("word", "text"):
            done = _WORDS.get(word, word) if kind == "word" else word
        else:
            raise NotJson5("a value is missing")
        # A value is finished: it goes into what is around it, which it may finish in its turn.
        while stack:
            around = stack[-1]
            if isinstance(around, dict):
                around[keys.pop()] = done
            else:
                around.append(done)
            kind, _ = tokens.next()
            closing = "}" if isinstance(around, dict) else "]"
            if kind == ",":
                if not _enter(tokens, stack, keys):
                    break
            elif kind != closing:
                raise NotJson5("a comma is missing")
            done = stack.pop()
        else:
            if tokens.next()[0] != "":
                raise NotJson5("more follows the value")
            return done


def _enter(tokens: "_Tokens", stack: list[list[Json] | dict[str, Json]], keys: list[str]) -> bool:
    """Steps to the next value of the innermost collection, past its key; true when the collection ends instead."""
    if isinstance(stack[-1], list):
        return tokens.take("]")
    if tokens.take("}"):
        return True
    kind, key = tokens.next()
    if kind not in ("word", "text") or tokens.next()[0] != ":":
        raise NotJson5("a key is missing")
    keys.append(key)
    return False


class _Tokens:
    __slots__ = ("at", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def take(self, mark: str) -> bool:
        """Steps over a mark if it comes next."""
        self._skip()
        if self.text.startswith(mark, self.at):
            self.at += len(mark)
            return True
        return False

    def next(self) -> tuple[str, str]:
        """The kind (a mark, `word`, `text`, or nothing at the end) and the text of what comes next."""
        self._skip()
        text, start = self.text, self.at
        if start >= len(text):
            return "", ""
        char = text[start]
        if char in _PUNCTUATION:
            self.at += 1
            return char, char
        if char in "\"'":
            return "text", self._string(char)
        while (
            self.at < len(text) and text[self.at] not in _SPACE and text[self.at] not in _PUNCTUATION + "\"'/"
        ):
            self.at += 1
        if self.at == start:
            raise NotJson5("an unknown character")
        return "word", text[start : self.at]

    def _skip(self) -> None:
        text = self.text
        while self.at < len(text):
            if text[self.at] in _SPACE:
                self.at += 1
            elif text.startswith(("//", "/*"), self.at):
                end = text.find("\n" if text[self.at + 1] == "/" else "*/", self.at + 2)
                if end < 0 and text[self.at + 1] == "*":
                    raise NotJson5("a comment does not end")
                self.at = len(text) if end < 0 else end + (1 if text[self.at + 1] == "/" else 2)
            else:
                return

    def _string(self, quote: str) -> str:
        text, letters, paired = self.text, [], False
        at = self.at + 1
        while True:
            stop = at
            while stop < len(text) and text[stop] != quote and text[stop] not in "\\\n":
                stop += 1
            letters.append(text[at:stop])
            if stop >= len(text) or text[stop] == "\n":
                raise NotJson5("a string does not end")
            if text[stop] == quote:
                self.at = stop + 1
                found = "".join(letters)
                if paired:  # two escapes may be the halves of one character
                    return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
                return found
            escaped = text[stop + 1 : stop + 2]
            at = stop + 2
            if escaped == "u" or escaped == "x":
                digits = text[at : at + (4 if escaped == "u" else 2)]
                try:
                    letters.append(chr(int(digits, 16)))
                except ValueError:
                    raise NotJson5("a bad escape") from None
                at += len(digits)
                paired = paired or letters[-1] >= "\ud800"
            else:
                letters.append(_ESCAPES.get(escaped, escaped))
