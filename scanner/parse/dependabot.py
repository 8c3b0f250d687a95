"""`.github/dependabot.yml`: which ecosystems are kept up to date where."""

from typing import NamedTuple

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.nodes import Mapping, Node, Scalar
from scanner.parse.reader import Reader


class Update(NamedTuple):
    ecosystem: Scalar
    directories: tuple[Scalar, ...]
    at: Mapping


class Dependabot(NamedTuple):
    source: Source
    root: Mapping
    updates: tuple[Update, ...]


def read_dependabot(source: Source, node: Node | None, problems: list[Problem]) -> Dependabot | None:
    reader = Reader(source, problems)
    root = reader.root(node, "a Dependabot configuration", "a mapping with `version` and `updates`")
    if root is None:
        return None
    updates = []
    for item in reader.items(root.get("updates"), "`updates`"):
        update = reader.mapping(item, "an update")
        ecosystem = reader.text(update.get("package-ecosystem"), "`package-ecosystem`") if update else None
        if update is not None and ecosystem is not None:
            where = update.get("directories") or update.get("directory")
            updates.append(Update(ecosystem, reader.texts(where, "`directory`"), update))
    return Dependabot(source, root, tuple(updates))
