"""Check repositories and report what is wrong in them. Exits with 1 when a finding reaches the gate."""

from argparse import ArgumentParser, Namespace

from scanner.adapters.git import Git
from scanner.cli.common import add_formats, add_gate, add_now, add_policy, checked, clock
from scanner.cli.formats import FORMATS, Finished, Scanned, add_sarif, check_sarif, render
from scanner.cli.progress import add_progress
from scanner.cli.revisions.base_options import add_base, check_base
from scanner.cli.targets import Target, targets
from scanner.cli.terminal import colour, emit, links, say, terminal_width, told_apart
from scanner.cli.world import add_knowledge, add_online, knowledge_of, online_of
from scanner.discover import kind_of
from scanner.model.finding import Severity
from scanner.model.quoting import quoted
from scanner.results import Report, gate_of, merged


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "path",
        nargs="*",
        metavar="PATH",
        help="repositories to check (default: here); a file narrows the report on the repository around it",
    )
    add_formats(parser, FORMATS)
    add_policy(parser)
    add_gate(parser)
    add_base(parser)
    parser.add_argument("--min-severity", choices=Severity.names(), help="leave less severe findings out")
    parser.add_argument(
        "--no-ignores", action="store_true", help="report what comments in the files silence as well"
    )
    parser.add_argument(
        "--show-accepted", action="store_true", help="list accepted findings as well, behind the others"
    )
    add_sarif(parser)
    add_knowledge(parser)
    add_online(parser)
    add_now(parser)
    add_progress(parser)
    parser.add_argument("--quiet", action="store_true", help="print findings only: no summary, no remarks")


def run(arguments: Namespace) -> int:
    check_base(arguments)
    check_sarif(arguments)
    told_apart(arguments.output)
    git = Git()
    knowledge = knowledge_of(arguments)
    online = online_of(arguments)
    named = targets(arguments.path, git)
    repositories: list[Scanned] = []
    for target in named.targets:
        found = checked(
            arguments, named.root, target, git, knowledge, comments=not arguments.no_ignores, online=online
        )
        left_out = [path for path in target.also if kind_of(path) and not found.policy.paths.counts(path)]
        report = found.report
        if arguments.base is not None:
            from scanner.cli.revisions.base import with_base

            report = with_base(arguments, target, git, knowledge, found, online=online)
        report = _only(report, target, left_out)
        repositories.append(Scanned(target.prefix, report, found.repository, found.policy))
    report = merged(named.root, [one.report for one in repositories])
    if arguments.fail_on != "none":
        given = Severity[arguments.fail_on.upper()] if arguments.fail_on else None
        own = {one.prefix: given or one.policy.gate for one in repositories}
        report = report._replace(gate=gate_of(report, own, arguments.only_new))
    notes = [*named.notes, *git.notes, *report.notes]
    if not report.inputs and not report.notes:
        notes.append(f"nothing was checked: there is no lock, workflow or action in `{named.root}`")
    on_knowledge = knowledge.remarks(clock(arguments).date())
    report = report._replace(notes=(*notes, *on_knowledge), on_knowledge=on_knowledge)
    if arguments.min_severity is not None:
        least = Severity[arguments.min_severity.upper()]
        report = report.narrowed(lambda one: one.severity >= least)
    scan = Finished(report, tuple(repositories), knowledge, arguments)
    for format, file in arguments.output:
        emit(render(scan, format), file, scanned=[one.root for one in named.targets], obeyed=True)
    # Writers make their own output inert, and annotations are commands that the runner shall obey.
    say(render(scan, arguments.format, colour=colour(), width=terminal_width(), links=links()))
    return int(report.gate is not None and report.gate.failing > 0)


def _only(report: Report, target: Target, left_out: list[str]) -> Report:
    """The report on the files that were named; the whole repository was read for it. The policy leaves some of them out."""
    only = target.only
    if only is None:
        return report
    notes: tuple[str, ...] = ()
    if left_out:
        more = f" and {len(left_out) - 1} more" if len(left_out) > 1 else ""
        be = "are" if more else "is"
        notes = (f"{quoted(target.prefix + left_out[0])}{more} {be} left out by the policy's `paths`",)
    return report.narrowed(lambda one: one.at.path in only)._replace(
        problems=tuple(one for one in report.problems if one.at.path in only),
        unknowns=tuple(one for one in report.unknowns if one.at.path in only),
        ignored=tuple(one for one in report.ignored if one.finding.at.path in only),
        notes=(*notes, *report.asked),  # the others speak of the whole repository
    )
