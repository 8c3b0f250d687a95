"""`.github/dependabot.yml`: which ecosystems are kept up to date where.

GitHub: "Dependabot options reference". The reader is lenient and keeps what stands there; what GitHub refuses is said by the
rule `invalid-dependabot`, but for what is no configuration at all.
"""

from typing import NamedTuple

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence
from scanner.parse.reader import Reader


class Update(NamedTuple):
    """An entry of `updates`. `directories` are the texts of `directory` or `directories`; only those of the latter (`globs`)
    may hold wildcards."""

    at: Mapping
    ecosystem: Scalar | None
    directories: tuple[Scalar, ...]
    globs: bool

    @property
    def cooldown(self) -> Mapping | None:
        found = self.at.get("cooldown")
        return found if isinstance(found, Mapping) else None

    @property
    def name(self) -> str:
        return self.ecosystem.value if self.ecosystem is not None else ""


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
        if (given := reader.mapping(item, "an update")) is not None:
            at = _merged(given)
            ecosystem = at.get("package-ecosystem")
            several = at.get("directories")
            updates.append(
                Update(
                    at,
                    ecosystem if isinstance(ecosystem, Scalar) else None,
                    _texts(several if several is not None else at.get("directory")),
                    several is not None,
                )
            )
    return Dependabot(source, root, tuple(updates))


def _merged(mapping: Mapping) -> Mapping:
    """The mapping with what `<<: *other` brings in, which Dependabot's reader of YAML follows."""
    taken = mapping.get("<<")
    others = taken.items if isinstance(taken, Sequence) else [taken]
    if not any(isinstance(other, Mapping) for other in others):
        return mapping
    made = Mapping(mapping.source, mapping.start)
    made.end = mapping.end
    made.pairs = [pair for pair in mapping.pairs if pair[0].value != "<<"]
    known = {key.value for key, _ in made.pairs}
    for other in others:
        for key, value in other.pairs if isinstance(other, Mapping) else ():
            if key.value not in known and key.value != "<<":
                known.add(key.value)
                made.pairs.append((key, value))
    return made


def _texts(node: Node | None) -> tuple[Scalar, ...]:
    items = node.items if isinstance(node, Sequence) else [node]
    return tuple(item for item in items if isinstance(item, Scalar))
