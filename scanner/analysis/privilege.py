"""The privilege table: per job, what an outsider can trigger it with and what it holds when they do.

Sources: GitHub's "Events that trigger workflows" and "Automatic token authentication" (forks get a read-only token and
no secrets under `pull_request*`, the base repository's under `pull_request_target`, `issue_comment`, `workflow_run`, …).
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from scanner.graph.graph import Graph
from scanner.graph.nodes import JobNode, WorkflowNode
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span
from scanner.parse.workflow import Job, Permissions, Trigger, Workflow

OUTSIDER_EVENTS: Final[Mapping[str, bool]] = {
    # event: whether the run has the privileges of the repository (else: a fork's)
    "pull_request": False,
    "pull_request_review": False,
    "pull_request_review_comment": False,
    "pull_request_target": True,
    "issue_comment": True,
    "issues": True,
    "discussion": True,
    "discussion_comment": True,
    "commit_comment": True,
    "workflow_run": True,
    "fork": True,
    "watch": True,
}
"""Events that somebody without any role in a public repository can cause."""

TOKEN: Final = "secret:GITHUB_TOKEN"
"""The one secret that is no secret of the owner's: the privilege table has it as `token`."""

MAX_CALLERS: Final = 20
"""Length of a chain of `workflow_call`s; GitHub allows ten levels."""


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
    calling jobs, outermost first). `secrets` are names, without the token's own; `all_secrets` says that a caller hands
    over every secret, or that the job does so to the workflow that it calls. `self_hosted` is None when the runner cannot be told.
    """

    event: str
    trigger: Span
    via: tuple[str, ...]
    privileged: bool
    token: Token
    secrets: tuple[str, ...]
    all_secrets: bool
    self_hosted: bool | None

    @property
    def holds(self) -> str:
        """What there is to lose, for people."""
        parts = [str(self.token)]
        if self.all_secrets:
            parts.append("every secret")
        elif self.secrets:
            shown = ", ".join(self.secrets[:3]) + (", …" if len(self.secrets) > 3 else "")
            parts.append(f"the secrets {shown}" if len(self.secrets) > 1 else f"the secret {shown}")
        if self.self_hosted:
            parts.append("a self-hosted machine")
        return " and ".join(parts) if len(parts) < 3 else ", ".join(parts[:-1]) + " and " + parts[-1]


def exposures(graph: Graph, knowledge: Knowledge, node: JobNode) -> tuple[Exposure, ...]:
    """Every way in which an outsider reaches a job, through its own workflow's events or its callers'."""
    job, workflow = node.job, node.workflow
    secrets = _secrets(graph, node)
    inherits = job.inherits is not None
    token = token_of(workflow, job, knowledge)
    hosted = self_hosted(job, knowledge)
    found = []
    for entry in _entries(graph, knowledge, workflow, (), frozenset()):
        privileged = OUTSIDER_EVENTS[entry.trigger.event.value]
        reach = _intersect(token, entry.token)
        found.append(
            Exposure(
                event=entry.trigger.event.value,
                trigger=entry.trigger.event.span,
                via=entry.via,
                privileged=privileged,
                token=reach if privileged else _read_only(reach),
                secrets=secrets if privileged else (),
                all_secrets=(entry.all_secrets or inherits) and privileged,
                self_hosted=hosted,
            )
        )
    return tuple(found)


class _Entry(NamedTuple):
    trigger: Trigger
    via: tuple[str, ...]
    token: Token | None
    all_secrets: bool


def _entries(
    graph: Graph, knowledge: Knowledge, workflow: Workflow, via: tuple[str, ...], seen: frozenset[str]
) -> Iterator[_Entry]:
    """The outsider's events of a workflow and of the workflows that call it."""
    id = f"workflow:{workflow.source.path}"
    if id in seen or len(via) > MAX_CALLERS:
        return
    for trigger in workflow.triggers:
        if trigger.event.value in OUTSIDER_EVENTS:
            yield _Entry(trigger, via, None, False)
    if "workflow_call" not in workflow.events:
        return
    for edge in graph.into(id, "calls"):
        caller = graph.nodes[edge.source]
        if not isinstance(caller, JobNode):
            continue
        token = token_of(caller.workflow, caller.job, knowledge)
        inherits = caller.job.inherits is not None
        for entry in _entries(graph, knowledge, caller.workflow, (caller.id, *via), seen | {id}):
            yield _Entry(
                entry.trigger,
                entry.via,
                token if entry.token is None else _intersect(token, entry.token),
                inherits and (entry.token is None or entry.all_secrets),
            )


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
            for scope, write in knowledge.permission_scopes.items()
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


def _secrets(graph: Graph, node: JobNode) -> tuple[str, ...]:
    holders = [f"workflow:{node.path}", node.id]
    holders += [edge.target for edge in graph.out(node.id, "contains")]
    return tuple(
        sorted(
            {
                edge.target.partition(":")[2]
                for holder in holders
                for edge in graph.out(holder, "reads")
                if edge.target != TOKEN
            }
        )
    )


def self_hosted(job: Job, knowledge: Knowledge) -> bool | None:
    """Whether a job runs on a machine of the owner's; None when an expression or an unknown label decides."""
    labels = [label.value.lower() for label in job.runs_on.labels]
    if "self-hosted" in labels:
        return True
    if (
        labels
        and job.runs_on.group is None
        and all(label in knowledge.hosted_runner_labels for label in labels)
    ):
        return False
    return None


def workflow_jobs(graph: Graph, node: WorkflowNode) -> Iterator[JobNode]:
    """The jobs of a workflow in the order of the file."""
    for edge in graph.out(node.id, "contains"):
        job = graph.nodes[edge.target]
        if isinstance(job, JobNode):
            yield job
