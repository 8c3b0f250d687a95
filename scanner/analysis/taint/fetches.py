"""Steps that fetch what the author of a pull request has written: by actions/checkout, `git` or `gh`."""

import re
from typing import Final

from scanner.analysis.scripts.commands import commands_of
from scanner.analysis.workflows.steps import parent_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode, StepNode, WorkflowNode
from scanner.model.source import Span
from scanner.parse.expressions.contexts import occurring
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import fences
from scanner.parse.nodes import Scalar
from scanner.parse.reader import Block
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Workflow

_PULL_REQUEST: Final = ("github", "event", "pull_request")
_VARIABLE: Final = re.compile(r"\$\{?([A-Za-z_]\w*)")
_FETCHES: Final = frozenset("checkout clone fetch merge pull reset switch worktree".split())


def fetched(graph: Graph, node: StepNode) -> Span | None:
    """The text by which a step fetches what the author of the pull request has written."""
    call, run = node.step.call, node.step.run
    if call is not None and isinstance(call.target, RepositoryUse) and call.target.slug == "actions/checkout":
        for name in ("ref", "repository"):
            value = call.inputs.get(name)
            if value is not None and _of_author(value):
                return value.content.first_line()
    if run is not None and ("git" in run.script.value or "gh pr checkout" in run.script.value):
        for ran in commands_of(graph, node):
            texts = ran.command.texts
            fetches = texts[:1] == ("git",) and not _FETCHES.isdisjoint(texts[1:4])
            if texts[:3] == ("gh", "pr", "checkout") or (
                fetches and any(_names_author(graph, node, text) for text in texts[2:])
            ):
                return ran.whole().first_line()
    return None


def _names_author(graph: Graph, node: StepNode, text: str) -> bool:
    """Whether a word of a command names what the author has pushed."""
    if "pull/" in text:
        return True
    at = text.find("${{")
    if at >= 0:
        return _is_author(text[at + 3 :].partition("}}")[0])
    return any(_holds_author(graph, node, match[1]) for match in _VARIABLE.finditer(text))


def _holds_author(graph: Graph, node: StepNode, name: str) -> bool:
    value = node.step.env.get(name)
    if value is not None:
        return _of_author(value)
    if node.job is None or not isinstance(node.owner, Workflow):
        return False
    workflow = workflow_id(node.owner.source)
    return name in _job_variables(graph, parent_of(node)) or name in _workflow_variables(graph, workflow)


@per_graph
def _job_variables(graph: Graph, job: str) -> frozenset[str]:
    """The variables of a job, given by its id, that name the author's commit or branch."""
    node = graph.nodes[job]
    return _named(node.job.env) if isinstance(node, JobNode) else frozenset()


@per_graph
def _workflow_variables(graph: Graph, workflow: str) -> frozenset[str]:
    node = graph.nodes[workflow]
    return _named(node.workflow.env) if isinstance(node, WorkflowNode) else frozenset()


def _named(block: Block) -> frozenset[str]:
    return frozenset(entry.key.value for entry in block.entries if _of_author(entry.value))


def _of_author(value: Scalar) -> bool:
    return any(_is_author(fence.text) for fence in fences(value))


def _is_author(expression: str) -> bool:
    tree = parse(expression)
    for path in (context.path for context in occurring(tree)) if not isinstance(tree, Malformed) else ():
        if path in (("github", "head_ref"), ("github", "event", "number")):
            return True
        if path[:3] == _PULL_REQUEST and path[3:4] in (("head",), ("merge_commit_sha",), ("number",)):
            return True
    return False
