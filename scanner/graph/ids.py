"""The ids of nodes: `kind:path#locator`, stable across edits, and what users write."""

from functools import lru_cache
from hashlib import sha256
from typing import Final

from scanner.model.secrets import masked
from scanner.model.source import Source
from scanner.parse.nix.lock import Lock
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Job, Step

MAX_NAME: Final = 1_000
"""Characters of a job's name in an id: each of its steps repeats it."""

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
    return f"job:{source.id}#{_named(job)}"


def _named(job: Job) -> str:
    """What a job is called; of a name that is too long the beginning and a digest of all of it."""
    name = job.id.value
    return name if len(name) <= MAX_NAME else _shortened(name)


@lru_cache(maxsize=16)
def _shortened(name: str) -> str:
    # Longer than a name that is left as it is, so that none can be the same.
    return f"{name[:MAX_NAME]}~{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()}"


def step_id(source: Source, job: Job | None, step: Step) -> str:
    """`step:path#job/number`, of a composite action `step:path#number`."""
    return (
        f"step:{source.id}#{step.number}" if job is None else f"step:{source.id}#{_named(job)}/{step.number}"
    )


def action_id(source: Source) -> str:
    """The id of the repository's own action."""
    return f"action:{source.id}"
