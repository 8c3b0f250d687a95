"""What the repository has decided about its known vulnerabilities: its exceptions, accepted findings and comments, as `snowfence scan` judges
them, for the analyses (VEX) of a bill of materials."""

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.analysis.waivers import ABOUT_EXCEPTIONS
from scanner.cli.common import clock, policy_of
from scanner.model.vex import VULNERABILITY_RULES
from scanner.pipeline import Read, check
from scanner.policy.accepted import NOTHING_ACCEPTED, load_accepted
from scanner.policy.policy import EVERY_RULE, Policy, Setting

if TYPE_CHECKING:
    from scanner.knowledge.tables import Knowledge
    from scanner.model.online import Online
    from scanner.sbom.vulnerabilities import Decision


def decisions_of(
    arguments: Namespace, repository: Read, knowledge: "Knowledge", online: "Online | None"
) -> "dict[tuple[str, str, int], Decision]":
    """The findings about known vulnerabilities that are taken out, by rule, path and start of their text. Raises PolicyError."""
    from scanner.sbom.vulnerabilities import Decision

    folder, alone = Path(arguments.path), arguments.no_repository_policy
    policy = policy_of(arguments, folder)
    report = check(
        arguments.path,
        repository,
        _only_vulnerabilities(policy),
        knowledge,
        clock(arguments).date(),
        obey_comments=not alone,
        accepted=NOTHING_ACCEPTED if alone else load_accepted(folder),
        online=online,
    )
    waivers = {(one.at.source, one.at.start): one for one in policy.exceptions}
    found: dict[tuple[str, str, int], Decision] = {}
    for one in report.ignored:
        waiver = waivers.get((one.at.source, one.at.start)) if one.by == "exception" else None
        decision = Decision(
            one.reason or f"taken out by a comment ({one.at.shown})", waiver.vex if waiver else None
        )
        for at in (one.finding.at, *(note.at for note in one.finding.related)):
            found.setdefault((one.finding.rule, at.path, at.start), decision)
    return found


def _only_vulnerabilities(policy: Policy) -> Policy:
    """The policy with the rules about known vulnerabilities on, whatever it says of them, and all others off. Their options stay: they
    belong to what identifies a finding."""
    off, on = Setting(enabled=False), Setting(enabled=True)
    return policy._replace(
        rules={
            **dict.fromkeys((EVERY_RULE, *ABOUT_EXCEPTIONS), off),
            **{id: on._replace(options=policy.setting(id).options) for id in VULNERABILITY_RULES},
        },
        own={},
    )
