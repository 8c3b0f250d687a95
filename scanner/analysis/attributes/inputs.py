"""Attributes of what locks hold: inputs of flakes and pins."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from scanner.analysis.attributes.attribute import Missing, Version, World, attribute, untold
from scanner.analysis.attributes.locked import at_asked, at_date, at_flake, at_inputs, at_locked
from scanner.analysis.locks.ages import Age, Undated, age_of, day_of, modified_at
from scanner.analysis.locks.inputs import Input, inputs
from scanner.analysis.locks.locking import is_dirty, names_commit
from scanner.analysis.locks.moving import stays
from scanner.analysis.locks.references import Repository, is_nixpkgs, repository_of, revision_of, url_of
from scanner.analysis.locks.releases import ROLLING, nixpkgs_branch, release_in
from scanner.analysis.locks.unlocked import is_unlocked
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.nix import InputNode, PinNode
from scanner.knowledge.tables import Release
from scanner.model.commit import is_commit
from scanner.model.quoting import quoted
from scanner.model.secrets import masked
from scanner.parse.nix.hosts import HOSTS
from scanner.parse.nix.reference import Reference
from scanner.parse.nix.schemes import ARCHIVES

_INPUTS: Final = (InputNode, PinNode)
_NOT_NOTED: Final = "the lock does not note what was asked for"


# ---------------------------------------------------------------- inputs: their names


@per_graph
def _known(graph: Graph) -> Mapping[str, Input]:
    """What the roots of the locks reach, by the ids of the nodes."""
    return {one.node.id: one for one in inputs(graph)}


def _input(node: InputNode, world: World) -> Input:
    """The input of a node; one that nothing leads to has no names."""
    return _known(world.graph).get(node.id) or Input(node, (), 0)


@attribute(*_INPUTS)
def name(node: InputNode, world: World) -> str | Missing:
    """The names that lead to it from the flake's own inputs: `nixpkgs`, `home-manager/nixpkgs`."""
    found = _known(world.graph).get(node.id)
    return found.name if found is not None else Missing("nothing in the lock leads to it")


@attribute(*_INPUTS)
def names(node: InputNode, world: World) -> tuple[str, ...]:
    """The names by which the flake or project itself has it as an input, also by a follows; none for inputs of inputs."""
    return _input(node, world).names


@attribute(*_INPUTS)
def direct(node: InputNode, world: World) -> bool:
    """Whether the flake or project has it as an input itself: it declares it, or follows it."""
    return _input(node, world).direct


@attribute(*_INPUTS)
def declared(node: InputNode, world: World) -> bool:
    """Whether the flake or project says itself what is locked here; else one of its inputs does."""
    return _input(node, world).own


@attribute(*_INPUTS)
def depth(node: InputNode, world: World) -> int | Missing:
    """How many names lead to it: 1 for what the flake declares, 2 for inputs of that."""
    return _input(node, world).depth or Missing("nothing in the lock leads to it")


@attribute(*_INPUTS)
def reachable(node: InputNode, world: World) -> bool:
    """Whether something in the lock leads to it; Nix ignores what nothing leads to."""
    return node.id in _known(world.graph)


@attribute(*_INPUTS)
def followed(node: InputNode, world: World) -> bool:
    """Whether another input takes it by `follows`."""
    return any(edge.follows for edge in world.graph.into(node.id, "input"))


@attribute(*_INPUTS, at=at_inputs)
def inputs_(node: InputNode, world: World) -> tuple[str, ...]:
    """The names of its own inputs."""
    return tuple(node.input.inputs)


@attribute(*_INPUTS, at=at_inputs)
def follows(node: InputNode, world: World) -> tuple[str, ...]:
    """The names of those of its own inputs that follow another one instead of being locked for it alone."""
    return tuple(name for name, target in node.input.inputs.items() if not isinstance(target, str))


@attribute(*_INPUTS, at=at_flake)
def flake(node: InputNode, world: World) -> bool:
    """Whether it is taken for a flake, and so evaluated; false for sources alone and for pins."""
    return node.input.flake and not node.lock.is_pins


# ---------------------------------------------------------------- inputs: where they come from


@attribute(*_INPUTS, at=at_locked("type"))
def type_(node: InputNode, world: World) -> str:
    """The type of what is locked, as Nix calls it: `github`, `git`, `tarball`, `path`, …"""
    return node.input.locked.type


@attribute(*_INPUTS, at=at_asked("type"))
def asked_type(node: InputNode, world: World) -> str | Missing:
    """The type of what is asked for; `indirect` means that a registry decides."""
    asked = node.input.original
    return asked.type if asked.attributes else Missing(_NOT_NOTED)


@attribute(*_INPUTS, at=at_asked())
def asked(node: InputNode, world: World) -> str | Missing:
    """What is asked for, as a reference: `github:NixOS/nixpkgs/nixos-25.05`."""
    found = node.input.original
    return masked(str(found)) if found.attributes else Missing(_NOT_NOTED)


