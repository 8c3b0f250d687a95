"""See insecure_commands.md."""

from collections.abc import Iterator

from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs, live_steps
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import WorkflowNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.reader import Block

VARIABLE = "ACTIONS_ALLOW_UNSECURE_COMMANDS"


@rule(
    "insecure-commands",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="exposure",
    same_as=("zizmor:insecure-commands",),
    tags=("injection", "CWE-77", "CWE-94", "CICD-SEC-4", "SLSA:build-L3"),
)
def insecure_commands(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(hit for subject, env in _environments(ctx.graph) for hit in _judge(subject, env))


def _environments(graph: Graph) -> Iterator[tuple[str, Block]]:
    for workflow in graph.of(WorkflowNode):
        yield workflow.id, workflow.workflow.env
    for job in live_jobs(graph):
        yield job.id, job.job.env
    for step in live_steps(graph):
        yield step.id, step.step.env


def _judge(subject: str, env: Block) -> Iterator[Hit]:
    if env.expression is not None:
        at, message = (
            env.expression.content.first_line(),
            f"which variables `env` sets is computed, perhaps `{VARIABLE}`",
        )
        yield Hit(at, subject, f"{message}; name them one by one", None, Confidence.LOW, ("env",))
    for entry in env.entries:
        if entry.key.value.upper() != VARIABLE:
            continue
        at, value = Span(entry.key.source, entry.key.start, entry.value.end).first_line(), entry.value.value
        if value.strip().lower() == "true":
            message = (
                f"`{VARIABLE}` lets everything that a step prints set variables and PATH for the steps behind it; "
                "remove it and write to `$GITHUB_ENV` and `$GITHUB_PATH`"
            )
            yield Hit(at, subject, message)
        elif "${{" in value:
            message = (
                f"{quoted(value)} may set `{VARIABLE}`, with which printed text sets variables; remove it"
            )
            yield Hit(at, subject, message, None, Confidence.MEDIUM)
