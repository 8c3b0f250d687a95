"""The bounds of the picture of the workflows: in big ones figures are drawn as one, and there is a most of everything."""

from typing import Final

from scanner.graph.nodes.workflows import JobNode
from scanner.model.counting import counted
from scanner.views.html.picture.folding import drawn_together
from scanner.views.html.picture.sketch import Figure, Line, sign_of
from scanner.views.html.picture.workflow_canvas import LEVELS, Canvas

LEGIBLE: Final = 150
"""Figures from which on actions of one owner are drawn as one."""

MAX_FIGURES: Final = 600
MAX_LINES: Final = 4_000


def bounded(canvas: Canvas) -> tuple[tuple[Figure, ...], tuple[Line, ...], list[str]]:
    """What is drawn in the end, and what is to be said of what is not."""
    figures, notes = dict(canvas.figures), []
    stands: dict[str, str] = {}
    if len(figures) > LEGIBLE:
        notes += drawn_together(figures, stands, _actions_by_owner(figures), "actions")
    if len(figures) > LEGIBLE:
        notes += drawn_together(figures, stands, _calm_jobs(figures), "jobs")
    if len(figures) > LEGIBLE:
        notes += _at_their_workflows(canvas, figures, stands)
    left = len(figures) - MAX_FIGURES
    if left > 0:
        for id in list(figures)[MAX_FIGURES:]:
            del figures[id]
        notes.append(f"{left:,} nodes are left out: the picture has room for {MAX_FIGURES}")
    lines = _lines(canvas, figures, stands)
    if len(lines) > MAX_LINES:
        notes.append(f"{len(lines) - MAX_LINES:,} edges are left out")
    return tuple(figures.values()), lines[:MAX_LINES], notes


def _actions_by_owner(figures: dict[str, Figure]) -> dict[str, list[Figure]]:
    owners: dict[str, list[Figure]] = {}
    for figure in figures.values():
        pinned = figure.kind == "action" and figure.shape == "tag" and "unpinned" not in figure.classes
        owner, slash, _ = figure.title.partition("/")
        if pinned and slash:
            owners.setdefault(f"{owner}/*", []).append(figure)
    return owners


def _calm_jobs(figures: dict[str, Figure]) -> dict[str, list[Figure]]:
    """Jobs of which nothing stands out, by their workflow."""
    calm: dict[str, list[Figure]] = {}
    for figure in figures.values():
        if figure.kind == "job" and not figure.classes:
            path = figure.id.partition(":")[2].rpartition("#")[0]
            calm.setdefault(f"jobs of {path.rpartition('/')[2]}", []).append(figure)
    return calm


def _at_their_workflows(canvas: Canvas, figures: dict[str, Figure], stands: dict[str, str]) -> list[str]:
    """Draws the jobs that no way of outsiders makes stand out as part of their workflow."""
    mine: dict[str, list[Figure]] = {}
    for figure in figures.values():
        node = canvas.graph.nodes.get(figure.id)
        if isinstance(node, JobNode) and not figure.classes:
            mine.setdefault(f"workflow:{node.workflow.source.id}", []).append(figure)
    for id, jobs in mine.items():
        whole = figures[id]
        subjects = (*whole.subjects, *(subject for job in jobs for subject in job.subjects))
        said = (("job", f"{job.title}: {job.below.removeprefix('job · ')}") for job in jobs)
        figures[id] = whole._replace(
            subjects=subjects, signs=sign_of(canvas.findings_at(subjects)), facts=(*whole.facts, *said)
        )
        for job in jobs:
            del figures[job.id]
            stands[job.id] = id
    count = sum(map(len, mine.values()))
    if not count:
        return []
    return [f"{counted(count, 'job')} that outsiders get nothing by are drawn as part of their workflow"]


def _lines(canvas: Canvas, figures: dict[str, Figure], stands: dict[str, str]) -> tuple[Line, ...]:
    """The lines between what is left; of several between the same two that which outsiders come farthest by."""
    merged: dict[tuple[str, str], Line] = {}
    levels: dict[tuple[str, str], int] = {}
    for (source, target), line in canvas.lines.items():
        pair = stands.get(source, source), stands.get(target, target)
        if pair[0] == pair[1] or pair[0] not in figures or pair[1] not in figures:
            continue
        if levels.get(pair, -1) < line.level:
            levels[pair] = line.level
            merged[pair] = Line(*pair, (line.kind, *LEVELS[line.level]), ", ".join(line.abouts))
    return tuple(merged.values())
