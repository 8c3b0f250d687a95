"""YAML to conditions. Whatever can be told to be wrong is refused here, at its place: names, operators, types, patterns, bounds."""

from collections.abc import Sequence as Several
from typing import Final

from scanner.analysis.attributes.attribute import Type
from scanner.model.globs import glob
from scanner.model.nearest import nearest
from scanner.model.quoting import quoted
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence
from scanner.policy.checks import operators
from scanner.policy.checks.conditions import All, Any, Condition, End, Nodes, Not, Reach, Test
from scanner.policy.checks.operands import VALUE, Values, literal, operand, operands, text
from scanner.policy.checks.operators import ORDER, Operator
from scanner.policy.checks.patterns import Pattern
from scanner.policy.checks.vocabulary import Held, Scope, a, edge_kinds, ends, held, names, node_kinds
from scanner.policy.shapes import Flag, Whole, but, first, refuse

MAX_DEPTH: Final = 20
"""Conditions in one another."""

MAX_ENTRIES: Final = 1000
"""Conditions of a check, with those inside of others."""

MAX_WITHIN: Final = 100
"""Edges of a path, where its length is bounded at all."""

COMBINATORS: Final = ("all", "any", "none", "not")
ENDS: Final = ("source", "target")
PATHS: Final = ("reaches", "reached-by")
QUANTIFIERS: Final = ("any", "all", "none")

_EQUAL: Final = ("is", "in", "not-in")
_LIKE: Final = ("matches", "glob")
ALLOWED: Final = {
    Type.TEXT: (*_EQUAL, *_LIKE),
    Type.NUMBER: (*_EQUAL, *ORDER),
    Type.FLAG: ("is",),
    Type.DATE: (*_EQUAL, *ORDER),
    Type.DURATION: (*_EQUAL, *ORDER),
    Type.VERSION: (*_EQUAL, *_LIKE, *ORDER),
}
"""The operators that a value of each type knows, beside `exists` and `not`."""
OF_LISTS: Final = (*QUANTIFIERS, "count")
_OPERATORS: Final = (*_EQUAL, *_LIKE, *ORDER, "exists", "not")

_REACH_KEYS: Final = ("node", "where", "along", "within", "through", "count")
_NODE_KEYS: Final = ("node", "where")
_NUMBER: Final = Held(Type.NUMBER, many=False)


def selection(node: Node) -> Scope:
    """What `select` names."""
    if isinstance(node, Mapping):
        keys = ("node", "edge")
        for key, _ in node.pairs:
            if key.value not in keys:
                raise refuse(key.span, f"`select` has no key {quoted(key.value)}{nearest(key.value, keys)}")
        if len(node.pairs) != 1:
            raise refuse(first(node), "`select` names either nodes, `{node: …}`, or edges, `{edge: …}`")
        key, value = node.pairs[0]
        if key.value == "edge":
            return Scope(True, _kinds(value, edge_kinds(), "edge", "`edge`"))
        return Scope(False, _kinds(value, node_kinds(), "node", "`node`"))
    return Scope(False, _kinds(node, node_kinds(), "node", "`select`"))


def _kinds(node: Node, known: Several[str], noun: str, what: str) -> tuple[str, ...]:
    """One kind, or a list of them."""
    items = node.items if isinstance(node, Sequence) else [node]
    if not items:
        raise refuse(first(node), f"{what} is an empty list")
    found: dict[str, None] = {}
    for item in items:
        if not isinstance(item, Scalar) or item.is_null:
            raise refuse(first(item), f"{what} must be a kind of {noun}, or a list of them{but(item)}")
        if item.value not in known:
            more = nearest(item.value, known)
            if noun == "node" and item.value in edge_kinds():
                more = f"; it is a kind of edge, `{{edge: {item.value}}}`"
            raise refuse(
                item.span,
                f"there is no kind of {noun} {quoted(item.value)}{more or '; `snowfence schema nodes` lists them'}",
            )
        found[item.value] = None
    return tuple(found)


