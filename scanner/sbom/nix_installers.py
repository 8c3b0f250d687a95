"""Components for Nix and Lix as steps install them: by an action, or by a command that fetches an installer.

An image that holds Nix is a component itself.
"""

from collections.abc import Iterator

from scanner.analysis.evaluation.installed import Installed, installed
from scanner.graph.graph import Graph
from scanner.knowledge.tables import Knowledge
from scanner.model.secrets import masked
from scanner.parse.nix.urls import public
from scanner.sbom import purl
from scanner.sbom.bill import Component, id_of
from scanner.sbom.component import component, occurrence

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
        # Which of its distributions an installer without a version brings is not known.
        known = version is not None
        yield component(
            id,
            "nix-installer",
            "application",
            (group if known else None, first.tool),
            version,
            purl.of_nix(first.tool, version, url),
            places=(occurrence(one.at, one.node.id) for one in those),
            links=(("vcs", repository if known else None), *(("distribution", one) for one in urls)),
            properties=(("snowfence:version_known", "true" if known else "false"),),
        )


def nix_installer_id(one: Installed) -> str:
    """The id of the component for what is installed."""
    if one.version is not None:
        return id_of(f"nix-installer:{one.tool}@{one.version}")
    url = _url(one)
    return id_of(f"nix-installer:{one.tool}#{url}" if url is not None else f"nix-installer:{one.tool}")


def _url(one: Installed) -> str | None:
    url = public(one.url) if one.url is not None else None
    return masked(url) if url is not None else None
