"""Why a condition holds of a node or an edge, does not, or cannot be told: for one member at a time, in words; and the text that decides it."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.attributes.attribute import Missing
from scanner.model.counting import counted
from scanner.model.source import Span
from scanner.policy.checks.conditions import All, Any, Condition, End, Nodes, Not, Reach, Test
from scanner.policy.checks.evaluate import Evaluation
from scanner.policy.checks.lasting import lasting
from scanner.policy.checks.masks import numbers_of
from scanner.policy.checks.operators import Operator, absent, deciding, deciding_texts
from scanner.policy.checks.reaching import Path
from scanner.policy.checks.standing import Standing
from scanner.policy.checks.vocabulary import a

_MAX_PARTS: Final = 3
"""Reasons of one finding."""

_NO_NOUNS: Final = ("repository", "code-owners", "dependabot", "renovate", "pre-commit")
"""Kinds of which one does not speak in numbers."""


class _Decided(NamedTuple):
    """A question that decides what a condition answers: whom it is asked of, and what it answers. `end` is the end of an edge that it is
    asked of; else it is empty."""

    question: Test | Reach
    member: int
    truth: bool | None
    end: str


class Explanation:
    """The reasons for what a condition answers of the members of a graph."""

    def __init__(self, evaluation: Evaluation, standing: Standing) -> None:
        self._asked: Final = evaluation
        self._standing: Final = standing
        self._paths: Final[dict[tuple[int, int, bool], Path | None]] = {}

    def truth(self, condition: Condition, member: int) -> bool | None:
        """What the condition answers; None where it cannot be told."""
        found = self._asked.answer(condition)
        if found.true >> member & 1:
            return True
        return None if found.missing >> member & 1 else False

    def why(self, condition: Condition, member: int) -> str:
        """The reasons for its answer, the first few of them."""
        found = list(dict.fromkeys(self._reasons(condition, member, self.truth(condition, member))))
        more = len(found) - _MAX_PARTS
        return "; ".join(found[:_MAX_PARTS]) + (f"; and {counted(more, 'more reason')}" if more > 0 else "")

    def absent(self, condition: Condition, member: int) -> bool:
        """Whether an answer that is missing is so only because there is no value, which can be told; of what a run decides nobody
        can tell."""
        return all(
            isinstance(one.question, Test) and self._is_absent(one.question, one.member)
            for one in self._deciding(condition, member, None)
        )

    def _is_absent(self, question: Test, member: int) -> bool:
        value = self._asked.value(question.scope.edges, member, question.name)
        return isinstance(value, Missing) and not value.unknown

    def _deciding(
        self, condition: Condition, member: int, truth: bool | None, *, enough: bool = False
    ) -> Iterator[_Decided]:
        """The questions that decide what a condition answers, in their order; with `enough` no more of them than are needed. `truth` is
        what it answers here."""
        match condition:
            case All() | Any():
                for part in condition.parts:
                    if self.truth(part, member) is truth:
                        yield from self._deciding(part, member, truth, enough=enough)
                        if enough and truth and isinstance(condition, Any):
                            return  # one that holds is enough
            case Not():
                denied = None if truth is None else not truth
                yield from self._deciding(condition.part, member, denied, enough=enough)
            case End():
                node = self._asked.end(member, condition.end)
                for one in self._deciding(condition.part, node, truth, enough=enough):
                    yield one._replace(end=condition.end)
            case Test() | Reach():
                yield _Decided(condition, member, truth, "")

    def _reasons(self, condition: Condition, member: int, truth: bool | None) -> Iterator[str]:
        """`truth` is what the condition answers here."""
        for one in self._deciding(condition, member, truth, enough=True):
            reason = self._reason(one)
            if one.end:
                reason = f"of the {one.end} {self._standing.name(self._asked.nodes[one.member])} {reason}"
            yield reason

    def _reason(self, decided: _Decided) -> str:
        question, member, truth, _ = decided
        if isinstance(question, Reach):
            return self._reach(question, member, truth)
        value = self._asked.value(question.scope.edges, member, question.name)
        found = question.operator.ask(value)
        if isinstance(found, Missing):
            return absent(question.name, found) if found is value else found.reason
        return question.operator.why(question.name, value, found)

    def place(self, condition: Condition, member: int) -> Span | None:
        """The text in the file of a node that decides what a condition answers of it; None where no text does."""
        if condition.scope.edges or self._asked.nodes[member].path is None:
            return None
        deciding = self._deciding(condition, member, self.truth(condition, member))
        return next((at for one in deciding if (at := self._place(one)) is not None), None)

    def _place(self, decided: _Decided) -> Span | None:
        question, member, truth, _ = decided
        if isinstance(question, Test):
            value = self._asked.value(False, member, question.name)
            item = deciding(question.operator, value, truth) if truth is not None else None
            return self._asked.place(member, question.name, item)
        path = self._path(decided)
        if path is None or question.back:
            return None
        return self._standing.leaving([self._asked.nodes[one] for one in path.nodes], question.along)

    def _path(self, decided: _Decided) -> Path | None:
        """What a question to the graph found, if it found something."""
        question, member, truth, _ = decided
        if not isinstance(question, Reach) or truth is False:
            return None
        return self.path(question, member, possible=truth is None)

    def _reach(self, reach: Reach, member: int, truth: bool | None) -> str:
        verb = "is reached by" if reach.back else "reaches"
        if reach.count is not None:
            return self._counted(reach, reach.count, member, verb, truth)
        path = self.path(reach, member, possible=truth is None) if truth is not False else None
        if path is None:
            return f"it {verb} no {_called(reach.to)}{_past(reach)}"
        goal = self._asked.nodes[path.goal]
        said_of = f"it {verb} the {goal.kind} {self._standing.name(goal)}{_past(reach)}"
        if truth:
            return said_of
        reasons = list(self._unsure(reach, path))
        return f"{said_of}, of which it cannot be told: {'; '.join(reasons[:_MAX_PARTS])}"

    def _counted(self, reach: Reach, count: Operator, member: int, verb: str, truth: bool | None) -> str:
        least = self._asked.counts(reach, possible=False)[member]
        most = self._asked.counts(reach, possible=True)[member]
        asked = f"and their number must be one that {count.phrase()}"
        if truth is None:
            return f"it {verb} {least} to {_counted(most, reach.to)}{_past(reach)}, since some cannot be told, {asked}"
        number = _counted(least, reach.to) if least == most else f"{least} to {_counted(most, reach.to)}"
        said = count.why("count", least, truth).removeprefix(f"`count` is {least}").removeprefix(", which ")
        return f"it {verb} {number}{_past(reach)}" + (f", and that {said}" if said else "")

    def _unsure(self, reach: Reach, path: Path) -> Iterator[str]:
        """What is missing on a path that may be what was asked for."""
        for nodes, members in ((reach.to, [path.goal]), (reach.through, path.nodes[1:-1])):
            if nodes is None or nodes.where is None:
                continue
            known = self._asked.nodes_of(nodes)
            if nodes is reach.through and any(known.true >> one & 1 for one in members):
                continue
            for one in members:
                if known.missing >> one & 1:
                    yield from self._reasons(nodes.where, one, None)
                    break

    def evidence(self, condition: Condition, member: int) -> tuple[str, ...]:
        """What identifies the reasons for an answer, beside whom it is about: what is reached, and the texts that decide."""
        truth = self.truth(condition, member)
        found: dict[str, None] = {} if truth is not None else {"untold": None}
        for one in self._deciding(condition, member, truth):
            if isinstance(one.question, Reach):
                if one.truth is not False and one.question.count is None:
                    found.update(dict.fromkeys(self._reached(one.question, one.member, one.truth is None)))
            elif one.truth is not None:
                value = self._asked.value(one.question.scope.edges, one.member, one.question.name)
                texts = deciding_texts(one.question.operator, value, one.truth)
                said = (lasting(one.question.name, text) for text in texts)
                found.update((f"{one.question.name} {text}", None) for text in said if text)
        return tuple(sorted(found))

    def _reached(self, reach: Reach, member: int, possible: bool) -> list[str]:
        """The identities of all that a question to the graph finds from a member; of very much the nearest."""
        found = self._asked.targets(reach, possible=possible) & self._asked.near(reach, member)
        return [self._asked.graph.identity(self._asked.nodes[one].id) for one in numbers_of(found)]

    def path(self, reach: Reach, member: int, *, possible: bool = False) -> Path | None:
        """A shortest path from a node to what it reaches, where it reaches something."""
        if reach.count is not None:
            return None
        key = (id(reach), member, possible)
        if key not in self._paths:
            found = self._asked.walk(reach, possible=possible)
            self._paths[key] = found.path(member) if found.reached >> member & 1 else None
        return self._paths[key]

    def reaches(self, condition: Condition, member: int) -> Iterator[tuple[Reach, Path]]:
        """The paths that a condition found from a member, those that decide what it answers."""
        for one in self._deciding(condition, member, self.truth(condition, member)):
            path = self._path(one)
            if path is not None and isinstance(one.question, Reach):
                yield one.question, path


def _called(nodes: Nodes) -> str:
    """What is reached, in a message."""
    kinds = nodes.scope.kinds
    said = " or ".join(kinds) if len(kinds) <= 3 else "node"
    return f"{said} of that kind" if nodes.where is not None else said


def _counted(number: int, nodes: Nodes) -> str:
    kinds = nodes.scope.kinds
    noun = kinds[0] if len(kinds) == 1 and kinds[0] not in _NO_NOUNS else "node"
    return counted(number, noun) + (" of that kind" if nodes.where is not None else "")


def _past(reach: Reach) -> str:
    """The rest of what a path must be."""
    said = f" past {a(_called(reach.through))}" if reach.through is not None else ""
    return f"{said} within {counted(reach.within, 'step')}" if reach.within is not None else said
