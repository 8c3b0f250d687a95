"""What checks of a policy can select and ask for: every kind of node and edge with its attributes, as text, Markdown and JSON. All of it
comes from the graph's types and from the functions that answer."""

import json
from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Final, NamedTuple

from scanner.analysis.attributes.attribute import Attribute, EdgeAttribute, Type
from scanner.analysis.attributes.table import attributes, edge_attributes, of_every_edge, of_every_node
from scanner.graph.edge_kinds import EDGE_KINDS, Classes, node_classes
from scanner.graph.graph import EdgeKind
from scanner.model.json import Json

WIDTH: Final = 100
_INDENT: Final = "  "
_GAP: Final = 2
_HEAD: Final = """\
What checks of a policy can ask: `select` takes a kind of node or edge, `where`, `require` and `forbid` ask for its attributes.
A list is asked with `any`, `all`, `none` or `count`; what has no answer is missing, and `exists` asks for that. Durations are written
`12h`, `30d`, `2w`, `1y`, dates `2026-01-31`. Graph questions
(`reaches`, `reached-by`) follow the edges. `snowfence schema nodes KIND` prints one kind."""


class Asked(NamedTuple):
    """An attribute, in words."""

    name: str
    type: str
    many: bool
    about: str

    @property
    def holds(self) -> str:
        if not self.many:
            return self.type
        return "list of texts" if self.type == Type.TEXT.value else f"list of {self.type}s"


class Joined(NamedTuple):
    """An edge of a kind that leads from the kinds `sources` to `targets`."""

    kind: EdgeKind
    sources: tuple[str, ...]
    targets: tuple[str, ...]


class NodeKind(NamedTuple):
    """A kind of node: what it is, the edges that leave it and those that arrive, what it answers."""

    name: str
    about: str
    out: tuple[Joined, ...]
    into: tuple[Joined, ...]
    attributes: tuple[Asked, ...]


class KindOfEdge(NamedTuple):
    """A kind of edge: what it says, which nodes it joins, what it answers."""

    name: EdgeKind
    about: str
    joins: tuple[Joined, ...]
    attributes: tuple[Asked, ...]


class Vocabulary(NamedTuple):
    """All kinds, or those that were asked for."""

    nodes: tuple[NodeKind, ...]
    edges: tuple[KindOfEdge, ...]


def vocabulary() -> Vocabulary:
    """Every kind of the graph of a scan."""
    table, of_edges = attributes(), edge_attributes()
    edges = tuple(
        KindOfEdge(kind, ends.about, tuple(_joins(kind)), tuple(map(_asked, of_edges[kind].values())))
        for kind, ends in EDGE_KINDS.items()
    )
    joined = [one for edge in edges for one in edge.joins]
    nodes = tuple(
        NodeKind(
            kind,
            " ".join(_first_sentence(one.__doc__) for one in node_classes() if one.kind == kind),
            tuple(one._replace(sources=(kind,)) for one in joined if kind in one.sources),
            tuple(one._replace(targets=(kind,)) for one in joined if kind in one.targets),
            tuple(sorted(_asked(next(iter(by_class.values()))) for by_class in by_name.values())),
        )
        for kind, by_name in table.items()
    )
    return Vocabulary(nodes, edges)


def only(all: Vocabulary, kinds: Iterable[str]) -> Vocabulary:
    """The kinds of these names."""
    names = frozenset(kinds)
    return Vocabulary(
        tuple(one for one in all.nodes if one.name in names),
        tuple(one for one in all.edges if one.name in names),
    )


def _joins(kind: EdgeKind) -> Iterator[Joined]:
    for pair in EDGE_KINDS[kind].between:
        yield Joined(kind, _kinds(pair.sources), _kinds(pair.targets))


def _kinds(classes: Classes) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.kind for one in classes))


def _asked(one: Attribute | EdgeAttribute) -> Asked:
    return Asked(one.name, one.type.value, one.many, one.about)


def _first_sentence(documentation: str | None) -> str:
    text = " ".join((documentation or "").split())
    return text.partition(". ")[0].removesuffix(".") + "."


# ---------------------------------------------------------------- text


