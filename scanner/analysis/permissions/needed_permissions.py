"""Which permissions the steps of a job can use its token for: needed, not needed, or not known.

An action is looked up in a table, a local one is read; a script counts by its commands, if it gets hold of the token at all.
What is not known is never taken for unneeded.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from scanner.analysis.outsiders.privilege import granted, workflow_jobs
from scanner.analysis.permissions.api_permissions import UNKNOWN, Use, client_uses
from scanner.analysis.permissions.kept_credentials import keeps_credentials
from scanner.analysis.permissions.script_permissions import Sum, add_script
from scanner.analysis.permissions.token_use import NONE, hands_out_token, holders, holds_token
from scanner.analysis.workflows.conditions import live_steps
from scanner.analysis.workflows.steps import parent_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode, LocalActionNode, StepNode, WorkflowNode
from scanner.knowledge.actions import ActionNeeds
from scanner.knowledge.tables import Knowledge
from scanner.model.quoting import quoted
from scanner.parse.nodes import Mapping as YamlMapping
from scanner.parse.nodes import Scalar
from scanner.parse.uses import DockerUse, LocalUse, RepositoryUse, SelfUse
from scanner.parse.workflow import Call

MAX_DEPTH: Final = 8
"""Actions and workflows in one another that are looked into."""

_REGISTRY: Final = "ghcr.io"


class Needs(NamedTuple):
    """`needs` maps scopes to `read` or `write`; `may` are scopes of which it is not known whether, or how far, they are needed.
    `open` says why nothing is known about any further scope, None when all is."""

    needs: Mapping[str, str]
    may: frozenset[str]
    open: str | None

    def unneeded(self, scope: str) -> bool:
        """Whether nothing in the job can use write access to a scope."""
        return self.open is None and scope not in self.may and self.needs.get(scope) != "write"

    def block(self, granted: Mapping[str, str] | None) -> str | None:
        """The least `permissions:` to paste, on one line; None when it is not known. `granted` is what the job has today (None: the
        default token, which never has an identity): what it may need it keeps."""
        if self.open is not None or (granted is None and not self.may <= {"id-token"}):
            return None
        least = {scope: level for scope, level in (granted or {}).items() if scope in self.may}
        for scope, level in self.needs.items():
            if least.get(scope) != "write":
                least[scope] = level
        inner = ", ".join(f"{scope}: {level}" for scope, level in sorted(least.items()))
        return f"permissions: {{ {inner} }}" if inner else "permissions: {}"


def _result(found: Sum) -> Needs:
    return Needs(
        found.needs, frozenset(scope for scope in found.may if found.needs.get(scope) != "write"), found.open
    )


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
    found = Sum()
    job = node.job
    if job.call is not None:
        _called(graph, node, knowledge, depth, found)
        return _result(found)
    for container in (job.container, *job.services):
        password = (
            container.credentials.get("password") if container is not None and container.credentials else None
        )
        if isinstance(password, Scalar) and holds_token(password):
            found.add(Use({"packages": "read"}), "")
    everywhere, inputs = _handed(graph, workflow_id(node.workflow.source))
    env = everywhere or hands_out_token((job.env,))
    for step in _steps(graph).get(node.id, ()):
        _step(graph, step, knowledge, found, env, inputs, depth)
    if not job.steps:
        found.add(UNKNOWN, "it has no steps that can be read")
    return _result(found)


@per_graph
def _handed(graph: Graph, id: str) -> tuple[bool, frozenset[str]]:
    """Whether the variables of a workflow, given by its id, hold the token; and its inputs and secrets that by their name are
    tokens, if it can be called: a caller may hand over the job's."""
    node = graph.nodes.get(id)
    if not isinstance(node, WorkflowNode):
        return False, NONE
    on = node.workflow.root.get("on")
    call = on.get("workflow_call") if isinstance(on, YamlMapping) else None
    declared = (call.get("inputs"), call.get("secrets")) if isinstance(call, YamlMapping) else ()
    keys = [
        key.value.lower() for block in declared if isinstance(block, YamlMapping) for key, _ in block.pairs
    ]
    return hands_out_token((node.workflow.env,)), frozenset(name for name in keys if "token" in name)


@per_graph
def _steps(graph: Graph) -> dict[str, list[StepNode]]:
    """The steps that can run, by the id of their job or action."""
    found: dict[str, list[StepNode]] = {}
    for step in live_steps(graph):
        found.setdefault(parent_of(step), []).append(step)
    return found


