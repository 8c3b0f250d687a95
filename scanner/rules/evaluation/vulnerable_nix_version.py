"""See vulnerable_nix_version.md."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.evaluation.runs import executed
from scanner.analysis.evaluation.versions import Version, defects, in_url, repaired_in, written
from scanner.analysis.outsiders.privilege import self_hosted
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs, live_steps
from scanner.analysis.workflows.matrix import matrix_values
from scanner.analysis.workflows.steps import job_of
from scanner.engine import Context, NoOptions, rule
from scanner.graph.ids import file_id
from scanner.graph.nodes.workflows import JobNode, StepNode
from scanner.knowledge.tables import NixInstaller
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.expressions.contexts import occurring
from scanner.parse.expressions.syntax import Access, parse
from scanner.parse.fences import fences
from scanner.parse.image import image_of
from scanner.parse.nodes import Scalar
from scanner.parse.scalars import Places
from scanner.parse.uses import DockerUse, RepositoryUse
from scanner.parse.workflow import Call

SHOWN: Final = 20
DOWNLOADERS: Final = frozenset(("curl", "wget", "sh", "bash", "aria2c"))
IMAGES: Final = {"nixos/nix": "nix", "nixpkgs/nix": "nix", "nixpkgs/nix-flakes": "nix"}


class Read(NamedTuple):
    """A version and where it stands; `version` is None where the run decides it. `image` is the name of its image."""

    at: Span
    version: Version | None
    image: str | None = None


@rule(
    "vulnerable-nix-version",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="freshness",
    variants={"self-hosted": Severity.HIGH},
    tags=("nix", "vulnerability", "CWE-1395", "CICD-SEC-3"),
)
def vulnerable_nix_version(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    # One finding for what a file says in several places.
    files: dict[tuple[str, str], Hit] = {}
    for answer in once(_answers(ctx)):
        if isinstance(answer, Unknown):
            yield answer
            continue
        key = (answer.at.path, answer.message)
        first = files.setdefault(key, answer)
        if first is not answer and len(first.related) < SHOWN:
            files[key] = first._replace(related=(*first.related, Note(answer.at, "here, too")))
    yield from files.values()


def _answers(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    for node in live_steps(ctx.graph):
        job = job_of(ctx.graph, node)
        for read in _step(ctx, node):
            yield from _judge(ctx, node.id, job, read)
    for job in live_jobs(ctx.graph):
        container = job.job.container
        if container is not None and container.image is not None:
            for read in _image(container.image, container.image.value):
                yield from _judge(ctx, job.id, job, read)


def _judge(ctx: Context[NoOptions], subject: str, job: JobNode | None, read: Read) -> Iterator[Hit | Unknown]:
    if read.version is None:
        reason = f"which version of Nix {quoted(read.at.text)} installs cannot be told before the run"
        yield Unknown(read.at, subject, reason)
        return
    found = list(defects(read.version, ctx.knowledge.nix_advisories))
    if not found:
        return
    own = job is not None and self_hosted(job.job, ctx.knowledge)
    name = {"nix": "Nix", "lix": "Lix"}[read.version.tool]
    ids = ", ".join(_id(ctx, one.id) for one in found)
    harm = " on a machine that later jobs use too" if own else ""
    fixed = repaired_in(read.version, ctx.knowledge.nix_advisories)
    advice = f"install {fixed}, or name no version and take the newest"
    if read.image is not None:
        number, more, _ = fixed.partition(" or ")
        advice = f"take {quoted(f'{read.image}:{number}')}{' or newer' if more else ''}, by its digest"
    yield Hit(
        read.at,
        subject,
        f"{name} {quoted(read.at.text)} has {ids}: {found[0].what}{harm}; {advice}",
        "self-hosted" if own else None,
        evidence=tuple(one.id for one in found),
        about=file_id(read.at.path),
    )


def _id(ctx: Context[NoOptions], id: str) -> str:
    return f"{id} (exploited, says CISA)" if ctx.knowledge.advisories.exploited((id,)) else id


def _step(ctx: Context[NoOptions], node: StepNode) -> Iterator[Read]:
    call = node.step.call
    if call is not None and isinstance(call.target, RepositoryUse):
        action = ctx.knowledge.nix_action(call.target.name)
        if action is not None and action.installs is not None:
            yield from _action(node, call, action.installs)
    elif call is not None and isinstance(call.target, DockerUse):
        yield from _image(call.text, call.text.value.strip().removeprefix("docker://"))
    for one in executed(node, ("releases.nixos.org/nix/", "lix.systems/lix/")):
        if one.command.program in DOWNLOADERS:
            for word in one.command.words[1:]:
                version = in_url(word.text)
                # The substitution of `sh <(curl …)` is a command of its own.
                if (
                    version is not None
                    and not word.text.startswith(("$(", "<(", "`"))
                    and " " not in word.text
                ):
                    yield Read(one.at(word.part(version.start, version.end)), version)


def _action(node: StepNode, call: Call, installer: NixInstaller) -> Iterator[Read]:
    for name in dict.fromkeys((*installer.version, *installer.url)):
        given = call.inputs.get(name)
        for value in _values(node, given) if given is not None else ():
            version = written(value.value, installer.tool) if name in installer.version else None
            if version is None and name in installer.url:
                version = in_url(value.value)
            if version is not None:
                yield Read(Places(value).span(version.start, version.end), version)
            elif "${{" in value.value and _may_be_release(value):
                yield Read(value.content.first_line(), None)


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


def _image(scalar: Scalar, text: str) -> Iterator[Read]:
    image = image_of(text)
    tool = IMAGES.get(image.name) if image.registry in ("docker.io", "ghcr.io") else None
    if tool is None or image.tag is None:
        return
    version = written(image.tag.removeprefix("nix-"))
    at = scalar.value.find(":" + image.tag, scalar.value.find(image.name)) + 1
    if version is not None and at > 0:
        start = at + len(image.tag) - len(image.tag.removeprefix("nix-"))
        yield Read(Places(scalar).span(start, start + version.end), version, image.repository)
