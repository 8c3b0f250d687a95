"""See spoofable_condition.md."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.outsiders.chains import Chains
from scanner.analysis.outsiders.privilege import Exposure
from scanner.analysis.outsiders.reach import Reach, harmful, reach_of
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import expression_of, live_jobs
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.expressions.contexts import context_of, occurring
from scanner.parse.expressions.evaluate import truth
from scanner.parse.expressions.syntax import Call, Expression, Malformed, Operation, parse
from scanner.parse.fences import condition

_PULL: Final = ("github", "event", "pull_request")
_RUN: Final = ("github", "event", "workflow_run")
CHOSEN: Final = {
    "pull_request_target": {
        ("github", "head_ref"): "the name of the branch",
        (*_PULL, "head", "ref"): "the name of the branch",
        (*_PULL, "title"): "the title",
        (*_PULL, "body"): "the description",
    },
    "workflow_run": {
        (*_RUN, "head_branch"): "the name of the branch, also `main`, in a fork,",
        (*_RUN, "display_title"): "the title",
        (*_RUN, "head_commit", "message"): "the message",
        (*_RUN, "head_commit", "author", "name"): "the author",
        (*_RUN, "head_commit", "author", "email"): "the author",
        (*_RUN, "head_commit", "committer", "name"): "the committer",
        (*_RUN, "head_commit", "committer", "email"): "the committer",
    },
}
"""By event: what whoever is behind a pull request writes as they like."""
INSTEAD: Final = {
    "pull_request_target": "compare `github.event.pull_request.head.repo.full_name` with `github.repository`, or the author's role",
    "workflow_run": "also ask for `github.event.workflow_run.event == 'push'`, or that `head_repository.full_name` is "
    "`github.repository`",
}
# What says nothing about who is behind the run.
_NEUTRAL: Final = frozenset(
    (
        ("github", "base_ref"),
        ("github", "event", "action"),
        ("github", "event_name"),
        ("github", "repository"),
        ("github", "repository_owner"),
        ("github", "repository_id"),
        (*_PULL, "base", "ref"),
        (*_PULL, "draft"),
        (*_PULL, "state"),
        (*_RUN, "conclusion"),
        (*_RUN, "name"),
        (*_RUN, "status"),
    )
)
_STATUS: Final = frozenset(("always", "cancelled", "failure", "success"))


class Test(NamedTuple):
    """A comparison that somebody outside makes true, by what they choose."""

    node: Expression
    path: tuple[str, ...]


@rule(
    "spoofable-condition",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    area="exposure",
    tags=("expressions", "CWE-807", "CWE-290", "CICD-SEC-1", "SLSA:source-L3"),
)
def spoofable_condition(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph, reach_of(ctx.graph, ctx.knowledge)))


def _hits(graph: Graph, reach: Reach) -> Iterator[Hit]:
    chains = Chains(graph)
    for node in live_jobs(graph):
        guard = node.job.condition
        text = expression_of(guard) if guard is not None else None
        if (
            guard is None
            or text is None
            or not any(word in text for word in ("head_", "head.", "title", "body"))
        ):
            continue
        fence = next(condition(guard), None)
        tree = parse(fence.text) if fence is not None else None
        if fence is None or tree is None or isinstance(tree, Malformed):
            continue
        for event, way in _ways(reach, chains, node):
            test = _passable(tree, event)
            if test is not None and not reach.guards_way(node.id, way):
                yield _hit(node, event, way, test, fence.span(test.node.start, test.node.end).first_line())
                break


def _ways(reach: Reach, chains: Chains, node: JobNode) -> Iterator[tuple[str, Exposure]]:
    """The ways by which outsiders start a job that gives them something, by events of which we know what they choose."""
    for way in reach.ways(node):
        if way.event not in CHOSEN or not harmful(way):
            continue
        triggers = [one for one in node.workflow.triggers if one.event.value == way.event]
        if way.via or any(chains.starts_for_outsiders(trigger) for trigger in triggers):
            yield way.event, way


def _passable(tree: Expression, event: str) -> Test | None:
    """The test by which an outsider passes a condition, when nothing else in it is in the way."""
    match tree:
        case Operation("||", choices):
            return next(filter(None, (_passable(choice, event) for choice in choices)), None)
        case Operation("&&", parts):
            found = [_passable(part, event) for part in parts]
            if all(
                test is not None or _neutral(part, event) for part, test in zip(parts, found, strict=True)
            ):
                return next(filter(None, found), None)
            return None
        case Operation("==", (left, right)):
            for side, other in ((left, right), (right, left)):
                if context_of(side) in CHOSEN[event] and not any(occurring(other)):
                    return Test(tree, context_of(side))
        case Call(function, (within, part)) if function.lower() in ("startswith", "endswith", "contains"):
            if context_of(within) in CHOSEN[event] and not any(occurring(part)):
                return Test(tree, context_of(within))
    return None


def _neutral(tree: Expression, event: str) -> bool:
    """Whether a part of a condition stops nobody: it looks at nothing that differs between people, or rules out one of the
    texts that they choose."""
    if truth(tree, {("github", "event_name"): event}) is False:
        return False
    match tree:
        case Call(function, ()) if function.lower() in _STATUS:
            return True
        case Operation("!", (operand,)) if _passable(operand, event) is not None:
            return True
        case Operation("!=", (left, right)) if not {context_of(left), context_of(right)}.isdisjoint(
            CHOSEN[event]
        ):
            return True
        case Call() | Operation():
            paths = [context.path for context in occurring(tree)]
            return bool(paths) and all(path in _NEUTRAL for path in paths)
    return False


def _hit(node: JobNode, event: str, way: Exposure, test: Test, at: Span) -> Hit:
    return Hit(
        at,
        node.id,
        f"this check protects nothing: {CHOSEN[event][test.path]} is what the author of any pull request writes, and the job "
        f"holds {way.holds}; {INSTEAD[event]}",
        None,
        # The rules of an environment, which are not in the files, may ask somebody.
        Confidence.LOW if node.job.environment is not None else None,
        evidence=(quoted(".".join(test.path)), event),
        related=(Note(way.trigger.first_line(), f"starts it with {way.holds}"),),
    )
