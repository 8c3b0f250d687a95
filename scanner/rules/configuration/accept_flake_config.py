"""See accept_flake_config.md."""

from collections.abc import Iterator

from scanner.analysis.evaluation.loose_references import loose_flake
from scanner.analysis.settings.accepted import acceptances, evaluated_with
from scanner.analysis.settings.in_use import (
    Place,
    SettingInUse,
    settings_in_use,
    undecided,
    unread_configuration,
)
from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, NoOptions, rule
from scanner.graph.ids import action_id, workflow_id
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.workflow import Workflow

SHOWN = 5


@rule(
    "accept-flake-config",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="nix-trust",
    variants={"workflow": Severity.LOW, "unused": Severity.INFO},
    tags=("nix", "supply-chain", "privilege", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
)
def accept_flake_config(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_answers(ctx))


def _answers(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from unread_configuration(ctx.graph, ctx.knowledge)
    for setting in settings_in_use(ctx.graph, ctx.knowledge):
        if setting.name == "accept-flake-config" and (unknown := undecided(setting)) is not None:
            yield unknown
    files: dict[str, list[SettingInUse]] = {}
    for found in acceptances(ctx.graph, ctx.knowledge):
        setting = found.setting
        if found.way is not None:  # said by flake-config-accepted-on-pull-request
            continue
        if setting.place.in_workflow:
            files.setdefault(setting.at.path, []).append(setting)
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
    for settings in files.values():
        yield from _workflow(ctx, settings)


def _workflow(ctx: Context[NoOptions], settings: list[SettingInUse]) -> Iterator[Hit]:
    """One finding for the settings of a file: the worst of what they concern."""
    own: list[SettingInUse] = []
    others: list[SettingInUse] = []
    unused: list[SettingInUse] = []
    hidden: list[SettingInUse] = []
    who: dict[str, None] = {}
    for setting in settings:
        evaluated = evaluated_with(setting, ctx.graph)
        loose = [text for text in evaluated.others if loose_flake(text, ctx.knowledge) is not None]
        if evaluated.own:
            own.append(setting)
        elif loose:
            others.append(setting)
            who.update(dict.fromkeys(loose))
        elif evaluated.hidden:
            hidden.append(setting)
        elif not evaluated.others:
            unused.append(setting)
    if own:
        message = (
            "the workflow takes whatever caches and keys flake.nix asks for, unasked{more}: who changes flake.nix decides "
            "whose builds are installed; write the caches that you trust into the workflow instead"
        )
        yield _hit(ctx, own + others + hidden, message, "workflow")
    elif others:
        message = (
            f"the workflow takes whatever caches and keys {quoted(next(iter(who)))} asks for, unasked{{more}}: who changes "
            "that flake decides whose builds are installed; write the caches that you trust into the workflow instead"
        )
        yield _hit(ctx, others, message, "workflow")
    elif hidden:
        message = (
            "a script that runs here takes whatever caches and keys the flakes that it evaluates ask for, unasked{more}; "
            "write the caches that you trust into the workflow instead, or remove this if it evaluates none"
        )
        yield _hit(ctx, hidden, message, "workflow", Confidence.MEDIUM)
    if unused and not (own or others or hidden):
        message = (
            "any flake could bring caches and keys here, unasked{more}, but nothing that is seen here evaluates one; remove "
            "this"
        )
        yield _hit(ctx, unused, message, "unused", Confidence.LOW)


def _hit(
    ctx: Context[NoOptions],
    settings: list[SettingInUse],
    message: str,
    variant: str,
    confidence: Confidence | None = None,
) -> Hit:
    first = settings[0]
    places = {setting.whole: None for setting in settings}
    more = f" (and {len(places) - 1} more in this file)" if len(places) > 1 else ""
    return Hit(
        first.whole,
        _file(ctx, first.subject),
        message.replace("{more}", more),
        variant,
        confidence,
        related=tuple(Note(at, "here, too") for at in list(places)[1:SHOWN]),
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
