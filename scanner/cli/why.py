"""Show why something is there: every shortest path from the repository to it, and how what outsiders write gets to it. Given
the fingerprint of a finding, show the finding and the same about what it is about."""

import json
import re
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path as File
from typing import Final

from scanner.analysis.taint.edges import flows_of
from scanner.cli.common import read_one, repository_policy
from scanner.cli.terminal import emit, terminal_width, unicode
from scanner.cli.world import add_knowledge, knowledge_of
from scanner.graph.graph import Edge, Graph
from scanner.graph.nodes.base import Node
from scanner.graph.nodes.nix import InputNode
from scanner.graph.nodes.workflows import JobNode, StepNode, WorkflowNode
from scanner.knowledge.tables import Knowledge
from scanner.model.errors import UsageError
from scanner.model.finding import Finding
from scanner.model.nearest import nearest
from scanner.model.secrets import masked
from scanner.pipeline import Read, check
from scanner.policy.load import pack
from scanner.report.escape import bounded, visible
from scanner.report.json import note_data, to_data
from scanner.report.text import shown, with_excerpt
from scanner.report.words import where
from scanner.views.tree import ASCII, UNICODE, Guides, draw, merged
from scanner.views.why import Path, Why, drawing, find, names, why

_INDENT: Final = "    "
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{16,64}:[0-9]{1,6}")


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "node",
        metavar="NODE",
        help="a node's id or name (`nixpkgs`, `actions/checkout`, `flake.lock`), a place (`.github/workflows/ci.yml:12`), a text "
        "that outsiders write (`github.head_ref`), or the fingerprint of a finding",
    )
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: here)")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="what to write (default: text)"
    )
    add_knowledge(parser)


def run(arguments: Namespace) -> int:
    knowledge = knowledge_of(arguments)
    repository = read_one(arguments.path, knowledge)
    graph, name = repository.graph, arguments.node
    finding = _finding(repository, arguments.path, name, knowledge) if _FINGERPRINT.fullmatch(name) else None
    flows = flows_of(graph, knowledge)
    more = (flow.source for flow in flows)
    found = find(graph, finding.subject if finding is not None else name, more)
    if not found and finding is None:
        raise UsageError(
            f"nothing in `{arguments.path}` is called `{arguments.node}`{nearest(arguments.node, names(graph))}"
        )
    whole = drawing(graph)
    answers = [why(graph, node, whole, flows) for node in found]
    if arguments.format == "json":
        emit(json.dumps([_data(answer, finding) for answer in answers], indent=1) + "\n", None, format="json")
    else:
        pages = [shown(finding)] if finding is not None else []
        guides, width = UNICODE if unicode() else ASCII, terminal_width()
        pages += ["".join(f"{line}\n" for line in _lines(graph, answer, guides, width)) for answer in answers]
        emit("\n".join(pages), None)
    return 0


def _finding(repository: Read, path: str, fingerprint: str, knowledge: Knowledge) -> Finding | None:
    """A finding by its fingerprint, as JSON and SARIF have it: of a scan of the repository, or else of one with every rule."""
    now = datetime.now(UTC).date()
    for policy in (repository_policy(File(path)), pack("strict")):
        report = check(path, repository, policy, knowledge, now, obey_comments=False)
        for finding in (*report.findings, *(one.finding for one in report.ignored)):
            if finding.fingerprint == fingerprint:
                return finding
    return None


def _data(answer: Why, finding: Finding | None) -> dict[str, object]:
    return {
        "subject": answer.node.id,
        **({"finding": to_data(finding)} if finding is not None else {}),
        "declared": [list(path.nodes) for path in answer.declared],
        "run-by": [list(path.nodes) for path in answer.run_by],
        "outsiders": [
            {"source": flow.source.id, "target": flow.target, "flow": [note_data(note) for note in flow.path]}
            for flow in answer.outsiders
        ],
        "cut": answer.cut,
    }


def _lines(graph: Graph, answer: Why, guides: Guides, width: int | None) -> Iterator[str]:
    node = answer.node
    what = f" is {masked(str(node.input.locked))}" if isinstance(node, InputNode) else ""
    yield visible(f"{node.id}{what}")
    if not answer.declared and node.id in graph.nodes:
        yield "  nothing in the repository leads to it: it is left over in its file"
    for title, paths in (("declared by", answer.declared), ("run by", answer.run_by)):
        if paths:
            yield f"  {title}"
            # A step that an alias repeats reads the same twice, and is one line.
            room = None if width is None else width - len(_INDENT)
            lines = merged([_steps(graph, path) for path in paths], guides, room)
            yield from draw(lines, indent=_INDENT, guides=guides, width=width)
    for number, flow in enumerate(answer.outsiders):
        if number == 0:
            yield "  what outsiders write gets to it" if node.id in graph.nodes else "  outsiders write it"
        yield f"    {visible(flow.source.label)}"
        before = None
        for note in flow.path:
            yield f"      {where(note.at)}: {bounded(with_excerpt(note, before))}"
            before = note.at
    if answer.cut:
        yield f"  … and more: only the first {len(answer.declared)} of them are shown"


def _steps(graph: Graph, path: Path) -> list[str]:
    """`flake.lock`, `home-manager`, `nixpkgs, which follows`; the repository, with which each path begins, is left out."""
    return [_shown(graph.nodes[edge.target], edge) for edge in path.edges] or ["it is the repository itself"]


def _shown(node: Node, edge: Edge) -> str:
    match node:
        case WorkflowNode():
            return node.path
        case JobNode():
            return f"job {node.label}"
        case StepNode():
            place = node.place()
            return f"step “{node.label}” (line {place.begin.line})"
        case InputNode():
            name = edge.name or node.label
            shown = name if name == node.label else f"{name} ({node.label})"
            return f"{shown}, which follows" if edge.follows else shown
        case _:
            return node.label
