"""Which permissions the script of a step can use the job's token for, told by its commands."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Final

from scanner.analysis.permissions.api_permissions import (
    ALL,
    NOTHING,
    UNKNOWN,
    Use,
    gh_use,
    path_use,
    request,
)
from scanner.analysis.permissions.token_use import holders, holds_token
from scanner.analysis.scripts.commands import OTHERS, POWERSHELL, commands_of
from scanner.analysis.scripts.plain import PLAIN
from scanner.analysis.scripts.shells import shell_of
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.quoting import quoted
from scanner.parse.shell_words import Command

_PLAIN_NIX: Final = frozenset(
    "build eval flake store path-info hash copy log derivation config registry profile search".split()
)
_NIX_TOOLS: Final = frozenset(
    "nix-build nix-env nix-store nix-channel nix-instantiate nix-prefetch-url cachix".split()
)
_SYSTEM: Final = ("/bin", "/usr/bin", "/usr/local/bin")
_KEEPS: Final = frozenset(
    "[ [[ test : true false set unset exit return export local readonly declare shift".split()
)
"""Programs that write nothing; a variable is still the step's own."""
_RANK: Final = {"read": 1, "write": 2}


class Sum:
    """Needs in the making; `kept` is true where git holds the job's token, `stored` where `gh` does. `elsewhere` are the
    remotes of git that lead to another host, where the token is worth nothing."""

    __slots__ = ("elsewhere", "kept", "may", "needs", "open", "stored")

    def __init__(self, kept: bool = False, stored: bool = False) -> None:
        self.needs: dict[str, str] = {}
        self.may: set[str] = set()
        self.open: str | None = None
        self.kept = kept
        self.stored = stored
        self.elsewhere: set[str] = set()

    def add(self, use: Use, who: str) -> None:
        """`who` says what is not known, where the use is not."""
        for scope, level in use.needs.items():
            if _RANK[level] > _RANK.get(self.needs.get(scope, ""), 0):
                self.needs[scope] = level
        self.may.update(scope for scope in use.may if scope != ALL)
        if ALL in use.may and self.open is None:
            self.open = who

    def merge(self, other: "Sum") -> None:
        self.add(Use(other.needs, tuple(other.may)), "")
        self.open = self.open or other.open

    def runs_code(self) -> None:
        """Code that is not read here: without a variable that holds the token it has the identity, and what git holds."""
        self.may.add("id-token")
        if self.kept:
            self.may.add("contents")


def add_script(graph: Graph, node: StepNode, found: Sum, env: bool, inputs: frozenset[str]) -> None:
    """Adds what the script of a step can use the token for; `env` and `inputs` say where that is at hand."""
    run = node.step.run
    if run is None:
        return
    text = run.script.value
    written = holds_token(run.script, inputs)
    own = env or written or found.stored
    if "ACTIONS_ID_TOKEN_REQUEST" in text:
        found.may.add("id-token")
    if "extraheader" in text.lower() or (
        own and ("GITHUB_ENV" in text or "GITHUB_OUTPUT" in text) and written
    ):
        found.add(UNKNOWN, f"the script of {_name(node)} hands the token on")
    shell = shell_of(node).name
    if shell in OTHERS or shell in POWERSHELL:
        # Of PowerShell only plain commands are read, and its expressions can do anything.
        if own:
            found.add(
                UNKNOWN, f"the script of {_name(node)} gets the token, and its language is not read here"
            )
        found.runs_code()
    commands = [ran.command for ran in commands_of(graph, node)]
    variables = frozenset(entry.key.value for entry in holders(node.step.env, inputs))
    around = _Pipes(commands, text, variables)
    for command in commands:
        _command(node, command, found, own, around)


