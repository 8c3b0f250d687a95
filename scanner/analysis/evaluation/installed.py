"""Nix and Lix as workflows get them: by an action that installs them, by a command that fetches an installer, in an image."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.evaluation.runs import executed
from scanner.analysis.evaluation.versions import Version, in_url, written
from scanner.analysis.workflows.conditions import live_jobs, live_steps
from scanner.analysis.workflows.matrix import matrix_values
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import JobNode, StepNode
from scanner.knowledge.tables import Knowledge, NixInstaller
from scanner.model.source import Span
from scanner.parse.expressions.contexts import occurring
from scanner.parse.expressions.syntax import Access, parse
from scanner.parse.fences import fences
from scanner.parse.image import image_of
from scanner.parse.nodes import Scalar
from scanner.parse.scalars import Places
from scanner.parse.uses import DockerUse, RepositoryUse
from scanner.parse.workflow import Call

DOWNLOADERS: Final = frozenset(("curl", "wget", "sh", "bash", "aria2c"))
IMAGES: Final = {"nixos/nix": "nix", "nixpkgs/nix": "nix", "nixpkgs/nix-flakes": "nix"}
INSTALLERS: Final = (
    ("releases.nixos.org/nix/", "nix"),
    ("hydra.nixos.org/nix/", "nix"),
    ("nixos.org/nix/install", "nix"),
    ("artifacts.nixos.org/nix-installer", "nix"),
    ("nixos.org/releases/nix/", "nix"),
    ("install.determinate.systems/nix", "nix"),
    ("github.com/determinatesystems/nix-installer/releases/", "nix"),
    ("github.com/nixos/nix-installer/releases/", "nix"),
    ("github.com/nixos/experimental-nix-installer/releases/", "nix"),
    ("lix.systems/lix", "lix"),
)
"""Where installers are fetched from, by a part of the URL in lower case, and the tool that they install."""

_WORDS: Final = ("nixos.org/", "nix-installer", "install.determinate.systems/nix", "lix.systems/lix")
"""One of them is in every text that names one of these."""


class Installed(NamedTuple):
    """Nix or Lix (`tool`: `nix`, `lix`) that a step or job (`node`) gets, and the text `at` that says which.

    `version` is None where the run decides it (`open`: it may be a release), or nothing names one. `url` is what the installer is fetched
    from, where that is written, `image` the name of the image that holds it.
    """

    tool: str
    node: StepNode | JobNode
    at: Span
    version: Version | None
    open: bool = False
    url: str | None = None
    image: str | None = None


@per_graph
def installed(graph: Graph, knowledge: Knowledge) -> tuple[Installed, ...]:
    """All that steps get and that jobs run in, in the order of the files; of what never runs nothing."""
    return tuple(_installed(graph, knowledge))


def _installed(graph: Graph, knowledge: Knowledge) -> Iterator[Installed]:
    for node in live_steps(graph):
        yield from _step(node, knowledge)
    for job in live_jobs(graph):
        container = job.job.container
        if container is not None and container.image is not None:
            yield from _image(job, container.image, container.image.value)


def _step(node: StepNode, knowledge: Knowledge) -> Iterator[Installed]:
    call = node.step.call
    if call is not None and isinstance(call.target, RepositoryUse):
        action = knowledge.nix_action(call.target.name)
        if action is not None and action.installs is not None:
            found = list(_action(node, call, action.installs))
            yield from found
            if not found:  # its default, or a build of one's own
                yield Installed(action.installs.tool, node, call.text.content.first_line(), None)
    elif call is not None and isinstance(call.target, DockerUse):
        yield from _image(node, call.text, call.text.value.strip().removeprefix("docker://"))
    for one in executed(node, _WORDS):
        if one.command.program in DOWNLOADERS:
            for word in one.command.words[1:]:
                # The substitution of `sh <(curl …)` is a command of its own.
                if " " in word.text or word.text.startswith(("$(", "<(", "`")):
                    continue
                version, tool = in_url(word.text), _installs(word.text)
                url = word.text if _plain(word.text) else None
                if version is not None:
                    at = one.at(word.part(version.start, version.end))
                    yield Installed(version.tool, node, at, version, url=url)
                elif tool is not None:
                    yield Installed(tool, node, one.at(word), None, url=url)


def _installs(text: str) -> str | None:
    """The tool whose installer a URL leads to."""
    lower = text.lower()
    if not lower.startswith(("https://", "http://", "nixos.org/", "install.", "releases.")):
        return None
    return next((tool for part, tool in INSTALLERS if part in lower), None)


def _plain(text: str) -> bool:
    """Whether a URL stands there as it is, without what the run puts in."""
    return text.startswith(("https://", "http://")) and "$" not in text and "{{" not in text


def _action(node: StepNode, call: Call, installer: NixInstaller) -> Iterator[Installed]:
    for name in dict.fromkeys((*installer.version, *installer.url)):
        given = call.inputs.get(name)
        for value in _values(node, given) if given is not None else ():
            url = value.value.strip() if name in installer.url and _plain(value.value.strip()) else None
            version = written(value.value, installer.tool) if name in installer.version else None
            if version is None and name in installer.url:
                version = in_url(value.value)
            if version is not None:
                at = Places(value).span(version.start, version.end)
                yield Installed(version.tool, node, at, version, url=url)
            elif "${{" in value.value and _may_be_release(value):
                yield Installed(installer.tool, node, value.content.first_line(), None, open=True)
            elif url is not None:
                yield Installed(installer.tool, node, value.content.first_line(), None, url=url)


def _may_be_release(value: Scalar) -> bool:
    """Whether an expression may stand for a release: an output of an earlier step is one's own build."""
    return "steps." not in value.value and "needs." not in value.value


def _values(node: StepNode, given: Scalar) -> Iterator[Scalar]:
    """What an input can be: the values of the matrix where it is one of them, else as written."""
    found = list(fences(given))
    if node.job is not None and len(found) == 1 and found[0].text.strip().startswith("matrix."):
        tree = parse(found[0].text)
        if isinstance(tree, Access) and given.value.strip() == "${{" + found[0].text + "}}":
            for context in occurring(tree):
                yield from matrix_values(node.job, context.path[1:]).written
            return
    yield given


def _image(node: StepNode | JobNode, scalar: Scalar, text: str) -> Iterator[Installed]:
    image = image_of(text)
    tool = IMAGES.get(image.name) if image.registry in ("docker.io", "ghcr.io") else None
    if tool is None or image.tag is None:
        return
    version = written(image.tag.removeprefix("nix-"))
    at = scalar.value.find(":" + image.tag, scalar.value.find(image.name)) + 1
    if version is not None and at > 0:
        start = at + len(image.tag) - len(image.tag.removeprefix("nix-"))
        place = Places(scalar).span(start, start + version.end)
        yield Installed(tool, node, place, version, image=image.repository)
