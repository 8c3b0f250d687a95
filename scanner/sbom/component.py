"""The one maker of components, whatever they are read from."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from scanner.analysis.remotes.licenses import Licensed
from scanner.model.source import Span
from scanner.sbom.bill import (
    Commit,
    Component,
    ComponentType,
    Hash,
    Kind,
    Link,
    LinkKind,
    Occurrence,
    line_of,
)
from scanner.sbom.licenses import license_of

if TYPE_CHECKING:
    from packageurl import PackageURL


def component(
    id: str,
    kind: Kind,
    type: ComponentType,
    names: tuple[str | None, str],
    version: str | None,
    package: "PackageURL | None",
    *,
    places: Iterable[Occurrence],
    links: Iterable[tuple[LinkKind, str | None]] = (),
    commits: tuple[Commit, ...] = (),
    properties: Iterable[tuple[str, str | None]] = (),
    hash: Hash | None = None,
    licensed: Licensed | None = None,
) -> Component:
    """A component, with all its texts ready to be written; `id` is already, by `id_of`. What is None among `links` and `properties` is left
    out."""
    group, name = names
    license = license_of(licensed) if licensed is not None else None
    source = None if licensed is None or license is None else "forge" if licensed.by_forge else "knowledge"
    return Component(
        id,
        kind,
        type,
        line_of(name),
        line_of(group) if group is not None else None,
        line_of(version) if version is not None else None,
        package,
        hash,
        license,
        tuple(Link(kind, line_of(url)) for kind, url in links if url is not None),
        tuple(one._replace(url=line_of(one.url)) if one.url is not None else one for one in commits),
        tuple(
            sorted(
                (name, line_of(value))
                for name, value in (
                    ("snowfence:kind", kind),
                    *properties,
                    ("snowfence:license_source", source),
                )
                if value is not None
            )
        ),
        tuple(sorted(set(places))),
    )


def occurrence(at: Span, symbol: str) -> Occurrence:
    """A place, and the id of the node that stands there or the name that is given there."""
    return Occurrence(line_of(at.source.committed), at.begin.line, at.start, line_of(symbol))
