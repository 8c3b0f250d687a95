"""Whether anything in a job can use the write access of the GITHUB_TOKEN."""

from collections.abc import Iterable
from typing import Final

from scanner.parse.reader import Block
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Job, Step

# These read with the token at most.
_READERS: Final = frozenset(
    "actions/cache actions/checkout actions/download-artifact actions/upload-artifact actions/setup-dotnet "
    "actions/setup-go actions/setup-java actions/setup-node actions/setup-python cachix/cachix-action "
    "cachix/install-nix-action determinatesystems/magic-nix-cache-action determinatesystems/nix-installer-action "
    "dtolnay/rust-toolchain nixbuild/nix-quick-install-action swatinem/rust-cache".split()
)


def useless_scopes(job: Job, scopes: Iterable[str]) -> frozenset[str]:
    """The scopes with which no step can write: none is an action that might, no text names a token, and, for
    `contents`, no `actions/checkout` leaves credentials for git. Nothing when in doubt."""
    wanted = frozenset(scopes) - {"id-token", "attestations"}
    if not wanted or job.call is not None or not job.steps or not all(map(_only_reads, job.steps)):
        return frozenset()
    if _names_token(job.at.source.text[job.at.start : job.at.end]):
        return frozenset()
    return wanted - {"contents"} if any(map(keeps_credentials, job.steps)) else wanted


def hands_out_token(env: Block) -> bool:
    """Whether variables may hold a token."""
    return env.expression is not None or any(_names_token(entry.value.value) for entry in env.entries)


def keeps_credentials(step: Step) -> bool:
    """Whether a step is an `actions/checkout` that leaves its credentials to the steps behind it."""
    use = step.call.target if step.call is not None else None
    if step.call is None or not isinstance(use, RepositoryUse) or use.slug != "actions/checkout" or use.path:
        return False
    if step.call.inputs.expression is not None:
        return False  # its inputs are not known
    persist = step.call.inputs.get("persist-credentials")
    return persist is None or persist.value.strip().lower() == "true" or "${{" in persist.value


def _names_token(text: str) -> bool:
    text = text.lower()
    return "token" in text or "tojson" in text


def _only_reads(step: Step) -> bool:
    if step.call is None:
        return True
    return isinstance(step.call.target, RepositoryUse) and step.call.target.slug in _READERS
