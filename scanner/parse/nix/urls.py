"""Where the sources of an input can be seen and downloaded, as URLs that may be published.

A lock can hold credentials in its URLs: they are left out. Nor may a hostile text make the document invalid: what is
no URL of a host gives none.
"""

from string import ascii_letters, digits
from typing import Final

from scanner.model.commit import HEX, is_commit
from scanner.parse.nix.hosts import HOSTS
from scanner.parse.nix.reference import Attribute, Reference

_SCHEMES: Final = frozenset(("https", "http", "ssh", "git", "ftp", "hg"))
_HOST: Final = frozenset(f"{ascii_letters}{digits}.-_")
_SECRET_WORDS: Final = (
    "token",
    "secret",
    "password",
    "signature",
    "credential",
    "apikey",
    "api_key",
    "api-key",
    "auth",
)
_PLAIN: Final = frozenset(f"{ascii_letters}{digits}-._~/?=&:@!$*+,;%")


def public(url: str) -> str | None:
    """A URL without credentials and percent-encoded (RFC 3986), None when it has no host or an unknown scheme."""
    scheme, separator, rest = url.partition("://")
    # `git+https` fetches by https, `tarball+https` as well.
    transport = scheme.rpartition("+")[2].lower()
    size = next((at for at, char in enumerate(rest) if char in "/?#"), len(rest))
    user, _, authority = rest[:size].rpartition("@")
    host, colon, port = authority.partition(":")
    if not separator or transport not in _SCHEMES or not host or not _HOST.issuperset(host):
        return None
    if colon and not (port.isascii() and port.isdecimal()):
        return None
    kept = "git@" if transport == "ssh" and user == "git" else ""
    return f"{transport}://{kept}{authority}{encoded(_without_secrets(rest[size:].partition('#')[0]))}"


def _without_secrets(path: str) -> str:
    """A path and query without the parameters that are credentials, such as `private_token`."""
    path, _, query = path.partition("?")
    kept = [part for part in query.split("&") if part and not _is_secret(part.partition("=")[0].lower())]
    return f"{path}?{'&'.join(kept)}" if kept else path


def _is_secret(name: str) -> bool:
    return any(word in name for word in _SECRET_WORDS)


def encoded(text: str) -> str:
    """Everything percent-encoded that a path or a query cannot hold."""
    octets = text.encode("utf-8", "surrogatepass")
    found = "".join([chr(octet) if chr(octet) in _PLAIN else f"%{octet:02X}" for octet in octets])
    if "%" not in found:
        return found
    head, *parts = found.split("%")
    return head + "".join(
        [f"%{part}" if len(part) > 1 and HEX.issuperset(part[:2]) else f"%25{part}" for part in parts]
    )


def host_of(reference: Reference) -> str | None:
    """The host of a forge's reference, None when it is no host."""
    host = (reference.host or HOSTS.get(reference.type, "")).lower()
    return host if host and _HOST.issuperset(host) else None


def owner_of(reference: Reference) -> str | None:
    """The owner; on GitLab, of a group in a group, with its slashes (Nix writes `group%2Fsubgroup`). None for what can be no
    owner: a whole URL may hold a password."""
    owner = reference.owner
    return plain_owner(owner) if owner is not None and ":" not in owner and "@" not in owner else None


def resolved_path(path: str) -> str:
    """A path with its `.` and `..` resolved, also where they are percent-encoded, as clients send it (RFC 3986, 5.2.4)."""
    if "/." not in path and "/%2" not in path:
        return path
    kept: list[str] = []
    for part in path.split("/"):
        match part.replace("%2e", ".").replace("%2E", "."):
            case ".":
                continue
            case "..":
                if len(kept) > 1:
                    kept.pop()
            case _:
                kept.append(part)
    return "/".join(kept)


def plain_owner(owner: str) -> str:
    return owner.replace("%2F", "/").replace("%2f", "/")


def repository_url(reference: Reference) -> str | None:
    """Where the repository of a reference is."""
    match reference.type:
        case "github" | "gitlab" | "sourcehut":
            host, owner, repo = host_of(reference), owner_of(reference), reference.repo
            if host is None or owner is None or repo is None:
                return None
            return public(f"https://{host}/{encoded(owner)}/{encoded(repo)}")
        case "git" | "hg":
            url = public(reference.url or "")
            return url.partition("?")[0] if url is not None else None
    return None


