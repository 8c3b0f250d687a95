"""Validate policies: everything in them, with options and checks of your own. Exits with 2 when something is wrong, and names all of it."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from scanner.cli.common import add_now, clock, repository_policy
from scanner.cli.terminal import emit, warn
from scanner.model.errors import PolicyError, UsageError
from scanner.model.quoting import quoted
from scanner.policy.load import DEFAULT_PACK, FILE_NAMES, load_policies
from scanner.policy.policy import EVERY_RULE, Policy
from scanner.policy.remarks import remarks
from scanner.report.escape import bounded

_SOON = 90
"""Days before its end from which an exception is said to end."""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files",
        nargs="*",
        default=["."],
        metavar="FILE",
        help="policies, or repositories that have one (default: the repository here)",
    )
    add_now(parser, "look at exceptions as on this date (YYYY-MM-DD) instead of today")


def run(arguments: Namespace) -> int:
    now, code = clock(arguments).date(), 0
    lines: list[str] = []
    for given in arguments.files:
        try:
            lines += _lines(given, now)
        except PolicyError as error:
            code = 2
            for one in error.every:
                warn(str(one))
        except UsageError as error:
            code = 2
            warn(str(error))
    if lines:
        emit("\n".join(lines) + "\n", None)
    return code


def _lines(given: str, now: date) -> Iterator[str]:
    path = Path(given)
    if path.is_dir():
        policy = repository_policy(path, "" if path == Path() else f"{given.rstrip('/')}/")
        if policy.names == (DEFAULT_PACK,):
            names = " nor ".join(map(quoted, FILE_NAMES))
            yield bounded(f"{given}: has no policy, neither {names}, so {quoted(DEFAULT_PACK)} holds")
            return
    else:
        policy = load_policies([(path, given)], _repository(path))
    name = policy.names[-1]
    yield bounded(f"{name}: valid{_summary(policy, name, now)}")
    for one in remarks(policy, name, now):
        place = one.at.begin
        yield bounded(f"{name}:{place.line}:{place.column}: {one.message}")


def _repository(file: Path) -> Path | None:
    """The repository whose own policy a file is, which may then extend nothing outside of it."""
    for name in FILE_NAMES:
        levels = len(Path(name).parts)
        if file.absolute().parts[-levels:] == Path(name).parts:
            return file.absolute().parents[levels - 1]
    return None


def _summary(policy: Policy, name: str, now: date) -> str:
    """What a file says of its own, and what it builds on."""
    rules = {said.rule for said in policy.said if said.policy == name}
    waivers = [one for one in policy.exceptions if one.at.shown == name]
    days = sorted((one.expires - now).days for one in waivers if one.expires is not None)
    over, soon = [one for one in days if one < 0], [one for one in days if 0 <= one <= _SOON]
    when = [f"{len(over)} over"] if over else []
    if soon:
        when.append(f"{len(soon)} {'expires' if len(soon) == 1 else 'expire'} in {_days(soon)}")
    checks = sum(own.at.shown == name for own in policy.own.values())
    said = [
        "every rule changed" if EVERY_RULE in rules else _counted(len(rules), "rule", " changed"),
        _counted(len(waivers), "exception", f" ({', '.join(when)})" if when else ""),
        _counted(checks, "check"),
    ]
    extends = ", ".join(policy.names[:-1])
    own = ", ".join(one for one in said if one)
    return f"{f': {own}' if own else ''}; {f'extends {extends}' if extends else 'extends nothing'}"


def _days(several: list[int]) -> str:
    least, most = several[0], several[-1]
    days = f"{least}" if least == most else f"{least} to {most}"
    return f"{days} {'day' if days == '1' else 'days'}"


def _counted(number: int, what: str, more: str = "") -> str:
    return f"{number} {what}{'' if number == 1 else 's'}{more}" if number else ""
