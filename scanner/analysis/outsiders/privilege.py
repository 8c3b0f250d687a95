"""The privilege table: per job, what an outsider can trigger it with and what it holds when they do.

Sources: GitHub's "Events that trigger workflows" and "Automatic token authentication" (forks get a read-only token and
no secrets under `pull_request*`, the base repository's under `pull_request_target`, `issue_comment`, `workflow_run`, …),
"Read-only Actions cache for untrusted triggers" (2026-06-26).
"""

from collections.abc import Callable, Iterator, Mapping, Set
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from scanner.analysis.outsiders.events import EVENTS, POSSIBLE_EVENTS, narrowed, started_by_insiders
from scanner.analysis.outsiders.job_guards import guards_of
from scanner.analysis.workflows.cache_modes import cache_mode
from scanner.analysis.workflows.conditions import never
from scanner.analysis.workflows.events import left_out
from scanner.analysis.workflows.runners import machines, owner_of
from scanner.graph.graph import Graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode, WorkflowNode
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import EVERY_SECRET as ALL_STAKES
from scanner.model.finding import ONE_SECRET
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.workflow import Job, Permissions, Trigger, Workflow

TOKEN: Final = "secret:GITHUB_TOKEN"
"""The one secret that is no secret of the owner's: the privilege table has it as `token`."""

EVERY_SECRET: Final = "*"

MAX_CALLERS: Final = 20
"""Length of a chain of `workflow_call`s; GitHub allows ten levels."""

MAX_WAYS: Final = 30
"""Ways to one workflow that are told apart; one with few jobs may have more, up to `MAX_PAIRS` with a job each."""

MAX_PAIRS: Final = 300

Cache = Literal["own", "reads", "writes", "none"]
"""Access to the cache of the default branch, which trusted runs restore: `own` is the scope of one pull request."""

_CACHES: Final[Mapping[str, Cache]] = {
    "read": "reads",
    "write": "writes",
    "write-only": "writes",
    "none": "none",
}


class Token(NamedTuple):
    """Access of the GITHUB_TOKEN. `scopes` maps a scope to `read` or `write` and holds what is granted; `default`
    is true when no `permissions` block decides, so that the repository's setting (not in the files) does."""

    scopes: Mapping[str, str]
    default: bool

    @property
    def writes(self) -> tuple[str, ...]:
        return tuple(sorted(scope for scope, level in self.scopes.items() if level == "write"))

    def __str__(self) -> str:
        if self.default:
            return "the repository's default token"
        if self.writes:
            return "a token that writes " + ", ".join(self.writes)
        return "a read-only token" if self.scopes else "a token without permissions"


