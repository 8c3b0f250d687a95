"""The graph as JSON (the contract of `snowfence graph`), Graphviz DOT, Mermaid and GraphML."""

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from scanner.analysis.outsiders.privilege import Privileges
from scanner.graph.graph import Graph
from scanner.graph.nodes.base import Node, RepositoryNode
from scanner.graph.nodes.nix import InputNode
from scanner.graph.nodes.outsiders import TextNode
from scanner.graph.nodes.workflows import JobNode, StepNode, WorkflowNode
from scanner.knowledge.tables import Knowledge
from scanner.model.secrets import masked
from scanner.parse.workflow import Workflow

if TYPE_CHECKING:
    from scanner.analysis.attributes.attribute import World


def to_json(graph: Graph, knowledge: Knowledge, world: "World | None" = None) -> str:
    """`{"nodes": [{"id", "kind", …}], "edges": [{"source", "target", "kind", "name"?, "follows"?}]}`.

    An edge of kind `flows` has the place of what happens at its target as `path` and `line`. A job carries the privilege table under `outsider`: what it holds for each event that an outsider can cause. An input carries its
    package URL under `purl`. With a `world`, nodes and edges carry what policies can ask of them under `attributes`.
    """
    from scanner.sbom.purl import of_input as purl_of_input  # packageurl takes longer than all the rest

    if world is not None:
        from scanner.views.answers import answers_of_edge, answers_of_node

    privileges = Privileges(graph, knowledge)
    nodes = []
    for node in graph.nodes.values():
        shown: dict[str, object] = {"id": node.id, "kind": node.kind, "label": node.label}
        if node.path is not None:
            shown["path"] = node.path
        shown |= node.exported()
        if (
            isinstance(node, InputNode)
            and (package := purl_of_input(node.input.locked, node.label)) is not None
        ):
            shown["purl"] = package.to_string()
        if isinstance(node, JobNode) and (table := _rows(privileges, node)):
            shown["outsider"] = table
        if world is not None:
            shown["attributes"] = answers_of_node(node, world)
        nodes.append(shown)
    edges = []
    for edge in graph.edges:
        one: dict[str, object] = {"source": edge.source, "target": edge.target, "kind": edge.kind}
        if edge.name is not None:
            one["name"] = masked(edge.name)
        if edge.follows is not None:
            one["follows"] = edge.follows
        if edge.kind == "flows" and edge.at is not None:
            one |= {"path": edge.at.shown, "line": edge.at.begin.line}
        if world is not None:
            one["attributes"] = answers_of_edge(edge, world)
        edges.append(one)
    return json.dumps({"schema": 1, "nodes": nodes, "edges": edges}, indent=1) + "\n"


def _rows(privileges: Privileges, node: JobNode) -> list[Mapping[str, object]]:
    """The rows of the privilege table for a job."""
    return [
        {
            "event": one.event,
            "via": list(one.via),
            "privileged": one.privileged,
            "permissions": "default" if one.token.default else dict(sorted(one.token.scopes.items())),
            "secrets": "all" if one.all_secrets else list(one.own_secrets),
            "self-hosted": one.self_hosted,
        }
        for one in privileges.of(node)
    ]


DRAWN: Final = 500
"""Characters of a text in a drawing."""

_SHAPES: Final = {
    "repository": "house",
    "lock": "folder",
    "flake": "folder",
    "flake-input": "box",
    "pin": "box",
    "nix-conf": "note",
    "workflow": "note",
    "job": "component",
    "step": "plaintext",
    "action": "cds",
    "reusable-workflow": "cds",
    "image": "box3d",
    "runner": "hexagon",
    "secret": "octagon",
    "dependabot": "note",
    "renovate": "note",
    "pre-commit": "note",
    "code-owners": "note",
    "text": "plain",
    "files": "folder",
}