def _command(node: StepNode, command: Command, found: Sum, own: bool, around: "_Pipes") -> None:
    if not command.words:
        return
    program, words = command.program, command.texts[1:]
    folder = command.words[0].text.rpartition("/")[0]
    if folder and folder not in _SYSTEM:
        _opaque(node, command.words[0].text, found, own)
        return
    match program:
        case "gh":
            if own:
                found.add(
                    gh_use(words),
                    f"{quoted(' '.join(('gh', *words[:2])))} in {_name(node)} is not known here",
                )
            if words[:1] == ("auth",) and own:
                found.kept = found.stored = True
        case "git":
            found.kept = found.kept or own  # it may be written into an address or a setting
            verb, *rest = [*_behind_options(words), ""]
            if verb == "remote":
                _remote(rest, found)
            elif not found.kept or _is_elsewhere(words, rest[:1], found):
                return
            elif verb == "push":
                found.add(Use({"contents": "write"}), "")
            elif verb in ("clone", "fetch", "pull", "ls-remote", "submodule", "lfs"):
                found.add(Use({"contents": "read"}), "")
        case "curl" | "wget":
            if any("api.github.com" in word or "GITHUB_API_URL" in word for word in words):
                method, places = request(program, words)
                for place in (places or [""]) if own else ():
                    use = path_use(place.partition("api.github.com")[2] or place, method)
                    found.add(use, f"a request of {_name(node)} is not known here")
            elif own and any("TOKEN" in word.upper() for word in words):
                found.add(UNKNOWN, f"a request of {_name(node)} takes the token elsewhere")
        case "docker" | "podman" | "buildah" | "skopeo" | "helm" | "oras" | "crane" | "regctl":
            if own and any(word == "login" for word in words):
                found.add(Use({"packages": "read"}, ("packages",)), "")
            elif own or "run" in words or "exec" in words or "compose" in words:
                found.add(UNKNOWN if own else NOTHING, f"{quoted(program)} in {_name(node)} gets the token")
                found.runs_code()
        case "nix":
            verb = next((word for word in _behind_options(words)), "")
            if verb not in _PLAIN_NIX:
                _opaque(node, program, found, own)
        case _ if own and program in PLAIN and _hands_on(node, command, around):
            found.add(UNKNOWN, f"{quoted(program)} in {_name(node)} hands the token on")
        case _:
            if program not in PLAIN and program not in _NIX_TOOLS:
                _opaque(node, program, found, own)


def _remote(words: list[str], found: Sum) -> None:
    """`git remote add|set-url NAME ADDRESS`: the last two words, as options with values may stand before."""
    match [word for word in words if word]:
        case ["add" | "set-url", *_, name, address]:
            if _other_host(address):
                found.elsewhere.add(name)
            else:
                found.elsewhere.discard(name)


def _is_elsewhere(words: tuple[str, ...], target: list[str], found: Sum) -> bool:
    """Whether a command of git talks to another host, by the address or the remote that it names."""
    given = [word.removeprefix("--repo=") for word in words if word.startswith("--repo=")] or target
    return any(one in found.elsewhere or _other_host(one) for one in given)


def _other_host(address: str) -> bool:
    """Whether an address of git (`https://…`, `ssh://…`, `git@host:path`) is plainly not one of GitHub's."""
    scheme, colon, rest = address.partition("://")
    place = rest if colon else scheme
    host, end, _ = place.partition("/" if colon else ":")
    who, _, host = host.rpartition("@")
    host = host.partition(":")[0].lower()
    if not end or "$" in host or "." not in host or "/" in host:
        return False
    # A company's own GitHub may have any name; most have this in it, and get a token of that name.
    return "github" not in host and not host.endswith(".ghe.com") and "github" not in who.lower()


def _hands_on(node: StepNode, command: Command, around: "_Pipes") -> bool:
    """Whether a program that does nothing with the token writes it to where something else may use it: a file, a variable, a
    pipe. What a `login` reads is not handed on, since that command is looked at itself."""
    program = command.program
    if program in _KEEPS or command.texts[1:2] == ("::add-mask::",):
        return False
    words = command.texts[1:] if command.input is None else (*command.texts[1:], command.input.text)
    held = around.variables
    carries = program == "envsubst" or any(
        ("$" in word or program == "printenv")
        and ("TOKEN" in word.upper() or any(name in word for name in held))
        and not word.startswith("::add-mask::")
        for word in words
    )
    return carries and not (program in ("echo", "printf") and around.logs_in(command))


class _Pipes:
    """The commands of a script by the pipes that they read, and the variables of its step that hold the token."""

    __slots__ = ("_at", "_commands", "_readers", "_text", "variables")

    def __init__(self, commands: list[Command], text: str, variables: frozenset[str]) -> None:
        self._commands = commands
        self._text = text
        self._readers: list[Command] | None = None
        self._at: list[int] = []
        self.variables = variables

    def logs_in(self, command: Command) -> bool:
        """Whether all that a command writes is read by a `login`: `echo $TOKEN | docker login …`."""
        if self._readers is None:
            piped = [(one.pipe, index) for index, one in enumerate(self._commands) if one.pipe is not None]
            piped.sort()
            self._readers = [self._commands[index] for _, index in piped]
            self._at = [at for at, _ in piped]
        end = command.words[-1].end
        index = bisect_left(self._at, end)
        if index == len(self._at) or self._text[end : min(self._at[index], end + 80)].strip("\"' \t\r\n\\"):
            return False
        return not command.redirections and "login" in self._readers[index].texts[1:]


def _opaque(node: StepNode, program: str, found: Sum, own: bool) -> None:
    if own:
        found.add(UNKNOWN, f"{quoted(program)} in {_name(node)} gets the token")
    found.runs_code()


def _behind_options(words: Iterable[str]) -> Iterator[str]:
    """The words of a command without options, and without the values of `-c` and `-C`."""
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in ("-c", "-C"):
            skip = True
        elif not word.startswith("-"):
            yield word


def _name(node: StepNode) -> str:
    return quoted(node.label)
