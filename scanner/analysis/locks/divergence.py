"""Where a lock departs from what was asked for: `locked` that does not come from `original`.

Nix never compares the two (but for `original` with flake.nix): whoever can write the lock decides what is built.
Locked elsewhere on purpose are inputs that a registry resolved, archives whose server names an immutable URL (Nix manual,
"Lockable HTTP Tarball Protocol"), and what somebody overrode with `--override-input`, which the lock keeps.
"""

from typing import Final, Literal, NamedTuple

from scanner.analysis.locks.references import Repository, Url, repository_of, url_of
from scanner.analysis.locks.releases import channel_of
from scanner.knowledge.tables import Knowledge
from scanner.parse.nix.flakeref import parse_reference
from scanner.parse.nix.hashes import plain_rev
from scanner.parse.nix.hosts import FLAKEHUB, HOSTS, NIXOS
from scanner.parse.nix.reference import Reference, plain_ref
from scanner.parse.nix.schemes import ARCHIVES, FORGES
from scanner.parse.nix.urls import of_archive, plain_owner

_CLONED: Final = frozenset({"git", "hg"})

_FLAGS: Final = ("submodules", "lfs", "exportIgnore")
"""What changes the content that git fetches."""

What = Literal[
    "local",
    "type",
    "host",
    "owner",
    "repo",
    "dir",
    "rev",
    "ref",
    "channel",
    "flag",
    "url",
    "path",
    "registry",
    "redirect",
]


class Divergence(NamedTuple):
    """`what` differs: it was `asked` for and is `got` (None: not there). `attribute` is where the lock says so."""

    what: What
    attribute: str
    asked: str | None
    got: str | None


def divergence(original: Reference, locked: Reference, knowledge: Knowledge) -> Divergence | None:
    """The first thing in which `locked` is not what `original` asked for; None when it is."""
    if original.type == "indirect":
        return _of_registry(original, locked, knowledge)
    if _is_local(locked) and not _is_local(original):
        where = locked.text("path") or locked.url
        return Divergence("local", "path" if "path" in locked.attributes else "url", str(original), where)
    if original.type != locked.type and not {original.type, locked.type} <= ARCHIVES:
        asked, got = repository_of(original), repository_of(locked)
        if asked is None or asked != got:
            return Divergence("type", "type", str(original), locked.type)
        return _of_other_fetcher(original, locked) or _of_version(original, locked)
    if original.type in FORGES:
        found = _of_forge(original, locked)
    elif original.type in _CLONED:
        found = _of_clone(original, locked)
    elif original.type in ARCHIVES:
        found = _of_archive(original, locked)
    elif original.type == "path":
        found = _different("path", "path", original.text("path"), locked.text("path"))
    else:
        return None  # a type that no Nix knows is said elsewhere
    return found or _of_version(original, locked)


def _is_local(reference: Reference) -> bool:
    return reference.type == "path" or url_of(reference.url or "").scheme == "file"


def _different(what: What, attribute: str, asked: str | None, got: str | None) -> Divergence | None:
    return Divergence(what, attribute, asked, got) if asked != got else None


def _of_forge(original: Reference, locked: Reference) -> Divergence | None:
    default = HOSTS[original.type]
    asked, got = original.host or default, locked.host or default
    if asked.lower() != got.lower():
        return Divergence("host", "host", asked, got)
    # Forges find a repository whatever the case of its name.
    for what in ("owner", "repo"):
        asked, got = plain_owner(original.text(what) or ""), plain_owner(locked.text(what) or "")
        if asked.lower() != got.lower():
            return Divergence("owner" if what == "owner" else "repo", what, asked, got)
    return None


def _of_clone(original: Reference, locked: Reference) -> Divergence | None:
    asked, got = url_of(original.url or ""), url_of(locked.url or "")
    if asked.scheme in ("file", "") and got.scheme in ("file", ""):
        return None  # a checkout of the machine that wrote the lock, by whatever path
    if asked.server != got.server:
        return Divergence("host", "url", asked.server, got.server)
    if repository_of(original) != repository_of(locked):
        return Divergence("url", "url", asked.path, got.path)
    if asked.scheme != got.scheme and got.scheme not in ("https", "ssh"):
        return Divergence("url", "url", asked.scheme, got.scheme)
    if _query(original) != _query(locked):
        return Divergence("url", "url", original.url, locked.url)
    return _of_flags(original, locked) or _of_ref(original.ref, locked.ref, "ref")


def _of_flags(original: Reference, locked: Reference) -> Divergence | None:
    for flag in _FLAGS:
        if bool(original.attributes.get(flag)) != bool(locked.attributes.get(flag)):
            asked, got = (
                f"{flag} = true" if reference.attributes.get(flag) else "nothing"
                for reference in (original, locked)
            )
            return Divergence("flag", flag, asked, got)
    return None


def _of_ref(asked: str | None, got: str | None, attribute: str) -> Divergence | None:
    """Two refs of one repository. Asked for none, Nix notes the default branch, which is never somebody's proposal."""
    wanted, found = _branch(asked), _branch(got)
    if found is None or wanted == found or (wanted is None and not _is_proposed(got or "")):
        return None
    return Divergence("ref", attribute, wanted or "the default branch", found)


def _branch(ref: str | None) -> str | None:
    return None if ref is None or ref == "HEAD" else plain_ref(ref)


