"""Conditions, seen by a run that an outsider has started.

A world says what is known of such a run: its event, and for some kinds of checks that it is an outsider's: an account that is in no
list, an association of nobody, a fork, no label. A condition that is false in it whatever else holds is a check of these kinds.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from scanner.analysis.outsiders.checks import Kind
from scanner.analysis.outsiders.events import OUTSIDER_EVENTS
from scanner.analysis.outsiders.senders import events_with
from scanner.parse.expressions.contexts import context_of, occurring
from scanner.parse.expressions.evaluate import Open, constant, truth
from scanner.parse.expressions.syntax import Access, Call, Expression, Literal, Operation, parts
from scanner.parse.expressions.values import Array, Value

Path = tuple[str, ...]
Known = dict[Path, Value]
Outputs = Callable[[Path], "Answer | None"]
"""What is known of `steps.*` and `needs.*` by their paths."""

ASSOCIATIONS: Final = ("NONE", "FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "CONTRIBUTOR")
"""What GitHub calls people without rights: one merged pull request, of one letter, makes anybody a contributor."""

_EVENT: Final = ("github", "event")
_PULL: Final = ("github", "event", "pull_request")
_RUN: Final = ("github", "event", "workflow_run")
_COMMENTS: Final = "issue_comment"

_ACTORS: Final = frozenset(
    (
        ("github", "actor"),
        ("github", "actor_id"),
        ("github", "triggering_actor"),
        (*_EVENT, "sender", "login"),
        (*_EVENT, "sender", "id"),
        (*_RUN, "actor", "login"),
        (*_RUN, "actor", "id"),
        (*_RUN, "triggering_actor", "login"),
        (*_RUN, "triggering_actor", "id"),
    )
)
"""Who caused the last event: also a bot that an outsider has made act."""

_WRITERS: Final = frozenset(("pull_request", "issue", "comment", "review", "discussion"))
_HEADS: Final = ((*_PULL, "head"), (*_RUN, "head_repository"))
_OF_HEAD: Final = frozenset(
    (
        ("repo", "full_name"),
        ("repo", "fork"),
        ("repo", "id"),
        ("repo", "node_id"),
        ("repo", "owner", "login"),
        ("repo", "owner", "id"),
        ("user", "login"),
        ("user", "id"),
        ("label",),
        ("full_name",),
        ("fork",),
        ("id",),
        ("node_id",),
        ("owner", "login"),
        ("owner", "id"),
    )
)
"""What says whose a head is, behind `pull_request.head` and `workflow_run.head_repository`."""

_BRANCHES: Final = frozenset(
    (
        ("github", "head_ref"),
        (*_PULL, "head", "ref"),
        (*_RUN, "head_branch"),
    )
)
_NEVER_EMPTY: Final = frozenset(
    (
        ("github", "actor"),
        ("github", "repository"),
        ("github", "repository_id"),
        ("github", "repository_owner"),
        (*_EVENT, "repository", "full_name"),
        (*_EVENT, "repository", "id"),
    )
)
_STARTED_BY: Final = (*_RUN, "event")
_REFUSALS: Final = frozenset(
    ("", "0", "denied", "external", "false", "no", "none", "read", "triage", "untrusted")
)
"""What a script answers about somebody who may not."""


STATUS: Final = frozenset(("always", "cancelled", "failure", "success"))
"""Functions of the state of a run."""


class World(NamedTuple):
    event: str
    kinds: frozenset[Kind] = frozenset()


class Answer(NamedTuple):
    """What an output holds in a world: a `value`, one of several `values` of which none is known, or with `refuses` the answer that
    somebody gets who may not."""

    value: Value = None
    refuses: bool = False
    values: tuple[str, ...] = ()


class Question:
    """A condition, or another expression that is true or false, read once for all worlds."""

    __slots__ = ("_answers", "_asked", "_inputs", "_kinds", "functions", "paths", "tree")

    def __init__(self, tree: Expression) -> None:
        self.tree = tree
        self.paths = frozenset(context.path for context in occurring(tree))
        self.functions = frozenset(_functions(tree))
        asked = (path for path in self.paths if path[0] in ("steps", "needs", "jobs"))
        self._asked: tuple[Path, ...] = (*asked, *((name + "()",) for name in self.functions & STATUS))
        self._inputs = tuple(path for path in self.paths if path[0] == "inputs")
        self._kinds: dict[str, frozenset[Kind]] = {}
        self._answers: dict[object, bool | None] = {}

    def answer(self, world: World, known: Known, outputs: Outputs) -> bool | None:
        """Whether it is true, or false, in every run of a world; None when something else decides."""
        kinds = self._kinds.get(world.event)
        if kinds is None:
            found = (_kind(path, world.event) for path in self.paths)
            kinds = self._kinds[world.event] = frozenset(one for one in found if one is not None)
        # What it does not ask about makes no difference.
        if "actor" in kinds:
            kinds |= {"bot"}
        world = World(world.event, world.kinds & kinds)
        answers = {path: answer for path in self._asked if (answer := outputs(path)) is not None}
        given: Known = {path: known[path] for path in self._inputs if path in known}
        key = (world, *answers.items(), *((path, repr(value)) for path, value in given.items()))
        if key not in self._answers:
            self._answers[key] = _answer(self, world, given, answers)
        return self._answers[key]


def _functions(tree: Expression) -> Iterator[str]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Call):
            yield node.function.lower()
        waiting += parts(node)


def _answer(question: Question, world: World, given: Known, answers: dict[Path, Answer]) -> bool | None:
    tree, paths = question.tree, question.paths
    base: Known = given | {path: None for path in paths if _absent(path, world.event)}
    base[("github", "event_name")] = world.event
    base |= {
        path: answer.value for path, answer in answers.items() if not answer.refuses and not answer.values
    }
    associations = [
        path
        for path in paths
        if path not in base and path[-1] == "author_association" and _kind(path, world.event) in world.kinds
    ]
    reader = _Reader(world, answers, base)
    worlds: list[Known] = [dict.fromkeys(associations, one) for one in ASSOCIATIONS] if associations else [{}]
    if "event" in world.kinds and _STARTED_BY in paths and _STARTED_BY not in base:
        first = {"pull_request", *_outsider_events(tree)}
        worlds = [one | {_STARTED_BY: event} for one in worlds for event in sorted(first)]
    found = {truth(tree, base | one, reader.part) for one in worlds}
    return found.pop() if len(found) == 1 else None


def _outsider_events(tree: Expression) -> Iterator[str]:
    """The events of outsiders that a condition names."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Literal):
            if isinstance(node.value, str) and node.value.lower() in OUTSIDER_EVENTS:
                yield node.value.lower()
        elif not isinstance(node, Access):
            waiting += parts(node)