def to_dot(graph: Graph, knowledge: Knowledge) -> str:
    lines = ["digraph snowfence {", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    for number, (title, nodes) in enumerate(_groups(graph).items()):
        if title:
            lines += [f"  subgraph cluster_{number} {{", f"  label={_dot(title)};"]
        for node in nodes:
            lines.append(
                f"  {_dot(node.id)} [label={_dot(_title(node, title))}, shape={_SHAPES[node.kind]}];"
            )
        if title:
            lines.append("  }")
    for edge in graph.edges:
        label = edge.name or edge.kind
        style = ", style=dashed" if edge.follows else ""
        lines.append(f"  {_dot(edge.source)} -> {_dot(edge.target)} [label={_dot(label)}{style}];")
    return "\n".join([*lines, "}"]) + "\n"


def _groups(graph: Graph) -> dict[str, list[Node]]:
    """The nodes in the boxes in which they are drawn, by the title of the box; without flows they all stand in none (`""`), with
    them what a workflow holds stands in a box that says what starts it."""
    if next((edge for edge in graph.edges if edge.kind == "flows"), None) is None:
        return {"": list(graph.nodes.values())}
    found: dict[str, list[Node]] = {}
    for node in graph.nodes.values():
        owner = _workflow(node)
        events = f", on {', '.join(sorted(owner.events))}" if owner is not None and owner.events else ""
        found.setdefault(f"{node.path}{events}" if node.path is not None else "", []).append(node)
    return found


def _workflow(node: Node) -> Workflow | None:
    match node:
        case JobNode() | WorkflowNode():
            return node.workflow
        case StepNode() if isinstance(node.owner, Workflow):
            return node.owner
    return None


def _dot(text: str) -> str:
    escaped = _short(_printable(text)).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def to_mermaid(graph: Graph, knowledge: Knowledge) -> str:
    names = {id: f"n{number}" for number, id in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    for number, (title, nodes) in enumerate(_groups(graph).items()):
        if title:
            lines.append(f"  subgraph g{number}[{_mermaid(title)}]")
        for node in nodes:
            lines.append(f"  {names[node.id]}[{_mermaid(_title(node, title))}]")
        if title:
            lines.append("  end")
    for edge in graph.edges:
        arrow = "-.->" if edge.follows else "-->"
        lines.append(
            f"  {names[edge.source]} {arrow}|{_mermaid(edge.name or edge.kind)}| {names[edge.target]}"
        )
    return "\n".join(lines) + "\n"


def _mermaid(text: str) -> str:
    """Quoted, with what Mermaid or HTML could take for markup as entities."""
    safe = "".join(
        char if char.isalnum() or char in " ./_-:@,+=~$" else f"#{ord(char)};"
        for char in _short(_printable(text))
    )
    return f'"{safe}"'


def to_graphml(graph: Graph, knowledge: Knowledge) -> str:
    import networkx

    from scanner.graph.networkx import to_networkx

    drawn = to_networkx(graph)
    # XML cannot hold control characters.
    names = {id: _printable(id) for id in drawn.nodes}
    for _, attributes in drawn.nodes(data=True):
        for key, value in attributes.items():
            if isinstance(value, str):
                attributes[key] = _printable(value)
    for _, _, attributes in drawn.edges(data=True):
        for key, value in attributes.items():
            if isinstance(value, str):
                attributes[key] = _printable(value)
    return "\n".join(networkx.generate_graphml(networkx.relabel_nodes(drawn, names))) + "\n"


def _title(node: Node, box: str = "") -> str:
    """What is written into a node; in a box with the steps of several jobs with the job of each."""
    match node:
        case StepNode() if box and node.job is not None:
            return f"{node.job.id.value}: {node.label}"
        case JobNode() if box:
            return f"job {node.label}"
        case RepositoryNode():
            return "repository"
        case TextNode() if node.events:
            return f"{node.name} (of {', '.join(node.events)})"
        case _:
            return node.label


def _short(text: str) -> str:
    """What is drawn of a text; nodes are told apart by texts, too, so what is cut off is there as a digest."""
    if len(text) <= DRAWN:
        return text
    return f"{text[:DRAWN]}… ({len(text) - DRAWN} more characters, {sha256(text.encode()).hexdigest()[:12]})"


def _printable(text: str) -> str:
    """Text without secrets, control characters and lone surrogates, which no format here can hold."""
    text = masked(text)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == " " else f"\\u{ord(char):04x}" for char in text)


FORMATS: Final[Mapping[str, Callable[[Graph, Knowledge], str]]] = {
    "json": to_json,
    "dot": to_dot,
    "mermaid": to_mermaid,
    "graphml": to_graphml,
}
