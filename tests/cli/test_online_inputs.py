"""`snowfence scan --online` over a lock whose inputs a real git serves: from the command line to the finding."""

import json
import sys
from pathlib import Path
from typing import Any

from tests.git_backend import Repository, serve
from tests.server import Asked, Server, json_of, redirect
from tests.support import ROOT, clean_environment, run

HASH = "sha256-pQ7YeoB96bBl3iJGRdUWjdOFwahPUMwNN1yl9fwJufY="
RULES = {"unreachable-revision", "not-on-branch", "archived-input", "moved-repository", "re-registered-owner"}


def scan(folder: Path, server: Server) -> dict[str, Any]:
    """The report on a folder; GitHub is asked at the server, and nobody else."""
    here = f"http://{server.host}"
    environment = clean_environment(
        XDG_CACHE_HOME=str(folder.parent / "cache"),
        GITHUB_SERVER_URL=here,
        GITHUB_API_URL=f"{here}/api/v3",
        NO_PROXY="127.0.0.1",
    )
    words = ("scan", "--online", "--format", "json", "--fail-on", "none", "--policy", "strict")
    result = run([sys.executable, "-m", "scanner", *words, folder], cwd=ROOT, env=environment)
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def lock(server: Server, **inputs: tuple[str, str, str]) -> str:
    """A lock with inputs by git: the path of the repository, the branch and the commit."""
    nodes: dict[str, Any] = {"root": {"inputs": {name: name for name in inputs}}}
    for name, (path, branch, commit) in inputs.items():
        where = {"type": "git", "url": f"http://{server.host}/{path}", "ref": branch}
        locked = {**where, "rev": commit, "narHash": HASH, "lastModified": 1704164645}
        nodes[name] = {"locked": locked, "original": where}
    return json.dumps({"nodes": nodes, "root": "root", "version": 7}, indent=2)


def about(name: str, **more: Any) -> dict[str, Any]:
    """https://docs.github.com/en/rest/repos/repos#get-a-repository"""
    owner = name.partition("/")[0]
    return {
        "id": 22,
        "name": name.partition("/")[2],
        "full_name": name,
        "owner": {"login": owner, "id": 11, "type": "Organization"},
        "archived": False,
        "license": None,
        "created_at": "2019-07-23T00:00:00Z",
        **more,
    }


def test_every_story_from_the_command_line(server: Server, tmp_path: Path) -> None:
    tools = Repository(tmp_path / "served", "example/tools.git")
    first = tools.commit("first", ref="refs/heads/main")
    second = tools.commit("second", first, ref="refs/heads/main")
    feature = tools.commit("feature", first, ref="refs/heads/feature")
    fork = tools.commit("of a fork", second, ref="refs/pull/1/head")
    tools.git("tag", "-a", "v1", "-m", "annotated", first)
    serve(server, tmp_path / "served")
    # A repository that was renamed: git is led to the new name.
    git = server.answering

    def answer(asked: Asked) -> Any:
        if asked.path.startswith("/old/tools.git/"):
            return redirect(f"http://{server.host}{asked.path.replace('/old/', '/example/', 1)}")
        return git(asked) if not hasattr(git, "status") else git

    server.otherwise(answer)
    server.on("/api/v3/repos/example/tools", json_of(about("example/tools", archived=True)))
    server.on("/api/v3/repos/old/tools", json_of(about("example/tools")))
    folder = tmp_path / "scanned"
    folder.mkdir()
    (folder / "flake.lock").write_text(
        lock(
            server,
            fine=("example/tools", "main", first),
            branch=("example/tools", "main", feature),
            foreign=("example/tools", "main", fork),
            gone=("example/tools", "main", "1" * 40),
            moved=("old/tools", "main", second),
        )
    )
    report = scan(folder, server)
    found = {
        (one["subject"].rpartition("#")[2], one["rule"], one["variant"])
        for one in report["findings"]
        if one["rule"] in RULES
    }
    archived = {one for one in found if one[1] == "archived-input"}
    assert found - archived == {
        ("branch", "not-on-branch", None),
        ("foreign", "unreachable-revision", None),
        ("gone", "unreachable-revision", "gone"),
        ("moved", "moved-repository", None),
    }
    assert len(archived) == 1
    # Again, out of what was kept: the same.
    asked = len(server.asked)
    assert scan(folder, server)["findings"] == report["findings"]
    assert len(server.asked) - asked <= 2


def test_without_the_word_nobody_is_asked(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "scanned"
    folder.mkdir()
    (folder / "flake.lock").write_text(lock(server, tools=("example/tools", "main", "1" * 40)))
    words = ("scan", "--format", "json", "--fail-on", "none", "--policy", "strict")
    run([sys.executable, "-m", "scanner", *words, folder], cwd=ROOT)
    assert not server.asked
