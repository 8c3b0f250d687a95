"""Exceptions of a policy: which findings they take out, and what is said of those that take out nothing, too much, or are over."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from scanner.graph.graph import EdgeKind, Graph
from scanner.graph.nodes.base import Node
from scanner.graph.nodes.nix import InputNode
from scanner.graph.nodes.workflows import ActionNode, JobNode, ReusableWorkflowNode, StepNode
from scanner.model.globs import Glob, glob
from scanner.model.source import Span
from scanner.model.vex import Vex
from scanner.parse.ignores import OWN

EVERY: Final = "*"
"""What stands for all rules in an exception."""

UNUSED: Final = "unused-exception"
ABOUT_EXCEPTIONS: Final = frozenset(("broad-exception", "expired-exception", UNUSED))
"""The rules that watch over exceptions: one for all rules does not cover them."""

REMEMBERED: Final = 100_000
"""Answers of patterns that are kept: a finding asks what the one before it has asked."""

MANY: Final = 20
"""Findings that an exception without an end may take out before that is too broad."""

_USED: Final = frozenset(("action", "reusable-workflow", "image", "runner", "secret"))
"""Kinds of nodes that are used by others: what an exception calls a target."""

_USES: Final[frozenset[EdgeKind]] = frozenset(("uses", "calls", "runs-on", "reads"))
"""The edges that lead to them."""


class Waiver(NamedTuple):
    """An entry of `exceptions`. `at` is its place in the policy; `rules` are ids, `*` for all. A finding has to match every kind of
    matcher that is given (one of its patterns); `expires` is the last day on which it holds. `vex` is what it says of a vulnerability."""

    at: Span
    rules: tuple[str, ...]
    reason: str
    expires: date | None = None
    paths: tuple[Glob, ...] = ()
    jobs: tuple[Glob, ...] = ()
    targets: tuple[Glob, ...] = ()
    inputs: tuple[Glob, ...] = ()
    fingerprints: tuple[str, ...] = ()
    vex: Vex | None = None

    @property
    def patterns(self) -> tuple[tuple[str, tuple[Glob, ...]], ...]:
        """The patterns by the keys of the policy, those that are given."""
        every = (
            ("path", self.paths),
            ("job", self.jobs),
            ("target", self.targets),
            ("input", self.inputs),
        )
        return tuple((key, globs) for key, globs in every if globs)

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells it from other exceptions, whatever line it stands on."""
        patterns = (f"{key} {one.text}" for key, globs in self.patterns for one in globs)
        return *self.rules, *patterns, *self.fingerprints

    @property
    def covers_everything(self) -> bool:
        """Whether nothing but the rule decides what it takes out."""
        return not self.fingerprints and all(
            any(one.everything for one in globs) for _, globs in self.patterns
        )


class Used(NamedTuple):
    """What an exception did in a run. `idle` are the names of its rules that take nothing out although they run; `taken` is the
    number of findings that it took out, of one that is `over` that of findings which are reported again."""

    waiver: Waiver
    over: bool
    idle: tuple[str, ...]
    taken: int

    @property
    def every(self) -> bool:
        """Whether it is for all rules."""
        return EVERY in self.waiver.rules

    @property
    def boundless(self) -> bool:
        """Whether it is for everything that its rules say, now and later; one that names fingerprints never is."""
        return (self.every and not self.waiver.fingerprints) or self.waiver.covers_everything

    @property
    def unused(self) -> bool:
        """Whether it takes out nothing at all."""
        return bool(self.idle) and len(self.idle) == len(self.waiver.rules)