def _absent(path: Path, event: str) -> bool:
    """Whether the payload of an event does not have a context, which then is null."""
    if path[:1] != ("github",) or (len(path) < 3 and path != ("github", "head_ref")):
        return False
    events = events_with(path)
    return events is not None and event in OUTSIDER_EVENTS and event not in events


def _kind(path: Path, event: str) -> Kind | None:
    """What a context of `github` tells about who is behind a run of an event."""
    if path in _ACTORS:
        return "actor"
    match path:
        case ("github", "event", "label", *_):
            return "label"
        case ("github", "event", "pull_request", "labels", *_):
            return "label"
        case ("github", "event", "issue", "labels", *_):
            # Templates give labels to the issues of anybody.
            return "label" if event == _COMMENTS else None
        case ("github", "event", writer, "user", "login" | "id") if writer in _WRITERS:
            return "author" if event == _COMMENTS and writer == "issue" else "actor"
        case ("github", "event", writer, "author_association") if writer in _WRITERS:
            return "author" if event == _COMMENTS and writer == "issue" else "association"
        case ("github", "event", "pull_request", "merged" | "merged_at" | "merged_by", *_):
            return "merged"
        case ("github", "event", "workflow_run", "event"):
            return "event"
    if path in _BRANCHES:
        return "branch"
    if any(path[: len(head)] == head and path[len(head) :] in _OF_HEAD for head in _HEADS):
        return "repository"
    return None


