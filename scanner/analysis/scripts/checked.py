"""Where in a script a test has shown that a variable is harmless: `[[ $X =~ ^[0-9]+$ ]] || exit 1`.

Read from its commands, so that neither a comment nor a printed text is a test, and the command that leaves stands in the branch of
that test. Conservative: what is not understood shows nothing. Linear in the script.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from scanner.analysis.scripts.filters import safe_letters, safe_pattern
from scanner.parse.shell_words import Command, Word, start_of

MAX_AHEAD: Final = 500
"""Commands behind a test that are looked at for the end of its branch."""

MAX_BRANCH: Final = 2_000
"""Characters of a `case` that are searched for its end."""

_LEAVES: Final = frozenset(("exit", "return", "continue", "break"))
_ECHOES: Final = frozenset(("echo", "printf"))
_GREPS: Final = frozenset(("grep", "egrep"))
_TESTS: Final = frozenset(("[[", "[", "test"))
_NUMERIC: Final = frozenset("-eq -ne -gt -ge -lt -le".split())
_TOKEN: Final = re.compile(r"\|\||&&|[|&;{}()!\n]|[A-Za-z]+")
_VARIABLE: Final = re.compile(r"\$(?:(\w+)|\{(\w+)\})")
_LITERAL: Final = re.compile(r"(\w+)=(.{1,300})", re.S)

Kind = Literal["letters", "ref"]
"""What was shown: that there are but harmless letters, or that it is a name of git's."""


class Checked(NamedTuple):
    """Between two offsets of a script a variable holds nothing harmful."""

    name: str
    start: int
    end: int
    kind: Kind = "letters"


class _Shown(NamedTuple):
    """A test shows something of a variable when it succeeds, or when it fails."""

    name: str
    success: bool
    kind: Kind = "letters"


_Ends = dict[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]], int]
"""The ends of blocks, subshells and functions that are known."""


class _Unit(NamedTuple):
    """A pipeline: what stands before it (`||`, `if`, `;`), whether it is negated, and the functions that it stands in."""

    commands: tuple[Command, ...]
    start: int
    end: int
    before: str
    negated: bool
    opens: str
    closes: bool
    functions: tuple[int, ...]

    @property
    def block(self) -> tuple[int, ...]:
        return self.commands[0].block

    @property
    def shell(self) -> tuple[int, ...]:
        return self.commands[0].shell

    @property
    def leaves(self) -> bool:
        return self.commands[0].program in _LEAVES


def checks(script: str, commands: Sequence[Command]) -> Iterator[Checked]:
    """The stretches of a script in which its variables are known to be harmless; `commands` are its own."""
    units = _units(script, commands)
    literals: dict[str, str] = {}
    ends: _Ends = {}
    if "=~ $" in script or '=~ "$' in script:
        for unit in units:
            for word in unit.commands[0].assignments:
                literal = _LITERAL.fullmatch(word.text) if not word.computed else None
                if literal is not None:
                    literals[literal[1]] = literal[2]
    for index, unit in enumerate(units):
        for shown in _shown(script, unit, literals):
            success = shown.success is not unit.negated
            yield from _stretches(script, units, index, shown._replace(success=success), ends)
    starts: list[int] = []
    for command in commands:
        if len(command.test) == 2 and command.test[0].text == "case" and _name(command.test[1].text):
            starts = starts or [unit.start for unit in units]
            word = command.test[1]
            end = script.find("esac", word.end, word.end + MAX_BRANCH)
            begin, behind = bisect_left(starts, word.end), bisect_left(starts, end)
            if end >= 0:
                yield from _case(script, word, end, units, range(begin, behind), ends)


# ---------------------------------------------------------------- the commands in their order


