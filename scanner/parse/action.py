"""`action.yml`: composite, JavaScript and Docker actions (GitHub's metadata syntax)."""

from typing import NamedTuple

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.nodes import Mapping, Node, Scalar
from scanner.parse.reader import Reader
from scanner.parse.workflow import Step, read_steps


class Action(NamedTuple):
    """`using` is `composite`, `docker`, `node24`, …; `image` is set for Docker actions only."""

    source: Source
    root: Mapping
    name: Scalar | None
    using: Scalar | None
    image: Scalar | None
    inputs: tuple[Scalar, ...]
    steps: tuple[Step, ...]


def read_action(source: Source, node: Node | None, problems: list[Problem]) -> Action | None:
    reader = Reader(source, problems)
    root = reader.root(node, "an action", "a mapping with `runs`")
    if root is None:
        return None
    runs = reader.mapping(root.get("runs"), "`runs`")
    inputs = reader.mapping(root.get("inputs"), "`inputs`")
    return Action(
        source=source,
        root=root,
        name=reader.text(root.get("name"), "`name`"),
        using=reader.text(runs.get("using"), "`runs.using`") if runs is not None else None,
        image=reader.text(runs.get("image"), "`runs.image`") if runs is not None else None,
        inputs=tuple(key for key, _ in inputs.pairs) if inputs is not None else (),
        steps=read_steps(reader, runs.get("steps")) if runs is not None else (),
    )
