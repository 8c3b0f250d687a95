"""Where an expression stands in a script: between which quotes, in which command. It decides what may be written in its place.

Read are the quotes of bash and PowerShell, as far as they can be told without running anything; nested code (`$(…)`) too. Linear
in the script, up to its last expression.
"""

from typing import Final, Literal, NamedTuple

Quotes = Literal["none", "double", "single", "heredoc", "quoted heredoc", "comment"]
"""`heredoc` is a here-document (here-string in PowerShell) in which variables are filled in, `quoted heredoc` one in which they
are not."""

MAX_COMMAND: Final = 500
MAX_FRAMES: Final = 100
_BLANK: Final = " \t\r\n"
_BEFORE: Final = frozenset(" \t\r\n;|&(")
_AFTER: Final = frozenset(" \t\r\n;|&)")


class Standing(NamedTuple):
    """`command` is the text of its command in front of it. `whole`: it is a word of its own, without quotes. `array`: among the
    words of `x=( … )`."""

    quotes: Quotes
    command: str = ""
    whole: bool = False
    array: bool = False


class _Frame:
    """Code, or a text between double quotes; `start` is where its command begins."""

    __slots__ = ("kind", "start")

    def __init__(self, kind: Literal["code", "double", "back", "array"], start: int) -> None:
        self.kind: Final = kind
        self.start = start


class _Heredoc(NamedTuple):
    tag: str
    quoted: bool
    command: str


def in_bash(script: str) -> dict[int, Standing]:
    """The standing of every `${{` of a script of a POSIX shell, by its offset."""
    found: dict[int, Standing] = {}
    last, at = script.rfind("${{"), 0
    frames = [_Frame("code", 0)]
    heredocs: list[_Heredoc] = []
    while at <= last:
        frame, char = frames[-1], script[at]
        if script.startswith("${{", at):
            end = _end(script, at)
            if frame.kind == "double":
                found[at] = Standing("double", _command(script, frame.start, at))
            else:
                found[at] = _bare(script, frame.start, at, end, frame.kind == "array")
            at = end
        elif char == "\\":
            at += 2
        elif script.startswith("$(", at) or (char == "(" and frame.kind != "double"):
            at += 2 if char == "$" else 1
            if len(frames) < MAX_FRAMES:
                frames.append(
                    _Frame("array" if char == "(" and script[at - 2 : at - 1] == "=" else "code", at)
                )
        elif char == "`":
            at += 1
            if frame.kind == "back":
                frames.pop()
            elif len(frames) < MAX_FRAMES:
                frames.append(_Frame("back", at))
        elif char == '"':
            at += 1
            if frame.kind == "double":
                frames.pop()
            elif len(frames) < MAX_FRAMES:
                frames.append(_Frame("double", frame.start))
        elif frame.kind == "double":
            at += 1
        elif char == "'":
            end = script.find("'", at + 1)
            end = len(script) if end < 0 else end
            _inside(found, script, at, end, Standing("single", _command(script, frame.start, at)))
            at = end + 1
        elif char == "#" and (at == 0 or script[at - 1] in _BEFORE):
            end = _line_end(script, at)
            _inside(found, script, at, end, Standing("comment"))
            at = end
        elif script.startswith("<<", at):
            at, heredoc = _tag(script, at, frame.start)
            heredocs += [heredoc] if heredoc is not None else []
        elif char == "\n":
            at += 1
            for heredoc in heredocs:
                at = _heredoc(found, script, at, heredoc)
            heredocs.clear()
            frame.start = at if frame.kind != "array" else frame.start
        elif char == ")":
            at += 1
            if len(frames) > 1 and frame.kind != "back":
                frames.pop()
        else:
            at += 1
            if char in ";|&":
                frame.start = at
    return found


def _bare(script: str, start: int, at: int, end: int, array: bool) -> Standing:
    before, after = script[at - 1 : at], script[end : end + 1]
    whole = (not before or before in _BEFORE or before == "`") and (
        not after or after in _AFTER or after == "`"
    )
    return Standing("none", _command(script, start, at), whole, array)


def _tag(script: str, at: int, start: int) -> tuple[int, _Heredoc | None]:
    """The tag behind a `<<`, which is none when it is `<<<` or a shift."""
    if script.startswith("<<<", at):
        return at + 3, None
    begin = at
    at += 3 if script.startswith("<<-", at) else 2
    while script[at : at + 1] in (" ", "\t"):
        at += 1
    end = at
    while end < len(script) and (script[end].isalnum() or script[end] in "_-.'\"\\"):
        end += 1
    text = script[at:end]
    tag = text.strip("'\"\\")
    if not tag or not (tag[0].isalpha() or tag[0] == "_"):
        return max(at, begin + 2), None
    return end, _Heredoc(tag, tag != text, _command(script, start, begin))


def _heredoc(found: dict[int, Standing], script: str, at: int, heredoc: _Heredoc) -> int:
    """Reads the lines of a here-document; answers the offset behind its end."""
    standing = Standing("quoted heredoc" if heredoc.quoted else "heredoc", heredoc.command)
    begin = at
    while at < len(script):
        end = _line_end(script, at)
        if script[at:end].strip() == heredoc.tag:
            _inside(found, script, begin, at, standing)
            return end
        at = end + 1
    _inside(found, script, begin, len(script), standing)
    return len(script)


def in_powershell(script: str) -> dict[int, Standing]:
    """The standing of every `${{` of a script of PowerShell, by its offset."""
    found: dict[int, Standing] = {}
    last, at, start = script.rfind("${{"), 0, 0
    double = False
    while at <= last:
        char = script[at]
        if script.startswith("${{", at):
            end = _end(script, at)
            if double:
                found[at] = Standing("double", _command(script, start, at))
            else:
                found[at] = _bare(script, start, at, end, False)
            at = end
        elif char == "`":
            at += 2
        elif char == '"':
            double = not double
            at += 1
        elif double:
            at += 1
        elif (
            char == "@" and script[at + 1 : at + 2] in ("'", '"') and script[at + 2 : at + 3] in ("\r", "\n")
        ):
            quote = script[at + 1]
            end = script.find(f"\n{quote}@", at + 2)
            end = len(script) if end < 0 else end
            kind: Quotes = "heredoc" if quote == '"' else "quoted heredoc"
            _inside(found, script, at, end, Standing(kind, _command(script, start, at)))
            at = end + 3
        elif char == "'":
            end = script.find("'", at + 1)
            end = len(script) if end < 0 else end
            _inside(found, script, at, end, Standing("single", _command(script, start, at)))
            at = end + 1
        elif char == "#" and (at == 0 or script[at - 1] in _BEFORE or script[at - 1] == "<"):
            end = script.find("#>", at) if script[at - 1 : at] == "<" else _line_end(script, at)
            end = len(script) if end < 0 else end
            _inside(found, script, at, end, Standing("comment"))
            at = end
        else:
            at += 1
            if char in "\n;|&({":
                start = at
    return found


def _inside(found: dict[int, Standing], script: str, start: int, end: int, standing: Standing) -> None:
    at = script.find("${{", start, end)
    while at >= 0:
        found[at] = standing
        at = script.find("${{", at + 3, end)


def _end(script: str, at: int) -> int:
    end = script.find("}}", at)
    return len(script) if end < 0 else end + 2


def _line_end(script: str, at: int) -> int:
    newline = script.find("\n", at)
    return len(script) if newline < 0 else newline


def _command(script: str, start: int, at: int) -> str:
    return script[start : min(at, start + MAX_COMMAND)]
