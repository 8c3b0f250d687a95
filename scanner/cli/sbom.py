"""Write the software bill of materials of a repository: what it locks, runs and builds on."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Set
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scanner import __version__
from scanner.adapters.git import Git
from scanner.cli.common import (
    SHOWN,
    add_now,
    add_policy,
    build_clock,
    clock,
    own_policy_remarks,
    policy_of,
    read_one,
)
from scanner.cli.github.submission import add_submission, first_given, submission_of
from scanner.cli.progress import add_progress, progress_of
from scanner.cli.revisions.tree import Tree
from scanner.cli.terminal import emit, told_apart, warn
from scanner.cli.world import add_knowledge, add_online, knowledge_of, online_of
from scanner.model.errors import UsageError
from scanner.model.nearest import nearest
from scanner.model.quoting import quoted
from scanner.model.source import Source
from scanner.model.vex import Decisions
from scanner.pipeline import Read, check
from scanner.policy.accepted import NOTHING_ACCEPTED, load_accepted
from scanner.policy.policy import Paths, Policy
from scanner.policy.vulnerabilities import decisions_of, only_vulnerabilities

if TYPE_CHECKING:
    from packageurl import PackageURL

    from scanner.knowledge.tables import Knowledge
    from scanner.model.online import Online
    from scanner.sbom.bill import Bill
    from scanner.sbom.cyclonedx import SpecVersion
    from scanner.sbom.github_snapshot import Submission

SNAPSHOT: Final = "github-snapshot"
FORMATS: Final = ("cyclonedx-json", "cyclonedx-xml", "spdx-json", SNAPSHOT)
_ENDINGS: Final = {
    ".xml": ("cyclonedx-xml",),
    ".cdx.json": ("cyclonedx-json",),
    ".spdx.json": ("spdx-json",),
    ".spdx": ("spdx-json",),
    ".json": ("cyclonedx-json", "spdx-json", SNAPSHOT),
}
"""What a file can hold by the end of its name, the first that fits; any other name says nothing."""

SPEC_VERSIONS: "Final[tuple[SpecVersion, ...]]" = ("1.6", "1.7")


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: here)")
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default=FORMATS[0],
        help=f"what to write (default: {FORMATS[0]})",
    )
    parser.add_argument(
        "--spec-version",
        choices=SPEC_VERSIONS,
        help=f"the version of CycloneDX (default: {SPEC_VERSIONS[0]})",
    )
    parser.add_argument(
        "--output",
        action="append",
        default=[],
        metavar="[FORMAT=]FILE",
        help="write to a file instead of standard output, in the format of `--format`, which the end of its name must not contradict, or in its own; may be given several times",
    )
    parser.add_argument("--name", metavar="NAME", help="the name of the repository (default: its folder's)")
    parser.add_argument(
        "--revision",
        metavar="TEXT",
        help="the version of the repository, nothing for none (default: the commit that is checked out, where PATH is a whole checkout and its files are those of the commit)",
    )
    parser.add_argument(
        "--purl",
        metavar="PURL",
        help="the package URL of the repository, such as pkg:github/owner/name; without a version it gets the repository's",
    )
    add_submission(parser)
    add_policy(parser)
    add_knowledge(parser)
    add_online(parser)
    add_now(parser)
    add_progress(parser)


def run(arguments: Namespace) -> int:
    outputs = [_output(text, arguments.format) for text in arguments.output] or [(arguments.format, "-")]
    told_apart(outputs)
    formats = {format for format, _ in outputs}
    _check(arguments, formats)
    submission = submission_of(arguments) if SNAPSHOT in formats else None
    knowledge = knowledge_of(arguments)
    online = online_of(arguments)
    policy = policy_of(arguments, Path(arguments.path))
    repository = read_one(arguments.path, knowledge, progress_of(arguments), policy.paths)
    for remark in own_policy_remarks(arguments, Path(arguments.path), Git()):
        warn(remark)
    bill = _bill(arguments, repository, policy, knowledge, online)
    texts = {format: _written(format, bill, arguments, submission) for format, _ in outputs}
    # What of the knowledge was left out was said when the repository was read.
    said = frozenset(knowledge.refused)
    aged = (one for one in knowledge.remarks(clock(arguments).date()) if one not in said)
    for remark in (*aged, *(online.remarks() if online is not None else ())):
        warn(remark)
    for format, file in outputs:
        emit(texts[format], file, format=format, scanned=[Path(arguments.path)])
    return 0


def _output(text: str, format: str) -> tuple[str, str]:
    """A format and the file that it goes to."""
    head, equals, file = text.partition("=")
    if equals and head in FORMATS and file:
        return head, file
    if equals and not {"/", ".", "\\"}.intersection(head):
        raise UsageError(
            f"{quoted(head, SHOWN)} is no format of `--output FORMAT=FILE`{nearest(head, FORMATS)}; they are {', '.join(FORMATS)}. "
            f"For a file of this name write {quoted(f'./{text}', SHOWN)}"
        )
    if not text:
        raise UsageError("`--output` names no file; give one, or `-` for standard output")
    fitting = next((formats for end, formats in _ENDINGS.items() if text.lower().endswith(end)), FORMATS)
    if format not in fitting:
        raise UsageError(
            f"{quoted(text, SHOWN)} would hold {format}, which its name does not say; write `--output` "
            f"{quoted(f'{fitting[0]}={text}', SHOWN)}, or {quoted(f'{format}={text}', SHOWN)} where that is meant"
        )
    return format, text


def _check(arguments: Namespace, formats: Set[str]) -> None:
    """Raises UsageError for an option of which nothing that is written would show a trace."""
    cyclonedx = {one for one in FORMATS if one.startswith("cyclonedx")}
    wrong = "--spec-version" if arguments.spec_version and not cyclonedx & formats else None
    name, where = "CycloneDX", FORMATS[0]
    if wrong is None and SNAPSHOT not in formats:
        wrong, name, where = first_given(arguments), "a snapshot for GitHub", SNAPSHOT
    if wrong is not None:
        raise UsageError(
            f"`{wrong}` is for {name}, which is not written; add `--format {where}` or `--output {where}=FILE`, or leave it out"
        )


def _bill(
    arguments: Namespace, repository: Read, policy: Policy, knowledge: "Knowledge", online: "Online | None"
) -> "Bill":
    from scanner.analysis.remotes.licenses import Licenses
    from scanner.sbom.components import bill_of
    from scanner.sbom.vulnerabilities import vulnerabilities

    folder = Path(arguments.path)
    given: str | None = arguments.revision
    version = (given or None) if given is not None else _checked_out(folder, repository, policy.paths)
    bill = bill_of(
        repository.graph,
        name=arguments.name or folder.resolve().name or "repository",
        timestamp=build_clock(arguments),
        tool=__version__,
        version=version,
        package=_package(arguments.purl, version) if arguments.purl is not None else None,
        knowledge=knowledge,
        licenses=Licenses(knowledge, online),
        unread=frozenset(problem.at.source.path for problem in repository.problems),
        left_out=repository.left_out,
    )
    decisions = _decisions(arguments, repository, policy, knowledge, online)
    found = vulnerabilities(repository.graph, bill.components, knowledge, online, decisions)
    return bill._replace(vulnerabilities=found)


def _decisions(
    arguments: Namespace, repository: Read, policy: Policy, knowledge: "Knowledge", online: "Online | None"
) -> Decisions:
    """What the repository has decided about its known vulnerabilities, as `snowfence scan` judges them."""
    folder, alone = Path(arguments.path), arguments.no_repository_policy
    report = check(
        arguments.path,
        repository,
        only_vulnerabilities(policy),
        knowledge,
        clock(arguments).date(),
        obey_comments=not alone,
        accepted=NOTHING_ACCEPTED if alone else load_accepted(folder),
        online=online,
        progress=progress_of(arguments),
    )
    return decisions_of(report, policy)


def _checked_out(folder: Path, repository: Read, paths: Paths) -> str | None:
    """The commit that is checked out, where it holds what was read: of other files it would have another bill. A folder of a larger checkout
    has none, since that one's commits are about more than it.

    The files are compared here and not by git, which starts programs for it that a repository can choose (`filter` in gitattributes).
    """
    git = Git()
    if git.toplevel(folder) != folder.resolve():
        return None
    commit = git.commit(folder, "HEAD")
    if commit is None:
        return None
    try:
        committed = _texts(Tree(folder, "", commit, git).discovered(paths.counts).sources)
    except UsageError as error:
        warn(f"{error}, so the bill names no version of the repository; `--revision` can say it")
        return None
    here = _texts(repository.sources)
    changed = [path for path in sorted({*committed, *here}) if committed.get(path) != here.get(path)]
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        warn(
            f"what was read is not what the commit that is checked out holds ({quoted(changed[0], SHOWN)}{more}), so the bill names no version "
            "of the repository; commit it, or say the version with `--revision`"
        )
    return commit if not changed else None


def _texts(sources: Iterable[Source]) -> dict[str, tuple[str, str]]:
    """The texts of files and where they are, behind links, by their paths."""
    return {one.path: (one.text, one.shown) for one in sources}


def _package(text: str, version: str | None) -> "PackageURL":
    from packageurl import PackageURL

    try:
        found = PackageURL.from_string(text)
        return found if found.version or version is None else found._replace(version=version)
    except ValueError:
        raise UsageError(
            f"`--purl` is {quoted(text, SHOWN)}, which is no package URL; write one such as `pkg:github/owner/name`"
        ) from None


def _written(format: str, bill: "Bill", arguments: Namespace, submission: "Submission | None") -> str:
    if format == "spdx-json":
        from scanner.sbom import spdx

        return spdx.write(bill)
    if submission is not None and format == SNAPSHOT:
        from scanner.sbom import github_snapshot

        return github_snapshot.write(bill, submission)
    from scanner.sbom import cyclonedx

    version: SpecVersion = arguments.spec_version or SPEC_VERSIONS[0]
    return cyclonedx.write(bill, spec_version=version, xml=format == "cyclonedx-xml")
