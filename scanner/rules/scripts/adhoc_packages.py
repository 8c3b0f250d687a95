"""See adhoc_packages.md."""

from collections.abc import Iterator

from scanner.analysis.scripts.commands import commands_of
from scanner.analysis.scripts.packages import Installation, installation, mentions_installation
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted


@rule(
    "adhoc-packages",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="pinning",
    variants={"local": Severity.INFO},
    same_as=("zizmor:adhoc-packages",),
    tags=(
        "supply-chain",
        "CWE-829",
        "CWE-494",
        "CICD-SEC-3",
        "scorecard:Pinned-Dependencies",
        "SLSA:dependencies",
    ),
)
def adhoc_packages(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    for node in live_steps(graph):
        if node.step.run is None or not mentions_installation(node.step.run.script.value):
            continue
        for ran in commands_of(graph, node):
            found = installation(ran.command)
            if found is not None:
                variant, message = _said(found)
                evidence = (ran.command.program, *(word.text for word in found.packages))
                yield Hit(ran.whole(), node.id, message, variant, evidence=evidence)


def _said(found: Installation) -> tuple[str | None, str]:
    first, more = quoted(found.packages[0].text), len(found.packages) > 1
    installed = f"{first} and others are installed" if more else f"{first} is installed"
    it, its = ("them", "their") if more else ("it", "its")
    if found.local:
        return "local", (
            f"{installed} without a lockfile, so {its} dependencies are whatever is newest on that day; install {it} "
            "as part of the locked project where you can"
        )
    return None, (
        f"{installed} outside of a lockfile: the registry decides on that day what runs, {its} dependencies included; "
        f"add {it} to the project's dependencies and install those from the lockfile"
    )
