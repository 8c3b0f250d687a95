"""What a repository has decided about its known vulnerabilities: its exceptions, accepted findings and comments, for the analyses (VEX) of a
bill of materials."""

from scanner.analysis.waivers import ABOUT_EXCEPTIONS
from scanner.engine import tagged
from scanner.model.vex import Decision, Decisions
from scanner.policy.policy import EVERY_RULE, Policy, Setting
from scanner.results import Report


def vulnerability_rules() -> tuple[str, ...]:
    """The rules whose findings are vulnerabilities that an advisory tells of."""
    return tagged("vulnerability")


def only_vulnerabilities(policy: Policy) -> Policy:
    """The policy with the rules about known vulnerabilities on, whatever it says of them, and all others off. Their options stay: they
    belong to what identifies a finding."""
    off, on = Setting(enabled=False), Setting(enabled=True)
    return policy._replace(
        rules={
            **dict.fromkeys((EVERY_RULE, *ABOUT_EXCEPTIONS), off),
            **{id: on._replace(options=policy.setting(id).options) for id in vulnerability_rules()},
        },
        own={},
    )


def decisions_of(report: Report, policy: Policy) -> Decisions:
    """Why findings are taken out of a report that was judged by `policy`, by all places that they are about."""
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
