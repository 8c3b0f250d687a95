"""See invalid_uses.md."""

from collections.abc import Iterator

from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode, LocalActionNode, StepNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.uses import DockerUse, LocalUse, MalformedUse, RepositoryUse, SelfUse
from scanner.parse.workflow import Call

WORKFLOWS = ".github/workflows/"


@rule(
    "invalid-uses",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="hygiene",
    same_as=("actionlint:action", "actionlint:workflow-call"),
    tags=("validity", "reliability"),
)
def invalid_uses(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    actions = {action.path.rpartition("/")[0] for action in graph.of(LocalActionNode)}
    for step in graph.of(StepNode):
        call = step.step.call
        if call is not None:
            yield from _hit(call, step.id, _of_step(call, actions))
    for job in graph.of(JobNode):
        call = job.job.call
        if call is not None:
            yield from _hit(call, job.id, _of_job(call))


def _hit(call: Call, subject: str, said: str | None) -> Iterator[Hit]:
    text = call.text
    # An empty value and an expression are other rules'.
    if said is not None and text.value and not text.is_null and "${{" not in text.value:
        message = f"{quoted(text.value)} {said}; GitHub refuses it"
        yield Hit(text.content.first_line(), subject, message, evidence=(text.value,))


def _of_step(call: Call, actions: set[str]) -> str | None:
    match call.target:
        case MalformedUse(reason):
            return f"is no action: {reason}"
        case DockerUse() if call.text.value.strip() == "docker://":
            return "names no image"
        case LocalUse(path) if "@" in path and path not in actions:
            return "is a folder of this repository, which has no versions: remove what begins with `@`"
        case LocalUse(path) | SelfUse(path) if path.startswith(WORKFLOWS) and path.endswith(
            (".yml", ".yaml")
        ):
            return "is a workflow: a job calls it by its own `uses`, a step cannot"
        case RepositoryUse(path=path) if path.startswith(WORKFLOWS) and path.endswith((".yml", ".yaml")):
            return "is a workflow: a job calls it by its own `uses`, a step cannot"
    return None


def _of_job(call: Call) -> str | None:
    match call.target:
        case MalformedUse(reason):
            return f"is no workflow: {reason}"
        case DockerUse():
            return "is an image: a step runs it, a job calls workflows only"
        case LocalUse(path) if "@" in path:
            return "is a workflow of this commit, which has no versions: remove what begins with `@`"
        case LocalUse(path) | SelfUse(path) | RepositoryUse(path=path):
            return _not_a_workflow(path)


def _not_a_workflow(path: str) -> str | None:
    if not path.startswith(WORKFLOWS):
        return f"is no workflow: a job calls a file in `{WORKFLOWS}`, an action stands in a step"
    name = path.removeprefix(WORKFLOWS)
    if "/" in name:
        return f"stands in a folder below `{WORKFLOWS}`: workflows stand in it itself"
    if not name.endswith((".yml", ".yaml")):
        return "is no workflow: its name ends neither in `.yml` nor in `.yaml`"
    return None
