"""See invalid_matrix.md."""

from collections.abc import Iterator

from scanner.analysis.validity.mistakes import Advice, Mistake, hits, place
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence

MOST = 256

_Said = tuple[Node, Scalar | None, str, dict[str, str]]


@rule(
    "invalid-matrix",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    same_as=("actionlint:matrix",),
    tags=("validity", "reliability"),
)
def invalid_matrix(ctx: Context[NoOptions]) -> Iterator[Hit]:
    yield from hits(_mistakes(ctx.graph), "invalid-matrix", ctx.problems)


def _mistakes(graph: Graph) -> Iterator[Mistake]:
    advice = Advice()
    for job in graph.of(JobNode):
        strategy = job.job.strategy
        matrix = strategy.get("matrix") if strategy is not None else None
        if strategy is not None and isinstance(matrix, Mapping):
            for at, key, said, names in _of(strategy.key("matrix"), matrix):
                nearest = advice(key.value, names.values()) if key is not None and names else ""
                said = f"{said}; GitHub refuses the job{nearest}"
                yield Mistake("invalid-matrix", place(at, key), at.start, job.id, said)


def _of(owner: Scalar | None, matrix: Mapping) -> Iterator[_Said]:
    """The checks of GitHub's MatrixBuilder, which finds keys without case."""
    names: dict[str, str] = {}
    size, dynamic, named = 1, False, True
    for key, node in matrix.pairs:
        if "${{" in key.value:
            named = False
        elif key.value not in ("include", "exclude"):
            names[key.value.lower()] = key.value
            if not isinstance(node, Sequence):
                dynamic = True
                continue
            size *= len(node.items)
            if not node.items:
                yield node, key, f"the matrix has no values for {quoted(key.value)}", {}
            dynamic = dynamic or any(isinstance(one, Scalar) and "${{" in one.value for one in node.items)
    include, exclude = matrix.get("include"), matrix.get("exclude")
    if not names and named and (include is None or (isinstance(include, Sequence) and not include.items)):
        yield matrix, owner, "the matrix has no values at all", {}
    for item in include.items if isinstance(include, Sequence) else ():
        if isinstance(item, Mapping) and not item.pairs:
            yield item, matrix.key("include"), "an entry of `include` is empty", {}
    for item in exclude.items if isinstance(exclude, Sequence) else ():
        if isinstance(item, Mapping):
            if not item.pairs:
                yield item, matrix.key("exclude"), "an entry of `exclude` is empty", {}
            if named:
                yield from _excluded(item, names)
    if size > MOST and named and not dynamic and exclude is None:
        yield matrix, owner, f"the matrix makes {size:,} jobs, and a run may have {MOST} of one matrix", {}


def _excluded(item: Mapping, names: dict[str, str]) -> Iterator[_Said]:
    for key, _ in item.pairs:
        if key.value.lower() not in names and "${{" not in key.value:
            said = f"`exclude` names {quoted(key.value)}, which is no key of the matrix outside of `include`"
            yield key, key, said, names
