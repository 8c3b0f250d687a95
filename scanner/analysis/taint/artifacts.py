"""What a step downloads of the artifacts of another run, or of a job that has run the code of outsiders.

Actions and their inputs: those of CodeQL for Actions 2.26.2 (MIT, GitHub), `security/ArtifactPoisoningQuery.qll`.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.taint.folders import commands_in, place
from scanner.analysis.taint.origin import Scope
from scanner.analysis.taint.origins import Origins
from scanner.analysis.taint.places import place_of
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Note
from scanner.model.source import Span
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call

DOWNLOADERS: Final = frozenset(
    """
    alextompkins/download-prior-artifact aochmann/actions-download-artifact benday-inc/download-artifact
    benday-inc/download-latest-artifact bettermarks/action-artifact-download blablacar/action-download-last-artifact
    cytopia/download-artifact-retry-action dawidd6/action-download-artifact hyperskill/azblob-download-artifact
    ishworkh/container-image-artifact-download ishworkh/docker-image-artifact-download ishworkh/multi-docker-build
    legit-labs/action-download-artifact levonet/action-download-last-artifact ma-ve/action-download-artifact-with-retry
    marcofaggian/action-download-multiple-artifacts nmerget/download-gzip-artifact
    redhat-plumbers-in-action/download-artifact sidx1024/action-download-artifact
    synergy-au/download-workflow-artifacts-action
    """.split()
)
"""Actions that fetch artifacts of other runs. Source: CodeQL, `security/ArtifactPoisoningQuery.qll`."""

_FOLDERS: Final = ("path", "download_path", "paths", "dir")
_RUNS: Final = ("run-id", "run_id", "workflow-run-id", "workflow_run_id")
_TRUSTED_EVENTS: Final = frozenset(("push", "schedule", "workflow_dispatch", "release", "merge_group"))
_OWN_FOLDER: Final = {"legit-labs/action-download-artifact": "artifacts"}

_SCRIPT: Final = ("downloadArtifact", "/artifacts/{artifact_id", "archive_download_url")
_UNPACKS: Final = (
    "unzip",
    "tar x",
    "tar -x",
    "extractAll",
    "AdmZip",
    "decompress",
    "tar --extract",
    "bsdtar",
)
_COPIES: Final = ("cp ", "mv ", "rsync ")
MAX_COPIED: Final = 5
"""Folders that one command copies, as far as they are looked at."""

_ASKED_FOR: Final = ("artifacts_url", "archive_download_url", "/artifacts")


class Download(NamedTuple):
    """`packed`: an archive, that a later command may take apart; `folder` is then not known."""

    at: Span
    folder: str | None
    packed: bool = False
    how: tuple[Note, ...] = ()


def downloaded(graph: Graph, origins: Origins, node: StepNode) -> Iterator[Download]:
    """What a step downloads of other runs."""
    call, run = node.step.call, node.step.run
    if call is not None and isinstance(call.target, RepositoryUse):
        yield from _of_action(origins, node, call, call.target.slug)
    elif run is not None and ("artifact" in run.script.value or "gh run" in run.script.value):
        yield from _of_script(graph, node)


def _of_action(origins: Origins, node: StepNode, call: Call, slug: str) -> Iterator[Download]:
    at = call.text.content.first_line()
    if slug == "actions/download-artifact":
        run = call.inputs.get("run-id")
        if run is not None and _others(origins, node, run):
            yield Download(at, place(call.inputs.get("path")))
    elif slug in DOWNLOADERS:
        if _may_be_foreign(call):
            folder = next((one for name in _FOLDERS if (one := call.inputs.get(name)) is not None), None)
            own = _OWN_FOLDER.get(slug)
            yield Download(at, place(folder) if folder is not None or own is None else own)
    elif slug == "actions/github-script":
        script = call.inputs.get("script")
        if script is not None and "rtifact" in script.value and _has(script.value, _SCRIPT):
            yield Download(at, "", packed=not _has(script.value, _UNPACKS))


def _others(origins: Origins, node: StepNode, run: Scalar) -> bool:
    """Whether a run may be one that outsiders have started: not one that is chosen by hand, not this one."""
    if "${{" not in run.value:
        return False
    found = origins.of_text(run, Scope(node.owner, node.job, node.step))
    return any(
        origin.kind in ("unknown", "fetched")
        or (origin.kind == "event" and origin.path[:3] == ("github", "event", "workflow_run"))
        for origin in found
    )


def _may_be_foreign(call: Call) -> bool:
    """Whether the run that is looked for may be one of a fork: no branch of this repository is named, and no event that only
    insiders cause."""
    inputs = call.inputs
    branch = inputs.get("branch") or inputs.get("branch_name")
    forks = inputs.get("allow_forks")
    if branch is not None and "${{" not in branch.value and (forks is None or forks.value.lower() != "true"):
        return False
    event = inputs.get("event")
    return event is None or event.value.strip().lower() not in _TRUSTED_EVENTS


def _of_script(graph: Graph, node: StepNode) -> Iterator[Download]:
    for ran, here in commands_in(graph, node):
        texts = ran.command.texts
        if texts[:3] == ("gh", "run", "download") or (
            ran.command.program == "gh" and texts[1:3] == ("run", "download")
        ):
            yield Download(ran.whole().first_line(), place_of(_option(texts, ("-D", "--dir")) or ".", here))
        elif ran.command.program in ("gh", "curl", "wget") and any(_has(text, _ASKED_FOR) for text in texts):
            yield Download(ran.whole().first_line(), "", packed=True)
    run = node.step.run
    assert run is not None
    if "github.event.workflow_run.artifacts_url" in run.script.value:
        from scanner.parse.fences import fences

        for fence in fences(run.script):
            if "artifacts_url" in fence.text:
                yield Download(fence.at.first_line(), "", packed=True)
                return


class Unpacked(NamedTuple):
    """An archive that is taken apart into a folder, or a folder whose files are copied there; None where only a run can tell."""

    archive: str | None
    folder: str | None
    copied: bool = False


def unpacked(graph: Graph, node: StepNode) -> Iterator[Unpacked]:
    """The archives that a step takes apart, and the folders that it copies or moves."""
    run = node.step.run
    if run is None or not (_has(run.script.value, _UNPACKS) or _has(run.script.value, _COPIES)):
        return
    for ran, here in commands_in(graph, node):
        texts = ran.command.texts
        match ran.command.program:
            case "unzip" if not {"-l", "-p", "-t", "-v", "-Z"} & set(texts[1:]):
                archive = next((text for text in texts[1:] if not text.startswith("-")), "")
                yield Unpacked(place_of(archive, here), place_of(_option(texts, ("-d",)) or ".", here))
            case "tar" | "bsdtar" if len(texts) > 1 and ("x" in texts[1] or "--extract" in texts):
                archive = _option(texts, ("-f", "--file")) or (texts[2] if len(texts) > 2 else "")
                yield Unpacked(
                    place_of(archive, here), place_of(_option(texts, ("-C", "--directory")) or ".", here)
                )
            case "cp" | "mv" | "rsync" as program:
                for source, target in _copied(program, texts):
                    yield Unpacked(place_of(source, here), place_of(target, here), copied=True)


def _copied(program: str, texts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """From where to where a command copies folders: `cp -r a/. b` puts into `b` what is in `a`, `cp -r a b/` makes `b/a`."""
    plain = [text for text in texts[1:] if not text.startswith("-")]
    options = "".join(text for text in texts[1:] if text.startswith("-"))
    if len(plain) < 2 or (program == "cp" and not any(letter in options for letter in "rRa")):
        return
    target = plain[-1]
    for source in plain[:-1][:MAX_COPIED]:
        contents = source.endswith(("/*", "/.")) or (program == "rsync" and source.endswith("/"))
        source = source.removesuffix("/*").removesuffix("/.").rstrip("/")
        into = target == "." or target.endswith(("/", "/.")) or len(plain) > 2
        yield source, target if contents or not into else f"{target}/{source.rpartition('/')[2]}"


def _has(text: str, words: tuple[str, ...]) -> bool:
    return any(word in text for word in words)


def _option(texts: tuple[str, ...], names: tuple[str, ...]) -> str | None:
    for number, text in enumerate(texts):
        if text in names:
            return texts[number + 1] if number + 1 < len(texts) else None
        for name in names:
            if name.startswith("--") and text.startswith(name + "="):
                return text[len(name) + 1 :]
    return None
