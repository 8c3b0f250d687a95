"""What a snapshot for GitHub says of the run that makes it: by options, else by the variables of GitHub Actions."""

import os
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from scanner.cli.github.event import head_of
from scanner.model.commit import HEX
from scanner.model.errors import UsageError
from scanner.model.quoting import quoted

if TYPE_CHECKING:
    from scanner.sbom.github_snapshot import Submission

_OF_PULL_REQUESTS: Final = frozenset(("pull_request", "pull_request_review", "pull_request_review_comment"))
"""Events whose runs check out a merge that is on no branch: the snapshot is of the head."""

_OPTIONS: Final = {
    "--sha": "the commit",
    "--ref": "the branch",
    "--job-id": "the id of the run",
    "--correlator": "a name for the snapshots of this job",
}
"""What a snapshot is told, by the option that says it."""


def add_submission(parser: ArgumentParser) -> None:
    """The options of `--format github-snapshot`."""
    group = parser.add_argument_group(
        "for github-snapshot", "where these are not given, a run of GitHub Actions knows them"
    )
    group.add_argument("--sha", metavar="COMMIT", help="the commit that the snapshot is of")
    group.add_argument("--ref", metavar="REF", help="the branch that it is of, as refs/heads/main")
    group.add_argument(
        "--correlator",
        metavar="TEXT",
        help="the name of this snapshot: a later one with the same name takes its place (default: workflow and job)",
    )
    group.add_argument("--job-id", metavar="TEXT", help="the id of the run that makes it")


def first_given(arguments: Namespace) -> str | None:
    """One of these options that is given, None where there is none."""
    values = vars(arguments)
    return next((name for name in _OPTIONS if values[name[2:].replace("-", "_")] is not None), None)


def submission_of(arguments: Namespace) -> "Submission":
    """Raises UsageError where neither an option nor the environment tells something, or what is told is no such thing."""
    from scanner.sbom.github_snapshot import Submission

    parts = [os.environ.get("GITHUB_WORKFLOW"), os.environ.get("GITHUB_JOB")]
    told = {
        "--sha": arguments.sha or _pull_request_head() or os.environ.get("GITHUB_SHA"),
        "--ref": arguments.ref or os.environ.get("GITHUB_REF"),
        "--job-id": arguments.job_id or os.environ.get("GITHUB_RUN_ID"),
        "--correlator": arguments.correlator or " ".join(part for part in parts if part),
    }
    missing = [name for name, value in told.items() if not value]
    if missing:
        options = ", ".join(f"`{name}` ({_OPTIONS[name]})" for name in missing)
        raise UsageError(
            f"a snapshot for GitHub needs to be told more: give {options}, or run it in GitHub Actions, which knows that"
        )
    sha, ref, job, correlator = (value or "" for value in told.values())
    if not (40 <= len(sha) <= 64 and HEX.issuperset(sha.lower())):
        raise UsageError(
            f"`--sha` is {quoted(sha)}, not a full commit id; write its 40 digits (`git rev-parse HEAD`)"
        )
    if not ref.startswith("refs/"):
        raise UsageError(f"`--ref` is {quoted(ref)}, not a full ref; write {quoted(f'refs/heads/{ref}')}")
    return Submission(sha.lower(), ref, job, correlator, _page())


def _page() -> str | None:
    """The page of the run."""
    server, repository, run = (
        os.environ.get(name) for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    )
    return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else None


def _pull_request_head() -> str | None:
    """The head of the pull request that a run is for; `GITHUB_SHA` is a merge there. None for other events."""
    file = os.environ.get("GITHUB_EVENT_PATH")
    if os.environ.get("GITHUB_EVENT_NAME") not in _OF_PULL_REQUESTS or not file:
        return None
    sha = head_of(os.environ)
    if sha is None:
        raise UsageError(
            f"the event in `GITHUB_EVENT_PATH` ({quoted(file)}) does not tell the head of the pull request; give `--sha`"
        )
    return sha
