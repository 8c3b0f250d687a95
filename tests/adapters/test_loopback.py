"""This machine by its names: everybody who looks at addresses means the same by it."""

import pytest

from scanner.adapters.forges import forges_of
from scanner.adapters.git_server import GitServer
from scanner.adapters.http import HttpClient
from scanner.adapters.loopback import host_of, is_loopback
from scanner.model.errors import UsageError
from scanner.model.online import NotKnown, Remote
from scanner.model.ports import NoResponse, Request

HERE = ["127.0.0.1:9", "localhost:9", "[::1]:9"]
ELSEWHERE = [
    "127.0.0.1.example.org",
    "localhost.example.org:9",
    "::1",
    "[::2]:9",
    "127.0.0.2",
    "example.org:9",
]


def no_https(url: str) -> bool:
    """Whether the client refuses an address since it is without https."""
    answer = HttpClient(attempts=1, connect=0.1).send(Request(url))
    return isinstance(answer, NoResponse) and answer.reason.startswith("the address")


@pytest.mark.parametrize("place", HERE)
def test_this_machine_is_asked_without_https(place: str) -> None:
    assert is_loopback(place) and is_loopback(host_of(place))
    assert forges_of({"GH_HOST": place}).home.api == f"http://{place}/api/v3"
    assert not no_https(f"http://{place}/")
    answer = GitServer(HttpClient(attempts=1, connect=0.1), hosts=(place,)).refs(Remote(place, "a"))
    assert isinstance(answer, NotKnown) and "reached" in answer.reason


@pytest.mark.parametrize("place", ELSEWHERE)
def test_nobody_else_is(place: str) -> None:
    assert not is_loopback(place)
    assert no_https(f"http://{place}/")
    with pytest.raises(UsageError):
        forges_of({"GITHUB_SERVER_URL": f"http://{place}"})
