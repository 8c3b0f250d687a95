"""See unredacted_secrets.md."""

from collections.abc import Iterator

from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.expressions import written
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.syntax import Call, Expression, Malformed, nodes


@rule(
    "unredacted-secrets",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    same_as=("zizmor:unredacted-secrets", "codeql:actions/unmasked-secret-exposure"),
    tags=("secrets", "CWE-312", "CWE-532", "CICD-SEC-6"),
)
def unredacted_secrets(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    for one in written(graph):
        text = one.fence.text.lower()
        if "fromjson" not in text or "secrets" not in text or isinstance(tree := one.tree, Malformed):
            continue
        for part in nodes(tree):
            if (
                isinstance(part, Call)
                and part.function.lower() == "fromjson"
                and any(map(_secret, part.arguments))
            ):
                yield Hit(
                    one.span(part),
                    one.owner.id,
                    "`fromJSON` takes a secret apart, and GitHub hides only the whole of it in logs: its parts are printed as "
                    "they are; store each part as a secret of its own",
                    evidence=(" ".join(one.fence.text.split()),),
                )


def _secret(tree: Expression) -> bool:
    """Whether the text of a secret is what an expression answers with. `toJSON(secrets)` holds each secret whole."""
    if isinstance(tree, Call) and tree.function.lower() == "tojson":
        return False
    return any(context.path[0] == "secrets" for context in flowing(tree))
