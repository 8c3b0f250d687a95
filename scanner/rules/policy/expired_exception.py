"""See expired_exception.md."""

from collections.abc import Iterator

from scanner.engine import Context, NoOptions, rule
from scanner.model.counting import counted
from scanner.model.finding import Confidence, Hit, Severity


@rule(
    "expired-exception",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="hygiene",
    tags=("maintenance",),
    last=True,
)
def expired_exception(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for one in ctx.waivers.used():
        waiver = one.waiver
        if not one.over or waiver.expires is None:
            continue
        until = f"this exception held until {waiver.expires.isoformat()}"
        if one.taken:
            message = (
                f"{until}, so {counted(one.taken, 'finding')} that it took out {'is' if one.taken == 1 else 'are'} reported "
                "again: mend what they say, or give it another day if its reason still holds"
            )
        else:
            message = f"{until}, and nothing is left that it would take out: remove it"
        yield Hit(waiver.at, f"file:{waiver.at.path}", message, evidence=waiver.identity)
