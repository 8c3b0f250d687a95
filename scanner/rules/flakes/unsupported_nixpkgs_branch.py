"""See unsupported_nixpkgs_branch.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.inputs import Input, inputs
from scanner.analysis.references import is_nixpkgs, repository_of
from scanner.analysis.releases import Branch, branch_of, is_chosen, move_to, supported
from scanner.engine import Context, rule
from scanner.graph.nodes import LockfileNode, is_pins
from scanner.knowledge.tables import Release
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted

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
    options=Options,
    variants={"companion": Severity.MEDIUM, "ends-soon": Severity.LOW, "transitive": Severity.LOW},
    same_as=("flake-checker:supported-branch",),
    tags=("supply-chain", "CWE-1104", "maintenance"),
)
def unsupported_nixpkgs_branch(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    newest = next((release.name for release in supported(ctx.knowledge, ctx.now)), None)
    called: set[str] = set()
    for input in inputs(ctx.graph):
        called.update(input.names)
        if not is_chosen(input, ctx.options.inputs, transitive=ctx.options.transitive):
            continue
        branch = branch_of(input.node.input)
        if branch is not None and branch.release is not None:
            yield from _end(ctx, input, branch, newest)
    if ctx.options.inputs:
        yield from _not_there(ctx, called)


def _end(ctx: Context[Options], input: Input, branch: Branch, newest: str | None) -> Iterator[Hit]:
    """The answer for a branch that is named after a release which has ended or ends soon."""
    companion = not is_nixpkgs(input.node.input)
    release = ctx.knowledge.nixos_release(branch.release) if branch.release is not None else None
    if release is None or (companion and not _is_made_for_nixos(input, branch)):
        return
    left = (release.end - ctx.now).days
    if left < 0:
        variant = "transitive" if not input.direct else "companion" if companion else None
        end = f"which has had no security updates since {release.end}"
    elif left <= ctx.options.warn_days > 0 and input.direct and branch.name != release.name:
        variant = "ends-soon"
        end = f"which gets no security updates after {release.end}"
    else:
        return
    verb = "follows" if branch.part == "original" else "is locked to"
    made_for = f", made for NixOS {release.name}" if companion else ""
    sure = not companion or branch.name.startswith(ABOUT_NIXOS) or _is_companion(input)
    yield Hit(
        input.value(branch.part, branch.attribute),
        input.node.id,
        f"{quoted(input.name)} {verb} {quoted(branch.name)}{made_for}, {end}; "
        + _advice(input, branch, release, newest),
        variant,
        None if sure else Confidence.MEDIUM,
        evidence=(branch.name,),
    )


def _is_made_for_nixos(input: Input, branch: Branch) -> bool:
    """Whether another repository's branch is named after the release of NixOS that it is made for.

    Other software has branches `release-YY.MM` as well, but no flakes; of pins, whether they are flakes is not known.
    """
    if branch.name.startswith(ABOUT_NIXOS):
        return True
    return branch.name.startswith("release-") and (input.node.input.flake or _is_companion(input))


def _is_companion(input: Input) -> bool:
    repository = repository_of(input.node.input.original) or repository_of(input.node.input.locked)
    return repository is not None and repository.name in COMPANIONS


def _advice(input: Input, branch: Branch, release: Release, newest: str | None) -> str:
    if not input.own and input.direct:
        return "replace the follows by an input of your own that is supported"
    if not input.own:
        return "let it follow an input of yours that is supported, or ask its owner to update"
    if newest is None or newest <= release.name:
        return "move to the next release when it is out"
    if branch.part == "locked":
        return f"run {input.update()} ({newest} is the newest release)"
    if (branch.attribute == "url" and not is_pins(input.node.lock)) or branch.name == release.name:
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
