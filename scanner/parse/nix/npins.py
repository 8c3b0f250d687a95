"""npins: `npins/sources.json` in its versions 0 to 8 (andir/npins, libnpins/src/pins and versions.rs; default.nix says
what is fetched).

A Git pin is fetched as an archive when it has a `url` and no submodules, else it is cloned. The format knows no dates.
"""

from typing import Final

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.json import load
from scanner.parse.nix.hosts import HOSTS
from scanner.parse.nix.lock import NPINS, Lock
from scanner.parse.nix.pins import Part, Pin, Pins, name_of, put_archive, put_hash

NEWEST: Final = 8
_NAMED: Final = 4
"""The first version whose clones have a name of their own in the store: that of the repository and seven digits."""

_PYPI: Final = "https://files.pythonhosted.org/packages/"
_ARTIFACT: Final = "nixexprs.tar.xz"
_HOST: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-")


def read_npins(source: Source, problems: list[Problem]) -> Lock | None:
    data = load(source, problems, create="npins init", update="npins update")
    if problems:
        return None
    pins = Pins(source, NPINS, problems, "pins")
    if not isinstance(data, dict):
        pins.refuse("it is no object with `pins` and `version`. Run `npins init`")
        return None
    version = data.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 0:
        pins.refuse(
            "it has no `version` that is a whole number. Restore the file, or run `npins init`", "version"
        )
        return None
    if version > NEWEST:
        at = pins.positions.value("version").first_line()
        message = f"version {version:.6g} of npins' format is newer than those known here (0 to {NEWEST}). Update snowfence"
        problems.append(Problem(at, message))
        return None
    if not isinstance(data.get("pins"), dict):
        pins.refuse("it has no object `pins`. Restore the file, or run `npins init`", "pins")
        return None
    for pin in pins.each(data["pins"]):
        _read(pins, pin, version)
    return pins.lock(version)


def _read(pins: Pins, pin: Pin, version: int) -> None:
    type = pin.text("type", required=True)
    match type:
        case None:
            return
        case "Git" | "GitRelease" | "GitHub" | "GitHubRelease":
            parts = _git(pin, type, version)
        case "Channel":
            parts = _channel(pin)
        case "PyPi":
            parts = _pypi(pin)
        case "Tarball" | "Url" | "MutableUrl" | "File":
            parts = _url(pin, type)
        case "Container":
            parts = _container(pin)
        case _:
            # npins reads none of the pins when it does not know one, and what it would fetch nobody can tell.
            pin.refuse("a `type` that npins does not know", "type")
            return
    if parts is not None:
        pins.add(pin, *parts)


# ---------------------------------------------------------------- repositories


def _git(pin: Pin, type: str, format: int) -> tuple[Part, Part] | None:
    original = _repository(pin, type)
    if original is None:
        return None
    submodules, url = pin.flag("submodules"), pin.text("url") or pin.text("tarball_url")
    if submodules:
        original = _cloned(original)
        original.put("submodules", True, "submodules")
    if pin.flag("lfs"):
        original.put("lfs", True, "lfs")
    locked = original.copy()
    revision, version = pin.text("revision"), pin.text("version") or pin.text("release_name")
    if type.endswith("Release"):
        original.put("version_upper_bound", pin.text("version_upper_bound"), "version_upper_bound")
        locked.put("ref", version, "version" if "version" in pin.fields else "release_name")
    else:
        original.put("ref", pin.text("branch", required=True), "branch")
    if url is None or submodules:
        locked.put("rev", revision, "revision")
        if format >= _NAMED and revision is not None:
            clone = str(_cloned(original).attributes["url"]).rpartition("/")[2]
            locked.put("name", f"{clone}-{revision[:7]}", "revision")
    elif _is_forgejo_archive(pin, url, revision, version):
        locked.put("rev", revision, "revision")
    else:
        locked = put_archive(original, locked, url, revision)
        fetched = locked.attributes.get("ref")
        if version is not None and fetched is not None and name_of(fetched) != version:
            original.put("ref", version, "version")
    if "url" not in pin.fields:  # version 0 calls it otherwise
        locked.keys = {
            name: ("tarball_url",) if keys == ("url",) else keys for name, keys in locked.keys.items()
        }
    put_hash(locked, pin.text("hash"), "hash")
    return original, locked


def _repository(pin: Pin, type: str) -> Part | None:
    """What a pin names as its repository, in the shape of version 0 or of the later ones."""
    if type.startswith("GitHub"):
        return _forge(pin, "github", ("type",), ("owner",), ("repository",))
    if "repository_url" in pin.fields:
        return _plain(pin.text("repository_url", required=True), ("type",), "repository_url")
    kind = pin.text("repository", "type", required=True)
    at = ("repository", "type")
    match kind:
        case None:
            return None
        case "GitHub":
            return _forge(pin, "github", at, ("repository", "owner"), ("repository", "repo"))
        case "GitLab":
            return _gitlab(pin)
        case "Forgejo":
            server = pin.text("repository", "server", required=True)
            owner = pin.text("repository", "owner", required=True)
            repo = pin.text("repository", "repo", required=True)
            if server is None or owner is None or repo is None:
                return None
            return _plain(f"{server.rstrip('/')}/{owner}/{repo}.git", at, "repository", "server")
        case "Git":
            return _plain(pin.text("repository", "url", required=True), at, "repository", "url")
    pin.refuse("a kind of repository that npins does not know", *at)
    return None


