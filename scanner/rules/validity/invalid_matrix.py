"""See invalid_matrix.md."""

from collections.abc import Iterator

from scanner.analysis.validity.mistakes import Advice, Mistake, Said, hits
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.parse.nodes import Mapping, Scalar, Sequence

MOST = 256


@rule(
    "invalid-matrix",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="hygiene",
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
            for one in _of(advice, strategy.key("matrix"), matrix):
                yield one.mistake("invalid-matrix", job.id, "; GitHub refuses the job")


def _of(advice: Advice, owner: Scalar | None, matrix: Mapping) -> Iterator[Said]:
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
                yield Said(node, key, f"the matrix has no values for {quoted(key.value)}")
            dynamic = dynamic or any(isinstance(one, Scalar) and "${{" in one.value for one in node.items)
    include, exclude = matrix.get("include"), matrix.get("exclude")
    if not names and named and (include is None or (isinstance(include, Sequence) and not include.items)):
        yield Said(matrix, owner, "the matrix has no values at all")
    for item in include.items if isinstance(include, Sequence) else ():
        if isinstance(item, Mapping) and not item.pairs:
            yield Said(item, matrix.key("include"), "an entry of `include` is empty")
    for item in exclude.items if isinstance(exclude, Sequence) else ():
        if isinstance(item, Mapping):
            if not item.pairs:
                yield Said(item, matrix.key("exclude"), "an entry of `exclude` is empty")
            if named:
                yield from _excluded(advice, item, names)
    if size > MOST and named and not dynamic and exclude is None:
        yield Said(matrix, owner, f"the matrix makes more than {MOST} jobs")


def _excluded(advice: Advice, item: Mapping, names: dict[str, str]) -> Iterator[Said]:
    for key, _ in item.pairs:
        if key.value.lower() not in names and "${{" not in key.value:
            said = f"`exclude` names {quoted(key.value)}, which is no key of the matrix outside of `include`"
            yield Said(key, key, said, advice(key.value, names.values()))