def to_text(words: Vocabulary) -> str:
    """For people, at most `WIDTH` columns wide."""
    every_node, every_edge = of_every_node(), of_every_edge()
    lines = wrap(" ".join(_HEAD.split()), WIDTH)
    if words.nodes:
        lines += [
            "",
            "every node",
            *_rows(one for one in words.nodes[0].attributes if one.name in every_node),
        ]
    for node in words.nodes:
        lines += ["", f"node {node.name}", *_folded(node.about, _INDENT)]
        lines += _listed("leads to", (f"{one.kind} {' | '.join(one.targets)}" for one in node.out))
        lines += _listed("comes from", (f"{' | '.join(one.sources)} {one.kind}" for one in node.into))
        lines += _rows(one for one in node.attributes if one.name not in every_node)
    if words.edges:
        lines += [
            "",
            "every edge",
            *_rows(one for one in words.edges[0].attributes if one.name in every_edge),
        ]
    for edge in words.edges:
        lines += ["", f"edge {edge.name}", *_folded(edge.about, _INDENT)]
        joins = (f"{' | '.join(one.sources)} -> {' | '.join(one.targets)}" for one in edge.joins)
        lines += _listed("joins", joins)
        lines += _rows(one for one in edge.attributes if one.name not in every_edge)
    return "\n".join(lines) + "\n"


def _listed(what: str, entries: Iterable[str]) -> list[str]:
    listed = "; ".join(entries)
    return _folded(f"{what}: {listed}", _INDENT, _INDENT * 2) if listed else []


def _rows(asked: Iterable[Asked]) -> list[str]:
    """Name, type and sentence in columns."""
    asked = tuple(asked)
    if not asked:
        return []
    names = max(len(one.name) for one in asked) + _GAP
    types = max(len(one.holds) for one in asked) + _GAP
    lines = []
    for one in asked:
        before = f"{_INDENT * 2}{one.name:<{names}}{one.holds:<{types}}"
        lines += _folded(one.about, before, " " * len(before))
    return lines


def _folded(text: str, first: str, rest: str | None = None) -> list[str]:
    return wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


# ---------------------------------------------------------------- Markdown


def to_markdown(words: Vocabulary) -> str:
    """Sections with tables, for the documentation."""
    lines: list[str] = []
    if words.nodes:
        lines += [
            "### every node",
            "",
            *_table(one for one in words.nodes[0].attributes if one.name in of_every_node()),
        ]
    for node in words.nodes:
        lines += ["", f"### node `{node.name}`", "", node.about]
        lines += _bullets("leads to", ((one.kind, one.targets, True) for one in node.out))
        lines += _bullets("comes from", ((one.kind, one.sources, False) for one in node.into))
        lines += ["", *_table(one for one in node.attributes if one.name not in of_every_node())]
    if words.edges:
        lines += ["", "### every edge", ""]
        lines += _table(one for one in words.edges[0].attributes if one.name in of_every_edge())
    for edge in words.edges:
        joins = "; ".join(f"{_codes(one.sources)} → {_codes(one.targets)}" for one in edge.joins)
        lines += ["", f"### edge `{edge.name}`", "", f"{edge.about} Joins {joins}."]
        if own := [one for one in edge.attributes if one.name not in of_every_edge()]:
            lines += ["", *_table(own)]
    return "\n".join(lines).strip() + "\n"


def _bullets(what: str, edges: Iterable[tuple[str, tuple[str, ...], bool]]) -> list[str]:
    told = [
        f"*{kind}* {_codes(others)}" if forward else f"{_codes(others)} *{kind}*"
        for kind, others, forward in edges
    ]
    return ["", f"{what}: {'; '.join(told)}"] if told else []


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(asked: Iterable[Asked]) -> list[str]:
    rows = [f"| `{one.name}` | {one.holds} | {one.about.replace('|', chr(92) + '|')} |" for one in asked]
    return ["| attribute | holds | |", "|---|---|---|", *rows] if rows else []


# ---------------------------------------------------------------- JSON


def to_json(words: Vocabulary) -> str:
    """`{"schema": 1, "nodes": [{"kind", "about", "out", "in", "attributes"}], "edges": [{"kind", "about", "joins", "attributes"}]}`."""
    nodes: list[Json] = [
        {
            "kind": node.name,
            "about": node.about,
            "out": [{"kind": one.kind, "to": [*one.targets]} for one in node.out],
            "in": [{"kind": one.kind, "from": [*one.sources]} for one in node.into],
            "attributes": _data(node.attributes),
        }
        for node in words.nodes
    ]
    edges: list[Json] = [
        {
            "kind": edge.name,
            "about": edge.about,
            "joins": [{"from": [*one.sources], "to": [*one.targets]} for one in edge.joins],
            "attributes": _data(edge.attributes),
        }
        for edge in words.edges
    ]
    return json.dumps({"schema": 1, "nodes": nodes, "edges": edges}, indent=1, ensure_ascii=False) + "\n"


def _data(asked: Iterable[Asked]) -> list[Json]:
    return [{"name": one.name, "type": one.type, "list": one.many, "about": one.about} for one in asked]
