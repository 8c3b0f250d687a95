"""Which permissions the steps of a job can use its token for: needed, not needed, or not known.

An action is looked up in a table, a local one is read; a script counts by its commands, if it gets hold of the token at all.
What is not known is never taken for unneeded.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from scanner.analysis.workflows.api_permissions import (
    ALL,
    NOTHING,
    UNKNOWN,
    Use,
    client_uses,
    gh_use,
    request_use,
)
from scanner.analysis.workflows.conditions import live_steps
from scanner.analysis.workflows.kept_credentials import keeps_credentials
from scanner.analysis.workflows.privilege import granted, workflow_jobs
from scanner.analysis.workflows.steps import parent_of
from scanner.analysis.workflows.token_use import NONE, hands_out_token, holds_token
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import JobNode, LocalActionNode, StepNode, WorkflowNode
from scanner.knowledge.actions import ActionNeeds
from scanner.knowledge.tables import Knowledge
from scanner.model.quoting import quoted
from scanner.parse.nodes import Mapping as YamlMapping
from scanner.parse.nodes import Scalar
from scanner.parse.shell_words import Command
from scanner.parse.uses import DockerUse, LocalUse, RepositoryUse, SelfUse
from scanner.parse.workflow import Call

MAX_DEPTH: Final = 8
"""Actions and workflows in one another that are looked into."""

# Programs that run no code of the repository, and of themselves do nothing with a token.
_PLAIN: Final = frozenset(
    "echo printf true false : test [ [[ cd pwd ls mkdir rmdir rm cp mv touch cat head tail tee grep egrep fgrep sed awk cut tr "
    "sort uniq wc tac rev jq yq date sleep exit return set unset export local readonly declare read shift trap wait break "
    "continue basename dirname realpath readlink chmod chown ln stat du df diff cmp sha256sum sha512sum sha1sum md5sum base64 "
    "tar zip unzip gzip gunzip xz zstd env printenv which command type hash uname id whoami hostname seq expr mktemp "
    "curl wget apt apt-get apk dnf yum nproc free tree file xxd od paste column comm join split nl".split()
)
_PLAIN_NIX: Final = frozenset(
    "build eval flake store path-info hash copy log derivation config registry profile search".split()
)
_NIX_TOOLS: Final = frozenset(
    "nix-build nix-env nix-store nix-channel nix-instantiate nix-prefetch-url cachix".split()
)
_SYSTEM: Final = ("/bin", "/usr/bin", "/usr/local/bin")
_REGISTRY: Final = "ghcr.io"
_RANK: Final = {"read": 1, "write": 2}


class Needs(NamedTuple):
    """`needs` maps scopes to `read` or `write`; `may` are scopes of which it is not known whether, or how far, they are needed.
    `open` says why nothing is known about any further scope, None when all is."""

    needs: Mapping[str, str]
    may: frozenset[str]
    open: str | None

    def unneeded(self, scope: str) -> bool:
        """Whether nothing in the job can use write access to a scope."""
        return self.open is None and scope not in self.may and self.needs.get(scope) != "write"

    @property
    def block(self) -> str | None:
        """The least `permissions:` to paste, on one line; None when it is not known."""
        if self.open is not None or self.may:
            return None
        inner = ", ".join(f"{scope}: {level}" for scope, level in sorted(self.needs.items()))
        return f"permissions: {{ {inner} }}" if inner else "permissions: {}"


class _Sum:
    """Needs in the making; `kept` is true where git holds the job's token, `stored` where `gh` does."""

    __slots__ = ("kept", "may", "needs", "open", "stored")

    def __init__(self, kept: bool = False, stored: bool = False) -> None:
        self.needs: dict[str, str] = {}
        self.may: set[str] = set()
        self.open: str | None = None
        self.kept = kept
        self.stored = stored

    def add(self, use: Use, who: str) -> None:
        for scope, level in use.needs.items():
            if _RANK[level] > _RANK.get(self.needs.get(scope, ""), 0):
                self.needs[scope] = level
        self.may.update(scope for scope in use.may if scope != ALL)
        if ALL in use.may and self.open is None:
            self.open = who

    def result(self) -> Needs:
        may = frozenset(scope for scope in self.may if self.needs.get(scope) != "write")
        return Needs(self.needs, may, self.open)


