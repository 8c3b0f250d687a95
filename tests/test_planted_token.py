"""A token that is planted in the environment comes out nowhere, whatever a server does with it.

The server sends everything that it was asked with back: in bodies, headers, redirects, names of branches, for every status.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from scanner.adapters.http import HttpClient
from scanner.cli.main import main
from tests.adapters import github_api as api
from tests.git_backend import Repository, serve
from tests.server import NOT_FOUND, Answer, Asked, Server, json_of
from tests.support import online_scan

TOKEN: Final = "ghp_planted0123456789abcdefghijklmnopqrs"
PLAIN: Final = "planted-0123456789abcdefghijklmnopqrstuv"
"""One that does not look like a token of GitHub, so that no mask of known forms can hide that it was let out."""
COMMIT: Final = "1" * 40

REPORTS: Final = ("text", "json", "sarif", "github")
VIEWS: Final = ("text", "json", "markdown")


def _echoed(asked: Asked) -> str:
    """The token, as the server can read it out of the header."""
    secret = asked.headers.get("authorization", "").partition(" ")[2]
    try:
        return b64decode(secret, validate=True).decode().rpartition(":")[2] or secret
    except ValueError:
        return secret


def _packet(line: bytes) -> bytes:
    return b"%04x" % (len(line) + 4) + line


def _status(status: int, asked: Asked) -> Answer:
    """A status with the token in everything that may be read of it."""
    token = _echoed(asked)
    body = api.repository(f"acme/{token}", license={"spdx_id": token}) | api.user(token) | api.release(token)
    body |= {"message": f"No common ancestor {token}", "status": token, "documentation_url": token}
    headers = {
        "ETag": f'"{token}"',
        "Location": f"/{token}",
        "Retry-After": token,
        "X-RateLimit-Reset": token,
        "X-GitHub-SSO": f"required; url=https://github.com/{token}",
        "WWW-Authenticate": f'Basic realm="{token}"',
    }
    return json_of(body, status)._replace(headers={"Content-Type": "application/json", **headers})


def _branches(asked: Asked) -> Answer:
    """git's protocol, version 0, with branches of that name."""
    names = (_echoed(asked), asked.headers.get("authorization", "").partition(" ")[2])
    lines = [_packet(f"{COMMIT} refs/heads/{name}\n".encode()) for name in names]
    head = _packet(f"{COMMIT} HEAD\0symref=HEAD:refs/heads/{names[0]} agent={names[0]}\n".encode())
    body = _packet(b"# service=git-upload-pack\n") + b"0000" + head + b"".join(lines) + b"0000"
    return Answer(200, body, {"Content-Type": "application/x-git-upload-pack-advertisement"})


def _refused(asked: Asked) -> Answer:
    line = _packet(f"ERR access denied for {_echoed(asked)}\n".encode())
    return Answer(200, line, {"Content-Type": "application/x-git-upload-pack-advertisement"})


def _raw(asked: Asked) -> Answer:
    token = _echoed(asked).encode()
    return Answer(raw=lambda line: line.write(b"HTTP/1.1 " + token + b"\r\n" + token + b"\r\n\r\n"))


def _elsewhere(asked: Asked) -> Answer:
    return Answer(301, b"", {"Location": f"https://{_echoed(asked)}.example.org/{_echoed(asked)}"})


ANSWERS: Final[dict[str, Callable[[Asked], Answer]]] = {
    **{
        str(status): partial(_status, status) for status in (200, 301, 304, 401, 403, 404, 422, 429, 451, 500)
    },
    "branches": _branches,
    "refused": _refused,
    "raw": _raw,
    "elsewhere": _elsewhere,
}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.adapters.http.HttpClient", partial(HttpClient, sleep=lambda _: None))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, server: Server, tmp_path: Path) -> pytest.MonkeyPatch:
    """A GitHub of one's own on the server of the test; nobody else can be reached."""
    for name in (
        "GH_TOKEN",
        "GITHUB_TOKEN",
        "GH_HOST",
        "GITHUB_ACTIONS",
        "GITHUB_ENTERPRISE_TOKEN",
        "NO_PROXY",
        "no_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITHUB_SERVER_URL", server.url)
    monkeypatch.setenv("GITHUB_API_URL", f"{server.url}/api/v3")
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return monkeypatch


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One that gives every rule that asks servers something to ask."""
    root = tmp_path / "repository"
    workflow = root / ".github" / "workflows" / "ci.yml"
    workflow.parent.mkdir(parents=True)
    steps = (f"acme/tool@{COMMIT} # v1.2.3", "acme/tool@v1", "acme/other/sub@main", f"acme/third@{'2' * 40}")
    workflow.write_text(
        "on: push\npermissions: {}\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n"
        + "".join(f"      - uses: {step}\n" for step in steps),
        "utf-8",
    )
    locked = {
        "lastModified": 1_700_000_000,
        "narHash": "sha256-0000000000000000000000000000000000000000000=",
        "rev": COMMIT,
    }
    asked = {"type": "github", "owner": "acme", "repo": "flake"}
    nodes = {
        "root": {"inputs": {"flake": "flake", "public": "public"}},
        "flake": {"locked": locked | asked | {"host": "127.0.0.1"}, "original": asked | {"host": "127.0.0.1", "ref": "main"}},
        "public": {"locked": locked | asked, "original": asked},
    }  # fmt: skip
    (root / "flake.lock").write_text(json.dumps({"nodes": nodes, "root": "root", "version": 7}), "utf-8")
    return root


def runs(repository: Path, out: Path) -> Iterator[list[str]]:
    """Every command that goes online, in every format."""
    out.mkdir(exist_ok=True)
    common = [str(repository), "--online", "--refresh", "--now", "2026-11-22"]
    strict = ["--policy", "strict"]
    for format in REPORTS:
        yield [
            "scan",
            *common,
            *strict,
            "--format",
            format,
            "--output",
            f"sarif={out / format}",
            "--fail-on",
            "none",
        ]
    for format in VIEWS:
        yield ["score", *common, *strict, "--format", format]
        yield ["inputs", *common, *strict, "--format", format]
    yield ["policy", "accept", *common, *strict]
    yield ["policy", "accept", *common, "--prune"]
    yield ["sbom", *common]


def forms(token: str) -> tuple[str, ...]:
    users = ("", "x-access-token:", "git:", "oauth2:", ":")
    return (token, *(b64encode(f"{user}{token}".encode()).decode().rstrip("=") for user in users))


def let_out(text: str, token: str) -> list[str]:
    return [form for form in forms(token) if form.lower() in text.lower()]


def everything(folder: Path) -> str:
    """Names and contents of all files below a folder, also of those that are hidden."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert files
    return "\n".join(f"{file} {file.read_bytes().decode('latin-1')}" for file in files)


