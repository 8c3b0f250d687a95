"""What jobs and steps do with the cache of GitHub Actions."""

from scanner.analysis.releases.publishing import Publishing
from scanner.analysis.uses.controls import condition_of, control_for
from scanner.analysis.uses.coordinates import Boolean, Verdict, is_open, judged
from scanner.knowledge.tables import Knowledge
from scanner.parse.fences import fences
from scanner.parse.nodes import Scalar
from scanner.parse.workflow import Call


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
