"""Secrets that are given to more than what reads them: variables of a whole job or workflow, and arguments that nobody reads."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from scanner.analysis.permissions.needed_secrets import needed_secrets
from scanner.analysis.taint.secret_values import TOKEN, secret_in
from scanner.analysis.uses.interfaces import of_workflow
from scanner.analysis.workflows.conditions import live_jobs, live_steps
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import JobNode, LocalActionNode, StepNode, WorkflowNode
from scanner.model.nearest import closest
from scanner.model.source import Span
from scanner.parse.reader import Block, Entry

MIN_STEPS: Final = 3
"""A job with fewer steps is as narrow as it can be."""
MAX_USES: Final = 200
"""Places at which a variable is named that are looked at."""
MAX_ENTRIES: Final = 50
"""Variables of a block that are looked at."""

_INPUT: Final = re.compile(r"inputs\s*(?:\.\s*([\w-]+)|\[\s*['\"]([^'\"\n]*)['\"])")
_ALL_INPUTS: Final = re.compile(r"\(\s*inputs\s*[,)]|inputs\s*(?:\.\s*\*|\[\s*[^\s'\"])")

_READ_ANYWAY: Final = (
    "AWS_", "AZURE_", "ARM_", "GOOGLE_", "GCP_", "GCLOUD_", "CLOUDSDK_", "CLOUDFLARE_", "CF_", "NPM_", "NODE_", "GH_", "GITHUB_",
    "GITLAB_", "CACHIX_", "ATTIC_", "CARGO_", "TWINE_", "UV_", "PIP_", "POETRY_", "HATCH_", "DOCKER_", "TF_", "VAULT_", "SENTRY_",
    "CODECOV_", "COVERALLS_", "SONAR_", "GPG_", "SSH_", "NIX_", "FLAKEHUB_", "PULUMI_", "HOMEBREW_", "MAVEN_", "GRADLE_",
    "ORG_GRADLE_PROJECT_", "COSIGN_", "SNYK_", "FLY_", "VERCEL_", "NETLIFY_", "HEROKU_", "TURBO_", "DATABASE_", "PG", "OP_", "SOPS_",
    "OPENAI_", "ANTHROPIC_", "GEMINI_", "NUGET_", "RUBYGEMS_", "GEM_", "SLACK_", "DISCORD_", "KUBE", "HF_", "WANDB_", "CI_",
)  # fmt: skip
"""Variables that programs read without being told to: no script need name them."""


class Unread(NamedTuple):
    """A secret that is handed to something of the repository which does not read it. `meant` is the name that its `key`, which is
    declared nowhere, looks like."""

    at: Span
    subject: str
    secret: str
    called: str
    key: str
    meant: str | None


class Wide(NamedTuple):
    """A variable with a secret that all `size` parts of a whole get; `used` is the only part that names it."""

    at: Span
    subject: str
    name: str
    secret: str
    whole: str
    part: str
    size: int
    used: Span


# ---------------------------------------------------------------- handed over and not read


def unread_secrets(graph: Graph) -> Iterator[Unread]:
    for node in live_jobs(graph):
        call = node.job.call
        if call is None or not node.job.secrets.entries:
            continue
        called = next((graph.nodes[edge.target] for edge in graph.out(node.id, "calls")), None)
        needed = needed_secrets(graph, called.id) if isinstance(called, WorkflowNode) else None
        for entry in node.job.secrets.entries if needed is not None else ():
            secret = secret_in(entry.value)
            if needed is not None and secret is not None and entry.key.value.upper() not in needed:
                interface = of_workflow(called.workflow) if isinstance(called, WorkflowNode) else None
                declared = interface.secrets if interface is not None and interface.secrets else ()
                meant = _meant(entry.key.value, declared, node.job.secrets)
                yield Unread(
                    entry.value.content.first_line(), node.id, secret, call.text.value, entry.key.value, meant
                )
    for step in live_steps(graph):
        given = step.step.call
        if given is None or "secrets" not in step.step.at.span.text.lower():
            continue
        target = next((graph.nodes[edge.target] for edge in graph.out(step.id, "uses")), None)
        if isinstance(target, LocalActionNode) and _composite(target):
            read = _inputs_read(graph, target.id)
            for entry in given.inputs.entries if read is not None else ():
                secret = secret_in(entry.value)
                if secret is None or secret == TOKEN or read is None:
                    continue
                if entry.key.value.lower() not in read:
                    key = entry.key.value
                    meant = _meant(key, [one.value for one in target.action.inputs], given.inputs)
                    yield Unread(
                        entry.value.content.first_line(), step.id, secret, given.text.value, key, meant
                    )


def _meant(key: str, names: Iterable[str], given: Block) -> str | None:
    """The name that a key looks like, of those that are not given; None for one that is declared itself."""
    taken = {entry.key.value.lower() for entry in given.entries}
    declared = {name.lower(): name for name in names}
    if key.lower() in declared:
        return None
    near = closest(key.lower(), tuple(name for name in sorted(declared) if name not in taken))
    return declared[near] if near is not None else None


def _composite(node: LocalActionNode) -> bool:
    using = node.action.using
    return using is not None and using.value.lower() == "composite"


@per_graph
def _inputs_read(graph: Graph, action: str) -> frozenset[str] | None:
    """The inputs (lower case) that the text of an action, given by its id, names; None when it takes all of them."""
    node = graph.nodes[action]
    text = node.source.text.lower() if isinstance(node, LocalActionNode) else ""
    found = frozenset(match[1] or match[2] for match in _INPUT.finditer(text))
    return None if _ALL_INPUTS.search(text) else found


# ---------------------------------------------------------------- variables of a whole job or workflow


def wide_secrets(graph: Graph) -> Iterator[Wide]:
    for workflow in graph.of(WorkflowNode):
        jobs = [
            job
            for edge in graph.out(workflow.id, "contains")
            if isinstance(job := graph.nodes[edge.target], JobNode)
        ]
        block = workflow.workflow.env
        if len(jobs) > 1 and block.entries:
            parts = [(job.job.at.span, job.job.id.span) for job in jobs]
            whole = workflow.workflow.root.span
            yield from _of_block(workflow.id, block, whole, parts, "workflow", "job")
    for job in live_jobs(graph):
        if job.job.env.entries and len(job.job.steps) >= MIN_STEPS:
            steps = [graph.nodes[edge.target] for edge in graph.out(job.id, "contains")]
            parts = [(step.step.at.span, step.place()) for step in steps if isinstance(step, StepNode)]
            yield from _of_block(job.id, job.job.env, job.job.at.span, parts, "job", "step")


def _of_block(
    subject: str, block: Block, whole: Span, parts: Sequence[tuple[Span, Span]], kind: str, part: str
) -> Iterator[Wide]:
    starts = [span.start for span, _ in parts]
    if starts != sorted(starts):
        return  # aliases: a part stands somewhere else
    for entry in block.entries[:MAX_ENTRIES]:
        name = entry.key.value
        secret = secret_in(entry.value)
        if (
            secret is None
            or secret == TOKEN
            or name.upper().startswith(_READ_ANYWAY)
            or len(name) < MIN_STEPS
        ):
            continue
        used = _only_part(name, entry, whole, parts, starts)
        if used is not None:
            yield Wide(entry.value.content.first_line(), subject, name, secret, kind, part, len(parts), used)


def _only_part(
    name: str, entry: Entry, whole: Span, parts: Sequence[tuple[Span, Span]], starts: list[int]
) -> Span | None:
    """The head of the one part that names a variable; None when several do, none, or what is around them."""
    text = whole.source.text
    found: int | None = None
    at = text.find(name, whole.start, whole.end)
    for _ in range(MAX_USES):
        if at < 0:
            return parts[found][1] if found is not None else None
        end = at + len(name)
        own = entry.key.start <= at < entry.value.end
        if not own and not _in_word(text, at, end) and text[max(0, at - 8) : at] != "secrets.":
            index = bisect_right(starts, at) - 1
            if index < 0 or at >= parts[index][0].end or (found is not None and found != index):
                return None
            found = index
        at = text.find(name, end, whole.end)
    return None


def _in_word(text: str, start: int, end: int) -> bool:
    before, behind = text[start - 1 : start], text[end : end + 1]
    return before.isalnum() or before == "_" or behind.isalnum() or behind == "_"
