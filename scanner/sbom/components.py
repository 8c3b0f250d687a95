"""From the graph to the bill: everything of others that a repository locks, runs and builds on, each thing once.

Components are flake inputs, pins, actions, reusable workflows and images, each with the id of its graph node: a source that is
locked twice is two components. What belongs to the repository itself (locks, jobs, steps, local actions) is the
subject. Nodes of a lock that its root does not reach are left out, as Nix leaves them out. What steps install Nix with
(`nix_installers.py`) and whose hooks pre-commit runs (`hook_repositories.py`) are fields of nodes, and components all the same.

The properties `nix:*` are those of the Nixpkgs manual ("CycloneDX"), `snowfence:*` are ours. The only hash is a SHA-256 of
what Nix serialises (NAR), which `nix:narinfo:nar_hash` says beside it, or of the one file that a pin is.

What is not known is not said. There is no supplier and no author, since the owner of a repository need be neither. There is no scope, since
`required` is about running a product and these are what it is built with; CycloneDX 1.7 has `isExternal` for what runs beside it only.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from scanner.analysis.locks.inputs import Input, inputs
from scanner.analysis.remotes.licenses import Licensed, Licenses
from scanner.analysis.remotes.names import node_remote
from scanner.analysis.remotes.taken_inputs import remote_of
from scanner.analysis.uses.pins import comment_of
from scanner.analysis.uses.uses import repository_uses
from scanner.graph.graph import Graph
from scanner.graph.ids import REPOSITORY
from scanner.graph.nodes.nix import PinNode
from scanner.graph.nodes.workflows import ActionNode, ImageNode, ReusableWorkflowNode
from scanner.knowledge.tables import Knowledge
from scanner.model.commit import is_commit
from scanner.model.online import GITHUB
from scanner.parse.nix.hosts import HOSTS
from scanner.parse.nix.reference import Reference
from scanner.parse.nix.store_path import nar_digest
from scanner.parse.nix.urls import archive_url, commit_url, owner_of, public, repository_url
from scanner.sbom import purl
from scanner.sbom.bill import (
    Bill,
    Commit,
    Component,
    Hash,
    Occurrence,
    Subject,
    id_of,
    line_of,
)
from scanner.sbom.component import component, occurrence
from scanner.sbom.dependencies import DEPENDENCIES, completeness_of, dependencies_of, pinned_commit
from scanner.sbom.hook_repositories import hook_repositories
from scanner.sbom.nix_installers import nix_installers

if TYPE_CHECKING:
    from packageurl import PackageURL

SUBJECT: Final = id_of(REPOSITORY)
"""The id of the repository itself."""

MAX_VERSION: Final = 1024
"""Characters of a version, by CycloneDX."""

_YEAR_10000: Final = 253_402_300_800


def bill_of(
    graph: Graph,
    *,
    name: str,
    timestamp: datetime,
    tool: str,
    version: str | None = None,
    package: "PackageURL | None" = None,
    knowledge: Knowledge | None = None,
    licenses: Licenses | None = None,
    unread: frozenset[str] = frozenset(),
    left_out: int = 0,
) -> Bill:
    """The bill of the repository `name`, without vulnerabilities.

    `version` is the repository's commit and `package` its purl, where they are known; `tool` is snowfence's version, `knowledge` has
    the tables by which installers of Nix are known (None: there are none in the bill); `licenses` knows under which ones the components are
    (None: nothing is said of them). `unread` are the files that could not be read as a whole, so that things may be missing that they name,
    `left_out` counts those that the policy has nobody read.
    """
    found = sorted(components_of(graph, licenses, knowledge), key=lambda one: one.id)
    ids = frozenset(one.id for one in found)
    return Bill(
        Subject(SUBJECT, line_of(name), _version(version), package),
        timestamp,
        tool,
        tuple(one._replace(version=_version(one.version)) for one in found),
        dependencies_of(graph, ids),
        completeness_of(graph, ids, unread, whole=not left_out),
        knowledge=knowledge.digest if knowledge is not None else None,
        left_out=left_out,
    )


def _version(text: str | None) -> str | None:
    """A version in one line; none where it is longer than one may be."""
    version = line_of(text) if text is not None else None
    return version if version is None or len(version) <= MAX_VERSION else None


def components_of(
    graph: Graph, licenses: Licenses | None = None, knowledge: Knowledge | None = None
) -> Iterator[Component]:
    """Every component, in the order of the graph."""
    places = _occurrences(graph)
    licensed = _licensed(graph, licenses) if licenses is not None else {}
    comments = _comments(graph)
    for one in inputs(graph):
        yield _input(one, licensed.get(one.node.id))
    for node in _actions(graph):
        yield _action(node, places[node.id], comments.get(node.id, ()), licensed.get(node.id))
    for image in graph.of(ImageNode):
        yield _image(image, places[image.id])
    yield from hook_repositories(graph, licenses)
    if knowledge is not None:
        yield from nix_installers(graph, knowledge)


# ---------------------------------------------------------------- places


def _occurrences(graph: Graph) -> dict[str, list[Occurrence]]:
    """Every place that uses a node, by the node's id; for an action that only actions.lock knows, its pin."""
    found: dict[str, list[Occurrence]] = defaultdict(list)
    for edge in graph.edges:
        if edge.at is not None and edge.kind in DEPENDENCIES:
            found[edge.target].append(occurrence(edge.at, edge.source))
    for node in graph.of(ActionNode):
        if node.pin is not None and node.id not in found:
            found[node.id].append(occurrence(node.pin.key.span, node.id))
    return found


