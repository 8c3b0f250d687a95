"""See dependabot_execution.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.updates import DependabotNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.edits import fix, removed
from scanner.parse.nodes import Scalar

NAME: Final = "insecure-external-code-execution"


@rule(
    "dependabot-execution",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="exposure",
    same_as=("zizmor:dependabot-execution",),
    tags=("supply-chain", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
)
def dependabot_execution(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    for node in graph.of(DependabotNode):
        for update in node.config.updates:
            said = update.at.get(NAME)
            if isinstance(said, Scalar) and said.value == "allow":
                yield Hit(
                    said.content.first_line(),
                    node.id,
                    f"Dependabot runs code of the packages of {quoted(update.name)} while it updates them, beside the credentials of the "
                    "private registries; remove the line",
                    evidence=(update.name, *(one.value for one in update.directories)),
                    fix=fix("remove the line", removed(update.at, NAME)),
                )
