"""See unused_exception.md."""

from collections.abc import Iterator

from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted


@rule(
    "unused-exception",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="hygiene",
    tags=("maintenance",),
    last=True,
)
def unused_exception(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for one in ctx.waivers.used():
        if one.over or one.boundless or not one.idle:  # what is boundless is said of as such
            continue
        waiver = one.waiver
        names = "any rule" if one.every else " or ".join(quoted(name) for name in one.idle)
        if one.unused:
            message = (
                f"no finding of {names} matches this exception: correct its patterns, or remove it before it hides "
                "something that nobody has looked at"
            )
        else:
            message = f"no finding of {names} matches this exception, only those of its other rules: remove what it does not need"
        yield Hit(waiver.at, f"file:{waiver.at.path}", message, evidence=(*waiver.identity, *one.idle))
