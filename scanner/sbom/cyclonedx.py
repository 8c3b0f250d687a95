"""CycloneDX 1.6 JSON (ECMA-424) of a repository: what its locks pin, its workflows run and its jobs build on.

Components are flake inputs, pins, actions, reusable workflows and images, each with the id of its graph node as `bom-ref`: a source that is
locked twice is two components. What belongs to the repository itself (locks, jobs, steps, local actions) is the root
component. Nodes of a lock that its root does not reach are left out, as Nix leaves them out.

The properties `nix:*` are those of the Nixpkgs manual ("CycloneDX"), `snowfence:*` are ours. The only hash is a SHA-256 of
what Nix serialises (NAR), which `nix:narinfo:nar_hash` says beside it, or of the one file that a pin is.

Dependencies are written past the library. It gives every component an entry, but one without dependencies says that there are
none, and nobody knows what an image or an unlocked action builds on: the format leaves those out. It also
takes quadratic time over them (`Bom.validate`, `register_dependency`: 70 s for 10,000 components).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.component_evidence import ComponentEvidence, Occurrence
from cyclonedx.model.lifecycle import LifecyclePhase, PredefinedLifecycle
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from scanner.analysis.locks.inputs import Input, inputs
from scanner.analysis.remotes.licenses import Licensed, Licenses
from scanner.analysis.remotes.names import node_remote
from scanner.analysis.remotes.taken_inputs import remote_of
from scanner.graph.graph import Graph
from scanner.graph.nodes.base import Node, RepositoryNode
from scanner.graph.nodes.nix import InputNode, PinNode
from scanner.graph.nodes.workflows import ActionNode, ImageNode, ReusableWorkflowNode
from scanner.model.online import GITHUB
from scanner.model.source import Span
from scanner.parse.actions_lock import Pin
from scanner.parse.nix.hosts import HOSTS
from scanner.parse.nix.store_path import nar_digest
from scanner.parse.nix.urls import archive_url, owner_of, public, repository_url
from scanner.sbom import purl
from scanner.sbom.licenses import license_of

ROOT: Final = RepositoryNode().id
DEPENDENCIES: Final = frozenset(("input", "uses", "calls"))
"""The kinds of edges that make a component depend on another."""

MAX_VERSION: Final = 1024
"""Characters of a version, by the schema."""

_NAMESPACE: Final = UUID("6e1a6f5e-5d0c-5b0e-9d64-9f3f6c3a7f10")
_ORDER: Final = (
    "$schema",
    "bomFormat",
    "specVersion",
    "serialNumber",
    "version",
    "metadata",
    "components",
    "dependencies",
)
_YEAR_10000: Final = 253_402_300_800

Links = Iterable[tuple[ExternalReferenceType, str | None]]
Properties = Iterable[tuple[str, str | None]]


def write(
    graph: Graph,
    *,
    name: str,
    timestamp: datetime,
    version: str,
    knowledge: str | None = None,
    licenses: Licenses | None = None,
) -> str:
    """The document for the repository `name`; `version` is snowfence's own, `knowledge` the digest of the tables used, `licenses` knows
    under which ones the components are (None: nothing is said of them). The same input gives the same bytes."""
    places = _occurrences(graph)
    licensed = _licensed(graph, licenses) if licenses is not None else {}
    components = [
        *(_input(one, licensed.get(one.node.id)) for one in inputs(graph)),
        *(_action(node, places[node.id], licensed.get(node.id)) for node in _actions(graph)),
        *(_image(node, places[node.id]) for node in graph.of(ImageNode)),
    ]
    bom = Bom(serial_number=_NAMESPACE, components=components)
    bom.metadata.timestamp = timestamp
    bom.metadata.component = Component(name=name, type=ComponentType.APPLICATION, bom_ref=ROOT)
    bom.metadata.lifecycles.add(PredefinedLifecycle(LifecyclePhase.PRE_BUILD))
    bom.metadata.tools.components.add(
        Component(name="snowfence", version=version, type=ComponentType.APPLICATION)
    )
    if knowledge is not None:
        bom.metadata.properties.add(Property(name="snowfence:knowledge", value=knowledge))
    bom.validate = lambda: True  # type: ignore[method-assign]
    return _finish(
        json.loads(make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string()),
        list(_dependencies(graph, {str(one.bom_ref) for one in components})),
    )


def _finish(document: dict[str, Any], dependencies: list[dict[str, object]]) -> str:
    """The document in an order that does not depend on ids in memory, as the library's does, and with its number."""
    components = document.get("components", [])
    components.sort(key=lambda one: one["bom-ref"])
    for component in components:
        places = component.get("evidence", {}).get("occurrences", [])
        places.sort(key=lambda one: (one["location"], one["offset"], one["symbol"]))
    document |= {"components": components, "dependencies": dependencies, "serialNumber": None}
    document["serialNumber"] = uuid5(_NAMESPACE, json.dumps(document, sort_keys=True)).urn
    return json.dumps({key: document[key] for key in _ORDER}, indent=2) + "\n"


def _dependencies(graph: Graph, components: set[str]) -> Iterator[dict[str, object]]:
    """What each component depends on, where that is known: by a lock, or by the repository's own files."""
    known: dict[str, set[str]] = {ROOT: set()}
    for node in graph.nodes.values():
        if node.id in components and (isinstance(node, InputNode) or _uses_nothing(node)):
            known[node.id] = set()
    for edge in graph.edges:
        if edge.kind in DEPENDENCIES:
            source, target = (_owner(graph, id, components) for id in (edge.source, edge.target))
            if source is not None and target is not None and source != target:
                known.setdefault(source, set()).add(target)
    for id, targets in sorted(known.items()):
        yield {"ref": id, "dependsOn": sorted(targets)}


