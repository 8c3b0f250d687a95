"""The kinds of change between two states of a repository that `snowfence diff` judges: id, severities, and what a reviewer
should do.

They are rules as far as reports, gates and policies are concerned, so that SARIF, fingerprints, `--fail-on` and `rules:` work as
for a scan. They are no rules of the engine: those look at one repository, these at two states of it.
"""

from collections.abc import Iterator
from typing import Any, Final

from scanner.engine import Answer, Context, Described, NoOptions, Rule
from scanner.model.finding import Confidence, Severity

PREFIX: Final = "diff-"
"""With it begin the ids of the kinds, and of no rule of a scan."""

PAGE: Final = "docs/commands.md"
"""Where people read about the kinds."""

# Where nothing that is compared says so, and where flake.nix is not there to ask.
_UNASKED: Final = {"injected": Severity.HIGH, "unexplained": Severity.MEDIUM}
_SECURITY: Final = ("supply-chain", "CICD-SEC-3")
_CARE: Final = ("supply-chain", "maintainability")


def _not_asked(context: Context[Any]) -> Iterator[Answer]:
    """The check of a rule that is no question to one repository."""
    return iter(())


class Kind:
    """A kind of change. `title` says what has changed, `word` is that in a table."""

    __slots__ = ("page", "rule", "title", "word")

    def __init__(
        self,
        id: str,
        severity: Severity,
        word: str,
        title: str,
        why: str,
        fix: str,
        variants: dict[str, Severity] | None = None,
        tags: tuple[str, ...] = _CARE,
    ) -> None:
        self.word: Final = word
        self.title: Final = title
        self.rule: Final[Rule[Any]] = Rule(
            f"{PREFIX}{id}", _not_asked, NoOptions, severity, Confidence.HIGH, variants or {}, (), tags
        )
        markdown = f"# {title}\n\n{why}\n\n## What to do\n\n{fix}\n"
        self.page: Final = Described(title, why, markdown, PAGE)

    @property
    def id(self) -> str:
        return self.rule.id


