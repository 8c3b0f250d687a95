"""See undocumented_permissions.md."""

from collections.abc import Iterator

from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import WorkflowNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.reader import Entry
from scanner.parse.workflow import Permissions

SHOWN = 4


@rule(
    "undocumented-permissions",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="permissions",
    same_as=("zizmor:undocumented-permissions",),
    tags=("least-privilege", "maintenance", "CWE-732", "CICD-SEC-5"),
)
def undocumented_permissions(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    blocks: list[tuple[str, Permissions | None]] = [
        (node.id, node.workflow.permissions) for node in graph.of(WorkflowNode)
    ]
    blocks += [(node.id, node.job.permissions) for node in live_jobs(graph)]
    for subject, block in blocks:
        silent = [entry for entry in block.entries if not _explained(entry)] if block is not None else []
        if not silent:
            continue
        places = [entry.line for entry in silent]
        shown = ", ".join(quoted(place.text) for place in places[:SHOWN])
        more = ", …" if len(places) > SHOWN else ""
        yield Hit(
            places[0],
            subject,
            f"nothing says what {shown}{more} {'is' if len(silent) == 1 else 'are'} for, so nobody will dare to remove "
            "it; write the reason in a comment behind it",
            related=tuple(Note(place, "needs a comment, too") for place in places[1:]),
        )


def _explained(entry: Entry) -> bool:
    """Whether it goes without saying, or a comment on its line says why."""
    if entry.key.value == "contents" and entry.value.value == "read":
        return True
    text, end = entry.value.source.text, entry.value.end
    between = text[entry.key.end : entry.value.start] if entry.key.source is entry.value.source else ""
    if any(line.partition(" #")[2].strip("# \t\r") for line in between.split("\n")):
        return True
    newline = text.find("\n", end)
    rest = text[end : newline if newline >= 0 else len(text)]
    _, hash, comment = rest.partition(" #")
    return bool(hash) and bool(comment.strip("# \t\r"))
