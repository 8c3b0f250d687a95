"""What calls of GitHub's API take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.permissions.api_permissions import ALL, client_uses, gh_use, path_use, request


@pytest.mark.parametrize(
    ("command", "needs"),
    [
        ("pr merge --auto 1", {"pull-requests": "write", "contents": "write"}),
        ("issue comment 1 -b x", {"issues": "write"}),
        ("release upload v1 a", {"contents": "write"}),
        ("release download v1", {"contents": "read"}),
        ("run rerun 1", {"actions": "write"}),
        ("workflow run x.yml", {"actions": "write"}),
        ("cache delete x", {"actions": "write"}),
        ("search issues x", {}),
        ("--version", {}),
        ("api repos/$GITHUB_REPOSITORY/pulls/1", {"pull-requests": "read"}),
        ("api /repos/{owner}/{repo}/releases -f tag_name=x", {"contents": "write"}),
        ("api --method PATCH repos/o/r/pulls/1", {"pull-requests": "write"}),
        ("api -X PUT repos/o/r/pulls/1/merge", {"pull-requests": "write", "contents": "write"}),
        ("api -XDELETE repos/o/r/git/refs/heads/x", {"contents": "write"}),
        ("api repos/${{ github.repository }}/statuses/1 -f state=success", {"statuses": "write"}),
        ("api repos/o/r/actions/runs?per_page=1", {"actions": "read"}),
        ("api repos/o/r", {}),
    ],
)
def test_commands_of_gh(command: str, needs: dict[str, str]) -> None:
    words = command.replace("${{ github.repository }}", "${{_github.repository_}}").split()
    use = gh_use([word.replace("_", " ") if "{{" in word else word for word in words])
    assert use.needs == needs
    assert ALL not in use.may


@pytest.mark.parametrize(
    "command",
    [
        "api graphql -f query=x",
        "api -X $METHOD repos/o/r/pulls",
        "api $URL",
        "api -X PUT repos/o/r/branches/main/protection",
        "secret set X",
        "pr unheard-of",
        "extension install x",
        "auth token",
    ],
)
def test_commands_of_which_nothing_is_known(command: str) -> None:
    assert ALL in gh_use(command.split()).may


def test_comments_are_issues_or_pull_requests() -> None:
    use = gh_use("api repos/o/r/issues/1/comments -f body=x".split())
    assert (use.needs, set(use.may)) == ({}, {"issues", "pull-requests"})


def needs_of_script(script: str) -> tuple[dict[str, str], set[str]]:
    needs: dict[str, str] = {}
    may: set[str] = set()
    for use in client_uses(script):
        needs |= use.needs
        may |= set(use.may)
    return needs, may


@pytest.mark.parametrize(
    ("script", "needs", "may"),
    [
        ("await github.rest.issues.createComment({})", {}, {"issues", "pull-requests"}),
        ("github.issues.listComments()", {"issues": "read"}, {"pull-requests"}),
        ("github.rest.pulls.merge({})", {"pull-requests": "write", "contents": "write"}, set()),
        ("github.rest.repos.createRelease({})", {"contents": "write"}, set()),
        ("github.rest.repos.createCommitStatus({})", {"statuses": "write"}, set()),
        ("github.paginate(github.rest.actions.listJobs)", {"actions": "read"}, set()),
        ("core.info('see https://github.com/a/b')", {}, set()),
        ("github.rest.repos.updateBranchProtection({})", {}, {ALL}),
        ("github.graphql(query)", {}, {ALL}),
        ("github.request('GET /x')", {}, {ALL}),
        ("github.paginate('GET /repos/{owner}/{repo}/issues')", {}, {ALL}),
        ("github.paginate.iterator('GET /x')", {}, {ALL}),
        ("github.paginate.iterator(github.rest.pulls.list)", {"pull-requests": "read"}, set()),
        ("require('./x.js')({github, context})", {}, {ALL}),
        ("github.rest.teams.create({})", {}, {ALL}),
    ],
)
def test_calls_of_octokit(script: str, needs: dict[str, str], may: set[str]) -> None:
    assert needs_of_script(script) == (needs, may)


@given(
    st.lists(
        st.text(max_size=20) | st.sampled_from(["api", "-X", "repos/", "repos/o/r/pulls", "--method=", "pr"]),
        max_size=6,
    )
)
def test_any_words_have_an_answer(words: list[str]) -> None:
    for program in ("gh", "curl", "wget"):
        method, places = request(program, words)
        assert set(places) <= {*words, *(word.partition("=")[2] for word in words)}
    for use in (gh_use(words), path_use("".join(places[:1]), method)):
        assert set(use.needs.values()) <= {"read", "write"}


@pytest.mark.parametrize(
    ("command", "method"),
    [
        ("gh -f a=b x", "POST"),
        ("gh -Fa=b x", "POST"),
        ("gh -iXDELETE x", "DELETE"),
        ("gh --method=GET -f a=b x", "GET"),
        ("gh -H a/b x", "GET"),
        ("curl -fsSL x", "GET"),
        ("curl -fsSLd a x", "POST"),
        ("curl -F a=b x", "POST"),
        ("curl -H -d x", "GET"),
        ("curl -sX PATCH -d a x", "PATCH"),
        ("curl -Gd a x", "GET"),
        ("curl -sI x", "HEAD"),
        ("curl -T a x", "PUT"),
        ("curl -K a x", ""),
        ("wget -d -F x", "GET"),
        ("wget --post-data=a x", "POST"),
        ("wget --method=DELETE x", "DELETE"),
    ],
)
def test_each_program_has_its_own_options(command: str, method: str) -> None:
    program, *words = command.split()
    assert request(program, words) == (method, ["x"])
