"""See non_channel_nixpkgs.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.locks.advice import SHOWN, replace_follows
from scanner.analysis.locks.asked import Asked, asked
from scanner.analysis.locks.inputs import Input, inputs
from scanner.analysis.locks.references import NIXPKGS, is_nixpkgs, repository_of
from scanner.analysis.locks.releases import (
    ROLLING,
    Branch,
    branch_of,
    is_chosen,
    is_named_after,
    is_out,
    move_to,
    supported,
)
from scanner.analysis.patterns import covered
from scanner.engine import Context, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.parse.nix.lock import LockedInput
from scanner.parse.nix.reference import Reference

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
    area="freshness",
    options=Options,
    variants={
        "pull-request": Severity.MEDIUM,
        "named": Severity.INFO,
        "release-branch": Severity.INFO,
        "transitive": Severity.INFO,
    },
    same_as=("flake-checker:supported-branch",),
    tags=("nix", "supply-chain", "maintenance", "CWE-1357", "CICD-SEC-3"),
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
        branch = _branch(input.node.input)
        if branch is None or (branch.attribute == "repo" and not options.default_branch):
            continue
        what = _what(ctx, branch)
        if what is not None:
            yield _hit(input, branch, what, instead)
    for wish in asked(ctx.graph):
        chosen = covered(wish.path[0], options.inputs) if options.inputs else is_nixpkgs(wish.node)
        official = repository_of(wish.reference) in (NIXPKGS, None)
        if not wish.own or not chosen or not (official or options.forks):
            continue
        branch = _branch(wish.node)
        if branch is None or (branch.attribute == "repo" and not options.default_branch):
            continue
        if branch.attribute == "repo" and wish.lock is None and "/" in wish.flake.source.path:
            continue  # a template, in which each user locks what there is
        what = _what(ctx, branch)
        if what is not None and (wish.before is None or _branch(wish.before) != branch):
            yield _asked(wish, branch, what, instead)


def _branch(node: LockedInput) -> Branch | None:
    return branch_of(node) or _default(node.original)


def _default(original: Reference) -> Branch | None:
    """The branch that a reference without one leads to."""
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
        return What(f"names no branch of nixpkgs, so it is on `master`, which is no channel: {UNTESTED}")
    follows = f"is on the branch {quoted(branch.name)} of nixpkgs"
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
    if variant is None and branch.release is None and is_named_after(input, branch.name):
        variant = "named"
    if not input.direct:
        variant, todo = "transitive", "let it follow an input of yours that is on a channel"
    elif not input.own:
        todo = replace_follows(input, "an input of your own that is on a channel")
    elif variant == "pull-request":
        todo = _pin(input)
    elif variant == "named":
        todo = "take from it only what no channel has yet"
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


def _pin(input: Input) -> str:
    """What makes a pull request stay what was looked at."""
    original, rev = input.node.input.original, input.node.input.locked.rev
    if rev is None:
        return f"pin its commit in {input.declared_in}"
    if original.type == "github":
        reference = f"github:{original.owner}/{original.repo}/{rev}"
        return f"pin its commit: write {quoted(reference, SHOWN)} in {input.declared_in}"
    return f"pin its commit {quoted(rev, SHOWN)} in {input.declared_in}"


def _asked(wish: Asked, branch: Branch, what: What, instead: str) -> Hit:
    """The answer for what flake.nix asks for before it is locked."""
    advice = f"move to {what.channel or instead}"
    return Hit(
        wish.at,
        wish.subject,
        f"{quoted(wish.name)} {what.text}; {'pin its commit' if what.variant == 'pull-request' else advice}",
        what.variant,
        evidence=(wish.name, branch.name),
        inputs=(wish.name,),
    )
