"""See cache_credentials_on_untrusted_trigger.md."""

from collections.abc import Iterator

from scanner.analysis.evaluation.credentials import Credential, credentials
from scanner.analysis.evaluation.runs import around
from scanner.analysis.outsiders.privilege import EVERY_SECRET, Exposure
from scanner.analysis.outsiders.reach import Reach, reach_of
from scanner.analysis.taint.taint import taint_of
from scanner.analysis.taint.trees import Kind
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.analysis.workflows.events import rules_out, skips
from scanner.analysis.workflows.steps import parent_of, steps_of
from scanner.engine import Context, NoOptions, rule
from scanner.graph.ids import file_id
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted

SHOWN = 20
_FILES: dict[Kind, str] = {
    "pull request": "the code of a pull request",
    "artifact": "an artifact of another run",
}


@rule(
    "cache-credentials-on-untrusted-trigger",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="exposure",
    variants={"guarded": Severity.MEDIUM, "latent": Severity.LOW},
    tags=("nix", "cache-poisoning", "CWE-284", "CWE-349", "CICD-SEC-4", "CICD-SEC-6", "SLSA:build-L3"),
)
def cache_credentials_on_untrusted_trigger(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[NoOptions]) -> Iterator[Hit]:
    near, taken = around(ctx.graph, ctx.knowledge), dict[str, str | None]()
    reach = reach_of(ctx.graph, ctx.knowledge)
    # What holds nothing of outsiders today is said once for a file and a secret.
    latent: dict[tuple[str, str | None, str], Hit] = {}
    for node in live_steps(ctx.graph):
        for credential in credentials(node, near):
            way = next((way for way in reach.of(node).values() if _has(node, way, credential)), None)
            if way is None:
                continue
            parent = parent_of(node)
            if parent not in taken:
                workspace = taint_of(ctx.graph, ctx.knowledge).workspace
                brought = (
                    _FILES[tree.kind]
                    for step in steps_of(ctx.graph, parent)
                    for tree in workspace.brought(step)
                    if not tree.own
                )
                taken[parent] = next(brought, None)
            hit = _hit(reach, node, credential, way, taken[parent])
            if hit.variant != "latent":
                yield hit
                continue
            key = (node.path, credential.secret, way.event)
            first = latent.setdefault(key, hit)
            if first is not hit and len(first.related) < SHOWN:
                note = Note(hit.at, "the same again")
                latent[key] = first._replace(related=(*first.related, note))
    yield from latent.values()


def _hit(reach: Reach, node: StepNode, credential: Credential, way: Exposure, files: str | None) -> Hit:
    name = quoted(credential.secret or credential.at.text)
    harm = (
        f"what is pushed with {name} is taken by everybody who uses the cache"
        if credential.writes
        else f"Nix fetches with {name}, which every build and evaluation can read"
    )
    confidence = None
    if files is None:
        variant, confidence = "latent", Confidence.LOW
        why = "today the job takes no code of theirs: keep it so"
    elif reach.guarded(node, way.event):
        variant, why = "guarded", f"only a check of who they are stands before it, and the job takes {files}"
    else:
        variant, why = None, f"the job takes {files}, which can do as it likes with it"
    return Hit(
        credential.at,
        node.id,
        f"outsiders start this job through {quoted(way.event)}, and {harm}; {why}; build what others send in a run of "
        "`pull_request`, which gets no secrets",
        variant,
        confidence,
        evidence=(credential.secret or "", way.event),
        related=(Note(way.trigger, f"{quoted(way.event)} starts the run"),),
        about=file_id(node.path) if variant == "latent" else "",
    )


def _has(node: StepNode, way: Exposure, credential: Credential) -> bool:
    """Whether the run holds the credential: a fork's run gets no secrets, a called workflow those that it is handed."""
    guards = [node.step.condition, node.job.condition if node.job is not None else None]
    if not way.privileged or any(skips(guard, way.event) for guard in guards):
        return False
    if rules_out(credential.expression, way.event):
        return False
    if credential.secret is None:
        return way.all_secrets or bool(way.secrets)
    return way.all_secrets or credential.secret in way.secrets or EVERY_SECRET in way.secrets
