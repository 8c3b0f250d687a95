"""A check of a policy becomes a rule."""

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Map
from typing import Final

from scanner.analysis.attributes.attribute import Missing, Value
from scanner.engine import AnyRule, Context, NoOptions, rule
from scanner.graph.nodes.base import Node as GraphNode
from scanner.graph.nodes.base import RepositoryNode
from scanner.model.areas import DEFAULT_AREA, Area
from scanner.model.finding import Confidence, Hit, Note, Unknown
from scanner.model.secrets import masked
from scanner.model.source import Span
from scanner.parse.nodes import Node, Scalar
from scanner.policy.checks.conditions import All, Any, Condition, End, Not, Reach
from scanner.policy.checks.evaluate import Answer, Evaluation, between, evaluation
from scanner.policy.checks.examples import EXAMPLES
from scanner.policy.checks.explain import Explanation
from scanner.policy.checks.masks import numbers_of
from scanner.policy.checks.messages import NUMBER, OF_COUNTS, REACHED, Message, fields_of, message
from scanner.policy.checks.operands import Shared, Values
from scanner.policy.checks.operators import Operator
from scanner.policy.checks.page import page
from scanner.policy.checks.reaching import Path
from scanner.policy.checks.reading import Reader, selection
from scanner.policy.checks.section import (
    AREA,
    CHECK,
    CHECK_SEVERITY,
    COUNT,
    FORBID,
    MESSAGE,
    REQUIRE,
    SELECT,
    TAGS,
    TITLE,
    WHERE,
    Declared,
)
from scanner.policy.checks.standing import Spots, notes, standing
from scanner.policy.checks.vocabulary import Scope
from scanner.policy.policy import OwnRule
from scanner.policy.shapes import Fields, Key, refuse

_REPOSITORY: Final = RepositoryNode().id
_VERDICTS: Final = (REQUIRE, FORBID, COUNT)


def compile_check(declared: Declared, values: Map[str, Node], shared: Shared | None = None) -> OwnRule:
    """The rule of a check. `shared` is what the checks of its policy have in common. Raises PolicyError at the place of what is wrong."""
    fields = CHECK.read(declared.body, f"the check `{declared.id.value}`")
    check = _Check(fields, Values(declared.id.value, values, shared or Shared()), declared.id.span)
    area: Area = fields.get(AREA) or DEFAULT_AREA
    own: AnyRule = rule(
        declared.id.value,
        severity=fields.get(CHECK_SEVERITY),  # type: ignore[arg-type]
        confidence=Confidence.HIGH,
        area=area,
        tags=fields.get(TAGS) or (),
    )(check.answers)
    return OwnRule(own, page(declared, fields), declared.id.span, fields.get(EXAMPLES))


