"""What a shell script does for somebody who may not: run in mind, with the answers that an outsider gets.

Three answers are told apart: true, false, and None for what something else decides. Only what certainly happens counts, so that an
`exit 1` for another reason is no check. The shell is the one of GitHub: a command that fails ends the script (`-e`).
"""

import re
from bisect import bisect_left
from typing import Final, NamedTuple

from scanner.analysis.outsiders.checks import Kind
from scanner.analysis.outsiders.people import LOW, ROUTES, Sign, kinds_of, signs_in
from scanner.analysis.outsiders.truths import Done, Truth, Values, and3, joined, not3
from scanner.parse.shell_words import Command, Word

_PASSING: Final = frozenset(
    ("echo", "printf", "cat", "tr", "sort", "sed", "awk", "cut", "date", "tee", "head", "xargs")
)
_FETCHING: Final = frozenset(("gh", "curl", "wget", "http", "hub"))
_READING: Final = frozenset(("jq", "yq", "python", "python3", "node"))
_FINDING: Final = frozenset(("grep", "egrep", "fgrep", "rg"))
_TESTS: Final = frozenset(("[", "test"))
_EQUAL: Final = frozenset(("=", "==", "=~", "-eq"))
_UNEQUAL: Final = frozenset(("!=", "-ne"))
_ORDER: Final = frozenset(("-lt", "-le", "-gt", "-ge", "<", ">"))
_WEAK: Final = frozenset(("contributor", "first_timer", "first_time_contributor"))
_CONDITIONS: Final = ("if", "elif")
_NAME: Final = re.compile(r"\$\{?#?([A-Za-z_]\w*)")
_FENCE: Final = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_GAP: Final = re.compile(r"([\w-]+)[ \t]*\([ \t]*\)|&&|\|\||\(\(|[{}!(]")
_BRACKET: Final = re.compile(r"\$?\(|\)|`")
_NEAR: Final = 200
"""Characters between two clauses that are looked at."""

_COMMENT: Final = re.compile(r"(?m)(?:^|(?<=[ \t;]))#.*")
_KEYWORD: Final = re.compile(r"(?:if|elif|else|then|while|until|for|select)\b")


def run(
    script: str, found: list[Command], env: dict[str, frozenset[Sign]], world: frozenset[Kind], late: bool
) -> Done:
    """Runs the commands of a script for an outsider of whom the kinds of a world are known. `env` is what its variables are about. `late`
    is the answer to a comparison of times."""
    shell = _Shell(script, env, world, late)
    for command in found:
        shell.step(command)
        if shell.over:
            break
    return shell.done()


def asked(found: list[Command], script: str, env: dict[str, frozenset[Sign]]) -> frozenset[Kind]:
    """What a script compares, on all its ways."""
    shell = _Shell(script, env, frozenset(), False)
    for command in found:
        shell.over = False
        shell.step(command)
    return frozenset(shell.kinds)


class _State:
    """An and-or list that is being read: `before` is its status before the pipeline, which is joined by `sign`."""

    __slots__ = ("before", "runs", "sign", "status", "telling")

    def __init__(self) -> None:
        self.status: Truth = True
        self.before: Truth = True
        self.sign = ""
        self.runs: Truth = True
        self.telling = False
        """Its last command has failed, by itself."""


class _Group(NamedTuple):
    """`{ … }` or `( … )`: whether it runs, and the list around it; `name` is that of a function."""

    runs: Truth
    status: Truth
    sign: str
    name: str


