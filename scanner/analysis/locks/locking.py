"""What fixes the content of an input: a commit, a hash, or nothing."""

from typing import Final

from scanner.parse.nix.reference import Reference
from scanner.parse.nix.schemes import FORGES, is_locked

BY_COMMIT: Final = FORGES | {"git", "hg"}


def names_commit(locked: Reference) -> bool:
    """Whether a commit fixes it: one of all zeros stands for uncommitted changes."""
    return locked.type in BY_COMMIT and is_locked(locked.attributes)


def is_dirty(locked: Reference) -> bool:
    """Whether it was taken from a working tree with uncommitted changes."""
    if "dirtyRev" in locked.attributes or "dirtyShortRev" in locked.attributes:
        return True
    return locked.type in ("git", "hg") and locked.rev is not None and not locked.rev.strip("0")