@attribute(*_INPUTS, at=at_locked())
def reference(node: InputNode, world: World) -> str:
    """What it is locked to, as a reference, without secrets: `github:NixOS/nixpkgs/<commit>?narHash=…`."""
    from scanner.parse.nix.canonical import canonical

    return masked(canonical(node.input.locked))


@attribute(*_INPUTS, at=at_locked("url"))
def url(node: InputNode, world: World) -> str | Missing:
    """The URL that is locked, without secrets; forges (`type: github`) have none."""
    found = node.input.locked.url
    return (
        masked(found) if found is not None else Missing(f"the type {quoted(node.input.locked.type)} has none")
    )


@attribute(*_INPUTS, at=at_locked("url", "type"))
def scheme(node: InputNode, world: World) -> str | Missing:
    """How it is fetched: `https`, `ssh`, `http`, `file`, …"""
    locked = node.input.locked
    if locked.url is not None:
        return url_of(locked.url).scheme or Missing("its URL has no scheme")
    return "https" if repository_of(locked) is not None else Missing(_placeless(locked))


@attribute(*_INPUTS, at=at_locked("host", "url", "type"))
def host(node: InputNode, world: World) -> str | Missing:
    """The host that serves it, in lower case: `github.com`, `releases.nixos.org`; of a pin that is an archive of the forge's
    repository that it names, that forge's (`github.com`, and not `api.github.com`). The `repository` may be on another one."""
    locked = node.input.locked
    asked = node.input.original
    if node.lock.is_pins and asked.type in HOSTS:
        named = repository_of(asked)
        # Only where the URL is of that very repository: what a lock says of itself proves nothing.
        if named is not None and named == repository_of(locked):
            return named.host
    if locked.url is not None:
        return url_of(locked.url).host or Missing("its URL has no host")
    found = repository_of(locked)
    return found.host if found is not None and found.host else Missing(_placeless(locked))


@attribute(*_INPUTS, at=at_locked("repo", "url"))
def repository(node: InputNode, world: World) -> str | Missing:
    """Host and path of the repository that it is locked to, in lower case: `github.com/nixos/nixpkgs`."""
    found = _repository(node.input.locked)
    return found if isinstance(found, Missing) else str(found)


@attribute(*_INPUTS, at=at_locked("owner", "url"))
def owner(node: InputNode, world: World) -> str | Missing:
    """The owner of the repository that it is locked to, in lower case, also where a URL names it; a group within a group with its
    slashes. Somebody may have the same name on another host: `namespace` has both."""
    found = _owned(node.input.locked)
    return found if isinstance(found, Missing) else found.path.rpartition("/")[0]


@attribute(*_INPUTS, at=at_locked("owner", "url"))
def namespace(node: InputNode, world: World) -> str | Missing:
    """Host and owner of the repository that it is locked to, in lower case: `github.com/nixos`."""
    found = _owned(node.input.locked)
    return found if isinstance(found, Missing) else str(found).rpartition("/")[0]


@attribute(*_INPUTS, at=at_locked("repo", "url"))
def repo(node: InputNode, world: World) -> str | Missing:
    """The name of the repository that it is locked to, in lower case, without the owner."""
    found = _repository(node.input.locked)
    return found if isinstance(found, Missing) else found.name


@attribute(*_INPUTS, at=at_asked("repo", "url"))
def asked_repository(node: InputNode, world: World) -> str | Missing:
    """Host and path of the repository that is asked for, in lower case; not the locked one where somebody redirects."""
    found = repository_of(node.input.original)
    return str(found) if found is not None else Missing("what is asked for names no repository")


@attribute(*_INPUTS, at=at_locked("owner", "url"))
def known_owner(node: InputNode, world: World) -> bool | Missing:
    """Whether the owner is in the global flake registry, or in many locks of others."""
    found = _repository(node.input.locked)
    if isinstance(found, Missing):
        return found
    known = world.knowledge.owners.get((found.host, found.path.rpartition("/")[0]))
    return known is not None and known.known


def _repository(locked: Reference) -> Repository | Missing:
    """The repository; a file on a server is none, whatever its path looks like."""
    found = repository_of(locked)
    if found is None:
        return Missing(_placeless(locked))
    if locked.type in ARCHIVES and locked.url is not None:
        path = url_of(locked.url).path.strip("/").lower()
        if found.path == path:
            return Missing("its URL is of a file, and of no repository that is known")
    return found


def _owned(locked: Reference) -> Repository | Missing:
    """The repository, if its path has an owner."""
    found = _repository(locked)
    if isinstance(found, Missing) or "/" in found.path:
        return found
    return Missing("the path of the repository has no owner")


def _placeless(locked: Reference) -> str:
    match locked.type:
        case "path":
            return "it is a folder"
        case "indirect":
            return "a registry decides where it comes from"
    return f"what is locked does not say where it comes from ({quoted(locked.type)})"


@attribute(*_INPUTS, at=at_locked("owner", "url"))
def diverges(node: InputNode, world: World) -> bool | Missing:
    """Whether the lock leads elsewhere than what was asked for leads, or to another branch of it."""
    original = node.input.original
    if not original.attributes:
        return Missing(_NOT_NOTED)
    from scanner.analysis.locks.divergence import divergence

    return divergence(original, node.input.locked, world.knowledge) is not None