class _Reader:
    """Answers for the parts of one condition."""

    __slots__ = ("answers", "base", "world")

    def __init__(self, world: World, answers: dict[Path, Answer], base: Known) -> None:
        self.base = base
        self.world = world
        self.answers = answers

    def part(self, tree: Expression) -> bool | None:
        match tree:
            case Operation("==" | "!=" as operator, (one, other)):
                same = self.equal(one, other)
                return None if same is None else same is (operator == "==")
            case Call(function, (within, item)):
                return self.call(function.lower(), within, item)
            case Call(function, (one,)) if function.lower() == "fromjson":
                # Without a text in it that it can read, the step fails.
                answer = self.answers.get(context_of(one))
                return False if answer is not None and answer.refuses else None
            case Call(function, ()):
                answer = self.answers.get((function.lower() + "()",))
                return bool(answer.value) if answer is not None else None
            case Access():
                return self.flag(context_of(tree))
        return None

    def kind(self, path: Path) -> Kind | None:
        """The kind of a context if the world knows the answer."""
        if path[:1] != ("github",) or path in self.base:
            return None
        found = _kind(path, self.world.event)
        return found if found in self.world.kinds else None

    def flag(self, path: Path) -> bool | None:
        """Whether a context by itself counts as true."""
        answer = self.answers.get(path)
        if answer is not None:
            # A refusal is empty or a text like `false`, which counts as true.
            return None
        match self.kind(path):
            case "repository" if path[-1] == "fork":
                return True
            case "merged" | "label":
                return False
        return None

    def equal(self, one: Expression, other: Expression) -> bool | None:
        if isinstance(one, Literal):
            one, other = other, one
        if isinstance(other, Literal) and isinstance(other.value, bool):
            return None
        for side, against in ((one, other), (other, one)):
            path = context_of(side)
            answer = self.answers.get(path)
            if answer is not None:
                return _output_equals(answer, against)
            if isinstance(against, Literal) and against.value in ("", None):
                continue
            if self.base.get(path, True) is None and context_of(against) in _NEVER_EMPTY:
                return False
            found = self.kind(path)
            if found is not None and self.differs(found, path, against):
                return False
            if found is None and "label" in self.world.kinds and self.is_about_labels(side):
                return False
        return None

    def differs(self, kind: Kind, path: Path, against: Expression) -> bool:
        """Whether an outsider cannot be what a context is compared with."""
        if kind in ("association", "event") or path[-1] == "author_association":
            return False  # worked out by their values
        their = context_of(against)
        if their and _is_theirs(their, self.world.event):
            return False
        match kind:
            case "actor" | "author" if isinstance(against, Literal):
                return "bot" in self.world.kinds or not _is_bot(path, against.value)
            case "repository":
                return path[-1] != "fork"
        return True

    def call(self, function: str, within: Expression, item: Expression) -> bool | None:
        if function not in ("contains", "startswith", "endswith"):
            return None
        path, inner = context_of(within), context_of(item)
        if inner in self.answers:
            answer = self.answers[inner]
            return False if answer.refuses and not _lists_refusal(within) else None
        if path in self.answers:
            refused = isinstance(item, Literal) and str(item.value).lower() in _REFUSALS
            return False if self.answers[path].refuses and not refused else None
        if "label" in self.world.kinds and (self.is_about_labels(within) or self.is_about_labels(item)):
            return False
        match self.kind(path), self.kind(inner):
            case ("repository" | "branch", _) if path[-1] != "fork" and not _varies(item):
                return False
            case (_, "actor" | "author" | "repository" | "branch" | "label" as found) if (
                function == "contains"
            ):
                return False if self.is_listed_without_bots(found, inner, within) else None
        return None

    def is_listed_without_bots(self, kind: Kind, path: Path, within: Expression) -> bool:
        if kind not in ("actor", "author") or "bot" in self.world.kinds:
            return True
        value = constant(within)
        if isinstance(value, Array):
            return not any(_is_bot(path, one) for one in value.items)
        return not (isinstance(value, str) and "[bot]" in value.lower() and path in _ACTORS)

    def is_about_labels(self, side: Expression) -> bool:
        return any(_kind(context.path, self.world.event) == "label" for context in occurring(side))


def _varies(tree: Expression) -> bool:
    """Whether an expression is no constant."""
    return any(True for _ in occurring(tree))


def _is_theirs(path: Path, event: str) -> bool:
    """Whether a context is also about whoever is behind the run, so that a comparison with it says nothing."""
    return _kind(path, event) in ("actor", "author", "repository", "branch") or path == ("github", "ref_name")


def _is_bot(path: Path, value: object) -> bool:
    """Whether an actor is compared with a bot: one can be made to act on what others have written."""
    return path in _ACTORS and isinstance(value, str) and value.lower().endswith("[bot]")


def _output_equals(answer: Answer, against: Expression) -> bool | None:
    if isinstance(against, Literal):
        text = str(against.value).lower() if against.value is not None else ""
        if answer.refuses:
            # Whoever may not gets one of these; which one is not known.
            return None if text in _REFUSALS else False
        if answer.values:
            return None if text in answer.values else False
    return None


def _lists_refusal(within: Expression) -> bool:
    value = constant(within)
    if isinstance(value, Open):
        return False
    items = value.items if isinstance(value, Array) else [value]
    texts = (one.lower() for one in items if isinstance(one, str))
    return any(word in one for one in texts for word in ("read", "none", "false"))
