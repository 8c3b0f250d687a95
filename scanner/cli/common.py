"""What the commands share: the clock, the policy that holds, the one way to a report, writing."""

import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NamedTuple

from scanner.adapters.git import Git
from scanner.cli.progress import progress_of
from scanner.cli.targets import Target, from_here, targets
from scanner.cli.terminal import warn
from scanner.knowledge.tables import Knowledge
from scanner.model.errors import UsageError
from scanner.model.finding import Severity
from scanner.model.online import Online
from scanner.model.ports import NO_PROGRESS, Progress
from scanner.model.quoting import quoted
from scanner.model.source import Source, Span
from scanner.pipeline import Read, check, left_out, read
from scanner.policy.accepted import NOTHING_ACCEPTED, Accepted, load_accepted
from scanner.policy.load import FILE_NAMES, default_policy, load_policies
from scanner.policy.policy import Paths, Policy
from scanner.results import Report

SHOWN: Final = 200
"""Characters of a path in a message."""

_MISNAMED: Final = ("snowfence.yml", ".github/snowfence.yml", "Snowfence.yaml", ".snowfence.yaml")
"""Names that people give to a policy, under which none is found."""


def add_now(
    parser: ArgumentParser, help: str = "judge as on this date (YYYY-MM-DD) instead of today"
) -> None:
    parser.add_argument("--now", type=_date, metavar="DATE", help=help)


def add_policies(parser: ArgumentParser) -> None:
    """The policies that are given; the repository's own counts where there are none."""
    parser.set_defaults(no_repository_policy=False)
    parser.add_argument(
        "--policy",
        action="append",
        default=[],
        metavar="FILE",
        help=f"judge by this policy or pack instead of the repository's {FILE_NAMES[0]}; given several times, the later is the stronger",
    )


def add_policy(parser: ArgumentParser) -> None:
    """The policies that are given, and whether the repository's own counts."""
    add_policies(parser)
    parser.add_argument(
        "--no-repository-policy",
        action="store_true",
        help="obey nothing that the repository says of itself: neither its policy nor its accepted findings nor comments that "
        "ignore findings",
    )


def policy_of(arguments: Namespace, folder: Path | None, prefix: str = "", base: str = "") -> Policy:
    """The policies that were given, else that of a repository (None: there is none), else the default. `prefix` stands before
    its name in messages, `base` before that in the whole checkout."""
    if arguments.policy:
        return load_policies([(Path(given), given) for given in arguments.policy])
    if folder is None or arguments.no_repository_policy:
        return default_policy()
    return repository_policy(folder, prefix, base)


def repository_policy(folder: Path, prefix: str = "", base: str = "") -> Policy:
    """What a repository says of itself, else the default."""
    name = policy_file(lambda name: os.path.lexists(folder / name), lambda name: f"{prefix}{name}")
    if name is None:
        return default_policy()
    policy = load_policies([(folder / name, prefix + name)], folder)
    return policy if not prefix and not base else _at_home(policy, prefix, base)


def policy_file(holds: Callable[[str], bool], shown: Callable[[str], str] = str) -> str | None:
    """The name of the policy of a repository that `holds` files, None where there is none. Two of them are an error."""
    found = [name for name in FILE_NAMES if holds(name)]
    if len(found) > 1:
        raise two_policies(*map(shown, found))
    return found[0] if found else None


def two_policies(one: str, other: str) -> UsageError:
    """Nobody can tell which of two policies holds."""
    return UsageError(
        f"there are two policies, {quoted(one, SHOWN)} and {quoted(other, SHOWN)}; keep one of them"
    )


def _misnamed(folder: Path, prefix: str) -> Iterator[str]:
    """Remarks on files that look like a policy and are none."""
    for name in _MISNAMED:
        if os.path.lexists(folder / name):
            yield f"{quoted(prefix + name, SHOWN)} is not read: a policy is called {quoted(FILE_NAMES[0])}, so rename it"


def _unused(folder: Path, git: Git) -> Iterator[str]:
    """A remark on the policy of a folder above, up to the root of the checkout, where this one has none of its own."""
    top = git.toplevel(folder)
    if top is None or any(os.path.lexists(folder / name) for name in FILE_NAMES):
        return
    real = folder.resolve()
    for above in real.parents if real != top else ():
        name = next((name for name in FILE_NAMES if os.path.lexists(above / name)), None)
        if name is not None:
            shown = quoted(str(from_here(above) / name), SHOWN)
            yield (
                f"{shown} is not used: a policy holds for the scan of the folder that it stands in; give it with `--policy`, or scan "
                "that folder"
            )
        if name is not None or above == top:
            return


def own_policy_remarks(arguments: Namespace, folder: Path, git: Git, prefix: str = "") -> Iterator[str]:
    """Remarks on policies that somebody may take for the one that holds for a repository, which is looked for in its own folder alone; none
    where the command line says what holds."""
    if not (arguments.policy or arguments.no_repository_policy):
        yield from _misnamed(folder, prefix)
        yield from _unused(folder, git)


