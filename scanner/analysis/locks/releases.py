"""Which branch of nixpkgs an input follows, which release of NixOS it is made for, and which are supported."""

from datetime import date
from typing import Final, NamedTuple

from scanner.analysis.locks.inputs import Input
from scanner.analysis.locks.references import NIXPKGS, repository_of, url_of
from scanner.analysis.patterns import covered
from scanner.knowledge.tables import Knowledge, Release
from scanner.parse.nix.lock import LockedInput
from scanner.parse.nix.reference import Reference

ROLLING: Final = frozenset({"nixos-unstable", "nixos-unstable-small", "nixpkgs-unstable"})
"""Channels without an end."""

_HEX_LETTERS: Final = frozenset("abcdef")
_HEX: Final = _HEX_LETTERS | frozenset("0123456789")
_PREFIXES: Final = ("nixos-", "nixpkgs-", "release-", "nix-darwin-")
_SUFFIXES: Final = ("-small", "-aarch64", "-darwin")


_PURPOSES: Final = frozenset(
    "bootstrap regression old older legacy compat for pin pinned frozen fixed doc docs documentation downgrade downgraded "
    "before previous prev workaround broken working bisect good".split()
)
"""Words in the name of an input that say why it is kept where it is."""


class Branch(NamedTuple):
    """A branch that an input follows, and the part and attribute of the lock that say so."""

    name: str
    part: str
    attribute: str

    @property
    def release(self) -> str | None:
        """`YY.MM` of a branch or tag that is named after a release of NixOS."""
        return release_in(self.name)


def branch_of(node: LockedInput) -> Branch | None:
    """The branch that an input follows; None where it is pinned to a commit, or the lock does not say.

    What flake.nix asks for counts first. Where that is a range of versions or a name of the registry, what was
    locked tells.
    """
    if node.original.rev is not None:
        return None
    for part, reference in (("original", node.original), ("locked", node.locked)):
        if reference.ref is not None:
            name = reference.ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
            return None if _abbreviates_commit(name) else Branch(name, part, "ref")
        channel = channel_of(reference)
        if channel is not None:
            return Branch(channel, part, "url")
    return None


def _abbreviates_commit(name: str) -> bool:
    return len(name) >= 7 and set(name) <= _HEX and not _HEX_LETTERS.issuperset(name)


def release_in(branch: str) -> str | None:
    name = branch
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            name = name.removeprefix(prefix)
            break
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    year, dot, month = name.partition(".")
    digits = year + month
    if dot and len(year) == len(month) == 2 and digits.isascii() and digits.isdigit():
        return name
    return None


def names_release(name: str) -> str | None:
    """The release of NixOS that the name of an input says: `nixpkgs-2505`, `nixpkgs-23-11` and `nixos-24_05` do."""
    start = next((at for at, char in enumerate(name) if char.isdecimal()), len(name))
    year, rest = name[start : start + 2], name[start + 2 :]
    month, behind = (rest[1:3], rest[3:4]) if rest[:1] in tuple("-_.") else (rest[:2], rest[2:3])
    if (
        not (year.isascii() and year.isdecimal())
        or month not in ("03", "05", "09", "11")
        or behind.isdecimal()
    ):
        return None
    return f"{year}.{month}"


def is_kept_by_name(input: Input) -> bool:
    """Whether the name of an input says that it is kept at an old state on purpose: by a release or by a word."""
    for name in input.names or (input.last,):
        if names_release(name) is not None or not _PURPOSES.isdisjoint(_words(name)):
            return True
    return False


def is_named_after(input: Input, branch: str) -> bool:
    """Whether the name of an input says which branch it is on: `nixpkgs-master`, `staging`; "latest" says `master`."""
    wanted = _words(branch)
    for name in input.names or (input.last,):
        words = _words(name)
        if wanted <= words or (branch == "master" and not words.isdisjoint(("latest", "head", "git"))):
            return True
    return False