HASH_CHANGED: Final = Kind(
    "hash-changed",
    Severity.CRITICAL,
    "hash changed",
    "The hash of an input has changed under the same revision",
    "A commit cannot change, so two hashes for one commit mean that one of the two was not made from it: the lock was "
    "edited by hand, or what was fetched was not what the repository holds.",
    "Do not merge. Fetch the revision yourself (`nix flake prefetch`) and compare its hash with both. A tarball at the "
    "same URL may have been replaced on purpose: ask its owner, and prefer a URL that names a version.",
    {"versioned-url": Severity.MEDIUM, "same-url": Severity.LOW},
    (*_SECURITY, "CWE-494", "CWE-345"),
)
HASH_REMOVED: Final = Kind(
    "hash-removed",
    Severity.HIGH,
    "hash removed",
    "An input has lost its hash",
    "Without a `narHash` Nix believes whatever it is sent for the revision.",
    "Run the update again with a Nix that writes hashes, and find out what removed this one. Some versions of devenv write "
    "none.",
    {"devenv": Severity.LOW},
    (*_SECURITY, "CWE-494"),
)
UNLOCKED: Final = Kind(
    "unlocked",
    Severity.HIGH,
    "unlocked",
    "An input is no longer locked",
    "Neither a commit nor a hash says what the input is, so every build may get something else.",
    "Update the input from a clean checkout or a URL that others can reach.",
    {"no-commit": Severity.HIGH},
    (*_SECURITY, "CWE-494"),
)
SOURCE_CHANGED: Final = Kind(
    "source-changed",
    Severity.HIGH,
    "source changed",
    "An input comes from another place",
    "Whoever owns the new place decides what the input is from now on. Nix does not compare the place that a lock names "
    "with the one that flake.nix asks for, so such a change is easily overlooked.",
    "Check that the new owner is who you think it is, and that the change was meant. When flake.nix asks for the same as "
    "before, do not merge: run `nix flake update` for the input on a machine that you trust, and compare.",
    {
        "not-asked": Severity.CRITICAL,
        "declared": Severity.MEDIUM,
        "inherited": Severity.MEDIUM,
        "renamed": Severity.MEDIUM,
        "same-repository": Severity.LOW,
        "as-asked": Severity.LOW,
    },
    (*_SECURITY, "CWE-829"),
)
MOVED_BACKWARDS: Final = Kind(
    "moved-backwards",
    Severity.MEDIUM,
    "moved backwards",
    "An input has moved back in time",
    "What was fixed in between is missing again. An automated update only moves forward.",
    "Find out whether somebody went back on purpose; the commit message should say why.",
    {"inherited": Severity.LOW, "other-branch": Severity.INFO},
    (*_SECURITY, "CWE-1104"),
)
DATE_CHANGED: Final = Kind(
    "date-changed",
    Severity.MEDIUM,
    "date changed",
    "The date of an input has changed under the same revision",
    "`lastModified` belongs to the commit. A wrong one makes an old input look new, also to tools that look for old ones.",
    "Run `nix flake update` for the input and see which date Nix writes.",
    tags=(*_SECURITY, "CWE-345"),
)
ATTRIBUTES_CHANGED: Final = Kind(
    "attributes-changed",
    Severity.MEDIUM,
    "attributes changed",
    "What is taken of an input has changed",
    "The folder, the submodules or the checks of signatures are part of what an input is, even at the same revision.",
    "Check that flake.nix asks for it and that it was meant.",
    {"inherited": Severity.LOW, "hash-added": Severity.INFO},
    _SECURITY,
)
FLAKE_CHANGED: Final = Kind(
    "flake-changed",
    Severity.MEDIUM,
    "flake changed",
    "An input is taken as a flake and was none before, or the other way round",
    "As a flake its own flake.nix is evaluated and its own inputs are fetched. Nix does not notice when this is switched "
    "in the lock only.",
    "Check that flake.nix says the same.",
    {"inherited": Severity.INFO},
    _SECURITY,
)
BRANCH_CHANGED: Final = Kind(
    "branch-changed",
    Severity.LOW,
    "branch changed",
    "An input follows another branch",
    "Every later update takes from the new branch.",
    "Check that the branch is the one that you want, and that it is still supported.",
    {"inherited": Severity.INFO},
)
REQUEST_CHANGED: Final = Kind(
    "request-changed",
    Severity.INFO,
    "request changed",
    "What is asked for an input has changed",
    "The lock notes what flake.nix asks for; here that is something else, of the same repository.",
    "Check that flake.nix says the same.",
)
FOLLOWS_LOST: Final = Kind(
    "follows-lost",
    Severity.LOW,
    "follows no more",
    "An input that followed another one is locked on its own",
    "It is a further copy with updates of its own. Often the input that declares it has renamed it, so that the follows in "
    "flake.nix leads nowhere.",
    "Write the follows anew in flake.nix and run `nix flake lock`. Where neither flake.nix nor the input that declares it has "
    "changed, somebody has edited the lock: do not merge.",
    _UNASKED,
)
FOLLOWS_CHANGED: Final = Kind(
    "follows-changed",
    Severity.LOW,
    "follows another",
    "An input follows another input than before",
    "It is replaced by what it follows, so other code is used in its place.",
    "Check that flake.nix says so and that it was meant. Where neither flake.nix nor the input that declares it has changed, "
    "somebody has edited the lock: do not merge.",
    _UNASKED,
)
FOLLOWS_GAINED: Final = Kind(
    "follows-gained",
    Severity.INFO,
    "follows now",
    "An input follows another one now",
    "There is one copy less to keep up to date, and other code is used in its place.",
    "Check that flake.nix says so. Where neither flake.nix nor the input that declares it has changed, somebody has edited the "
    "lock: do not merge.",
    _UNASKED,
)
ADDED: Final = Kind(
    "added",
    Severity.LOW,
    "added",
    "A new input",
    "Its code is evaluated, and mostly built and run, with the rest. An input of an input comes with a new state of that; where "
    "that has not changed, nothing in it can have asked for a further input.",
    "Check who owns it and whether it is needed. Let inputs of inputs follow yours where you can. Run `nix flake lock` on a "
    "machine that you trust where the input that declares it has not changed.",
    {"injected": Severity.HIGH, "transitive": Severity.INFO, "new-lock": Severity.INFO},
)
REMOVED: Final = Kind(
    "removed",
    Severity.INFO,
    "removed",
    "An input is gone",
    "Nothing of it is fetched any more.",
    "Nothing.",
)
UPDATED: Final = Kind(
    "updated",
    Severity.INFO,
    "updated",
    "An input has moved forward",
    "This is what an update is for.",
    "Read what changed in between where the input matters to you.",
)
COPIES_CHANGED: Final = Kind(
    "copies-changed",
    Severity.INFO,
    "copies changed",
    "The number of revisions at which a repository is locked has changed",
    "Each revision is fetched and built on its own and needs updates of its own.",
    "Where there are more now, let the new one follow an input of yours.",
)
LOCK_ADDED: Final = Kind(
    "lock-added",
    Severity.LOW,
    "new lock",
    "A new lock",
    "All that it locks is new to the repository.",
    "Look at the table of `snowfence inputs`.",
)
LOCK_REMOVED: Final = Kind(
    "lock-removed",
    Severity.MEDIUM,
    "lock removed",
    "A lock is gone",
    "Where it was used, every build now takes what is the newest at that moment.",
    "Check that nothing needs it any more.",
    tags=(*_SECURITY, "CWE-494"),
)
LOCK_VERSION: Final = Kind(
    "lock-version",
    Severity.INFO,
    "version changed",
    "A lock is written in another version of its format",
    "Another version of the tool wrote it.",
    "When it is older than before, update the tool on the machine that wrote it.",
    {"older": Severity.LOW},
)

