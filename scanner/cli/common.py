"""What the commands share: the clock, paths to repositories, writing."""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NamedTuple

from scanner.adapters.folders import cache_folder
from scanner.adapters.git import Git
from scanner.discover import kind_of
from scanner.knowledge.tables import Knowledge
from scanner.model.errors import UsageError
from scanner.model.finding import Severity
from scanner.model.online import Online
from scanner.model.quoting import quoted
from scanner.model.source import Source, Span
from scanner.pipeline import Read, check, read
from scanner.policy.accepted import FILE_NAME as ACCEPTED_FILE
from scanner.policy.accepted import NOTHING_ACCEPTED, Accepted, load_accepted
from scanner.policy.load import FILE_NAMES, default_policy, load_policies
from scanner.policy.policy import Policy
from scanner.results import Report

SHIPPED: Final = "shipped"
UPDATED: Final = "updated"
"""Words of `--knowledge`."""

SHOWN: Final = 200
"""Characters of a path in a message."""

_MISNAMED: Final = ("snowfence.yml", ".github/snowfence.yml", "Snowfence.yaml", ".snowfence.yaml")
"""Names that people give to a policy, under which none is found."""


def add_now(
    parser: ArgumentParser, help: str = "judge as on this date (YYYY-MM-DD) instead of today"
) -> None:
    parser.add_argument("--now", type=_date, metavar="DATE", help=help)


def add_knowledge(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--knowledge",
        metavar="shipped|updated|DIR",
        help=f"the tables about the world to judge by: those that came with snowfence ({SHIPPED}), with those of `snowfence knowledge "
        f"update` in their place ({UPDATED}), or with those of a folder; default: updated where there are any that are not older",
    )


def knowledge_of(arguments: Namespace) -> Knowledge:
    """The snapshot of what is known of the world that `--knowledge` asks for."""
    asked: str | None = arguments.knowledge
    match asked:
        case "shipped":
            return Knowledge()
        case None | "updated":
            try:
                knowledge = Knowledge(over=knowledge_folder())
            except UsageError:
                if asked is not None:
                    raise
                return Knowledge()
            if asked is not None and not knowledge.updated:
                raise UsageError(_no_update(knowledge))
            return knowledge
    folder = Path(asked)
    if not folder.is_dir():
        raise UsageError(
            f"there is no folder {quoted(asked, SHOWN)} with tables; `--knowledge` takes {SHIPPED}, {UPDATED} or a folder that "
            "`snowfence knowledge update --to` has written"
        )
    knowledge = Knowledge(over=folder, always=True)
    if not knowledge.updated:
        raise UsageError(
            f"there is no table that can be used in {quoted(asked, SHOWN)}: "
            + (knowledge.refused or ("tables have the names that `snowfence knowledge` shows",))[0]
        )
    return knowledge


def knowledge_folder() -> Path:
    """Where `snowfence knowledge update` writes tables; it need not exist."""
    return cache_folder() / "knowledge"


def _no_update(knowledge: Knowledge) -> str:
    """Why there are no updated tables, and what to do."""
    if knowledge.refused:
        return f"no updated table can be used: {knowledge.refused[0]}"
    return "there are no updated tables, or the shipped ones are newer; run `snowfence knowledge update`"


def add_online(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--online",
        action="store_true",
        help="ask the servers that code is taken from as well (git servers, GitHub's API); a token of GitHub is read from GH_TOKEN or "
        "GITHUB_TOKEN, a server of one's own from GH_HOST and GH_ENTERPRISE_TOKEN",
    )
    parser.add_argument(
        "--refresh", action="store_true", help="with --online: ask anew what earlier runs have kept on disk"
    )


def online_of(arguments: Namespace) -> Online | None:
    """Whom a run may ask, None without `--online`: nothing else goes online. One for a run, so that nothing is asked twice.

    Raises:
        UsageError: the environment names a server or a token that cannot be one.
    """
    if not arguments.online:
        if arguments.refresh:
            raise UsageError("`--refresh` goes with `--online` alone: without it nothing is asked")
        return None
    from scanner.adapters.servers import servers_of  # requests and dulwich take longer to load than a scan

    return servers_of(os.environ, cache_folder(), refresh=arguments.refresh)


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
    """The time of the run in UTC: `--now`, else the real one."""
    given: date | None = arguments.now
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


class Target(NamedTuple):
    """A repository to read. `only` are the paths to report on (None: all), `also` those to read although git
    ignores them; `prefix` stands before its paths in reports, `base` before those in its checkout."""

    root: Path
    prefix: str
    base: str
    only: frozenset[str] | None
    also: tuple[str, ...]


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
    )
    if not (alone or arguments.policy):
        report = report._replace(notes=(*report.notes, *_misnamed(target.root, target.prefix)))
    return Checked(policy, known, repository, report)


class Named(NamedTuple):
    """What the arguments name: the folder that the paths of the report are relative to, the repositories, and
    remarks on arguments that ask for nothing."""

    root: str
    targets: tuple[Target, ...]
    notes: tuple[str, ...]