def _words(name: str) -> frozenset[str]:
    return frozenset(name.lower().replace("_", "-").replace("/", "-").split("-"))


def is_channel(branch: str, knowledge: Knowledge, now: date) -> bool:
    """Whether a branch of nixpkgs is a channel that gets updates."""
    if branch in ROLLING:
        return True
    name = release_in(branch)
    release = knowledge.nixos_release(name) if name is not None else None
    return release is not None and release.end >= now and branch.startswith(("nixos-", "nixpkgs-"))


def nixpkgs_branch(node: LockedInput) -> str | None:
    """The branch of an input of nixpkgs, `master` where none is named; None where it is pinned or a registry decides."""
    branch = branch_of(node)
    if branch is not None:
        return branch.name
    original = node.original
    unnamed = original.type == "github" and original.ref is None and original.rev is None
    return "master" if unnamed and repository_of(original) == NIXPKGS else None


def supported(knowledge: Knowledge, now: date) -> tuple[Release, ...]:
    """The releases of NixOS that are out and get updates, the newest first.

    A release comes out at the end of May and of November.
    """
    year = now.year - 2000
    candidates = (
        (f"{year:02}.11", date(now.year, 12, 1)),
        (f"{year:02}.05", date(now.year, 6, 1)),
        (f"{year - 1:02}.11", date(now.year - 1, 12, 1)),
        (f"{year - 1:02}.05", date(now.year - 1, 6, 1)),
    )
    releases = (knowledge.nixos_release(name) for name, out in candidates if out <= now)
    return tuple(release for release in releases if release is not None and release.end >= now)


def is_out(release: Release, now: date) -> bool:
    """Whether a release has a branch: that is made in the month of the release, some days before it."""
    year, _, month = release.name.partition(".")
    return now >= date(2000 + int(year), int(month), 1)


def is_chosen(input: Input, names: tuple[str, ...], *, transitive: bool) -> bool:
    """Whether a policy asks about an input: about those of these names (patterns) at the root, else about all."""
    if names:
        return any(covered(name, names) for name in input.names)
    return input.direct or transitive


def move_to(input: Input, branch: str) -> str:
    """What to do to put an own input on another branch."""
    if not input.node.lock.is_pins:
        return f"move to {branch} in {input.declared_in}"
    return f"move to {branch} in {input.declared_in} and run {input.update()}"


def channel_of(reference: Reference) -> str | None:
    """The channel behind a tarball of channels.nixos.org, releases.nixos.org or FlakeHub."""
    if reference.type not in ("tarball", "file") or reference.url is None:
        return None
    url = url_of(reference.url)
    parts = url.path.strip("/").split("/")
    match url.host, parts:
        case "channels.nixos.org", [channel, *_]:
            return channel or None
        case "nixos.org", ["channels", channel, *_]:
            return channel
        case "releases.nixos.org", ["nixos", channel, _, *_]:
            return f"nixos-{channel}"
        case "releases.nixos.org", ["nixpkgs", name, *_]:
            return f"nixpkgs-{name}" if name.endswith("-darwin") else "nixpkgs-unstable"
        case ("api.flakehub.com", ["f", "pinned", _, name, version, *_]) | (
            "flakehub.com",
            ["f", _, name, version, *_],
        ) if name.lower() == "nixpkgs":
            return _flakehub_channel(version)
    return None


def _flakehub_channel(version: str) -> str | None:
    """FlakeHub has nixos-unstable as 0.1.x and the release YY.MM as 0.YYMM.x; None for a range over more."""
    major, _, rest = version.replace("%3D", "=").removeprefix("=").partition(".")
    minor = rest.partition(".")[0]
    if major != "0" or not minor.isascii() or not minor.isdigit():
        return None
    if len(minor) == 4:
        return f"nixos-{minor[:2]}.{minor[2:]}"
    return "nixos-unstable" if minor == "1" else None