class Reader:
    """Reads the conditions of one check."""

    def __init__(self, values: Values) -> None:
        self._values: Final = values
        self._entries = 0

    def condition(self, node: Node, scope: Scope, what: str, depth: int = 1) -> Condition:
        """A mapping whose entries must all hold. `what` names it in messages."""
        if not isinstance(node, Mapping):
            raise refuse(
                first(node), f"{what} must be a mapping of attributes to what must hold of them{but(node)}"
            )
        if not node.pairs:
            raise refuse(first(node), f"{what} is empty, so it says nothing; name an attribute in it")
        if depth > MAX_DEPTH:
            raise refuse(first(node), f"conditions stand in one another more than {MAX_DEPTH} levels deep")
        parts = tuple(self._entry(key, value, scope, depth) for key, value in node.pairs)
        return parts[0] if len(parts) == 1 else All(scope, parts)

    def _entry(self, key: Scalar, node: Node, scope: Scope, depth: int) -> Condition:
        name = key.value
        self._entries += 1
        self._values.shared.condition(key.span)
        if self._entries > MAX_ENTRIES:
            raise refuse(
                key.span, f"more than {MAX_ENTRIES:,} conditions in one check; make several checks of it"
            )
        if name in ("all", "any", "none"):
            parts = self._several(key, node, scope, depth)
            if name == "all":
                return All(scope, parts)
            return Any(scope, parts) if name == "any" else Not(Any(scope, parts))
        if name == "not":
            return Not(self.condition(node, scope, "`not`", depth + 1))
        if name in PATHS:
            if scope.edges:
                raise refuse(
                    key.span,
                    f"{quoted(name)} is asked of nodes; write it below `source` or `target` of the edge",
                )
            return self._reach(key, node, scope, depth)
        if scope.edges and name in ENDS:
            return End(scope, name, self.condition(node, ends(scope, name), quoted(name), depth + 1))
        return Test(scope, name, self._operators(node, name, self._held(key, scope), f"`{name}`", depth))

    def _several(self, key: Scalar, node: Node, scope: Scope, depth: int) -> tuple[Condition, ...]:
        if not isinstance(node, Sequence):
            raise refuse(
                first(node),
                f"{quoted(key.value)} must be a list of conditions, as in `[{{…}}, {{…}}]`{but(node)}",
            )
        if not node.items:
            raise refuse(first(node), f"{quoted(key.value)} is an empty list")
        return tuple(
            self.condition(item, scope, f"an item of {quoted(key.value)}", depth + 1) for item in node.items
        )

    def _held(self, key: Scalar, scope: Scope) -> Held:
        """What an attribute holds, in all kinds that have it."""
        found = held(scope, key.value)
        if not found:
            known = [*names(scope), *COMBINATORS, *(ENDS if scope.edges else PATHS)]
            close = nearest(key.value, known)
            near = close if close.endswith("?") else ";"
            raise refuse(
                key.span,
                f"{scope} has no attribute {quoted(key.value)}{near} `snowfence schema nodes` lists what there is",
            )
        if len(found) > 1:
            (one, kind), (other, another) = list(found.items())[:2]
            raise refuse(
                key.span,
                f"{quoted(key.value)} of {a(kind)} is {one}, of {a(another)} {other}; select one of the kinds, in a check for each",
            )
        return next(iter(found))

    # ------------------------------------------------------------ operators

    def _operators(self, node: Node, name: str, holds: Held, what: str, depth: int) -> Operator:
        """What must hold of an attribute: a scalar, or operators that must all hold."""
        if depth > MAX_DEPTH:
            raise refuse(first(node), f"conditions stand in one another more than {MAX_DEPTH} levels deep")
        if isinstance(node, Sequence):
            advice = (
                "`{any: {in: […]}}` asks of a list" if holds.many else "`{in: […]}` asks for one of several"
            )
            raise refuse(first(node), f"{what} is given a list; {advice}")
        if isinstance(node, Scalar) or node.key(VALUE) is not None:
            if holds.many:
                raise refuse(
                    first(node),
                    f"{what} is a list; say of which of its items this is asked: `{{any: …}}`, `{{all: …}}` or `{{none: …}}`",
                )
            return self._is(node, holds.type, what)
        if not node.pairs:
            raise refuse(
                first(node),
                f"{what} names no operator; there is {', '.join(quoted(one) for one in _known(holds))}",
            )
        parts = tuple(self._operator(key, value, name, holds, what, depth) for key, value in node.pairs)
        return parts[0] if len(parts) == 1 else operators.Every(parts)

    def _is(self, node: Node, type: Type, what: str) -> Operator:
        found, called = self._values.find(node, what)
        if isinstance(found, Sequence):
            raise refuse(first(node), f"{called} is a list; `in` asks for one of several")
        return operators.Among("is", type, (literal(found, type, called),))

    def _operator(self, key: Scalar, node: Node, name: str, holds: Held, what: str, depth: int) -> Operator:
        operator = key.value
        said = f"{quoted(operator)} of {what}"
        if operator == "not":
            if not isinstance(node, Mapping) or node.key(VALUE) is not None:
                raise refuse(first(node), f"{said} must be a mapping of operators{but(node)}")
            return operators.Not(self._operators(node, name, holds, what, depth + 1))
        if operator == "exists":
            found, called = self._values.find(node, said)
            return operators.Exists(Flag().read(found, called))
        if operator not in _known(holds):
            raise refuse(key.span, _misused(operator, what, holds))
        if operator == "count":
            return operators.Counted(self._operators(node, name, _NUMBER, said, depth + 1))
        if holds.many:
            item = Held(holds.type, many=False)
            return operators.Quantified(
                operator, self._operators(node, name, item, f"an item of {what}", depth + 1)
            )
        match operator:
            case "is":
                return self._is(node, holds.type, said)
            case "in" | "not-in":
                return self._among(operator, node, holds.type, said)
            case "matches" | "glob":
                return operators.Like(operator, self._pattern(node, operator, said), holds.type)
            case _:
                found, called = self._values.find(node, said)
                return operators.Ordered(operator, holds.type, operand(found, holds.type, called))

    def _among(self, operator: str, node: Node, type: Type, what: str) -> Operator:
        """A list among `values` is read once for all checks that use it."""

        def read() -> Operator:
            return operators.Among(operator, type, operands(node, type, self._values, what))

        found, _ = self._values.find(node, what)
        return read() if found is node else self._values.shared.once((operator, type, id(found)), read)

    def _pattern(self, node: Node, operator: str, what: str) -> "operators.PatternLike":
        found, called = self._values.find(node, what)
        written = text(found, called)
        try:
            return Pattern(written) if operator == "matches" else glob(written, path=False)
        except ValueError as error:
            at = found.content if isinstance(found, Scalar) else first(found)
            raise refuse(at.first_line(), f"{called}: {error}") from None

    # ------------------------------------------------------------ paths

    def _reach(self, key: Scalar, node: Node, scope: Scope, depth: int) -> Reach:
        what = quoted(key.value)
        if not isinstance(node, Mapping):
            to = Nodes(Scope(False, _kinds(node, node_kinds(), "node", what)), None)
            return Reach(
                scope, to, back=key.value == PATHS[1], along=None, within=None, through=None, count=None
            )
        _check_keys(node, _REACH_KEYS, what)
        along, within, through, count = (node.get(name) for name in _REACH_KEYS[2:])
        return Reach(
            scope,
            self._nodes(node, what, depth),
            back=key.value == PATHS[1],
            along=tuple(sorted(_kinds(along, edge_kinds(), "edge", "`along`")))
            if along is not None
            else None,
            within=self._within(within) if within is not None else None,
            through=self._through(through, depth) if through is not None else None,
            count=self.count(count, depth + 1) if count is not None else None,
        )

    def _nodes(self, node: Mapping, what: str, depth: int) -> Nodes:
        kinds, where = node.get("node"), node.get("where")
        scope = Scope(
            False, _kinds(kinds, node_kinds(), "node", "`node`") if kinds is not None else node_kinds()
        )
        if where is None:
            return Nodes(scope, None)
        return Nodes(scope, self.condition(where, scope, f"`where` of {what}", depth + 1))

    def _through(self, node: Node, depth: int) -> Nodes:
        if not isinstance(node, Mapping):
            return Nodes(Scope(False, _kinds(node, node_kinds(), "node", "`through`")), None)
        _check_keys(node, _NODE_KEYS, "`through`")
        return self._nodes(node, "`through`", depth)

    def _within(self, node: Node) -> int:
        found, called = self._values.find(node, "`within`")
        return Whole(1, MAX_WITHIN).read(found, called)

    def count(self, node: Node, depth: int = 1) -> Operator:
        """What is asked of a number of nodes or edges."""
        return self._operators(node, "count", _NUMBER, "`count`", depth)


