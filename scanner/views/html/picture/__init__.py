"""Pictures of the graph as SVG: what is drawn (`inputs`, `workflows`), where (`layout/`), and how (`svg`, `picture.css`)."""

from datetime import date
from typing import Final, Literal

from scanner.graph.graph import Graph
from scanner.knowledge.tables import Knowledge
from scanner.views.html.part import Part
from scanner.views.html.picture.input_sketch import sketch as sketch_of_inputs
from scanner.views.html.picture.picture import Drawn, Picture
from scanner.views.html.picture.svg import draw, draw_alone
from scanner.views.html.picture.workflow_sketch import sketch as sketch_of_workflows

__all__ = ["PICTURES", "Drawn", "Picture", "inputs", "standing_alone", "workflows"]

PictureName = Literal["inputs", "workflows"]
PICTURES: Final[tuple[PictureName, ...]] = ("workflows", "inputs")
"""Those that can stand alone, the one that is drawn when none is asked for first."""


def inputs(part: Part, knowledge: Knowledge) -> Picture | None:
    """The inputs of all locks, from the flakes on the left to what they bring along; None where nothing is locked."""
    found = sketch_of_inputs(part.graph, knowledge, part.report.now, part.report.findings)
    return draw(found, part.prefix) if found is not None else None


def workflows(part: Part, knowledge: Knowledge) -> Picture | None:
    """Who starts which workflow, its jobs, and what they use and hold; None where there is no workflow."""
    about_outsiders = frozenset(one.rule.id for one in part.report.rules if one.rule.area == "exposure")
    found = sketch_of_workflows(part.graph, knowledge, part.report.findings, about_outsiders)
    return draw(found, part.prefix) if found is not None else None


def standing_alone(name: PictureName, graph: Graph, knowledge: Knowledge, now: date) -> str | None:
    """A picture without findings as an SVG file of its own; None where there is nothing to draw."""
    found = (
        sketch_of_inputs(graph, knowledge, now, ())
        if name == "inputs"
        else sketch_of_workflows(graph, knowledge, ())
    )
    return draw_alone(found) if found is not None else None
