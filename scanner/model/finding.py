"""What a scan says: severities, hits and unknowns of rules, findings of a policy, problems of input."""

from enum import IntEnum
from typing import Final, Literal, NamedTuple

from scanner.model.secrets import masked
from scanner.model.source import Span


class _Scale(IntEnum):
    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def names(cls) -> list[str]:
        return [str(member) for member in cls]


class Severity(_Scale):
    """How bad it is if the finding is true."""

    INFO = 1  # not 0: no member of a scale is falsy
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5


class Confidence(_Scale):
    """How sure the rule is that the finding is true."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Note(NamedTuple):
    """A further place that helps to understand a finding. Where it is a hop on the way of a text, `kind` says for code what happens
    there (`kept`, `given out`, …) and `name` under which name: what is said to people is never read back."""

    at: Span
    message: str
    kind: str = ""
    name: str = ""


class Edit(NamedTuple):
    """The text at a place becomes another one; an empty place is an insertion."""

    at: Span
    text: str


class Fix(NamedTuple):
    """What makes a finding go away and nothing else: `what` is done, in a few words that stand behind "fix: ", by edits that do not overlap.
    Only what is known for certain is offered, never a guess at what was meant."""

    what: str
    edits: tuple[Edit, ...]

    @property
    def may_be_shown(self) -> bool:
        """Whether no secret is copied by it. Reports cannot mask the texts of edits: tools write them into the files."""
        return not any(
            edit.text and (masked(edit.text) != edit.text or edit.at.masked != edit.at.text)
            for edit in self.edits
        )


EVERY_SECRET: Final = "every secret"
ONE_SECRET: Final = "secret "
"""Among the stakes of a finding: all secrets that there are, and how a single one begins, before its name."""


class Hit(NamedTuple):
    """A rule's answer "this is wrong".

    `at` is the text to underline, `subject` the id of the graph's node it is about. `variant` names one of
    the rule's declared variants (another severity); `confidence` overrides the rule's. `evidence` tells apart
    different attacks at the same node and goes into the fingerprint: never line numbers, never whole lines.
    `related` are further places, `flow` the ordered path from a source to `at`. `sharpens` is the id of the rule whose answer
    this one is a sharper form of, of those that its rule supersedes. `about` is the id of what the finding is about, where
    that is more than `subject`, the first of several places: a whole file, the repository. It identifies the finding then.
    `inputs` are the names of the inputs that it is about, from the root, where `subject` is a lock or a flake.nix. `remark_on` is the text
    about which `at` says something, where that is a remark, as the comment behind a commit is.
    `stakes` is what there is to lose, item by item, where how bad it is hangs on that. It is no part of the fingerprint: a finding stays
    the same when its run comes to hold less. But it is accepted for these only. `fix` is what repairs it, where that is known.
    """

    at: Span
    subject: str
    message: str
    variant: str | None = None
    confidence: Confidence | None = None
    evidence: tuple[str, ...] = ()
    related: tuple[Note, ...] = ()
    flow: tuple[Note, ...] = ()
    sharpens: str = ""
    about: str = ""
    stakes: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    remark_on: Span | None = None
    fix: Fix | None = None


class Unknown(NamedTuple):
    """A rule's answer "this cannot be decided", with the reason. Never a pass. `because` is the part of the reason that many questions
    share, such as a server that does not answer: a report for people says it once."""

    at: Span
    subject: str
    reason: str
    because: str = ""


class Problem(NamedTuple):
    """Input that could not be read, or that its consumer would refuse; the rest is still scanned."""

    at: Span
    message: str


class Finding(NamedTuple):
    """A hit after the policy has judged it."""

    rule: str
    variant: str | None
    severity: Severity
    confidence: Confidence
    subject: str
    at: Span
    message: str
    related: tuple[Note, ...]
    flow: tuple[Note, ...]
    fingerprint: str
    stakes: tuple[str, ...] = ()
    fix: Fix | None = None

    @property
    def name(self) -> str:
        """`rule` or `rule/variant`, as reports call it."""
        return self.rule if self.variant is None else f"{self.rule}/{self.variant}"


IgnoredBy = Literal["comment", "exception", "accepted"]
"""What takes findings out of a report: a comment in the file, an exception of the policy, the file of accepted findings."""


class Ignored(NamedTuple):
    """A finding that is taken out of the report: by what, its place and the reason given there."""

    finding: Finding
    at: Span
    reason: str
    by: IgnoredBy = "comment"


class Undecided(NamedTuple):
    """An `Unknown` with the id of the rule that said it."""

    rule: str
    at: Span
    subject: str
    reason: str
    because: str = ""
