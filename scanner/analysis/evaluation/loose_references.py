"""Whether a reference to code elsewhere says which state it means, as far as its text tells.

For the words of commands and settings, which may hold `${{ … }}` and `$VARIABLES`: what a run decides is left alone.
"""

from typing import Final, NamedTuple

from scanner.analysis.locks.references import Repository, repository_of, url_of
from scanner.knowledge.tables import Knowledge
from scanner.model.commit import is_commit
from scanner.model.quoting import quoted
from scanner.parse.nix.flakeref import parse_reference
from scanner.parse.nix.hosts import FLAKEHUB, is_local_host
from scanner.parse.nix.reference import Reference
from scanner.parse.nix.schemes import FORGES

_SCHEMES: Final = FORGES | {"https", "http", "ssh", "git", "channel", "flake", "path", "file"}
_NIXPKGS: Final = tuple(Repository("github.com", f"nixos/{name}") for name in ("nixpkgs", "nixpkgs-channels"))


class Loose(NamedTuple):
    """Code that changes without a change here: `what` it is, for people, and how to `fix` it.

    `repository` is where it comes from; `registry` is the name under which a flake registry is asked for it.
    """

    what: str
    fix: str
    repository: Repository | None
    registry: str | None = None

    @property
    def is_nixpkgs(self) -> bool:
        """Whether it is nixpkgs of NixOS; a fork is somebody else's code."""
        return self.registry == "nixpkgs" or self.repository in _NIXPKGS


def loose_flake(text: str, knowledge: Knowledge) -> Loose | None:
    """What a flake reference (its `#…` is ignored) leaves open; None when it is pinned, local or decided by the run."""
    address = without_expressions(text).partition("#")[0]
    if not address or address[0] in "./~<(" or "$" in address:
        return None
    reference = parse_reference(address)
    if isinstance(reference, str) or reference.rev is not None or reference.nar_hash is not None:
        return None
    ref = reference.ref or ""
    if is_commit(ref):
        return None
    what = f"what {quoted(ref)} is" if ref else "what the default branch holds"
    match reference.type:
        case "indirect":
            return _named(reference.text("id") or "", knowledge)
        case "github" | "gitlab" | "sourcehut" as forge:
            owner = (reference.owner or "").replace("/", "%2F")
            fix = f"write a commit: {quoted(f'{forge}:{owner}/{reference.repo}/<commit>', 100)}"
            return Loose(f"{what} at that moment", fix, repository_of(reference))
        case "git" | "hg" if not _is_here(reference.url or ""):
            return Loose(f"{what} at that moment", "add `?rev=` and the commit", repository_of(reference))
        case "tarball" | "file":
            return _download(reference.url or "")
    return None


def _is_here(url: str) -> bool:
    host = url_of(url).host
    return not host or is_local_host(host)


def loose_path(text: str, knowledge: Knowledge) -> Loose | None:
    """The same for an entry of `NIX_PATH` without its `name=`, or a file that a classic command takes."""
    scheme, colon, rest = without_expressions(text).partition(":")
    if not colon or scheme not in ("channel", "flake", "https", "http"):
        return None
    if scheme == "flake":
        return loose_flake(rest, knowledge)
    if "$" in rest:
        return None
    if scheme == "channel":
        return _download(f"https://channels.nixos.org/{rest}")
    return _download(f"{scheme}:{rest}")


def _named(id: str, knowledge: Knowledge) -> Loose | None:
    if knowledge.registry_target(id) is None:
        return None
    fix = (
        f"run it from your lock ({quoted('--inputs-from .')}, with "
        f"{quoted(id)} among the inputs of flake.nix), or name the repository and a commit"
    )
    return Loose(
        f"what the flake registry, a file on a server, calls {quoted(id)} at that moment", fix, None, id
    )


def _download(url: str) -> Loose | None:
    place = url_of(url)
    parts = place.path.strip("/").split("/")
    if _is_here(url) or place.host in ("releases.nixos.org", "cache.nixos.org"):
        return None  # each of their files stays what it is
    if any(is_commit(part[:40]) for part in parts):
        return None
    repository = repository_of(Reference({"type": "tarball", "url": url}))
    if place.host in FLAKEHUB:
        if "pinned" in parts or any(part.startswith(("=", "%3D", "%3d")) for part in parts):
            return None
        fix = "name one version exactly (`=0.1.2` with `=` as `%3D`)"
        return Loose("the newest version that FlakeHub has in that range", fix, repository)
    if place.host in ("channels.nixos.org", "nixos.org"):
        channel = parts[1] if parts[0] == "channels" and len(parts) > 1 else parts[0]
        fix = "use the nixpkgs of your lock, or the archive of a commit"
        return Loose(f"what the channel {quoted(channel)} holds at that moment", fix, repository)
    fix = "name an archive of a commit, or lock it as an input of your flake"
    return Loose("what the server answers at that moment, and no hash is given", fix, repository)


def without_expressions(text: str) -> str:
    """The text with `$` for every expression."""
    if "${{" not in text:
        return text
    found: list[str] = []
    at = 0
    while (start := text.find("${{", at)) >= 0:
        end = text.find("}}", start)
        found.append(text[at:start] + "$")
        if end < 0:
            return "".join(found)
        at = end + 2
    return "".join(found) + text[at:]


def search_path(text: str) -> list[tuple[str, int]]:
    """The values in a `NIX_PATH` with their offsets, `name=` left out: entries are separated by `:`, which is also in
    `channel:…` and in URLs."""
    found: list[tuple[str, int]] = []
    start = at = 0
    while at <= len(text):
        if text.startswith("${{", at):
            end = text.find("}}", at)
            at = len(text) if end < 0 else end + 2
            continue
        if at == len(text) or text[at] == ":":
            word = text[start:at].rpartition("=")[2].rpartition(":")[2].rpartition("+")[2]
            if at < len(text) and word in _SCHEMES:
                at += 1
                continue
            entry = text[start:at]
            name = entry.find("=") + 1 if "/" not in entry.partition("=")[0] else 0
            if entry[name:]:
                found.append((entry[name:], start + name))
            start = at + 1
        at += 1
    return found
