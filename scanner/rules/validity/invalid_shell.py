"""See invalid_shell.md."""

from collections.abc import Iterator

from scanner.analysis.validity.mistakes import Advice
from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode, StepNode, WorkflowNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.edits import fix, longer
from scanner.parse.nodes import Scalar

SHELLS = ("bash", "sh", "pwsh", "powershell", "cmd", "python")


@rule(
    "invalid-shell",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="hygiene",
    same_as=("actionlint:shell-name",),
    tags=("validity", "reliability"),
)
def invalid_shell(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    nearest = Advice()
    for shell, subject in _shells(graph):
        name = shell.value.strip()
        # The runner puts the script's file where `{0}` stands.
        if not name or shell.is_null or "${{" in name or "{0}" in name or name.lower() in SHELLS:
            continue
        first = name.split()[0]
        repaired = None
        if first.lower() in SHELLS:
            repaired = fix("say where the script stands", longer(shell, " {0}"))
            advice = f"; write {quoted(name + ' {0}')}"
        else:
            advice = nearest(name, SHELLS)
        yield Hit(
            shell.content.first_line(),
            subject,
            f"{quoted(name)} is neither a shell that the runner knows nor a command with `{{0}}` for the script, so the step "
            f"fails{advice}",
            evidence=(name,),
            fix=repaired,
        )


def _shells(graph: Graph) -> Iterator[tuple[Scalar, str]]:
    for workflow in graph.of(WorkflowNode):
        if workflow.workflow.defaults.shell is not None:
            yield workflow.workflow.defaults.shell, workflow.id
    for job in graph.of(JobNode):
        if job.job.defaults.shell is not None:
            yield job.job.defaults.shell, job.id
    for step in graph.of(StepNode):
        run = step.step.run
        if run is not None and run.shell is not None:
            yield run.shell, step.id
