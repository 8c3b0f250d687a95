"""Package URLs (ECMA-427, purl-spec's type definitions) of what a repository builds on.

A flake input is a source and no package of Nix, so it is named by where it is kept: `github` (also for git URLs of
github.com), else `git`, which the spec has for the other forges; an archive is `generic` with its `download_url`. An action is a
repository at a commit: `github` with the action's folder as subpath. An image with a digest is `oci`, without one
`docker`, a package that npins takes from PyPI is `pypi`. What has no name in the world (a path, an expression) has no purl.
"""

from typing import Final

from packageurl import PackageURL

from scanner.analysis.locks.references import url_of
from scanner.model.online import Remote
from scanner.model.secrets import masked
from scanner.parse.image import DEFAULT_REGISTRY, Image, image_of
from scanner.parse.nix.hosts import HOSTS
from scanner.parse.nix.reference import Reference
from scanner.parse.nix.urls import host_of, owner_of, public
from scanner.parse.uses import RepositoryUse

_GITHUB: Final = HOSTS["github"]


def of_input(locked: Reference, name: str) -> PackageURL | None:
    """The purl of a locked input; `name` is what it is called, for an archive that has no name of its own."""
    rev, folder = locked.rev, locked.text("dir")
    match locked.type:
        case "github" | "gitlab" | "sourcehut":
            host, owner, repo = host_of(locked), owner_of(locked), locked.repo
            if host is None or owner is None or repo is None:
                return None
            if locked.type != "github":
                return _purl("git", f"{host}/{owner}", repo, rev, subpath=folder)
            return _github(owner, repo, rev, folder, _elsewhere(host))
        case "git":
            return _of_git(locked.url or "", rev, folder)
        case "tarball" | "file":
            url = public(locked.url or "")
            if url is None:
                return None
            return _purl("generic", None, name, rev, {"download_url": url}, folder)
        case "container":
            digest = locked.text("digest")
            image = (locked.url or "").removeprefix("docker://")
            return of_image(image_of(f"{image}@{digest}" if digest is not None else image))
        case "pypi":
            return _purl("pypi", None, locked.text("name") or "", locked.text("version"))
    return None


def _of_git(text: str, rev: str | None, folder: str | None) -> PackageURL | None:
    url = url_of(text)
    parts = [part for part in url.path.split("/") if part]
    if not parts or public(f"https://{url.host}") is None:
        return None
    if url.host == _GITHUB and len(parts) == 2:
        return _github(parts[0], parts[1].removesuffix(".git"), rev, folder)
    return _purl("git", "/".join([url.host, *parts[:-1]]), parts[-1], rev, subpath=folder)


def of_action(use: RepositoryUse, version: str, host: str = _GITHUB) -> PackageURL | None:
    """The purl of an action or reusable workflow; `version` is its commit where that is known, else the ref."""
    return _github(use.owner, use.repository, version, use.path, _elsewhere(host))


def github_actions(use: RepositoryUse) -> str | None:
    """The name that GitHub's dependency graph and its allow lists have for an action; no type of the spec yet."""
    head, _, name = use.name.rpartition("/")
    found = _purl("githubactions", head.lower(), name if use.path else name.lower(), use.ref)
    return found.to_string() if found is not None else None


def of_image(image: Image) -> PackageURL | None:
    if not image.name or "${{" in f"{image.registry}/{image.name}{image.tag}":
        return None
    head, _, name = image.name.rpartition("/")
    if image.pinned:
        # Docker Hub keeps its official images below `library`.
        path = image.name if head or image.registry != DEFAULT_REGISTRY else f"library/{image.name}"
        place = {"repository_url": f"{image.registry}/{path}"}
        return _purl("oci", None, name, image.digest, place | ({"tag": image.tag} if image.tag else {}))
    elsewhere = {"repository_url": image.registry} if image.registry != DEFAULT_REGISTRY else None
    return _purl("docker", head, name, image.tag, elsewhere)


def _elsewhere(host: str) -> dict[str, str] | None:
    """What tells a GitHub of its own from github.com."""
    return {"repository_url": f"https://{host}"} if host != _GITHUB else None


def _github(
    owner: str, repo: str, version: str | None, folder: str | None, qualifiers: dict[str, str] | None = None
) -> PackageURL | None:
    if "/" in owner or "/" in repo:
        return None
    return _purl("github", owner, repo, version, qualifiers, folder)


def _purl(
    type: str,
    namespace: str | None,
    name: str,
    version: str | None,
    qualifiers: dict[str, str] | None = None,
    subpath: str | None = None,
) -> PackageURL | None:
    if not name.strip():
        return None
    namespace, name, version, subpath = map(masked, (namespace or "", name, version or "", subpath or ""))
    qualifiers = {key: masked(value) for key, value in qualifiers.items()} if qualifiers else None
    try:
        found = PackageURL(type, namespace or None, name, version or None, qualifiers, subpath or None)
        found.to_string()
    except (ValueError, TypeError):  # a blank part, or text that has no encoding
        return None
    return found


def of_repository(remote: Remote, version: str | None) -> PackageURL | None:
    """The purl of a repository on a server, such as one of hooks, at a tag or commit."""
    if public(f"https://{remote.host}") is None:
        return None
    head, _, name = remote.path.rpartition("/")
    if remote.host == _GITHUB and head and "/" not in head:
        return _github(head, name, version, None)
    return _purl("git", f"{remote.host}/{head}" if head else remote.host, name, version)


def of_nix(tool: str, version: str | None, url: str | None) -> PackageURL | None:
    """The purl of Nix or Lix (`nix`, `lix`): a release is its tag in the repository of the tool. Of another installer only the address
    is known; without that there is none."""
    if version is None:
        return _purl("generic", None, tool, None, {"download_url": url}) if url is not None else None
    if tool == "lix":
        return _purl("git", "git.lix.systems/lix-project", "lix", version)
    return _github("NixOS", "nix", version, None)