def commit_url(reference: Reference) -> str | None:
    """The page of the commit that is locked, where the server is one that has such pages."""
    rev, repository = reference.rev, repository_url(reference)
    if rev is None or repository is None or not is_commit(rev):
        return None
    match reference.type:
        case "github" | "sourcehut":
            return f"{repository}/commit/{rev}"
        case "gitlab":
            return f"{repository}/-/commit/{rev}"
        case "git" if repository.startswith(f"https://{HOSTS['github']}/"):
            return f"{repository.removesuffix('.git')}/commit/{rev}"
    return None


def archive_url(reference: Reference) -> str | None:
    """Where Nix downloads what is locked (the fetchers' `getDownloadUrl`); None when it clones or copies."""
    if reference.type in ("tarball", "file", "pypi") or (
        reference.type in HOSTS and reference.url is not None
    ):
        return public(reference.url or "")  # locks of other tools keep the URL of a forge's archive
    host, owner, repo, rev = host_of(reference), owner_of(reference), reference.repo, reference.rev
    if host is None or owner is None or repo is None or rev is None or not is_commit(rev):
        return None
    name = f"{encoded(owner)}/{encoded(repo)}"
    match reference.type:
        case "github" if host == HOSTS["github"]:
            return public(f"https://{host}/{name}/archive/{rev}.tar.gz")
        case "github":
            return public(f"https://{host}/api/v3/repos/{name}/tarball/{rev}")
        case "gitlab":
            project = encoded(f"{owner}/{repo}").replace("/", "%2F")
            return public(f"https://{host}/api/v4/projects/{project}/repository/archive.tar.gz?sha={rev}")
        case "sourcehut":
            return public(f"https://{host}/{name}/archive/{rev}.tar.gz")
    return None


def of_archive(url: str) -> dict[str, Attribute] | None:
    """The reference of a forge that means the same as the URL of one of its archives: `type`, `owner`, `repo`, with
    `host` when it is not the usual one, `rev` of a commit or `ref` of anything else; None for another URL.

    GitHub: "Downloading source code archives" and REST API; GitLab: "Repositories API" and the archives of its pages;
    git.sr.ht. A `refs/tags/` in front of the ref stays. Only what is fetched by https counts, since that is what Nix does for such a reference.
    """
    scheme, separator, rest = url.partition("://")
    rest, _, query = rest.partition("#")[0].partition("?")
    host, slash, path = rest.partition("/")
    parts = resolved_path(slash + path).split("/")[1:]
    if not separator or scheme.lower() != "https" or not host or not _HOST.issuperset(host):
        return None
    host = host.lower()
    match host, parts:
        case "github.com", [owner, repo, "archive" | "tarball", *version] if version:
            return _archive("github", None, owner, repo, _without_suffix("/".join(version)))
        case "codeload.github.com", [owner, repo, "tar.gz" | "zip", *version] if version:
            return _archive("github", None, owner, repo, "/".join(version))
        case "api.github.com", ["repos", owner, repo, "tarball" | "zipball", *version]:
            return _archive("github", None, owner, repo, "/".join(version))
        case _, ["api", "v3", "repos", owner, repo, "tarball" | "zipball", *version]:
            return _archive("github", host, owner, repo, "/".join(version))
        case _, ["api", "v4", "projects", project, "repository", name] if name.startswith("archive."):
            owner, slash, repo = project.replace("%2f", "%2F").rpartition("%2F")
            return _archive("gitlab", host, owner, repo, _gitlab_version(query)) if slash else None
        case _, [*group, repo, "-", "archive", version, _] if group:
            return _archive("gitlab", host, "%2F".join(group), repo, version)
        case "git.sr.ht", [owner, repo, "archive", version] if owner.startswith("~"):
            return _archive("sourcehut", None, owner, repo, _without_suffix(version))
    return None


def _archive(type: str, host: str | None, owner: str, repo: str, version: str) -> dict[str, Attribute] | None:
    if not owner or not repo:
        return None
    found: dict[str, Attribute] = {"type": type, "owner": owner, "repo": repo}
    if host is not None and host != HOSTS[type]:
        found["host"] = host
    if version:
        found["rev" if is_commit(version) else "ref"] = version
    return found


def _without_suffix(name: str) -> str:
    for suffix in (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".zip"):
        name = name.removesuffix(suffix)
    return name


def _gitlab_version(query: str) -> str:
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name in ("sha", "ref"):
            return value
    return ""
