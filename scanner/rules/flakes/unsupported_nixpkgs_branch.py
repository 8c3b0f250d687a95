"""See unsupported_nixpkgs_branch.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.locks.advice import replace_follows
from scanner.analysis.locks.asked import Asked, asked
from scanner.analysis.locks.inputs import Input, inputs
from scanner.analysis.locks.references import is_nixpkgs, repository_of
from scanner.analysis.locks.releases import (
    Branch,
    branch_of,
    is_channel,
    is_chosen,
    is_kept_by_name,
    move_to,
    nixpkgs_branch,
    supported,
)
from scanner.analysis.patterns import covered
from scanner.engine import Context, rule
from scanner.graph.nodes.nix import LockfileNode
from scanner.knowledge.tables import Release
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.nix.lock import LockedInput

ABOUT_NIXOS = ("nixos-", "nixpkgs-", "nix-darwin-")
COMPANIONS = frozenset(("home-manager", "nix-darwin", "nixvim", "plasma-manager", "stylix"))
_PATTERN = frozenset("*?[")


class Options(NamedTuple):
    warn_days: int = 30
    transitive: bool = False
    inputs: tuple[str, ...] = ()


@rule(
    "unsupported-nixpkgs-branch",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="freshness",
    options=Options,
    variants={
        "companion": Severity.MEDIUM,
        "kept": Severity.MEDIUM,
        "ends-soon": Severity.LOW,
        "template": Severity.LOW,
        "transitive": Severity.LOW,
    },
    same_as=("flake-checker:supported-branch",),
    tags=("nix", "supply-chain", "maintenance", "CWE-1104", "CICD-SEC-3"),
)
def unsupported_nixpkgs_branch(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    newest = next((release.name for release in supported(ctx.knowledge, ctx.now)), None)
    up_to_date = _with_supported(ctx)
    called: set[str] = set()
    for input in inputs(ctx.graph):
        called.update(input.names)
        if not is_chosen(input, ctx.options.inputs, transitive=ctx.options.transitive):
            continue
        branch = branch_of(input.node.input)
        if branch is not None and branch.release is not None:
            yield from _end(ctx, input, branch, newest, up_to_date)
    for wish in asked(ctx.graph):
        chosen = ctx.options.inputs
        if not (wish.own and covered(wish.path[0], chosen) if chosen else wish.own):
            continue
        branch = branch_of(wish.node)
        before = branch_of(wish.before) if wish.before is not None else None
        if branch is not None and (before is None or before.name != branch.name):
            yield from _asked_end(ctx, wish, branch, newest)
    if ctx.options.inputs:
        yield from _not_there(ctx, called)


def _end(
    ctx: Context[Options], input: Input, branch: Branch, newest: str | None, up_to_date: frozenset[str]
) -> Iterator[Hit]:
    """The answer for a branch that is named after a release which has ended or ends soon."""
    node = input.node.input
    companion = not is_nixpkgs(node)
    release = ctx.knowledge.nixos_release(branch.release) if branch.release is not None else None
    if release is None or (companion and not _is_made_for_nixos(node, branch)):
        return
    kept = False
    left = (release.end - ctx.now).days
    if left < 0:
        kept = not companion and is_kept_by_name(input)
        variant = "transitive" if not input.direct else "companion" if companion else None
        if variant is None and kept and input.node.lock.source.path in up_to_date:
            variant = "kept"
        end = f"which has had no security updates since {release.end}"
    elif left <= ctx.options.warn_days > 0 and input.direct and branch.name != release.name:
        variant = "ends-soon"
        end = f"which gets no security updates after {release.end}"
    else:
        return
    verb = "is on the branch" if branch.part == "original" else "is locked to"
    made_for = f", made for NixOS {release.name}" if companion else ""
    yield Hit(
        input.value(branch.part, branch.attribute),
        input.node.id,
        f"{quoted(input.name)} {verb} {quoted(branch.name)}{made_for}, {end}; "
        + _advice(input, branch, release, newest, kept=kept and variant in ("kept", "transitive")),
        variant,
        _confidence(node, branch),
        evidence=(branch.name,),
    )


def _asked_end(ctx: Context[Options], wish: Asked, branch: Branch, newest: str | None) -> Iterator[Hit]:
    """The answer for what flake.nix asks for before it is locked."""
    companion = not is_nixpkgs(wish.node)
    release = ctx.knowledge.nixos_release(branch.release) if branch.release is not None else None
    if release is None or release.end >= ctx.now or (companion and not _is_made_for_nixos(wish.node, branch)):
        return
    made_for = f", made for NixOS {release.name}" if companion else ""
    name = branch.name.replace(release.name, newest) if newest is not None and newest > release.name else None
    instead = f"move to {quoted(name)}" if name is not None else "move to the next release when it is out"
    yield Hit(
        wish.at,
        wish.subject,
        f"{quoted(wish.name)} asks for the branch {quoted(branch.name)}{made_for}, which has had no security updates since "
        f"{release.end}; {instead}",
        "template"
        if wish.lock is None and "/" in wish.flake.source.path
        else "companion"
        if companion
        else None,
        _confidence(wish.node, branch),
        evidence=(wish.name, branch.name),
        inputs=(wish.name,),
    )


def _with_supported(ctx: Context[Options]) -> frozenset[str]:
    """The locks whose flake uses a nixpkgs that gets updates."""
    return frozenset(
        input.node.lock.source.path
        for input in inputs(ctx.graph)
        if input.direct
        and is_nixpkgs(input.node.input)
        and (branch := nixpkgs_branch(input.node.input)) is not None
        and (branch == "master" or is_channel(branch, ctx.knowledge, ctx.now))
    )


def _confidence(node: LockedInput, branch: Branch) -> Confidence | None:
    sure = is_nixpkgs(node) or branch.name.startswith(ABOUT_NIXOS) or _is_companion(node)
    return None if sure else Confidence.MEDIUM


def _is_made_for_nixos(node: LockedInput, branch: Branch) -> bool:
    """Whether another repository's branch is named after the release of NixOS that it is made for.

    Other software has branches `release-YY.MM` as well, but no flakes; of pins, whether they are flakes is not known.
    """
    if branch.name.startswith(ABOUT_NIXOS):
        return True
    return branch.name.startswith("release-") and (node.flake or _is_companion(node))


def _is_companion(node: LockedInput) -> bool:
    repository = repository_of(node.original) or repository_of(node.locked)
    return repository is not None and repository.name in COMPANIONS


def _advice(input: Input, branch: Branch, release: Release, newest: str | None, *, kept: bool) -> str:
    if kept and not input.direct:
        return f"its name says that it is kept there, so ask the owner of {quoted(input.above or '?')} what still needs it"
    if kept and input.own:
        return f"drop it from {input.declared_in} when nothing needs it any more, or move what does to a supported one"
    if not input.own and input.direct:
        return replace_follows(input, "an input of your own that is supported")
    if not input.own:
        return "let it follow an input of yours that is supported, or ask its owner to update"
    if newest is None or newest <= release.name:
        return "move to the next release when it is out"
    if branch.part == "locked":
        return f"run {input.update()} ({newest} is the newest release)"
    if (branch.attribute == "url" and not input.node.lock.is_pins) or branch.name == release.name:
        return move_to(input, f"{newest}, the newest release,")
    name = branch.name.replace(release.name, newest).removesuffix("-aarch64")
    if is_nixpkgs(input.node.input):
        name = name.replace("release-", "nixos-", 1)  # the channel that is made from that branch
    return f"{move_to(input, quoted(name))} ({newest} is the newest release)"


def _not_there(ctx: Context[Options], called: set[str]) -> Iterator[Unknown]:
    """Inputs that the policy names and no lock has: most likely somebody renamed them."""
    lock = next(ctx.graph.of(LockfileNode), None)
    missing = [name for name in ctx.options.inputs if name not in called and not _PATTERN.intersection(name)]
    if lock is not None and missing:
        them = ", ".join(map(quoted, missing))
        yield Unknown(
            lock.place(),
            lock.id,
            f"the policy asks for {them}, and no lock here has an input of that name: nothing was checked for it",
        )
