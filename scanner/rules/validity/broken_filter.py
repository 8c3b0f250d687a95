"""See broken_filter.md."""

from collections.abc import Iterator

from scanner.analysis.validity import filters
from scanner.analysis.validity.events import events_of
from scanner.analysis.validity.mistakes import Mistake, Said, hits
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import WorkflowNode
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence

KINDS = ("branches", "tags", "paths")


# GitHub's parser takes these files; its service refuses some of them later and starts nothing for the others, so the rule does not
# say "not valid".
@rule(
    "broken-filter",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="hygiene",
    same_as=("actionlint:glob",),
    tags=("reliability",),
)
def broken_filter(ctx: Context[NoOptions]) -> Iterator[Hit]:
    yield from hits(_mistakes(ctx.graph), "broken-filter", ctx.problems)


def _mistakes(graph: Graph) -> Iterator[Mistake]:
    for workflow in graph.of(WorkflowNode):
        for event, options in events_of(workflow.workflow.root.get("on")):
            if isinstance(options, Mapping):
                for one in _of(event.value, options):
                    yield one.mistake("broken-filter", workflow.id)


def _of(event: str, options: Mapping) -> Iterator[Said]:
    yield from _empty(event, options)
    for kind in KINDS:
        yield from _filters(event, kind, options)


def _empty(event: str, options: Mapping) -> Iterator[Said]:
    for key, node in options.pairs:
        if (
            key.value.removesuffix("-ignore") in (*KINDS, "types")
            and isinstance(node, Scalar)
            and node.is_null
        ):
            yield Said(
                node,
                key,
                f"{quoted(key.value)} of {quoted(event)} is empty, so it filters nothing; write something or remove it",
            )


def _filters(event: str, kind: str, options: Mapping) -> Iterator[Said]:
    ignored = options.key(f"{kind}-ignore")
    key, node = options.key(kind), options.get(kind)
    if key is not None and ignored is not None:
        yield Said(
            ignored,
            ignored,
            f"{quoted(event)} has both `{kind}` and `{kind}-ignore`, which GitHub refuses; keep `{kind}` and exclude with `!` in "
            "it",
        )
    patterns = list(_texts(node))
    for pattern in (*patterns, *_texts(options.get(f"{kind}-ignore"))):
        fault = filters.fault(pattern.value, paths=kind == "paths")
        if fault is not None and pattern.value:
            yield Said(pattern, None, f"the pattern {quoted(pattern.value)} {fault}")
    if key is not None and patterns and all(one.value.startswith("!") for one in patterns):
        yield Said(
            key,
            key,
            f"`{kind}` of {quoted(event)} only excludes, so it matches nothing; write the patterns without `!` below "
            f"`{kind}-ignore`",
        )


def _texts(node: Node | None) -> Iterator[Scalar]:
    for item in node.items if isinstance(node, Sequence) else (node,):
        if isinstance(item, Scalar) and not item.is_null and "${{" not in item.value:
            yield item
