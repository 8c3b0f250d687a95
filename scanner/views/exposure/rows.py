"""The rows of the table, the worst first, and what the writers say of them in the same words."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from scanner.analysis.outsiders.openings import badness
from scanner.analysis.outsiders.privilege import Exposure
from scanner.analysis.taint.exposed import Arrival, Entrance, ExposedJob, Standing, exposed_jobs, only_calls
from scanner.analysis.workflows.conditions import live_jobs
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode
from scanner.knowledge.tables import Knowledge
from scanner.model.counting import counted
from scanner.model.source import Span
from scanner.results import Report

_WORST_FIRST: Final[tuple[Standing, ...]] = ("open", "held", "possible", "machine", "checked", "empty")
SAID: Final[dict[Standing, str]] = {
    "open": "outsiders start it, and what they send runs where there is something to lose",
    "held": "outsiders start it, and there is something to lose; nothing of theirs is seen to run",
    "possible": "there is something to lose, and only others know who starts it",
    "machine": "a fork's pull request runs on a machine of your own, where what it leaves may stay",
    "checked": "checks stand before what there is to lose",
    "empty": "outsiders start it, and there is nothing to lose that they do not have",
}
"""What the words of the first column mean."""

FORK, RIGHTS, UNSURE, WEAK, CHECKED = "(fork)", "(rights)", "?", "(weak)", "(checked)"
_WORDS: Final = {
    FORK: "with what a fork has: a token that reads, no secrets",
    RIGHTS: "people with rights decide when it runs, a label for example",
    UNSURE: "nothing here tells whether outsiders are behind it",
    WEAK: "does not help against what that event brings",
    CHECKED: "checks stand before it",
}
_THEIRS: Final = ("of theirs", "what outsiders bring in, and where it runs or becomes part of code")

_NAMES: Final = 3
_MANY: Final = 5


class Answer(NamedTuple):
    """All that a format shows. `rows` are jobs with something to say of them; `empty` jobs have only a fork's rights or none, and
    no outsider starts the `unreached`."""

    rows: tuple[ExposedJob, ...]
    empty: tuple[JobNode, ...]
    unreached: int
    report: Report


def answer(graph: Graph, knowledge: Knowledge, report: Report) -> Answer:
    jobs = list(exposed_jobs(graph, knowledge))
    rows = sorted((one for one in jobs if one.standing != "empty"), key=_rank)
    empty = tuple(one.job for one in jobs if one.standing == "empty")
    working = sum(1 for job in live_jobs(graph) if not only_calls(graph, job))
    return Answer(tuple(rows), empty, working - len(jobs), report)


def _rank(row: ExposedJob) -> tuple[object, ...]:
    worst = badness(row.entrances[0].way)
    return (
        _WORST_FIRST.index(row.standing),
        *(-int(part) for part in worst),
        row.job.path,
        row.job.place().start,
    )


def line(at: Span, row: ExposedJob) -> str:
    """`:12` in the file of the job, `other.yml:12` elsewhere."""
    path = at.source.path
    parts = (
        path.split("/")[-2:] if path.endswith(("/action.yml", "/action.yaml")) else [path.rpartition("/")[2]]
    )
    name = "" if path == row.job.path else "/".join(parts)
    return f"{name}:{at.begin.line}"


def started(entrance: Entrance, row: ExposedJob) -> list[str]:
    """`:3 issue_comment`, `:2 pull_request (fork)`; through calls `issues` and, on a line of its own, `entry.yml:2, 1 call`."""
    way = entrance.way
    fork = f" {FORK}" if not way.privileged else f" {RIGHTS}" if way.insiders else ""
    name = way.event + (UNSURE if not way.known else "") + fork
    at = line(way.trigger, row)
    after = [f"  after {listed(list(way.after))}"] if way.after else []
    if not way.via:
        return [f"{at} {name}", *after]
    return [name, f"  {at}, {counted(len(way.via), 'call')}", *after]


def checked(entrance: Entrance, row: ExposedJob) -> list[str]:
    """`none`, `:7 actor`, `:7 label (weak)`; a line for each."""
    if not entrance.checks:
        return ["none"]
    weak = "" if entrance.closed else f" {WEAK}"
    more = len(entrance.checks) - _NAMES
    return [
        *(f"{line(one.at, row)} {' or '.join(one.kinds)}{weak}" for one in entrance.checks[:_NAMES]),
        *([f"and {more} more"] if more > 0 else ()),
    ]


def held(row: ExposedJob) -> list[str]:
    """What there is to lose in the worst run, a line for each."""
    way = next((one.way for one in row.entrances if one.way.holds_something), row.entrances[0].way)
    return list(holdings(way))


def holdings(way: Exposure) -> Iterable[str]:
    if way.token.default:
        yield "token: the default"
    rights = [scope for scope in way.token.writes if scope != "id-token"]
    if len(rights) > _MANY:
        yield f"writes {len(rights)} scopes"
    else:
        yield from (f"writes {scope}" for scope in rights)
    if way.identity:
        yield "identity (OIDC)"
    if way.all_secrets:
        yield "every secret"
    yield from (f"secret {name}" for name in way.own_secrets)
    if way.self_hosted:
        yield "a machine of yours"
    if way.cache == "writes" and way.privileged:
        yield "writes the cache"
    if way.environment is not None:
        yield f"environment {way.environment}"


def listed(names: list[str]) -> str:
    more = len(names) - _NAMES
    return ", ".join(names[:_NAMES]) + (f" +{more}" if more > 0 else "")


def arrived(arrival: Arrival, row: ExposedJob) -> str:
    """`:14 runs make`, `:9 issue.title in code`, `:9 issue.title in code (checked)`."""
    where = line(arrival.at, row)
    behind = f" {CHECKED}" if arrival.guarded else ""
    if arrival.kind == "code":
        return f"{where} {'runs ' if arrival.runs else ''}{arrival.what}{behind}"
    name = arrival.what.removeprefix("github.").removeprefix("event.")
    return f"{where} {name}{' in code' if arrival.runs else ''}{behind}"


class Sum(NamedTuple):
    """A sentence about jobs that have no row, with the names of some."""

    sentence: str
    names: tuple[str, ...]
    more: int


def summed(answer: Answer) -> list[Sum]:
    """The jobs that have no row."""
    lines = []
    if answer.empty:
        names = tuple(f"{one.path.rpartition('/')[2]}#{one.label}" for one in answer.empty[:_NAMES])
        many = len(answer.empty) != 1
        jobs = counted(len(answer.empty), "job")
        lines.append(
            Sum(
                f"{jobs} that outsiders start {'have' if many else 'has'} nothing to lose that they do not have",
                names,
                len(answer.empty) - len(names),
            )
        )
    if answer.unreached:
        jobs = counted(answer.unreached, "job")
        is_out = "are" if answer.unreached != 1 else "is"
        lines.append(Sum(f"{jobs} {is_out} out of the reach of outsiders", (), 0))
    return lines


def used(rows: Iterable[ExposedJob]) -> list[Standing]:
    """The words of the first column that occur, the worst first."""
    found = {row.standing for row in rows}
    return [one for one in _WORST_FIRST if one in found]


def legend(rows: Iterable[ExposedJob]) -> list[tuple[str, str]]:
    """The words that occur beside those of the first column, with what they mean."""
    rows = tuple(rows)
    ways = [one.way for row in rows for one in row.entrances]
    occurs = {
        FORK: any(not way.privileged for way in ways),
        RIGHTS: any(way.privileged and way.insiders for way in ways),
        UNSURE: any(not way.known for way in ways),
        WEAK: any(one.checks and not one.closed for row in rows for one in row.entrances),
        CHECKED: any(one.guarded for row in rows for one in row.arrivals),
    }
    found = [(word, meaning) for word, meaning in _WORDS.items() if occurs[word]]
    theirs = [_THEIRS] if any(row.arrivals for row in rows) else []
    return [*found, *theirs]
