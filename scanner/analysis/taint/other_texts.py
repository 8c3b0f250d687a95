"""What gets into the outputs of scripts in other languages than a shell's: JavaScript of `actions/github-script`, Python, cmd.

Read by the look of assignments and of the objects that they name; nothing is parsed in full.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Final

from scanner.analysis.outsiders.senders import described
from scanner.analysis.scripts.filters import safe_pattern
from scanner.analysis.scripts.scripts import Script as Loose
from scanner.analysis.taint.kept_texts import NUMBERS, Checks, guards, kept
from scanner.analysis.taint.origin import MAX_HOPS, Origin, Scope
from scanner.analysis.taint.told import COMMENT, COMMITS, FILES, ISSUE, PULL_REQUEST, TEXT, Told, answered
from scanner.model.source import Span
from scanner.parse.fences import Fence, fences
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call, Step

if TYPE_CHECKING:
    from scanner.analysis.taint.origins import Origins

MAX_VALUE: Final = 2_000
"""Characters of a value that are looked at."""

MAX_CHAINS: Final = 60
MAX_SPANS: Final = 100
"""Values of one name that are looked at: the last ones."""
MAX_LEAD: Final = 300
"""Characters of a line before a value that are looked at."""
MAX_PROGRAM: Final = 20_000
"""Characters of a program inside of a script that are looked at."""

_ASSIGNED: Final = re.compile(
    r"(?<![\w.$-])(?P<name>[A-Za-z_$][\w$]*)[ \t]*=(?![=>~])"
    r"|\b(?:const|let|var)\s*(?P<open>[{\[])(?P<names>[^{}\[\]]{1,200})[}\]]\s*=(?![=>])"
    r"|\bfor\s*(?:await\s*)?\(\s*(?:const|let|var)\s+(?P<each>[A-Za-z_$][\w$]*)\s+of\b"
)
_CHAIN: Final = re.compile(
    r"(?<![\w.$])(?P<base>[A-Za-z_$][\w$]*)(?P<rest>(?:\??\.[A-Za-z_$][\w$]*|\??\.?\[(?:['\"][\w-]+['\"]|\d+)\])*)"
)
_FIELD: Final = re.compile(r"[A-Za-z_$][\w$-]*")
_STOPS: Final = re.compile(r"[()\[\]{};\n]")
_GETENV: Final = re.compile(r"\bos\.(?:getenv|environ\.get)\(\s*['\"](\w+)")
_OF_CMD: Final = re.compile(r"%(\w{1,100})(?::[^%\n]{1,80})?%|!(\w{1,100})!")
_READS: Final = re.compile(
    r"\bos\.environ\[\s*['\"](\w+)|\bos\.(?:getenv|environ\.get)\(\s*['\"](\w+)|\bprocess\.env(?:\.|\[['\"])(\w+)"
    r"|\bENVIRON\[\s*['\"](\w+)|\bENV(?:\[|\.fetch\()\s*['\"](\w+)|\$ENV\{['\"]?(\w+)|\bgetenv\(\s*['\"](\w+)|\benv\.(\w+)"
    r"|\$ENV\.(\w+)|\b(?:str)?env\((\w+)\)"
)
_MATCHES: Final = re.compile(
    r"\.match\(\s*(?:/(?P<pattern>(?:[^/\n\\]|\\.){1,200})/[a-z]*|(?P<name>[A-Za-z_$][\w$]*))\s*\)"
)
_PATTERN: Final = re.compile(r"/((?:[^/\n\\]|\\.){1,200})/[a-z]*\s*;?$")
_INDEX: Final = re.compile(r"\[(\d{1,3})\]")
_GROUP: Final = re.compile(r"\((?!\?)([^()]{1,100})\)")
_REQUEST: Final = re.compile(
    r"\b(?:rest|octokit|github)(?:\.(?!paginate\b)\w+){1,3}\(|\brequest\(|\bpaginate\([^,()]{1,80},"
)
_STRING: Final = re.compile(
    r"(\[\s*(?:'[\w.-]{0,100}'|\"[\w.-]{0,100}\")\s*\]|\b[rR]?[fF](?:'[^'\n]{0,300}'|\"[^\"\n]{0,300}\"))"
    r"|'[^'\n]{0,300}'|\"[^\"\n{]{0,300}\""
)
"""A string; in the group what has computed parts or names a field."""
_CALL: Final = re.compile(r"(?<![\w.$])(?!" + NUMBERS + r")[A-Za-z_$][\w$]*(?:\.\w+)*\(")
_RETURN: Final = re.compile(r"\breturn\b(?![ \t]*;)")

# Source: GitHub's REST API, by the names that Octokit gives its routes.
_CALLED: Final[dict[tuple[str, str], Told]] = {
    ("pulls", "get"): Told("", PULL_REQUEST),
    ("pulls", "list"): Told("", PULL_REQUEST),
    ("pulls", "listfiles"): Told(FILES),
    ("pulls", "listcommits"): Told(COMMITS),
    ("pulls", "listreviews"): Told(TEXT),
    ("pulls", "getreviewcomment"): Told(TEXT),
    ("repos", "getcommit"): Told(COMMITS),
    ("repos", "comparecommits"): Told(FILES),
    ("repos", "listpullrequestsassociatedwithcommit"): Told("", PULL_REQUEST),
    ("git", "getcommit"): Told(COMMITS),
    ("issues", "get"): Told("", ISSUE),
    ("issues", "getcomment"): Told("", COMMENT),
    ("issues", "listcomments"): Told(TEXT),
    ("issues", "list"): Told("", ISSUE),
    ("issues", "listforrepo"): Told("", ISSUE),
}
_ROUTE: Final = re.compile(r"\s{0,20}\(\s{0,200}['\"`](?:GET )?(/?[^'\"`\s]{1,300})['\"`]")
_BOOLEAN: Final = frozenset("length includes startswith endswith test some every indexof isarray".split())
_PLAIN: Final = frozenset("id node_id number created_at updated_at login type draft merged".split())
"""Fields that hold nothing that others can choose freely."""
_METHODS: Final = frozenset(
    "trim replace replaceall tolowercase touppercase tostring split join slice substring substr filter map flatmap find match "
    "concat reduce sort reverse push at strip lower upper format encode decode rstrip lstrip json stringify data".split()
)


class OtherTexts:
    """Answers for one graph; `ask` follows what stands outside of scripts."""

    def __init__(self, ask: "Origins") -> None:
        self._ask = ask
        self._scripts: dict[int, Loose] = {}
        self._readings: dict[int, _Reading] = {}

    def script(self, step: Step) -> Loose:
        """The assignments of a step's script. The step has one."""
        assert step.run is not None
        scalar = step.run.script
        found = self._scripts.get(id(scalar))
        if found is None:
            found = self._scripts[id(scalar)] = Loose(scalar)
        return found

    def outputs(self, name: str, scope: Scope, depth: int) -> tuple[Origin, ...] | None:
        """What the script of a step gives out under a name; None when nothing can be seen."""
        if scope.step is None or scope.step.run is None:
            return None
        script = self.script(scope.step)
        if not script.writes_outputs or not script.assigned(name):
            return None
        return self.assigned(name, scope, depth)

    def assigned(self, name: str, scope: Scope, depth: int) -> tuple[Origin, ...]:
        """What the script of a step gives a name in lower case."""
        if scope.step is None or scope.step.run is None:
            return ()
        script = self.script(scope.step)
        found: list[Origin] = []
        for span in script.assigned(name)[-MAX_SPANS:]:
            found += self._in_text(script.scalar, _behind_string(span), scope, depth)
        return tuple(found)

    def of_github_script(self, call: Call, name: str, scope: Scope, depth: int) -> tuple[Origin, ...] | None:
        """What a script of `actions/github-script` gives out; None for another action."""
        if not isinstance(call.target, RepositoryUse) or call.target.slug != "actions/github-script":
            return None
        code = call.inputs.get("script")
        if code is None:
            return ()
        found: list[Origin] = []
        spans = _returned(code) if name == "result" else Loose(code).assigned(name)
        for span in spans[-MAX_SPANS:]:
            found += self._in_text(code, span, scope, depth)
        return tuple(found) if spans else (Origin("unknown", (name,)),)

    def in_code(self, code: Scalar, at: Span, scope: Scope) -> tuple[Origin, ...]:
        """What gets into the value of an expression, given by its place in a script."""
        return self._in_text(code, at, scope, 0)

    # ------------------------------------------------------------ texts

    def _in_text(self, scalar: Scalar, span: Span, scope: Scope, depth: int) -> tuple[Origin, ...]:
        return self._ask.keep((scope.key, "text", span.start), self._texts(scalar, span, scope, depth))

    def _reading(self, scalar: Scalar) -> "_Reading":
        found = self._readings.get(id(scalar))
        if found is None:
            found = self._readings[id(scalar)] = _Reading(scalar)
        return found

    def _texts(self, scalar: Scalar, span: Span, scope: Scope, depth: int) -> Iterator[Origin]:
        if depth > MAX_HOPS:
            yield Origin("unknown", ("a script",))
            return
        reading = self._reading(scalar)
        for fence in reading.fences_in(span):
            yield from self._ask.in_fence(fence, scope, depth)
        text = span.text
        if reading.picks_safely(text):
            return
        known = False
        for match in _OF_CMD.finditer(text) if _is_cmd(scalar) else ():
            known = True
            yield from self._ask.environment(match[1] or match[2], scope, depth + 1)
        for match in _GETENV.finditer(text):
            known = True
            yield from self._ask.environment(match[1], scope, depth + 1)
        code = kept(text, _without_arguments(_code(text)))
        for count, match in enumerate(_CHAIN.finditer(code)):
            if count == MAX_CHAINS:
                break
            fields: list[str] = _FIELD.findall(match["rest"])
            at = Span(span.source, span.start + match.start(), span.start + match.end())
            index = _INDEX.search(match["rest"])
            number = int(index[1]) if index is not None else None
            found = self._chain(scalar, match["base"], fields, number, at, scope, depth)
            known = known or found is not None
            for origin in found or ():
                yield origin._replace(doubt=max(origin.doubt, 1))
        if not known and not text.lstrip(" (,").startswith(("'", '"', "`", "$")) and _CALL.search(code):
            yield Origin("unknown", ("a script",))

    def _chain(
        self,
        scalar: Scalar,
        base: str,
        fields: list[str],
        index: int | None,
        at: Span,
        scope: Scope,
        depth: int,
    ) -> list[Origin] | None:
        """What `base.field.field` is; None when it cannot be told."""
        lower = [field.lower() for field in fields]
        if any(field in _BOOLEAN for field in lower):
            return []
        path = tuple(field for field in lower if field not in _METHODS)
        if base == "process" and path[:1] == ("env",) and len(fields) > 1:
            return list(self._ask.environment(fields[1], scope, depth + 1))
        if base == "os" and path[:1] == ("environ",) and len(fields) > 1:
            return list(self._ask.environment(fields[1], scope, depth + 1))
        for pair in pairwise(lower):
            told = _CALLED.get(pair)
            if told is not None:
                field = told.path or (told.what,)
                return [Origin("fetched", field).through(at, described(field), 1)]
        if lower[-1:] == ["request"] and base in ("github", "octokit"):
            route = _ROUTE.match(scalar.source.text, at.end, scalar.end)
            told = answered(route[1]) if route is not None else None
            if told is not None:
                field = told.path or (told.what,)
                return [Origin("fetched", field).through(at, described(field), 1)]
        reading = self._reading(scalar)
        if reading.is_checked(base, at.start) or (fields and reading.is_checked(at.text, at.start)):
            return []
        if base == "context" and path[:1] == ("payload",) and len(path) > 1:
            field = ("github", "event", *path[1:])
            return [Origin("event", field).through(at, described(field), 1)]
        if base == "context":
            return []
        spans = reading.assigned.get(base)
        if spans is None:
            return None
        if path[-1:] and path[-1] in _PLAIN:
            return []
        found: list[Origin] = []
        for span in spans[:10]:
            if span.start <= at.start < span.end:
                continue
            if index is not None and self._reading(scalar).picks_safely(span.text, index):
                continue
            taken = self._reading(scalar).taken.get((base, span.start), ())
            for origin in self._in_text(scalar, span, scope, depth + 1):
                whole = origin.is_field and origin.path[:2] == ("github", "event") and len(origin.path) <= 3
                behind = (*taken, *path) if whole or (taken and len(origin.path) > 3) else ()
                found.append(origin._replace(path=(*origin.path, *behind)))
        return found


