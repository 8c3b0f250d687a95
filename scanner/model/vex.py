"""What somebody has decided about a vulnerability, in the words of CycloneDX (VEX).
https://cyclonedx.org/docs/1.6/json/#vulnerabilities_items_analysis
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

State = Literal[
    "exploitable", "in_triage", "false_positive", "not_affected", "resolved", "resolved_with_pedigree"
]
Justification = Literal[
    "code_not_present",
    "code_not_reachable",
    "requires_configuration",
    "requires_dependency",
    "requires_environment",
    "protected_by_compiler",
    "protected_at_runtime",
    "protected_at_perimeter",
    "protected_by_mitigating_control",
]
Response = Literal["can_not_fix", "will_not_fix", "update", "rollback", "workaround_available"]


class Vex(NamedTuple):
    """A decision: the `state` of the vulnerability here, of one that is `not_affected` the `justification`, and what is done about it.
    `advisories` are the ids of those that are meant, empty for all that are found at the place."""

    state: State
    justification: Justification | None = None
    responses: tuple[Response, ...] = ()
    advisories: tuple[str, ...] = ()


class Decision(NamedTuple):
    """Why a finding is taken out of reports, and what its exception says of the vulnerability."""

    reason: str
    vex: Vex | None = None


Decisions = Mapping[tuple[str, str, int], Decision]
"""By the id of a rule, the path of a file, and the start of a text in it."""
