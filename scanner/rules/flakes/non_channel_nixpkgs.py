"""See non_channel_nixpkgs.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.inputs import Input, inputs
from scanner.analysis.references import NIXPKGS, is_nixpkgs, repository_of
from scanner.analysis.releases import (
    ROLLING,
    Branch,
    branch_of,
    is_chosen,
    is_out,
    move_to,
    supported,
)
from scanner.engine import Context, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted

UNTESTED = "nobody tested its state as a whole, and the cache may lack builds of it"


class Options(NamedTuple):
    inputs: tuple[str, ...] = ()
    transitive: bool = False
    forks: bool = False
    default_branch: bool = True


@rule(
    "non-channel-nixpkgs",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    options=Options,
    variants={"pull-request": Severity.MEDIUM, "release-branch": Severity.INFO, "transitive": Severity.INFO},
    same_as=("flake-checker:supported-branch",),
    tags=("supply-chain", "CWE-1357", "maintenance"),
)
def non_channel_nixpkgs(ctx: Context[Options]) -> Iterator[Hit]:
    options = ctx.options
    newest = next((release.name for release in supported(ctx.knowledge, ctx.now)), None)
    instead = "`nixos-unstable`" if newest is None else f"`nixos-unstable` or `nixos-{newest}`"
    for input in inputs(ctx.graph):
        if not is_chosen(input, options.inputs, transitive=options.transitive):
            continue
        official = repository_of(input.node.input.original) in (NIXPKGS, None)
        if not (options.inputs or is_nixpkgs(input.node.input)) or not (official or options.forks):
            continue
        branch = branch_of(input.node.input) or _default(input)
        if branch is None or (branch.attribute == "repo" and not options.default_branch):
            continue
        what = _what(ctx, branch)
        if what is not None:
            yield _hit(input, branch, what, instead)


def _default(input: Input) -> Branch | None:
    """The branch that a reference without one leads to."""
    original = input.node.input.original
    unnamed = original.type == "github" and original.ref is None and original.rev is None
    return Branch("master", "original", "repo") if unnamed and repository_of(original) == NIXPKGS else None


class What(NamedTuple):
    """What a branch is instead of a channel, in words, and the channel that it belongs to."""

    text: str
    variant: str | None = None
    channel: str | None = None


def _what(ctx: Context[Options], branch: Branch) -> What | None:
    """None for a channel, and for a release that has ended: unsupported-nixpkgs-branch reports those."""
    if branch.name in ROLLING:
        return None
    if branch.attribute == "repo":
        return What(f"names no branch of nixpkgs, so it follows `master`, which is no channel: {UNTESTED}")
    follows = f"follows {quoted(branch.name)} of nixpkgs"
    if branch.name.removeprefix("refs/").startswith("pull/"):
        author = "a pull request, whose author can push anything for your next update to take"
        return What(f"{follows}, {author}", "pull-request")
    release = ctx.knowledge.nixos_release(branch.release) if branch.release is not None else None
    if release is not None and release.end < ctx.now:
        return None
    if branch.release is None:
        return What(f"{follows}, which is no channel: {UNTESTED}")
    if release is None or not is_out(release, ctx.now):
        return What(f"{follows}, which has the name of a release that there is not")
    channel = quoted(f"nixos-{release.name}")
    if branch.name == release.name:
        never = "the tag of a release, which never moves and so gets no updates"
        return What(f"{follows}, {never}", None, channel)
    if branch.name.startswith("release-"):
        made = f"from which {channel} is made once the tests pass"
        return What(f"{follows}, {made}: {UNTESTED}", "release-branch", channel)
    return None


def _hit(input: Input, branch: Branch, what: What, instead: str) -> Hit:
    variant, advice = what.variant, what.channel or instead
    if not input.direct:
        variant, todo = "transitive", "let it follow an input of yours that is on a channel"
    elif not input.own:
        todo = "replace the follows by an input of your own that is on a channel"
    elif branch.part == "locked":
        todo = move_to(input, f"{advice}, named explicitly,")
    else:
        todo = move_to(input, advice)
    return Hit(
        input.value(branch.part, branch.attribute),
        input.node.id,
        f"{quoted(input.name)} {what.text}; {todo}",
        variant,
        evidence=(branch.name,),
    )
