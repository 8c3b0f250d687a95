"""The time that all asking of a run takes together."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from scanner.adapters.answers import Answers
from scanner.adapters.asking_time import TimedHttp
from scanner.adapters.forges import Forge, Forges
from scanner.adapters.servers import Servers
from scanner.model.online import NotKnown, NotThere, Question, Remote
from scanner.model.ports import NoResponse, Request, Response

WHY: Final = "after 5 minutes of asking the rest was left; run it again to go on from there"


class Slow:
    """Servers that have nothing, and take a while to say so."""

    def __init__(self, seconds: float) -> None:
        self.now = 0.0
        self.asked: list[str] = []
        self.seconds = seconds

    def clock(self) -> float:
        return self.now

    def send(self, request: Request) -> Response | NoResponse:
        self.asked.append(request.url)
        self.now += self.seconds
        return Response(404, request.url, {}, b"{}")


def test_what_is_left_when_the_time_is_spent_is_not_asked() -> None:
    slow = Slow(12)
    http = TimedHttp(slow, 300, slow.clock)
    answers = [http.send(Request(f"https://github.com/{number}")) for number in range(40)]
    assert len(slow.asked) == 25
    assert answers[25:] == [NoResponse(WHY)] * 15


def test_only_the_time_of_asking_is_counted() -> None:
    slow = Slow(1)
    http = TimedHttp(slow, 300, slow.clock)
    for _ in range(250):
        http.send(Request("https://github.com/a"))
        slow.now += 60  # of reading files
    assert len(slow.asked) == 250


def test_questions_at_once_count_as_one() -> None:
    slow = Slow(10)
    inner: list[Response | NoResponse] = []

    class Nested(Slow):
        def send(self, request: Request) -> Response | NoResponse:
            if len(self.asked) < 5:
                self.asked.append(request.url)
                inner.append(http.send(request))
                return inner[-1]
            return super().send(request)

    slow = Nested(10)
    http = TimedHttp(slow, 20, slow.clock)
    http.send(Request("https://github.com/a"))
    assert isinstance(http.send(Request("https://github.com/a")), Response)
    assert isinstance(http.send(Request("https://github.com/a")), NoResponse)


@pytest.mark.parametrize(("seconds", "shown"), [(60, "1 minute"), (90, "90 s"), (0, "0 s"), (0.5, "0.5 s")])
def test_the_time_is_said(seconds: float, shown: str) -> None:
    slow = Slow(1000)
    http = TimedHttp(slow, seconds, slow.clock)
    http.send(Request("https://github.com/a"))
    answer = http.send(Request("https://github.com/a"))
    assert isinstance(answer, NoResponse) and answer.reason.startswith(f"after {shown} of asking")


def test_a_run_ends_and_says_what_was_left(tmp_path: Path) -> None:
    """Forty repositories and 12 s for each answer: five minutes, and not as long as it takes."""
    slow = Slow(12)
    home = Forge("github.com", "https://api.github.com")
    now = datetime.now(UTC)
    answers = Answers(tmp_path / "answers", lambda: now)
    servers = Servers(slow, Forges(home, home), answers, lambda: now, clock=slow.clock)
    remotes = [Remote("github.com", f"o{number:02}/a") for number in range(40)]
    told = [servers.refs(one) for one in remotes]
    assert len(slow.asked) == 25
    assert all(isinstance(one, NotThere) for one in told[:25])
    assert told[25:] == [NotKnown(WHY)] * 15
    servers.prepare(Question("about", one) for one in remotes)
    assert servers.about(remotes[0]) == NotKnown(WHY)
    assert len(slow.asked) == 25
    assert servers.remarks() == (f"asked github.com about 40 repositories; 55 answers are missing: {WHY}",)
