"""Which GitHub is asked, where its API is and which token is its own, as the environment says it.

The variables are those of the `gh` command (https://cli.github.com/manual/gh_help_environment) and of GitHub's runners
(https://docs.github.com/en/actions/reference/workflows-and-actions/variables).
"""

from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from scanner.adapters.loopback import LOOPBACK, host_of
from scanner.model.errors import UsageError
from scanner.model.online import GITHUB

_HOST: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_")
_PATH: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_/")
_CLOUD: Final = ".ghe.com"
"""Of GitHub Enterprise Cloud with data residency: the API of NAME.ghe.com is api.NAME.ghe.com."""
_LONG_TOKEN: Final = 4096

_OF_GITHUB: Final = ("GH_TOKEN", "GITHUB_TOKEN")
_OF_SERVER: Final = ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")


class Forge(NamedTuple):
    """A GitHub: its `host` as it stands in `Remote`, its `api` without a slash at the end, its `token`, empty where there is none, and
    the variable that holds it."""

    host: str
    api: str
    token: str = ""
    variable: str = ""

    @property
    def expects(self) -> str:
        """The variable in which its token is, or belongs."""
        if self.variable:
            return self.variable
        return "GITHUB_TOKEN" if self.host == GITHUB or self.host.endswith(_CLOUD) else "GH_ENTERPRISE_TOKEN"

    def __repr__(self) -> str:
        """Without the token: what is shown of values ends in logs."""
        return f"Forge({self.host!r}, {self.api!r}, {self.variable or 'no token'})"


class Forges(NamedTuple):
    """The GitHub on which `uses:` finds actions, and github.com, when that is another one."""

    home: Forge
    public: Forge

    @property
    def all(self) -> tuple[Forge, ...]:
        return (self.home,) if self.home.host == self.public.host else (self.home, self.public)


def forges_of(environment: Mapping[str, str]) -> Forges:
    """What the environment says. Raises UsageError for what cannot be meant so, without showing any value: it may be a token."""
    server = _Address.of(environment, "GITHUB_SERVER_URL")
    api = _Address.of(environment, "GITHUB_API_URL")
    named = environment.get("GH_HOST", "").strip()
    if named:
        place = _Address.read("GH_HOST", named if "://" in named else f"https://{named}")
        if "://" not in named and place.name in LOOPBACK:
            place = place._replace(scheme="http")
        if server is not None and server.place == place.place:
            place = server
    else:
        place = server or (_server_of(api) if api is not None else _PUBLIC)
    where = _api_of(place)
    if api is not None and place.place == (server or _server_of(api)).place:
        if api.place not in (place.place, f"api.{place.place}"):
            raise UsageError(
                "GITHUB_API_URL and GITHUB_SERVER_URL name different servers, and a token for one must not go to the other; "
                "make them name the same one or unset both"
            )
        where = str(api)
    if place.place == GITHUB:
        home = Forge(GITHUB, where, *_token(environment, _OF_GITHUB))
        return Forges(home, home)
    if place.name.endswith(_CLOUD):
        home = Forge(place.place, where, *_token(environment, _OF_GITHUB))
        return Forges(home, Forge(GITHUB, _api_of(_PUBLIC)))
    runs_there = (
        environment.get("GITHUB_ACTIONS") == "true" and server is not None and server.place == place.place
    )
    # On a runner of a server, `secrets.GITHUB_TOKEN` is a token of that server.
    own = (*_OF_SERVER, "GITHUB_TOKEN") if runs_there else _OF_SERVER
    home = Forge(place.place, where, *_token(environment, own))
    token, variable = _token(environment, ("GH_TOKEN",) if runs_there else _OF_GITHUB)
    if token == home.token:
        token = variable = ""
    return Forges(home, Forge(GITHUB, _api_of(_PUBLIC), token, variable))


class _Address(NamedTuple):
    """`place` is the host in lower case, with a port unless it is that of https."""

    scheme: str
    place: str
    path: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.place}{self.path}"

    @property
    def name(self) -> str:
        return host_of(self.place)

    @classmethod
    def of(cls, environment: Mapping[str, str], variable: str) -> "_Address | None":
        value = environment.get(variable, "").strip()
        return cls.read(variable, value) if value else None

    @classmethod
    def read(cls, variable: str, value: str) -> "_Address":
        example = "github.example.org" if variable == "GH_HOST" else "https://github.example.org"
        wrong = UsageError(f"{variable} does not name a server; write it like `{example}`, or unset it")
        try:
            parts = urlsplit(value)
            port = parts.port
        except ValueError:
            raise wrong from None
        place = parts.netloc.lower()
        name = host_of(place)
        plain = name and _HOST.issuperset(name) and not name.startswith((".", "-")) and ".." not in name
        if not plain and name not in LOOPBACK:
            raise wrong
        if place not in (name, f"{name}:{port}") or parts.query or parts.fragment:
            raise wrong
        if not _PATH.issuperset(parts.path) or (variable != "GITHUB_API_URL" and parts.path.strip("/")):
            raise wrong
        if parts.scheme != "https" and not (parts.scheme == "http" and name in LOOPBACK):
            raise UsageError(
                f"{variable} names a server without https, where anybody could read what is asked"
            )
        if parts.scheme == "https" and port == 443:
            place = name
        return cls(parts.scheme, place, parts.path.rstrip("/"))


_PUBLIC: Final = _Address("https", GITHUB, "")


def _api_of(server: _Address) -> str:
    if server.place == GITHUB or server.name.endswith(_CLOUD):
        return f"https://api.{server.place}"
    return f"{server.scheme}://{server.place}/api/v3"


def _server_of(api: _Address) -> _Address:
    host = api.place.removeprefix("api.")
    public = host == GITHUB or host.endswith(_CLOUD)
    return _Address(api.scheme, host if public else api.place, "")


def _token(environment: Mapping[str, str], variables: tuple[str, ...]) -> tuple[str, str]:
    """The first token that is set, and by what."""
    for variable in variables:
        token = environment.get(variable, "").strip()
        if not token:
            continue
        if not token.isascii() or not token.isprintable() or " " in token or len(token) > _LONG_TOKEN:
            raise UsageError(f"{variable} holds what cannot be a token; set it anew, or unset it")
        return token, variable
    return "", ""