class _Shell:
    __slots__ = (
        "about", "block", "calls", "cases", "end", "env", "failed", "files", "frames", "groups", "inner", "kinds", "late", "meant", "outputs", "over", "piped",
        "reached", "script", "state", "strict", "sum", "told", "values", "world",
    )  # fmt: skip

    def __init__(
        self, script: str, env: dict[str, frozenset[Sign]], world: frozenset[Kind], late: bool
    ) -> None:
        self.script = script
        self.env = dict(env)
        self.world = world
        self.late = late
        self.kinds: set[Kind] = set()
        self.values: dict[str, Values] = {}
        self.files: dict[str, frozenset[Sign]] = {}
        self.calls: dict[str, tuple[Truth, frozenset[Sign], bool]] = {}
        self.block: tuple[int, ...] = ()
        self.about: set[Sign] = set()
        self.cases: dict[tuple[int, ...], Truth] = {}
        self.inner: list[tuple[int, frozenset[Sign], Truth]] = []
        self.outputs: dict[str, Values] = {}
        self.told: set[str] = set()
        self.state = _State()
        self.reached: dict[tuple[int, ...], Truth] = {(): True}
        self.frames: dict[tuple[int, ...], Truth] = {}
        self.sum: Truth = None
        self.meant: dict[tuple[int, ...], Truth] = {}
        self.groups: list[_Group] = []
        self.piped: frozenset[Sign] = frozenset()
        self.end = 0
        self.failed = False
        self.over = False
        self.strict = True

    # ------------------------------------------------------------ the way through the script

    def step(self, command: Command) -> None:
        words = command.words or command.test or command.assignments
        if not words:
            return
        start = words[0].start
        gap = _COMMENT.sub("", self.script[self.end : start]) if start > self.end else ""
        nested = command.shell != () and not self._is_group(command, gap)
        if nested:
            signs, status = self._signs(command), self._status(command, False)
            self.inner.append(
                (
                    start,
                    signs | (self.inner[-1][1] if command.pipe is not None and self.inner else frozenset()),
                    status,
                )
            )
            self.end = max(self.end, _end(command))
            return
        negated = self._between(gap, command)
        state = self.state
        base = and3(self._reach(command.block), self.groups[-1].runs if self.groups else True)
        if command.pipe is None:
            if command.chained and state.sign:
                state.before = state.status
                state.runs = and3(base, state.status if state.sign == "&&" else not3(state.status))
            else:
                self._new_list()
                if self.over:
                    return
                state.before, state.sign, state.runs = True, "&&", base
            self.piped = frozenset()
        runs = state.runs
        self.block = command.block
        signs = self._signs(command) | (self.piped if command.pipe is not None else frozenset())
        status = self._status(command, negated, signs)
        self._effects(command, signs, runs)
        self.inner.clear()
        self.about |= signs
        self.piped = signs
        self.end = max(self.end, _end(command))
        if status is False and not negated:
            state.telling = True
        else:
            state.telling = False
        state.status = joined(state.before, state.sign, status)
        block = command.block
        if block and self._keyword(block[-1]) in _CONDITIONS:
            state.telling = False
            self.frames[_whole(block, self._keyword(block[-1]))] = state.status

    def _is_group(self, command: Command, gap: str) -> bool:
        """Whether a subshell is a `( … )`."""
        text = gap.rstrip()
        if text.endswith("(") and not text.endswith(("$(", "<(", ">(")):
            return True
        return bool(self.groups) and self.groups[-1].name == "(" and len(command.shell) == 1

    def _between(self, gap: str, command: Command) -> bool:
        """Reads what stands between two commands; answers whether the next one is negated."""
        state, name, negated = self.state, "", False
        if not command.chained and command.pipe is None:
            state.sign = ""
        for found in _GAP.finditer(gap):
            mark = found.group()
            negated = mark == "!"
            match mark:
                case "&&" | "||":
                    state.sign = mark
                    state.telling = False
                case "((":
                    self._arithmetic(gap[found.end() : found.end() + _NEAR])
                case "{" | "(":
                    runs = self.groups[-1].runs if self.groups else True
                    if name:
                        self.about = set()
                    elif state.sign:
                        runs = and3(runs, state.status if state.sign == "&&" else not3(state.status))
                    self.groups.append(
                        _Group(
                            True if name else runs,
                            state.status,
                            state.sign,
                            name or ("(" if mark == "(" else ""),
                        )
                    )
                    state.sign, name = "", ""
                case "}":
                    self._close()
                case "!":
                    pass
                case _:
                    name = found.group(1) or ""
        if ")" in gap and self.groups and self.groups[-1].name == "(" and command.shell == ():
            self._close()
        return negated

    def _arithmetic(self, text: str) -> None:
        inside = text.partition("))")[0]
        signs = frozenset(
            sign for name in re.findall(r"[A-Za-z_]\w*", inside) for sign in self.env.get(name, ())
        )
        self._new_list()
        self.sum = self.state.status = self._order(signs)
        self.state.telling = False

    def _close(self) -> None:
        if not self.groups:
            return
        group, state = self.groups.pop(), self.state
        if group.name and group.name != "(":
            self.calls[group.name] = (state.status, frozenset(self.about), self.failed)
            self.failed = self.over = False
            state.status, state.sign = True, ""
        elif group.sign:
            state.status, state.sign = joined(group.status, group.sign, state.status), ""

    def _new_list(self) -> None:
        """The list before has ended: where its last command has failed, the script has too."""
        state = self.state
        if state.telling and state.status is False and state.runs is True and self.strict:
            self._fail()
        state.telling = False

    def _fail(self) -> None:
        self.failed = True
        self.over = not any(group.name and group.name != "(" for group in self.groups)

    def _keyword(self, at: int) -> str:
        found = _KEYWORD.match(self.script, at)
        return found.group() if found is not None else ""

    def _reach(self, block: tuple[int, ...]) -> Truth:
        """Whether a branch is taken."""
        if block in self.reached:
            return self.reached[block]
        outer = block[:-1]
        match self._keyword(block[-1]):
            case "if":
                found = self._reach(outer)
                self.meant[block] = found
            case "then":
                left = self.meant[outer] if outer in self.meant else self._reach(outer)
                status = self.frames.get(outer, self.sum)
                found = and3(left, status)
                self.meant[outer] = and3(left, not3(status))
            case "elif" | "else":
                found = self.meant.get(outer)
                self.frames.pop(outer, None)
            case "":
                found = self._clause(block)
            case _:
                found = and3(self._reach(outer), None)
        self.reached[block] = found
        return found

    def _clause(self, block: tuple[int, ...]) -> Truth:
        """Whether a clause of a `case` is taken: its patterns stand before the place that it is known by."""
        at = block[-1]
        least = max(0, at - _NEAR)
        begin = max(self.script.rfind(mark, least, at) + len(mark) for mark in ("\n", ";;", " in "))
        text = self.script[begin : at - 1].strip().removeprefix("(")
        later = self.script[max(0, begin - _NEAR) : begin].rstrip().endswith((";;", ";&"))
        outer = block[:-2] if later else block[:-1]
        if outer not in self.cases:
            return and3(self._reach(outer), None)
        patterns = [one.strip(" \"'").lower() for one in text.split("|")]
        if "*" in patterns:
            taken: Truth = True
        else:
            taken = None if any(one in LOW or "*" in one or one in _WEAK for one in patterns) else False
        return and3(self._reach(outer), taken)

    # ------------------------------------------------------------ commands

    def _status(self, command: Command, negated: bool, signs: frozenset[Sign] = frozenset()) -> Truth:
        status = self._plain_status(command, signs or self._signs(command))
        return not3(status) if negated else status

    def _plain_status(self, command: Command, signs: frozenset[Sign]) -> Truth:
        program, test = command.program, command.test
        if test or program in _TESTS:
            return self._test(test or command.words, signs)
        if program in _FINDING:
            flags = [word.text for word in command.words if word.text.startswith("-")]
            turned = any(not flag.startswith("--") and "v" in flag for flag in flags)
            return self._differs(signs) if not turned else not3(self._differs(signs))
        if program in self.calls:
            status, inside, _ = self.calls[program]
            self.kinds |= kinds_of(inside)
            return status
        if program in ("echo", "printf", "true", ":", "set"):
            return True
        if program in ("false", "exit", "return"):
            return False
        if program in _FETCHING and "route" in signs and "level" not in signs:
            self.kinds.add("permission")
            fails = program == "gh" or any(
                word.text in ("--fail", "-f") or _short(word.text, "f") for word in command.words
            )
            return False if fails and "permission" in self.world else None
        if program == "jq" and any(
            _short(word.text, "e") or word.text == "--exit-status" for word in command.words
        ):
            return self._differs(signs)
        if not command.words:
            return self.inner[-1][2] if self.inner else True
        return None

    def _differs(self, signs: frozenset[Sign]) -> Truth:
        """What a search for an outsider answers."""
        kinds = kinds_of(signs)
        self.kinds |= kinds
        return False if kinds & self.world else None

    def _order(self, signs: frozenset[Sign]) -> Truth:
        if "pushed" not in signs or "said" not in signs:
            return None
        self.kinds.add("time")
        return self.late if "time" in self.world else None

    def _test(self, words: tuple[Word, ...], signs: frozenset[Sign]) -> Truth:
        texts = [word.text for word in words]
        kinds = kinds_of(signs)
        if texts[0] == "case":
            self.kinds |= kinds
            if kinds & self.world:
                self.cases[self.block] = False
            return None
        inside = texts[1:-1] if texts[0] in ("[", "[[") else texts[1:]
        turned = inside[:1] == ["!"]
        inside = inside[turned:]
        operators = [text for text in inside if text in _EQUAL or text in _UNEQUAL]
        if any(text in _ORDER for text in inside) or ("pushed" in signs and not operators):
            dates = sum(word.text.count("date -d") for word in words)
            return self._order(signs | {"said"} if dates > 1 else signs)
        literals = [text.strip("*\"' ") for text in inside if "$" not in text and text not in operators]
        known = self._compared(inside)
        if known is not None:
            return known is not turned
        if not kinds:
            return None
        if "sender" in signs and any(text.lower().endswith("[bot]") for text in literals):
            return None
        self.kinds |= kinds
        if kinds.isdisjoint(self.world):
            return None
        if not operators:
            if inside[:1] == ["-z"]:
                return True is not turned if "permission" in kinds else None
            return False if inside[:1] == ["-n"] and "permission" in kinds else None
        unequal = any(text in _UNEQUAL for text in operators)
        if unequal and any(text in _EQUAL for text in operators):
            return None
        answer = self._answer(signs, [text.lower() for text in literals])
        return None if answer is None else (answer is not unequal) is not turned

    def _answer(self, signs: frozenset[Sign], literals: list[str]) -> Truth:
        """Whether an outsider is what something is compared with."""
        if "fork" in signs and any(text in ("true", "false") for text in literals):
            return "true" in literals
        if "permission" in signs and any(text in LOW for text in literals):
            return True if literals == ["read"] else None
        if "association" in signs and any(
            text in ("none", "first_timer", "contributor") for text in literals
        ):
            return None
        return False

    def _compared(self, inside: list[str]) -> Truth:
        """The answer where both sides are known texts."""
        if len(inside) != 3 or inside[1] not in ("=", "==", "!=", "-eq", "-ne"):
            return None
        one, other = self._values(inside[0]), self._values(inside[2])
        if one is None or other is None or ("$" not in inside[0] and "$" not in inside[2]):
            return None
        if len(one) == len(other) == 1:
            return (one == other) is (inside[1] in _EQUAL)
        return inside[1] in _UNEQUAL if one.isdisjoint(other) else None

    def _values(self, text: str) -> Values:
        if "$" not in text and "`" not in text:
            return frozenset((text,))
        found = _NAME.fullmatch(text.rstrip("}"))
        return self.values.get(found.group(1)) if found is not None else None

    def _signs(self, command: Command) -> frozenset[Sign]:
        """What the words of a command, or what it reads, are about."""
        found: set[Sign] = set()
        program = command.program
        for word in (
            *command.words,
            *command.test,
            *command.assignments,
            *((command.input,) if command.input else ()),
        ):
            found |= self._of_word(word)
        for one in command.redirections:
            if not one.writes:
                found |= self.files.get(one.target.text, frozenset())
        if program in _FETCHING or program in _READING:
            texts = command.texts
            for text in texts[1:]:
                found |= signs_in(text)
                if any(route in text for route in ROUTES):
                    found |= {"route", "level"} if "/permission" in text else {"route"}
            if "route" in found and program in _FETCHING:
                # Whom it is about stands in the question, not in the answer.
                found = (found & {"route", "level"}) | {"permission"}
                self.kinds.add("permission")
        for text in command.texts[1:]:
            found |= self.files.get(text, frozenset())
        if program in self.calls:
            found |= self.calls[program][1]
        return frozenset(found)

    def _of_word(self, word: Word) -> set[Sign]:
        text = word.text
        found: set[Sign] = set()
        if "$" not in text and "`" not in text:
            return found
        for name in _NAME.findall(_outside(text)):
            found |= self.env.get(name, frozenset())
            if name in ("GITHUB_ACTOR", "GITHUB_TRIGGERING_ACTOR"):
                found.add("sender")
            elif name not in self.env and any(part in name.lower() for part in ("pushed_at", "committed_at")):
                found.add("pushed")
        if "${{" in text:
            for inside in _FENCE.findall(text):
                found |= signs_in(inside)
        if "$(" in text or "`" in text:
            last = word.end
            for number in range(bisect_left(self.inner, word.start, key=_at), len(self.inner)):
                at, signs, _ = self.inner[number]
                if at > last:
                    break
                found |= signs
        return found

    def _effects(self, command: Command, signs: frozenset[Sign], runs: Truth) -> None:
        for word in command.assignments if not command.words else ():
            name, _, text = word.text.partition("=")
            self.env[name] = frozenset(self._of_word(word)) | (
                frozenset[Sign](("route", "level") if "/permission" in text else ("route",))
                if any(route in text for route in ROUTES)
                else frozenset()
            )
            known = self._values(text)
            if runs is None and known is not None:
                old = self.values.get(name)
                known = None if old is None else known | old
            if runs is not False:
                self.values[name] = known
        program = command.program
        if program == "read":
            for text in command.texts[1:]:
                self.env[text] = signs
        if program == "set" and "+e" in command.texts:
            self.strict = False
        for one in command.redirections:
            if one.writes:
                if "GITHUB_OUTPUT" in one.target.text:
                    self._output(command, signs, runs)
                else:
                    self.files[one.target.text] = self.files.get(one.target.text, frozenset()) | signs
        ends = program == "exit" and command.texts[1:2] not in ((), ("0",))
        if program in self.calls and self.calls[program][2]:
            ends = True
        if ends and runs is True:
            self._fail()
        elif program == "exit" and runs is True:
            self.over = not self.groups
        elif program == "exit" and not ends and runs is None:
            # Whether anything behind it still runs is not known.
            self.reached, self.meant = {(): None}, dict.fromkeys(self.meant)

    def _output(self, command: Command, signs: frozenset[Sign], runs: Truth) -> None:
        if command.program not in ("echo", "printf") or "=" not in "".join(command.texts[1:]):
            return
        for word in command.words[1:]:
            name, equals, text = word.text.partition("=")
            if not equals or not name.replace("-", "_").isidentifier():
                continue
            name, values = name.lower(), self._values(text.removesuffix("\\n"))
            if runs is False:
                self.outputs.setdefault(name, frozenset(("",)))
                continue
            if values is None and kinds_of(signs):
                self.told.add(name)
            if runs is None and values is not None:
                old = self.outputs.get(name, frozenset(("",)))
                values = None if old is None else values | old
            self.outputs[name] = values

    def done(self) -> Done:
        if not self.over:
            while self.groups:
                self._close()
            last = self.state.status is False and self.state.runs is True and not self.block
            self.failed = self.failed or last
        return Done(frozenset(self.kinds), self.failed, self.outputs, frozenset(self.told))


def _at(inner: tuple[int, frozenset[Sign], Truth]) -> int:
    return inner[0]


def _outside(text: str) -> str:
    """A word without what other commands put in it."""
    if "$(" not in text and "`" not in text:
        return text
    kept, depth, at = [], 0, 0
    for found in _BRACKET.finditer(text):
        if depth == 0:
            kept.append(text[at : found.start()])
        at = found.end()
        mark = found.group()
        if mark == "`":
            depth = 0 if depth else 1
        else:
            depth = max(0, depth - 1) if mark == ")" else depth + 1
    return "".join(kept) + (text[at:] if depth == 0 else "")


def _short(text: str, letter: str) -> bool:
    return text.startswith("-") and not text.startswith("--") and letter in text


def _whole(block: tuple[int, ...], keyword: str) -> tuple[int, ...]:
    """The `if` that a condition belongs to."""
    return block[:-1] if keyword == "elif" else block


def _end(command: Command) -> int:
    words = (
        *command.words[-1:],
        *command.test[-1:],
        *command.assignments[-1:],
        *(one.target for one in command.redirections),
    )
    inside = (command.input,) if command.input is not None else ()
    return max((word.end for word in (*words, *inside)), default=0)
