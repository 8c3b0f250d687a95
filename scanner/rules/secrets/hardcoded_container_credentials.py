"""See hardcoded_container_credentials.md."""

from collections.abc import Iterator

from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.expressions.syntax import Literal, parse
from scanner.parse.fences import fences
from scanner.parse.nodes import Scalar


@rule(
    "hardcoded-container-credentials",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="permissions",
    same_as=("zizmor:hardcoded-container-credentials", "actionlint:credentials"),
    tags=("secrets", "CWE-798", "CICD-SEC-6"),
)
def hardcoded_container_credentials(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    for node in live_jobs(graph):
        container = (node.job.container,) if node.job.container is not None else ()
        for one in (*container, *node.job.services):
            password = one.credentials.get("password") if one.credentials is not None else None
            if isinstance(password, Scalar) and _written_out(password):
                yield Hit(
                    password.content.first_line(),
                    node.id,
                    f"the password of {quoted(one.key.value)} stands in the workflow, where everybody who reads the "
                    "repository finds it; change it, and put the new one into a secret: `${{ secrets.NAME }}`",
                    evidence=(one.key.value,),
                )


def _written_out(password: Scalar) -> bool:
    """Whether a text is the password itself, or a part of it."""
    text = password.value
    if password.is_null or not text.strip():
        return False
    end, outside = 0, []
    for fence in fences(password):
        if isinstance(parse(fence.text), Literal):
            return True
        outside.append(text[end : fence.offset - len("${{")])
        end = fence.offset + len(fence.text) + len("}}")
    return bool("".join((*outside, text[end:])).strip())
