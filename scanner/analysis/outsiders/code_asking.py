"""What a script of actions/github-script, or of PowerShell, does for somebody who may not: a reader of the statements that decide.

As in a shell, three answers are told apart, and only what certainly happens counts. Comments and texts are no code.
"""

import re
from typing import Final

from scanner.analysis.outsiders.checks import Kind
from scanner.analysis.outsiders.people import CALLS, LOW, ROUTES, THROWING, Sign, kinds_of, signs_in
from scanner.analysis.outsiders.truths import Done, Truth, Values, and3, not3

MAX_DEPTH: Final = 30

_TEXT: Final = re.compile(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|`(?:[^`\\]|\\.)*`", re.DOTALL
)
_PLAIN: Final = re.compile(r"[\w\[\]-]{0,30}")
_FENCE: Final = re.compile(r"\$\{\{.*?\}\}|\$\{[^{}]*\}", re.DOTALL)
_NAMES: Final = re.compile(r"[A-Za-z_]\w*")
_LITERALS: Final = re.compile(r"['\"`]([^'\"`$]*)['\"`]")
_WORD: Final = re.compile(
    r"(?:if|else|try|catch|finally|function|async|for|while|throw|return|const|let|var)\b"
)
_SET: Final = re.compile(r"\$?(?P<to>\{[^=]*\}|\[[^=]*\]|[\w.$:]+)\s*=(?![=>])\s*")
_FUNCTION: Final = re.compile(r"(?:async\s+)?(?:function\b\s*(\w*)\s*|(?=\())")
_OUTPUT: Final = re.compile(r"core\.setOutput\(\s*['\"`]([\w-]+)['\"`]\s*,")
_LISTS: Final = (".includes(", ".has(", ".some(", ".test(", ".find(", ".match(", ".indexOf(")
_OPENING: Final = {"(": ")", "[": "]", "{": "}"}

_POWERSHELL: Final = (
    (re.compile(r"<#.*?(?:#>|\Z)|(?m:(?:^|(?<=\s))#.*$)", re.DOTALL), ""),
    (re.compile(r"\s-(?:notin|notcontains|notmatch|notlike|ine|cne|ne)\s", re.IGNORECASE), " !== "),
    (re.compile(r"\s-(?:in|contains|match|like|ieq|ceq|eq)\s", re.IGNORECASE), " === "),
    (re.compile(r"\s-and\s", re.IGNORECASE), " && "),
    (re.compile(r"\s-or\s", re.IGNORECASE), " || "),
    (re.compile(r"-not\s", re.IGNORECASE), "!"),
    (re.compile(r"\belseif\b", re.IGNORECASE), "else if"),
    (re.compile(r"\bexit\s+([1-9]\d*)"), r"process.exit(\1)"),
)


def of_powershell(script: str) -> str:
    """A script of PowerShell in the words of the reader."""
    for pattern, text in _POWERSHELL:
        script = pattern.sub(text, script)
    return script


def run(script: str, env: dict[str, frozenset[Sign]], world: frozenset[Kind], late: bool) -> Done:
    """Reads a script for an outsider of whom the kinds of a world are known. `env` is what its variables are about."""
    reader = _Reader(_TEXT.sub(_kept, script), env, world, late)
    reader.sequence(0, len(reader.code), True, 0)
    failed = reader.failed or reader.thrown is True or not reader.called.isdisjoint(reader.enders)
    return Done(frozenset(reader.kinds), failed, reader.outputs, frozenset(reader.told))


def _kept(found: re.Match[str]) -> str:
    """What stays of a comment or a text: plain words, addresses of lookups, and what is filled in."""
    text = found.group()
    if text[0] == "/":
        return ""
    inside = text[1:-1]
    if _PLAIN.fullmatch(inside) or (inside.startswith("GET ") and any(route in inside for route in ROUTES)):
        return text
    return text[0] + " ".join(_FENCE.findall(inside)) + text[0]


class _Reader:
    __slots__ = (
        "called", "closers", "code", "enders", "env", "failed", "gave_up", "kinds", "late", "outputs", "thrown", "told", "truths", "world"
    )  # fmt: skip

    def __init__(
        self, code: str, env: dict[str, frozenset[Sign]], world: frozenset[Kind], late: bool
    ) -> None:
        self.code = code
        self.env = dict(env)
        self.world = world
        self.late = late
        self.closers = _closers(code)
        self.truths: dict[str, Truth] = {}
        self.kinds: set[Kind] = set()
        self.outputs: dict[str, Values] = {}
        self.told: set[str] = set()
        self.enders: set[str] = set()
        self.called: set[str] = set()
        self.failed = False
        self.gave_up = False
        """Whether the statements that are read have failed before."""
        self.thrown: Truth = False

    # ------------------------------------------------------------ statements

    def sequence(self, at: int, end: int, runs: Truth, depth: int) -> Truth:
        """Reads statements; answers whether the function is left in them."""
        left: Truth = False
        was, self.gave_up = self.gave_up, False
        while at < end:
            if self.code[at] in " \t\r\n;})]":
                at += 1
                continue
            at, gone = self.statement(at, end, and3(runs, not3(left)), depth)
            left = not3(and3(not3(left), not3(gone)))
        self.gave_up = was
        return left

    def statement(self, at: int, end: int, runs: Truth, depth: int) -> tuple[int, Truth]:
        code = self.code
        if depth > MAX_DEPTH:
            return end, None
        if code[at] == "{":
            close = self.closers.get(at, end)
            return close + 1, self.sequence(at + 1, min(close, end), runs, depth + 1)
        found = _WORD.match(code, at)
        match found.group() if found is not None else "":
            case "if":
                return self.branches(at + 2, end, runs, depth)
            case "for" | "while":
                body = self.behind(at, end)
                return self.statement(body, end, and3(runs, None), depth + 1) if body < end else (end, False)
            case "try":
                return self.attempt(at + 3, end, runs, depth)
            case "else" | "catch" | "finally":
                return at + len(found.group() if found else ""), False
            case "async" | "function":
                return self.function(at, end, runs, depth)
        return self.expression(at, end, runs, depth)

    def behind(self, at: int, end: int) -> int:
        """Behind the parentheses that come next, at what follows."""
        begin = self.code.find("(", at, end)
        close = self.closers.get(begin, end) if begin >= 0 else end
        return self.blank(close + 1, end)

    def blank(self, at: int, end: int) -> int:
        while at < end and self.code[at] in " \t\r\n":
            at += 1
        return at

    def branches(self, at: int, end: int, runs: Truth, depth: int) -> tuple[int, Truth]:
        begin, body = self.code.find("(", at, end), self.behind(at, end)
        if begin < 0 or body >= end:
            return end, False
        value = self.truth(self.code[begin + 1 : self.closers.get(begin, end)], 0)
        at, left = self.statement(body, end, and3(runs, value), depth + 1)
        other = self.blank(at, end)
        while other < end and self.code[other] == ";":
            other = self.blank(other + 1, end)
        if self.code.startswith("else", other) and other < end:
            body = self.blank(other + 4, end)
            if body < end:
                at, gone = self.statement(body, end, and3(runs, not3(value)), depth + 1)
                left = not3(and3(not3(left), not3(gone)))
        return at, left

    def attempt(self, at: int, end: int, runs: Truth, depth: int) -> tuple[int, Truth]:
        outer, self.thrown = self.thrown, False
        at, left = self.statement(self.blank(at, end), end, runs, depth + 1) if at < end else (end, False)
        thrown, self.thrown = self.thrown, outer
        other = self.blank(at, end)
        if self.code.startswith("catch", other) and other < end:
            body = self.code.find("{", other, end)
            if body >= 0:
                left = False if thrown is True else left
                at, gone = self.statement(body, end, thrown or and3(runs, None), depth + 1)
                return at, not3(and3(not3(left), not3(gone)))
        return at, left

    def function(self, at: int, end: int, runs: Truth, depth: int) -> tuple[int, Truth]:
        found = _FUNCTION.match(self.code, at)
        body = self.behind(at, end)
        if found is None or body >= end or self.code[body] != "{":
            return self.expression(at, end, runs, depth)
        self.body(found.group(1) or "", body, end, depth)
        return self.closers.get(body, end) + 1, False

    def body(self, name: str, at: int, end: int, depth: int) -> None:
        """The body of a function with a name: whether it ends the script is known where it is called."""
        close = min(self.closers.get(at, end), end)
        failed, thrown, self.failed, self.thrown = self.failed, self.thrown, False, False
        self.sequence(at + 1, close, True, depth + 1)
        if name and (self.failed or self.thrown is True):
            self.enders.add(name)
        self.failed, self.thrown = failed, thrown
        if name:
            self.env[name] = self.signs(self.code[at:close])

    # ------------------------------------------------------------ expressions

    def expression(self, at: int, end: int, runs: Truth, depth: int) -> tuple[int, Truth]:
        stop = self.stop(at, end)
        text = self.code[at:stop]
        words = text.lstrip()
        returns = words.startswith("return")
        words = (
            words.removeprefix("return")
            .removeprefix("const")
            .removeprefix("let")
            .removeprefix("var")
            .lstrip()
        )
        words = words.removeprefix("await").lstrip()
        if words.startswith(("core.setFailed(", "process.exit(")) and not words.startswith("process.exit(0"):
            self.failed = self.failed or runs is True
            self.gave_up = True
            return stop, _gone(runs) if returns or words.startswith("process") else False
        if words.startswith("throw"):
            self.thrown = self.thrown or runs
            return stop, _gone(runs)
        self.lookup(text, runs)
        if runs is True:
            self.called |= set(_NAMES.findall(words.partition("(")[0])[-1:])
        if (set_to := _SET.match(words)) is not None:
            self.assign(
                set_to.group("to"),
                words[set_to.end() :],
                at + text.find(words) + set_to.end(),
                stop,
                runs,
                depth,
            )
        if (output := _OUTPUT.search(text)) is not None:
            self.output(output.group(1), text[output.end() :].rpartition(")")[0].strip(), runs)
        if returns and self.gave_up:
            return stop, _gone(runs)
        return stop, runs if returns or self.thrown is True else False

    def stop(self, at: int, end: int) -> int:
        """The end of an expression: a semicolon, or a line that does not go on."""
        code, last = self.code, ""
        while at < end:
            char = code[at]
            if char == ";" or char == "}":
                return at
            if char == "\n":
                following = self.blank(at, end)
                if last not in "=,(&|?:+{[!" and code[following : following + 1] not in tuple(".?:&|+,)"):
                    return at
                at = following
                continue
            at = self.closers.get(at, at)
            last = code[at] if char not in " \t\r" else last
            at += 1
        return end

    def lookup(self, text: str, runs: Truth) -> None:
        if not any(call in text for call in CALLS) and not any(route in text for route in ROUTES):
            return
        self.kinds.add("permission")
        throws = any(call in text for call in THROWING)
        if throws and "permission" in self.world and "=>" not in text:
            if ".catch(" in text:
                self.failed = self.failed or (
                    runs is True and ("setFailed" in text or "process.exit(1" in text)
                )
            else:
                self.thrown = self.thrown or runs

    def assign(self, to: str, value: str, at: int, end: int, runs: Truth, depth: int) -> None:
        arrow = value.find("=>")
        body = self.blank(at + arrow + 2, end) if 0 <= arrow < value.find("{") else end
        if body < end and self.code[body] == "{" and "(" not in value[arrow : body - at]:
            self.body(to, body, end, depth)
            return
        signs = self.signs(value)
        for name in _NAMES.findall(to.rpartition(":")[2] if to[0] not in "{[" else to):
            self.env[name] = signs
        if runs is not False:
            truth = self.truth(value, 0)
            self.truths[to] = truth if runs is True or self.truths.get(to) is truth else None

    def output(self, name: str, value: str, runs: Truth) -> None:
        name, found = name.lower(), _LITERALS.fullmatch(value)
        if runs is False:
            self.outputs.setdefault(name, frozenset(("",)))
            return
        truth = self.truth(value, 0)
        values: Values = None
        if found is not None:
            values = frozenset((found.group(1),))
        elif value in ("true", "false") or truth is not None:
            values = frozenset(("true" if truth else "false",))
        elif kinds_of(self.signs(value)):
            self.told.add(name)
        if runs is None and values is not None:
            old = self.outputs.get(name, frozenset(("",)))
            values = None if old is None else values | old
        self.outputs[name] = values

    def signs(self, text: str) -> frozenset[Sign]:
        found = set(signs_in(text))
        for name in set(_NAMES.findall(text)):
            found |= self.env.get(name, frozenset())
        if any(call in text for call in CALLS) or any(route in text for route in ROUTES):
            found.add("permission")
        return frozenset(found)

    def truth(self, text: str, depth: int) -> Truth:
        """What a condition is for the outsider."""
        text = text.strip().removeprefix("await ").strip()
        if depth > MAX_DEPTH or not text:
            return None
        for sign in ("||", "&&"):
            parts = _split(text, sign)
            if len(parts) > 1:
                value: Truth = sign == "&&"
                for part in parts:
                    one = self.truth(part, depth + 1)
                    value = and3(value, one) if sign == "&&" else not3(and3(not3(value), not3(one)))
                return value
        if text.startswith("!") and not text.startswith("!="):
            return not3(self.truth(text[1:], depth + 1))
        if text.startswith("(") and _closers(text).get(0) == len(text) - 1:
            return self.truth(text[1:-1], depth + 1)
        if text in ("true", "false"):
            return text == "true"
        if text.lstrip("$") in self.truths:
            return self.truths[text.lstrip("$")]
        return self.leaf(text)

    def leaf(self, text: str) -> Truth:
        signs = self.signs(text)
        unequal = "!=" in text
        equal = not unequal and "==" in text
        if "pushed" in signs and "said" in signs and ("<" in text or ">" in text):
            self.kinds.add("time")
            return self.late if "time" in self.world else None
        kinds = kinds_of(signs)
        lists = any(word in text for word in _LISTS)
        call = not lists and re.fullmatch(r"\w+\(.*\)", text, re.DOTALL) is not None
        if not kinds or not (equal or unequal or lists or call or "fork" in signs):
            return None
        literals = [one.lower() for one in _LITERALS.findall(text)]
        if "sender" in signs and any(one.endswith("[bot]") for one in literals):
            return None
        self.kinds |= kinds
        if kinds.isdisjoint(self.world):
            return None
        answer: Truth = False
        if "fork" in signs:
            answer = "false" not in text
        elif "permission" in signs and any(one in LOW for one in literals):
            answer = True if literals == ["read"] else None
        elif "association" in signs and any(
            one in ("none", "first_timer", "contributor") for one in literals
        ):
            answer = None
        if ".indexOf(" in text:
            return not answer if ("-1" in text and equal) or "<" in text else answer
        return None if answer is None else answer is not unequal


def _gone(runs: Truth) -> Truth:
    """Whether a way ends that has failed: where it may, what is behind it decides for the others."""
    return runs is True


def _split(text: str, sign: str) -> list[str]:
    """The parts between a sign that stands in no brackets."""
    if sign not in text:
        return [text]
    closers, found, begin, at = _closers(text), [], 0, 0
    while at < len(text):
        if text.startswith(sign, at):
            found.append(text[begin:at])
            at = begin = at + len(sign)
        else:
            at = closers.get(at, at) + 1
    return [*found, text[begin:]]


def _closers(code: str) -> dict[int, int]:
    """Where each bracket is closed."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for at, char in enumerate(code):
        if char in "([{":
            opened.append(at)
        elif char in ")]}" and opened and _OPENING[code[opened[-1]]] == char:
            found[opened.pop()] = at
    return found
