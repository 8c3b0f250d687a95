"""See accept_flake_config.md."""

from collections.abc import Iterator

from scanner.analysis.accepted_config import Acceptance, acceptances
from scanner.analysis.aliases import once
from scanner.analysis.nix_settings import Place, settings_in_use, undecided
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes import StepNode, action_id, workflow_id
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.parse.workflow import Workflow

SHOWN = 5


@rule(
    "accept-flake-config",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    variants={"workflow": Severity.LOW},
    tags=("supply-chain", "privilege", "CWE-829", "CICD-SEC-3"),
)
def accept_flake_config(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_answers(ctx))


def _answers(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    for setting in settings_in_use(ctx.graph, ctx.knowledge):
        if setting.name == "accept-flake-config" and (unknown := undecided(setting)) is not None:
            yield unknown
    workflows: dict[str, list[Acceptance]] = {}
    for found in acceptances(ctx.graph, ctx.knowledge):
        setting = found.setting
        if found.way is not None:  # said by flake-config-accepted-on-pull-request
            continue
        if setting.place.in_workflow:
            workflows.setdefault(setting.at.path, []).append(found)
            continue
        if setting.place is Place.FLAKE:
            message = (
                "who accepts this once accepts, unasked, whatever other flakes configure from then on in the same "
                "command; remove it, a flake has no business to decide this"
            )
        else:
            message = (
                "every flake that is built here brings its own caches, keys and hooks, and nobody is asked; remove "
                "this and accept what you have read, or put the caches that you trust into this file"
            )
        yield Hit(setting.whole, setting.subject, message)
    for accepted in workflows.values():
        first = accepted[0].setting
        places = {found.setting.whole: None for found in accepted}
        related = tuple(Note(at, "here, too") for at in list(places)[1:SHOWN])
        more = f" (and {len(places) - 1} more in this file)" if len(places) > 1 else ""
        yield Hit(
            first.whole,
            _file(ctx, first.subject),
            f"the workflow takes whatever caches and keys flake.nix asks for, unasked{more}: who changes flake.nix "
            "decides whose builds are installed; write the caches that you trust into the workflow instead",
            "workflow",
            related=related,
        )


def _file(ctx: Context[NoOptions], subject: str) -> str:
    """The workflow or action around a step, so that the finding outlives its steps."""
    node = ctx.graph.nodes[subject]
    if isinstance(node, StepNode):
        return (
            workflow_id(node.owner.source)
            if isinstance(node.owner, Workflow)
            else action_id(node.owner.source)
        )
    return subject
