"""See github_env.md."""

from collections.abc import Iterator

from scanner.analysis.scripts.assignments import parts
from scanner.analysis.scripts.commands import POWERSHELL
from scanner.analysis.scripts.env_files import Write, writes
from scanner.analysis.scripts.shells import shell_of
from scanner.analysis.taint.environment import injections
from scanner.analysis.taint.origins import of_machine
from scanner.analysis.taint.taint import Taint, taint_of
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.analysis.workflows.events import skips
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.parse.workflow import Workflow

EVENTS = ("pull_request_target", "workflow_run")
"""Those whose runs handle files and texts of outsiders with the rights of the repository."""


@rule(
    "github-env",
    severity=Severity.HIGH,
    confidence=Confidence.LOW,
    area="exposure",
    variants={"action": Severity.LOW},
    same_as=("zizmor:github-env",),
    tags=("injection", "CWE-77", "CWE-20", "CICD-SEC-4", "SLSA:build-L3"),
)
def github_env(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph, ctx.knowledge))


def _hits(graph: Graph, knowledge: Knowledge) -> Iterator[Hit]:
    for node in live_steps(graph):
        if node.step.run is None or "GITHUB_" not in node.step.run.script.value.upper():
            continue
        event = _event(node)
        if event is None:
            continue
        found = list(writes(graph, node))
        if not found:
            continue
        taint = taint_of(graph, knowledge)
        # Where it is known that others decide it, `environment-injection` says so.
        known = {one.at for one in injections(graph, knowledge, taint, node)}
        for write in found:
            if write.at not in known and not _is_own(taint, node, write):
                yield _hit(node, write, event)


def _is_own(taint: Taint, node: StepNode, write: Write) -> bool:
    """Whether all that is written is known, and comes neither from callers nor from where nobody can tell: from the script, the machine,
    or an event, of which `environment-injection` judges what others decide."""
    if write.ran is None or write.whole is None or node.step.run is None:
        return False
    if shell_of(node).name in POWERSHELL:
        # A variable that the script does not set may come from one that it loads.
        script = "".join(node.step.run.script.value.lower().split())
        names = [part.name for word in write.whole for part in parts(word, powershell=True) if part.name]
        if any(":" not in name and f"${name.lower()}=" not in script for name in names):
            return False
    return not any(
        origin.kind in ("unknown", "caller") and not of_machine(origin)
        for word in write.whole
        for origin in taint.origins.of_word(node, write.ran, word)
    )


def _event(node: StepNode) -> str | None:
    """By which event outsiders have a hand in a step; empty for an action, which any workflow may use."""
    if not isinstance(node.owner, Workflow):
        return ""
    guards = (node.job.condition if node.job is not None else None, node.step.condition)
    return next(
        (
            event
            for event in EVENTS
            if event in node.owner.events and not any(skips(guard, event) for guard in guards)
        ),
        None,
    )


def _hit(node: StepNode, write: Write, event: str) -> Hit:
    what = "the variables" if write.file == "GITHUB_ENV" else "the PATH"
    who = (
        f"somebody who starts the run by `{event}` can influence it"
        if event
        else "a workflow that uses this action hands it something that outsiders can influence"
    )
    return Hit(
        write.at,
        node.id,
        f"what is written here sets {what} of all later steps: if {who}, they run code in the job. Write fixed texts, or "
        "pass the value on by `$GITHUB_OUTPUT` and `env:`",
        # What an action is given, its callers decide, and they are not known.
        None if event else "action",
        evidence=(write.file, *(word.text for word in write.words)),
    )