def _called(graph: Graph, node: JobNode, knowledge: Knowledge, depth: int, found: Sum) -> None:
    """A called workflow: GitHub refuses to start it with less than the `permissions` it asks for."""
    called = [graph.nodes[edge.target] for edge in graph.out(node.id, "calls")]
    text = node.job.call.text.value if node.job.call is not None else ""
    workflows = [one for one in called if isinstance(one, WorkflowNode)]
    use = node.job.call.target if node.job.call is not None else None
    facts = (
        knowledge.actions.needs(f"{use.slug}/{use.path.lower()}") if isinstance(use, RepositoryUse) else None
    )
    if facts is not None:
        found.add(Use(dict(facts.needs), facts.may), "")
        if not facts.sourced:
            found.add(UNKNOWN, f"it is not known for sure what {quoted(text)} needs")
    elif not workflows or depth >= MAX_DEPTH:
        found.add(UNKNOWN, f"what {quoted(text)} needs is not known here")
    for workflow in workflows if depth < MAX_DEPTH else ():
        found.merge(_asked(graph, workflow, knowledge, depth + 1))


@per_graph
def _asked(graph: Graph, workflow: WorkflowNode, knowledge: Knowledge, depth: int) -> Sum:
    """What the jobs of a called workflow ask for, or need where they do not say."""
    found = Sum()
    for job in workflow_jobs(graph, workflow):
        block = job.job.permissions or workflow.workflow.permissions
        if block is not None:
            found.add(Use(granted(block, knowledge)), "")
        else:
            inner = _job(graph, job, knowledge, depth)
            found.add(Use(dict(inner.needs), tuple(inner.may)), "")
            if inner.open is not None:
                found.add(UNKNOWN, inner.open)
    return found


# ---------------------------------------------------------------- steps


def _step(
    graph: Graph,
    node: StepNode,
    knowledge: Knowledge,
    found: Sum,
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
                    found.runs_code()
    elif node.step.run is not None:
        add_script(graph, node, found, env, inputs)


def _action(
    node: StepNode,
    call: Call,
    name: str,
    facts: ActionNeeds | None,
    found: Sum,
    env: bool,
    inputs: frozenset[str],
) -> None:
    if name == "actions/github-script":
        _client(call, found, env, inputs)
        return
    if facts is None:
        found.add(UNKNOWN, f"what {quoted(call.text.value)} needs is not known here")
        return
    block = call.inputs
    if block.expression is not None:
        found.add(UNKNOWN, f"the inputs of {quoted(call.text.value)} are computed")
        return
    if any(entry.key.value.lower() not in facts.token for entry in holders(block, inputs)):
        found.add(UNKNOWN, f"{quoted(call.text.value)} gets the token in an input of which nothing is known")
    others = [value for name in facts.token if (value := block.get(name)) is not None and value.value.strip()]
    others += [entry.value for entry in node.step.env.entries if entry.key.value in facts.env]
    own = any(holds_token(value, inputs) for value in others) or (
        not others and (not facts.waits or (env and bool(facts.env)))
    )
    may = (
        *facts.may,
        *(scope for scope, asked in facts.when.items() if any(_given(call, name) for name in asked)),
    )
    if not facts.sourced and (own or not others):
        found.add(UNKNOWN, f"it is not known for sure what {quoted(call.text.value)} needs")
    if own:
        found.add(Use(dict(facts.needs), may), "")
    else:  # an identity is the job's, whoever's token is used
        kept = {scope: level for scope, level in facts.needs.items() if scope == "id-token"}
        found.add(Use(kept, tuple(scope for scope in may if scope == "id-token")), "")
    if name == "actions/checkout":
        found.kept = found.kept or (keeps_credentials(node.step) and own)
    elif name == "docker/login-action":
        _login(call, found, inputs)
    if facts.runs_code:
        if env and not facts.env:
            found.add(UNKNOWN, f"{quoted(call.text.value)} runs code that gets the token")
        found.runs_code()


def _given(call: Call, name: str) -> bool:
    value = call.inputs.get(name)
    return value is not None and value.value.strip().lower() not in ("", "false")


def _login(call: Call, found: Sum, inputs: frozenset[str]) -> None:
    registry, password = call.inputs.get("registry"), call.inputs.get("password")
    elsewhere = registry is None or ("${{" not in registry.value and _REGISTRY not in registry.value)
    if password is not None and holds_token(password, inputs) and not elsewhere:
        found.add(Use({"packages": "read"}, ("packages",)), "")


def _client(call: Call, found: Sum, env: bool, inputs: frozenset[str]) -> None:
    script, token = call.inputs.get("script"), call.inputs.get("github-token")
    if script is None or call.inputs.expression is not None:
        found.add(UNKNOWN, "the script of `actions/github-script` cannot be read")
        return
    if "getIDToken" in script.value or "require(" in script.value or "import(" in script.value:
        found.may.add("id-token")
    if "exec" in script.value or "child_process" in script.value:
        found.runs_code()
        if env or holds_token(script, inputs):
            found.add(UNKNOWN, "a script of `actions/github-script` runs programs that get the token")
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
    found: Sum,
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
    found.merge(inner)
    found.kept, found.stored = inner.kept, inner.stored


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
) -> Sum:
    found = Sum(kept, stored)
    for step in _steps(graph).get(id, ()):
        _step(graph, step, knowledge, found, env, inputs, depth)
    return found