class _Reading:
    """A script by the variables that it sets, and its expressions."""

    def __init__(self, scalar: Scalar) -> None:
        self._scalar = scalar
        self._changed: dict[str, list[int]] = {}

    @cached_property
    def taken(self) -> dict[tuple[str, int], tuple[str, ...]]:
        """The field that a variable takes of a value, by its name and the start of the value: `const { name: repo } = …`."""
        found: dict[tuple[str, int], tuple[str, ...]] = {}
        scalar = self._scalar
        for match in _ASSIGNED.finditer(scalar.source.text, scalar.start, scalar.end):
            for name in match["names"].split(",") if match["names"] else ():
                field, _, other = name.partition(":")
                given = (other or field).partition("=")[0].strip()
                key = field.partition("=")[0].strip().lower()
                found[given, match.end()] = (key,) if key not in _METHODS and match["open"] == "{" else ()
        return found

    def picks_safely(self, text: str, index: int | None = None) -> bool:
        """Whether a text is what a regular expression finds whose groups hold nothing harmful: `match(/v(\\d+)/)`. With an `index`
        one group is asked for."""
        match = _MATCHES.search(text)
        if match is None:
            return False
        pattern = match["pattern"]
        if pattern is None:
            spans = self.assigned.get(match["name"], [])
            literal = _PATTERN.match(spans[-1].text.strip()) if spans else None
            pattern = literal[1] if literal is not None else None
        return pattern is not None and _is_safe(pattern, index)

    @cached_property
    def assigned(self) -> dict[str, list[Span]]:
        found: dict[str, list[Span]] = {}
        scalar = self._scalar
        for match in _ASSIGNED.finditer(scalar.source.text, scalar.start, scalar.end):
            span = _value(scalar, match.end())
            name = match["name"] or match["each"]
            names = [name] if name else match["names"].split(",")
            for name in names:
                found.setdefault(name.rpartition(":")[2].partition("=")[0].strip(), []).append(span)
        return found

    def is_checked(self, name: str, at: int) -> bool:
        """Whether the script has made sure before a place that a variable or field holds nothing harmful."""
        if not self._checks:
            return False
        if name not in self._checks.names:
            return False
        base = name.partition(".")[0]
        changed = self._changed.get(base)
        if changed is None:
            changed = self._changed[base] = [span.start for span in self.assigned.get(base, [])]
        return self._checks.holds(name, at, changed)

    @cached_property
    def _checks(self) -> Checks | None:
        scalar = self._scalar
        if "if" not in scalar.value or not any(one in scalar.value for one in (".includes", ".has", ".test")):
            return None
        return Checks(guards(scalar.source.text, scalar.start, scalar.end, self._constant))

    def _constant(self, name: str) -> str | None:
        spans = self.assigned.get(name, [])
        return spans[0].text if len(spans) == 1 else None

    @cached_property
    def _fences(self) -> list[Fence]:
        return list(fences(self._scalar))

    @cached_property
    def _starts(self) -> list[int]:
        return [fence.at.start for fence in self._fences]

    def fences_in(self, span: Span) -> Iterator[Fence]:
        first, end = bisect_left(self._starts, span.start), bisect_left(self._starts, span.end)
        return (self._fences[index] for index in range(first, end))