class Exposure(NamedTuple):
    """One way in which an outsider starts a job, and what it then holds.

    `trigger` is the place of the event, in the caller's file when the job is reached through `via` (ids of the
    calling jobs, outermost first). `secrets` are the names that the job reads and gets, without the token's own;
    `all_secrets` says that it reads, or hands to the workflow that it calls, every one there is. `self_hosted` is None when the runner cannot be told.

    `known` is false where nothing says whether an outsider can be behind the event (`Privileges.possible`). `narrowed`: a filter of
    branches stands at a `workflow_run`, which a fork passes with a branch of the same name. `insiders`: only people with rights decide
    when it runs (a label), on what an outsider wrote. `environment` is the name of the job's,
    `after` are the names of the workflows that a `workflow_run` follows. `renamed` has the repository's names of secrets that callers
    hand over under others.
    """

    event: str
    trigger: Span
    via: tuple[str, ...]
    privileged: bool
    token: Token
    secrets: tuple[str, ...]
    all_secrets: bool
    self_hosted: bool | None
    cache: Cache = "reads"
    environment: str | None = None
    narrowed: bool = False
    insiders: bool = False
    known: bool = True
    after: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()

    @property
    def own_secrets(self) -> tuple[str, ...]:
        """The secrets that are held, by the names that they have in the repository."""
        if not self.renamed:
            return self.secrets
        names = dict(self.renamed)
        return tuple(sorted({names.get(name, name) for name in self.secrets}))

    @property
    def who(self) -> str:
        """In whose hands the event is, for people."""
        known = EVENTS.get(self.event)
        if self.event == "schedule":
            return "the clock"
        if self.after:
            names = " or ".join(map(quoted, self.after[:2])) + (
                " or another one" if len(self.after) > 2 else ""
            )
            return f"whoever starts {names} before it"
        if known is None:
            return POSSIBLE_EVENTS.get(self.event, "whoever has rights in the repository")
        return "somebody with rights, about what an outsider wrote" if self.insiders else known.who

    @property
    def identity(self) -> bool:
        """Whether the run can ask for a token of GitHub's identity provider (OIDC), which clouds and registries accept."""
        return "id-token" in self.token.writes

    @property
    def holds_something(self) -> bool:
        """Whether the run holds anything that an outsider does not have: rights, secrets, an identity, a machine of the owner's. In
        a fork's run only the machine is such a thing (`persists`)."""
        return self.privileged and bool(
            self.token.default or self.token.writes or self.secrets or self.all_secrets or self.self_hosted
        )

    @property
    def persists(self) -> bool:
        """Whether what is left on the machine may be there in later runs, which may hold more: so too in a fork's run."""
        return self.self_hosted is True

    @property
    def at_stake(self) -> bool:
        """Whether there is anything to lose: what the run holds, or the machine that it leaves behind."""
        return self.holds_something or self.persists

    @property
    def stakes(self) -> tuple[str, ...]:
        """What there is to lose, item by item, in words that can be compared with those of another day."""
        found = ["a self-hosted machine"] if self.self_hosted else []
        if self.privileged:
            found += ["the repository's default token"] if self.token.default else []
            found += [f"{scope}: write" for scope in self.token.writes]
            found += (
                [ALL_STAKES] if self.all_secrets else [f"{ONE_SECRET}{name}" for name in self.own_secrets]
            )
        return tuple(found)

    @property
    def holds(self) -> str:
        """What there is to lose, for people."""
        more = self.all_secrets or self.secrets or self.self_hosted
        parts = [] if more and not self.token.default and not self.token.writes else [str(self.token)]
        if self.all_secrets:
            parts.append("every secret")
        elif self.secrets:
            names = self.own_secrets
            shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
            parts.append(f"the secrets {shown}" if len(names) > 1 else f"the secret {shown}")
        if self.self_hosted:
            parts.append("a self-hosted machine")
        # A token that cannot write is nothing beside the rest.
        return " and ".join(parts) if len(parts) < 3 else ", ".join(parts[:-1]) + " and " + parts[-1]