def _owner(graph: Graph, id: str, components: set[str]) -> str | None:
    """The component that a node is or is a part of; None for an input that its lock does not reach."""
    if id in components:
        return id
    return None if isinstance(graph.nodes[id], InputNode) else ROOT


def _uses_nothing(node: Node) -> bool:
    """Whether actions.lock says of an action that it uses no other."""
    if not isinstance(node, ActionNode) or node.pin is None:
        return False
    return _commit(node.pin) is not None and not node.pin.uses


def _commit(pin: Pin | None) -> str | None:
    """The commit that actions.lock fixes."""
    return pin.commit if pin is not None and pin.defect is None else None


def _occurrences(graph: Graph) -> dict[str, list[Occurrence]]:
    """Every place that uses a node, by the node's id; for an action that only actions.lock knows, its pin."""
    found: dict[str, list[Occurrence]] = defaultdict(list)
    for edge in graph.edges:
        if edge.at is not None and edge.kind in DEPENDENCIES:
            found[edge.target].append(_occurrence(edge.at, edge.source))
    for node in graph.of(ActionNode):
        if node.pin is not None and node.id not in found:
            found[node.id].append(_occurrence(node.pin.key.span, node.id))
    return found


def _occurrence(at: Span, symbol: str) -> Occurrence:
    return Occurrence(location=at.shown, line=at.begin.line, offset=at.start, symbol=symbol)


# ---------------------------------------------------------------- components


def _component(
    node: Node,
    type: ComponentType,
    names: tuple[str | None, str],
    version: str | None,
    package: PackageURL | None,
    *,
    places: Iterable[Occurrence],
    links: Links = (),
    properties: Properties = (),
    digest: bytes | None = None,
    licensed: Licensed | None = None,
) -> Component:
    group, name = names
    license = license_of(licensed) if licensed is not None else None
    source = None if licensed is None or license is None else "forge" if licensed.by_forge else "knowledge"
    return Component(
        type=type,
        bom_ref=node.id,
        group=group,
        name=name,
        version=version if version is None or len(version) <= MAX_VERSION else None,
        purl=package,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest.hex())] if digest is not None else None,
        external_references=[
            ExternalReference(type=kind, url=XsUri(url)) for kind, url in links if url is not None
        ],
        properties=[
            Property(name=name, value=value)
            for name, value in (
                ("snowfence:kind", node.kind),
                *properties,
                ("snowfence:license_source", source),
            )
            if value is not None
        ],
        licenses=[license] if license is not None else None,
        evidence=ComponentEvidence(occurrences=places),
    )


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
    node = one.node.input
    locked = node.locked
    _, name = one.trail[one.node.label]
    package = purl.of_input(locked, name)
    if locked.repo is not None:
        names: tuple[str | None, str] = (owner_of(locked), locked.repo)
    elif package is not None:
        names = (package.namespace, package.name)
    else:
        names = (None, name)
    return _component(
        one.node,
        ComponentType.CONTAINER if locked.type == "container" else ComponentType.LIBRARY,
        names,
        locked.rev or (package.version if package is not None else None),
        package,
        places=[_occurrence(one.node.place(), one.name)],
        links=(
            (ExternalReferenceType.VCS, repository_url(locked)),
            (ExternalReferenceType.DISTRIBUTION, archive_url(locked)),
        ),
        properties=_input_properties(one),
        # An image is converted before Nix hashes it, so that hash is none of what a registry has.
        digest=nar_digest(locked.nar_hash or "") if locked.type != "container" else None,
        licensed=licensed,
    )


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
    modified = locked.last_modified
    if modified is not None and 0 <= modified < _YEAR_10000:
        yield "snowfence:last_modified", datetime.fromtimestamp(int(modified), UTC).isoformat()
    path, nar_hash, url = one.node.store_path(), locked.nar_hash, archive_url(locked)
    if path is None:
        return
    flat = "flat" in locked.attributes
    yield "nix:store_path", path
    yield "nix:narinfo:nar_hash", nar_hash if not flat else None
    if url is not None and (flat or (locked.type in HOSTS and locked.text("name") is None)):
        yield "nix:fod:method", "fetchurl" if flat else "fetchzip"
        yield "nix:fod:name", path.partition("-")[2] if flat else "source"
        yield "nix:fod:sha256", nar_hash
        yield "nix:fod:url", url


def _action(
    node: ActionNode | ReusableWorkflowNode, places: Iterable[Occurrence], licensed: Licensed | None
) -> Component:
    use = node.use
    commit = _commit(node.pin) if isinstance(node, ActionNode) else None
    version = commit or use.ref
    host = node_remote(node, GITHUB).host  # where the lock does not say it, the same with servers and without
    return _component(
        node,
        ComponentType.APPLICATION,
        (use.owner, "/".join(part for part in (use.repository, use.path) if part)),
        version,
        purl.of_action(use, version, host),
        places=places,
        links=((ExternalReferenceType.VCS, public(f"https://{host}/{use.owner}/{use.repository}")),),
        properties=(
            ("snowfence:ref", use.ref),
            ("snowfence:pinned", "true" if commit is not None or use.pinned else "false"),
            ("snowfence:locked", "true" if commit is not None else None),
            ("snowfence:githubactions_purl", purl.github_actions(use)),
        ),
        licensed=licensed,
    )


def _image(node: ImageNode, places: Iterable[Occurrence]) -> Component:
    image = node.image
    group, _, name = image.repository.rpartition("/")
    return _component(
        node,
        ComponentType.CONTAINER,
        (group or None, name),
        image.digest or image.tag,
        purl.of_image(image),
        places=places,
        properties=(
            ("snowfence:tag", image.tag if image.digest is not None else None),
            ("snowfence:pinned", "true" if image.pinned else "false"),
        ),
    )
