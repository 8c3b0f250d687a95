"""The ids of nodes: `kind:path#locator`, stable across edits, and what users write."""

from typing import Final

from scanner.model.secrets import masked
from scanner.model.source import Source
from scanner.parse.nix.lock import Lock
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Job, Step

REPOSITORY: Final = "repository:."
"""The scanned repository itself."""


def file_id(path: str) -> str:
    """A file as such, whatever node it is."""
    return f"file:{path}"


def remote_id(use: RepositoryUse) -> str:
    """`owner/repository[/path]@ref` with the case-insensitive part in lower case."""
    return masked(f"{use.slug}/{use.path}@{use.ref}" if use.path else f"{use.slug}@{use.ref}")


def lock_id(source: Source) -> str:
    return f"lock:{source.id}"


def flake_id(source: Source) -> str:
    return f"flake:{source.id}"


def input_id(lock: Lock, label: str) -> str:
    return f"{'pin' if lock.is_pins else 'flake-input'}:{lock.source.id}#{label}"


def workflow_id(source: Source) -> str:
    return f"workflow:{source.id}"


def job_id(source: Source, job: Job) -> str:
    return f"job:{source.id}#{job.id.value}"


def step_id(source: Source, job: Job | None, step: Step) -> str:
    """`step:path#job/number`, of a composite action `step:path#number`."""
    return (
        f"step:{source.id}#{step.number}" if job is None else f"step:{source.id}#{job.id.value}/{step.number}"
    )


def action_id(source: Source) -> str:
    """The id of the repository's own action."""
    return f"action:{source.id}"
