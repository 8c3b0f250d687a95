"""See frequent_schedule.md."""

from collections.abc import Iterator

from scanner.analysis.validity import cron
from scanner.analysis.validity.events import events_of, schedules
from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import WorkflowNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted


@rule(
    "frequent-schedule",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="hygiene",
    tags=("reliability",),
)
def frequent_schedule(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    for workflow in graph.of(WorkflowNode):
        for event, options in events_of(workflow.workflow.root.get("on")):
            for text in schedules(options) if event.value == "schedule" else ():
                minutes = cron.interval(text.value) if cron.fault(text.value) is None else 60
                if minutes < cron.SHORTEST:
                    asked = f"every {minutes} minutes" if minutes > 1 else "every minute"
                    yield Hit(
                        text.content.first_line(),
                        workflow.id,
                        f"{quoted(text.value)} asks for a run {asked}, and GitHub starts one every {cron.SHORTEST} minutes at "
                        f"most; write `*/{cron.SHORTEST}` or less often",
                        evidence=(text.value,),
                    )
