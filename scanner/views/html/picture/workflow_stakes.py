"""What a job holds, drawn: rights of the token, secrets, a machine of the owner's."""

from typing import Final

from scanner.analysis.outsiders.privilege import EVERY_SECRET, hosted_by, secrets_read, token_of
from scanner.graph.nodes.workflows import JobNode
from scanner.model.counting import counted
from scanner.views.html.picture.sketch import Figure
from scanner.views.html.picture.workflow_canvas import PLAIN, Canvas
from scanner.views.html.picture.workflow_figures import USED

_MACHINE: Final = Figure(
    "machine:own",
    "a machine of your own",
    "self-hosted runner",
    "machine",
    "box",
    "self-hosted runner",
    (("why it matters", "what a run leaves behind may be there in later runs"),),
    (),
    least=USED,
)


def held(canvas: Canvas, job: JobNode) -> None:
    """All that a job holds in its own runs."""
    token = token_of(job.workflow, job.job, canvas.knowledge)
    if token.default or token.writes:
        holds_token(canvas, job.id, token.default, token.writes)
    for name in sorted(secrets_read(canvas.graph, job)):
        holds_secret(canvas, job.id, name)
    if job.job.inherits is not None:
        holds_secret(canvas, job.id, EVERY_SECRET)
    if hosted_by(canvas.graph, job, canvas.knowledge):
        holds_machine(canvas, job.id)


def holds_token(canvas: Canvas, job: str, default: bool, writes: tuple[str, ...], level: int = PLAIN) -> None:
    title = "default token" if default else f"writes {', '.join(writes)}"
    id = f"token:{'default' if default else ','.join(writes)}"
    says = "its rights are a setting" if default else counted(len(writes), "permission") + " to write"
    rights = "the repository's setting decides" if default else ", ".join(f"{one}: write" for one in writes)
    figure = Figure(
        id, title, f"GITHUB_TOKEN · {says}", "token", "octagon", title, (("rights", rights),), (), least=USED
    )
    canvas.put(figure, ())
    canvas.line(job, id, "holds", "its token", level)


def holds_secret(canvas: Canvas, job: str, name: str, level: int = PLAIN) -> None:
    id = f"secret:{name}"
    title = "every secret" if name == EVERY_SECRET else name
    figure = Figure(id, title, "secret", "secret", "octagon", f"secret {title}", (), (), least=USED)
    canvas.put(figure, (id,))
    canvas.line(job, id, "holds", "reads the secret", level)


def holds_machine(canvas: Canvas, job: str, level: int = PLAIN) -> None:
    canvas.put(_MACHINE, ())
    canvas.line(job, _MACHINE.id, "holds", "runs there", level)
