"""See signatures_disabled.md."""

from collections.abc import Iterator

from scanner.analysis.aliases import once
from scanner.analysis.nix_settings import SettingInUse, settings_in_use, undecided
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity, Unknown


@rule(
    "signatures-disabled",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    tags=("supply-chain", "CWE-347", "CICD-SEC-9"),
)
def signatures_disabled(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    settings = settings_in_use(ctx.graph, ctx.knowledge)
    yield from once(
        answer
        for setting in settings
        if setting.name == "require-sigs" and (answer := _judge(setting)) is not None
    )


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
