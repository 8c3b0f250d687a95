"""Attributes of container images."""

from scanner.analysis.attributes.attribute import Missing, World, attribute, untold
from scanner.analysis.attributes.written import COMPUTED
from scanner.graph.nodes.workflows import ImageNode


@attribute(ImageNode)
def registry(node: ImageNode, world: World) -> str | Missing:
    """The registry that it is pulled from: `docker.io`, `ghcr.io`."""
    open = "${{" in node.image.registry or ("${{" in node.image.name and "/" not in _fixed(node))
    return untold(COMPUTED) if open else node.image.registry


@attribute(ImageNode)
def repository(node: ImageNode, world: World) -> str | Missing:
    """Registry and name, without tag and digest; the registry is left out for Docker Hub: `alpine`, `ghcr.io/owner/tool`."""
    return _known(node.image.repository, "it has no name")


@attribute(ImageNode)
def owner(node: ImageNode, world: World) -> str | Missing:
    """What stands before the name in its registry: `owner` of `ghcr.io/owner/tool`."""
    found = node.image.name.rpartition("/")[0]
    return _known(found, "its name has no owner")


@attribute(ImageNode)
def tag(node: ImageNode, world: World) -> str | Missing:
    """Its tag; where neither tag nor digest is written, the run takes `latest`."""
    if "${{" in node.label and node.image.tag is None:
        return untold(COMPUTED)
    return _known(node.image.tag or "", "it has no tag")


@attribute(ImageNode)
def digest(node: ImageNode, world: World) -> str | Missing:
    """The digest that fixes it: `sha256:…`."""
    if "${{" in node.label and node.image.digest is None:
        return untold(COMPUTED)
    return _known(node.image.digest or "", "it has no digest")


@attribute(ImageNode)
def pinned(node: ImageNode, world: World) -> bool | Missing:
    """Whether a digest fixes it."""
    return True if node.image.pinned else untold(COMPUTED) if "${{" in node.label else False


def _known(text: str, without: str) -> str | Missing:
    return untold(COMPUTED) if "${{" in text else text or Missing(without)


def _fixed(node: ImageNode) -> str:
    """What stands before the first expression."""
    return node.label.partition("${{")[0]