def _check_keys(node: Mapping, keys: Several[str], what: str) -> None:
    if not node.pairs:
        raise refuse(first(node), f"{what} is empty; name a kind of node in it, as in `{{node: action}}`")
    for key, _ in node.pairs:
        if key.value not in keys:
            asked = key.value in names(Scope(False, node_kinds()))
            more = (
                f"; what is asked of nodes stands below `where`, as in `{{where: {{{key.value}: …}}}}`"
                if asked
                else nearest(key.value, keys)
            )
            raise refuse(key.span, f"{what} has no key {quoted(key.value)}{more}")


def _known(holds: Held) -> tuple[str, ...]:
    return (*(OF_LISTS if holds.many else ALLOWED[holds.type]), "exists", "not")


def _misused(operator: str, what: str, holds: Held) -> str:
    """Why an operator cannot be asked of what an attribute holds."""
    known = _known(holds)
    listed = ", ".join(quoted(one) for one in known)
    if operator in OF_LISTS and not holds.many:
        return f"{what} is a single value, and {quoted(operator)} is asked of lists; for it there is {listed}"
    if operator in _OPERATORS and holds.many:
        return f"{what} is a list, so {quoted(operator)} must say of which of its items: `{{any: {{{operator}: …}}}}`, `all` or `none`"
    if operator in _OPERATORS:
        return f"{what} is {_typed(holds.type)}, of which {quoted(operator)} cannot be asked; for it there is {listed}"
    close = nearest(operator, known)
    return f"there is no operator {quoted(operator)}{close or f'; there is {listed}'}"


def _typed(type: Type) -> str:
    return type.value if type is Type.FLAG else f"a {type.value}"
