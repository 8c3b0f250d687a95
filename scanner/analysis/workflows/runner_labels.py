"""The labels that jobs ask machines for, and how they compare to those of GitHub's own machines."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Final, NamedTuple

from scanner.analysis.workflows.conditions import live_jobs
from scanner.analysis.workflows.templates import OPEN, Templates, Text
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import JobNode
from scanner.knowledge.github import GitHubFacts
from scanner.model.quoting import quoted
from scanner.model.source import Span

SYSTEMS: Final = ("ubuntu", "windows", "macos")
LONGEST: Final = 40
"""Characters of a label that can be a misspelt one of GitHub's."""

MAX_ASKED: Final = 50_000
"""Machines of one repository that are looked at: matrices multiply, and one can be the alias of another."""

WAITS: Final = "the job waits up to a day for a machine that never comes"


class Label(NamedTuple):
    """A label in lower case, in which GitHub compares them, as written, and where: in the job or in its matrix."""

    name: str
    written: str
    at: Span


class Asked(NamedTuple):
    """The labels of one machine, all of which it must have. A matrix and alternatives of an expression ask for several."""

    job: JobNode
    labels: tuple[Label, ...]


@per_graph
def asked(graph: Graph) -> tuple[Asked, ...]:
    """Every machine that jobs ask for by labels that the files tell, without those of runner groups: these are the owner's,
    with labels of the owner's choice."""
    templates = Templates()
    found = (one for node in live_jobs(graph) for one in _asked(node, templates))
    return tuple(islice(found, MAX_ASKED))


def _asked(node: JobNode, templates: Templates) -> Iterator[Asked]:
    runs_on = node.job.runs_on
    if runs_on.group is not None or not runs_on.labels:
        return
    if len(runs_on.labels) > 1:
        if not any("${{" in label.value for label in runs_on.labels):
            yield Asked(
                node, tuple(_label(label.value, label.content.first_line()) for label in runs_on.labels)
            )
        return
    scalar = runs_on.labels[0]
    for text in templates.texts(scalar, node.job) if "${{" in scalar.value else (Text(scalar.value),):
        if OPEN not in text.value:
            at = text.said[-1] if text.said else scalar.content.first_line()
            yield Asked(node, (_label(text.value, at),))


def _label(text: str, at: Span) -> Label:
    return Label(text.strip().lower(), text, at)


class HostedLabels:
    """GitHub's labels on a day."""

    def __init__(self, facts: GitHubFacts, now: date) -> None:
        self.retirements = facts.runner_retirements
        self.known = facts.hosted_runner_labels | self.retirements.keys()
        self._today = frozenset(
            label for label in facts.hosted_runner_labels if self.retirements.get(label, date.max) > now
        )
        self._plain = {_plain(label): label for label in sorted(self.known)}
        self._answers: dict[str, str | None] = {}

    def instead(self, name: str) -> str:
        """What to take for a retired label, for people."""
        system = name.partition("-")[0]
        newer = sorted(label for label in self._today if label.startswith(f"{system}-") and _version(label))
        suffix = name.partition("-")[2].partition("-")[2]
        same = [label for label in newer if label.partition("-")[2].partition("-")[2] == suffix]
        newest = max(same or newer, key=lambda label: _version(label) or (0,), default=f"{system}-latest")
        if system == "macos" and not suffix and (_version(name) or (0,)) < (14,):
            return f"{quoted(newest)}, or {quoted('macos-15-intel')} where an Intel processor is needed"
        return quoted(newest) + (f" or {quoted(f'{system}-latest')}" if not suffix else "")

    def meant(self, name: str) -> str | None:
        """The label of GitHub's that a label looks like, None for one that may well be somebody's own."""
        if name not in self._answers:
            self._answers[name] = self._find(name) if 4 < len(name) <= LONGEST else None
        return self._answers[name]

    def _find(self, name: str) -> str | None:
        # Other separators, or none: `ubuntu_latest`, `windows2022`.
        close = self._plain.get(_plain(name))
        if close is not None:
            return close if close in self._today else f"{close.partition('-')[0]}-latest"
        system, dash, rest = name.partition("-")
        if not dash:
            return None
        if system in SYSTEMS:
            if _misspelt(rest, "latest"):
                return f"{system}-latest"
            return self._version_like(system, rest)
        for right in SYSTEMS:
            if f"{right}-{rest}" in self.known and _misspelt(system, right):
                return f"{right}-{rest}" if f"{right}-{rest}" in self._today else f"{right}-latest"
        return None

    def _version_like(self, system: str, rest: str) -> str | None:
        """For a bare version that there never was; a newer one than is known here may exist by now."""
        asked = _version(f"{system}-{rest}")
        if asked is None or _numbers(rest) is None:
            return None
        known = {label: _version(label) or (0,) for label in self._today if label.startswith(f"{system}-")}
        plain = {label: version for label, version in known.items() if _numbers(label.partition("-")[2])}
        if not plain or asked > max(plain.values()):
            return None
        return min(
            sorted(plain),
            key=lambda label: (plain[label][0] != asked[0], abs(plain[label][0] - asked[0])),
        )


def _plain(name: str) -> str:
    return "".join(char for char in name if char.isalnum())


def _numbers(text: str) -> tuple[int, ...] | None:
    parts = text.split(".")
    if not all(part.isascii() and part.isdecimal() and len(part) < 6 for part in parts):
        return None
    return tuple(int(part) for part in parts)


def _version(label: str) -> tuple[int, ...] | None:
    """`ubuntu-24.04-arm`: 24.04."""
    return _numbers(label.partition("-")[2].partition("-")[0])


def _misspelt(text: str, right: str) -> bool:
    """Whether a word is another by a letter too many, too few or wrong, or by letters in another order."""
    if text == right or abs(len(text) - len(right)) > 1:
        return False
    if sorted(text) == sorted(right):
        return True
    same = 0
    while same < min(len(text), len(right)) and text[same] == right[same]:
        same += 1
    short, long = sorted((text[same:], right[same:]), key=len)
    return short[1:] == long[1:] if len(short) == len(long) else short == long[1:]
