"""How a script gets a value as data: under which name it is put into `env:`, and what stands in the script then."""

from collections.abc import Callable
from typing import Final

from scanner.analysis.scripts.commands import POWERSHELL
from scanner.analysis.scripts.shells import shell_of
from scanner.analysis.scripts.standing import Standing, in_bash, in_powershell
from scanner.analysis.workflows.names import Names
from scanner.graph.nodes.workflows import StepNode
from scanner.model.quoting import quoted
from scanner.parse.expressions.contexts import Context
from scanner.parse.expressions.syntax import Access, Expression, Name
from scanner.parse.fences import Fence
from scanner.parse.nodes import Scalar
from scanner.parse.workflow import Workflow

_RESERVED: Final = frozenset(
    (
        "PATH HOME CI USER USERNAME LOGNAME SHELL HOST HOSTNAME IFS PWD OLDPWD LANG LANGUAGE TERM TMPDIR TMP TEMP TZ ENV BASH UID EUID "
        "PPID GROUPS RANDOM SECONDS LINENO SHLVL SHELLOPTS BASHOPTS OPTIND OPTARG OPTERR PS1 PS2 PS3 PS4 CDPATH MAIL MAILPATH REPLY "
        "EDITOR VISUAL PAGER DISPLAY COLUMNS LINES FUNCNAME DIRSTACK PIPESTATUS PROMPT_COMMAND HISTFILE GLOBIGNORE OSTYPE HOSTTYPE "
        "MACHTYPE POSIXLY_CORRECT DEBUG OS PATHEXT COMSPEC WINDIR SYSTEMROOT SYSTEMDRIVE USERPROFILE APPDATA LOCALAPPDATA PROGRAMDATA "
        "PROGRAMFILES COMPUTERNAME PSMODULEPATH NODE_OPTIONS NODE_PATH NODE_ENV PYTHONPATH PYTHONHOME PYTHONSTARTUP RUBYOPT RUBYLIB "
        "PERL5LIB PERL5OPT JAVA_HOME JAVA_TOOL_OPTIONS CLASSPATH GOPATH GOROOT GOFLAGS CC CXX CFLAGS CXXFLAGS CPPFLAGS LDFLAGS "
        "MAKEFLAGS RUSTFLAGS HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY DOCKER_HOST DOCKER_CONFIG KUBECONFIG"
    ).split()
)
"""Names that a shell, a runner's system or a common program gives a meaning."""

_PREFIXES: Final = tuple(
    "GITHUB_ RUNNER_ ACTIONS_ LD_ DYLD_ BASH_ LC_ GIT_ GH_ NIX_ NPM_ PIP_ CARGO_ SSH_ AWS_ XDG_ SYSTEMD_".split()
)
_GIVEN: Final = {
    ("github", "head_ref"): "GITHUB_HEAD_REF",
    ("github", "base_ref"): "GITHUB_BASE_REF",
    ("github", "ref"): "GITHUB_REF",
    ("github", "ref_name"): "GITHUB_REF_NAME",
}
"""What GitHub puts into the environment of every step (GitHub: "Variables reference")."""

_VAGUE: Final = frozenset("ref name label email value text result output".split())
_OF_NO_NAME: Final = frozenset("* github event outputs".split())
_ROOTS: Final = {
    "inputs": "INPUT",
    "steps": "OUTPUT",
    "needs": "OUTPUT",
    "jobs": "OUTPUT",
    "matrix": "MATRIX",
    "vars": "VAR",
    "env": "ENV",
}
_SEVERAL: Final = frozenset("args arg argv opt opts extra".split())
_NO_PLURALS: Final = ("ss", "us", "is")
_NO_PLURAL: Final = frozenset("os tls dns alias canvas https".split())
_PROSE: Final = frozenset("echo printf write-host write-output".split())

_WRAPPERS: Final = frozenset(
    "if then elif else while until do ! { sudo exec command time env nohup xargs builtin".split()
)
_EVALUATES: Final = frozenset("eval iex invoke-expression".split())
_SHELLS: Final = frozenset("bash sh dash zsh ksh ash".split())
_READERS: Final = {
    "python": "`os.environ['{}']`",
    "node": "`process.env.{}`",
    "perl": "`$ENV{{{}}}`",
    "ruby": "`ENV['{}']`",
    "php": "`getenv('{}')`",
    "nu": "`$env.{}`",
    "deno": "`Deno.env.get('{}')`",
    "bun": "`process.env.{}`",
}
"""How a language reads a variable of the environment."""
_FILTERS: Final = {
    "jq": "`$ENV.{}`",
    "yq": "`strenv({})`",
    "awk": '`ENVIRON["{}"]`',
    "gawk": '`ENVIRON["{}"]`',
}