class Waivers:
    """The exceptions of a policy in a run. What was asked is remembered: an exception that covered an answer is in use."""

    def __init__(
        self,
        waivers: Iterable[Waiver],
        rules: Mapping[str, tuple[str, ...]],
        graph: Graph,
        now: date,
        open: Iterable[str] = (),
    ) -> None:
        """`rules` are those that run, each with further names (`snowfence:…` for other rules that it stands for); `open` are
        those of them that are asked after all others, or find less in this run than they may in another, so that nothing can be said of
        their exceptions; more of them may turn out as they run."""
        self._waivers: Final = tuple(waivers)
        self._rules: Final = rules
        self._graph: Final = graph
        self._now: Final = now
        self.open: Final = set(open)
        self._by_rule: Final[dict[str, list[int]]] = {}
        self._by_fingerprint: Final[dict[str, list[int]]] = {}
        for number, waiver in enumerate(self._waivers):
            for name in () if waiver.fingerprints else waiver.rules:
                self._by_rule.setdefault(name, []).append(number)
            for one in waiver.fingerprints:
                self._by_fingerprint.setdefault(one, []).append(number)
        self._by_place: Final[dict[tuple[str, str], list[_Candidate]]] = {}
        self._in_use: Final[set[tuple[int, str]]] = set()
        self._taken: Final[dict[int, int]] = {}
        self._patterns: Final = [tuple(_lower(one) for one in waiver.targets) for waiver in self._waivers]
        self._targets: Final[dict[str, tuple[_Target, ...]]] = {}
        self._matches: Final[dict[tuple[str, str], bool]] = {}

    def __bool__(self) -> bool:
        return bool(self._waivers)

    def of(
        self,
        rule: str,
        at: Span,
        subject: str,
        *,
        fingerprints: tuple[str, ...] = (),
        inputs: tuple[str, ...] = (),
        counted: bool = True,
    ) -> Waiver | None:
        """The first exception in force that covers an answer. `fingerprints` and `inputs` are those of a finding (`Hit.inputs`);
        `counted` is whether it would be reported without an exception."""
        if not self._waivers:
            return None
        holds: int | None = None
        over: int | None = None
        for number, names in self._candidates(rule, at.path, fingerprints):
            waiver = self._waivers[number]
            if rule in ABOUT_EXCEPTIONS and waiver.at.source is at.source:
                continue  # no policy takes out what is wrong with its own exceptions
            if self._covers(number, at, subject, inputs):
                self._in_use.update((number, name) for name in names)
                if self._over(waiver):
                    over = number if over is None else over
                else:
                    holds = number if holds is None else holds
        decisive = over if holds is None else holds
        if counted and decisive is not None:
            self._taken[decisive] = self._taken.get(decisive, 0) + 1
        return None if holds is None else self._waivers[holds]

    def used(self) -> Iterator[Used]:
        """Every exception with what it did, once all rules but the last ones have been judged."""
        run = {name for rule in self._rules for name in self._names(rule)}
        for number, waiver in enumerate(self._waivers):
            idle = tuple(
                name
                for name in waiver.rules
                if (number, name) not in self._in_use
                and (name == EVERY or name in run)
                and name not in self.open
            )
            yield Used(waiver, self._over(waiver), idle, self._taken.get(number, 0))

    def _over(self, waiver: Waiver) -> bool:
        return waiver.expires is not None and waiver.expires < self._now

    def _names(self, rule: str) -> Iterator[str]:
        yield rule
        for other in self._rules.get(rule, ()):
            tool, _, name = other.partition(":")
            if tool == OWN:
                yield name

    # ------------------------------------------------------------ what is covered

    def _candidates(self, rule: str, path: str, fingerprints: tuple[str, ...]) -> list["_Candidate"]:
        """The exceptions for a rule in a file, in their order; those for single findings only where they are for one of these."""
        key = rule, path
        names = set(self._names(rule)) | (set() if rule in ABOUT_EXCEPTIONS else {EVERY})
        if key not in self._by_place:
            numbers = {number for name in names for number in self._by_rule.get(name, ())}
            self._by_place[key] = self._among(numbers, names, path)
        found = self._by_place[key]
        single = {number for one in fingerprints for number in self._by_fingerprint.get(one, ())}
        return sorted(found + self._among(single, names, path)) if single else found

    def _among(self, numbers: set[int], names: set[str], path: str) -> list["_Candidate"]:
        return [
            _Candidate(number, tuple(name for name in waiver.rules if name in names))
            for number in sorted(numbers)
            if not names.isdisjoint((waiver := self._waivers[number]).rules)
            and (not waiver.paths or self._any(waiver.paths, (path,)))
        ]

    def _covers(self, number: int, at: Span, subject: str, inputs: tuple[str, ...]) -> bool:
        """Whether the matchers beside rule, path and fingerprint cover an answer."""
        node = self._graph.nodes.get(subject)
        waiver = self._waivers[number]
        return (
            (not waiver.jobs or self._any(waiver.jobs, _job(node)))
            and (not waiver.inputs or self._names_inputs(waiver.inputs, node, inputs))
            and (not waiver.targets or self._uses(self._patterns[number], node, at))
        )

    def _names_inputs(self, patterns: tuple[Glob, ...], node: Node | None, inputs: tuple[str, ...]) -> bool:
        """Whether the input that a finding is about is meant; of a finding about several, all of them."""
        if isinstance(node, InputNode):
            return self._any(patterns, _called_input(node))
        return bool(inputs) and all(self._any(patterns, (name,)) for name in inputs)

    def _any(self, patterns: tuple[Glob, ...], texts: tuple[str, ...]) -> bool:
        return any(self._match(one, text) for one in patterns for text in texts)

    def _match(self, pattern: Glob, text: str) -> bool:
        key = pattern.text, text
        found = self._matches.get(key)
        if found is None:
            if len(self._matches) >= REMEMBERED:
                self._matches.clear()
            found = self._matches[key] = pattern.matches(text)
        return found

    def _uses(self, patterns: tuple[Glob, ...], node: Node | None, at: Span) -> bool:
        """Whether a target is what a finding is about: the node itself, else what is used at its place, else all that the node
        uses. Names of actions, secrets and runners have no case for GitHub: `patterns` are for lower case."""
        if node is None:
            return False
        if node.id not in self._targets:
            self._targets[node.id] = tuple(self._targets_of(node))
        every = self._targets[node.id]
        here = [one for one in every if one.at is not None and _touch(one.at, at)]
        return any(self._any(patterns, one.names) for one in here or every)

    def _targets_of(self, node: Node) -> Iterator["_Target"]:
        if node.kind in _USED:
            yield _Target(None, _called(node))
            return
        for edge in self._graph.out(node.id):
            target = self._graph.nodes.get(edge.target)
            if edge.kind in _USES and target is not None:
                yield _Target(edge.at, _called(target))


