"""See debug_logging.md."""

from collections.abc import Iterator

from scanner.analysis.scripts.commands import Ran, commands_of
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs, live_steps
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode, WorkflowNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.edits import fix, removed
from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import fences
from scanner.parse.nodes import Mapping, Scalar
from scanner.parse.reader import Block

SWITCHES = frozenset(("ACTIONS_STEP_DEBUG", "ACTIONS_RUNNER_DEBUG"))
"""The runner reads them from secrets and variables of the repository, not from `env` (GitHub, "Enabling debug logging";
actions/runner, issue 3265)."""


@rule(
    "debug-logging",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="permissions",
    variants={"no-effect": Severity.INFO},
    same_as=("poutine:debug_enabled",),
    tags=("secrets", "CWE-532", "CWE-215", "CICD-SEC-10"),
)
def debug_logging(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    for workflow in graph.of(WorkflowNode):
        yield from _switched_on(workflow.id, workflow.workflow.env)
    for job in live_jobs(graph):
        yield from _switched_on(job.id, job.job.env, job.job.at)
    for step in live_steps(graph):
        yield from _switched_on(step.id, step.step.env, step.step.at)
        if step.step.run is not None and "set -" in step.step.run.script.value:
            yield from _traced(graph, step)


def _switched_on(subject: str, variables: Block, around: Mapping | None = None) -> Iterator[Hit]:
    env = around.get("env") if around is not None else None
    for entry in variables.entries:
        name = entry.key.value.upper()
        if name in SWITCHES and entry.value.value.strip().lower() in ("true", "1"):
            yield Hit(
                Span(entry.key.source, entry.key.start, entry.value.end).first_line(),
                subject,
                f"`{name}` has no effect here, since the runner reads it from secrets and variables of the repository alone, and "
                "readers take debug logging for switched on; remove it, and for one run choose `Enable debug logging`",
                "no-effect",
                evidence=(name,),
                fix=fix("remove the variable", removed(env, entry.key.value, of=around, named="env"))
                if isinstance(env, Mapping)
                else None,
            )


def _traced(graph: Graph, node: StepNode) -> Iterator[Hit]:
    """`set -x` in front of a command that is handed a secret."""
    names, run = _secret_variables(node), node.step.run
    if run is None or (not names and "secrets." not in run.script.value):
        return
    switch: Ran | None = None
    for ran in commands_of(graph, node):
        command = ran.command
        if command.program == "set":
            on = _switches(command.texts[1:])
            switch = (ran if on else None) if on is not None else switch
        elif switch is not None and (shown := _secret_in(command.texts[1:], names)) is not None:
            yield Hit(
                switch.whole(),
                node.id,
                f"`set -x` writes every command with its values to the log, {quoted(shown)} too: GitHub hides the secret itself but "
                "no part of it and no other spelling; switch it off with `set +x` first",
                None,
                Confidence.MEDIUM,
                evidence=(shown,),
            )
            switch = None


def _switches(texts: tuple[str, ...]) -> bool | None:
    """Whether `set` begins (True) or ends (False) to print commands; None when it does neither."""
    found: bool | None = None
    for index, text in enumerate(texts):
        following = texts[index + 1] if index + 1 < len(texts) else ""
        if text in ("--", "-"):
            break
        if text[:1] in ("-", "+") and ("x" in text or ("o" in text and following == "xtrace")):
            found = text[0] == "-"
    return found


def _secret_variables(node: StepNode) -> frozenset[str]:
    """The variables of a step that its `env` fills from secrets."""
    return frozenset(entry.key.value for entry in node.step.env.entries if _holds_secret(entry.value))


def _holds_secret(value: Scalar) -> bool:
    for fence in fences(value) if "secrets" in value.value else ():
        tree = parse(fence.text)
        if not isinstance(tree, Malformed) and any(context.path[0] == "secrets" for context in flowing(tree)):
            return True
    return False


def _secret_in(texts: tuple[str, ...], names: frozenset[str]) -> str | None:
    """The first secret among the words of a command."""
    for text in texts:
        if "${{" in text and "secrets." in text:
            return text
        start = text.find("$")
        while start >= 0:
            begin = start + (2 if text.startswith("${", start) else 1)
            end = begin
            while text[end : end + 1].isalnum() or text[end : end + 1] == "_":
                end += 1
            if text[begin:end] in names:
                return f"${text[begin:end]}"
            start = text.find("$", begin)
    return None
