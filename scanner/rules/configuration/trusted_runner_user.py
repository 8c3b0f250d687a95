"""See trusted_runner_user.md."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.outsiders.privilege import self_hosted
from scanner.analysis.settings.in_use import settings_in_use
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.analysis.workflows.steps import jobs_of
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.workflows import ActionNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.reader import Block
from scanner.parse.uses import RepositoryUse

RUNNER: Final = frozenset(("runner", "$USER", "${USER}", "$(whoami)", "@runner", "@docker", "@adm"))


class _Trust(NamedTuple):
    """A place that makes the runner's user trusted; not `written` when an action does it unless told otherwise."""

    at: Span
    subject: str
    written: bool
    off: str


@rule(
    "trusted-runner-user",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="nix-trust",
    variants={"hosted": Severity.LOW},
    tags=("nix", "privilege", "CWE-250", "CICD-SEC-5", "SLSA:build-L3"),
)
def trusted_runner_user(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for trust in (*_actions(ctx), *_settings(ctx)):
        own = any(self_hosted(job.job, ctx.knowledge) for job in jobs_of(ctx.graph, trust.subject))
        if own:
            yield Hit(
                trust.at,
                trust.subject,
                "Nix trusts the runner's user, which makes every job on this self-hosted machine root, and what a job "
                f"changes stays for the next; {trust.off}",
            )
        elif trust.written:
            yield Hit(
                trust.at,
                trust.subject,
                "Nix trusts the runner's user, so what a flake configures, once accepted, works as root; "
                f"{trust.off}",
                "hosted",
            )


def _actions(ctx: Context[NoOptions]) -> Iterator[_Trust]:
    used = (ctx.knowledge.nix_action(node.use.name) for node in ctx.graph.of(ActionNode))
    if not any(action is not None and action.trust is not None for action in used):
        return
    for node in live_steps(ctx.graph):
        call = node.step.call
        if call is None or not isinstance(call.target, RepositoryUse):
            continue
        action = ctx.knowledge.nix_action(call.target.name)
        if action is None or action.trust is None or call.inputs.expression is not None:
            continue
        off = f"set {quoted(action.trust + ': false')}"
        entry = _entry(call.inputs, action.trust)
        if entry is None:
            yield _Trust(call.text.content.first_line(), node.id, False, off)
        elif entry.value.strip().lower() == "true":
            yield _Trust(entry.at.first_line(), node.id, True, off)


class _Entry(NamedTuple):
    value: str
    at: Span


def _entry(inputs: Block, name: str) -> _Entry | None:
    for entry in inputs.entries:
        if entry.key.value.lower() == name:
            return _Entry(entry.value.value, Span(entry.key.source, entry.key.start, entry.value.end))
    return None


def _settings(ctx: Context[NoOptions]) -> Iterator[_Trust]:
    for setting in settings_in_use(ctx.graph, ctx.knowledge):
        if setting.name == "trusted-users" and setting.place.in_workflow:
            for word in setting.words:
                if word.text in RUNNER:
                    off = "remove it and put the caches that the job needs into nix.conf"
                    yield _Trust(word.at.first_line(), setting.subject, True, off)
