"""Text becomes documents, documents become a graph, rules ask the graph questions, a policy judges the answers."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from scanner.analysis.ignores import Ignores
from scanner.analysis.waivers import Waivers
from scanner.discover import discover
from scanner.engine import (
    ONLINE,
    Answer,
    AnyRule,
    Context,
    Place,
    called_for,
    load,
    names_of,
    needs_online,
    places,
    run,
)
from scanner.graph.build import build
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.knowledge.tables import Knowledge
from scanner.model.counting import counted
from scanner.model.finding import Hit, Problem, Unknown
from scanner.model.online import Online
from scanner.model.ports import NO_PROGRESS, Progress, Repository
from scanner.model.source import Source
from scanner.parse.document import parse
from scanner.parse.nodes import Node
from scanner.policy.accepted import NOTHING_ACCEPTED, Accepted, Entry
from scanner.policy.judge import Judgment, judge
from scanner.policy.policy import Paths, Policy, Setting
from scanner.policy.shapes import refuse
from scanner.results import Report, RuleInUse

EXCEPTIONS: Final = "exceptions"
"""What a policy with exceptions adds to the kinds of inputs: the rules about them have something to read."""

MAX_OPTIONS: Final = 50
"""Different options that one rule may have in one repository: with each of them it is asked once more."""


class Read(NamedTuple):
    """A repository as it was read: its graph, what could not be read, its inputs and their kinds, and how many inputs the policy's
    `paths` leave out."""

    graph: Graph
    problems: tuple[Problem, ...]
    kinds: frozenset[str]
    sources: tuple[Source, ...]
    left_out: int = 0

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
    paths: Paths | None = None,
    progress: Progress = NO_PROGRESS,
) -> Read:
    """Discovers and parses the inputs below `root` and builds their graph.

    `also` are paths that are read even when git ignores them, `paths` says which files count at all; `prefix` and `base` are put before
    paths in reports, see `Source`.
    """
    wanted = paths.counts if paths else None
    progress.step("looking for files", 0, 0)
    found = discover(root, repository, prefix=prefix, base=base, also=also, wanted=wanted)
    return read_sources(found.sources, found.problems, knowledge, progress)._replace(left_out=found.left_out)


def read_sources(
    sources: Iterable[Source],
    problems: Iterable[Problem],
    knowledge: Knowledge,
    progress: Progress = NO_PROGRESS,
) -> Read:
    """Parses sources and builds their graph; `problems` are those of getting the sources."""
    several = tuple(sources)
    parsed = []
    for number, source in enumerate(several):
        progress.step("reading files", number, len(several))
        parsed.append(parse(source))
    progress.step("building the graph", 0, 0)
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
    accepted: Accepted = NOTHING_ACCEPTED,
    online: Online | None = None,
    progress: Progress = NO_PROGRESS,
) -> Report:
    """Runs the rules that the policy enables and the inputs call for, and judges what they answer. Without
    `obey_comments` no comment takes a finding out; `accepted` is what the repository has accepted; `online` is whom rules may
    ask about repositories on servers, None: nobody."""
    kinds = repository.kinds | ({ONLINE} if online is not None else frozenset())
    rules = list(_in_use(policy, kinds))
    names = {one.rule.id: names_of(one.rule) for one in rules}
    # What excuses a finding that only servers can tell of must not seem idle where none is asked, and below: where one does not answer.
    on_servers = frozenset(one.rule.id for one in rules if _finds_more_online(one))
    partial = on_servers if online is None else frozenset[str]()
    ignores = Ignores(repository.sources if obey_comments else (), names, policy.own, partial)
    last = [one.rule.id for one in rules if one.rule.last]
    waivers = Waivers(policy.exceptions, names, repository.graph, now, (*last, *partial))

    def context(options: object) -> Context[Any]:
        return Context(
            repository.graph, repository.problems, knowledge, now, options, ignores, waivers, online
        )

    def asked(last: bool) -> Iterator[tuple[AnyRule, Answer]]:
        for number, one in enumerate(rules):
            if one.rule.last == last:
                progress.step(f"asking the rule {one.rule.id}", number, len(rules))
                yield from _asked(one.rule, policy.setting(one.rule.id), repository.sources, context)

    def judged(last: bool) -> Judgment:
        heard = _heard(asked(last), on_servers, ignores, waivers)
        answers = (
            (rule, _told_apart(_weighed(rule, answer, repository.graph, knowledge), repository.graph))
            for rule, answer in heard
        )
        return judge(policy, answers, repository.graph.identity, ignores, waivers, accepted)

    outcome = judged(last=False)
    if ignores or waivers:
        outcome = outcome.with_more(judged(last=True))
    about_servers = online.remarks() if online is not None else ()
    if online is not None and gone(accepted, policy, online=True):
        # What servers excuse (a release that nobody can move) is still found by who asks none, and accepted for them.
        without = Accepted(accepted.entries)
        check(root, repository, policy, knowledge, now, obey_comments=obey_comments, accepted=without)
        accepted.used.update(without.used)
        accepted.hidden.update(without.hidden)
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
        notes=(
            *_remarks(repository, policy, accepted, online is not None),
            *about_servers,
        ),
        policies=policy.names,
        knowledge=knowledge.digest,
        now=now,
        asked=about_servers,
    )


def _finds_more_online(one: RuleInUse) -> bool:
    """Whether a rule may find more in a run that asks servers than in one that does not."""
    return one.rule.more_online or (isinstance(one.place, Place) and needs_online(one.place))


def _heard(
    answers: Iterable[tuple[AnyRule, Answer]], on_servers: frozenset[str], ignores: Ignores, waivers: Waivers
) -> Iterator[tuple[AnyRule, Answer]]:
    """The answers; a rule that finds more with servers and has a question open has perhaps not found all that is excused."""
    for rule, answer in answers:
        if isinstance(answer, Unknown) and rule.id in on_servers:
            ignores.partial.add(rule.id)
            waivers.open.add(rule.id)
        yield rule, answer


def _in_use(policy: Policy, kinds: frozenset[str]) -> Iterator[RuleInUse]:
    if policy.exceptions:
        kinds |= {EXCEPTIONS}
    called: dict[str, bool] = {}
    for id, place in places().items():
        setting = policy.setting(id)
        if not setting.on_somewhere:
            continue
        if place.subject not in called:
            called[place.subject] = called_for(place.subject, kinds)
        if called[place.subject]:
            yield RuleInUse(load(place), place, setting.severity)
    for id, own in policy.own.items():
        setting = policy.setting(id)
        if setting.on_somewhere:
            yield RuleInUse(own.rule, own.page, setting.severity)


def _asked(
    rule: AnyRule,
    setting: Setting,
    sources: tuple[Source, ...],
    context: Callable[[object], Context[Any]],
) -> Iterator[tuple[AnyRule, Answer]]:
    """What a rule answers. Where its options differ by files it is asked once with each of them, and of what it answers then
    counts what stands in those files."""
    whole = setting.options
    if not any(one.setting.options for one in setting.paths):
        yield from run([(rule, context(setting.options_of(rule)))])
        return
    of_file: dict[str, tuple[Node, ...]] = {}
    different = {_key(whole): setting}
    for source in sources:
        here = setting.at(source.path)
        of_file[source.path] = here.options
        different.setdefault(_key(here.options), here)
        if len(different) > MAX_OPTIONS:
            raise refuse(
                here.options[-1].span.first_line(),
                f"`{rule.id}` has different options for more than {MAX_OPTIONS} sets of files; use fewer patterns",
            )
    for key, here in different.items():
        for asked, answer in run([(rule, context(here.options_of(rule)))]):
            if _key(of_file.get(answer.at.path, whole)) == key:
                yield asked, answer


def _weighed(rule: AnyRule, answer: Answer, graph: Graph, knowledge: Knowledge) -> Answer:
    """An answer with what there is to lose, where that matters and its rule has not said it."""
    if not isinstance(answer, Hit) or answer.stakes or not rule.hangs_on_stakes:
        return answer
    from scanner.analysis.outsiders.stakes import stakes_at

    return answer._replace(stakes=stakes_at(graph, knowledge, answer.subject))


def _told_apart(answer: Answer, graph: Graph) -> Answer:
    """An answer about a step that has no name of its own, and which says nothing that tells it apart: the text that is wrong does."""
    if not isinstance(answer, Hit) or answer.evidence or answer.about:
        return answer
    node = graph.nodes.get(answer.subject)
    if isinstance(node, StepNode) and node.is_nameless:
        return answer._replace(evidence=(answer.at.text,))
    return answer


def _key(options: tuple[Node, ...]) -> tuple[int, ...]:
    return tuple(id(one) for one in options)


def gone(accepted: Accepted, policy: Policy, *, online: bool) -> tuple[Entry, ...]:
    """The accepted findings that a run over the whole repository has not found, of rules and files that count. Of one that only servers can
    tell of, this takes a run that is `online`, and in which its rule has no question open in its file."""
    unused = [
        one
        for one in accepted.entries
        if one.fingerprint not in accepted.used and one.identity not in accepted.hidden
    ]
    if not unused:
        return ()
    known = {*places(), *policy.own}
    return tuple(
        one
        for one in unused
        if policy.paths.counts(one.path)
        and (one.rule not in known or policy.setting(one.rule).at(one.path).enabled)
        and (not (one.online or _needs_online(one.rule)) or (online and not accepted.is_open(one)))
    )


def _needs_online(id: str) -> bool:
    """Whether a rule is one of ours that finds nothing without servers."""
    place = places().get(id)
    return place is not None and needs_online(place)


def left_out(repository: Read) -> str | None:
    """How many files the policy's `paths` leave out, None where it is none."""
    if not repository.left_out:
        return None
    be = "is" if repository.left_out == 1 else "are"
    return f"{counted(repository.left_out, 'file')} {be} left out by the policy's `paths`"


def _remarks(repository: Read, policy: Policy, accepted: Accepted, online: bool) -> Iterator[str]:
    """What the report on a whole repository says of files that do not count, and of accepted findings that are no more."""
    remark = left_out(repository)
    if remark is not None:
        yield remark
    left = len(gone(accepted, policy, online=online))
    if left:
        be, they = ("is", "it") if left == 1 else ("are", "they")
        yield (
            f"{counted(left, 'accepted finding')} {be} gone: run `snowfence policy accept --prune`, or {they} may hide new ones"
        )
