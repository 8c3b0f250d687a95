"""What jobs and steps do with the cache of GitHub Actions."""

from typing import Final, NamedTuple

from scanner.analysis.releases.publishing import Publishing
from scanner.analysis.uses.controls import condition_of, control_for
from scanner.analysis.uses.coordinates import Boolean, Verdict, is_open, judged
from scanner.knowledge.tables import Knowledge
from scanner.parse.fences import fences
from scanner.parse.nodes import Mapping, Scalar
from scanner.parse.workflow import Call, Job, Workflow

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


def use_of_cache(call: Call, run: Publishing, knowledge: Knowledge) -> Verdict | None:
    """How a step restores from the cache in the run that publishes: surely, or perhaps (`holds` is None). None when it does
    not, or is not known to."""
    control = control_for(call, knowledge.actions.cache_aware)
    if control is None:
        return None
    condition = condition_of(control)
    verdict = judged(call, condition)
    if verdict.holds is None and isinstance(condition, Boolean) and verdict.because is not None:
        decided = _decided(verdict.because, run)
        if decided is not None:
            verdict = Verdict(decided is condition.wanted, verdict.because)
    return None if verdict.holds is False else verdict


def _decided(value: Scalar, run: Publishing) -> bool | None:
    """What a value that is one expression is in the run that publishes."""
    found = list(fences(value)) if is_open(value) else []
    if len(found) != 1 or value.value.strip() != "${{" + found[0].text + "}}":
        return None
    return run.decides(found[0].text)
