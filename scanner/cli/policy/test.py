"""Run the examples in policies: of their checks, and of policies as a whole. Exits with 1 when one is not as it says, with 2 when a
policy is wrong."""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from scanner.cli.common import add_now, clock, policy_file
from scanner.cli.terminal import emit, warn
from scanner.cli.world import add_knowledge, knowledge_of
from scanner.knowledge.tables import Knowledge
from scanner.model.counting import counted
from scanner.model.errors import PolicyError, UsageError
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.pipeline import check, read_sources
from scanner.policy.checks.examples import Example, Line, Outcome, examples_of, outcome
from scanner.policy.examples import PolicyExample, policy_examples
from scanner.policy.load import FILE_NAMES, load_policies
from scanner.policy.packs import pack_names
from scanner.policy.policy import OwnRule, Policy
from scanner.policy.shapes import first
from scanner.report.escape import bounded


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file",
        nargs="*",
        metavar="FILE",
        help="policies, packs by their names, or repositories by their folders (default: here); the files that they extend are tested "
        "with them",
    )
    parser.add_argument(
        "--require-examples", action="store_true", help="a check without an example is a failure as well"
    )
    add_knowledge(parser)
    add_now(parser, "run examples that name no day as on this date (YYYY-MM-DD) instead of today")


def run(arguments: Namespace) -> int:
    knowledge = knowledge_of(arguments)
    for note in knowledge.refused:
        warn(note)
    now = clock(arguments).date()
    found = [
        tested
        for file, policy in _policies(arguments.file or ["."])
        for tested in _tested(file, policy, knowledge, now)
    ]
    emit("".join(f"{line}\n" for line in _lines(found, arguments.require_examples)), None)
    wrong = any(not one.holds for tested in found for one in tested.outcomes)
    bare = any(not tested.outcomes for tested in found)
    return int(wrong or (bare and arguments.require_examples))


class _Tested(NamedTuple):
    """A check, or a policy as a whole; the place where it is declared; and what its examples have come to."""

    name: str
    at: Span
    outcomes: list[Outcome]


# ---------------------------------------------------------------- what is tested


class _Named(NamedTuple):
    """A policy to test. `inside`: it is the repository's in this folder, and reads no file out of it."""

    name: str
    inside: Path | None = None

    def load(self, name: str) -> Policy:
        return load_policies([(Path(name), name)], self.inside)


def _repository(folder: str) -> _Named:
    """The policy of the repository in a folder."""
    found = policy_file(lambda name: os.path.lexists(Path(folder, name)), lambda name: _inside(folder, name))
    if found is None:
        raise UsageError(
            f"there is no {quoted(_inside(folder, FILE_NAMES[0]), 200)}; name the policy to test, or begin one with "
            "`snowfence policy init`"
        )
    return _Named(_inside(folder, found), Path(folder))


def _inside(folder: str, name: str) -> str:
    return os.path.normpath(Path(folder, name))


def _policies(given: list[str]) -> Iterator[tuple[str, Policy]]:
    """The policies and the files that they extend, each on its own. What a check says belongs to the file that declares it: its
    examples are judged with the values of that file, not with those that a policy above it gives, and also where that
    policy has replaced the check."""
    seen: set[str] = set()
    for name in given:
        named = _repository(name) if os.path.isdir(name) else _Named(name)  # noqa: PTH112 - for any text
        whole = named.load(named.name)
        for file in (*whole.names, named.name):
            if file not in seen and (file == named.name or file not in pack_names()):
                seen.add(file)
                yield file, _alone(named, file, whole)


def _alone(named: _Named, file: str, whole: Policy) -> Policy:
    try:
        return named.load(file)
    except PolicyError:  # it needs what the policies above it say
        return whole


