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
    transitive: bool = True


@rule(
    "unsupported-nixpkgs-branch",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    options=Options,
    variants={
        "companion": Severity.MEDIUM,
        "pull-request": Severity.MEDIUM,
        "ends-soon": Severity.LOW,
        "not-a-channel": Severity.LOW,
        "transitive": Severity.LOW,
    },
    same_as=("flake-checker:supported-branch",),
    tags=("supply-chain", "CWE-1104", "maintenance"),
)
def unsupported_nixpkgs_branch(ctx: Context[Options]) -> Iterator[Hit]:
    for input in inputs(ctx.graph):
        if not (input.direct or ctx.options.transitive):
            continue
        branch = _branch(input)
        if branch is None:
            continue
        release = ctx.knowledge.nixos_release(branch.release) if branch.release is not None else None
        if release is not None and (is_nixpkgs(input.node.input) or _follows_nixos(input, branch)):
            yield from _ended(ctx, input, branch, release)
        elif release is None and input.direct and repository_of(input.node.input.original) == OFFICIAL:
            yield from _no_channel(ctx, input, branch)


def _branch(input: Input) -> Branch | None:
    original = input.node.input.original
    if original.type == "github" and original.ref is None and original.rev is None:
        return Branch("master", "original", "repo") if repository_of(original) == OFFICIAL else None
    return branch_of(input.node.input)


def _follows_nixos(input: Input, branch: Branch) -> bool:
    """Whether another repository's branch is named after the release of NixOS that it is made for."""
    return branch.name.startswith(ABOUT_NIXOS) or (
        branch.name.startswith("release-") and input.node.input.flake
    )


def _ended(ctx: Context[Options], input: Input, branch: Branch, release: Release) -> Iterator[Hit]:
    left = (release.end - ctx.now).days
    companion = not is_nixpkgs(input.node.input)
    newest = next((one.name for one in supported(ctx.knowledge, ctx.now)), None)
    follows = f"{quoted(input.name)} follows {quoted(branch.name)}"
    if companion:
        follows += f", made for NixOS {release.name}"
    if left < 0:
        variant = None if input.direct and not companion else "companion" if input.direct else "transitive"
        message = f"{follows}, which has had no security updates since {release.end}; {_advice(input, branch, release, newest)}"
    elif not input.direct:
        return
    elif branch.name == release.name and not companion:
        variant = "not-a-channel"
        message = f"{follows}, the tag of a release, which never moves and so gets no updates; follow {quoted(f'nixos-{release.name}')}"
    elif left <= ctx.options.warn_days:
        variant = "ends-soon"
        message = f"{follows}, which gets no security updates after {release.end}; {_advice(input, branch, release, newest)}"
    else:
        return
    sure = (
        not companion
        or branch.name.startswith(ABOUT_NIXOS)
        or "home-manager" in str(repository_of(input.node.input.locked))
    )
    yield Hit(
        input.value(branch.part, branch.attribute),
        input.node.id,
        message,
        variant,
        None if sure else Confidence.MEDIUM,
        evidence=(branch.name,),
    )


def _advice(input: Input, branch: Branch, release: Release, newest: str | None) -> str:
    if not input.own:
        return "let it follow a supported nixpkgs of yours, or ask the owner of the input to update"
    if newest is None or newest <= release.name:
        return "move to the next release when it is out"
    if branch.part == "locked":
        return f"run {quoted(f'nix flake update {input.name}')} ({newest} is the newest release)"
    if branch.attribute == "url" or branch.name == release.name:
        return f"move to {newest}, the newest release, in flake.nix"
    name = branch.name.replace(release.name, newest).removesuffix("-aarch64")
    return f"write {quoted(name)} in flake.nix ({newest} is the newest release)"


def _no_channel(ctx: Context[Options], input: Input, branch: Branch) -> Iterator[Hit]:
    if branch.name in ROLLING:
        return
    variant, follows = "not-a-channel", f"{quoted(input.name)} follows {quoted(branch.name)} of nixpkgs"
    newest = next((one.name for one in supported(ctx.knowledge, ctx.now)), None)
    instead = "`nixos-unstable`" + (f" or `nixos-{newest}`" if newest else "")
    if branch.name.removeprefix("refs/").startswith("pull/"):
        variant = "pull-request"
        why = "a pull request, whose author can push anything that your next update takes"
    elif branch.release is not None:
        why = "named like a release that does not exist"
    elif branch.attribute == "repo":
        follows = f"{quoted(input.name)} names no branch of nixpkgs, so it follows `master`"
        why = "which is no channel: nobody tested its state as a whole, and the cache lacks builds of it"
    else:
        why = "no channel: nobody tested its state as a whole, and the cache lacks builds of it"
    yield Hit(
        input.value(branch.part, branch.attribute),
        input.node.id,
        f"{follows}, {why}; follow {instead}",
        variant,
        evidence=(branch.name,),
    )
