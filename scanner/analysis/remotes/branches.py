"""Which branch of its repository an input follows, as the server has it."""

from typing import Final

from scanner.analysis.locks.inputs import Input
from scanner.analysis.locks.releases import branch_of
from scanner.analysis.remotes.tags import is_full
from scanner.model.online import TAG, Refs
from scanner.parse.nix.reference import Reference, plain_ref
from scanner.parse.nix.schemes import FORGES

_PROPOSED: Final = ("pull/", "merge-requests/", "changes/")


def is_proposed(original: Reference) -> bool:
    """Whether an input asks for somebody's proposal: a pull request, a merge request, a change under review."""
    return original.ref is not None and original.ref.removeprefix("refs/").startswith(_PROPOSED)


def means_branch(input: Input) -> bool:
    """Whether a bare name (`v1`) is that of a branch first: git's own fetcher of Nix puts `refs/heads/` before it, and tools that pin have
    a field for branches."""
    return input.node.input.original.type == "git" or input.node.lock.is_pins


def followed(input: Input, refs: Refs) -> str | None:
    """The branch that the next update of an input takes, by its name without `refs/heads/`; it need not be there any more. None for an
    input that asks for a tag, a commit, a range of versions, a proposal, or what a registry decides."""
    node = input.node.input
    original, locked = node.original, node.locked
    if original.rev is not None or is_proposed(original):
        return None
    if original.ref == "HEAD":
        return refs.default
    branch = branch_of(node)
    if branch is not None and branch.part == "original":
        if (original.ref or "").startswith(TAG) or (is_full(branch.name) and not means_branch(input)):
            return None  # whether a release is where it was is for `moved-tag` to say
        return branch.name if branch.name in refs.branches or branch.name not in refs.tags else None
    if original.ref is not None or original.type not in FORGES | {"git"}:
        return None
    if locked.ref is None:
        return refs.default
    # What was the default branch when Nix locked it. npins writes the version of a release there.
    taken = plain_ref(locked.ref)
    return None if input.node.lock.is_pins else taken if taken in refs.branches else refs.default
