"""Write a commented policy that fits the present findings. It asks nothing, and what it writes judges as the pack does."""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Final

from scanner.cli.common import add_now, clock, read_one, two_policies
from scanner.cli.terminal import emit, warn
from scanner.cli.world import add_knowledge, knowledge_of
from scanner.model.errors import UsageError
from scanner.model.nearest import nearest
from scanner.model.quoting import quoted
from scanner.pipeline import check
from scanner.policy.load import DEFAULT_PACK, FILE_NAMES, pack
from scanner.policy.packs import pack_names
from scanner.report.escape import bounded
from scanner.views.first_policy import first_policy

_OUT: Final = "-"


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: here)")
    parser.add_argument(
        "--pack",
        default=DEFAULT_PACK,
        metavar="NAME",
        help=f"the pack to begin with (default: {DEFAULT_PACK})",
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        help=f"where to write it, `-` for standard output (default: {FILE_NAMES[0]} in the repository)",
    )
    parser.add_argument("--force", action="store_true", help="overwrite a policy that is there")
    add_knowledge(parser)
    add_now(parser)


def run(arguments: Namespace) -> int:
    if arguments.pack not in pack_names():
        raise UsageError(f"there is no pack {quoted(arguments.pack)}{nearest(arguments.pack, pack_names())}")
    folder = Path(arguments.path)
    target = _target(folder, arguments.output, arguments.force)
    knowledge = knowledge_of(arguments)
    policy = pack(arguments.pack)
    repository = read_one(arguments.path, knowledge)
    report = check(arguments.path, repository, policy, knowledge, clock(arguments).date())
    if not report.inputs:
        warn(
            f"there is no lock, workflow or action in {quoted(arguments.path, 200)}, so the policy fits nothing yet"
        )
    text = first_policy(report, repository.graph, knowledge, policy, arguments.pack)
    # A file of it is read again, so nothing in it may be another text.
    emit(text, target, scanned=[folder], obeyed=target != _OUT)
    if target != _OUT:
        emit(
            f"wrote {bounded(target)}. Next: read its proposals, `snowfence policy check`, then `snowfence policy accept` for findings "
            "that have to wait\n",
            None,
        )
    return 0


def _target(folder: Path, output: str | None, force: bool) -> str:
    """The file to write. Raises UsageError where something is there that must stay."""
    if output == _OUT:
        return _OUT
    there = [str(folder / name) for name in FILE_NAMES if os.path.lexists(folder / name)]
    if output is not None:
        target = output
        there = [output] if os.path.lexists(output) else []
    elif len(there) > 1:
        raise two_policies(*there)
    else:
        target = there[0] if there else str(folder / FILE_NAMES[0])
    if there and not force:
        raise UsageError(
            f"{quoted(there[0], 200)} is there already; `--force` overwrites it, `--output -` prints the new one to compare"
        )
    # A link may lead out of the repository, and git may have brought it.
    if Path(target).is_symlink():
        raise UsageError(
            f"{quoted(target, 200)} is a link; remove it, or name the file itself with `--output`"
        )
    return target