def _comments(graph: Graph) -> dict[str, tuple[str, ...]]:
    """The versions that comments behind pins claim, by the ids of what is pinned."""
    found: dict[str, set[str]] = defaultdict(set)
    for used in repository_uses(graph):
        comment = comment_of(used.used.call.text) if used.use.pinned else None
        ref = comment.ref_of(used.use.slug) if comment is not None else None
        if ref is not None:
            for edge in graph.out(used.subject):
                target = graph.nodes[edge.target]
                if isinstance(target, ActionNode | ReusableWorkflowNode):
                    found[target.id].add(ref)
    return {id: tuple(sorted(refs)) for id, refs in found.items()}


# ---------------------------------------------------------------- components


def _actions(graph: Graph) -> Iterator[ActionNode | ReusableWorkflowNode]:
    yield from graph.of(ActionNode)
    yield from graph.of(ReusableWorkflowNode)


def _licensed(graph: Graph, licenses: Licenses) -> dict[str, Licensed]:
    """The licences of components by their ids, as far as they are known. Components are more than what is `taken_of` a graph: what jobs name
    that never run is there, too."""
    remotes = {node.id: node_remote(node, licenses.home) for node in _actions(graph)}
    for one in inputs(graph):
        remote = remote_of(one.node.input.locked)
        if remote is not None:
            remotes[one.node.id] = remote
    licenses.prepare(remotes.values())
    found = {id: licenses.of(remote) for id, remote in remotes.items()}
    return {id: answer for id, answer in found.items() if isinstance(answer, Licensed)}


def _input(one: Input, licensed: Licensed | None) -> Component:
    locked = one.node.input.locked
    _, name = one.trail[one.node.label]
    package = purl.of_input(locked, name)
    if locked.repo is not None:
        names: tuple[str | None, str] = (owner_of(locked), locked.repo)
    elif package is not None:
        names = (package.namespace, package.name)
    else:
        names = (None, name)
    return component(
        id_of(one.node.id),
        "pin" if isinstance(one.node, PinNode) else "flake-input",
        "container" if locked.type == "container" else "library",
        names,
        locked.rev or (package.version if package is not None else None),
        package,
        places=[occurrence(one.node.place(), one.name)],
        links=(("vcs", repository_url(locked)), ("distribution", archive_url(locked))),
        commits=_commits(locked),
        properties=_input_properties(one),
        hash=_hash(locked),
        licensed=licensed,
    )


