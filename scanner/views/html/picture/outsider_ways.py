"""The ways of outsiders, drawn: who starts a job through what, what of theirs gets there, and what they reach."""

from typing import Final

from scanner.analysis.outsiders.privilege import EVERY_SECRET, Exposure, token_of
from scanner.analysis.outsiders.senders import events_with
from scanner.analysis.taint.exposed import Arrival, Entrance, ExposedJob
from scanner.graph.nodes.workflows import JobNode
from scanner.views.exposure.rows import arrived
from scanner.views.html.picture.sketch import Figure
from scanner.views.html.picture.workflow_canvas import FORK, HELD, OPEN, UNSURE, Canvas
from scanner.views.html.picture.workflow_figures import WORKFLOWS
from scanner.views.html.picture.workflow_stakes import holds_machine, holds_secret, holds_token

_LEVEL_OF: Final = {"open": OPEN, "possible": UNSURE}
"""Of texts and files in a job, by how it stands."""


def level_of(canvas: Canvas, row: ExposedJob, entrance: Entrance) -> int:
    """How far outsiders come by an entrance."""
    way, defeated = entrance.way, row.job.id in canvas.defeated
    if not (way.holds_something or way.persists) or (entrance.closed and not defeated):
        return FORK
    if not way.known:
        return UNSURE
    if defeated:
        return HELD
    if way.insiders:
        return FORK
    if row.standing == "open" and way.holds_something:
        return OPEN
    return HELD if row.standing in ("open", "held", "machine") else FORK


def ways_of_outsiders(canvas: Canvas) -> None:
    """Draws all ways to all jobs, with what outsiders bring."""
    led: dict[tuple[str, str], int] = {}
    for row in canvas.rows.values():
        for entrance in row.entrances:
            _entrance(canvas, row, entrance, led)
        _arrivals(canvas, row)


def _outsider(canvas: Canvas, way: Exposure) -> str:
    id = f"outsider:{way.event}:{way.who}"
    rights = "may hold your rights" if way.privileged else "has a fork's rights"
    run = (
        "has the rights of the repository"
        if way.privileged
        else "has a token that only reads, and no secrets"
    )
    who = way.who.replace("`", "")
    title = f"{'anyone who' if who.startswith('whoever ') else ''}{who.removeprefix('whoever')}"
    facts = (("event", way.event), ("the run", run))
    canvas.put(Figure(id, title, f"{way.event} · {rights}", "outsider", "pill", title, facts, ()), ())
    return id


def _entrance(canvas: Canvas, row: ExposedJob, entrance: Entrance, led: dict[tuple[str, str], int]) -> None:
    way, level = entrance.way, level_of(canvas, row, entrance)
    at = _outsider(canvas, way)
    for id in (*way.via, row.job.id):
        job = canvas.graph.nodes[id]
        if not isinstance(job, JobNode):
            continue
        start = f"workflow:{job.workflow.source.id}"
        canvas.line(at, start, "starts", way.event, level)
        _lead(canvas, job.id, start, level, led)
        at = id
    if level < UNSURE:
        return
    token = way.token
    if way.privileged and (token.default or token.writes):
        own = token_of(row.job.workflow, row.job.job, canvas.knowledge)
        shown = own if own.default or own.writes else token
        holds_token(canvas, row.job.id, shown.default, shown.writes, level)
    for name in way.own_secrets:
        holds_secret(canvas, row.job.id, name, level)
    if way.all_secrets:
        holds_secret(canvas, row.job.id, EVERY_SECRET, level)
    if way.self_hosted:
        holds_machine(canvas, row.job.id, level)


def _lead(canvas: Canvas, job: str, workflow: str, level: int, led: dict[tuple[str, str], int]) -> None:
    """Marks the lines by which a run comes to a job: from the workflow, or through the jobs that it waits for."""
    waiting = [job]
    while waiting:
        one = waiting.pop()
        if led.get((one, workflow), -1) >= level:
            continue
        led[one, workflow] = level
        needs = [edge.target for edge in canvas.graph.out(one, "needs")]
        for before in needs:
            canvas.line(before, one, "needs", "", level)
        if not needs:
            canvas.line(workflow, one, "contains", "", level)
        waiting.extend(needs)


def _arrivals(canvas: Canvas, row: ExposedJob) -> None:
    """Texts that become part of code, and files out of which something runs."""
    brought = next(
        (one.what for one in row.arrivals if one.kind == "code" and not one.runs), "files of outsiders"
    )
    for one in row.arrivals:
        if not one.runs:
            continue
        level = FORK if one.guarded else _LEVEL_OF.get(row.standing, FORK)
        if row.job.id in canvas.defeated:
            level = HELD
        figure, about = _text(one) if one.kind == "text" else _files(one, brought), arrived(one, row)
        if one.kind == "text":
            about = f"becomes part of code, {about}"
        canvas.put(figure, ())
        canvas.line(figure.id, row.job.id, "arrives", about, level)
        for way in _bringing(row, one):
            canvas.line(_outsider(canvas, way), figure.id, "brings", way.event, level)


def _text(one: Arrival) -> Figure:
    name = one.what.removeprefix("github.").removeprefix("event.")
    said, facts = f"text {one.what}", (("becomes", "part of code"),)
    return Figure(
        f"text:{one.what}", name, "text of an outsider's", "text", "slanted", said, facts, (), least=WORKFLOWS
    )


def _files(one: Arrival, brought: str) -> Figure:
    facts = (("runs", one.what),)
    return Figure(
        f"files:{brought}",
        brought,
        "files of an outsider's",
        "files",
        "slanted",
        brought,
        facts,
        (),
        least=WORKFLOWS,
    )


def _bringing(row: ExposedJob, arrival: Arrival) -> list[Exposure]:
    """The ways by which something comes in."""
    ways = [one.way for one in row.entrances]
    if arrival.kind != "text":
        return ways
    carriers = events_with(tuple(arrival.what.lower().split(".")))
    return [way for way in ways if carriers is None or way.event in carriers] or ways