POLICY_CHANGED: Final = Kind(
    "policy-changed",
    Severity.MEDIUM,
    "policy changed",
    "What the repository says of its own findings has changed",
    "A policy and the file of accepted findings decide what is reported. Whoever may edit them can make a finding go away "
    "without mending what it is about, in the very change that brings it. So `snowfence diff` is judged by the policy of the "
    "old state, and says what the new one would do.",
    "Let somebody approve it who may decide on policy and is not its author; name the files in CODEOWNERS.",
    {"loosened": Severity.HIGH, "unreadable": Severity.HIGH, "tightened": Severity.INFO},
    ("supply-chain", "CICD-SEC-1"),
)

KINDS: Final = {
    one.id: one
    for one in (
        HASH_CHANGED,
        HASH_REMOVED,
        UNLOCKED,
        SOURCE_CHANGED,
        MOVED_BACKWARDS,
        DATE_CHANGED,
        ATTRIBUTES_CHANGED,
        FLAKE_CHANGED,
        BRANCH_CHANGED,
        REQUEST_CHANGED,
        FOLLOWS_LOST,
        FOLLOWS_CHANGED,
        FOLLOWS_GAINED,
        ADDED,
        REMOVED,
        UPDATED,
        COPIES_CHANGED,
        LOCK_ADDED,
        LOCK_REMOVED,
        LOCK_VERSION,
        POLICY_CHANGED,
    )
}
"""Every kind by its id, the most telling word of a change first."""

SAME: Final = {
    "lock-tampered": SOURCE_CHANGED.id,
    "missing-nar-hash": HASH_REMOVED.id,
    "unlocked-input": UNLOCKED.id,
}
"""Rules of the scan that say of one lock what a kind says of two: people need to read one of them."""