class Privileges:
    """The privilege table of one graph; the ways to its workflows are walked once, when they are first asked for."""

    def __init__(self, graph: Graph, knowledge: Knowledge) -> None:
        self._graph = graph
        self._knowledge = knowledge

    def of(self, node: JobNode) -> tuple[Exposure, ...]:
        """Every way in which an outsider reaches a job, through its own workflow's events or its callers'."""
        return self._exposures(node, self._ways)

    def possible(self, node: JobNode) -> tuple[Exposure, ...]:
        """The ways of which nothing says whether an outsider can be behind them: callers in other repositories, apps. They are
        not `known`, so what is found by them has a lower confidence."""
        return self._exposures(node, self._possible)

    def ordinary(self, node: JobNode) -> tuple[Exposure, ...]:
        """What a job holds in the runs that only people with rights start: by a push, by hand, by the clock."""
        return self._exposures(node, self._ordinary)

    def _exposures(self, node: JobNode, all: Mapping[str, list["_Entry"]]) -> tuple[Exposure, ...]:
        job, workflow = node.job, node.workflow
        ways = all.get(workflow_id(workflow.source))
        if not ways:
            return ()
        reads = secrets_read(self._graph, node)
        token = token_of(workflow, job, self._knowledge)
        hosted = hosted_by(self._graph, node, self._knowledge)
        mode = cache_mode(workflow, job)
        cache = _CACHES[mode.value.value] if mode is not None else None
        found = []
        for way in ways:
            event = way.trigger.event.value
            if left_out(self._graph, node, event):
                continue
            outside = EVENTS.get(event)
            privileged = outside is None or outside.privileged
            reach = _intersect(token, way.token)
            secrets, everything = _held(job, reads, way.passed) if privileged else (frozenset[str](), False)
            found.append(
                Exposure(
                    event=event,
                    trigger=way.trigger.event.span,
                    via=way.via,
                    privileged=privileged,
                    token=reach if privileged else _read_only(reach),
                    secrets=tuple(sorted(secrets)),
                    all_secrets=everything,
                    self_hosted=hosted,
                    cache=(cache or ("writes" if outside is None else "reads")) if privileged else "own",
                    environment=job.environment.name.value if job.environment is not None else None,
                    narrowed=narrowed(way.trigger),
                    insiders=started_by_insiders(way.trigger),
                    known=event not in POSSIBLE_EVENTS,
                    after=(way.trigger.filter("workflows") or ()) if event == "workflow_run" else (),
                    renamed=way.renamed,
                )
            )
        return tuple(found)

    @cached_property
    def _ways(self) -> dict[str, list["_Entry"]]:
        return _entries(self._graph, self._knowledge, lambda _, event: event in EVENTS)

    @cached_property
    def _possible(self) -> dict[str, list["_Entry"]]:
        return _entries(self._graph, self._knowledge, self._may_start)

    @cached_property
    def _ordinary(self) -> dict[str, list["_Entry"]]:
        return _entries(
            self._graph,
            self._knowledge,
            lambda _, event: event not in EVENTS and event not in POSSIBLE_EVENTS,
        )

    def _may_start(self, id: str, event: str) -> bool:
        if event == "workflow_call":
            return not any(
                isinstance(self._graph.nodes[edge.source], JobNode) for edge in self._graph.into(id, "calls")
            )
        return event in POSSIBLE_EVENTS


def _held(job: Job, reads: frozenset[str], passed: frozenset[str] | None) -> tuple[frozenset[str], bool]:
    """The secrets that a job gets of those it asks for, and whether that is every secret of the repository.

    A called workflow has what its callers pass; an environment has secrets of its own, which no caller need pass.
    """
    named = reads - {EVERY_SECRET}
    asks_for_all = EVERY_SECRET in reads or job.inherits is not None
    if passed is None:
        return named, asks_for_all
    got = passed if asks_for_all else named & passed
    return (got | named if job.environment is not None else got), False


class _Entry(NamedTuple):
    """A way to a workflow. `passed` are the secrets handed along it, None for all that the repository has, `renamed` those that have
    another name there, with it; `guarded` says that a calling job looks at who started the run."""

    trigger: Trigger
    via: tuple[str, ...]
    token: Token | None
    passed: frozenset[str] | None
    guarded: bool = False
    renamed: tuple[tuple[str, str], ...] = ()

    def key(self) -> tuple[object, ...]:
        place = self.trigger.event
        token = None if self.token is None else (self.token.default, *sorted(self.token.scopes.items()))
        return place.source.path, place.start, token, self.passed, self.guarded


