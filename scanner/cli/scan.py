"""Check repositories and report what is wrong in them. Exits with 1 when a finding reaches the gate."""

import sys
from argparse import ArgumentParser, Namespace
from importlib import import_module
from typing import Final

from scanner.adapters.git import Git
from scanner.cli.common import (
    Target,
    add_formats,
    add_gate,
    add_now,
    add_policy,
    clock,
    colour,
    emit,
    policy_of,
    targets,
    terminal_width,
)
from scanner.discover import kind_of
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Severity
from scanner.model.quoting import quoted
from scanner.pipeline import check, merge, read
from scanner.policy.accepted import NOTHING_ACCEPTED, load_accepted
from scanner.results import Report

FORMATS: Final = ("text", "json", "sarif", "github")


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
    parser.add_argument("--min-severity", choices=Severity.names(), help="leave less severe findings out")
    parser.add_argument(
        "--no-ignores", action="store_true", help="report what comments in the files silence as well"
    )
    parser.add_argument(
        "--show-accepted", action="store_true", help="list accepted findings as well, behind the others"
    )
    add_now(parser)
    parser.add_argument("--quiet", action="store_true", help="print findings only: no summary, no remarks")


def run(arguments: Namespace) -> int:
    git = Git()
    knowledge = Knowledge()
    now = clock(arguments).date()
    named = targets(arguments.path, git)
    reports: list[Report] = []
    gates: list[Severity] = []
    for target in named.targets:
        policy = policy_of(arguments, target.root, target.prefix, target.base)
        accepted = (
            NOTHING_ACCEPTED
            if arguments.no_repository_policy
            else load_accepted(target.root, prefix=target.prefix, base=target.base)
        )
        repository = read(
            target.root,
            git,
            knowledge,
            prefix=target.prefix,
            base=target.base,
            also=target.also,
            paths=policy.paths,
        )
        report = check(
            named.root,
            repository,
            policy,
            knowledge,
            now,
            obey_comments=not (arguments.no_ignores or arguments.no_repository_policy),
            accepted=accepted,
        )
        left_out = [path for path in target.also if kind_of(path) and not policy.paths.counts(path)]
        reports.append(_only(report, target, left_out))
        gates.append(policy.gate)
    report = merge(named.root, reports)
    notes = [*named.notes, *git.notes, *report.notes]
    if not report.inputs and not report.notes:
        notes.append(f"nothing was checked: there is no lock, workflow or action in `{named.root}`")
    report = report._replace(notes=tuple(notes))
    worst = report.worst()  # of all findings: what is left out of the report still counts for the gate
    if arguments.min_severity is not None:
        least = Severity[arguments.min_severity.upper()]
        report = report._replace(findings=tuple(one for one in report.findings if one.severity >= least))
    for format, file in arguments.output:
        emit(_render(report, format, arguments), file)
    # Writers make their own output inert, and annotations are commands that the runner shall obey.
    sys.stdout.write(_render(report, arguments.format, arguments, colour=colour(), width=terminal_width()))
    if worst is None or arguments.fail_on == "none":
        return 0
    return int(worst >= (Severity[arguments.fail_on.upper()] if arguments.fail_on else min(gates)))


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
    return report._replace(
        findings=tuple(one for one in report.findings if one.at.path in only),
        problems=tuple(one for one in report.problems if one.at.path in only),
        unknowns=tuple(one for one in report.unknowns if one.at.path in only),
        ignored=tuple(one for one in report.ignored if one.finding.at.path in only),
        notes=notes,  # the others speak of the whole repository
    )


def _render(
    report: Report, format: str, arguments: Namespace, *, colour: bool = False, width: int | None = None
) -> str:
    writer = import_module(f"scanner.report.{format}")
    text: str = (
        writer.write(
            report,
            colour=colour,
            quiet=arguments.quiet,
            width=width,
            show_accepted=arguments.show_accepted,
        )
        if format == "text"
        else writer.write(report)
    )
    return text
