"""Jobs that change what runs or is served outside the repository: a deployment, or a package that is published.

Told from the actions and commands of their steps; a trial run (`--dry-run`) is none.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from scanner.analysis.outsiders.privilege import EVERY_SECRET, TOKEN, token_of
from scanner.analysis.scripts.commands import commands_of
from scanner.analysis.scripts.registries import mentions_upload, upload
from scanner.analysis.uses.controls import condition_of, control_for
from scanner.analysis.uses.coordinates import judged
from scanner.analysis.workflows.conditions import never
from scanner.analysis.workflows.steps import steps_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import JobNode, StepNode
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call

if TYPE_CHECKING:
    from scanner.parse.shell_words import Command

# The words behind a program that deploy with it (the manuals of the programs).
_WAYS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    name: tuple(tuple(way.split()) for way in ways.split(", "))
    for name, ways in {
        "aws": "cloudformation deploy, deploy create-deployment, ecs update-service, lambda update-function-code",
        "az": "containerapp up, containerapp update, deployment group create, functionapp deploy, webapp deploy, webapp up",
        "cdk": "deploy",
        "cf": "push",
        "colmena": "apply",
        "copilot": "deploy, svc deploy",
        "eb": "deploy",
        "firebase": "deploy",
        "fly": "deploy",
        "flyctl": "deploy",
        "gcloud": "app deploy, functions deploy, run deploy",
        "helm": "install, upgrade",
        "helmfile": "apply, sync",
        "heroku": "container:release",
        "kubectl": "apply, replace, rollout restart, set image",
        "netlify": "deploy",
        "nomad": "job run",
        "oc": "apply, rollout restart, set image",
        "pulumi": "up, update",
        "sam": "deploy",
        "serverless": "deploy",
        "sls": "deploy",
        "terraform": "apply, destroy",
        "terragrunt": "apply, run-all apply",
        "tofu": "apply, destroy",
        "vercel": "deploy",
        "wrangler": "deploy, publish, pages deploy",
    }.items()
}
_RUNNERS: Final = frozenset(("npx", "bunx", "pnpx"))
_TRIALS: Final = ("--dry-run", "--help", "--noop", "--dryrun", "--no-execute-changeset")

# Drafts and requests of merges: nothing is out yet.
_DRAFTS: Final = frozenset(("release-drafter/release-drafter", "googleapis/release-please-action"))
_PACKAGES: Final = frozenset(
    "docker/build-push-action goreleaser/goreleaser-action jreleaser/release-action js-devtools/npm-publish "
    "pypa/gh-action-pypi-publish redhat-actions/push-to-registry rubygems/release-gem softprops/action-gh-release".split()
)
"""Actions that publish a version of something beside others: two runs at once do not get in each other's way."""


_AT_ONCE: Final = frozenset(
    "actions/deploy-pages amondnet/vercel-action azure/static-web-apps-deploy cloudflare/pages-action "
    "firebaseextended/action-hosting-deploy jamesives/github-pages-deploy-action nwtgck/actions-netlify "
    "peaceiris/actions-gh-pages".split()
)
_PROGRAMS_AT_ONCE: Final = frozenset(("firebase", "netlify", "vercel", "wrangler"))
"""What they upload is served when all of it is there."""

_MAX_SHOWN: Final = 60


class Deployment(NamedTuple):
    """`at` is the action or command, on one line. `package` is true for a version that is published beside others, false for
    something that is replaced; `at_once` says that it is replaced as a whole, so that nothing is left halfway. `local` is true
    for a command that may as well be about a cluster that was made for a test."""

    at: Span
    what: str
    package: bool
    at_once: bool
    local: bool


@per_graph
def deployments(graph: Graph, knowledge: Knowledge, id: str) -> tuple[Deployment, ...]:
    """What a job, given by its id, deploys and publishes, in the order of its steps."""
    node = graph.nodes[id]
    if not isinstance(node, JobNode) or node.job.call is not None:
        return ()
    return tuple(
        found
        for step in steps_of(graph, id)
        if not never(step.step.condition)
        for found in _of_step(graph, knowledge, step)
    )


def holds_rights(graph: Graph, knowledge: Knowledge, node: JobNode) -> bool:
    """Whether a job reads secrets of the owner's, or may prove to others who it is."""
    holders = [node.id, *(step.id for step in steps_of(graph, node.id))]
    reads = (edge.target for holder in holders for edge in graph.out(holder, "reads"))
    if node.job.inherits is not None or any(
        secret not in (TOKEN, f"secret:{EVERY_SECRET}") for secret in reads
    ):
        return True
    return "id-token" in token_of(node.workflow, node.job, knowledge).writes


def _of_step(graph: Graph, knowledge: Knowledge, node: StepNode) -> Iterator[Deployment]:
    call, run = node.step.call, node.step.run
    if call is not None and isinstance(call.target, RepositoryUse):
        if _deploys(call, knowledge):
            name = call.target.name
            slug = call.target.slug
            yield Deployment(call.text.content.first_line(), name, slug in _PACKAGES, slug in _AT_ONCE, False)
    elif run is not None and _may_deploy(run.script.value):
        for ran in commands_of(graph, node):
            words = ran.command.words
            if not words:
                continue
            deploys = _is_deployment(ran.command)
            if deploys or upload(ran.command) is not None:
                at = ran.whole().first_line()
                shown = at.text if len(at.text) <= _MAX_SHOWN else at.text[: _MAX_SHOWN - 1] + "…"
                at_once = not _PROGRAMS_AT_ONCE.isdisjoint(ran.command.texts[:2])
                yield Deployment(at, shown, not deploys, at_once, deploys)


def _deploys(call: Call, knowledge: Knowledge) -> bool:
    for table in (knowledge.actions.deployers, knowledge.actions.publishers):
        control = control_for(call, table)
        if control is not None:
            slug = call.target.slug if isinstance(call.target, RepositoryUse) else ""
            if slug in _DRAFTS or (slug == "docker/build-push-action" and call.inputs.get("push") is None):
                return False
            return judged(call, condition_of(control)).holds is True
    return False


def _may_deploy(script: str) -> bool:
    return mentions_upload(script) or any(name in script for name in _WAYS)


def _is_deployment(command: "Command") -> bool:
    program, texts = command.program, command.texts[1:]
    if program in _RUNNERS and texts:
        program, texts = texts[0].partition("@")[0], texts[1:]
    ways = _WAYS.get(program)
    if ways is None or any(text.startswith(_TRIALS) for text in texts):
        return False
    return any(_follows(texts, way) for way in ways)


def _follows(texts: Sequence[str], way: tuple[str, ...]) -> bool:
    """Whether the words of a way are the first that are no options. An option without `=` may take the word behind it."""
    at = 0
    while at < len(texts) and texts[at].startswith("-"):
        at += 1 if "=" in texts[at] or texts[at + 1 : at + 2] == (way[0],) else 2
    return tuple(texts[at : at + len(way)]) == way
