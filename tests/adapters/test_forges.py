"""Which GitHub and which token the environment means."""

import pytest

from scanner.adapters.forges import Forge, forges_of
from scanner.model.errors import UsageError

PUBLIC = "https://api.github.com"
TOKEN = "planted-0123456789abcdefghijklmnopqrstuv"
OTHER = "another-0123456789abcdefghijklmnopqrstuv"
SERVER = {
    "GITHUB_SERVER_URL": "https://git.example.org",
    "GITHUB_API_URL": "https://git.example.org/api/v3",
}


@pytest.mark.parametrize(
    ("environment", "home", "public"),
    [
        ({}, Forge("github.com", PUBLIC), None),
        (
            {"GITHUB_TOKEN": OTHER, "GH_TOKEN": TOKEN},
            Forge("github.com", PUBLIC, TOKEN, "GH_TOKEN"),
            None,
        ),
        (
            {"GH_TOKEN": " ", "GITHUB_TOKEN": f"{TOKEN}\n"},
            Forge("github.com", PUBLIC, TOKEN, "GITHUB_TOKEN"),
            None,
        ),
        (
            {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_API_URL": PUBLIC, "GITHUB_TOKEN": TOKEN},
            Forge("github.com", PUBLIC, TOKEN, "GITHUB_TOKEN"),
            None,
        ),
        (
            SERVER | {"GH_TOKEN": TOKEN, "GH_ENTERPRISE_TOKEN": OTHER},
            Forge("git.example.org", "https://git.example.org/api/v3", OTHER, "GH_ENTERPRISE_TOKEN"),
            Forge("github.com", PUBLIC, TOKEN, "GH_TOKEN"),
        ),
        (
            {"GH_HOST": "Git.Example.org:8443", "GITHUB_TOKEN": TOKEN},
            Forge("git.example.org:8443", "https://git.example.org:8443/api/v3"),
            Forge("github.com", PUBLIC, TOKEN, "GITHUB_TOKEN"),
        ),
        (  # on a runner of the server its token is in GITHUB_TOKEN, and goes nowhere else
            SERVER | {"GITHUB_ACTIONS": "true", "GITHUB_TOKEN": TOKEN, "GH_TOKEN": TOKEN},
            Forge("git.example.org", "https://git.example.org/api/v3", TOKEN, "GITHUB_TOKEN"),
            Forge("github.com", PUBLIC),
        ),
        (
            SERVER | {"GITHUB_ACTIONS": "true", "GITHUB_TOKEN": TOKEN, "GH_TOKEN": OTHER},
            Forge("git.example.org", "https://git.example.org/api/v3", TOKEN, "GITHUB_TOKEN"),
            Forge("github.com", PUBLIC, OTHER, "GH_TOKEN"),
        ),
        (
            {"GH_HOST": "tenant.ghe.com", "GH_TOKEN": TOKEN},
            Forge("tenant.ghe.com", "https://api.tenant.ghe.com", TOKEN, "GH_TOKEN"),
            Forge("github.com", PUBLIC),
        ),
        (  # GH_HOST is the user's word, the others are the runner's
            {"GH_HOST": "github.com", "GITHUB_TOKEN": TOKEN} | SERVER,
            Forge("github.com", PUBLIC, TOKEN, "GITHUB_TOKEN"),
            None,
        ),
        (
            {"GITHUB_API_URL": "http://127.0.0.1:8080/api/v3"},
            Forge("127.0.0.1:8080", "http://127.0.0.1:8080/api/v3"),
            Forge("github.com", PUBLIC),
        ),
    ],
)
def test_what_is_meant(environment: dict[str, str], home: Forge, public: Forge | None) -> None:
    found = forges_of(environment)
    assert tuple(found.home) == tuple(home)
    assert tuple(found.public) == tuple(public or home)
    assert len(found.all) == (1 if public is None else 2)


@pytest.mark.parametrize(
    "environment",
    [
        {"GITHUB_SERVER_URL": "http://git.example.org"},
        {"GITHUB_SERVER_URL": TOKEN},
        {"GITHUB_SERVER_URL": f"https://user:{TOKEN}@git.example.org"},
        {"GITHUB_SERVER_URL": f"https://git.example.org/{TOKEN}"},
        {"GITHUB_SERVER_URL": f"https://git.example.org?t={TOKEN}"},
        {"GITHUB_API_URL": f"file:///{TOKEN}"},
        {"GITHUB_API_URL": f"https://[{TOKEN}"},
        {"GH_HOST": f"{TOKEN}:x"},
        {"GH_HOST": "-x"},
        {"GH_HOST": f"a/{TOKEN}"},
        {"GITHUB_SERVER_URL": "https://git.example.org", "GITHUB_API_URL": "https://evil.example.org/api/v3"},
        {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_API_URL": "https://evil.example.org"},
        {"GITHUB_TOKEN": f"{TOKEN}\nX-Header: 1"},
        {"GH_TOKEN": f"{TOKEN} {TOKEN}"},
        {"GH_TOKEN": f"{TOKEN}ü"},
    ],
)
def test_what_cannot_be_meant_is_refused_without_showing_it(environment: dict[str, str]) -> None:
    with pytest.raises(UsageError) as refused:
        forges_of(environment)
    assert TOKEN not in str(refused.value)
    assert any(name in str(refused.value) for name in environment)


def test_a_forge_does_not_show_its_token() -> None:
    assert TOKEN not in repr(forges_of({"GITHUB_TOKEN": TOKEN}))


@pytest.mark.parametrize(
    ("host", "variable"),
    [
        ("github.com", "GITHUB_TOKEN"),
        ("acme.ghe.com", "GITHUB_TOKEN"),
        ("git.example.org", "GH_ENTERPRISE_TOKEN"),
    ],
)
def test_the_variable_that_is_advised_is_the_one_that_is_read(host: str, variable: str) -> None:
    environment = {"GH_HOST": host}
    assert forges_of(environment).home.expects == variable
    assert forges_of({**environment, variable: "token-of-ours"}).home.token == "token-of-ours"
