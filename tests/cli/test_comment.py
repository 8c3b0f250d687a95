"""`snowfence comment` against a server that speaks as GitHub's API does: what is sent, to whose comment, and what is said."""

import io
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from scanner.cli.main import main
from tests.adapters.github_api import BAD_CREDENTIALS, SECONDARY, error
from tests.server import NOT_FOUND, Answer, Server, closed, invalid_json, json_of, redirect

TOKEN: Final = "planted-0123456789abcdefghijklmnopqrstuv"
ISSUE: Final = "/api/v3/repos/octo/hello/issues/7"
COMMENTS: Final = f"{ISSUE}/comments"
MINE: Final = 41898282
"""The id of the account of a token of Actions, https://api.github.com/users/github-actions%5Bbot%5D"""

MARKER: Final = "<!-- snowfence scan -->"
DOCUMENT: Final = f"{MARKER}\n## 2 findings\n"
READ_ONLY: Final = error(403, "Resource not accessible by integration")

Run = Callable[..., tuple[int, str, str]]


def comment(id: int, body: str, author: int = MINE) -> dict[str, Any]:
    """https://docs.github.com/en/rest/issues/comments#list-issue-comments"""
    return {
        "id": id,
        "html_url": f"https://github.example/octo/hello/pull/7#issuecomment-{id}",
        "body": body,
        "user": {"login": "github-actions[bot]", "id": author, "type": "Bot"},
        "created_at": "2026-11-20T10:00:00Z",
        "author_association": "CONTRIBUTOR",
    }


