"""See unlocked_input.md."""

from collections.abc import Iterator

from scanner.analysis.inputs import Input, inputs
from scanner.analysis.references import is_commit, quoted, repository_of, url_of
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes import FlakeLockNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.source import Span
from scanner.parse.flake_lock import Reference

FORGES = frozenset({"github", "gitlab", "sourcehut"})
BY_COMMIT = FORGES | {"git", "hg"}
BY_HASH = frozenset({"tarball", "file", "path"})


@rule(
    "unlocked-input",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    variants={"no-hash": Severity.MEDIUM, "no-commit": Severity.MEDIUM, "local": Severity.LOW},
    tags=("supply-chain", "CWE-494", "CWE-829"),
)
def unlocked_input(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    for input in inputs(ctx.graph):
        locked = input.node.input.locked
        if input.relative:
            continue
        found = _defect(input, locked)
        if found is not None:
            variant, at, message = found
            yield Hit(at, input.node.id, message, variant, evidence=(_source(locked),))
    for node in ctx.graph.of(FlakeLockNode):
        for label, name, target, follows in node.lock.edges():
            if target is None and follows:
                reason = f"the input {quoted(name)} of {quoted(label)} follows an input that is not there, or itself"
                yield Unknown(node.lock.key(label, "inputs", name).first_line(), node.id, reason)


def _defect(input: Input, locked: Reference) -> tuple[str | None, Span, str] | None:
    name = quoted(input.name)
    update = f"run {quoted(input.update(input.name))}"
    if "dirtyRev" in locked.attributes:
        update = f"commit and push them and {update}"
    commit = locked.rev is not None and _names_commit(locked, locked.rev)
    if locked.nar_hash is None and (locked.type in BY_HASH or not commit):
        why = _why_no_commit(locked) if locked.type in BY_COMMIT else "has no `narHash`"
        return (
            None,
            _place(input, locked),
            f"{name} is not locked: it {why}, so Nix refuses the lock, or takes whatever is there at the moment of the "
            f"build with `allow-dirty-locks`; {update}",
        )
    if locked.nar_hash is None and input.node.lock.source.path.endswith("devenv.lock"):
        return None  # devenv writes its locks without hashes
    if locked.nar_hash is None:
        checked = (
            "believes whatever the forge sends for it"
            if locked.type in FORGES
            else "has only the SHA-1 of the commit to check what it fetched"
        )
        return (
            "no-hash",
            input.value("locked", "rev"),
            f"{name} is locked to a commit without a `narHash`, so Nix {checked}; {update} without `lazy-locks`",
        )
    if locked.type in BY_COMMIT and not commit:
        return (
            "no-commit",
            _place(input, locked),
            f"{name} {_why_no_commit(locked)}: its `narHash` says what it was, but nothing where to get it again; "
            + update,
        )
    local = _local_path(locked)
    if local is not None:
        return (
            "local",
            input.value("locked", "path" if locked.type == "path" else "url"),
            f"{name} is locked to {quoted(local)}, which only the machine that wrote the lock has; "
            + (
                "give it a URL that others can reach, or a relative path inside the repository"
                if input.own
                else "let it follow an input of yours, or ask its owner to give it a URL"
            ),
        )
    return None


def _names_commit(locked: Reference, rev: str) -> bool:
    """What Nix reads as a commit id, except the one of all zeros that stands for uncommitted changes."""
    algorithm, _, digest = rev.rpartition(":")
    if algorithm == "sha256":
        return locked.type == "git" and len(digest) == 64 and is_commit(digest)
    if algorithm not in ("", "sha1") or not digest.strip("0"):
        return False
    return len(digest) in (28, 32) or (
        len(digest) == 40 and is_commit(digest)
    )  # base64, nix32 or hexadecimal


def _why_no_commit(locked: Reference) -> str:
    if "dirtyRev" in locked.attributes:
        return "was taken from a working tree with uncommitted changes"
    if locked.rev is None:
        return f"names only the branch {quoted(locked.ref)}" if locked.ref is not None else "names no commit"
    return f"has {quoted(locked.rev)} for a commit id"


def _place(input: Input, locked: Reference) -> Span:
    for name in ("dirtyRev", "rev", "ref", "url", "path", "repo", "type"):
        if name in locked.attributes:
            return input.value("locked", name)
    return input.key("locked")


def _local_path(locked: Reference) -> str | None:
    """The place in the file system, if there is one; /dev/null is a customary stand-in for "nothing"."""
    if locked.type == "path":
        return locked.text("path")
    url = url_of(locked.url or "")
    return url.path if url.scheme == "file" and url.path != "/dev/null" else None


def _source(locked: Reference) -> str:
    """Where the input comes from, without the version."""
    repository = repository_of(locked)
    return str(repository) if repository is not None else locked.text("path") or locked.type
