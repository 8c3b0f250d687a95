"""`cache-mode:`, by which a workflow or job says what it may do with the cache of GitHub Actions."""

from typing import Final, NamedTuple

from scanner.parse.nodes import Mapping, Scalar
from scanner.parse.workflow import Job, Workflow

MODES: Final = frozenset(("read", "write", "write-only", "none"))
WRITES: Final = frozenset(("write", "write-only"))


class CacheMode(NamedTuple):
    """`cache-mode:` where it is written, for a job or for the workflow around it."""

    value: Scalar
    of_job: bool


def cache_mode(workflow: Workflow, job: Job) -> CacheMode | None:
    """The mode that is set for a job; None when the event decides."""
    for owner, of_job in ((job.at, True), (workflow.root, False)):
        value = _mode(owner)
        if value is not None:
            return CacheMode(value, of_job)
    return None


def _mode(owner: Mapping) -> Scalar | None:
    value = owner.get("cache-mode")
    return value if isinstance(value, Scalar) and value.value in MODES else None
