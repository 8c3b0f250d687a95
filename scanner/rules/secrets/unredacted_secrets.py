"""See unredacted_secrets.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.taint.secret_flow import Way, flow_of, handles_secrets
from scanner.analysis.taint.secret_values import TOKEN
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.analysis.workflows.expressions import written
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.syntax import Call, Expression, Malformed, nodes


@rule(
    "unredacted-secrets",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="permissions",
    same_as=("zizmor:unredacted-secrets", "codeql:actions/unmasked-secret-exposure"),
    tags=("secrets", "CWE-312", "CWE-532", "CICD-SEC-6"),
)
def unredacted_secrets(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))
    yield from once(_derived(ctx.graph))


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


_WAYS: Final[dict[Way, str]] = {
    "log": "and prints it",
    "output": "and gives it out to other steps and jobs, whose logs show it",
    "environment": "and makes it a variable, which the log shows before every later step",
    "summary": "and writes it to the summary of the run",
    "trace": "while `set -x` prints every command",
}


def _derived(graph: Graph) -> Iterator[Hit]:
    """What commands make of a secret and then show."""
    for node in live_steps(graph):
        for shown in flow_of(graph, node).shown if handles_secrets(graph, node) else ():
            if shown.secret == TOKEN:
                continue
            advice = (
                "leave `set -x` out"
                if shown.way == "trace"
                else 'hide it first (`echo "::add-mask::$value"`), or store it as a secret of its own'
            )
            yield Hit(
                shown.at,
                node.id,
                f"this makes a new text of the secret {quoted(shown.secret)} {_WAYS[shown.way]}: GitHub hides only the whole of a "
                f"secret; {advice}",
                None,
                Confidence.MEDIUM,
                evidence=(shown.secret, shown.way, shown.at.text),
                flow=(shown.made, Note(shown.at, "shown here")) if shown.made.at != shown.at else (),
            )


def _secret(tree: Expression) -> bool:
    """Whether the text of a secret is what an expression answers with. `toJSON(secrets)` holds each secret whole."""
    if isinstance(tree, Call) and tree.function.lower() == "tojson":
        return False
    return any(context.path[0] == "secrets" for context in flowing(tree))
