"""Which contexts occur in an expression, and which can flow into its value."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.parse.expressions.syntax import Access, Call, Expression, Literal, Name, Operation

MAX_LEAVES: Final = 10_000
"""Operands of choices in an expression whose fields are told apart."""


class Context(NamedTuple):
    """A value that an expression refers to: its path in lower case, `*` for a filter, a number or a computed
    index; offsets into the text of the expression. `fields` are those that are taken of it behind `fromJSON(…)`."""

    path: tuple[str, ...]
    start: int
    end: int
    fields: tuple[str, ...] = ()

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

    `a && b` and `a || b` answer with an operand, and a field of such a choice is that field of the operand; an operand that
    fixed ones in front of it rule out is none. Comparisons, `!` and the functions that compute a boolean, a number or a digest
    let nothing through.
    """
    return _flowing(_distributed(tree))


def _distributed(tree: Expression) -> Expression:
    """`(a || b).c` as `a.c || b.c`, for at most `MAX_LEAVES` of them."""
    return _Distribution().of(tree)


class _Distribution:
    """One walk over a tree; the work is the number of leaves times the fields behind them."""

    def __init__(self) -> None:
        self.left = MAX_LEAVES

    def of(self, tree: Expression) -> Expression:
        match tree:
            case Access():
                chain: list[Access] = []
                base: Expression = tree
                while isinstance(base, Access):
                    chain.append(base)
                    base = base.base
                return self.behind(self.of(base), chain) if _chooses(base) else tree
            case Operation("||" | "&&", operands):
                return tree._replace(operands=tuple(self.of(side) for side in operands))
        return tree

    def behind(self, base: Expression, chain: list[Access]) -> Expression:
        """The fields of a chain (the last one first), of every operand that `base` can be."""
        if isinstance(base, Operation) and _chooses(base) and self.left > 0:
            operands = tuple(self.behind(side, chain) for side in base.operands)
            return Operation(base.operator, operands, chain[0].start, chain[0].end)
        self.left -= 1
        for access in reversed(chain):
            base = access._replace(base=base)
        return base


def _chooses(tree: Expression) -> bool:
    return isinstance(tree, Operation) and tree.operator in ("||", "&&")


def _flowing(tree: Expression) -> Iterator[Context]:
    match tree:
        case Name() | Access():
            context = _context(tree)
            if context is not None:
                yield context
            elif isinstance(tree, Access):
                base, fields = _behind_json(tree)
                for inner in _flowing(base):
                    yield inner._replace(fields=(*inner.fields, *fields)) if fields else inner
        case Operation("&&", (*before, last)):
            # Another operand is the value only when it is falsy, and then it is no text of interest.
            if not any(_fixed(operand) is False for operand in before):
                yield from _flowing(last)
        case Operation("||", operands):
            for operand in operands:
                yield from _flowing(operand)
                if _fixed(operand):
                    return  # what stands behind it is never the value
        case Call(function, arguments):
            match function.lower():
                case "tojson" | "fromjson" | "format" | "join":
                    for argument in arguments:
                        yield from _flowing(argument)
                case "case":
                    # case(predicate, value, predicate, value, …, default)
                    for index, argument in enumerate(arguments):
                        if index % 2 == 0 and index < len(arguments) - 1:
                            if _fixed(argument):
                                yield from _flowing(arguments[index + 1])
                                return
                        elif index == len(arguments) - 1 or _fixed(arguments[index - 1]) is not False:
                            yield from _flowing(argument)


def _behind_json(tree: Access) -> tuple[Expression, tuple[str, ...]]:
    """What fields are taken of, and the fields if that is a `fromJSON(…)`."""
    fields: list[str] = []
    base: Expression = tree
    while isinstance(base, Access):
        key = base.key
        fields.append(key.value.lower() if isinstance(key, Literal) and isinstance(key.value, str) else "*")
        base = base.base
    json = isinstance(base, Call) and base.function.lower() == "fromjson"
    return base, tuple(reversed(fields)) if json else ()


def _fixed(tree: Expression) -> bool | None:
    """Whether a part of an expression is true in every run, or false in every run, as far as its letters say."""
    match tree:
        case Literal(value):
            return bool(value)
        case Operation("!", (operand,)):
            inner = _fixed(operand)
            return None if inner is None else not inner
        case Operation("&&" | "||" as operator, operands):
            decides = operator == "||"
            sides = [_fixed(operand) for operand in operands]
            if decides in sides:
                return decides
            return None if None in sides else not decides
        case Operation("==" | "!=" as operator, (Literal(str() as one), Literal(str() as other))):
            return (one.lower() == other.lower()) is (operator == "==")
    return None


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
