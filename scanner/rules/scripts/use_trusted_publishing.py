"""See use_trusted_publishing.md."""

from collections.abc import Iterator

from scanner.analysis.scripts.commands import commands_of
from scanner.analysis.scripts.registries import ACTIONS, may_identify, mentions_upload, upload
from scanner.analysis.uses.coordinates import judged
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call, Workflow

ADVICE = "let the registry trust this workflow and give the job `id-token: write`: then nothing is stored that could leak"


@rule(
    "use-trusted-publishing",
    severity=Severity.INFO,
    confidence=Confidence.HIGH,
    same_as=("zizmor:use-trusted-publishing",),
    tags=("secrets", "supply-chain", "CWE-798", "CWE-522", "CICD-SEC-6"),
)
def use_trusted_publishing(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    for node in live_steps(graph):
        if node.step.call is not None:
            yield from _of_action(node, node.step.call)
        elif node.step.run is not None and mentions_upload(node.step.run.script.value):
            yield from _of_script(graph, node)


def _of_action(node: StepNode, call: Call) -> Iterator[Hit]:
    use = call.target
    if not isinstance(use, RepositoryUse) or use.path or use.slug not in ACTIONS:
        return
    condition, name = ACTIONS[use.slug]
    verdict = judged(call, condition)
    if verdict.holds is False:
        return
    value = call.inputs.get(name) or verdict.because or call.text
    does = "uses" if verdict.holds else "may use"
    yield Hit(
        value.content.first_line(),
        node.id,
        f"{quoted(call.text.value)} {does} a stored credential (`{name}`) for a registry that takes short-lived tokens of the "
        f"job; {ADVICE}",
        None,
        None if verdict.holds else Confidence.LOW,
        evidence=(name,),
    )


def _of_script(graph: Graph, node: StepNode) -> Iterator[Hit]:
    """Only in workflows: the job that runs an action's steps decides on its token."""
    if node.job is None or not isinstance(node.owner, Workflow) or may_identify(node.owner, node.job):
        return
    for ran in commands_of(graph, node):
        found = upload(ran.command)
        if found is None:
            continue
        shown = quoted(" ".join(ran.command.texts[:4]))
        where = "to a registry that is named here" if found.elsewhere else "with a stored credential"
        yield Hit(
            ran.whole(),
            node.id,
            f"{shown} uploads {where}, since the job has no `id-token: write`; where the registry can, {ADVICE}",
            None,
            Confidence.LOW if found.elsewhere else None,
            evidence=ran.command.texts,
        )