def _units(script: str, commands: Sequence[Command]) -> list[_Unit]:
    """The pipelines of a script; what runs inside of words is left out."""
    given = [(one.input.start, one.input.end) for one in commands if one.input is not None]
    given.sort()
    found: list[_Unit] = []
    functions: list[int] = []
    behind, document = 0, 0
    there = [
        one for one in commands if one.words or one.assignments or (one.test and one.test[0].text == "[[")
    ]
    ordered = sorted(((start_of(one), one) for one in there), key=lambda pair: pair[0])
    for start, command in ordered:
        while document < len(given) and given[document][1] <= start:
            document += 1
        if start < behind or (document < len(given) and given[document][0] <= start):
            continue
        gap = script[behind:start]
        for begin, end in reversed(given[max(0, document - 5) : document]):
            if begin >= behind:
                gap = gap[: begin - behind] + gap[end - behind :]
        tokens: list[str] = _TOKEN.findall(_without_comments(gap))
        closes = _follow(tokens, functions, start)
        behind = max(behind, _end_of(command))
        last = found[-1] if found else None
        if command.pipe is not None and last is not None and last.shell == command.shell:
            found[-1] = last._replace(commands=(*last.commands, command), end=behind)
            continue
        before, negated, opens = _lead(tokens)
        found.append(_Unit((command,), start, behind, before, negated, opens, closes, tuple(functions)))
    return found


def _end_of(command: Command) -> int:
    words = (*command.words, *command.test, *command.assignments, *command.array)
    ends = [word.end for word in words] + [one.target.end for one in command.redirections]
    return max(ends, default=0)


def _without_comments(gap: str) -> str:
    if "#" not in gap:
        return gap
    return re.sub(r"(?m)(?:^|(?<=[\s;]))#.*$", "", gap)


def _follow(tokens: list[str], functions: list[int], start: int) -> bool:
    """Notes the brackets that open and close before a command; whether one closes."""
    closes, depth = False, 0
    for number, token in enumerate(tokens):
        if token == "{":
            before = [one for one in tokens[max(0, number - 4) : number] if one != "\n"]
            is_function = bool(before) and (before[-1] == ")" or "function" in before)
            functions.append(start if is_function else 0)
        elif token == "(":
            depth += 1
        elif token == ")":
            closes = closes or depth == 0
            depth = max(0, depth - 1)
        elif token == "}":
            closes = True
            if functions:
                functions.pop()
    return closes


def _lead(tokens: list[str]) -> tuple[str, bool, str]:
    """What stands in front of a command: `||`, `&&`, a keyword or `;`; whether it is negated; the bracket that opens there."""
    negated, opens = False, ""
    for token in reversed(tokens):
        if token == "!":
            negated = not negated
        elif token in "{(":
            opens = token
        elif token != "\n":
            return token, negated, opens
    return ";", negated, opens


# ---------------------------------------------------------------- what a test shows


def _shown(script: str, unit: _Unit, literals: dict[str, str]) -> Iterator[_Shown]:
    command = unit.commands[-1]
    tested = command.test or command.words
    program = tested[0].text if command.test else command.program
    if len(unit.commands) == 1 and program in _TESTS and len(tested) > 2:
        last = tested[-1] if program != "test" else None
        inner = script[tested[0].end : last.start if last is not None else unit.end]
        conjunct, parts = "", [inner]
        if program == "[[":
            for sign in ("&&", "||"):
                if sign in inner:
                    parts, conjunct = inner.split(sign), conjunct + sign
        if len(conjunct) <= 2:
            for part in parts:
                shown = _compared(part.split(), literals)
                if shown is not None and (not conjunct or shown.success is (conjunct == "&&")):
                    yield shown
    elif program in _GREPS:
        text = None
        if len(unit.commands) == 1 and command.input is not None:
            text = command.input.text
        elif len(unit.commands) == 2 and unit.commands[0].program in _ECHOES:
            words = [word for word in unit.commands[0].words[1:] if word.computed]
            text = words[0].text if len(words) == 1 else None
        name = _name(text.strip()) if text is not None else ""
        words_ = command.texts[1:]
        flags = "".join(word[1:] for word in words_ if word.startswith("-") and not word.startswith("--"))
        pattern = next((word for word in words_ if not word.startswith("-")), "")
        if name and "v" not in flags and safe_pattern(pattern, anchored="x" not in flags):
            yield _Shown(name, True)
    elif program == "git" and "check-ref-format" in command.texts[1:2]:
        for word in command.words[2:]:
            text = word.text.removeprefix("refs/heads/").removeprefix("refs/tags/")
            if word.computed and _name(text):
                yield _Shown(_name(text), True, "ref")