def _is_cmd(code: Scalar) -> bool:
    """Whether a script is one of cmd, by how it names the files of the runner."""
    return any(sign in code.value for sign in ("%GITHUB_", "!GITHUB_"))


def variables_read(code: str) -> tuple[str, ...]:
    """The variables of its environment that a program in another language names."""
    if "env" not in code and "ENV" not in code:
        return ()
    found = (next(filter(None, match.groups())) for match in _READS.finditer(code[:MAX_PROGRAM]))
    return tuple(dict.fromkeys(islice(found, MAX_CHAINS)))


def picks_safely(pattern: str, index: str) -> bool:
    """Whether a group of a regular expression holds nothing harmful; `index` has its number in brackets, else all of them count."""
    number = _INDEX.search(index)
    return _is_safe(pattern, int(number[1]) if number is not None else None)


def _is_safe(pattern: str, index: int | None) -> bool:
    groups: list[str] = _GROUP.findall(pattern)
    if index == 0:
        return safe_pattern(pattern)
    if index is not None and pattern.count("(") == len(groups):
        groups = groups[index - 1 : index]
    return bool(groups) and all(safe_pattern(group, anchored=False) for group in groups)


def _returned(code: Scalar) -> list[Span]:
    """What a script returns: its `result`."""
    return [_value(code, match.end()) for match in _RETURN.finditer(code.source.text, code.start, code.end)][
        -10:
    ]


