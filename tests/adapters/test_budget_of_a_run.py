"""What a scan costs of the 60 requests an hour that GitHub's API gives to who has no token, through the command line."""

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from scanner.adapters.http import HttpClient
from scanner.cli.main import main
from tests.adapters import github_api as api
from tests.git_backend import Repository, serve
from tests.server import NOT_FOUND, Answer, Asked, Server, json_of, rate_limited, slow
from tests.support import online_scan

ACTIONS: Final = 50
BUDGET: Final = 60
API: Final = "/api/v3"


class Metered:
    """An API with a budget, and git beside it, on one server."""

    def __init__(self, server: Server, root: Path) -> None:
        self.server = server
        self.left = BUDGET
        self.reset = int(time.time()) + 3000
        made = Repository(root, "owner-00/action.git")
        self.commit = made.commit("first", ref="refs/heads/main")
        made.git("tag", "v1.2.3", self.commit)
        made.commit("second", self.commit, ref="refs/heads/main")
        for number in range(1, ACTIONS):
            (root / f"owner-{number:02}").mkdir()
            (root / f"owner-{number:02}/action.git").symlink_to(made.folder)
        serve(server, root)
        git = server.answering
        assert not isinstance(git, Answer)
        server.otherwise(lambda asked: self.api(asked) if asked.path.startswith(API) else git(asked))

    def api(self, asked: Asked) -> Answer:
        if self.left == 0:
            return rate_limited(self.reset)
        self.left -= 1
        budget = {
            "X-RateLimit-Limit": BUDGET,
            "X-RateLimit-Remaining": self.left,
            "X-RateLimit-Reset": self.reset,
        }
        answer = self.answer(asked.path.removeprefix(API))
        return answer._replace(
            headers={**answer.headers, **{name: str(value) for name, value in budget.items()}}
        )

    def answer(self, path: str) -> Answer:
        match path.split("/")[1:]:
            case ["repos", owner, name]:
                return json_of(api.repository(f"{owner}/{name}"))
            case ["users", owner]:
                return json_of(api.user(owner))
            case ["repos", _, _, "releases", "tags", tag]:
                return json_of(api.release(tag))
        return NOT_FOUND

    def asked_of_api(self) -> list[str]:
        return [path for path in self.server.paths() if path.startswith(API)]


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, server: Server) -> Server:
    """The server of the test as the GitHub of a run without a token; nobody else can be reached."""
    for name in ("GH_TOKEN", "GITHUB_TOKEN", "GH_HOST", "GITHUB_ACTIONS", "GH_ENTERPRISE_TOKEN",
                 "GITHUB_ENTERPRISE_TOKEN", "NO_PROXY", "no_proxy"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITHUB_SERVER_URL", server.url)
    monkeypatch.setenv("GITHUB_API_URL", f"{server.url}{API}")
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.setattr(
        "scanner.adapters.http.HttpClient", partial(HttpClient, sleep=lambda _: None, read=30)
    )
    return server


def with_actions(root: Path, pin: str) -> Path:
    workflow = root / ".github" / "workflows" / "ci.yml"
    workflow.parent.mkdir(parents=True)
    steps = "".join(f"      - uses: owner-{number:02}/action@{pin}\n" for number in range(ACTIONS))
    workflow.write_text(
        f"on: push\npermissions: {{}}\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n{steps}",
        "utf-8",
    )
    return root


@pytest.fixture
def scan(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., str]:
    """A scan by the default policy, which keeps answers in a folder of this name."""

    def run(repository: Path, cache: str) -> str:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / cache))
        command = online_scan(repository)
        assert main(command) == 0
        return capsys.readouterr().out

    return run


def remark(report: str) -> str:
    """What a report says of the asking."""
    found: dict[str, Any] = json.loads(report)
    [note] = [note for note in found["notes"] if note.startswith("asked ")]
    return str(note)


@pytest.mark.parametrize("pin", ["{tag}", "{commit} # {tag}"], ids=["tags", "commits"])
def test_fifty_actions_and_sixty_requests(
    pin: str, home: Server, scan: Callable[..., str], tmp_path: Path
) -> None:
    world = Metered(home, tmp_path / "git")
    repository = with_actions(tmp_path / "repository", pin.format(tag="v1.2.3", commit=world.commit))
    first = scan(repository, "one")
    asked = world.asked_of_api()
    assert len(asked) <= BUDGET
    assert len([path for path in asked if path.count("/") == 5]) == ACTIONS, "of each, whether it is archived"
    said = remark(first)
    assert said.startswith(f"asked {home.host} about {ACTIONS} repositories")
    assert ("missing: the budget of 60 requests an hour" in said) == (len(asked) == BUDGET)

    before = len(home.asked)
    assert scan(repository, "one") == first
    assert home.paths()[before:] == [], "a later run knows that the budget is spent"

    world.left = BUDGET
    assert scan(repository, "another") == first, "whatever thread is quicker, the same answers are missing"


def test_a_server_that_never_answers_is_asked_once(
    home: Server, scan: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git and the API of one server: it is silent to both."""
    home.otherwise(slow())
    monkeypatch.setattr(
        "scanner.adapters.http.HttpClient", partial(HttpClient, sleep=lambda _: None, read=0.3)
    )
    report = scan(with_actions(tmp_path / "repository", "v1.2.3"), "one")
    assert len(home.asked) == 1
    assert remark(report).endswith(f"are missing: `{home.host}` does not answer within 0.3 s")
