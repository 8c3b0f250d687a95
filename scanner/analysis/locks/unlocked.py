"""Inputs of locks that nothing fixes."""

from typing import Final

from scanner.analysis.locks.inputs import Input
from scanner.analysis.locks.locking import BY_COMMIT, is_dirty
from scanner.analysis.locks.references import repository_of
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.nix.reference import Reference
from scanner.parse.nix.schemes import TYPES

_PLACES: Final = ("rev", "ref", "url", "path", "repo", "type")


def has_no_commit(input: Input) -> bool:
    """Whether no commit fixes an input that should have one, or that has no other kind of lock than a hash."""
    locked = input.node.input.locked
    if input.relative or is_dirty(locked) or locked.type not in TYPES:
        return False
    # With one it is locked, or it is no commit id: then Nix refuses the file, which the reader says.
    return not (locked.type in BY_COMMIT and locked.rev is not None)


def is_unlocked(input: Input) -> bool:
    """Whether neither a commit nor a hash fixes an input, so that Nix refuses the lock, or takes what is there."""
    locked = input.node.input.locked
    # The Nix code of npins, niv and lon stops at a pin without a hash.
    return has_no_commit(input) and locked.nar_hash is None and not input.node.lock.is_pins


def why_unlocked(locked: Reference) -> str:
    """What is missing, to follow the name of the input."""
    if locked.type not in BY_COMMIT:
        return "has no `narHash`"
    return f"names only the branch {quoted(locked.ref)}" if locked.ref is not None else "names no commit"


def place_of_version(input: Input) -> Span:
    """Where the lock says, as far as it does, which version of an input it is."""
    locked = input.node.input.locked
    for name in _PLACES:
        if name in locked.attributes:
            return input.value("locked", name)
    return input.key("locked")


def source_of(locked: Reference) -> str:
    """Where an input comes from, without the version."""
    repository = repository_of(locked)
    return str(repository) if repository is not None else locked.text("path") or locked.type
