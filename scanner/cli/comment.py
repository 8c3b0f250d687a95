"""Write a Markdown document as a comment on a pull request, or change the one that is there from an earlier run. The document is what
another command has written (`snowfence scan --output markdown=FILE`, `snowfence diff --format markdown`). Exits with 0 also when the token
may only read, as that of a pull request from a fork, which is said on standard error; with 1 when the comment could not be written
otherwise."""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import Final

from scanner.adapters.comments import Comments, Failed, PullRequest, Refused, Written, path_of
from scanner.adapters.forges import Forge, forges_of
from scanner.cli.common import SHOWN
from scanner.cli.github.event import is_repository, number_of, repository_of
from scanner.cli.terminal import emit, warn
from scanner.model.errors import UsageError
from scanner.model.quoting import quoted
from scanner.model.safe_file import read_file
from scanner.report.comment import KEY, MOST_OF_SUMMARY, as_comment, as_summary, marked, marker_of
from scanner.report.escape import bounded

_SUMMARY: Final = "GITHUB_STEP_SUMMARY"
_MOST: Final = 8 << 20
"""Octets of a document that is read: of more than one MiB nothing is shown anywhere."""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the document (Markdown); `-` is standard input")
    parser.add_argument(
        "--key",
        type=_key,
        metavar="NAME",
        help="keep this comment apart from others of the same command, such as one for each folder",
    )
    parser.add_argument(
        "--repository",
        type=_repository,
        metavar="OWNER/NAME",
        help="the repository of the pull request (default: GITHUB_REPOSITORY)",
    )
    parser.add_argument(
        "--pull-request",
        type=_number,
        metavar="N",
        help="its number (default: that of the event that the run is of)",
    )
    parser.add_argument(
        "--only-update", action="store_true", help="change the comment that is there, write no new one"
    )
    parser.add_argument(
        "--summary",
        action="store_true",
        help=f"append the document to the summary of the step as well ({_SUMMARY}); in a run of no pull request, only there",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="print what would be sent, ask and write nothing"
    )
    parser.epilog = (
        "The token is read from GITHUB_TOKEN or GH_TOKEN, that of a GitHub Enterprise Server from GH_ENTERPRISE_TOKEN (on its own runners "
        "from GITHUB_TOKEN); it needs the permission `pull-requests: write`. The API is that of GITHUB_API_URL, GITHUB_SERVER_URL or "
        "GH_HOST, else GitHub's."
    )


def run(arguments: Namespace) -> int:
    document = _document(arguments.file)
    marker = marker_of(document, arguments.key)
    if marker is None:
        raise UsageError(
            f"{_named(arguments.file)} does not begin with a marker of snowfence, so that its comment could not be found again; "
            "give it a name with `--key NAME`"
        )
    where = _where(arguments)
    summary = _summary() if arguments.summary else None
    body = as_comment(marked(document, marker))
    forge = forges_of(os.environ).home
    if arguments.dry_run:
        emit(_dry(forge, where, marker, body, summary), None)
        return 0
    if where is not None and not forge.token:
        raise UsageError(
            f"there is no token for {forge.host}; set {forge.expects}, in a workflow with "
            f"`env: {{ {forge.expects}: ${{{{ github.token }}}} }}`"
        )
    if summary is not None:
        _append(summary, document)
    return _comment(forge, where, marker, body, create=not arguments.only_update) if where is not None else 0


def _comment(forge: Forge, where: PullRequest, marker: str, body: str, *, create: bool) -> int:
    """Writes the comment, and says what was done."""
    from scanner.adapters.http import HttpClient  # requests, which a dry run does not need

    match Comments(HttpClient(), forge, where).write(marker, body, create=create):
        case Written("none"):
            emit(f"there is no comment to update on {where}\n", None)
        case Written(did, url):
            emit(f"comment {did}: {bounded(url) if url else where}\n", None)
        case Refused(reason):
            warn(
                f"no comment: {reason}. For pull requests of forks and of Dependabot it only reads; else give the job "
                "`permissions: { pull-requests: write }`"
            )
        case Failed(reason):
            warn(f"no comment: {reason}")
            return 1
    return 0


