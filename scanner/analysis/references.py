"""What a flake reference names: its URL's parts, the repository behind it, and how to show it."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from scanner.parse.nix.lock import LockedInput
from scanner.parse.nix.reference import Reference, is_commit

_FORGES: Final = {"github": "github.com", "gitlab": "gitlab.com", "sourcehut": "git.sr.ht"}
_NIXPKGS_FLAKES: Final = frozenset(
    (("nixos", "nixpkgs"), ("determinatesystems", "nixpkgs"), ("determinatesystems", "nixpkgs-weekly"))
)
_NIXOS_HOSTS: Final = frozenset(("channels.nixos.org", "releases.nixos.org", "nixos.org"))
_SAME_HOST: Final = {
    "www.github.com": "github.com",
    "ssh.github.com": "github.com",
    "codeload.github.com": "github.com",
    "api.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
}

_BREAKS: Final = re.compile(r"[-/.=&]|%2b")


class Url(NamedTuple):
    """Parts of a URL: `scheme` without a `git+` or `tarball+` in front, both names in lower case."""

    scheme: str
    host: str
    path: str


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
    authority, slash, path = rest.partition("/")
    host = authority.rpartition("@")[2].lower()
    if host.startswith("["):
        host = host.partition("]")[0] + "]"
    else:
        host = host.partition(":")[0]
    return Url(scheme.rpartition("+")[2].lower(), host, _plain(slash + path))


def _plain(path: str) -> str:
    return path.partition("?")[0].partition("#")[0]


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
    forge = _FORGES.get(type)
    if forge is not None:
        if owner is None or repo is None:
            return None
        owner = owner.replace("%2F", "/").replace("%2f", "/")
        return Repository((host or forge).lower(), f"{owner}/{repo}".lower())
    if url is None:
        return None
    if type in ("git", "hg"):
        place = url_of(url)
        path = place.path.strip("/").lower().removesuffix(".git")
        return Repository(_SAME_HOST.get(place.host, place.host), path)
    if type in ("tarball", "file"):
        return _of_archive(url_of(url))
    return None


def _of_archive(url: Url) -> Repository | None:
    """The repository that a tarball is made from; the tarball itself counts as one where its URL does not tell."""
    parts = url.path.strip("/").lower().split("/")
    host = _SAME_HOST.get(url.host, url.host)
    if host in _NIXOS_HOSTS:
        # Nix itself is released there as well.
        first = parts[1] if parts[0] == "channels" and len(parts) > 1 else parts[0]
        if first.partition("-")[0] in ("nixos", "nixpkgs"):
            return NIXPKGS
    if host in ("flakehub.com", "api.flakehub.com") and parts[0] == "f":
        names = parts[2:4] if parts[1:2] == ["pinned"] else parts[1:3]
        # FlakeHub's names are those of GitHub, except that it has nixpkgs under a second one.
        if len(names) == 2:
            return NIXPKGS if tuple(names) in _NIXPKGS_FLAKES else Repository("github.com", "/".join(names))
    if host == "github.com" and len(parts) > 3:
        if parts[0] == "repos" and parts[3] in ("tarball", "zipball"):  # api.github.com
            return Repository(host, "/".join(parts[1:3]))
        if parts[2] in ("archive", "tarball", "zipball", "tar.gz", "zip", "legacy.tar.gz", "legacy.zip"):
            return Repository(host, "/".join(parts[:2]))
    if parts[:3] == ["api", "v1", "repos"] and len(parts) > 6 and parts[5] == "archive":  # Gitea, Forgejo
        return Repository(host, "/".join(parts[3:5]))
    if parts[:3] == ["api", "v4", "projects"] and len(parts) > 4 and "%2f" in parts[3]:  # GitLab
        return Repository(host, parts[3].replace("%2f", "/"))
    if "-" in parts and parts[parts.index("-") + 1 :][:1] == ["archive"]:  # GitLab, whose groups have groups
        return Repository(host, "/".join(parts[: parts.index("-")]))
    if len(parts) > 3 and parts[2] == "archive":
        return Repository(host, "/".join(parts[:2]))
    return Repository(host, url.path.strip("/").lower())


def is_nixpkgs(node: LockedInput) -> bool:
    """Whether an input is nixpkgs: by its repository, whoever owns it, or by its name in the registry."""
    if node.original.type == "indirect":
        return node.original.text("id") == "nixpkgs"
    return any(
        repository is not None and repository.is_nixpkgs
        for repository in (repository_of(node.original), repository_of(node.locked))
    )


def is_pinned(original: Reference) -> bool:
    """Whether flake.nix asks for one state, so that an update changes nothing: a commit, a tag, a URL of one file; or
    whether a pin is frozen."""
    if original.rev is not None or original.attributes.get("frozen") is True:
        return True
    if original.attributes.get("mutable") is True:
        return False
    if original.ref is not None:
        tag = original.ref.removeprefix("refs/tags/")
        return tag != original.ref or tag.removeprefix("v")[:1].isdigit()
    if original.type in ("tarball", "file"):
        url = original.url or ""
        return "%3D" in url if "flakehub.com/" in url else "channels.nixos.org/" not in url
    return False


def revision_of(reference: Reference) -> str | None:
    """What tells one state of a repository from another: the commit, also where only the URL holds it, else the
    hash of the content."""
    if reference.rev is not None:
        return reference.rev.lower()
    if reference.url is not None:
        for part in _BREAKS.split(reference.url.lower()):
            if is_commit(part):
                return part
    return reference.nar_hash
