"""See known_vulnerable_actions.md."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from scanner.analysis.remotes.asking import asking_of
from scanner.analysis.remotes.running import Release, Run
from scanner.analysis.remotes.vulnerable import Found, seen, server_matters
from scanner.analysis.uses.affected import repaired
from scanner.analysis.uses.versions import exact
from scanner.engine import Context, rule
from scanner.knowledge.advisories import Advisory, AdvisoryFacts, Compromise
from scanner.knowledge.weaknesses import in_words
from scanner.model.finding import Confidence, Fix, Hit, Severity, Unknown
from scanner.model.online import NotKnown
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.edits import fix, rewritten

SHOWN: Final = 4
PROBABLE: Final = 0.1
"""From this probability on (EPSS) it is said."""

VARIANTS: Final = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: None,
    Severity.MEDIUM: "medium",
    Severity.LOW: "low",
}

SAYS: Final = {
    "lock": "by `actions.lock`",
    "comment": "by its comment",
    "elsewhere": "by a comment elsewhere",
    "server": "by its tags",
}


class Options(NamedTuple):
    allow: tuple[str, ...] = ()


@rule(
    "known-vulnerable-actions",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="freshness",
    options=Options,
    variants={
        "critical": Severity.CRITICAL,
        "medium": Severity.MEDIUM,
        "low": Severity.LOW,
        "hijacked": Severity.MEDIUM,
        "transitive": Severity.MEDIUM,
    },
    same_as=(
        "zizmor:known-vulnerable-actions",
        "codeql:actions/vulnerable-action",
        "poutine:known_vulnerability_in_build_component",
    ),
    tags=("supply-chain", "vulnerability", "CWE-1395", "CICD-SEC-3", "SLSA:dependencies"),
    more_online=True,
)
def known_vulnerable_actions(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    facts = ctx.knowledge.advisories
    asking = asking_of(ctx.online)
    unknown: set[tuple[str, str, str]] = set()
    for one in seen(ctx.graph, facts, asking, ctx.options.allow):
        run, release, found = one.run, one.release, one.found
        if one.attack is not None:
            yield _malicious(run, one.attack)
        elif found.any:
            yield _hit(run, release, found, one.known, facts)
        elif asking is not None and isinstance(one.tags, NotKnown):
            if server_matters(one.known, run, release, found):
                what = f"which releases of {quoted(str(run.remote), 100)} run"
                yield from asking.unknown(run.at, run.subject, run.remote, what, one.tags)
        elif found.unclear or found.suspect:
            key = run.at.shown, run.use.slug, one.commit or run.use.ref
            if key not in unknown:
                unknown.add(key)
                yield Unknown(run.at, run.subject, _reason(run, release, found, asking is not None))


def _malicious(run: Run, compromise: Compromise) -> Hit:
    of = ""
    if run.use.slug not in compromise.slugs:
        of = f" of {' and '.join(map(quoted, sorted(compromise.slugs)))}"
    return Hit(
        run.at,
        run.subject,
        f"{_name(run)} is the code of an attacker{of} ({compromise.id}): {compromise.what}. Take another commit, and replace every "
        "secret that its runs could read",
        "critical",
        evidence=(compromise.id, "malicious"),
    )


def _hit(
    run: Run, release: Release | None, found: Found, known: Sequence[Advisory], facts: AdvisoryFacts
) -> Hit:
    holes = found.certain or found.perhaps
    said = (*holes, *found.hijacked)
    attacks = [(one, one.compromise) for one in found.hijacked if one.compromise is not None]
    still = any(attack.goes_on for _, attack in attacks)
    worst = max((one.severity for one in holes), default=Severity.INFO)
    fixed = repaired(known, run.use.path, release.version if release is not None else None)
    parts = []
    if holes:
        parts.append(f"{_name(run)}{_called(run, release)} {_has(run, holes, bool(found.certain), facts)}")
    for one, attack in attacks:
        history = f"{_described(one, facts)}: {_when(attack)}{attack.what}"
        if attack.ran is not None:
            parts.append(
                f"{'it' if parts else _name(run)} ran {quoted(attack.ran)}, which was taken over, {history}"
            )
        else:
            of = "its repository" if parts else f"the repository of {_name(run)}"
            parts.append(f"{of} was taken over, {history}")
    if attacks:
        parts.append(
            "replace the secrets of its runs"
            if still
            else "if this ran then, replace the secrets of those runs"
        )
    if run.kind == "hook":
        parts.append("the advisory is about the action of this repository, and the hook may not have it")
    only_ran = not holes and all(attack.ran is not None for _, attack in attacks)
    parts.append("take it by the commit of a release" if only_ran else _advice(run, release, fixed))
    return Hit(
        run.at,
        run.subject,
        "; ".join(parts),
        _variant(run, worst if holes else None, still),
        _confidence(run, release, found),
        evidence=tuple(sorted(one.id for one in said)),
        fix=_repair(run, release, fixed) if holes and not attacks else None,
    )


def _repair(run: Run, release: Release | None, fixed: str | None) -> Fix | None:
    """The repaired release of the same major version, where a whole release is named by its tag and that of the other one is known."""
    version = exact(fixed) if fixed is not None else None
    if fixed is None or version is None or release is None or run.kind != "action" or release.says != "ref":
        return None
    ref, written = run.use.ref, exact(run.use.ref)
    if written is None or written.is_line or len(ref.split(".")) != 3 or written.major != version.major:
        return None
    tag = ("v" if ref.startswith("v") else "") + fixed.removeprefix("v")
    at = run.at
    if len(tag.split(".")) != 3 or not at.text.endswith(f"@{ref}"):
        return None
    return fix(f"take {quoted(tag)}", rewritten(Span(at.source, at.end - len(ref), at.end), ref, tag))


def _variant(run: Run, worst: Severity | None, still: bool) -> str | None:
    if run.kind == "locked":
        return "transitive"
    if still:
        return "critical"
    return VARIANTS[worst] if worst is not None else "hijacked"


def _confidence(run: Run, release: Release | None, found: Found) -> Confidence:
    sure = release is None or release.sure
    attacks = sure and any(
        one.compromise is not None and one.compromise.ran is None for one in found.hijacked
    )
    if run.kind == "hook" or not (found.certain or attacks):
        return Confidence.LOW
    if not found.certain or (release is not None and release.says in ("comment", "elsewhere")):
        return Confidence.MEDIUM
    return Confidence.HIGH


def _name(run: Run) -> str:
    if run.kind == "locked":
        return f"{quoted(run.by)} uses {quoted(run.text)}, which"
    if run.use.pinned:
        return f"{quoted(run.use.name, 100)} at this commit"
    return quoted(run.text, 100)


def _called(run: Run, release: Release | None) -> str:
    """Which release it is, where the text does not say it."""
    if release is None or release.says == "ref" or release.name == run.use.ref:
        return ""
    return f", {quoted(release.name)} {SAYS[release.says]},"


def _has(run: Run, holes: tuple[Advisory, ...], certain: bool, facts: AdvisoryFacts) -> str:
    ordered = sorted(holes, key=lambda one: (-one.severity, one.id))
    shown = [_described(one, facts) for one in ordered[:SHOWN]]
    more = f" and {len(ordered) - SHOWN} more" if len(ordered) > SHOWN else ""
    return f"{'has' if certain else 'may have'} {', '.join(shown)}{more}"


def _described(one: Advisory, facts: AdvisoryFacts) -> str:
    words = in_words(one.cwe) if one.compromise is None else None
    about = [] if words is None else [words]
    score = facts.exploit_score(one.ids)
    if facts.exploited(one.ids):
        about.append("exploited, says CISA")
    elif score is not None and score >= PROBABLE:
        about.append(f"EPSS {score:.0%}")
    return f"{one.id} ({', '.join(about)})" if about else one.id


def _when(compromise: Compromise) -> str:
    match compromise.start, compromise.end:
        case None, None:
            return ""
        case None, end:
            return f"until {end} "
        case start, None:
            return f"since {start} "
        case start, end if start == end:
            return f"on {end} "
        case start, end:
            return f"from {start} to {end} "


def _advice(run: Run, release: Release | None, fixed: str | None) -> str:
    if fixed is None:
        return "no repaired version is known, so replace it, or pin a commit that you have read"
    version = exact(fixed)
    further = release is not None and version is not None and version.major != release.version.first.major
    take = f"take {quoted(fixed)} or newer" + (", another major version" if further else "")
    if run.kind == "locked":
        return f"{take}, by a newer version of what uses it"
    return take if run.kind == "hook" else f"{take}, by its commit"


def _reason(run: Run, release: Release | None, found: Found, asked: bool) -> str:
    name = quoted(run.use.name, 100)
    if not found.unclear:
        ids = _ids(found.suspect)
        if any(one.compromise is not None and one.compromise.goes_on for one in found.suspect):
            help = "replace it, or take a commit that you have read"
        else:
            help = "take the commit of a release" + (
                "" if asked else ", or ask with `--online` whether a tag leads to this one"
            )
        return f"the repository of {name} was taken over ({ids}), and not all commits of the attacker are known: this may be one; {help}"
    ids = _ids(found.unclear)
    if release is not None and (release.version.is_date or not release.one_of_line):
        return (
            f"{quoted(release.name)} cannot be compared with the versions that have {ids}; write the full version of {name}"
            + ("" if asked else ", or ask with `--online`")
        )
    if asked and run.commit is not None:
        claim = f"no tag of {name} leads to this commit, so nothing says which version it is"
        return f"{claim}, and some have {ids}; take the commit of a release"
    what = "nothing says" if release is None else f"{quoted(release.name)} does not say"
    help = "write its full version behind it" + ("" if asked else ", or ask with `--online`")
    return f"{what} which version of {name} this commit is, and some have {ids}; {help}"


def _ids(unclear: tuple[Advisory, ...]) -> str:
    more = len(unclear) - SHOWN
    return ", ".join(one.id for one in unclear[:SHOWN]) + (f" and {more} more" if more > 0 else "")
