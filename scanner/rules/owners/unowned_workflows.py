"""See unowned_workflows.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.updates.owners import Owners, code_owners
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.nix import FlakeNode, LockfileNode
from scanner.graph.nodes.updates import CodeOwnersNode
from scanner.graph.nodes.workflows import LocalActionNode, WorkflowNode
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.code_owners import Ownership

SHOWN: Final = 3
MEANS: Final = {
    "workflows": "what runs with the secrets of the repository",
    "flake": "what Nix builds",
    "owners": "who must review what",
}


@rule(
    "unowned-workflows",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="hygiene",
    variants={"itself": Severity.INFO},
    tags=("review", "CWE-1220", "CICD-SEC-1", "SLSA:source-L4"),
)
def unowned_workflows(ctx: Context[NoOptions]) -> Iterator[Hit]:
    node = code_owners(ctx.graph)
    if node is None:
        return
    owners = Owners(node.owners)
    for what, paths in _guarded(ctx.graph):
        hit = _judge(node, owners, what, paths)
        if hit is not None:
            yield hit
    hit = _judge(node, owners, "owners", [node.path], "itself")
    if hit is not None:
        yield hit


def _guarded(graph: Graph) -> Iterator[tuple[str, list[str]]]:
    """The files that decide what code runs, by a key of `MEANS`."""
    workflows = [node.path for node in graph.of(WorkflowNode)]
    workflows += [node.path for node in graph.of(LocalActionNode) if node.path.startswith(".github/")]
    yield "workflows", workflows
    flakes = [node.path for node in graph.of(LockfileNode)] + [node.path for node in graph.of(FlakeNode)]
    # Only the root's: what lies deeper may be an example or a test.
    yield "flake", sorted(path for path in flakes if "/" not in path)


def _judge(
    node: CodeOwnersNode, owners: Owners, what: str, paths: list[str], variant: str | None = None
) -> Hit | None:
    """One finding for the files that nobody owns, at the line that says so, else at the first line of the file."""
    lines = {path: owners.line_of(path) for path in paths}
    unowned = [path for path, line in lines.items() if line is None or not line.owners]
    if not unowned:
        return None
    cleared = next((line for path in unowned if (line := lines[path]) is not None), None)
    shown = ", ".join(quoted(path) for path in unowned[:SHOWN])
    shown += f" and {len(unowned) - SHOWN} more" if len(unowned) > SHOWN else ""
    why = (
        f"the line {quoted(cleared.pattern)} takes their owners away"
        if cleared is not None
        else "no line matches"
    )
    if not node.owners.loaded:
        why = "GitHub does not load a CODEOWNERS file of 3 MB"
    return Hit(
        _place(node, cleared),
        node.id,
        f"nobody owns {shown} ({why}), so {MEANS[what]} can be changed without a review of an owner; add a line for "
        f"{quoted(_pattern(unowned))}",
        variant,
        evidence=(what,),
    )


def _place(node: CodeOwnersNode, cleared: Ownership | None) -> Span:
    if cleared is not None:
        return cleared.at
    lines = node.owners.lines
    return lines[0].at if lines else Span(node.source, 0, len(node.source.text)).first_line()


def _pattern(paths: list[str]) -> str:
    """A line's pattern that covers the paths."""
    folders = {path.rpartition("/")[0] for path in paths}
    if folders == {".github/workflows"}:
        return "/.github/workflows/"
    if len(folders) > 1 or (len(paths) > 1 and folders != {""}):
        return "/.github/"
    return f"/{paths[0]}"