@pytest.fixture
def run(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs the command in the environment of a step of a runner of that server; answers with code, output and errors."""
    for name in (
        "GH_TOKEN",
        "GH_HOST",
        "GITHUB_API_URL",
        "GITHUB_STEP_SUMMARY",
        "GH_ENTERPRISE_TOKEN",
        "GITHUB_REF",
    ):
        monkeypatch.delenv(name, raising=False)
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}), "utf-8")
    for name, value in {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SERVER_URL": server.url,
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_REPOSITORY": "octo/hello",
        "GITHUB_EVENT_PATH": str(event),
    }.items():
        monkeypatch.setenv(name, value)
    server.on("/api/graphql", json_of({"data": {"viewer": {"databaseId": MINE}}}))
    server.on(COMMENTS, json_of([]))

    def ran(
        *arguments: str, document: str = DOCUMENT, env: Mapping[str, str] | None = None
    ) -> tuple[int, str, str]:
        for name, value in (env or {}).items():
            monkeypatch.setenv(name, value)
        file = tmp_path / "report.md"
        file.write_text(document, "utf-8")
        try:
            code = main(["comment", str(file), *arguments])
        except SystemExit as ended:
            assert isinstance(ended.code, int)
            code = ended.code
        said = capsys.readouterr()
        assert TOKEN not in said.out + said.err
        return code, said.out, said.err

    return ran  # fmt: skip


def comments(server: Server, *found: dict[str, Any], then: Answer | None = None) -> None:
    """The comments that are there; what is written there is answered with `then`."""
    made = then or json_of(comment(99, DOCUMENT), 201)
    server.on(COMMENTS, lambda asked: made if asked.method == "POST" else json_of(list(found)))


def sent(server: Server) -> list[tuple[str, str]]:
    return [(asked.method, asked.path) for asked in server.asked]


# ---------------------------------------------------------------- the comment of ours


def test_a_comment_is_created(run: Run, server: Server) -> None:
    comments(server, comment(1, "Nice work"))
    code, out, err = run()
    assert (code, err) == (0, "")
    assert out == "comment created: https://github.example/octo/hello/pull/7#issuecomment-99\n"
    assert sent(server) == [("GET", f"{COMMENTS}?per_page=100&page=1"), ("POST", COMMENTS)]
    listed, made = server.asked
    for asked in (listed, made):
        assert asked.headers["authorization"] == f"Bearer {TOKEN}"
        assert asked.headers["accept"] == "application/vnd.github+json"
        assert asked.headers["x-github-api-version"] == "2022-11-28"
        assert asked.headers["user-agent"].startswith("snowfence/")
    assert made.headers["content-type"] == "application/json"
    assert json.loads(made.body) == {"body": DOCUMENT}


def test_the_comment_is_updated_where_it_is(run: Run, server: Server) -> None:
    comments(server, comment(1, "Nice work"), comment(2, f"{MARKER}\r\nold"), comment(3, DOCUMENT))
    server.on("/api/v3/repos/octo/hello/issues/comments/2", json_of(comment(2, DOCUMENT)))
    code, out, _ = run()
    assert (code, out) == (0, "comment updated: https://github.example/octo/hello/pull/7#issuecomment-2\n")
    asked = server.asked[-1]
    assert (asked.method, asked.path) == ("PATCH", "/api/v3/repos/octo/hello/issues/comments/2")
    assert json.loads(asked.body) == {"body": DOCUMENT}
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    viewer = next(asked for asked in server.asked if asked.path == "/api/graphql")
    assert json.loads(viewer.body) == {"query": "query { viewer { databaseId } }"}


def test_what_is_there_already_is_not_written_again(run: Run, server: Server) -> None:
    comments(server, comment(2, DOCUMENT.replace("\n", "\r\n").rstrip()))
    code, out, _ = run()
    assert (code, out.partition(":")[0]) == (0, "comment unchanged")
    assert not [asked for asked in server.asked if asked.method == "PATCH"]


def test_a_stranger_with_our_marker_is_not_taken_for_us(run: Run, server: Server) -> None:
    comments(server, comment(2, f"{MARKER}\nAll is well, merge it", author=666))
    code, out, _ = run()
    assert (code, out.partition(":")[0]) == (0, "comment created")
    assert not [asked for asked in server.asked if asked.method == "PATCH"]


def test_a_marker_inside_a_comment_is_none(run: Run, server: Server) -> None:
    comments(server, comment(2, f"> quoted\n{DOCUMENT}"), comment(3, f"x {MARKER}"), comment(4, MARKER + "x"))
    assert run()[1].startswith("comment created")


def test_an_account_that_is_no_app_is_asked_for_by_rest(run: Run, server: Server) -> None:
    comments(server, comment(2, f"{MARKER}\nold", author=12))
    server.on("/api/graphql", NOT_FOUND)
    server.on("/api/v3/user", json_of({"id": 12, "login": "octocat"}))
    server.on("/api/v3/repos/octo/hello/issues/comments/2", json_of(comment(2, DOCUMENT)))
    assert run()[1].startswith("comment updated")


def test_nothing_is_written_while_nobody_says_whose_the_token_is(run: Run, server: Server) -> None:
    comments(server, comment(2, f"{MARKER}\nold"))
    server.on("/api/graphql", json_of({"errors": [{"message": "no"}]}))
    server.on("/api/v3/user", READ_ONLY)
    code, out, err = run()
    assert (code, out) == (1, "")
    assert "does not say whose the token in GITHUB_TOKEN is" in err
    assert not [asked for asked in server.asked if asked.method == "PATCH" or asked.path == COMMENTS]


def test_it_is_found_on_a_later_page(run: Run, server: Server) -> None:
    many = [comment(number, f"talk {number}") for number in range(100, 200)]
    server.on(f"{COMMENTS}?per_page=100&page=1", json_of(many))
    server.on(f"{COMMENTS}?per_page=100&page=2", json_of([comment(2, f"{MARKER}\nold")]))
    server.on("/api/v3/repos/octo/hello/issues/comments/2", json_of(comment(2, DOCUMENT)))
    assert run()[1].startswith("comment updated")


def test_pages_end(run: Run, server: Server) -> None:
    server.on(COMMENTS, json_of([comment(number, "talk") for number in range(100)]))
    code, _, err = run()
    assert code == 1
    assert "octo/hello#7 has more than 5,000 comments" in err
    assert len(server.asked) == 50


def test_comments_of_nobody_are_passed_over(run: Run, server: Server) -> None:
    comments(server, comment(1, DOCUMENT) | {"user": None}, {"id": 3}, comment(4, DOCUMENT) | {"body": None})
    assert run()[1].startswith("comment created")


def test_only_update(run: Run, server: Server) -> None:
    comments(server, comment(1, "Nice work"))
    code, out, _ = run("--only-update")
    assert (code, out) == (0, "there is no comment to update on octo/hello#7\n")
    assert [asked.method for asked in server.asked] == ["GET"]


@pytest.mark.parametrize(
    ("document", "key", "marker"),
    [
        (DOCUMENT, None, MARKER),
        (DOCUMENT, "nix/a b", "<!-- snowfence scan: nix/a b -->"),
        ("<!-- snowfence diff: one -->\nx", "two", "<!-- snowfence diff: two -->"),
        ("## mine", "notes", "<!-- snowfence comment: notes -->"),
        ("<!-- other -->\nx", "notes", "<!-- snowfence comment: notes -->"),
    ],
)
def test_markers(run: Run, server: Server, document: str, key: str | None, marker: str) -> None:
    comments(server, comment(1, "<!-- snowfence scan: another -->\nx"))
    code, _, _ = run(*(["--key", key] if key else []), document=document)
    assert code == 0
    body = json.loads(server.asked[-1].body)["body"]
    assert body.partition("\n")[0] == marker
    assert body.count("<!-- snowfence") == 1
    assert document.rpartition("\n")[2] in body


def test_a_document_without_marker_needs_a_key(run: Run, server: Server) -> None:
    code, _, err = run(document="## mine\n")
    assert code == 2
    assert "give it a name with `--key NAME`" in err
    assert not server.asked


@pytest.mark.parametrize("key", ["", "a-->b", "a--b", "-a", "a\nb", "<x>", "a" * 90, "é"])
def test_keys_that_could_end_the_marker(run: Run, key: str) -> None:
    assert run("--key", key)[0] == 2


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize("status", [403, 404])
def test_a_token_that_only_reads_is_a_warning(run: Run, server: Server, status: int) -> None:
    comments(server, then=error(status, "Resource not accessible by integration"))
    code, out, err = run()
    assert (code, out) == (0, "")
    assert "the token in GITHUB_TOKEN may not write comments on octo/hello#7" in err
    assert "pull-requests: write" in err


def test_a_token_that_may_not_even_read_is_one_too(run: Run, server: Server) -> None:
    server.on(COMMENTS, READ_ONLY)
    assert run()[0] == 0


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (BAD_CREDENTIALS, "refuses the token in GITHUB_TOKEN (401)"),
        (NOT_FOUND, "has no pull request octo/hello#7"),
        (SECONDARY, "secondary rate limit"),
        (error(403, "Unable to create comment because issue is locked."), "issue is locked"),
        (error(422, "Validation Failed"), "answers 422: `Validation Failed`"),
        (error(403, f"your token {TOKEN} is bad"), "refuses (403)"),
        (error(403, "\x1b[2J::error::\u202e"), "refuses (403)"),
        (json_of({"message": ["Not Found"]}, 500), "answers 500"),
        (json_of({"url": "?"}, 200), "answers 200"),
        (redirect("https://evil.example/x", 307), "evil.example"),
    ],
)
def test_other_failures_are_seen(run: Run, server: Server, answer: Answer, said: str) -> None:
    comments(server, then=answer)
    code, out, err = run()
    assert (code, out) == (1, "")
    assert said in err
    assert "\x1b" not in err and "\u202e" not in err
    assert sent(server)[1:] == [("POST", COMMENTS)]  # not sent twice, whatever went wrong


def test_a_post_without_an_answer_is_not_sent_again(run: Run, server: Server) -> None:
    comments(server, then=closed())
    code, _, err = run()
    assert code == 1
    assert "before its answer is complete" in err
    assert sent(server)[1:] == [("POST", COMMENTS)]


def test_an_answer_that_is_no_list(run: Run, server: Server) -> None:
    server.on(COMMENTS, invalid_json())
    assert run()[0] == 1
    server.on(COMMENTS, json_of({"message": "what"}))
    assert run()[0] == 1


def test_a_hostile_address_is_shown_inert(run: Run, server: Server) -> None:
    made = comment(99, DOCUMENT) | {"html_url": "x\n::error::\x1b[2J" + TOKEN}
    comments(server, then=json_of(made, 201))
    assert run()[1] == "comment created: octo/hello#7\n"
    comments(server, then=json_of(comment(99, "") | {"html_url": "x\n::error::\x1b[2J"}, 201))
    assert run()[1] == "comment created: x\\n::error::\\x1b[2J\n"


def test_without_a_token(run: Run, server: Server) -> None:
    code, _, err = run(env={"GITHUB_TOKEN": ""})
    assert code == 2
    assert "there is no token" in err and "GH_ENTERPRISE_TOKEN" in err
    assert not server.asked


# ---------------------------------------------------------------- which pull request


@pytest.mark.parametrize(
    ("event", "ref", "number"),
    [
        ({"pull_request": {"number": 7}}, "refs/heads/main", 7),
        ({"issue": {"number": 8, "pull_request": {"url": "x"}}}, "refs/heads/main", 8),
        ({"issue": {"number": 8}}, "refs/heads/main", None),
        ({"workflow_run": {"pull_requests": []}}, "refs/heads/main", None),
        ({"repository": {"id": 1}, "workflow_run": {"pull_requests": [{"number": 9, "base": {"repo": {"id": 1}}}]}}, "", 9),
        ({"repository": {"id": 1}, "workflow_run": {"pull_requests": [{"number": 9, "base": {"repo": {"id": 2}}}]}}, "", None),
        (
            {"repository": {"id": 1}, "workflow_run": {"pull_requests": [{"number": one, "base": {"repo": {"id": 1}}} for one in (1, 2)]}},
            "",
            None,
        ),
        ({}, "refs/pull/12/merge", 12),
        ([], "refs/pull/12/head", 12),
        *(({"pull_request": {"number": wrong}}, "", None) for wrong in (True, -1, 0, 10**4000, 1.5, "7")),
        *(({"issue": {"number": wrong, "pull_request": {}}}, "", None) for wrong in (True, -1, 0, 10**10)),
        ({"repository": {"id": True}, "workflow_run": {"pull_requests": [{"number": 9, "base": {"repo": {"id": 1}}}]}}, "", None),
        ({"repository": {"id": 1}, "workflow_run": {"pull_requests": [{"number": True, "base": {"repo": {"id": 1}}}]}}, "", None),
        ({}, "refs/pull/0/merge", None),
        (None, "refs/heads/refs/pull/12/merge", None),
    ],
)  # fmt: skip
def test_the_pull_request_of_a_run(
    run: Run, server: Server, tmp_path: Path, event: object, ref: str, number: int | None
) -> None:
    (tmp_path / "event.json").write_text(json.dumps(event), "utf-8")
    code, out, err = run("--dry-run", env={"GITHUB_REF": ref})
    if number is None:
        assert (code, out) == (2, "")
        assert "--pull-request N" in err
    else:
        assert f"POST {server.url}/api/v3/repos/octo/hello/issues/{number}/comments" in out
    assert not server.asked


def test_it_can_be_named(run: Run, server: Server) -> None:
    code, out, _ = run("--repository", "other/one", "--pull-request", "3", "--dry-run")
    assert code == 0
    assert f"{server.url}/api/v3/repos/other/one/issues/3/comments" in out
    assert out.endswith(DOCUMENT)
    # the number of the run is not that of another repository
    assert run("--repository", "other/one", "--dry-run")[0] == 2


@pytest.mark.parametrize("name", ["one", "a/b/c", "../x", "a/..", "a/b?c", "a/b\n", ""])
def test_no_repository(run: Run, name: str) -> None:
    assert run("--repository", name)[0] == 2


@pytest.mark.parametrize("number", ["0", "-1", "x", "1/comments", "²", "99999999999"])
def test_no_number(run: Run, number: str) -> None:
    assert run(f"--pull-request={number}")[0] == 2


# ---------------------------------------------------------------- the summary


def test_the_summary_is_appended_to(run: Run, server: Server, tmp_path: Path) -> None:
    comments(server)
    summary = tmp_path / "summary.md"
    summary.write_text("earlier", "utf-8")
    assert run("--summary", env={"GITHUB_STEP_SUMMARY": str(summary)})[0] == 0
    assert summary.read_text("utf-8") == f"earlier\n\n{DOCUMENT}"
    assert run("--summary")[0] == 0
    assert summary.read_text("utf-8") == f"earlier\n\n{DOCUMENT}\n{DOCUMENT}"


def test_the_summary_is_written_whatever_becomes_of_the_comment(
    run: Run, server: Server, tmp_path: Path
) -> None:
    comments(server, then=READ_ONLY)
    summary = tmp_path / "summary.md"
    assert run("--summary", env={"GITHUB_STEP_SUMMARY": str(summary)})[0] == 0
    assert summary.read_text("utf-8") == DOCUMENT


def test_a_run_of_no_pull_request_has_its_summary(run: Run, server: Server, tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text("{}", "utf-8")
    summary = tmp_path / "summary.md"
    code, _, err = run("--summary", env={"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_TOKEN": ""})
    assert (code, err) == (0, "")
    assert summary.read_text("utf-8") == DOCUMENT
    assert not server.asked


def test_a_summary_needs_its_file(run: Run, server: Server, tmp_path: Path) -> None:
    code, _, err = run("--summary")
    assert code == 2
    assert "GITHUB_STEP_SUMMARY" in err
    assert run("--summary", env={"GITHUB_STEP_SUMMARY": str(tmp_path / "no" / "folder")})[0] == 2
    assert not server.asked


def test_a_summary_takes_a_mebibyte(run: Run, server: Server, tmp_path: Path) -> None:
    comments(server)
    summary = tmp_path / "summary.md"
    summary.write_bytes(b"x" * 1_000_000 + b"\n")
    document = DOCUMENT + "a line of it\n" * 10_000
    assert run("--summary", document=document, env={"GITHUB_STEP_SUMMARY": str(summary)})[0] == 0
    assert 1_048_500 < summary.stat().st_size <= 1 << 20
    assert "… cut here, since 1 MiB for each step are all" in summary.read_text("utf-8")
    body = json.loads(server.asked[-1].body)["body"]
    assert 65_000 < len(body) <= 65_536
    assert "… cut here, since 65,536 characters are all" in body
    code, _, err = run("--summary", document=document)
    assert code == 0
    assert "has no room for the document" in err


def test_a_summary_of_nothing_but_its_marker_is_none(run: Run, server: Server, tmp_path: Path) -> None:
    comments(server)
    summary = tmp_path / "summary.md"
    document = f"{DOCUMENT.splitlines()[0]}\n{'x' * (1 << 20)}\n"
    code, _, err = run("--summary", document=document, env={"GITHUB_STEP_SUMMARY": str(summary)})
    assert code == 0
    assert "has no room for the document" in err
    assert summary.read_bytes() == b""


def test_a_summary_is_a_regular_file(run: Run, server: Server, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    code, _, err = run("--summary", env={"GITHUB_STEP_SUMMARY": str(tmp_path / "pipe")})
    assert code == 2
    assert "which is no regular file" in err
    assert not server.asked


# ---------------------------------------------------------------- the document


def test_a_document_on_standard_input(
    run: Run, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    comments(server)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + DOCUMENT.encode())))
    assert main(["comment", "-"]) == 0
    assert json.loads(server.asked[-1].body) == {"body": DOCUMENT}
    capsys.readouterr()


@pytest.mark.parametrize(
    ("data", "said"), [(b"", "is empty"), (b" \n\n", "is empty"), (b"\xff\xfe", "not UTF-8"), (b"x" * (8 << 20) + b"y", "larger")]
)  # fmt: skip
def test_no_document(
    run: Run, tmp_path: Path, data: bytes, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "other.md"
    file.write_bytes(data)
    assert main(["comment", str(file), "--key", "x"]) == 2
    assert said in capsys.readouterr().err
    assert main(["comment", str(tmp_path)]) == 2
    assert main(["comment", str(tmp_path / "none.md")]) == 2
    assert "cannot read" in capsys.readouterr().err


def test_a_dry_run_asks_nothing(run: Run, server: Server, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    code, out, _ = run("--dry-run", "--summary", env={"GITHUB_STEP_SUMMARY": str(summary)})
    assert code == 0
    assert out.startswith(f"append the document to {summary}\nPOST ")
    assert not server.asked and not summary.exists()