Reader = Callable[[str], dict[int, Standing]]

MAX_VALUE: Final = 1_000
"""Characters of a variable's value that are compared."""


class Passing:
    """Advice for the expressions of one script; its quotes are read when the first is asked for."""

    __slots__ = ("_code", "_names", "_node", "_proposed", "_said", "_standings")

    def __init__(self, node: StepNode, code: Scalar, names: Names) -> None:
        self._node = node
        self._code = code
        self._names = names
        self._standings: dict[int, Standing] | None = None
        self._said: dict[int, str] = {}
        self._proposed: dict[str, str] = {}

    def advice(self, fence: Fence, tree: Expression, context: Context) -> str:
        """What to write instead of an expression, as a clause; `context` is the first value in it that is spoken of."""
        said = self._said.get(fence.offset)
        if said is None:
            said = self._said[fence.offset] = self._advice(fence, tree, context)
        return said

    def _advice(self, fence: Fence, tree: Expression, context: Context) -> str:
        simple = isinstance(tree, Name | Access)
        name, passed = self._variable(fence, context, simple)
        what = "it" if simple else "the whole expression"
        lead = "it is in the environment already: " if passed else f"pass {what} through `env:` and "
        step = self._node.step
        if step.run is None:
            script = step.call is not None and "github-script" in step.call.text.value
            return f"{lead}read " + (f"`process.env.{name}`" if script else f"the variable `{name}` there")
        shell = shell_of(self._node).name or "bash"
        language = "python" if shell.startswith("python") else shell
        if shell == "cmd":
            return (
                f"{lead}take another shell: cmd reads `%{name}%` as code too, and only `!{name}!` behind "
                "`setlocal EnableDelayedExpansion` as data"
            )
        if language in _READERS:
            return (
                f"{lead}read {_READERS[language].format(name)} in place of the text and the quotes around it"
            )
        if shell in POWERSHELL:
            return lead + _in_powershell(self._standing(fence, in_powershell), name, context)
        return lead + _in_shell(self._standing(fence, in_bash), name, context, shell)

    def _variable(self, fence: Fence, context: Context, simple: bool) -> tuple[str, bool]:
        """The name of a variable for an expression, and whether it is in the environment already."""
        if simple and context.path[0] == "env" and len(context.path) > 1:
            written = fence.text[context.start : context.end].strip()
            return written.rpartition("." if "[" not in written else "[")[2].strip(" '\"]"), True
        if simple and context.path in _GIVEN and self._node.step.run is not None:
            return _GIVEN[context.path], True
        base = _named(context)
        further = f"{_root(context)}_{base}"
        wanted = "".join(fence.text.split()).lower()
        for name in (base, further, *(f"{further}_{number}" for number in range(2, 10))):
            if name in _RESERVED or name.startswith(_PREFIXES):
                continue
            held = self._held(name.lower())
            if held is None and self._proposed.setdefault(name, wanted) == wanted:
                return name, False
            if held == "${{" + wanted + "}}":
                return name, True
        return f"{further}_VALUE", False

    def _held(self, name: str) -> str | None:
        """What the nearest `env` around the script gives a variable, in lower case, without blanks."""
        node = self._node
        for block in (
            node.step.env,
            node.job.env if node.job is not None else None,
            node.owner.env if isinstance(node.owner, Workflow) else None,
        ):
            value = self._names.entry(block, name)
            if isinstance(value, Scalar):
                return "".join(value.value[:MAX_VALUE].split()).lower()
        return None

    def _standing(self, fence: Fence, reader: Reader) -> Standing:
        if self._standings is None:
            self._standings = reader(self._code.value)
        return self._standings.get(fence.offset - len("${{"), Standing("none"))


# ---------------------------------------------------------------- what stands in the script


def _in_shell(standing: Standing, name: str, context: Context, shell: str) -> str:
    words = _words(standing.command)
    program = _program(words)
    if standing.quotes == "comment":
        return f"use `${name}`: a line break in the text ends the comment"
    if program in _EVALUATES:
        return f'use `"${name}"` without `{program}`, which reads it as code again'
    if (reader := _inner(program, words, standing)) is not None:
        return f"let the code of {quoted(program)} read {reader.format(name)} instead"
    if standing.quotes == "none" and standing.whole:
        if (
            standing.array
            or words[:1] == ["for"]
            or (_is_several(context) and program not in _PROSE and words)
        ):
            return _split(name, shell)
        if not words:
            return f'choose among commands that you know by `case "${name}" in`: quotes do not help where the text is the command'
    match standing.quotes:
        case "double":
            return f"use `${{{name}}}` between the double quotes"
        case "heredoc":
            return f"use `${{{name}}}` in the here-document"
        case "single":
            return f"use `${{{name}}}` there, with double quotes in place of the single ones: these keep it from being filled in"
        case "quoted heredoc":
            return f"use `${{{name}}}` there, with no quotes around the here-document's tag: they keep it from being filled in"
    return f'use `"${name}"`'


