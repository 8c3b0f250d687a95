"""The shell that runs a script (GitHub: "Workflow syntax", `jobs.<id>.steps[*].shell` and `defaults.run`)."""

from typing import Final, NamedTuple

from scanner.graph.nodes.workflows import StepNode
from scanner.parse.nodes import Scalar
from scanner.parse.programs import LONGEST, program

UNIX: Final = "bash"
WINDOWS: Final = "pwsh"

MAX_LABELS: Final = 50
"""Labels of a runner that are looked at."""


class Shell(NamedTuple):
    """`name` is the program without folder, extension and options (`bash`, `pwsh`, `cmd`, …), None when an expression or the runner
    leaves it open; `said` is the text that chooses it, None when it is the runner's default."""

    name: str | None
    said: Scalar | None


def shell_of(node: StepNode) -> Shell:
    """The shell of a step: its own, the job's or the workflow's default, else that of its runner."""
    run = node.step.run
    said = run.shell if run is not None else None
    said = said or next((one.shell for one in node.defaults if one.shell is not None), None)
    if said is not None:
        return Shell(None if "${{" in said.value[:LONGEST] else program(said.value), said)
    labels = node.job.runs_on.labels[:MAX_LABELS] if node.job is not None else ()
    for label in (one.value[:LONGEST].lower() for one in labels):
        if "${{" in label:
            continue
        if label in ("linux", "macos") or "ubuntu-" in label or "macos" in label:
            return Shell(UNIX, None)
        if label == "windows" or "windows-" in label:
            return Shell(WINDOWS, None)
    return Shell(None, None)