def _tested(file: str, policy: Policy, knowledge: Knowledge, now: date) -> Iterator[_Tested]:
    """The checks that a file declares, in its order, then the file as a whole."""
    for id, own in policy.own.items():
        if own.at.source.path == file:
            examples = examples_of(own.examples) if own.examples is not None else ()
            yield _Tested(id, own.at, [_check(id, own, one, knowledge, now) for one in examples])
    for fields in policy.examples:
        if fields.node.source.path == file:
            outcomes = [_whole(policy, one, knowledge, now) for one in policy_examples(fields)]
            yield _Tested(f"the policy {bounded(file)}", first(fields.node), outcomes)


def _check(id: str, own: OwnRule, example: Example, knowledge: Knowledge, now: date) -> Outcome:
    """What the check alone says of the files of an example."""
    alone = Policy((own.at.source.path,), {}, None, own={id: own})
    read = read_sources(example.sources(), (), knowledge)
    return outcome(example, check("", read, alone, knowledge, example.now or now, obey_comments=False))


def _whole(policy: Policy, one: PolicyExample, knowledge: Knowledge, now: date) -> Outcome:
    """What the whole policy says of them, as it would say it of a repository."""
    counts = policy.paths.counts
    sources = [source for source in one.example.sources() if counts(source.path)]
    read = read_sources(sources, (), knowledge)
    return one.against(check("", read, policy, knowledge, one.example.now or now))


# ---------------------------------------------------------------- what is printed

_MARKS: Final = {"both": " ", "expected": "-", "said": "+"}
_MUST: Final = {
    "good": "a good example must be silent: + is not expected",
    "bad": "a bad example must report exactly what it lists: - is missing, + is not expected",
    "unknown": "an unknown example must leave the question open, and nothing else: - is missing, + is not expected",
}


def _lines(found: list[_Tested], required: bool) -> Iterator[str]:
    if not found:
        yield "no examples: these policies declare no checks and hold no `examples`, so there is nothing to test"
        return
    for tested in found:
        failed = [one for one in tested.outcomes if not one.holds]
        if not tested.outcomes:
            mark = "fail" if required else "none"
            yield f"{mark}  {tested.name}: no examples; {_at(tested.at)} declares it, and nothing shows what it finds"
            continue
        yield f"{'fail' if failed else 'ok  '}  {tested.name}: {_verdicts(tested)}"
        for one in failed:
            yield from _failure(one)
    yield ""
    yield _total(found)


def _total(found: list[_Tested]) -> str:
    outcomes = [one for tested in found for one in tested.outcomes]
    if not outcomes:
        return "no examples: nothing was tested"
    wrong = sum(not one.holds for one in outcomes)
    said = f"{wrong} not as they say" if wrong > 1 else "1 not as it says" if wrong else "all as they say"
    bare = sum(not tested.outcomes for tested in found)
    left = f"; {counted(bare, 'check')} without any" if bare else ""
    return f"{counted(len(outcomes), 'example')}: {said}{left}"


def _verdicts(tested: _Tested) -> str:
    """`2 good, 3 bad`, and what is missing in it."""
    counts = {"good": 0, "bad": 0, "unknown": 0}
    for one in tested.outcomes:
        counts[one.example.verdict] += 1
    said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    return said if counts["bad"] else f"{said}; no bad one, so nothing shows that it can find something"


def _failure(one: Outcome) -> Iterator[str]:
    """Where the example stands, and what differs: `-` was expected and not said, `+` was said and not expected."""
    yield f"      {_at(one.example.place)}: {_MUST[one.example.verdict]}"
    for problem in one.unreadable:
        yield f"        {_at(problem.at)}: cannot be read, so the example proves nothing: {bounded(problem.message)}"
    for line in one.findings:
        yield f"        {_MARKS[line.side]} {_said(line)}"
    for line in one.undecided:
        yield f"        {_MARKS[line.side]} undecided {_said(line) if line.text or line.at else 'anywhere'}"


def _said(line: Line) -> str:
    text = quoted(line.text, 100)
    if line.at is None:
        return text
    place = f"{text}  {_at(line.at)}"
    return place if line.side == "both" else f"{place}: {bounded(line.message)}"


def _at(at: Span) -> str:
    return f"{bounded(at.shown)}:{at.begin.line}:{at.begin.column}"
