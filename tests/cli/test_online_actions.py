"""`snowfence scan --online` over workflows whose actions a real git serves: from the command line to the finding."""

import json
import sys
from pathlib import Path
from typing import Any

from tests.git_backend import Repository, serve
from tests.server import Server, json_of
from tests.support import NOW, ROOT, clean_environment, run

RULES = {
    "archived-uses",
    "impostor-commit",
    "missing-version-comment",
    "moved-tag",
    "ref-confusion",
    "ref-version-mismatch",
    "stale-action-pin",
    "stale-action-refs",
    "unpinned-uses",
}


def scan(folder: Path, server: Server) -> dict[str, Any]:
    """The report on a folder; GitHub is asked at the server, and nobody else."""
    here = f"http://{server.host}"
    environment = clean_environment(
        XDG_CACHE_HOME=str(folder.parent / "cache"),
        GITHUB_SERVER_URL=here,
        GITHUB_API_URL=f"{here}/api/v3",
        NO_PROXY="127.0.0.1",
    )
    words = ("scan", "--online", "--format", "json", "--fail-on", "none", "--policy", "strict", "--now", NOW)
    result = run([sys.executable, "-m", "scanner", *words, folder], cwd=ROOT, env=environment)
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def test_every_story_from_the_command_line(server: Server, tmp_path: Path) -> None:
    action = Repository(tmp_path / "served", "example/act.git")
    first = action.commit("1.0.0", date="2023-01-02T00:00:00Z", ref="refs/heads/main")
    between = action.commit("between", first, date="2023-02-02T00:00:00Z", ref="refs/heads/main")
    second = action.commit("1.1.0", between, date="2024-01-02T00:00:00Z", ref="refs/heads/main")
    third = action.commit("2.0.0", second, date="2024-06-02T00:00:00Z", ref="refs/heads/main")
    fork = action.commit("of a fork", third, date="2024-07-02T00:00:00Z", ref="refs/pull/1/head")
    for name, commit in (("v1.0.0", first), ("v1.1.0", second), ("v1", second)):
        action.git("tag", name, commit)
    action.git("tag", "-a", "v2.0.0", "-m", "annotated", third)
    annotated = action.git("rev-parse", "v2.0.0")
    action.git("update-ref", "refs/heads/v1", first)
    serve(server, tmp_path / "served")
    # https://docs.github.com/en/rest/repos/repos#get-a-repository
    owner = {"login": "example", "id": 11, "type": "Organization"}
    server.on(
        "/api/v3/repos/example/act",
        json_of(
            {
                "id": 22,
                "full_name": "example/act",
                "owner": owner,
                "archived": True,
                "license": None,
                "created_at": "2019-07-23T00:00:00Z",
            }
        ),
    )
    # https://docs.github.com/en/rest/releases/releases#get-a-release-by-tag-name
    server.on(
        "/api/v3/repos/example/act/releases/tags/v2.0.0",
        json_of({"id": 1, "tag_name": "v2.0.0", "draft": False, "immutable": True}),
    )
    uses = (
        f"{fork} # v2.0.0",
        f"{'1' * 40} # v2.0.0",
        f"{third} # v2.0.0",
        f"{annotated} # v2.0.0",
        f"{first} # v1.1.0",
        str(second),
        f"{between} # main",
        "v1",
        "v2.0.0",
    )
    folder = tmp_path / "scanned" / ".github" / "workflows"
    folder.mkdir(parents=True)
    lines = "".join(f"      - uses: example/act@{one}\n" for one in uses)
    (folder / "ci.yml").write_text(f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{lines}")
    report = scan(folder.parent.parent, server)
    found = {
        (uses[one["start"]["line"] - 6].partition(" ")[0], one["rule"], one["variant"])
        for one in report["findings"]
        if one["rule"] in RULES
    }
    archived = {one for one in found if one[1] == "archived-uses"}
    assert len(archived) == len(uses)
    assert found - archived == {
        (fork, "impostor-commit", None),
        ("1" * 40, "impostor-commit", "gone"),
        (first, "ref-version-mismatch", None),
        (first, "stale-action-pin", None),
        (second, "missing-version-comment", None),
        (between, "ref-version-mismatch", "branch"),
        (between, "stale-action-refs", None),
        ("v1", "ref-confusion", None),
        ("v1", "unpinned-uses", None),
    }
    assert not [one for one in report["unknowns"] if one["rule"] in RULES]
    (mismatch,) = (one for one in report["findings"] if one["start"]["line"] == 10 and "ref-v" in one["rule"])
    assert "is `v1.0.0`, and `v1.1.0` leads to" in mismatch["message"]
    # Again, out of what was kept: the same.
    asked = len(server.asked)
    assert scan(folder.parent.parent, server)["findings"] == report["findings"]
    assert len(server.asked) - asked <= 2
