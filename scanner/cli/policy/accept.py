"""Accept today's findings: they leave the report and stop no gate, so that later scans report new ones only. They are kept in
`.snowfence-accepted.json` in the root of the repository."""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path

from scanner.adapters.git import Git
from scanner.cli.common import add_now, add_policies, checked, clock
from scanner.cli.targets import targets
from scanner.cli.terminal import emit, warn
from scanner.cli.world import add_knowledge, add_online, knowledge_of, online_of
from scanner.model.counting import counted
from scanner.model.errors import UsageError
from scanner.model.finding import Finding, Severity
from scanner.pipeline import check, gone
from scanner.policy.accepted import FILE_NAME, LESS, MAX_BYTES, MAX_ENTRIES, Accepted, entry_of, written
from scanner.report.escape import bounded
from scanner.report.words import where
from scanner.results import UNREADABLE


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: here)")
    add_policies(parser)
    parser.add_argument(
        "--prune", action="store_true", help="accept nothing; remove what no scan finds any more"
    )
    add_knowledge(parser)
    add_online(parser)
    add_now(parser)


def run(arguments: Namespace) -> int:
    if not Path(arguments.path).is_dir():
        raise UsageError(f"`{arguments.path}` is not a folder; name the root of a repository")
    git, knowledge = Git(), knowledge_of(arguments)
    [target] = targets([arguments.path], git).targets
    now = clock(arguments).date()
    online = online_of(arguments)
    found = checked(arguments, arguments.path, target, git, knowledge, online=online)
    policy, before, repository, report = found
    for note in (*git.notes, *knowledge.refused, *report.asked):
        warn(note)
    lost = {one.fingerprint for one in gone(before, policy, online=online is not None)}
    fresh = () if arguments.prune else report.findings
    everywhere = {one.fingerprint for one in fresh}
    if online is not None and fresh:  # an entry is marked that only servers can tell of
        there = check(arguments.path, repository, policy, knowledge, now, accepted=Accepted(before.entries))
        everywhere = {one.fingerprint for one in (*there.findings, *(one.finding for one in there.ignored))}
    again = {one.fingerprint for one in fresh}  # accepted before, and worse since then
    kept = [
        one
        for one in before.entries
        if one.fingerprint not in again and not (arguments.prune and one.fingerprint in lost)
    ]
    new = (entry_of(one, now, online=one.fingerprint not in everywhere) for one in fresh)
    after = written([*kept, *new])
    file = target.root / FILE_NAME
    if len(kept) + len(fresh) > MAX_ENTRIES or len(after) > MAX_BYTES:
        raise UsageError(
            f"`{FILE_NAME}` would hold more than {MAX_ENTRIES:,} findings or {MAX_BYTES // 1024 // 1024} MB; {LESS}"
        )
    if after != written(before.entries):
        _write(file, after)
    emit("".join(f"{line}\n" for line in _said(arguments, report.findings, len(kept), len(lost))), None)
    return 0


def _said(arguments: Namespace, findings: tuple[Finding, ...], kept: int, lost: int) -> Iterable[str]:
    """What was done. What is worst is named: nobody should accept it unseen."""
    if arguments.prune:
        yield f"{counted(lost, 'finding')} removed that {'is' if lost == 1 else 'are'} gone, {kept} kept"
        if findings:
            yield f"{counted(len(findings), 'new finding')} not accepted"
        return
    added = f"{counted(len(findings), 'finding')} accepted in {FILE_NAME}, {kept - lost} kept"
    yield (
        f"{added}; {lost} more {'is' if lost == 1 else 'are'} gone: `--prune` removes {'it' if lost == 1 else 'them'}"
        if lost
        else added
    )
    worst = [one for one in findings if one.severity == Severity.CRITICAL or one.rule == UNREADABLE]
    if worst:
        yield "Look at these once more, they stop no gate from now on:"
    for one in worst:
        yield f"  {one.severity}[{one.rule}] {where(one.at)}: {bounded(one.message)}"


def _write(file: Path, text: str) -> None:
    """Writes a file as a whole or not at all; where a link leads to it, the link stays."""
    file = Path(os.path.realpath(file))  # inside the repository: reading it has refused others
    beside = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        try:
            with beside.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write `{file}`: {error.strerror}") from error
