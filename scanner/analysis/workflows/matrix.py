"""The values that a job's `matrix` can give to a context."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanner.parse.nodes import Mapping, Node, Scalar
from scanner.parse.nodes import Sequence as YamlList
from scanner.parse.workflow import Job


class Values(NamedTuple):
    """`written` are the values in the file, which may hold expressions themselves; `computed` are the expressions
    that stand for whole lists or objects, whose values are not known."""

    written: tuple[Scalar, ...]
    computed: tuple[Scalar, ...]


def matrix_values(job: Job, path: Sequence[str]) -> Values:
    """What `matrix.<path>` can be. A combination without the key gives an empty text, which is not listed."""
    strategy = job.at.get("strategy")
    if isinstance(strategy, Scalar):
        return Values((), (strategy,))
    matrix = strategy.get("matrix") if isinstance(strategy, Mapping) else None
    if isinstance(matrix, Scalar):
        return Values((), (matrix,))
    if not isinstance(matrix, Mapping) or not path:
        return Values((), ())
    computed: list[Scalar] = []
    written: list[Scalar] = []
    excluded = set(_excluded(matrix, path[0]))
    for node in _candidates(matrix, path[0], computed):
        for value in _below(node, path[1:], computed):
            if value.value not in excluded:
                written.append(value)
    return Values(tuple(written), tuple(computed))


def _candidates(matrix: Mapping, name: str, computed: list[Scalar]) -> Iterator[Node]:
    """The values of an axis, then those that `include` adds."""
    for key, axis in matrix.pairs:
        if key.value in ("include", "exclude"):
            continue
        if key.value.lower() == name:
            yield from _items(axis, computed)
    for combination in _items(matrix.get("include"), computed):
        if isinstance(combination, Scalar):
            computed.append(combination)
        elif isinstance(combination, Mapping):
            yield from (value for key, value in combination.pairs if key.value.lower() == name)


def _items(node: Node | None, computed: list[Scalar]) -> Sequence[Node]:
    if isinstance(node, YamlList):
        return node.items
    if isinstance(node, Scalar) and not node.is_null:
        computed.append(node)
    return ()


def _below(node: Node, path: Sequence[str], computed: list[Scalar]) -> Iterator[Scalar]:
    """The scalars at `path` inside a value; `*` is every item."""
    match node:
        case Scalar():
            if not path:
                yield node
            elif "${{" in node.value:
                computed.append(node)
        case Mapping() if path:
            for key, value in node.pairs:
                if path[0] in ("*", key.value.lower()):
                    yield from _below(value, path[1:], computed)
        case YamlList() if path:
            for item in node.items:
                yield from _below(item, path[1:], computed)


def _excluded(matrix: Mapping, name: str) -> Iterator[str]:
    """The values that `exclude` takes out whatever they are combined with."""
    exclude = matrix.get("exclude")
    for combination in exclude.items if isinstance(exclude, YamlList) else ():
        if isinstance(combination, Mapping) and len(combination.pairs) == 1:
            key, value = combination.pairs[0]
            if key.value.lower() == name and isinstance(value, Scalar):
                yield value.value