@pytest.mark.parametrize(
    ("kind", "token"), [*((kind, PLAIN) for kind in ANSWERS), ("200", TOKEN), ("branches", TOKEN)]
)
def test_a_token_never_comes_out(
    kind: str,
    token: str,
    server: Server,
    environment: pytest.MonkeyPatch,
    repository: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def answer(asked: Asked) -> Answer:
        if "authorization" not in asked.headers:
            return Answer(401, b"", {"WWW-Authenticate": 'Basic realm="GitHub"'})
        return ANSWERS[kind](asked)

    server.otherwise(answer)
    environment.setenv("GH_ENTERPRISE_TOKEN", token)
    environment.setenv(
        "GITHUB_TOKEN", f"{token}-of-github"
    )  # nobody may get this one: github.com cannot be reached
    for arguments in runs(repository, tmp_path / "out"):
        assert main(arguments) in (0, 1), arguments
        said = capsys.readouterr()
        assert not let_out(said.out + said.err, token), arguments
    assert not let_out(everything(tmp_path), token)
    assert not let_out(everything(repository), token)
    sent = {asked.headers.get("authorization", "") for asked in server.asked}
    assert any(let_out(header, token) for header in sent), (
        "the token was sent to its server, so there was something to leak"
    )
    assert not any("-of-github" in _echoed(asked) for asked in server.asked)


def test_the_search_would_find_it(tmp_path: Path) -> None:
    """Proves that the test above can fail."""
    (tmp_path / "file").write_text(f"a{b64encode(f'x-access-token:{PLAIN}'.encode()).decode()}b", "utf-8")
    assert let_out(everything(tmp_path), PLAIN)
    assert let_out(f"https://x:{TOKEN.upper()}@host", TOKEN)


@pytest.mark.parametrize(
    "variable", ["GITHUB_SERVER_URL", "GITHUB_API_URL", "GH_HOST", "GH_ENTERPRISE_TOKEN"]
)
@pytest.mark.parametrize(
    "value", [f"{PLAIN} {PLAIN}", f"https://{PLAIN}@x", f"http://{PLAIN}.org", f"/{PLAIN}"]
)
def test_a_wrong_environment_is_refused(
    variable: str,
    value: str,
    environment: pytest.MonkeyPatch,
    server: Server,
    repository: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if variable == "GH_ENTERPRISE_TOKEN":
        value = f"{PLAIN} {PLAIN}"
    environment.setenv(variable, value)
    assert main(["scan", str(repository), "--online"]) == 2
    said = capsys.readouterr()
    assert variable in said.err and PLAIN not in said.err + said.out
    assert not server.asked


def test_a_run_against_a_server_that_works(
    server: Server,
    environment: pytest.MonkeyPatch,
    repository: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Real git behind the server, the API beside it: a second run asks nothing and prints the same."""
    root = tmp_path / "git"
    for name in ("tool", "other", "third"):
        made = Repository(root, f"acme/{name}.git")
        commit = made.commit("first", ref="refs/heads/main")
        made.git("tag", "v1", commit)
        about = api.repository(f"acme/{name}", archived=name == "other")
        server.on(f"/api/v3/repos/acme/{name}", json_of(about))
        server.on(f"/api/v3/repos/acme/{name}/releases/tags/v1", NOT_FOUND)
    server.on("/api/v3/users/acme", json_of(api.user("acme")))
    serve(server, root)
    workflow = repository / ".github" / "workflows" / "ci.yml"
    workflow.write_text(workflow.read_text("utf-8").replace(COMMIT, commit).replace("v1.2.3", "v1"), "utf-8")
    (repository / "flake.lock").unlink()
    environment.setenv("GH_ENTERPRISE_TOKEN", TOKEN)
    command = online_scan(repository)
    assert main(command) == 0
    first = capsys.readouterr().out
    asked = len(server.asked)
    assert main(command) == 0
    assert capsys.readouterr().out == first
    assert server.paths()[asked:] == []
    found = json.loads(first)
    rules = {one["rule"] for one in found["findings"]}
    assert {"archived-uses", "impostor-commit"} <= rules
    assert any(note.startswith("asked 127.0.0.1:") and "3 repositories" in note for note in found["notes"])
    assert main([*command, "--refresh"]) == 0
    assert capsys.readouterr().out == first
    assert len(server.asked) > asked


def test_refresh_alone_is_refused(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(repository), "--refresh"]) == 2
    assert "--online" in capsys.readouterr().err