def _where(arguments: Namespace) -> PullRequest | None:
    """The pull request; None for a run of none, where a summary is all that is wanted."""
    repository = arguments.repository or repository_of(os.environ)
    number = arguments.pull_request
    if number is None and arguments.repository in (None, repository_of(os.environ)):
        number = number_of(os.environ)
    if number is None:
        if arguments.summary:
            return None
        raise UsageError(
            "this is no run for one pull request; name it with `--pull-request N`, or write only the summary of the step with `--summary`"
        )
    if repository is None:
        raise UsageError(
            "GITHUB_REPOSITORY names no repository; name that of the pull request with `--repository OWNER/NAME`"
        )
    return PullRequest(repository, number)


def _document(file: str) -> str:
    """The document, with line feeds at the ends of lines.

    Raises:
        UsageError: it cannot be read, is no text, or is empty.
    """
    try:
        if file == "-" and sys.stdin is None:
            raise UsageError("standard input is closed; name a file, or write the document to standard input")
        if file == "-":
            data = sys.stdin.buffer.read(_MOST + 1)
        else:
            data = read_file(file, _MOST)
    except OSError as error:
        raise UsageError(f"cannot read {_named(file)}: {error.strerror}") from None
    if len(data) > _MOST:
        raise UsageError(
            f"{_named(file)} is larger than {_MOST >> 20} MB, which is no report for people; name another file"
        )
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise UsageError(f"{_named(file)} is not UTF-8, so it is no Markdown of ours") from None
    if not text.strip():
        raise UsageError(f"{_named(file)} is empty; did the command before it write it?")
    return text


def _named(file: str) -> str:
    return "standard input" if file == "-" else quoted(file, SHOWN)


def _summary() -> Path:
    path = os.environ.get(_SUMMARY, "")
    if not path:
        raise UsageError(
            f"`--summary` needs the file that {_SUMMARY} names, which is set in steps of GitHub Actions alone"
        )
    return Path(path)


def _append(file: Path, document: str) -> None:
    """Adds the document behind what the step has written so far, as much of it as a summary takes."""
    if file.exists() and not file.is_file():
        raise UsageError(
            f"{_SUMMARY} names {quoted(str(file), SHOWN)}, which is no regular file; set it to one, or leave `--summary` out"
        )
    try:
        with file.open("a+b") as opened:
            size = opened.seek(0, os.SEEK_END)
            begin = b""
            if size:
                opened.seek(size - 1)
                begin = b"\n" if opened.read(1) == b"\n" else b"\n\n"
            text = as_summary(document, MOST_OF_SUMMARY - size - len(begin))
            if text:
                opened.write(begin + text.encode("utf-8", "backslashreplace"))
            else:
                warn(
                    "the summary of the step has no room for the document (1 MiB for each step), so nothing is added to it"
                )
    except OSError as error:
        raise UsageError(
            f"cannot write the summary {quoted(str(file), SHOWN)} that {_SUMMARY} names: {error.strerror}"
        ) from error


def _dry(forge: Forge, where: PullRequest | None, marker: str, body: str, summary: Path | None) -> str:
    """What a run would do. Whether the comment is there is not asked."""
    lines = []
    if summary is not None:
        lines.append(f"append the document to {bounded(str(summary))}")
    if where is not None:
        lines.append(f"POST {forge.api}{path_of(where)}/comments")
        lines.append(
            f"or, where a comment of this token's account begins with {marker}, PATCH {forge.api}/repos/{where.repository}/issues/comments/ID"
        )
        lines += ["", body]
    return "\n".join(lines).rstrip("\n") + "\n"


def _key(text: str) -> str:
    if not KEY.fullmatch(text):
        raise ArgumentTypeError(
            f"{quoted(text)} is no name of a comment; use letters, digits, `.`, `_`, `/` and single `-` or spaces between them"
        )
    return text


def _repository(text: str) -> str:
    if not is_repository(text):
        raise ArgumentTypeError(f"{quoted(text)} is no repository; write OWNER/NAME")
    return text


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) > 0):
        raise ArgumentTypeError(f"{quoted(text)} is no number of a pull request")
    return int(text)