@per_graph
def needs_of(graph: Graph, id: str, knowledge: Knowledge) -> Needs:
    """What a job, given by its id, can use its token for."""
    node = graph.nodes[id]
    return (
        _job(graph, node, knowledge, 0)
        if isinstance(node, JobNode)
        else Needs({}, frozenset(), "it is no job")
    )


@per_graph
def _job(graph: Graph, node: JobNode, knowledge: Knowledge, depth: int) -> Needs:
    found = _Sum()
    job = node.job
    if job.call is not None:
        _called(graph, node, knowledge, depth, found)
        return found.result()
    for container in (job.container, *job.services):
        password = (
            container.credentials.get("password") if container is not None and container.credentials else None
        )
        if isinstance(password, Scalar) and holds_token(password):
            found.add(Use({"packages": "read"}), "")
    env = hands_out_token((node.workflow.env, job.env))
    inputs = _handed(node)
    for step in _steps(graph).get(node.id, ()):
        _step(graph, step, knowledge, found, env, inputs, depth)
    if not job.steps:
        found.add(UNKNOWN, "it has no steps that can be read")
    return found.result()


def _handed(node: JobNode) -> frozenset[str]:
    """The inputs and secrets of a called workflow that by their name are tokens: a caller may hand over the job's."""
    on = node.workflow.root.get("on")
    call = on.get("workflow_call") if isinstance(on, YamlMapping) else None
    if not isinstance(call, YamlMapping):
        return NONE
    declared = (call.get("inputs"), call.get("secrets"))
    keys = [
        key.value.lower() for block in declared if isinstance(block, YamlMapping) for key, _ in block.pairs
    ]
    return frozenset(name for name in keys if "token" in name)


@per_graph
def _steps(graph: Graph) -> dict[str, list[StepNode]]:
    """The steps that can run, by the id of their job or action."""
    found: dict[str, list[StepNode]] = {}
    for step in live_steps(graph):
        found.setdefault(parent_of(step), []).append(step)
    return found


def _called(graph: Graph, node: JobNode, knowledge: Knowledge, depth: int, found: _Sum) -> None:
    """A called workflow: GitHub refuses to start it with less than the `permissions` it asks for."""
    called = [graph.nodes[edge.target] for edge in graph.out(node.id, "calls")]
    text = node.job.call.text.value if node.job.call is not None else ""
    workflows = [one for one in called if isinstance(one, WorkflowNode)]
    if not workflows or depth >= MAX_DEPTH:
        found.add(UNKNOWN, f"what {quoted(text)} needs is not known here")
        return
    for workflow in workflows:
        for job in workflow_jobs(graph, workflow):
            block = job.job.permissions or workflow.workflow.permissions
            if block is not None:
                found.add(Use(granted(block, knowledge)), "")
            else:
                inner = _job(graph, job, knowledge, depth + 1)
                found.add(Use(dict(inner.needs), tuple(inner.may)), "")
                if inner.open is not None:
                    found.add(UNKNOWN, inner.open)


# ---------------------------------------------------------------- steps


def _step(
    graph: Graph,
    node: StepNode,
    knowledge: Knowledge,
    found: _Sum,
    env: bool,
    inputs: frozenset[str],
    depth: int,
) -> None:
    """`env` says whether the variables around the step hold the token, `inputs` which of its action's inputs do."""
    env = env or hands_out_token((node.step.env,), inputs)
    call = node.step.call
    if call is not None:
        match call.target:
            case RepositoryUse() as use:
                name = f"{use.slug}/{use.path.lower()}" if use.path else use.slug
                _action(node, call, name, knowledge.actions.needs(name), found, env, inputs)
            case LocalUse() | SelfUse():
                _local(graph, node, call, knowledge, found, env, inputs, depth)
            case DockerUse():
                if env or hands_out_token((call.inputs,), inputs):
                    found.add(UNKNOWN, f"{quoted(call.text.value)} gets the token")
                else:
                    _runs_code(found)
    elif node.step.run is not None:
        _script(node, found, env, inputs)


