"""The section `exceptions`: findings that the policy takes out, each with the reason, and mostly with the day on which that ends."""

from collections.abc import Collection
from typing import Final, get_args

from scanner.analysis.waivers import Waiver
from scanner.model.quoting import quoted
from scanner.model.secrets import masked
from scanner.model.vex import Justification, Response, State, Vex
from scanner.policy.paths import GLOBS, TEXT_GLOBS
from scanner.policy.policy import EVERY_RULE
from scanner.policy.shapes import Choice, Day, Fields, Key, ListOf, Record, Text, one_of, refuse
from scanner.policy.vulnerabilities import vulnerability_rules

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

_STATES: Final[dict[str, State]] = {word: word for word in get_args(State)}
_JUSTIFICATIONS: Final[dict[str, Justification]] = {word: word for word in get_args(Justification)}
_RESPONSES: Final[dict[str, Response]] = {word: word for word in get_args(Response)}
_NOT_AFFECTED: Final = "not_affected"

_STATE: Final[Key[State]] = Key(
    "state", Choice(_STATES), "what has been found out about the vulnerability here, in a word of CycloneDX",
    required="what has been found out about the vulnerability",
)  # fmt: skip
_JUSTIFICATION: Final[Key[Justification]] = Key(
    "justification", Choice(_JUSTIFICATIONS), "why one that is `not_affected` does no harm here"
)
_RESPONSE: Final[Key[tuple[Response, ...]]] = Key(
    "response", ListOf(Choice(_RESPONSES), or_one=True, least=1), "what is done about it"
)
_ADVISORIES: Final = Key(
    "advisory",
    ListOf(Text(), or_one=True, least=1),
    "the ids of the advisories that are meant (`GHSA-…`, `CVE-…`); without it all that the finding names",
)
_VEX: Final[Key[Fields]] = Key(
    "vex",
    Record("`vex`", (_STATE, _JUSTIFICATION, _RESPONSE, _ADVISORIES)),
    "what bills of materials say of the vulnerability, see `snowfence sbom`; only for rules about known vulnerabilities",
)

EXCEPTIONS: Final[Key[tuple[Fields, ...]]] = Key(
    "exceptions",
    ListOf(
        Record("an exception", (_RULE, _REASON, _EXPIRES, _PATH, _JOB, _TARGET, _INPUT, _FINGERPRINT, _VEX))
    ),
    "findings that are accepted, each with a reason and mostly with the day on which that ends",
    idle=True,
)


def waiver(fields: Fields, known: Collection[str]) -> Waiver:
    """An entry of the section; `known` are the ids of all rules and checks. Raises PolicyError for a rule that is not among them,
    and for a `vex` that cannot be meant."""
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
        vex=_vex(fields, rules),
    )


def _vex(fields: Fields, rules: tuple[str, ...]) -> Vex | None:
    said = fields.get(_VEX)
    if said is None:
        return None
    other = next((one for one in rules if one not in vulnerability_rules()), None)
    if other is not None:
        raise refuse(
            fields.at(_VEX),
            f"`vex` is about known vulnerabilities, and {quoted(other)} finds none; leave it out, or make an exception for "
            f"{' or '.join(map(quoted, vulnerability_rules()))} alone",
        )
    state, justification = said.get(_STATE), said.get(_JUSTIFICATION)
    if state is None:
        return None  # it is required, so this has been refused
    if state == _NOT_AFFECTED and justification is None:
        raise refuse(
            said.at(_STATE),
            f"`not_affected` needs a `justification`, as readers of a VEX expect: one of {', '.join(_JUSTIFICATIONS)}",
        )
    if state != _NOT_AFFECTED and justification is not None:
        raise refuse(
            said.at(_JUSTIFICATION),
            f"`justification` says why something is `not_affected`, and the state is `{state}`; change one of them",
        )
    return Vex(state, justification, said.get(_RESPONSE) or (), said.get(_ADVISORIES) or ())
