"""See secrets_inherit.md."""

from collections.abc import Iterator

from scanner.analysis.permissions.needed_secrets import needed_secrets
from scanner.analysis.uses.interfaces import of_workflow
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode, WorkflowNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.uses import LocalUse, RepositoryUse, SelfUse

SHOWN = 4
BY_NAME = "hand over by name only the secrets that it needs, and declares under `on.workflow_call.secrets`"


@rule(
    "secrets-inherit",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="permissions",
    same_as=("zizmor:secrets-inherit",),
    tags=("least-privilege", "secrets", "CWE-200", "CICD-SEC-6"),
)
def secrets_inherit(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    advices: dict[str, str] = {}
    for node in live_jobs(graph):
        call, inherits = node.job.call, node.job.inherits
        if call is None or inherits is None:
            continue
        text = quoted(call.text.value)
        if isinstance(call.target, RepositoryUse):
            where, advice = "another repository's workflow", BY_NAME
        else:
            where = "this workflow"
            advice = advices.get(call.text.value) or _advice(graph, node)
            advices[call.text.value] = advice
        yield Hit(
            call.text.content.first_line(),
            node.id,
            f"{text} gets every secret of this repository and its organization by `secrets: inherit`, so a mistake in "
            f"{where} exposes all of them; {advice}",
            evidence=(_called(call.text.value.strip(), call.target),),
            related=(Note(inherits.content, "every secret is handed over here"),),
        )


def _called(text: str, target: object) -> str:
    """The workflow that is called, without the version, which moves. One of the repository is the same however it is named: `./` or `$/`."""
    if isinstance(target, LocalUse | SelfUse):
        return f"./{target.path}"
    return text.rpartition("@")[0].lower() or text


def _advice(graph: Graph, node: JobNode) -> str:
    """What the called workflow of the repository reads, and what it must declare for that: GitHub refuses a call that hands over
    a secret which `on.workflow_call.secrets` does not have."""
    called = next((graph.nodes[edge.target] for edge in graph.out(node.id, "calls")), None)
    interface = of_workflow(called.workflow) if isinstance(called, WorkflowNode) else None
    if not isinstance(called, WorkflowNode) or interface is None or interface.secrets is None:
        return BY_NAME
    needed = needed_secrets(graph, called.id)
    if needed is None:
        return BY_NAME
    names = set(needed)
    names |= {name.upper() for name, one in interface.secrets.items() if one.required}
    names.discard("GITHUB_TOKEN")
    if not names:
        return "it reads none of them: remove the line"
    missing = sorted(name for name in names if name.lower() not in interface.secrets)
    by_name = f"hand over {_shown(sorted(names))} by name"
    return (
        f"declare {_shown(missing)} under its `on.workflow_call.secrets` and {by_name}"
        if missing
        else by_name
    )


def _shown(names: list[str]) -> str:
    return ", ".join(quoted(name) for name in names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