def _action(
    node: StepNode,
    call: Call,
    name: str,
    facts: ActionNeeds | None,
    found: _Sum,
    env: bool,
    inputs: frozenset[str],
) -> None:
    if name == "actions/github-script":
        _client(call, found, inputs)
        return
    if facts is None:
        found.add(UNKNOWN, f"what {quoted(call.text.value)} needs is not known here")
        return
    block = call.inputs
    if block.expression is not None:
        found.add(UNKNOWN, f"the inputs of {quoted(call.text.value)} are computed")
        return
    others = [value for name in facts.token if (value := block.get(name)) is not None and value.value.strip()]
    others += [entry.value for entry in node.step.env.entries if entry.key.value in facts.env]
    own = any(holds_token(value, inputs) for value in others) or (
        not others and (not facts.waits or (env and bool(facts.env)))
    )
    if own:
        found.add(Use(dict(facts.needs), facts.may), "")
    else:  # an identity is the job's, whoever's token is used
        kept = {scope: level for scope, level in facts.needs.items() if scope == "id-token"}
        found.add(Use(kept, tuple(scope for scope in facts.may if scope == "id-token")), "")
    if name == "actions/checkout":
        found.kept = found.kept or (keeps_credentials(node.step) and own)
    elif name == "docker/login-action":
        _login(call, found, inputs)
    if facts.runs_code:
        if env and not facts.env:
            found.add(UNKNOWN, f"{quoted(call.text.value)} runs code that gets the token")
        _runs_code(found)


def _login(call: Call, found: _Sum, inputs: frozenset[str]) -> None:
    registry, password = call.inputs.get("registry"), call.inputs.get("password")
    elsewhere = registry is None or ("${{" not in registry.value and _REGISTRY not in registry.value)
    if password is not None and holds_token(password, inputs) and not elsewhere:
        found.add(Use({"packages": "read"}, ("packages",)), "")


def _client(call: Call, found: _Sum, inputs: frozenset[str]) -> None:
    script, token = call.inputs.get("script"), call.inputs.get("github-token")
    if script is None or call.inputs.expression is not None:
        found.add(UNKNOWN, "the script of `actions/github-script` cannot be read")
        return
    if "getIDToken" in script.value or "require(" in script.value or "import(" in script.value:
        found.may.add("id-token")
    if token is not None and not holds_token(token, inputs):
        return
    for use in client_uses(script.value):
        found.add(use, "a script of `actions/github-script` does more than can be told")
    if "getOctokit" in script.value or ("process.env" in script.value and "TOKEN" in script.value):
        found.add(UNKNOWN, "a script of `actions/github-script` does more than can be told")


def _local(
    graph: Graph,
    node: StepNode,
    call: Call,
    knowledge: Knowledge,
    found: _Sum,
    env: bool,
    inputs: frozenset[str],
    depth: int,
) -> None:
    """An action of the repository: its steps count as the job's own."""
    actions = [graph.nodes[edge.target] for edge in graph.out(node.id, "uses")]
    local = next((one for one in actions if isinstance(one, LocalActionNode)), None)
    composite = (
        local is not None
        and local.action.using is not None
        and local.action.using.value.lower() == "composite"
    )
    if local is None or not composite or depth >= MAX_DEPTH or call.inputs.expression is not None:
        found.add(UNKNOWN, f"what {quoted(call.text.value)} does is not known here")
        return
    given = {entry.key.value.lower(): entry.value for entry in call.inputs.entries}
    held = {name for name, value in given.items() if holds_token(value, inputs)}
    declared = local.action.root.get("inputs")
    for key, value in declared.pairs if isinstance(declared, YamlMapping) else ():
        default = value.get("default") if isinstance(value, YamlMapping) else None
        if key.value.lower() not in given and isinstance(default, Scalar) and holds_token(default):
            held.add(key.value.lower())
    inner = _composite(graph, local.id, knowledge, env, frozenset(held), found.kept, found.stored, depth + 1)
    found.add(Use(inner.needs, tuple(inner.may)), "")
    found.kept, found.stored = inner.kept, inner.stored
    if inner.open is not None:
        found.add(UNKNOWN, inner.open)


