"""Answers in the shape of GitHub's REST API, and the errors that it gives.

https://docs.github.com/en/rest/repos/repos#get-a-repository
https://docs.github.com/en/rest/users/users#get-a-user
https://docs.github.com/en/rest/releases/releases#get-a-release-by-tag-name
https://docs.github.com/en/rest/commits/commits#compare-two-commits
https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
"""

from typing import Any

from tests.server import Answer, json_of

DOCS = "https://docs.github.com/rest"


def repository(name: str = "octocat/Hello-World", **more: Any) -> dict[str, Any]:
    """Parts of the answer to GET /repos/{owner}/{repo} with fields that nobody reads between those that are."""
    login = name.partition("/")[0]
    return {
        "id": 1296269,
        "node_id": "MDEwOlJlcG9zaXRvcnkxMjk2MjY5",
        "name": name.partition("/")[2],
        "full_name": name,
        "owner": {"login": login, "id": 583231, "node_id": "MDQ6VXNlcjE=", "type": "User", "site_admin": False},
        "private": False,
        "html_url": f"https://github.com/{name}",
        "description": "This your first repo!",
        "fork": False,
        "topics": ["octocat", "atom"],
        "archived": False,
        "disabled": False,
        "visibility": "public",
        "pushed_at": "2011-01-26T19:06:43Z",
        "created_at": "2011-01-26T19:01:12Z",
        "updated_at": "2011-01-26T19:14:43Z",
        "license": {"key": "mit", "name": "MIT License", "spdx_id": "MIT", "url": "https://api.github.com/licenses/mit"},
        "subscribers_count": 42,
    } | more  # fmt: skip


def user(login: str = "octocat", **more: Any) -> dict[str, Any]:
    return {
        "login": login,
        "id": 583231,
        "node_id": "MDQ6VXNlcjE=",
        "type": "User",
        "site_admin": False,
        "public_repos": 2,
        "created_at": "2008-01-14T04:33:35Z",
        "updated_at": "2008-01-14T04:33:35Z",
    } | more


def release(tag: str = "v1.0.0", **more: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "tag_name": tag,
        "target_commitish": "main",
        "name": tag,
        "draft": False,
        "prerelease": False,
        "immutable": False,
        "created_at": "2013-02-27T19:35:32Z",
        "published_at": "2013-02-27T19:35:32Z",
        "assets": [],
    } | more


def comparison(status: str) -> dict[str, Any]:
    return {
        "status": status,
        "ahead_by": 4 if status in ("ahead", "diverged") else 0,
        "behind_by": 4 if status in ("behind", "diverged") else 0,
        "total_commits": 1,
        "commits": [],
        "files": [],
    }


def error(status: int, message: str, **headers: str) -> Answer:
    return json_of({"message": message, "documentation_url": DOCS, "status": str(status)}, status, **headers)


BAD_CREDENTIALS = error(401, "Bad credentials")
SINGLE_SIGN_ON = error(
    403,
    "Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization.",
    x_github_sso="required; url=https://github.com/orgs/octocat/sso?authorization_request=AZSC",
)
IP_ALLOW_LIST = error(
    403,
    "Although you appear to have the correct authorization credentials, the `octocat` organization has an IP allow list enabled, "
    "and your IP address is not permitted to access this resource.",
)
SECONDARY = error(
    403, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)
BLOCKED = Answer(
    451,
    b'{"message": "Repository access blocked", "block": {"reason": "dmca", "created_at": "2020-01-01T00:00:00Z"}}',
    {"Content-Type": "application/json"},
)