def _in_powershell(standing: Standing, name: str, context: Context) -> str:
    words = _words(standing.command)
    program = _program(words)
    variable = f"$env:{name}"
    if standing.quotes == "comment":
        return f"use `{variable}`: a line break in the text ends the comment"
    if program in _EVALUATES:
        return f"use `{variable}` without `{program}`, which reads it as code again"
    if standing.quotes == "none" and standing.whole:
        if not words:
            return f"choose among commands that you know by `switch ({variable})`: quotes do not help where the text is the command"
        if _is_several(context) and program not in _PROSE and "=" not in words:
            return f"split it on purpose: `@({variable} -split ' ')`"
    match standing.quotes:
        case "double" | "heredoc":
            return f"use `${{env:{name}}}` between the double quotes"
        case "single" | "quoted heredoc":
            return f"use `${{env:{name}}}` there, with double quotes in place of the single ones: these keep it from being filled in"
    return f"use `{variable}`"


def _split(name: str, shell: str) -> str:
    if shell in ("sh", "dash"):
        return f'split it on purpose: `set -f; set -- ${name}`, then `"$@"`'
    return f'split it on purpose: `read -ra words <<< "${name}"`, then `"${{words[@]}}"`'


def _words(command: str) -> list[str]:
    """The words in front of an expression, without those that only lead to a command."""
    words = command.replace("\\\n", " ").split()
    start = 0
    while start < len(words) and (words[start].lower() in _WRAPPERS or _is_assignment(words[start])):
        start += 1
    return words[start:]


def _is_assignment(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier()


def _program(words: list[str]) -> str:
    return words[0].strip("'\"").replace("\\", "/").rpartition("/")[2].lower() if words else ""


def _inner(program: str, words: list[str], standing: Standing) -> str | None:
    """How the code of another program that stands in the command reads a variable; None where there is no such code."""
    if program in _FILTERS:
        return _FILTERS[program] if standing.quotes in ("single", "double") and _opens(words) else None
    language = "python" if program.startswith("python") else program
    reader = '`"${}"` inside single quotes' if program in _SHELLS else _READERS.get(language)
    if reader is None or standing.quotes == "none":
        return None
    options = words[1:]
    if standing.quotes in ("heredoc", "quoted heredoc"):
        return reader if all(word.startswith("-") for word in options) else None
    letters = "c" if program in _SHELLS or language == "python" else "er"
    given = (word for word in options if word.startswith("-") and not word.startswith("--"))
    return reader if any(letter in word for word in given for letter in letters) else None


def _opens(words: list[str]) -> bool:
    """Whether no word but options and what stands between open quotes comes before: a filter is the first text."""
    plain = [word for word in words[1:] if not word.startswith("-")]
    return not plain or plain[0][:1] in ("'", '"', ".")


def _is_several(context: Context) -> bool:
    """Whether a value has the name of a list of words. Texts of the event are one text each."""
    name = context.path[-1]
    if context.path[0] == "github" and context.path[1:3] != ("event", "inputs"):
        return False
    last = name.replace("-", "_").rpartition("_")[2]
    return last in _SEVERAL or (
        last.endswith("s") and not last.endswith(_NO_PLURALS) and last not in _NO_PLURAL and len(last) > 2
    )


# ---------------------------------------------------------------- under which name


def _named(context: Context) -> str:
    """A name from the last part of a context that says something: `TITLE` of `github.event.issue.title`."""
    parts = [part for part in context.path if part not in _OF_NO_NAME]
    if not parts:
        return "EVENT" if "event" in context.path else "CONTEXT"
    kept = parts[-2:] if parts[-1] in _VAGUE and len(parts) > 1 else parts[-1:]
    if len(kept) == 2 and kept[0] in _ROOTS:
        kept[0] = _ROOTS[kept[0]]
    text = "_".join(kept).upper()
    name = "".join(char if char.isascii() and char.isalnum() else "_" for char in text)
    return f"_{name}" if name[:1].isdecimal() else name


def _root(context: Context) -> str:
    if context.path[0] == "github":
        return "INPUT" if "inputs" in context.path else "EVENT" if "event" in context.path else "CONTEXT"
    return _ROOTS.get(context.path[0], "VALUE")
