"""A change at an input, and the two nodes in which it is looked for."""

from typing import NamedTuple

from scanner.model.finding import Severity
from scanner.model.source import Span
from scanner.parse.nix.lock import Lock, LockedInput
from scanner.rules.changes import Kind


class Verdict(NamedTuple):
    """A change. `at` stands in the new lock where there is one. `evidence` is what changed, for the fingerprint."""

    kind: Kind
    variant: str | None
    at: Span
    message: str
    evidence: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        return self.kind.rule.severity_of(self.variant)


class Both(NamedTuple):
    """An input that is locked on both sides: its name for people and its two nodes, the second one in `lock`.

    `inherited`: the input that declares it has changed, so that its owner has decided on what changed here. `declared`: the
    flake.nix beside the lock asks for what the lock was asked for.
    """

    name: str
    lock: Lock
    old: LockedInput
    new: LockedInput
    inherited: bool
    declared: bool = False

    def value(self, part: str, *names: str) -> Span:
        """The first of the attributes that is there, else the key of the part."""
        attributes = (self.new.original if part == "original" else self.new.locked).attributes
        for name in names:
            if name in attributes:
                return self.lock.value(self.new.label, part, name).first_line()
        return self.lock.key(self.new.label, part).first_line()