def _of_archive(original: Reference, locked: Reference) -> Divergence | None:
    if original.url == locked.url:
        return None
    if original.attributes.get("mutable") is True:
        return None  # npins and lon lock what the URL leads to, anywhere
    asked, got = url_of(original.url or ""), url_of(locked.url or "")
    if asked.server in NIXOS and got.server in NIXOS and got.scheme == "https":
        return _of_channel(original, locked)
    if asked.server in FLAKEHUB and got.server not in FLAKEHUB:
        return Divergence("host", "url", asked.server, got.server)
    if asked.server in FLAKEHUB and (versions := _flakehub_versions(asked, got)) is not None:
        return Divergence("channel", "url", *versions)
    ours, theirs = repository_of(original), repository_of(locked)
    if asked.server not in FLAKEHUB and asked.server != got.server:
        return Divergence("redirect", "url", asked.server, got.server)
    if ours is not None and theirs is not None and ours != theirs:
        if _is_known(ours, asked) or _is_known(theirs, got):
            return Divergence("url", "url", str(ours), str(theirs))
        return Divergence("redirect", "url", asked.path, got.path)
    if asked.scheme != got.scheme and got.scheme != "https":
        return Divergence("url", "url", asked.scheme, got.scheme)
    found = _of_forge_archive(original, locked)
    if found is None and asked.path == got.path and _query(original) != _query(locked):
        return Divergence("redirect", "url", original.url, locked.url)
    return found


def _flakehub_versions(asked: Url, got: Url) -> tuple[str, str] | None:
    """The range that was asked of FlakeHub and the version that is locked, where that is not in it (semantic versioning: `0.1`
    is any 0.1.x, `1` and `1.2` any 1.x)."""
    wanted, pinned = asked.path.split("/"), got.path.split("/")
    if len(wanted) < 5 or len(pinned) < 6 or pinned[2] != "pinned":
        return None
    range, version = wanted[4].removesuffix(".tar.gz"), pinned[5]
    numbers = range.split(".")
    if not all(number.isdecimal() for number in numbers):
        return None
    fixed = numbers[:2] if numbers[0] == "0" else numbers[:1]
    return None if version.split(".")[: len(fixed)] == fixed else (range, version)


def _query(reference: Reference) -> str:
    return (reference.url or "").partition("#")[0].partition("?")[2]


def _of_channel(original: Reference, locked: Reference) -> Divergence | None:
    """channels.nixos.org leads to a release of that channel, and of no other."""
    asked, got = channel_of(original), channel_of(locked)
    if asked == got:
        return None
    return Divergence("channel", "url", asked or original.url, got or locked.url)


def _of_forge_archive(original: Reference, locked: Reference) -> Divergence | None:
    """Two archives of one repository: a server may lead from a branch or tag to its commit, not to another name."""
    asked, got = of_archive(original.url or ""), of_archive(locked.url or "")
    if asked is None or got is None:
        return None
    wanted, found = Reference(asked), Reference(got)
    if wanted.rev is not None and wanted.rev != found.rev:
        return Divergence("rev", "url", wanted.rev, found.rev or found.ref)
    if found.ref is not None and _branch(wanted.ref) != _branch(found.ref):
        return Divergence("ref", "url", wanted.ref, found.ref)
    return None


def _of_other_fetcher(original: Reference, locked: Reference) -> Divergence | None:
    """The same repository, fetched in another way than asked: right while it is still what was asked for."""
    named = of_archive(locked.url or "") if locked.type in ARCHIVES else None
    if named is None:
        return _of_flags(original, locked) or _of_ref(original.ref, locked.ref, "ref")
    archive = Reference(named)
    if archive.rev is not None and locked.rev is not None and _commit(archive.rev) != _commit(locked.rev):
        return Divergence("rev", "url", locked.rev, archive.rev)
    return _of_flags(original, locked) or _of_ref(original.ref, archive.ref, "url")


def _is_proposed(ref: str) -> bool:
    """Whether a ref is somebody's proposal: a pull request, a merge request, a change under review."""
    return ref.startswith(("refs/pull/", "refs/merge-requests/", "refs/changes/", "pull/", "merge-requests/"))


def _is_known(repository: Repository, url: Url) -> bool:
    """Whether the URL is one of a forge's for a repository, and not just any file."""
    return repository.path != url.path.strip("/").lower()


def _of_version(original: Reference, locked: Reference) -> Divergence | None:
    if original.rev is not None and _commit(original.rev) != _commit(locked.rev):
        return Divergence("rev", "rev", original.rev, locked.rev)
    return _different("dir", "dir", original.text("dir"), locked.text("dir"))


def _commit(rev: str | None) -> str | None:
    return plain_rev(rev) if rev is not None else None


def _of_registry(original: Reference, locked: Reference, knowledge: Knowledge) -> Divergence | None:
    """What a registry resolves: the global one is known, a user's or a system's is not."""
    if original.rev is not None and _commit(original.rev) != _commit(locked.rev):
        return Divergence("rev", "rev", original.rev, locked.rev)
    known = knowledge.registry_target(original.text("id") or "")
    resolved = parse_reference(known) if known is not None else None
    wanted = repository_of(resolved) if isinstance(resolved, Reference) else None
    got = repository_of(locked)
    if wanted is None or got is None or wanted == got:
        return None
    return Divergence("registry", "owner" if locked.owner is not None else "url", str(wanted), str(got))
