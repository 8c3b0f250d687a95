"""See secrets_in_artifacts.md."""

from collections.abc import Iterator

from scanner.analysis.permissions.kept_credentials import kept_credentials
from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown


@rule(
    "secrets-in-artifacts",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    same_as=("codeql:actions/secrets-in-artifacts",),
    tags=("secrets", "CWE-312", "CWE-522", "CICD-SEC-6"),
)
def secrets_in_artifacts(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    for kept in kept_credentials(graph):
        if kept.upload is not None:
            yield Hit(
                kept.upload.at,
                kept.upload.node.id,
                "the artifact takes in `.git/config`, in which the checkout left the token, so who may download it can use "
                "the token while the job runs; set `persist-credentials: false` at the checkout or upload a smaller folder",
                related=(Note(kept.call.text.content.first_line(), "the token is left behind here"),),
            )