def _name(text: str) -> str:
    match = _VARIABLE.fullmatch(text.strip('"'))
    return (match[1] or match[2]) if match is not None else ""


def _compared(words: list[str], literals: dict[str, str]) -> _Shown | None:
    """`$X =~ PATTERN`, `! $X == word`, `$X -gt 0`."""
    negated = words[:1] == ["!"]
    words = words[negated:]
    if len(words) != 3 or not _name(words[0]):
        return None
    name, operator, value = _name(words[0]), words[1], words[2]
    if operator == "=~":
        text = literals.get(_name(value), "") if _name(value) else value.strip("'\"")
        return _Shown(name, not negated) if safe_pattern(text) else None
    if operator in _NUMERIC:
        return _Shown(name, not negated)
    value = value.strip("'\"")
    if operator not in ("=", "==", "!=") or not value or not safe_letters(value):
        return None
    return _Shown(name, (operator != "!=") is not negated)


# ---------------------------------------------------------------- where it holds


def _stretches(script: str, units: list[_Unit], index: int, shown: _Shown, ends: _Ends) -> Iterator[Checked]:
    first = index
    while first > 0 and index - first < MAX_AHEAD and _joins(units, first):
        first -= 1
    last = index
    while last + 1 < len(units) and last - index < MAX_AHEAD and _joins(units, last + 1):
        last += 1
    before = {units[one].before for one in range(first + 1, index + 1)}
    here, head = units[index], units[first].before
    # What joins tests that all hold, or that all fail.
    sign = "&&" if shown.success else "||"
    end = index
    while end < last and units[end + 1].before == sign and not units[end + 1].opens:
        end += 1
    if end > index:
        yield _checked(shown, here.end, units[end].end)
    if head in ("if", "elif", "while"):
        signs = before | {units[one].before for one in range(index + 1, last + 1)}
        if signs <= {sign}:
            yield from _branches(script, units, last, shown, head, ends)
        return
    other = "||" if shown.success else "&&"
    if end < last and units[end + 1].before == other and (shown.success or end == index):
        left = _leaves(units, end + 1, here)
        if left is not None and before <= {sign}:
            yield _checked(shown, left, _end(script, units, end + 1, here, here.block, ends))
    elif (
        end == last == index == first and head not in ("until", "&&", "||", "|") and shown.kind == "ref"
        and shown.success and not here.negated and "set +e" not in script
    ):  # fmt: skip
        # The shell of a step stops at a command that fails (`bash -e`).
        yield _checked(shown, here.end, _end(script, units, index, here, here.block, ends))


def _checked(shown: _Shown, start: int, end: int) -> Checked:
    return Checked(shown.name, start, end, shown.kind)


def _joins(units: list[_Unit], at: int) -> bool:
    """Whether a pipeline stands in one list with that before it: `a && b`."""
    return (
        units[at].before in ("&&", "||") and not units[at].closes and units[at - 1].block == units[at].block
    )


def _leaves(units: list[_Unit], at: int, test: _Unit) -> int | None:
    """The end of the command or group at which the script, or the turn of its loop, ends for sure."""
    opened = units[at].opens
    if not opened:
        return units[at].end if units[at].leaves and units[at].shell == test.shell else None
    left = False
    for inside in range(at, min(at + MAX_AHEAD, len(units))):
        one = units[inside]
        if inside > at and one.closes:
            return units[inside - 1].end if left else None
        always = one.before in (";", "\n") or inside == at
        same = one.shell == test.shell or (opened == "(" and one.commands[0].texts[1:2] not in ((), ("0",)))
        left = left or (one.leaves and always and same and one.block == test.block)
    return units[min(at + MAX_AHEAD, len(units)) - 1].end if left else None