class _Candidate(NamedTuple):
    """An exception by its number, with the names by which it means a rule."""

    number: int
    names: tuple[str, ...]


class _Target(NamedTuple):
    """Something that is used, by its names in lower case; `at` is the text that uses it."""

    at: Span | None
    names: tuple[str, ...]


def _called(node: Node) -> tuple[str, ...]:
    names = [node.label]
    if isinstance(node, ActionNode | ReusableWorkflowNode):
        names.append(node.label.rpartition("@")[0])
    return tuple(name.lower() for name in names)


def _lower(pattern: Glob) -> Glob:
    """The pattern for names in lower case; a range of both cases (`[Z-a]`) stays as it is."""
    try:
        return glob(pattern.text.lower(), path=False)
    except ValueError:
        return pattern


def _touch(one: Span, other: Span) -> bool:
    return one.source is other.source and one.start < other.end and other.start < one.end


def _job(node: Node | None) -> tuple[str, ...]:
    match node:
        case JobNode():
            return (node.label,)
        case StepNode() if node.job is not None:
            return (node.job.id.value,)
    return ()


def _called_input(node: InputNode) -> tuple[str, ...]:
    names = node.identity.partition("#")[2]
    # A label may be the name of another input of the flake: only that one is meant then.
    return (names,) if node.label in node.lock.root_inputs else (names, node.label)


NOTHING_WAIVED: Final = Waivers((), {}, Graph({}, ()), date.min)
