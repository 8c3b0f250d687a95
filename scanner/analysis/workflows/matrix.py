"""The values that a job's `matrix` can give to a context."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
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
    return _values_at(matrix, tuple(path))


# A job asks for many axes, and again and again for the same: working through the matrix each time would be quadratic.
@lru_cache(maxsize=256)
def _values_at(matrix: Mapping, path: tuple[str, ...]) -> Values:
    axes = _axes(matrix)
    computed = [*axes.computed.get(path[0], ()), *axes.of_all]
    excluded = axes.excluded.get(path[0], ())
    written = [
        value
        for node in axes.values.get(path[0], ())
        for value in _below(node, path[1:], computed)
        if value.value not in excluded
    ]
    return Values(tuple(written), tuple(computed))


class _Axes(NamedTuple):
    """A matrix by the names of its axes in lower case: the values, with those that `include` adds behind, the expressions that
    stand for the whole axis, and the values that `exclude` takes out whatever they are combined with. `of_all` are the
    expressions of `include` that may give to any axis."""

    values: dict[str, list[Node]]
    computed: dict[str, list[Scalar]]
    of_all: list[Scalar]
    excluded: dict[str, set[str]]


@lru_cache(maxsize=16)
def _axes(matrix: Mapping) -> _Axes:
    axes = _Axes({}, {}, [], {})
    for key, axis in matrix.pairs:
        if key.value not in ("include", "exclude"):
            name = key.value.lower()
            axes.values.setdefault(name, []).extend(_items(axis, axes.computed.setdefault(name, [])))
    for combination in _items(matrix.get("include"), axes.of_all):
        if isinstance(combination, Scalar):
            axes.of_all.append(combination)
        elif isinstance(combination, Mapping):
            for key, value in combination.pairs:
                axes.values.setdefault(key.value.lower(), []).append(value)
    exclude = matrix.get("exclude")
    for combination in exclude.items if isinstance(exclude, YamlList) else ():
        if isinstance(combination, Mapping) and len(combination.pairs) == 1:
            key, value = combination.pairs[0]
            if isinstance(value, Scalar):
                axes.excluded.setdefault(key.value.lower(), set()).add(value.value)
    return axes


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
