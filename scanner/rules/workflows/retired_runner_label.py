"""See retired_runner_label.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.runner_labels import HostedLabels, asked
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted

MOVED: Final = 60
"""Days for which an announced retirement is not taken for certain: some were put off."""


@rule(
    "retired-runner-label",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="freshness",
    same_as=("actionlint:runner-label",),
    tags=("maintenance", "reliability"),
)
def retired_runner_label(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[NoOptions]) -> Iterator[Hit]:
    hosted = HostedLabels(ctx.knowledge.github, ctx.now)
    for one in asked(ctx.graph):
        # Beside another label it is a machine of one's own, or a conflict.
        if len({label.name for label in one.labels}) != 1:
            continue
        label = one.labels[0]
        end = hosted.retirements.get(label.name)
        if end is not None and end <= ctx.now:
            yield Hit(
                label.at,
                one.job.id,
                f"GitHub retired {quoted(label.written)} on {end}, so that the job gets no machine; take "
                f"{hosted.instead(label.name)}",
                confidence=Confidence.MEDIUM if (ctx.now - end).days < MOVED else None,
                evidence=(label.name,),
            )
