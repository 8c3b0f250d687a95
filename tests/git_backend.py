"""Real git as a server: `git http-backend` behind the server of the tests."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.server import Answer, Asked, Server
from tests.support import git_environment, run

DAY: Final = "2024-01-02T03:04:05Z"


class Repository:
    """A bare repository below `root`, made by git itself."""

    def __init__(self, root: Path, path: str) -> None:
        self.folder = root / path
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        run(["git", "init", "--quiet", "--bare", "--initial-branch=main", self.folder], env=git_environment())

    def git(self, *arguments: str, date: str = DAY) -> str:
        environment = git_environment(GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date)
        return run(["git", "-C", self.folder, *arguments], env=environment).stdout.strip()

    def commit(self, message: str, *parents: str, date: str = DAY, ref: str | None = None) -> str:
        """Makes a commit of an empty tree; with a `ref` that leads to it."""
        tree = self.git("hash-object", "-t", "tree", "-w", "--stdin")
        above = (part for parent in parents for part in ("-p", parent))
        id = self.git("commit-tree", tree, *above, "-m", message, date=date)
        if ref is not None:
            self.git("update-ref", ref, id)
        return id


def serve(server: Server, root: Path, version: int | None = None) -> None:
    """Answers every path by git, from the repositories below `root`; `version` is the protocol's, instead of the one that is asked for."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("there is no git to ask")

    def answer(asked: Asked) -> Answer:
        path, _, query = asked.path.partition("?")
        variables = {
            "GIT_PROJECT_ROOT": str(root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": asked.method,
            "CONTENT_TYPE": asked.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(asked.body)),
            "GIT_PROTOCOL": asked.headers.get("git-protocol", "")
            if version is None
            else f"version={version}",
            "REMOTE_ADDR": "127.0.0.1",
        }
        made = subprocess.run(
            [git, "http-backend"],
            input=asked.body,
            capture_output=True,
            check=False,
            env=git_environment(**variables),
        )
        head, _, body = made.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
        status = int(headers.pop("Status", "200").split()[0])
        return Answer(status, body, headers)

    server.otherwise(answer)
