"""See signatures_disabled.md."""

from collections.abc import Iterator

from scanner.analysis.settings.in_use import SettingInUse, settings_in_use, undecided, unread_configuration
from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity, Unknown


@rule(
    "signatures-disabled",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="nix-trust",
    tags=("nix", "supply-chain", "CWE-347", "CICD-SEC-9", "SLSA:dependencies"),
)
def signatures_disabled(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_answers(ctx))


def _answers(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from unread_configuration(ctx.graph, ctx.knowledge)
    for setting in settings_in_use(ctx.graph, ctx.knowledge):
        if setting.name == "require-sigs" and (answer := _judge(setting)) is not None:
            yield answer


def _judge(setting: SettingInUse) -> Hit | Unknown | None:
    if setting.truth is not False:
        return undecided(setting)
    return Hit(
        setting.whole,
        setting.subject,
        f"packages of caches are taken without a signature {setting.place.reach}: any cache, and anybody who answers in its "
        "place, decides what is installed; remove this and trust the keys of the caches that you need",
        evidence=(setting.place.value,),
    )
