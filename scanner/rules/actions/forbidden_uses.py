"""See forbidden_uses.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.remotes.taken import taken_code
from scanner.analysis.uses.use_patterns import pattern_of
from scanner.engine import Context, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.online import GITHUB
from scanner.model.quoting import quoted


class Options(NamedTuple):
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


@rule(
    "forbidden-uses",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="pinning",
    options=Options,
    same_as=("zizmor:forbidden-uses",),
    tags=("supply-chain", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
)
def forbidden_uses(ctx: Context[Options]) -> Iterator[Hit]:
    allowed = [pattern for text in ctx.options.allow if (pattern := pattern_of(text)) is not None]
    denied = [(text, pattern) for text in ctx.options.deny if (pattern := pattern_of(text)) is not None]
    if not ctx.options.allow and not denied:
        return
    for one in taken_code(ctx.graph, GITHUB):
        use = one.use
        if use is None or one.kind == "locked":
            continue
        by = next((text for text, pattern in denied if pattern.matches(use)), None)
        if by is not None:
            why = f"is denied by {quoted(by)} in your policy"
        elif ctx.options.allow and not any(pattern.matches(use) for pattern in allowed):
            why = "is not among those that your policy allows"
        else:
            continue
        yield Hit(
            one.at,
            one.subject,
            f"{quoted(one.text)} {why}; use one that is allowed, or have it added",
            evidence=(use.name.lower(),),
        )
