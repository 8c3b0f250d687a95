"""Compare two states of the locked inputs and of the policy, and judge every change as its reviewer would. Exits with 1 when a
judgment, or a finding that the old state did not have, reaches the gate. The policy of the old state judges (without one, the
default), so that no change switches off its own judge. Locks, the policy and the file of accepted findings are compared, not
workflows: neither their findings nor new comments that ignore some. For those, run `snowfence scan`."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Final

from scanner.adapters.git import Git
from scanner.analysis.locks.sync import asked_for, overrides_of, pairs
from scanner.analysis.waivers import EVERY, Waivers
from scanner.cli.common import add_formats, add_gate, add_now, add_policy, clock, policy_of
from scanner.cli.progress import add_progress, progress_of
from scanner.cli.revisions.diff_arguments import Sides, sides
from scanner.cli.revisions.diff_state import Side
from scanner.cli.terminal import colour, emit, links, terminal_width, told_apart
from scanner.cli.world import add_knowledge, knowledge_of
from scanner.model.counting import counted
from scanner.model.finding import Finding, Severity
from scanner.pipeline import check
from scanner.policy.accepted import Accepted
from scanner.policy.load import default_policy
from scanner.policy.policy import Policy
from scanner.results import Report, RuleInUse
from scanner.rules.changes import KINDS
from scanner.views.diff.compare import compare
from scanner.views.diff.policies import policy_changes
from scanner.views.diff.words import Answer, said

FORMATS: Final = ("text", "json", "markdown", "sarif")


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "old",
        metavar="OLD",
        help="a lock, a folder or a git revision; alone, a revision to compare the working tree with, or a range "
        "(`main..HEAD`, from their merge base `main...HEAD`)",
    )
    parser.add_argument("new", nargs="?", metavar="NEW", help="what to compare it with")
    parser.add_argument(
        "-C",
        "--repository",
        default=".",
        metavar="DIR",
        help="the folder whose revisions and working tree are meant (default: here)",
    )
    add_formats(parser, FORMATS)
    add_policy(parser)
    add_gate(parser)
    parser.add_argument(
        "--min-severity",
        choices=Severity.names(),
        help="leave less severe judgments out (default: low in SARIF, else none)",
    )
    add_knowledge(parser)
    add_now(parser)
    add_progress(parser)
    parser.add_argument("--quiet", action="store_true", help="print changes and judgments only")


def run(arguments: Namespace) -> int:
    told_apart(arguments.output)
    git, knowledge = Git(), knowledge_of(arguments)
    now = clock(arguments).date()
    both = sides(arguments.old, arguments.new, arguments.repository, git, knowledge)
    policy = _judge(arguments, both.old)
    counts = policy.paths.counts
    both = Sides(_counting(both.old, counts), _counting(both.new, counts))
    heard = not arguments.no_repository_policy
    old, new = (
        check(
            side.name,
            side.read,
            policy,
            knowledge,
            now,
            obey_comments=heard,
            # The old state's: what a change accepts for itself is for its reviewer to accept.
            accepted=Accepted(both.old.says.accepts if heard else ()),
            progress=progress_of(arguments),
        )
        for side in (both.old, both.new)
    )
    waivers = _waivers(policy, both.new, now)
    difference = compare(
        both.old.locks,
        both.new.locks,
        (_counted(old, counts), _counted(new, counts)),
        policy,
        {
            pair.lock.source.path: asked_for(pair.flake, pair.lock)
            for pair in pairs(both.new.read.graph)
            if pair.lock
        },
        _overridden(both.old, both.new),
        waivers,
    )._replace(policies=policy_changes(both.old.says, both.new.says, policy, waivers))
    judgments = sorted(difference.judgments(), key=_order)
    worst = max((one.severity for one in judgments), default=None)
    if arguments.min_severity is not None:
        least = Severity[arguments.min_severity.upper()]
        judgments = [one for one in judgments if one.severity >= least]
    notes = list(dict.fromkeys(git.notes))
    excepted = sum(one.taken for one in waivers.used() if not one.over)
    if excepted:
        be = "is" if excepted == 1 else "are"
        notes.append(f"{counted(excepted, 'judgment')} {be} left out by exceptions of the policy")
    if both.old.says.error is not None and not (arguments.policy or arguments.no_repository_policy):
        notes.append(
            f"the policy of {both.old.name} cannot be used, so the default judges: {both.old.says.error}"
        )
    if not both.old.locks and not both.new.locks and not difference.policies:
        notes.append(f"nothing was compared: there is no lock in {both.old.name} nor in {both.new.name}")
    notes += knowledge.remarks(now)
    report = new._replace(
        findings=tuple(judgments),
        unknowns=(),
        ignored=(),
        rules=(*new.rules, *_kinds(policy)),
        notes=tuple(notes),
    )
    answer = Answer(both.old.name, both.new.name, difference, report, both.old.read.problems)
    for format, file in arguments.output:
        emit(_render(answer, format, arguments), file, format=format, scanned=_folders(arguments, git))
    if arguments.format == "text":
        # Its writer makes the parts that need it inert.
        emit(_render(answer, "text", arguments, colour=colour(), width=terminal_width(), links=links()), None)
    else:
        emit(_render(answer, arguments.format, arguments), None, format=arguments.format)
    if worst is None or arguments.fail_on == "none":
        return 0
    return int(worst >= (Severity[arguments.fail_on.upper()] if arguments.fail_on else policy.gate))


def _folders(arguments: Namespace, git: Git) -> list[Path]:
    """The folders that are compared, and the checkout of the revisions."""
    folder = Path(arguments.repository)
    named = [Path(one) for one in (arguments.old, arguments.new) if one is not None]
    return [*([folder] if git.toplevel(folder) else ()), *(one for one in named if one.is_dir())]


def _judge(arguments: Namespace, old: Side) -> Policy:
    """The policy that judges: what was given, else that of the old state. One that cannot be used is no reason to refuse the
    change that may mend it."""
    if arguments.policy or arguments.no_repository_policy:
        return policy_of(arguments, None)
    return old.says.policy or default_policy()


def _counting(side: Side, counts: Callable[[str], bool]) -> Side:
    """A state without the locks that the policy leaves out."""
    return side._replace(locks={path: lock for path, lock in side.locks.items() if counts(path)})


def _counted(report: Report, counts: Callable[[str], bool]) -> tuple[Finding, ...]:
    return tuple(one for one in report.findings if counts(one.at.path))


def _overridden(old: Side, new: Side) -> dict[str, frozenset[tuple[str, ...]]]:
    """The paths of inputs of inputs that the flake.nix beside a lock speaks of, before or after."""
    found: dict[str, frozenset[tuple[str, ...]]] = {}
    for side in (old, new):
        for pair in pairs(side.read.graph):
            if pair.lock is not None:
                path = pair.lock.source.path
                found[path] = found.get(path, frozenset()) | overrides_of(pair.flake).keys()
    return found


def _waivers(policy: Policy, new: Side, now: date) -> Waivers:
    """The exceptions for kinds of change: those that name them, since `*` means the rules of a scan."""
    named = (one for one in policy.exceptions if EVERY not in one.rules)
    return Waivers(named, dict.fromkeys(KINDS, ()), new.read.graph, now)


def _kinds(policy: Policy) -> Iterator[RuleInUse]:
    """The kinds of change that the policy wants judged."""
    for kind in KINDS.values():
        setting = policy.setting(kind.id)
        if setting.enabled:
            yield RuleInUse(kind.rule, kind.page, setting.severity)


def _order(one: Finding) -> tuple[str, int, int, str, str]:
    return one.at.shown, one.at.start, one.at.end, one.rule, one.message


def _render(
    answer: Answer,
    format: str,
    arguments: Namespace,
    *,
    colour: bool = False,
    width: int | None = None,
    links: bool = False,
) -> str:
    if format == "sarif":
        from scanner.report.sarif import write

        # Code scanning would open an alert for each input that an update has moved.
        findings = answer.report.findings if arguments.min_severity else said(answer.report.findings)
        return write(answer.report._replace(findings=findings))
    writer = import_module(f"scanner.views.diff.{format}")
    text: str = (
        writer.write(answer, colour=colour, quiet=arguments.quiet, width=width, links=links)
        if format == "text"
        else writer.write(answer)
    )
    return text