class _Check:
    """What a check asks, ready to be asked of a graph."""

    def __init__(self, fields: Fields, values: Values, at: Span) -> None:
        """`at` is where what has no place of its own stands."""
        reader = Reader(values)
        self._at: Final = at
        self._title: Final = masked(" ".join((fields.get(TITLE) or "").split()))
        self._scope: Final = selection(_node(fields, SELECT))
        verdict = _verdict(fields)
        self._where: Final = self._condition(reader, fields, WHERE)
        self._require: Final = self._condition(reader, fields, REQUIRE)
        self._forbid: Final = self._condition(reader, fields, FORBID)
        self._count: Final = reader.count(_node(fields, COUNT)) if verdict is COUNT else None
        self._message: Final = self._read_message(fields)

    def _condition(self, reader: Reader, fields: Fields, key: Key[Node]) -> Condition | None:
        node = fields.get(key)
        return reader.condition(node, self._scope, f"`{key.name}`") if node is not None else None

    def _read_message(self, fields: Fields) -> Message | None:
        node = fields.node.get(MESSAGE.name)
        if not isinstance(node, Scalar):
            return None
        if self._count is not None:
            return message(node, OF_COUNTS)
        asked = (self._where, self._require, self._forbid)
        reaches = any(one is not None and _has_path(one) for one in asked)
        return message(node, fields_of(self._scope, reaches))

    # ------------------------------------------------------------ answers

    def answers(self, ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
        asked = evaluation(ctx.graph, ctx.knowledge, ctx.now)
        domain = asked.domain(self._scope)
        selected = asked.answer(self._where) if self._where is not None else Answer(domain, 0)
        run = _Run(asked, self._scope)
        if self._where is not None:
            open = list(numbers_of(selected.missing))
            spots = run.spots(open)
            for member in open:
                yield from run.unknown(spots, member, self._where, self._at)
        if self._count is not None:
            yield from self._counted(run, selected, self._count)
        elif self._require is not None:
            held = asked.answer(self._require)
            yield from self._hits(run, selected.true & ~held.true, self._require)
        elif self._forbid is not None:
            held = asked.answer(self._forbid)
            yield from self._hits(run, selected.true & (held.true | held.missing), self._forbid)

    def _hits(self, run: "_Run", members: int, condition: Condition) -> Iterator[Hit]:
        found = list(numbers_of(members))
        spots = run.spots(found)
        for member in found:
            yield from self._hit(run, spots, member, condition)

    def _hit(self, run: "_Run", spots: Spots, member: int, condition: Condition) -> Iterator[Hit]:
        paths = list(run.explained.reaches(condition, member))
        if run.explained.truth(condition, member) is None:
            text = self._missing(run, member, condition, paths)
        elif self._message is None:
            text = f"{self._title}: {run.explained.why(condition, member)}"
        else:
            paths = paths or (
                list(run.explained.reaches(self._where, member)) if self._where is not None else []
            )
            text = self._message.filled(run.values(member, self._message.fields, paths))
        evidence, flow = run.evidence(member, condition), run.flow(paths)
        for at, user in run.stands(spots, member, condition, paths, self._at):
            yield Hit(at, run.subject(member), text, evidence=(*user, *evidence), flow=flow)

    def _missing(
        self, run: "_Run", member: int, condition: Condition, paths: list[tuple[Reach, Path]]
    ) -> str:
        """What is said where a value is missing: what is required and not there does not hold, as the author says; what nobody can tell
        must not be said to be so."""
        reason = run.explained.why(condition, member)
        if condition is self._require and run.explained.absent(condition, member):
            if self._message is None:
                return f"{self._title}: {reason}"
            return f"{self._message.filled(run.values(member, self._message.fields, paths))} ({reason})"
        unsure = (
            "it cannot be told that this holds" if condition is self._require else "this cannot be ruled out"
        )
        return f"{self._title}: {unsure} of {run.name(member)}, since {reason}"

    def _counted(self, run: "_Run", selected: Answer, operator: Operator) -> Iterator[Hit | Unknown]:
        """One finding about the number of what is selected; it stands at the first of them, else at what could have been."""
        least = selected.true.bit_count()
        found = between(operator, least, least + selected.missing.bit_count())
        if found is True:
            return
        at = run.first(selected.true | selected.missing) or self._at
        if found is not False:
            yield Unknown(
                at, _REPOSITORY, f"{self._title}: how many there are cannot be told; {found.reason}"
            )
            return
        text = (
            self._message.filled({NUMBER: least})
            if self._message is not None
            else f"{self._title}: the number of {self._counted_things()} is {least}, and {_demanded(operator)}"
        )
        yield Hit(at, _REPOSITORY, text, related=run.all(selected.true))

    def _counted_things(self) -> str:
        kinds = " and ".join(f"`{kind}`" for kind in self._scope.kinds)
        return f"{kinds} edges" if self._scope.edges else kinds


def _demanded(operator: Operator) -> str:
    """What is asked of a number: `must be at most 1`."""
    asked = operator.phrase()
    return (
        f"must be {asked.removeprefix('is ')}" if asked.startswith("is ") else f"must be one that is {asked}"
    )


class _Run:
    """What is said of the members of one graph."""

    def __init__(self, asked: Evaluation, scope: Scope) -> None:
        self._asked: Final = asked
        self._scope: Final = scope
        self._standing: Final = standing(asked.graph)
        self.explained: Final = Explanation(asked, self._standing)

    def place(self, member: int) -> Span | None:
        if self._scope.edges:
            return self._standing.edge(self._asked.edges[member])
        return self._standing.place(self._asked.nodes[member])

    def spots(self, members: list[int]) -> Spots:
        """The spots for the findings of some members."""
        return Spots(self.place(one) for one in members)

    def spot(self, spots: Spots, member: int, condition: Condition) -> Span | None:
        """Where the finding that a condition is wrong of a member stands: at the text that is wrong, else where the member does."""
        own = self.place(member)
        return spots.spot(own, self.explained.place(condition, member)) if own is not None else None

    def stands(
        self,
        spots: Spots,
        member: int,
        condition: Condition,
        paths: list[tuple[Reach, Path]],
        otherwise: Span,
    ) -> Iterator[tuple[Span, tuple[str, ...]]]:
        """Where findings about a member stand, and who uses it there. What only uses name has one at each of them, so that what a file
        or a comment takes out is no more than its own use; where a path is what is wrong, at the use by which it arrives."""
        uses = () if self._scope.edges else self._standing.uses(self._asked.nodes[member])
        if not uses:
            yield self.spot(spots, member, condition) or otherwise, ()
            return
        reach, path = next(((one, path) for one, path in paths if one.back), (None, None))
        if reach is not None and path is not None:
            hop = [self._asked.nodes[one] for one in path.nodes[:2][::-1]]
            arrival = self._standing.use(hop, reach.along)
            uses = (arrival,) if arrival is not None else uses
        for use in uses:
            yield use.at, (use.user,)

    def unknown(self, spots: Spots, member: int, where: Condition, otherwise: Span) -> Iterator[Unknown]:
        reason = self.explained.why(where, member)
        said = f"it cannot be told whether the check is about {self.name(member)}, since {reason}"
        for at, _ in self.stands(spots, member, where, [], otherwise):
            yield Unknown(at, self.subject(member), said)

    def subject(self, member: int) -> str:
        return self._asked.edges[member].source if self._scope.edges else self._asked.nodes[member].id

    def evidence(self, member: int, condition: Condition) -> tuple[str, ...]:
        """Of an edge what it leads to, and of all what decides: what else is wrong at the same node is another finding. Without versions,
        since the next one is none."""
        decided = self.explained.evidence(condition, member)
        if not self._scope.edges:
            return decided
        edge = self._asked.edges[member]
        name = (edge.name,) if edge.name is not None else ()
        return self._asked.graph.identity(edge.target), *name, *decided

    def values(self, member: int, names: Iterable[str], paths: list[tuple[Reach, Path]]) -> dict[str, Value]:
        """The fields of a message."""
        return {name: self._value(member, name, paths) for name in names}

    def _value(self, member: int, name: str, paths: list[tuple[Reach, Path]]) -> Value:
        if name == REACHED:
            return self._asked.nodes[paths[0][1].goal].label if paths else Missing("nothing is reached")
        if self._scope.edges:
            return self._edge_value(member, name)
        found = self._asked.nodes[member]
        match name:
            case "id":
                return found.id
            case "label":
                return found.label
            case "kind":
                return found.kind
            case "path" if found.path is not None:
                return found.path
            case _:
                return self._asked.value(False, member, name)

    def _edge_value(self, member: int, name: str) -> Value:
        edge = self._asked.edges[member]
        match name:
            case "kind":
                return edge.kind
            case "id":
                return f"{edge.source} -> {edge.target}"
            case "label":
                return self._end(member, "target").label
            case "source" | "target":
                return self._end(member, name).label
            case "path":
                at = self.place(member)
                return at.path if at is not None else Missing("it has no place")
            case _:
                return self._asked.value(True, member, name)

    def _end(self, member: int, end: str) -> GraphNode:
        return self._asked.nodes[self._asked.end(member, end)]

    def flow(self, paths: list[tuple[Reach, Path]]) -> tuple[Note, ...]:
        """The first path, in the direction of its edges; one that leads away begins at the place of its first node."""
        if not paths:
            return ()
        reach, path = paths[0]
        members = [self._asked.nodes[one] for one in path.nodes]
        goal = self._asked.nodes[path.goal]
        end = None if path.whole else self._standing.place(goal)
        far = (
            ()
            if end is None
            else (Note(end, f"{goal.kind} {self._standing.name(goal)}, after further steps"),)
        )
        if reach.back:
            return (*far, *self._standing.flow(members[::-1], reach.along))
        begin = self._standing.place(members[0])
        here = () if begin is None else (Note(begin, f"{members[0].kind} {self._standing.name(members[0])}"),)
        return (*here, *self._standing.flow(members, reach.along), *far)

    def first(self, members: int) -> Span | None:
        """The place of the first of some members; else of what is of their kind, else of any file."""
        for some in (members, self._asked.domain(self._scope)):
            found = next((at for one in numbers_of(some) if (at := self.place(one)) is not None), None)
            if found is not None:
                return found
        return self._standing.first()

    def all(self, members: int) -> tuple[Note, ...]:
        """The places of all members but the first."""
        found = ((self.place(one), self.name(one)) for one in numbers_of(members))
        return notes((at, text) for at, text in found if at is not None)

    def name(self, member: int) -> str:
        """A member in words."""
        if self._scope.edges:
            return self._standing.said(self._asked.edges[member])
        return self._standing.name(self._asked.nodes[member])


def _verdict(fields: Fields) -> Key[Node]:
    """Which of `require`, `forbid` and `count` the check says, of which there must be one."""
    said = [key for key in _VERDICTS if fields.get(key) is not None]
    if len(said) == 1:
        return said[0]
    if not said:
        raise refuse(
            fields.node.span.first_line(),
            "a check needs one of `require`, `forbid` and `count`: what must hold of what it selects",
        )
    raise refuse(
        fields.at(said[1]),
        f"a check says one of `require`, `forbid` and `count`, and this one says {' and '.join(f'`{key.name}`' for key in said)}; "
        "make a check of each",
    )


def _node(fields: Fields, key: Key[Node]) -> Node:
    found = fields.get(key)
    assert found is not None  # the record requires it
    return found


def _has_path(condition: Condition) -> bool:
    """Whether a condition asks what is reached, not only how many."""
    match condition:
        case Reach():
            return condition.count is None
        case All() | Any():
            return any(_has_path(part) for part in condition.parts)
        case Not() | End():
            return _has_path(condition.part)
        case _:
            return False