class _Call(NamedTuple):
    """A job that calls a workflow, given by its id, and what it hands on: `secrets` as names with the words of their values."""

    caller: JobNode
    called: str
    token: Token
    secrets: tuple[tuple[str, tuple[str, ...]], ...]
    guarded: bool

    def entry(self, way: _Entry) -> _Entry:
        """The way to the called workflow that a way to the caller's makes."""
        return _Entry(
            way.trigger,
            (*way.via, self.caller.id),
            _intersect(self.token, way.token),
            self._passed(way.passed),
            way.guarded or self.guarded,
            self._renamed(dict(way.renamed)),
        )

    def _renamed(self, before: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """The secrets that the called workflow knows by other names than the repository, with those."""
        if self.caller.job.inherits is not None:
            return tuple(before.items())
        found = []
        for name, words in self.secrets:
            given = [word for last, word in pairwise(words) if last == "SECRETS"]
            known = before.get(given[0], given[0]) if given else name
            if known != name:
                found.append((name, known))
        return tuple(found)

    def _passed(self, available: frozenset[str] | None) -> frozenset[str] | None:
        """The secrets that the job hands over, of those that it has itself."""
        if self.caller.job.inherits is not None:
            return available
        return frozenset(
            name for name, words in self.secrets if available is None or not available.isdisjoint(words)
        )


def _entries(
    graph: Graph, knowledge: Knowledge, starts: Callable[[str, str], bool]
) -> dict[str, list[_Entry]]:
    """The ways to every workflow, by its id: its own events that count (`starts`, by workflow and event), and those of its callers.

    Walked forward from the events, one level of calls after the other; a way that hands over the same by the same event as a
    shorter one, with or without a check of who it is, is left out, so that the work does not grow with the number of paths.
    Where there are still too many, those of a level are merged, so that it grows with the calls alone.
    """
    found: dict[str, list[_Entry]] = {}
    seen: dict[str, set[object]] = {}
    calls: dict[str, list[_Call]] = {}
    level: dict[str, list[_Entry]] = {}
    for node in graph.of(WorkflowNode):
        own = [trigger for trigger in node.workflow.triggers if starts(node.id, trigger.event.value)]
        if own:
            level[node.id] = [_Entry(trigger, (), None, None) for trigger in own]
    for _ in range(MAX_CALLERS + 1):
        following: dict[str, list[_Entry]] = {}
        for id, entries in level.items():
            known = found.setdefault(id, [])
            jobs = sum(1 for _ in graph.out(id, "contains"))
            new = _fitting(entries, max(MAX_WAYS, MAX_PAIRS // max(jobs, 1)) - len(known))
            new = [entry for entry in new if _is_new(entry, seen.setdefault(id, set()))]
            known += new
            if new and id not in calls:
                calls[id] = list(_calls(graph, id, knowledge))
            for call in calls.get(id, ()):
                following.setdefault(call.called, []).extend(
                    call.entry(way)
                    for way in new
                    if not left_out(graph, call.caller, way.trigger.event.value)
                )
        level = {id: _unseen(entries, seen.get(id, frozenset())) for id, entries in following.items()}
    return found


def _is_new(entry: _Entry, seen: set[object]) -> bool:
    key = entry.key()
    if key in seen:
        return False
    seen.add(key)
    return True


def _unseen(entries: list[_Entry], seen: Set[object]) -> list[_Entry]:
    """The first of each kind of way that was not found at a level before."""
    kinds: dict[object, _Entry] = {}
    for entry in entries:
        kinds.setdefault(entry.key(), entry)
    return [entry for key, entry in kinds.items() if key not in seen]


def _fitting(entries: list[_Entry], room: int) -> list[_Entry]:
    """The ways themselves if there is room, else one for each event of each file, else one for each kind of event."""
    if len(entries) > room:
        entries = _merged(entries, lambda one: (one.trigger.event.source.path, one.trigger.event.start))
    if len(entries) > room:
        entries = _merged(entries, lambda one: one.trigger.event.value)
    return entries


def _merged(entries: list[_Entry], event: Callable[[_Entry], object]) -> list[_Entry]:
    """One way for all of one event, which hands over what any of them does; with and without a check are two."""
    groups: dict[object, list[_Entry]] = {}
    for entry in entries:
        groups.setdefault((event(entry), entry.guarded), []).append(entry)
    return [
        group[0]._replace(token=_widest(group), passed=_all_passed(group)) if len(group) > 1 else group[0]
        for group in groups.values()
    ]


def _widest(entries: list[_Entry]) -> Token | None:
    scopes: dict[str, str] = {}
    for entry in entries:
        if entry.token is None or entry.token.default:
            return entry.token
        for scope, level in entry.token.scopes.items():
            if scopes.get(scope) != "write":
                scopes[scope] = level
    return Token(scopes, False)


def _all_passed(entries: list[_Entry]) -> frozenset[str] | None:
    names: set[str] = set()
    for entry in entries:
        if entry.passed is None:
            return None
        names |= entry.passed
    return frozenset(names)


def _calls(graph: Graph, id: str, knowledge: Knowledge) -> Iterator[_Call]:
    """The calls in a workflow, given by its id, of others of the repository."""
    guards = guards_of(graph)
    for contained in graph.out(id, "contains"):
        caller = graph.nodes[contained.target]
        for edge in graph.out(caller.id, "calls"):
            called = graph.nodes[edge.target]
            if (
                isinstance(caller, JobNode)
                and not never(caller.job.condition)
                and isinstance(called, WorkflowNode)
                and "workflow_call" in called.workflow.events
            ):
                yield _Call(
                    caller,
                    called.id,
                    token_of(caller.workflow, caller.job, knowledge),
                    tuple(
                        (entry.key.value.upper(), tuple(_words(entry.value.value.upper())))
                        for entry in caller.job.secrets.entries
                    ),
                    guards.of(caller.id),
                )


def _words(text: str) -> list[str]:
    """The names in an expression."""
    return "".join(char if char.isalnum() or char == "_" else " " for char in text).split()


def token_of(workflow: Workflow, job: Job, knowledge: Knowledge) -> Token:
    """The token of a job by its own `permissions`, else the workflow's, else the repository's setting."""
    block = job.permissions or workflow.permissions
    if block is None:
        return Token({}, True)
    return Token(granted(block, knowledge), False)


def granted(block: Permissions, knowledge: Knowledge) -> dict[str, str]:
    """The scopes that a block gives, each with `read` or `write`."""
    if block.everything is not None:
        level = {"read-all": "read", "write-all": "write"}.get(block.everything.value)
        if level is None:
            return {}
        return {
            scope: level if write is not None else "read"
            for scope, write in knowledge.github.permission_scopes.items()
            if level == "write" or scope != "id-token"
        }
    return {
        entry.key.value: entry.value.value
        for entry in block.entries
        if entry.value.value in ("read", "write")
    }


def _intersect(token: Token, caller: Token | None) -> Token:
    """A called workflow never holds more than its caller."""
    if caller is None or caller.default:
        return token
    if token.default:
        return caller
    ranks = {"read": 1, "write": 2}
    return Token(
        {
            scope: min(level, caller.scopes[scope], key=lambda name: ranks[name])
            for scope, level in token.scopes.items()
            if scope in caller.scopes
        },
        False,
    )


def _read_only(token: Token) -> Token:
    if token.default:
        return Token({"contents": "read"}, False)
    return Token({scope: "read" for scope in token.scopes if scope != "id-token"}, False)


def secrets_read(graph: Graph, node: JobNode) -> frozenset[str]:
    """The names that the expressions of a job, its steps and its workflow read, without the token's own; `*` among them when the
    run decides which."""
    holders = [workflow_id(node.workflow.source), node.id]
    holders += [edge.target for edge in graph.out(node.id, "contains")]
    return frozenset(
        edge.target.partition(":")[2]
        for holder in holders
        for edge in graph.out(holder, "reads")
        if edge.target != TOKEN
    )


def self_hosted(job: Job, knowledge: Knowledge) -> bool | None:
    """Whether a job runs on a machine of the owner's; None when an expression or an unknown label decides."""
    labels = [label.value.lower() for label in job.runs_on.labels]
    if "self-hosted" in labels:
        return True
    if (
        labels
        and job.runs_on.group is None
        and all(label in knowledge.github.hosted_runner_labels for label in labels)
    ):
        return False
    return None


def hosted_by(graph: Graph, node: JobNode, knowledge: Knowledge) -> bool | None:
    """`self_hosted`, with the expressions of `runs-on` followed: true when one of the machines that the job may get is the owner's."""
    if not any("${{" in label.value for label in node.job.runs_on.labels):
        return self_hosted(node.job, knowledge)
    owners = {owner_of(machine, knowledge) for machine in machines(graph, node)}
    if "own" in owners:
        return True
    return False if owners and owners <= {"hosted", "service"} else None


def workflow_jobs(graph: Graph, node: WorkflowNode) -> Iterator[JobNode]:
    """The jobs of a workflow in the order of the file."""
    for edge in graph.out(node.id, "contains"):
        job = graph.nodes[edge.target]
        if isinstance(job, JobNode):
            yield job