def _end(script: str, units: list[_Unit], at: int, test: _Unit, block: tuple[int, ...], ends: _Ends) -> int:
    """The end of a block, subshell and function: what a test has shown is known there."""
    if not block and not test.shell and not any(test.functions):
        return len(script)
    key = (block, test.shell, test.functions)
    if ends.get(key, -1) > units[at].start:
        return ends[key]
    last = min(at + MAX_AHEAD, len(units))
    end = units[last].start if last < len(units) else len(script)
    for one in units[at + 1 : last]:
        if (
            one.block[: len(block)] != block
            or one.shell[: len(test.shell)] != test.shell
            or one.functions[: len(test.functions)] != test.functions
        ):
            end = one.start
            break
    ends[key] = end
    return end


def _branches(
    script: str, units: list[_Unit], last: int, shown: _Shown, head: str, ends: _Ends
) -> Iterator[Checked]:
    """Where in an `if` or loop the test is known to have succeeded or failed."""
    test = units[last]
    if head == "while":
        if shown.success and test.block:
            yield _checked(shown, test.end, _end(script, units, last, test, test.block, ends))
        return
    outer = test.block[: -1 if head == "if" else -2]
    size = len(outer) + 2
    bodies: list[tuple[tuple[int, ...], int, int]] = []  # branch, first, one behind
    for at in range(last + 1, min(last + MAX_AHEAD, len(units))):
        block = units[at].block
        if block[: len(outer) + 1] != test.block[: len(outer) + 1] or len(block) < size:
            break
        if bodies and bodies[-1][0] == block[:size]:
            bodies[-1] = (bodies[-1][0], bodies[-1][1], at + 1)
        else:
            bodies.append((block[:size], at, at + 1))
    if not bodies:
        return
    branch, first, end = bodies[0]
    then_end = units[end].start if end < len(units) else len(script)
    if shown.success:
        yield _checked(shown, test.end, then_end)
        if len(bodies) == 2 and head == "if" and units[bodies[1][1]].before != "elif":
            branch, first, end = bodies[1]
            if _always_leaves(units[first:end], branch, test):
                yield _checked(shown, units[end - 1].end, _end(script, units, end - 1, test, outer, ends))
    elif head == "if" and _always_leaves(units[first:end], branch, test):
        yield _checked(shown, units[end - 1].end, _end(script, units, end - 1, test, outer, ends))


def _always_leaves(body: Sequence[_Unit], branch: tuple[int, ...], test: _Unit) -> bool:
    return any(
        one.leaves and one.block == branch and one.shell == test.shell and one.before not in ("&&", "||", "|")
        for one in body
    )


def _case(
    script: str, word: Word, end: int, units: list[_Unit], numbers: range, ends: _Ends
) -> Iterator[Checked]:
    """`case "$X" in a|b) …;; *) exit 1;; esac`: harmless in the clauses with fixed patterns, and behind it."""
    name = _name(word.text)
    at = script.find("in", word.end, end) + 2
    first = script.find(")", at, end) + 1
    inside = [(number, units[number]) for number in numbers if first in units[number].block]
    if not inside or first <= 0:
        return
    place = inside[0][1].block.index(first)
    outer = inside[0][1].block[:place]
    all_fixed, leaves = True, False
    for clause in script[at:end].split(";;"):
        patterns, bracket, _ = clause.partition(")")
        begin = at + len(patterns) + 1
        if bracket:
            names = [name.strip().strip("'\"(") for name in patterns.split("|")]
            if all(name and safe_letters(name) for name in names):
                yield Checked(name, begin, at + len(clause))
            elif names == ["*"]:
                block = (*outer, first) if begin == first else (*outer, first, begin)
                leaves = any(one.leaves and one.block == block for _, one in inside)
            else:
                all_fixed = False
        at += len(clause) + 2
    if all_fixed and leaves:
        number, one = inside[-1]
        yield Checked(name, end, _end(script, units, number, one, outer, ends))