def _value(scalar: Scalar, at: int) -> Span:
    """The statement behind a place: to the end of its line, or of the brackets that are open there."""
    text, depth = scalar.source.text, 0
    end = limit = max(min(at + MAX_VALUE, scalar.end), at)
    for match in _STOPS.finditer(text, at, limit):
        char = match[0]
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        if depth < 0 or (
            depth == 0 and char in ";\n" and not text[at : match.start()].isspace() and match.start() > at
        ):
            end = match.start()
            break
    return Span(scalar.source, at, end)


def _without_arguments(text: str) -> str:
    """A text without what requests to GitHub are given: they answer with something else."""
    for match in _REQUEST.finditer(text):
        depth, end = 0, match.end() - 1
        while end < len(text):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
            if depth == 0:
                break
        text = text[: match.end()] + " " * (end - match.end()) + text[end:]
    return text


def _code(text: str) -> str:
    """A text without the expressions in it, and without the letters of its plain strings."""
    if "${{" in text:
        text = re.sub(r"\$\{\{.{0,300}?\}\}", lambda match: " " * len(match[0]), text)
    return _STRING.sub(lambda match: match[0] if match[1] else " " * len(match[0]), text)


def _behind_string(span: Span) -> Span:
    """A value that begins inside of a plain string, from the end of that on: of `"x=" + y`, ` + y`."""
    text = span.source.text
    line = text.rfind("\n", 0, span.start) + 1
    quote, opened = "", line
    for index in range(max(line, span.start - MAX_LEAD), span.start):
        char = text[index]
        if quote:
            quote = "" if char == quote and text[index - 1] != "\\" else quote
        elif char in "'\"`":
            quote, opened = char, index
    if (
        quote in ("", "`")
        or text[opened - 1 : opened] in ("f", "F")
        or text[opened - 2 : opened - 1] in ("f", "F")
    ):
        return span
    end = text.find(quote, span.start, span.end)
    while end > 0 and text[end - 1] == "\\":
        end = text.find(quote, end + 1, span.end)
    # What is left open is no string of this language.
    return (
        Span(span.source, end + 1, span.end)
        if end >= 0 and text[end + 1 : end + 2] not in ("", "\n")
        else span
    )