@per_graph
def _composite(
    graph: Graph,
    id: str,
    knowledge: Knowledge,
    env: bool,
    inputs: frozenset[str],
    kept: bool,
    stored: bool,
    depth: int,
) -> _Sum:
    found = _Sum(kept, stored)
    for step in _steps(graph).get(id, ()):
        _step(graph, step, knowledge, found, env, inputs, depth)
    return found


# ---------------------------------------------------------------- scripts


def _runs_code(found: _Sum) -> None:
    """Code that is not read here: without a variable that holds the token it has the identity, and what is left for git."""
    found.may.add("id-token")
    if found.kept:
        found.may.add("contents")


def _script(node: StepNode, found: _Sum, env: bool, inputs: frozenset[str]) -> None:
    run = node.step.run
    assert run is not None
    text = run.script.value
    written = holds_token(run.script, inputs)
    own = env or written or found.stored
    if "ACTIONS_ID_TOKEN_REQUEST" in text:
        found.may.add("id-token")
    if "extraheader" in text.lower() or (
        own and ("GITHUB_ENV" in text or "GITHUB_OUTPUT" in text) and written
    ):
        found.add(UNKNOWN, f"the script of {_name(node)} hands the token on")
    scripts = [script for script in node.scripts if script.scalar is run.script]
    if not scripts:
        if own:
            found.add(
                UNKNOWN, f"the script of {_name(node)} gets the token, and its language is not read here"
            )
        _runs_code(found)
        return
    for script in scripts:
        for executed in script.commands:
            _command(node, executed.command, found, own)


def _command(node: StepNode, command: Command, found: _Sum, own: bool) -> None:
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
            verb = next((word for word in _behind_options(words)), "")
            if verb == "push" and found.kept:
                found.add(Use({"contents": "write"}), "")
            elif verb in ("clone", "fetch", "pull", "ls-remote", "submodule", "lfs") and found.kept:
                found.add(Use({"contents": "read"}), "")
        case "curl" | "wget":
            if any("api.github.com" in word or "GITHUB_API_URL" in word for word in words):
                places = [word.partition("api.github.com")[2] or word for word in words if "repos/" in word]
                if own:
                    found.add(request_use(places, words), f"a request of {_name(node)} is not known here")
            elif own and any("TOKEN" in word.upper() for word in words):
                found.add(UNKNOWN, f"a request of {_name(node)} takes the token elsewhere")
        case "docker" | "podman" | "buildah" | "skopeo" | "helm" | "oras" | "crane" | "regctl":
            if own and any(word == "login" for word in words):
                found.add(Use({"packages": "read"}, ("packages",)), "")
            elif own or "run" in words or "exec" in words or "compose" in words:
                found.add(UNKNOWN if own else NOTHING, f"{quoted(program)} in {_name(node)} gets the token")
                _runs_code(found)
        case "nix":
            verb = next((word for word in _behind_options(words)), "")
            if verb not in _PLAIN_NIX:
                _opaque(node, program, found, own)
        case "echo" | "printf" | "cat" | "tee" if own and _carries_token(command) and not _logs_in(node):
            found.add(UNKNOWN, f"{quoted(program)} in {_name(node)} hands the token on")
        case _:
            if program not in _PLAIN and program not in _NIX_TOOLS:
                _opaque(node, program, found, own)


def _carries_token(command: Command) -> bool:
    words = command.texts[1:] if command.input is None else (*command.texts[1:], command.input.text)
    return any("$" in word and "TOKEN" in word.upper() for word in words)


def _logs_in(node: StepNode) -> bool:
    """Whether what `echo` writes is read by a command that is looked at itself."""
    return node.step.run is not None and "login" in node.step.run.script.value


def _opaque(node: StepNode, program: str, found: _Sum, own: bool) -> None:
    if own:
        found.add(UNKNOWN, f"{quoted(program)} in {_name(node)} gets the token")
    _runs_code(found)


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