def targets(paths: list[str], git: Git) -> Named:
    """Folders are repositories; files narrow the report on the repository around them."""
    whole: set[Path] = set()
    files: dict[Path, list[str]] = {}
    for text in paths or ["."]:
        path = Path(text)
        if path.is_dir():
            whole.add(path)
            files.setdefault(path, [])
        elif path.exists() or path.is_symlink():
            root = _repository_around(path, git)
            files.setdefault(root, []).append(_inside(path, root))
        else:
            raise UsageError(f"there is no file or folder `{text}`")
    _refuse_overlaps(files)
    base = os.path.commonpath([_absolute(folder) for folder in files])
    found, notes = [], []
    top = git.toplevel(Path(base))
    inside_checkout = _inside(Path(os.path.realpath(base)), top) if top is not None else "."
    for folder, inside in files.items():
        only: set[str] | None = set()
        for path_inside in inside:
            reported = _reported_for(path_inside)
            if reported is None:
                only = None
            elif not reported:
                notes.append(
                    f"`{path_inside}` is no file that snowfence reads, so there is nothing to report on it"
                )
            elif only is not None:
                only |= reported
        prefix = _inside(folder, Path(base))
        found.append(
            Target(
                folder,
                "" if prefix == "." else f"{prefix}/",
                "" if inside_checkout == "." else f"{inside_checkout}/",
                None if folder in whole or only is None else frozenset(only),
                tuple(inside),
            )
        )
    root_shown = str(next(iter(files))) if len(files) == 1 else os.path.relpath(base)
    return Named(root_shown, tuple(found), tuple(notes))


def _refuse_overlaps(folders: Iterable[Path]) -> None:
    """A repository inside another that is scanned as well would be reported twice."""
    seen: list[tuple[str, Path]] = []
    for folder in folders:
        real = os.path.realpath(folder).rstrip("/") + "/"
        for other, named in seen:
            if real.startswith(other) or other.startswith(real):
                raise UsageError(f"`{named}` and `{folder}` overlap; name one of them")
        seen.append((real, folder))


def _absolute(path: Path) -> str:
    """Absolute without following links: a linked workflow belongs to the repository that holds the link."""
    return os.path.abspath(path)  # noqa: PTH100


def _inside(path: Path, folder: Path) -> str:
    return os.path.relpath(_absolute(path), _absolute(folder)).replace(os.sep, "/")


def _reported_for(path: str) -> set[str] | None:
    """The inputs on which a named file asks for a report: itself, for a flake.nix also the lock beside it; None means
    all (a policy concerns every file, and so do accepted findings)."""
    folder, slash, name = path.rpartition("/")
    if path in (*FILE_NAMES, ACCEPTED_FILE):
        return None
    if name == "flake.nix":
        return {path, f"{folder}{slash}flake.lock"}
    return {path} if kind_of(path) is not None else set()


def _repository_around(file: Path, git: Git) -> Path:
    """The checkout that holds a file; where that would make no input of it, the folder that does."""
    here = Path(_absolute(file))
    current = Path.cwd()
    top = git.toplevel(here.parent)
    candidates = [top] if top is not None else [current] if here.is_relative_to(current) else []
    candidates += [parent.parent for parent in here.parents if parent.name == ".github"]
    candidates.append(here.parent)
    root = next((one for one in candidates if _reported_for(_inside(here, one)) != set()), candidates[0])
    return (
        Path(os.path.relpath(root)) if root.is_relative_to(current) or current.is_relative_to(root) else root
    )


def read_one(path: str, knowledge: Knowledge) -> Read:
    """The repository in a folder, for the commands that take exactly one."""
    folder = Path(path)
    if not folder.is_dir():
        raise UsageError(f"`{path}` is not a folder; name the root of a repository")
    git = Git()
    found = read(folder, git, knowledge)
    for note in (*git.notes, *knowledge.refused):
        warn(note)
    for problem in found.problems:
        place = problem.at.begin
        warn(f"{problem.at.shown}:{place.line}:{place.column}: {problem.message}")
    return found


def terminal_width() -> int | None:
    """The columns of the terminal; None elsewhere, so that what is written does not depend on one."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else None
    except (OSError, ValueError):
        return None


def colour() -> bool:
    """NO_COLOR and FORCE_COLOR (no-color.org, force-color.org) before what the terminal says."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def warn(text: str) -> None:
    """A remark on standard error, safe for a terminal."""
    from scanner.report.escape import bounded, inert

    sys.stderr.write(inert(f"snowfence: {bounded(text)}\n"))


def emit(text: str, output: str | None) -> None:
    """Writes to a file, or to standard output when none is named: there a runner of GitHub Actions listens, so what
    it would take for a command is made inert."""
    if output is None or output == "-":
        from scanner.report.escape import inert, inert_json

        sys.stdout.write(inert_json(text) if text.startswith(("{", "[")) else inert(text))
        return
    try:
        Path(output).write_text(text, "utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise UsageError(f"cannot write `{output}`: {error.strerror}") from error