def _plain(url: str | None, type: tuple[str, ...], *keys: str) -> Part | None:
    if url is None:
        return None
    made = Part("git", *type)
    made.put("url", url, *keys)
    return made


def _forge(
    pin: Pin, type: str, at: tuple[str, ...], owner: tuple[str, ...], repo: tuple[str, ...]
) -> Part | None:
    made = Part(type, *at)
    made.put("owner", pin.text(*owner, required=True), *owner)
    made.put("repo", pin.text(*repo, required=True), *repo)
    return made if len(made.attributes) == 3 else None


def _gitlab(pin: Pin) -> Part | None:
    path = pin.text("repository", "repo_path", required=True)
    server = pin.text("repository", "server", required=True)
    if path is None or server is None:
        return None
    path = path.strip("/")
    scheme, _, host = server.rstrip("/").partition("://")
    owner, slash, repo = path.rpartition("/")
    if scheme.lower() != "https" or not slash or not _HOST.issuperset(host.lower()):
        # Nix's `gitlab` is fetched by https, from the root of a host without a port.
        return _plain(f"{server.rstrip('/')}/{path}.git", ("repository", "type"), "repository", "server")
    made = Part("gitlab", "repository", "type")
    if host.lower() != HOSTS["gitlab"]:
        made.put("host", host.lower(), "repository", "server")
    made.put("owner", owner.replace("/", "%2F"), "repository", "repo_path")
    made.put("repo", repo, "repository", "repo_path")
    made.put("private_token", pin.text("repository", "private_token"), "repository", "private_token")
    return made


def _cloned(part: Part) -> Part:
    """A forge's repository as one that is cloned."""
    type = part.attributes["type"]
    if type not in HOSTS:
        return part
    host = part.attributes.get("host", HOSTS[str(type)])
    owner = str(part.attributes["owner"]).replace("%2F", "/")
    made = Part("git", *part.keys["type"])
    made.put("url", f"https://{host}/{owner}/{part.attributes['repo']}.git", *part.keys["repo"])
    return made


def _is_forgejo_archive(pin: Pin, url: str, revision: str | None, version: str | None) -> bool:
    """Whether a URL is the archive that npins takes from the repository that the pin names."""
    if pin.text("repository", "type") != "Forgejo":
        return False
    server = (pin.text("repository", "server") or "").rstrip("/")
    name = f"{pin.text('repository', 'owner')}/{pin.text('repository', 'repo')}"
    return url.lower() in (
        f"{server}/{name}/archive/{revision}.tar.gz".lower(),
        f"{server}/api/v1/repos/{name}/archive/{version}.tar.gz".lower(),
    )


# ---------------------------------------------------------------- files and others


def _channel(pin: Pin) -> tuple[Part, Part] | None:
    name, artifact = pin.text("name", required=True), pin.text("artifact") or _ARTIFACT
    if name is None:
        return None
    original, locked = Part("tarball"), Part("tarball")
    original.put("url", f"https://channels.nixos.org/{name}/{artifact}", "name")
    locked.put("url", pin.text("url"), "url")
    put_hash(locked, pin.text("hash"), "hash")
    return original, locked


def _pypi(pin: Pin) -> tuple[Part, Part] | None:
    name = pin.text("name", required=True)
    if name is None:
        return None
    url = pin.text("url")
    # What comes from elsewhere is a file and no package of PyPI, whatever its name.
    original, locked = Part("pypi"), Part("pypi" if url is None or url.startswith(_PYPI) else "file")
    original.put("name", name, "name")
    locked.put("name", name, "name")
    original.put("version_upper_bound", pin.text("version_upper_bound"), "version_upper_bound")
    locked.put("version", pin.text("version"), "version")
    locked.put("url", url, "url")
    locked.put("flat", True, "type")
    put_hash(locked, pin.text("hash"), "hash")
    return original, locked


def _url(pin: Pin, type: str) -> tuple[Part, Part] | None:
    """`Tarball` of versions 5 to 7 is `Url` or `MutableUrl` since then."""
    asked = "update_url" if type == "MutableUrl" else "url"
    fetched = "locked_url" if type == "Tarball" and pin.text("locked_url") is not None else "url"
    unpacked = type == "Tarball" or (type != "File" and pin.flag("unpack"))
    kind = "tarball" if unpacked else "file"
    original, locked = Part(kind), Part(kind)
    original.put("url", pin.text(asked, required=True), asked)
    if asked != fetched:
        original.put("mutable", True, asked)
    locked.put("url", pin.text(fetched, required=type != "MutableUrl"), fetched)
    if not unpacked:
        locked.put("flat", True, "type")
    put_hash(locked, pin.text("hash"), "hash")
    return (original, locked) if pin.valid else None


def _container(pin: Pin) -> tuple[Part, Part] | None:
    name, tag = pin.text("image_name", required=True), pin.text("image_tag", required=True)
    if name is None or tag is None:
        return None
    original, locked = Part("container"), Part("container")
    original.put("url", f"docker://{name}:{tag}", "image_name")
    locked.put("url", f"docker://{name}:{tag}", "image_name")
    locked.put("digest", pin.text("image_digest"), "image_digest")
    locked.put("flat", True, "type")
    put_hash(locked, pin.text("hash"), "hash")
    return original, locked
