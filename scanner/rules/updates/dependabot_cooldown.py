"""See dependabot_cooldown.md."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.updates import DependabotNode
from scanner.model.finding import Confidence, Fix, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.dependabot import Update
from scanner.parse.edits import added, fix, value
from scanner.parse.nodes import Scalar

DEFAULT: Final = 3
"""Days that GitHub waits when nothing is said (since 2026-07)."""


class Options(NamedTuple):
    days: int = 7


@rule(
    "dependabot-cooldown",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="freshness",
    options=Options,
    same_as=("zizmor:dependabot-cooldown",),
    tags=("supply-chain", "CWE-1357", "CICD-SEC-3", "SLSA:dependencies"),
)
def dependabot_cooldown(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph, ctx.options.days))


def _hits(graph: Graph, wanted: int) -> Iterator[Hit]:
    for node in graph.of(DependabotNode):
        for update in node.config.updates:
            at, days = _said(update)
            if days is None or days >= wanted:
                continue
            name = quoted(update.name) if update.name else "this ecosystem"
            how = f"{days} day{'s' if days != 1 else ''} after a release"
            how = how if days else "as soon as it is released"
            default = at.text != str(days)
            folders = tuple(one.value for one in update.directories)
            yield Hit(
                at,
                node.id,
                f"Dependabot proposes a version of {name} {how}{', its default' if default else ''}; a hijacked release is often found out "
                f"only later: set {quoted(f'cooldown: {{ default-days: {wanted} }}')}",
                evidence=(update.name, *folders, "default" if default else "days"),
                fix=_fix(update, wanted),
            )


def _said(update: Update) -> tuple[Span, int | None]:
    """The place and the number of days that an update waits; no number where a text that is none stands."""
    cooldown, key = update.cooldown, update.at.key("cooldown")
    if cooldown is None or key is None:
        named = update.at.key("package-ecosystem")
        first = update.ecosystem or named or (update.at.pairs[0][0] if update.at.pairs else None)
        return (first.content if first is not None else update.at.span).first_line(), DEFAULT
    days = cooldown.get("default-days")
    if days is None:
        return key.span, DEFAULT
    if not isinstance(days, Scalar) or not days.value.isdecimal() or len(days.value) > 9:
        return days.span.first_line(), None
    return days.content.first_line(), int(days.value)


def _fix(update: Update, wanted: int) -> Fix | None:
    """The days that are wanted, in a cooldown that is there or a new one."""
    cooldown, name, days = update.cooldown, "default-days", str(wanted)
    if cooldown is None:
        edit = added(update.at, name, days, within="cooldown", last=True)
    else:
        said = cooldown.get(name)
        edit = value(said, days) if isinstance(said, Scalar) else added(cooldown, name, days)
    return fix(f"wait {wanted} days", edit)
