"""The section `exceptions`: findings that the policy takes out, each with the reason, and mostly with the day on which that ends."""

from collections.abc import Collection
from typing import Final

from scanner.analysis.waivers import Waiver
from scanner.model.secrets import masked
from scanner.policy.paths import GLOBS, TEXT_GLOBS
from scanner.policy.policy import EVERY_RULE
from scanner.policy.shapes import Day, Fields, Key, ListOf, Record, Text, one_of, refuse

_RULE: Final = Key(
    "rule", ListOf(Text(), or_one=True, least=1), "the ids of the rules that are meant",
    required="the id of the rule that it is for",
)  # fmt: skip
_REASON: Final = Key(
    "reason", Text(), "why the finding is acceptable; it stands in every report",
    required="why the finding is acceptable, for whoever reads this next",
)  # fmt: skip
_EXPIRES: Final = Key("expires", Day(), "the last day on which the exception holds")
_PATH: Final = Key("path", GLOBS, "patterns of the files that the findings stand in")
_JOB: Final = Key("job", GLOBS, "patterns of the ids of the jobs that the findings stand in")
_TARGET: Final = Key(
    "target", TEXT_GLOBS, "patterns of what is used there: `actions/checkout@*`, an image, a runner, a secret"
)
_INPUT: Final = Key("input", GLOBS, "patterns of the names of inputs: `nixpkgs`, `home-manager/nixpkgs`")
_FINGERPRINT: Final = Key(
    "fingerprint", ListOf(Text(), or_one=True, least=1), "the fingerprints of single findings"
)

EXCEPTIONS: Final[Key[tuple[Fields, ...]]] = Key(
    "exceptions",
    ListOf(Record("an exception", (_RULE, _REASON, _EXPIRES, _PATH, _JOB, _TARGET, _INPUT, _FINGERPRINT))),
    "findings that are accepted, each with a reason and mostly with the day on which that ends",
    idle=True,
)


def waiver(fields: Fields, known: Collection[str]) -> Waiver:
    """An entry of the section; `known` are the ids of all rules and checks. Raises PolicyError for a rule that is not among them."""
    rules = fields.get(_RULE) or ()
    for rule in rules:
        if rule != EVERY_RULE:
            try:
                one_of(rule, known, "rule")
            except ValueError as error:
                raise refuse(fields.at(_RULE), str(error)) from None
    return Waiver(
        at=fields.node.span.first_line(),
        rules=rules,
        reason=masked(fields.get(_REASON) or ""),
        expires=fields.get(_EXPIRES),
        paths=fields.get(_PATH) or (),
        jobs=fields.get(_JOB) or (),
        targets=fields.get(_TARGET) or (),
        inputs=fields.get(_INPUT) or (),
        fingerprints=fields.get(_FINGERPRINT) or (),
    )
