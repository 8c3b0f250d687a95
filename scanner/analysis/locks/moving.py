"""URLs of archives and files whose content changes under the same name: of a branch, of "the latest", of a channel.

Told from the URL alone, so only what says so: a name with a version, a date or a commit in it stays what it is.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from scanner.analysis.locks.references import Url, url_of
from scanner.parse.nix.reference import Reference
from scanner.parse.nix.schemes import ARCHIVES

_ARCHIVES: Final = (
    *(".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tgz", ".txz", ".tbz2", ".zip", ".tar"),
    *(".gz", ".xz", ".zst", ".bz2"),
)
_MOVING: Final = frozenset(
    "latest current head master main trunk nightly nightlies snapshot snapshots develop devel continuous rolling".split()
)
_NPM_HOSTS: Final = frozenset(("unpkg.com", "cdn.jsdelivr.net", "esm.sh", "cdn.skypack.dev"))
_GITHUB: Final = frozenset(
    ("github.com", "www.github.com", "raw.githubusercontent.com", "codeload.github.com")
)
_HEX: Final = frozenset("0123456789abcdef")


class Moving(NamedTuple):
    """What the URL names (a phrase that goes on behind "names"), and a reference that locks to a commit instead. `keys`:
    it is the list of a user's keys, of which there are no versions. `file` is the path of the one file that is asked for,
    in the repository that `instead` names."""

    what: str
    instead: str | None = None
    keys: bool = False
    file: str | None = None


def moving(text: str) -> Moving | None:
    """What moves behind a URL; None for one that stays the same or does not tell."""
    url = url_of(text)
    if url.scheme not in ("http", "https", "ftp"):
        return None
    parts = [part for part in url.path.split("/") if part]
    if not parts:
        return None
    match url.host:
        case "channels.nixos.org":
            return _channel(parts[0])
        case "nixos.org":
            return _channel(parts[1]) if parts[0] == "channels" and len(parts) > 1 else None
        case "flakehub.com":
            if parts[0] != "f" or len(parts) < 4 or _is_exact(url):
                return None
            return Moving("a range of versions")
        case host if host in _NPM_HOSTS:
            return _npm(parts)
    if _has_commit(text):
        return None
    return _ref(url.host, parts) or _named(parts)


def stays(original: Reference) -> bool:
    """Whether an update changes nothing: one state is asked for (a commit, a tag, a URL of one file), or a pin is frozen."""
    if original.rev is not None or original.attributes.get("frozen") is True:
        return True
    if original.attributes.get("mutable") is True:
        return False
    if original.ref is not None:
        tag = original.ref.removeprefix("refs/tags/")
        return tag != original.ref or tag.removeprefix("v")[:1].isdigit()
    if original.type not in ARCHIVES or original.url is None:
        return False
    url = url_of(original.url)
    return _is_exact(url) if url.host == "flakehub.com" else moving(original.url) is None


def _is_exact(url: Url) -> bool:
    """Whether a URL of FlakeHub names one version (`=0.1.812242`), not a range."""
    return url.path.startswith("/f/pinned/") or "=" in url.path or "%3d" in url.path.lower()


def gives_no_link(text: str) -> bool:
    """Whether a server is known not to name an immutable URL when it is asked for a moving one."""
    return url_of(text).host in _GITHUB


def _channel(name: str) -> Moving:
    return Moving(
        f"the channel `{name}`" if name.replace("-", "").replace(".", "").isalnum() else "a channel"
    )


def _ref(host: str, parts: list[str]) -> Moving | None:
    """The branch of a repository whose archive or file is asked for."""
    at = _behind_ref(host, parts)
    if at is None or at >= len(parts):
        return None
    repository = "/".join(parts[:2])
    if parts[at] == "refs" and len(parts) > at + 2:
        branch = _stem("/".join(parts[at + 2 :]) if _is_archive(parts[-1]) else parts[at + 2])
        return _branch(host, repository, branch, parts[at + 3 :]) if parts[at + 1] == "heads" else None
    if parts[at] == "branch" and len(parts) > at + 1:  # Gitea, Forgejo: raw/branch/main/…
        return _branch(host, repository, _stem(parts[at + 1]))
    if parts[at] in ("tag", "commit", "tags"):
        return None
    branch = _stem(parts[at])
    # A tag has a number in its name; so may a branch, and then nobody can tell.
    return (
        None if any(char.isdigit() for char in branch) else _branch(host, repository, branch, parts[at + 1 :])
    )


def _behind_ref(host: str, parts: list[str]) -> int | None:
    """Which part of the path names the ref."""
    if host == "raw.githubusercontent.com":
        return 2 if len(parts) > 3 else None
    if host == "codeload.github.com":
        return 3
    if "-" in parts:  # GitLab: /group/name/-/archive/ref/…, /-/raw/ref/…
        dash = parts.index("-")
        return dash + 2 if parts[dash + 1 : dash + 2] and parts[dash + 1] in ("archive", "raw") else None
    if len(parts) > 3 and parts[2] in ("archive", "tarball", "zipball", "raw", "blob", "plain"):
        return 3
    return None


def _branch(host: str, repository: str, branch: str, file: Sequence[str] = ()) -> Moving:
    instead = f"github:{repository}/{branch}" if host in _GITHUB else None
    what = f"the branch `{branch}`" if _is_plain(branch) else "a branch"
    return Moving(what, instead, file="/".join(file) or None)


def _named(parts: list[str]) -> Moving | None:
    """ "latest" and its like, unless the file has a version in its name as well."""
    if len(parts) == 1 and parts[0].endswith((".keys", ".gpg")):
        return Moving("the keys that a user has at the moment", keys=True)
    file = _stem(parts[-1]).lower()
    words = _words(file)
    found = next((word for word in words if word in _MOVING), None)
    if found is None and not _has_version(file):
        found = next((part for part in map(str.lower, parts[:-1]) if part in _MOVING), None)
    return Moving(f"what is `{found}` at the moment") if found is not None else None


def _npm(parts: list[str]) -> Moving | None:
    """A package of npm, whose version may be left out or be a range."""
    names = parts[1:] if parts[0] == "npm" else parts
    if not names or parts[0] in ("gh", "wp"):
        return None
    package = f"{names[0]}/{names[1]}" if names[0].startswith("@") and len(names) > 1 else names[0]
    name, at, version = package.rpartition("@")
    if not name:
        return Moving("the newest version of a package")
    exact = version.split("-")[0].split("+")[0].split(".")
    return (
        None if at and len(exact) == 3 and all(map(str.isdecimal, exact)) else Moving("a range of versions")
    )


def _words(text: str) -> list[str]:
    for char in "-_.":
        text = text.replace(char, " ")
    return text.split()


def _has_version(name: str) -> bool:
    """Two numbers with a dot between them, or six digits in a row (a date, a build)."""
    digits = 0
    for at, char in enumerate(name):
        digits = digits + 1 if char.isdigit() else 0
        if digits >= 6 or (char == "." and name[at - 1 : at].isdigit() and name[at + 1 : at + 2].isdigit()):
            return True
    return False


def _has_commit(text: str) -> bool:
    """Seven or more hexadecimal digits with a number and a letter among them, between other signs."""
    for char in "/.?=&-_%#+@":
        text = text.replace(char, " ")
    return any(
        len(word) >= 7
        and _HEX.issuperset(word.lower())
        and any(char.isdigit() for char in word)
        and not word.isdecimal()
        for word in text.split()
    )


def _is_archive(name: str) -> bool:
    return name.lower().endswith(_ARCHIVES)


def _stem(name: str) -> str:
    lower = name.lower()
    return next((name[: -len(end)] for end in _ARCHIVES if lower.endswith(end)), name)


def _is_plain(name: str) -> bool:
    return all(char.isalnum() or char in "-_./" for char in name) and len(name) <= 40
