"""See broad_exception.md."""

from collections.abc import Iterator

from scanner.analysis.waivers import MANY, Used
from scanner.engine import Context, NoOptions, rule
from scanner.model.counting import counted
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted

_NARROW = "say where with `path`, `job`, `target` or `input`"


@rule(
    "broad-exception",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="hygiene",
    tags=("maintenance",),
    last=True,
)
def broad_exception(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for one in ctx.waivers.used():
        message = None if one.over else _too_broad(one)
        if message is not None:
            waiver = one.waiver
            yield Hit(waiver.at, f"file:{waiver.at.path}", message, evidence=waiver.identity)


def _too_broad(one: Used) -> str | None:
    waiver = one.waiver
    if one.every and not waiver.fingerprints:
        return (
            "this exception takes out what every rule says, those included that are still to come: name the rules that it is for, or "
            "leave files out with `exclude` under `paths`"
        )
    names = " and ".join(quoted(name) for name in waiver.rules)
    whole = f"this exception takes out every finding of {names}, those included that nobody has seen yet"
    if waiver.covers_everything:
        patterns = [quoted(glob.text) for _, globs in waiver.patterns for glob in globs if glob.everything]
        why = f", since {' and '.join(patterns)} covers everything" if patterns else ""
        return f"{whole}{why}: {_NARROW}, or switch the rule off under `rules`"
    if waiver.expires is None and one.taken > MANY:
        return (
            f"this exception takes out {counted(one.taken, 'finding')} and never ends: give it a day with `expires`, or "
            f"{_NARROW}"
        )
    return None
