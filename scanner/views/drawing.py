"""The graph as JSON (the contract of `snowfence graph`), Graphviz DOT, Mermaid and GraphML."""

import json
from collections.abc import Callable, Mapping
from typing import Final

from scanner.analysis.outsiders.privilege import Privileges
from scanner.graph.graph import Graph
from scanner.graph.nodes.base import Node
from scanner.graph.nodes.nix import InputNode
from scanner.graph.nodes.workflows import JobNode
from scanner.knowledge.tables import Knowledge


def to_json(graph: Graph, knowledge: Knowledge) -> str:
    """`{"nodes": [{"id", "kind", …}], "edges": [{"source", "target", "kind", "name"?, "follows"?}]}`.

    A job carries the privilege table under `outsider`: what it holds for each event that an outsider can cause. An input carries its
    package URL under `purl`.
    """
    from scanner.sbom.purl import of_input as purl_of_input  # packageurl takes longer than all the rest

    privileges = Privileges(graph, knowledge)
    nodes = []
    for node in graph.nodes.values():
        shown: dict[str, object] = {"id": node.id, "kind": node.kind, "label": node.label}
        if node.path is not None:
            shown["path"] = node.path
        shown |= node.attributes()
        if (
            isinstance(node, InputNode)
            and (package := purl_of_input(node.input.locked, node.label)) is not None
        ):
            shown["purl"] = package.to_string()
        if isinstance(node, JobNode) and (table := _rows(privileges, node)):
            shown["outsider"] = table
        nodes.append(shown)
    edges = []
    for edge in graph.edges:
        one: dict[str, object] = {"source": edge.source, "target": edge.target, "kind": edge.kind}
        if edge.name is not None:
            one["name"] = edge.name
        if edge.follows is not None:
            one["follows"] = edge.follows
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
            "secrets": "all" if one.all_secrets else list(one.secrets),
            "self-hosted": one.self_hosted,
        }
        for one in privileges.of(node)
    ]


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
}


def to_dot(graph: Graph, knowledge: Knowledge) -> str:
    lines = ["digraph snowfence {", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    for node in graph.nodes.values():
        lines.append(f"  {_dot(node.id)} [label={_dot(_title(node))}, shape={_SHAPES[node.kind]}];")
    for edge in graph.edges:
        label = edge.name or edge.kind
        style = ", style=dashed" if edge.follows else ""
        lines.append(f"  {_dot(edge.source)} -> {_dot(edge.target)} [label={_dot(label)}{style}];")
    return "\n".join([*lines, "}"]) + "\n"


def _dot(text: str) -> str:
    escaped = _printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def to_mermaid(graph: Graph, knowledge: Knowledge) -> str:
    names = {id: f"n{number}" for number, id in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    for node in graph.nodes.values():
        lines.append(f"  {names[node.id]}[{_mermaid(_title(node))}]")
    for edge in graph.edges:
        arrow = "-.->" if edge.follows else "-->"
        lines.append(
            f"  {names[edge.source]} {arrow}|{_mermaid(edge.name or edge.kind)}| {names[edge.target]}"
        )
    return "\n".join(lines) + "\n"


def _mermaid(text: str) -> str:
    """Quoted, with what Mermaid or HTML could take for markup as entities."""
    safe = "".join(
        char if char.isalnum() or char in " ./_-:@,+=~$" else f"#{ord(char)};" for char in _printable(text)
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


def _title(node: Node) -> str:
    return node.label if node.kind != "repository" else "repository"


def _printable(text: str) -> str:
    """Text without control characters and lone surrogates, which no format here can hold."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == " " else f"\\u{ord(char):04x}" for char in text)


FORMATS: Final[Mapping[str, Callable[[Graph, Knowledge], str]]] = {
    "json": to_json,
    "dot": to_dot,
    "mermaid": to_mermaid,
    "graphml": to_graphml,
}
