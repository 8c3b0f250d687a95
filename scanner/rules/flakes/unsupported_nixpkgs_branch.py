"""See unsupported_nixpkgs_branch.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.inputs import Input, inputs
from scanner.analysis.references import Repository, is_nixpkgs, quoted, repository_of
from scanner.analysis.releases import ROLLING, Branch, branch_of, supported
from scanner.engine import Context, rule
from scanner.knowledge.tables import Release
from scanner.model.finding import Confidence, Hit, Severity

OFFICIAL = Repository("github.com", "nixos/nixpkgs")
ABOUT_NIXOS = ("nixos-", "nixpkgs-", "nix-darwin-")


class Options(NamedTuple):
    warn_days: int = 30
    transitive: bool = False


@rule(
    "unsupported-nixpkgs-branch",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    options=Options,
    variants={
        "companion": Severity.MEDIUM,
        "pull-request": Severity.MEDIUM,
        "ends-soon": Severity.LOW,
        "fork": Severity.LOW,
        "not-a-channel": Severity.LOW,
        "transitive": Severity.LOW,
    },
    same_as=("flake-checker:supported-branch", "flake-checker:owner"),
    tags=("supply-chain", "CWE-1104", "maintenance"),
)
def unsupported_nixpkgs_branch(ctx: Context[Options]) -> Iterator[Hit]:
    newest = next((release.name for release in supported(ctx.knowledge, ctx.now)), None)
    for input in inputs(ctx.graph):
        if not (input.direct or ctx.options.transitive):
            continue
        branch = _branch(input)
        end = _end(ctx, input, branch, newest) if branch is not None else None
        if end is not None:
            yield end
        elif input.direct:
            yield from _not_official(input, branch, newest)


def _branch(input: Input) -> Branch | None:
    original = input.node.input.original
    if original.type == "github" and original.ref is None and original.rev is None:
        return Branch("master", "original", "repo") if repository_of(original) == OFFICIAL else None
    return branch_of(input.node.input)


def _end(ctx: Context[Options], input: Input, branch: Branch, newest: str | None) -> Hit | None:
    """The answer for a branch that is named after a release which has ended or ends soon."""
    companion = not is_nixpkgs(input.node.input)
    release = ctx.knowledge.nixos_release(branch.release) if branch.release is not None else None
    if release is None or (companion and not _is_made_for_nixos(input, branch)):
        return None
    left = (release.end - ctx.now).days
    if left < 0:
        variant = "transitive" if not input.direct else "companion" if companion else None
        end = f"which has had no security updates since {release.end}"
    elif left <= ctx.options.warn_days and input.direct and branch.name != release.name:
        variant = "ends-soon"
        end = f"which gets no security updates after {release.end}"
    else:
        return None
    verb = "follows" if branch.part == "original" else "is locked to"
    made_for = f", made for NixOS {release.name}" if companion else ""
    sure = not companion or branch.name.startswith(ABOUT_NIXOS) or "home-manager" in input.names
    return Hit(
        input.value(branch.part, branch.attribute),
        input.node.id,
        f"{quoted(input.name)} {verb} {quoted(branch.name)}{made_for}, {end}; "
        + _advice(input, branch, release, newest),
        variant,
        None if sure else Confidence.MEDIUM,
        evidence=(branch.name,),
    )


def _is_made_for_nixos(input: Input, branch: Branch) -> bool:
    """Whether another repository's branch is named after the release of NixOS that it is made for."""
    release_branch = branch.name.startswith("release-") and input.node.input.flake
    return release_branch or branch.name.startswith(ABOUT_NIXOS)


def _advice(input: Input, branch: Branch, release: Release, newest: str | None) -> str:
    if not input.own and input.direct:
        return "replace the follows by an input of your own that is supported"
    if not input.own:
        return "let it follow an input of yours that is supported, or ask its owner to update"
    if newest is None or newest <= release.name:
        return "move to the next release when it is out"
    if branch.part == "locked":
        return f"run {quoted(input.update(input.name))} ({newest} is the newest release)"
    if branch.attribute == "url" or branch.name == release.name:
        return f"move to {newest}, the newest release, in flake.nix"
    name = branch.name.replace(release.name, newest).removesuffix("-aarch64")
    return f"write {quoted(name)} in flake.nix ({newest} is the newest release)"


def _not_official(input: Input, branch: Branch | None, newest: str | None) -> Iterator[Hit]:
    """Answers for a nixpkgs that does not come through a channel of NixOS."""
    repository = repository_of(input.node.input.original)
    instead = "follow `nixos-unstable`" + (f" or `nixos-{newest}`" if newest else "")
    if repository is None or not repository.is_nixpkgs:
        return
    if repository != OFFICIAL:
        attribute = "owner" if input.node.input.original.owner is not None else "url"
        yield Hit(
            input.value("original", attribute),
            input.node.id,
            f"{quoted(input.name)} comes from {quoted(str(repository))} and not from NixOS, so it gets security updates "
            f"only when the owner of that copy takes them over; {instead}, and bring changes as an overlay",
            "fork",
            evidence=(str(repository),),
        )
    elif branch is not None and branch.name not in ROLLING and not _is_channel(branch):
        variant = "pull-request" if branch.name.removeprefix("refs/").startswith("pull/") else "not-a-channel"
        yield Hit(
            input.value(branch.part, branch.attribute),
            input.node.id,
            f"{_what(input, branch)}; {instead}",
            variant,
            evidence=(branch.name,),
        )


def _is_channel(branch: Branch) -> bool:
    month = (branch.release or "").rpartition(".")[2]
    return month in ("05", "11") and branch.name != branch.release


def _what(input: Input, branch: Branch) -> str:
    name, untested = (
        quoted(input.name),
        "nobody tested its state as a whole, and the cache may lack builds of it",
    )
    if branch.attribute == "repo":
        return f"{name} names no branch of nixpkgs, so it follows `master`, which is no channel: {untested}"
    follows = f"{name} follows {quoted(branch.name)} of nixpkgs"
    if branch.name.removeprefix("refs/").startswith("pull/"):
        return f"{follows}, a pull request whose author can push anything for your next update to take"
    if branch.name == branch.release:
        return f"{follows}, the tag of a release, which never moves and so gets no updates"
    if branch.release is not None:
        return f"{follows}, which has the name of a release that does not exist"
    return f"{follows}, which is no channel: {untested}"
