"""Text becomes documents, documents become a graph, rules ask the graph questions, a policy judges the answers."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from scanner.analysis.ignores import Ignores
from scanner.discover import discover
from scanner.engine import AnyRule, Context, called_for, load, names_of, places, run
from scanner.graph.build import build
from scanner.graph.graph import Graph
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Finding, Problem, Undecided
from scanner.model.ports import Repository
from scanner.model.source import Source
from scanner.parse.document import parse
from scanner.policy.judge import Judgment, judge
from scanner.policy.policy import Policy
from scanner.results import Report, RuleInUse


class Read(NamedTuple):
    """A repository as it was read: its graph, what could not be read, its inputs and their kinds."""

    graph: Graph
    problems: tuple[Problem, ...]
    kinds: frozenset[str]
    sources: tuple[Source, ...]

    @property
    def inputs(self) -> int:
        """How many files were read."""
        return len(self.sources)


def read(
    root: Path,
    repository: Repository,
    knowledge: Knowledge,
    *,
    prefix: str = "",
    base: str = "",
    also: tuple[str, ...] = (),
) -> Read:
    """Discovers and parses the inputs below `root` and builds their graph.

    `also` are paths that are read even when git ignores them; `prefix` and `base` are put before paths in reports, see `Source`.
    """
    found = discover(root, repository, prefix=prefix, base=base, also=also)
    return read_sources(found.sources, found.problems, knowledge)


def read_sources(sources: Iterable[Source], problems: Iterable[Problem], knowledge: Knowledge) -> Read:
    """Parses sources and builds their graph; `problems` are those of getting the sources."""
    parsed = [parse(source) for source in sources]
    graph = build((one.document for one in parsed if one.document is not None), knowledge)
    problems = (*problems, *(problem for one in parsed for problem in one.problems))
    kinds = frozenset(kind for one in parsed for kind in one.kinds)
    return Read(graph, problems, kinds, tuple(one.source for one in parsed))


def check(
    root: str,
    repository: Read,
    policy: Policy,
    knowledge: Knowledge,
    now: date,
    *,
    obey_comments: bool = True,
) -> Report:
    """Runs the rules that the policy enables and the inputs call for, and judges what they answer. Without
    `obey_comments` no comment takes a finding out."""
    rules = list(_in_use(policy, repository.kinds))
    ignores = Ignores(
        repository.sources if obey_comments else (), {one.rule.id: names_of(one.rule) for one in rules}
    )

    def judged(last: bool) -> Judgment:
        contexts: list[tuple[AnyRule, Context[Any]]] = [
            (
                one.rule,
                Context(
                    repository.graph,
                    repository.problems,
                    knowledge,
                    now,
                    policy.setting(one.rule.id).options_of(one.rule),
                    ignores,
                ),
            )
            for one in rules
            if one.rule.last == last
        ]
        return judge(policy, run(contexts), repository.graph.identity, ignores)

    outcome = judged(last=False)
    if ignores:
        outcome = outcome.with_more(judged(last=True))
    return Report(
        root=root,
        findings=outcome.findings,
        problems=tuple(
            sorted(repository.problems, key=lambda one: (one.at.shown, one.at.start, one.message))
        ),
        unknowns=outcome.undecided,
        ignored=outcome.ignored,
        rules=tuple(rules),
        inputs=repository.inputs,
        notes=(),
        policies=policy.names,
        knowledge=knowledge.digest,
        now=now,
    )


def _in_use(policy: Policy, kinds: frozenset[str]) -> Iterator[RuleInUse]:
    called: dict[str, bool] = {}
    for id, place in places().items():
        setting = policy.setting(id)
        if not setting.enabled:
            continue
        if place.subject not in called:
            called[place.subject] = called_for(place.subject, kinds)
        if called[place.subject]:
            yield RuleInUse(load(place), place, setting.severity)
    for id, own in policy.own.items():
        setting = policy.setting(id)
        if setting.enabled:
            yield RuleInUse(own.rule, own.page, setting.severity)


def _path(one: Finding | Problem | Undecided) -> str:
    return one.at.shown


def merge(root: str, reports: Iterable[Report]) -> Report:
    """One report for several repositories, their paths told apart by the prefixes they were read with."""
    several = list(reports)
    rules = {one.rule.id: one for report in several for one in report.rules}
    return several[0]._replace(
        root=root,
        findings=tuple(sorted((one for report in several for one in report.findings), key=_path)),
        problems=tuple(sorted((one for report in several for one in report.problems), key=_path)),
        unknowns=tuple(sorted((one for report in several for one in report.unknowns), key=_path)),
        ignored=tuple(one for report in several for one in report.ignored),
        rules=tuple(rules[id] for id in sorted(rules)),
        inputs=sum(report.inputs for report in several),
        policies=tuple(dict.fromkeys(name for report in several for name in report.policies)),
    )
