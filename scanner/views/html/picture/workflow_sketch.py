"""The sketch of the workflows: who starts them, their jobs, what those use and hold, and where what outsiders bring gets to."""

from collections.abc import Iterable

from scanner.analysis.outsiders.privilege import workflow_jobs
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import WorkflowNode
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Finding
from scanner.views.html.picture.outsider_ways import ways_of_outsiders
from scanner.views.html.picture.sketch import Sketch
from scanner.views.html.picture.workflow_bounds import bounded
from scanner.views.html.picture.workflow_canvas import Canvas
from scanner.views.html.picture.workflow_figures import legend, of_workflow
from scanner.views.html.picture.workflow_jobs import job_of


def sketch(
    graph: Graph,
    knowledge: Knowledge,
    findings: Iterable[Finding],
    about_outsiders: frozenset[str] = frozenset(),
) -> Sketch | None:
    """The sketch; None where there is no workflow. `about_outsiders` are the rules whose findings say what outsiders can do: a bad one at
    a job says that the checks before it do not hold."""
    if next(graph.of(WorkflowNode), None) is None:
        return None
    canvas = Canvas(graph, knowledge, findings, about_outsiders)
    for workflow in graph.of(WorkflowNode):
        canvas.put(of_workflow(workflow), (workflow.id,))
        for job in workflow_jobs(graph, workflow):
            job_of(canvas, workflow, job)
    ways_of_outsiders(canvas)
    figures, lines, notes = bounded(canvas)
    return Sketch(
        "workflows",
        "Workflows",
        "Who starts which workflow, its jobs, and the actions, secrets, tokens and locks that these use; ways of outsiders stand out.",
        figures,
        lines,
        tuple(legend(figures, lines)),
        "; ".join(notes),
    )
