"""The exceptions that a policy grants: which findings they take out, and which take out nothing, too much, or are over."""

from datetime import date
from typing import NamedTuple

from scanner.model.globs import Glob
from scanner.model.source import Span


class Waiver(NamedTuple):
    """An entry of `exceptions`. `at` is its place in the policy; `rules` are ids, `*` for all. A finding has to match every kind of
    matcher that is given (one of its patterns); `expires` is the last day on which it holds."""

    at: Span
    rules: tuple[str, ...]
    reason: str
    expires: date | None = None
    paths: tuple[Glob, ...] = ()
    jobs: tuple[Glob, ...] = ()
    targets: tuple[Glob, ...] = ()
    inputs: tuple[Glob, ...] = ()
    fingerprints: tuple[str, ...] = ()