def _hash(locked: Reference) -> Hash | None:
    """The hash that a lock has. An image is converted before Nix hashes it, so that its hash is none of what a registry has."""
    digest = nar_digest(locked.nar_hash or "") if locked.type != "container" else None
    return Hash(digest.hex(), "file" if _is_file(locked) else "nar") if digest is not None else None


def _is_file(locked: Reference) -> bool:
    return "flat" in locked.attributes


def _commits(locked: Reference) -> tuple[Commit, ...]:
    """The commit of a source that is kept in git. Nix takes its time for the one of the source."""
    rev = locked.rev
    if rev is None or not is_commit(rev) or locked.type not in (*HOSTS, "git"):
        return ()
    return (Commit(rev, commit_url(locked), _modified(locked)),)


def _modified(locked: Reference) -> datetime | None:
    seconds = locked.last_modified
    if seconds is None or not 0 <= seconds < _YEAR_10000:
        return None
    return datetime.fromtimestamp(int(seconds), UTC)


def _input_properties(one: Input) -> Iterator[tuple[str, str | None]]:
    node = one.node.input
    locked, original = node.locked, node.original
    yield "snowfence:input", one.name
    yield "snowfence:lock", one.node.path
    yield "snowfence:type", locked.type
    # The branch, tag or name that is asked for: what the next update follows.
    yield "snowfence:wanted", original.ref or original.text("id")
    if isinstance(one.node, PinNode):
        yield "snowfence:tool", one.node.lock.tool.name
    elif not node.flake:
        yield "snowfence:flake", "false"
    modified = _modified(locked)
    yield "snowfence:last_modified", modified.isoformat() if modified is not None else None
    # Nixpkgs wants all others of its own beside a store path.
    path, nar_hash, url = one.node.store_path(), locked.nar_hash, archive_url(locked)
    if path is None:
        return
    flat = _is_file(locked)
    yield "nix:store_path", path
    yield "nix:narinfo:nar_hash", nar_hash if not flat else None
    if url is not None and (flat or (locked.type in HOSTS and locked.text("name") is None)):
        yield "nix:fod:method", "fetchurl" if flat else "fetchzip"
        yield "nix:fod:name", path.partition("-")[2] if flat else "source"
        yield "nix:fod:sha256", nar_hash
        yield "nix:fod:url", url


def _action(
    node: ActionNode | ReusableWorkflowNode,
    places: Iterable[Occurrence],
    comments: Iterable[str],
    licensed: Licensed | None,
) -> Component:
    use = node.use
    locked = pinned_commit(node)
    commit = locked or (use.ref.lower() if use.pinned else None)
    version = commit or use.ref
    host = node_remote(node, GITHUB).host  # where the lock does not say it, the same with servers and without
    home = public(f"https://{host}/{use.owner}/{use.repository}")
    page = f"{home}/commit/{commit}" if home is not None and commit is not None else None
    return component(
        id_of(node.id),
        "action" if isinstance(node, ActionNode) else "reusable-workflow",
        "application",
        (use.owner, "/".join(part for part in (use.repository, use.path) if part)),
        version,
        purl.of_action(use, version, host),
        places=places,
        links=(("vcs", home),),
        commits=(Commit(commit, page),) if commit is not None else (),
        properties=(
            ("snowfence:ref", use.ref),
            ("snowfence:pinned", "true" if commit is not None else "false"),
            ("snowfence:locked", "true" if locked is not None else None),
            ("snowfence:githubactions_purl", purl.github_actions(use)),
            *(("snowfence:comment", ref) for ref in comments),
        ),
        licensed=licensed,
    )


def _image(node: ImageNode, places: Iterable[Occurrence]) -> Component:
    image = node.image
    group, _, name = image.repository.rpartition("/")
    return component(
        id_of(node.id),
        "image",
        "container",
        (group or None, name),
        image.digest or image.tag,
        purl.of_image(image),
        places=places,
        properties=(
            ("snowfence:tag", image.tag if image.digest is not None else None),
            ("snowfence:pinned", "true" if image.pinned else "false"),
        ),
    )
