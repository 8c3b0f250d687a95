"""Show what outsiders can do: who can start each job of the workflows, which checks stand before it, what it holds, and which code or
text of theirs gets there."""

from argparse import ArgumentParser, Namespace
from importlib import import_module
from typing import Final

from scanner.adapters.git import Git
from scanner.cli.common import add_formats, add_now, clock
from scanner.cli.targets import targets
from scanner.cli.terminal import emit, terminal_width, told_apart
from scanner.cli.world import add_knowledge, knowledge_of
from scanner.graph.nodes.workflows import WorkflowNode
from scanner.pipeline import read
from scanner.results import Report
from scanner.views.exposure.rows import Answer, answer

FORMATS: Final = ("text", "json", "markdown")
KINDS: Final = frozenset(("workflow", "action"))


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "path",
        nargs="?",
        default=".",
        metavar="PATH",
        help="the repository, or one of its workflows (default: here)",
    )
    add_formats(parser, FORMATS)
    add_knowledge(parser)
    add_now(parser, "the date that the JSON says it is of (YYYY-MM-DD) instead of today")


def run(arguments: Namespace) -> int:
    told_apart(arguments.output)
    git, knowledge = Git(), knowledge_of(arguments)
    named = targets([arguments.path], git)
    [target] = named.targets
    repository = read(target.root, git, knowledge, prefix=target.prefix, base=target.base, also=target.also)
    notes = [*named.notes, *git.notes]
    if not any(repository.graph.of(WorkflowNode)):
        notes.append(f"there is no workflow in `{arguments.path}`")
    problems = tuple(
        sorted(
            (
                one
                for one in repository.problems
                if one.at.source.kind in KINDS and (target.only is None or one.at.path in target.only)
            ),
            key=lambda one: (one.at.shown, one.at.start, one.message),
        )
    )
    report = Report(
        root=named.root,
        findings=(),
        problems=problems,
        unknowns=(),
        ignored=(),
        rules=(),
        inputs=repository.inputs,
        notes=tuple(notes),
        policies=(),
        knowledge=knowledge.digest,
        now=clock(arguments).date(),
    )
    found = answer(repository.graph, knowledge, report)
    report = found.report
    found = found._replace(report=report._replace(notes=(*report.notes, *knowledge.remarks(report.now))))
    if target.only is not None:
        only = target.only
        found = found._replace(
            rows=tuple(row for row in found.rows if row.job.path in only),
            empty=tuple(job for job in found.empty if job.path in only),
            unreached=0,
        )
    for format, output in arguments.output:
        emit(_render(found, format, None), output, format=format, scanned=[target.root])
    emit(_render(found, arguments.format, terminal_width()), None, format=arguments.format)
    return 0


def _render(found: Answer, format: str, width: int | None) -> str:
    writer = import_module(f"scanner.views.exposure.{format}")
    text: str = writer.write(found, width=width) if format == "text" else writer.write(found)
    return text