# ---------------------------------------------------------------- inputs: which state


@attribute(*_INPUTS, at=at_asked("ref", "url"))
def ref(node: InputNode, world: World) -> str | Missing:
    """The branch or tag that is asked for, as written."""
    return node.input.original.ref or Missing("no branch or tag is asked for")


@attribute(*_INPUTS, at=at_asked("rev", "url"))
def asked_rev(node: InputNode, world: World) -> str | Missing:
    """The commit that is asked for; with one an update changes nothing."""
    return node.input.original.rev or Missing("no commit is asked for")


@attribute(*_INPUTS, at=at_locked("rev", "url"))
def rev(node: InputNode, world: World) -> str | Missing:
    """The commit that it is locked to, also where only a URL holds it."""
    found = revision_of(node.input.locked)
    return found if found is not None and is_commit(found) else Missing("it is locked to no commit")


@attribute(*_INPUTS, at=at_locked("narHash"))
def nar_hash(node: InputNode, world: World) -> str | Missing:
    """The hash of the locked content."""
    return node.input.locked.nar_hash or Missing("the lock has no hash of its content")


@attribute(*_INPUTS, at=at_locked("rev", "url"))
def by_commit(node: InputNode, world: World) -> bool:
    """Whether a commit fixes it."""
    return names_commit(node.input.locked)


@attribute(*_INPUTS, at=at_locked("rev", "url", "type"))
def locked(node: InputNode, world: World) -> bool:
    """Whether a commit or a hash fixes it; false for a working tree with changes. A folder of the flake itself is as locked as that."""
    return not is_dirty(node.input.locked) and not is_unlocked(_input(node, world))


@attribute(*_INPUTS, at=at_locked("dirtyRev", "rev"))
def dirty(node: InputNode, world: World) -> bool:
    """Whether it was taken from a working tree with uncommitted changes."""
    return is_dirty(node.input.locked)


@attribute(*_INPUTS)
def moves(node: InputNode, world: World) -> bool:
    """Whether an update can change it: no commit, tag or file of one version is asked for, and the pin is not frozen."""
    return not stays(node.input.original)


@attribute(*_INPUTS, at=at_date)
def last_modified(node: InputNode, world: World) -> date | Missing:
    """The day on which the locked content was last modified, as the lock claims."""
    found = modified_at(node.input.locked)
    if isinstance(found, Undated):
        return untold(found.reason)
    return day_of(node.input.locked) or untold("its `lastModified` is not a time")


@attribute(*_INPUTS, at=at_date)
def age(node: InputNode, world: World) -> timedelta | Missing:
    """How long ago the locked content was last modified."""
    found = age_of(node.input.locked, world.now)
    return timedelta(found.days) if isinstance(found, Age) else untold(found.reason)


# ---------------------------------------------------------------- nixpkgs


@attribute(*_INPUTS)
def nixpkgs(node: InputNode, world: World) -> bool:
    """Whether it is nixpkgs, whoever owns it."""
    return is_nixpkgs(node.input)


@attribute(*_INPUTS, at=at_asked("ref", "url"))
def branch(node: InputNode, world: World) -> str | Missing:
    """The branch or channel of nixpkgs that it follows: `nixos-unstable`, `nixos-25.05`."""
    if not is_nixpkgs(node.input):
        return Missing("it is not nixpkgs")
    return nixpkgs_branch(node.input) or Missing("it follows no branch that the lock tells")


@attribute(*_INPUTS, at=at_asked("ref", "url"))
def release(node: InputNode, world: World) -> Version | Missing:
    """The release of NixOS that its branch of nixpkgs belongs to: `25.05`."""
    found = _release(node, world)
    return found if isinstance(found, Missing) else Version(found.name)


@attribute(*_INPUTS, at=at_asked("ref", "url"))
def end_of_life(node: InputNode, world: World) -> date | Missing:
    """The last day on which its release of NixOS gets updates."""
    found = _release(node, world)
    return found if isinstance(found, Missing) else found.end


@attribute(*_INPUTS, at=at_asked("ref", "url"))
def supported(node: InputNode, world: World) -> bool | Missing:
    """Whether its branch of nixpkgs gets updates: of a release before its end of life, or `master` and the unstable channels."""
    if not is_nixpkgs(node.input):
        return Missing("it is not nixpkgs")
    followed = nixpkgs_branch(node.input)
    if followed is None:
        return Missing("it follows no branch that the lock tells")
    if followed in ROLLING or followed == "master":
        return True
    if release_in(followed) is None:
        return untold("nothing tells whether its branch gets updates")
    found = _release(node, world)
    return found if isinstance(found, Missing) else found.end >= world.now


def _release(node: InputNode, world: World) -> Release | Missing:
    if not is_nixpkgs(node.input):
        return Missing("it is not nixpkgs")
    followed = nixpkgs_branch(node.input)
    if followed is None:
        return Missing("it follows no branch that the lock tells")
    name = release_in(followed)
    if name is None:
        return Missing("its branch belongs to no release")
    return world.knowledge.nixos_release(name) or Missing("no such release of NixOS is known")
