"""See unknown_runner_label.md."""

from collections.abc import Iterator

from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.runner_labels import WAITS, Asked, HostedLabels, asked
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted


@rule(
    "unknown-runner-label",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="hygiene",
    variants={"conflict": Severity.MEDIUM},
    same_as=("actionlint:runner-label",),
    tags=("validity", "reliability"),
)
def unknown_runner_label(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    hosted = HostedLabels(ctx.knowledge.github, ctx.now)
    yield from once(hit for one in asked(ctx.graph) for hit in _judge(one, hosted))


def _judge(one: Asked, hosted: HostedLabels) -> Iterator[Hit]:
    first, *others = one.labels
    if not others:
        meant = hosted.meant(first.name) if first.name not in hosted.known else None
        if meant is not None:
            yield Hit(
                first.at,
                one.job.id,
                f"GitHub has no machines with the label {quoted(first.written)}: unless it is one of your own, {WAITS}; did you "
                f"mean {quoted(meant)}?",
                confidence=None if meant.endswith("-latest") else Confidence.MEDIUM,
                evidence=(first.name,),
            )
        return
    # One label that is not GitHub's means a machine of one's own.
    if not all(label.name in hosted.known for label in one.labels):
        return
    different = next((label for label in others if label.name != first.name), None)
    if different is not None:
        yield Hit(
            different.at,
            one.job.id,
            f"no machine of GitHub's has both labels {quoted(first.written)} and {quoted(different.written)}: {WAITS}; take "
            "one, or a `matrix` for several jobs",
            "conflict",
            evidence=(different.name,),
        )
