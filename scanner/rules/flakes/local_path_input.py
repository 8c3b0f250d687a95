"""See local_path_input.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.locks.advice import SHOWN, instead, relock
from scanner.analysis.locks.asked import Asked, asked
from scanner.analysis.locks.inputs import Input, inputs
from scanner.analysis.locks.overrides import Departures
from scanner.analysis.locks.references import url_of
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.model.source import Source
from scanner.parse.nix.lock import Lock
from scanner.parse.nix.reference import Reference

NOTHING = frozenset({"/dev/null"})
"""Customary stand-ins for "no input"."""

STORE = "/nix/store/"
MAX_PARENTS = 50


@rule(
    "local-path-input",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="pinning",
    variants={"transitive": Severity.INFO},
    tags=("nix", "supply-chain", "reproducibility", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
)
def local_path_input(ctx: Context[NoOptions]) -> Iterator[Hit]:
    departures = Departures(ctx.graph, ctx.knowledge)
    wishes = tuple(asked(ctx.graph))
    others = {key: wish for wish in wishes if (key := _elsewhere(wish)) is not None}
    for input in inputs(ctx.graph):
        found = _found(input)
        if found is not None:
            part, place = found
            departure = departures.of(input)
            if departure is not None and departure.what == "local":
                continue  # flake.nix asks for something else: that is `lock-tampered`
            other = others.get((input.node.lock.source.path, input.node.label)) if others else None
            advice = _advice(input) if other is None else _given(input, other)
            yield Hit(
                input.value(part, place.attribute),
                input.node.id,
                f"{quoted(input.name)} is locked to {quoted(place.path)}, {place.harm}; {advice}",
                None if input.own else "transitive",
                evidence=(place.evidence,),
            )
    for wish in wishes:
        found_place = _place(wish.reference, _folder(wish.flake.source) if wish.own else None)
        if found_place is None or (wish.before is not None and _place(wish.before.original, None)):
            continue
        if wish.before is not None and not wish.own and _place(wish.before.locked, None) == found_place:
            continue  # an older Nix kept what the overridden input asked for; said above
        yield Hit(
            wish.at,
            wish.subject,
            f"{quoted(wish.name)} is {quoted(found_place.path)}, {found_place.harm}; write a URL that others can reach at "
            f"{quoted(f'{wish.attribute}.url', SHOWN)}, or a relative path inside the repository",
            evidence=(wish.name, found_place.evidence),
            inputs=(wish.name,),
        )


class _Place(NamedTuple):
    """A place in a file system, the attribute that names it, and what is wrong with it (goes on behind a comma)."""

    path: str
    attribute: str
    harm: str

    @property
    def evidence(self) -> str:
        """A store path is another with each state of what it holds."""
        return STORE if self.path.startswith(STORE) else self.path


def _found(input: Input) -> tuple[str, _Place] | None:
    node = input.node.input
    place = _place(node.locked, None)
    if place is not None:
        return "locked", place
    place = _place(node.original, None)
    if place is not None:
        return "original", place
    if input.relative:
        place = _place(node.locked, _folder_of(input.node.lock, node.parent))
        if place is not None:
            return "locked", place
    return None


def _place(reference: Reference, folder: tuple[str, ...] | None) -> _Place | None:
    """Where a reference points in a file system, if others do not have that. `folder` is what a relative path is relative
    to, from the root of its repository."""
    if reference.type == "path":
        path, attribute = reference.text("path") or "", "path"
        if not path.startswith(("/", "~")):
            outside = folder is not None and _leaves(folder, path)
            harm = "which lies outside of the repository: others do not have it, and Nix 2.26 or later refuses it"
            return _Place(path, attribute, harm) if outside else None
    else:
        if reference.url is None:
            return None
        url = url_of(reference.url)
        if url.scheme not in ("file", ""):
            return None
        path, attribute = url.path, "url"
        if url.host in ("", "localhost") and path and not path.startswith(("/", "~")):
            return _Place(path, attribute, "which depends on the folder in which Nix is called")
    if path in NOTHING or not path:
        return None
    if path.startswith(STORE):
        return _Place(path, attribute, "a store path, which only the machine that wrote it is sure to have")
    return _Place(path, attribute, "which only the machine that wrote it has")


def _elsewhere(wish: Asked) -> tuple[str, str] | None:
    """The lock and the label of an input for which flake.nix has a URL that others can reach."""
    if wish.lock is None or wish.before is None or wish.reference.type == "indirect":
        return None
    if _place(wish.reference, _folder(wish.flake.source) if wish.own else None) is not None:
        return None
    return wish.lock.source.path, wish.before.label


def _given(input: Input, wish: Asked) -> str:
    return (
        f"{input.declared_in} has {quoted(str(wish.reference), SHOWN)} for it, which the lock does not know: "
        f"run {relock(input.node.lock)} and commit the result"
    )


def _advice(input: Input) -> str:
    original = input.node.input.original
    if not input.own:
        return (
            "let it follow an input of yours, or ask the owner of the input that declares it to give it a URL"
        )
    if original.type == "indirect":
        return (
            "it came out of that machine's registry, which Nix 2.26 or later does not ask: "
            f"{instead(input, 'write a URL')} and run {input.update()}"
        )
    return instead(input, "write a URL that others can reach, or a relative path inside the repository,")


# ---------------------------------------------------------------- relative paths


def _folder(source: Source) -> tuple[str, ...]:
    """The folder of a file, from the root of the checkout."""
    base = source.committed.removesuffix(source.shown)
    return _segments(base + source.path.rpartition("/")[0])


def _folder_of(lock: Lock, parent: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """The folder of the flake to which a relative path belongs, in the tree that holds it; None where nobody can tell."""
    behind: list[str] = []
    for _ in range(MAX_PARENTS):
        label: str | None = lock.root
        for name in parent or ():
            label = lock.resolve(label, name) if label is not None else None
        if label == lock.root:
            behind.append("/".join(_folder(lock.source)))
            break
        node = lock.nodes.get(label) if label is not None else None
        if node is None:
            return None
        path = node.locked.text("path") or ""
        if node.locked.type != "path" or path.startswith("/"):
            behind.append(node.locked.text("dir") or "")
            break
        behind.append(path)
        parent = node.parent
    else:
        return None
    folder: list[str] = []
    for path in reversed(behind):
        for name in _segments(path):
            if name != "..":
                folder.append(name)
            elif folder:
                folder.pop()
            else:
                return None  # said where that path stands
    return tuple(folder)


def _leaves(folder: tuple[str, ...], path: str) -> bool:
    depth = len(folder)
    for name in _segments(path):
        depth += -1 if name == ".." else 1
        if depth < 0:
            return True
    return False


def _segments(path: str) -> tuple[str, ...]:
    return tuple(name for name in path.split("/") if name not in ("", "."))
