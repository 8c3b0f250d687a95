"""Which contexts occur in an expression, and which can flow into its value."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.parse.expressions.syntax import Access, Call, Expression, Literal, Name, Operation


class Context(NamedTuple):
    """A value that an expression refers to: its path in lower case, `*` for a filter, a number or a computed
    index; offsets into the text of the expression."""

    path: tuple[str, ...]
    start: int
    end: int

    def __str__(self) -> str:
        return ".".join(self.path)


def occurring(tree: Expression) -> Iterator[Context]:
    """Every context in an expression, in any role."""
    match tree:
        case Name() | Access():
            context = _context(tree)
            if context is not None:
                yield context
            yield from _inside(tree)
        case Call(_, operands) | Operation(_, operands):
            for operand in operands:
                yield from occurring(operand)


def context_of(tree: Expression) -> tuple[str, ...]:
    """The path of the context that an expression is, as in `Context`; empty for one that is something else."""
    context = _context(tree) if isinstance(tree, Name | Access) else None
    return context.path if context is not None else ()


def flowing(tree: Expression) -> Iterator[Context]:
    """The contexts whose text can be part of the value.

    `a && b` and `a || b` answer with an operand, and a field of such a choice is that field of the operand; comparisons, `!` and the functions that compute a boolean, a
    number or a digest let nothing through.
    """
    return _flowing(_distributed(tree))


def _distributed(tree: Expression) -> Expression:
    """`(a || b).c` as `a.c || b.c`."""
    match tree:
        case Access(base, key, start, end):
            base = _distributed(base)
            if isinstance(base, Operation) and base.operator in ("||", "&&"):
                sides = tuple(Access(side, key, start, end) for side in base.operands)
                return _distributed(Operation(base.operator, sides, start, end))
            return Access(base, key, start, end)
        case Operation("||" | "&&", operands):
            return tree._replace(operands=tuple(_distributed(side) for side in operands))
    return tree


def _flowing(tree: Expression) -> Iterator[Context]:
    match tree:
        case Name() | Access():
            context = _context(tree)
            if context is not None:
                yield context
            elif isinstance(tree, Access):
                yield from _flowing(tree.base)
        case Operation("&&", (*_, last)):
            # Another operand is the value only when it is falsy, and then it is no text of interest.
            yield from _flowing(last)
        case Operation("||", operands):
            for operand in operands:
                yield from _flowing(operand)
        case Call(function, arguments):
            match function.lower():
                case "tojson" | "fromjson" | "format" | "join":
                    for argument in arguments:
                        yield from _flowing(argument)
                case "case":
                    # case(predicate, value, predicate, value, …, default)
                    for index, argument in enumerate(arguments):
                        if index % 2 == 1 or index == len(arguments) - 1:
                            yield from _flowing(argument)


def _inside(tree: Name | Access) -> Iterator[Context]:
    """Contexts inside computed indexes: `a[github.x]`, and below a base that is no context (`fromJSON(x).y`)."""
    while isinstance(tree, Access):
        if tree.key is not None and not isinstance(tree.key, Literal):
            yield from occurring(tree.key)
        if not isinstance(tree.base, Name | Access):
            yield from occurring(tree.base)
            return
        tree = tree.base


def _context(tree: Name | Access) -> Context | None:
    parts: list[str] = []
    node: Expression = tree
    while isinstance(node, Access):
        key = node.key
        parts.append(key.value.lower() if isinstance(key, Literal) and isinstance(key.value, str) else "*")
        node = node.base
    if not isinstance(node, Name):
        return None
    parts.append(node.name.lower())
    return Context(tuple(reversed(parts)), tree.start, tree.end)
