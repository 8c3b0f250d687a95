"""Components for Nix and Lix as steps install them: by an action, or by a command that fetches an installer.

An image that holds Nix is a component itself.
"""

from collections.abc import Iterator

from scanner.analysis.evaluation.installed import Installed, installed
from scanner.graph.graph import Graph
from scanner.knowledge.tables import Knowledge
from scanner.parse.nix.urls import public
from scanner.sbom import purl
from scanner.sbom.bill import Component, Link, Occurrence, id_of, line_of

_PROJECTS = {
    "nix": ("NixOS", "https://github.com/NixOS/nix"),
    "lix": ("lix-project", "https://git.lix.systems/lix-project/lix"),
}


def nix_installers(graph: Graph, knowledge: Knowledge) -> Iterator[Component]:
    """One for each version; what names none is one for each address, and one for all that leave it to the installer or to the run."""
    found: dict[str, list[Installed]] = {}
    for one in installed(graph, knowledge):
        if one.image is None:
            found.setdefault(nix_installer_id(one), []).append(one)
    for id, those in found.items():
        first = those[0]
        version = str(first.version) if first.version is not None else None
        group, repository = _PROJECTS[first.tool]
        urls = dict.fromkeys(url for one in those if (url := _url(one)) is not None)
        url = next(iter(urls), None)
        places = dict.fromkeys(
            Occurrence(line_of(one.at.shown), one.at.begin.line, one.at.start, id_of(one.node.id))
            for one in those
        )
        # Which of its distributions an installer without a version brings is not known.
        known = version is not None
        yield Component(
            id=id,
            kind="nix-installer",
            type="application",
            name=first.tool,
            group=group if known else None,
            version=version,
            purl=purl.of_nix(first.tool, version, url),
            links=(
                *((Link("vcs", repository),) if known else ()),
                *(Link("distribution", line_of(one)) for one in urls),
            ),
            properties=(
                ("snowfence:kind", "nix-installer"),
                ("snowfence:version_known", "true" if known else "false"),
            ),
            occurrences=tuple(sorted(places)),
        )


def nix_installer_id(one: Installed) -> str:
    """The id of the component for what is installed."""
    if one.version is not None:
        return id_of(f"nix-installer:{one.tool}@{one.version}")
    url = _url(one)
    return id_of(f"nix-installer:{one.tool}#{url}" if url is not None else f"nix-installer:{one.tool}")


def _url(one: Installed) -> str | None:
    return public(one.url) if one.url is not None else None