def _at_home(policy: Policy, prefix: str, base: str) -> Policy:
    """The policy with the places of its exceptions as those of other files of its repository."""
    moved: dict[Source, Source] = {}
    exceptions = []
    for one in policy.exceptions:
        source, start, end = one.at
        if source not in moved:
            moved[source] = Source(
                source.path.removeprefix(prefix), source.kind, source.text, prefix=prefix, base=base
            )
        exceptions.append(one._replace(at=Span(moved[source], start, end)))
    return policy._replace(exceptions=tuple(exceptions))


def add_gate(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--fail-on",
        choices=[*Severity.names(), "none"],
        help="exit with 1 when a finding is at least this severe (default: high, or the policy's `fail-on`)",
    )


def add_formats(parser: ArgumentParser, formats: tuple[str, ...]) -> None:
    """`--format` for standard output, and `--output` for files."""

    def read(text: str) -> tuple[str, str]:
        format, equals, file = text.partition("=")
        if not equals or not file or format not in formats:
            raise ArgumentTypeError(
                f"`{text}` is not FORMAT=FILE with one of the formats {', '.join(formats)}"
            )
        return format, file

    parser.add_argument("--format", choices=formats, default="text", help="what to print (default: text)")
    parser.add_argument(
        "--output",
        action="append",
        default=[],
        type=read,
        metavar="FORMAT=FILE",
        help="write a format to a file as well; may be given several times",
    )


def _date(text: str) -> date:
    try:
        given = date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"`{text}` is not a date; write YYYY-MM-DD") from None
    if not 2000 <= given.year < 3000:
        raise ArgumentTypeError(f"`{text}` is no date on which a scan makes sense")
    return given


def clock(arguments: Namespace) -> datetime:
    """The time of the run in UTC: `--now` where the command takes it and it is given, else the real one."""
    given: date | None = getattr(arguments, "now", None)
    if given is not None:
        return datetime(given.year, given.month, given.day, tzinfo=UTC)
    return datetime.now(UTC).replace(microsecond=0)


def build_clock(arguments: Namespace) -> datetime:
    """The time that a document is stamped with: SOURCE_DATE_EPOCH stands before the real clock. Judging must not do so:
    development shells of Nix set the variable to 1980, when nothing was stale yet."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if arguments.now is not None or not epoch:
        return clock(arguments)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"SOURCE_DATE_EPOCH is `{epoch}`, not a number of seconds since 1970") from None


class Checked(NamedTuple):
    """A repository with the policy that holds for it, what it has accepted, what was read, and the report on all of it."""

    policy: Policy
    accepted: Accepted
    repository: Read
    report: Report


def checked(
    arguments: Namespace,
    root: str,
    target: Target,
    git: Git,
    knowledge: Knowledge,
    *,
    comments: bool = True,
    online: Online | None = None,
) -> Checked:
    """The one way from arguments to a report on a repository, so that all commands judge alike. `root` is what is named in the report;
    without `comments` those in the files are not obeyed; `online` is whom rules may ask."""
    alone = arguments.no_repository_policy
    progress = progress_of(arguments)
    policy = policy_of(arguments, target.root, target.prefix, target.base)
    known = NOTHING_ACCEPTED if alone else load_accepted(target.root, prefix=target.prefix, base=target.base)
    repository = read(
        target.root,
        git,
        knowledge,
        prefix=target.prefix,
        base=target.base,
        also=target.also,
        paths=policy.paths,
        progress=progress,
    )
    report = check(
        root,
        repository,
        policy,
        knowledge,
        clock(arguments).date(),
        obey_comments=comments and not alone,
        accepted=known,
        online=online,
        progress=progress,
    )
    remarks = own_policy_remarks(arguments, target.root, git, target.prefix)
    return Checked(policy, known, repository, report._replace(notes=(*report.notes, *remarks)))


def read_one(
    path: str,
    knowledge: Knowledge,
    progress: Progress = NO_PROGRESS,
    paths: Paths | None = None,
) -> Read:
    """The repository in a folder, for the commands that take exactly one; without `paths` every file counts."""
    folder = Path(path)
    if not folder.is_dir():
        raise UsageError(f"`{path}` is not a folder; name the root of a repository")
    git = Git()
    [target] = targets([path], git).targets
    found = read(folder, git, knowledge, base=target.base, paths=paths, progress=progress)
    remark = left_out(found)
    if remark is not None:
        warn(remark)
    for note in (*git.notes, *knowledge.refused):
        warn(note)
    for problem in found.problems:
        place = problem.at.begin
        warn(f"{problem.at.shown}:{place.line}:{place.column}: {problem.message}")
    return found
