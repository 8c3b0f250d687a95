"""What a flake reference names: its URL's parts, the repository behind it, and how to show it."""

from functools import lru_cache
from typing import Final, NamedTuple

from scanner.model.commit import commits_in
from scanner.parse.nix.hashes import plain_rev
from scanner.parse.nix.hosts import FLAKEHUB, HOSTS, NIXOS, one_host
from scanner.parse.nix.lock import LockedInput
from scanner.parse.nix.reference import Reference
from scanner.parse.nix.urls import of_archive, plain_owner, resolved_path

_NIXPKGS_FLAKES: Final = frozenset(
    (("nixos", "nixpkgs"), ("determinatesystems", "nixpkgs"), ("determinatesystems", "nixpkgs-weekly"))
)


_PORTS: Final = {"https": ":443", "http": ":80", "ssh": ":22", "git": ":9418", "ftp": ":21"}


class Url(NamedTuple):
    """Parts of a URL: `scheme` without a `git+` or `tarball+` in front, both names in lower case. `path` is
    what a client asks for: without query, and with `..` resolved. `port` (with its colon) is empty for the scheme's own."""

    scheme: str
    host: str
    path: str
    port: str = ""

    @property
    def server(self) -> str:
        """The host with the port; by its usual name where a forge has several, some of them for a port."""
        usual = one_host(self.host)
        return usual if usual != self.host else self.host + self.port


def url_of(text: str) -> Url:
    """The parts of a URL as Nix takes one; an scp-like `git@host:path` counts as ssh."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, separator, rest = text.partition(":")
        if not separator:
            return Url("", "", text)
        if "@" in scheme or "." in scheme:
            return Url("ssh", scheme.rpartition("@")[2].lower(), rest)
        return Url(scheme.rpartition("+")[2].lower(), "", _plain(rest))
    scheme = scheme.rpartition("+")[2].lower()
    size = next((at for at, char in enumerate(rest) if char in "/?#"), len(rest))
    authority = rest[:size].rpartition("@")[2].lower()
    bracket = authority.rfind("]")
    colon = authority.find(":", bracket + 1)
    host, port = (authority, "") if colon < 0 else (authority[:colon], authority[colon:])
    host = host.removesuffix(".")
    return Url(scheme, host, _plain(rest[size:]), "" if port in (":", _PORTS.get(scheme)) else port)


def _plain(path: str) -> str:
    return resolved_path(path.partition("#")[0].partition("?")[0])


class Repository(NamedTuple):
    """Where sources are kept, in lower case: two references to one repository are equal."""

    host: str
    path: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def is_nixpkgs(self) -> bool:
        return self.name == "nixpkgs"

    def __str__(self) -> str:
        return f"{self.host}/{self.path}"


NIXPKGS: Final = Repository("github.com", "nixos/nixpkgs")


def repository_of(reference: Reference) -> Repository | None:
    """The repository of a reference; None for a path, for a name of the registry and for what says too little."""
    return _repository(reference.type, reference.owner, reference.repo, reference.host, reference.url)


@lru_cache(maxsize=1 << 16)  # every rule asks this of every input
def _repository(
    type: str, owner: str | None, repo: str | None, host: str | None, url: str | None
) -> Repository | None:
    forge = HOSTS.get(type)
    if forge is not None:
        if owner is None or repo is None:
            return None
        return Repository((host or forge).lower(), f"{plain_owner(owner)}/{repo}".lower())
    if url is None:
        return None
    place = url_of(url)
    if type in ("git", "hg"):
        return Repository(place.server, place.path.strip("/").lower().removesuffix(".git"))
    if type in ("tarball", "file"):
        return _of_archive(place)
    return None


def _of_archive(url: Url) -> Repository | None:
    """The repository that a tarball is made from; the tarball itself counts as one where its URL does not tell."""
    path = url.path.strip("/").lower()
    parts = path.split("/")
    if url.port:
        return Repository(url.server, path)
    if url.host in NIXOS:
        # Nix itself is released there as well.
        first = parts[1] if parts[0] == "channels" and len(parts) > 1 else parts[0]
        if first.partition("-")[0] in ("nixos", "nixpkgs"):
            return NIXPKGS
    if url.host in FLAKEHUB and parts[0] == "f":
        names = parts[2:4] if parts[1:2] == ["pinned"] else parts[1:3]
        # FlakeHub's names are those of GitHub, except that it has nixpkgs under a second one.
        if len(names) == 2:
            return NIXPKGS if tuple(names) in _NIXPKGS_FLAKES else Repository("github.com", "/".join(names))
    known = of_archive(f"https://{url.host}/{path}")
    if known is not None:
        reference = Reference(known)
        return _repository(reference.type, reference.owner, reference.repo, reference.host, None)
    if parts[:3] == ["api", "v1", "repos"] and len(parts) > 6 and parts[5] == "archive":  # Gitea, Forgejo
        return Repository(url.host, "/".join(parts[3:5]))
    if len(parts) > 3 and parts[2] == "archive":
        return Repository(url.host, "/".join(parts[:2]))
    return Repository(url.server, path)


def is_nixpkgs(node: LockedInput) -> bool:
    """Whether an input is nixpkgs: by its repository, whoever owns it, or by its name in the registry."""
    if node.original.type == "indirect":
        return node.original.text("id") == "nixpkgs"
    return any(
        repository is not None and repository.is_nixpkgs
        for repository in (repository_of(node.original), repository_of(node.locked))
    )


def revision_of(reference: Reference) -> str | None:
    """What tells one state of a repository from another: the commit, also where only the URL holds it, else the
    hash of the content."""
    if reference.rev is not None:
        return plain_rev(reference.rev)
    if reference.url is not None:
        commit = next(commits_in(reference.url), None)
        if commit is not None:
            return commit
    return reference.nar_hash
