"""See known_vulnerable_actions.md."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.remotes.running import Release, Releases, Run, runs
from scanner.analysis.remotes.vulnerable import Found, found_in
from scanner.analysis.uses.affected import repaired
from scanner.analysis.uses.versions import exact
from scanner.engine import Context, rule
from scanner.knowledge.advisories import Advisory, AdvisoryFacts, Compromise
from scanner.knowledge.weaknesses import in_words
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.online import NotKnown
from scanner.model.quoting import quoted

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
)
def known_vulnerable_actions(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    facts = ctx.knowledge.advisories
    allowed = {id.upper() for id in ctx.options.allow}
    releases = Releases(ctx.graph, facts.slugs, ctx.online)
    unknown: set[tuple[str, str]] = set()
    silent: set[str] = set()
    for run in runs(ctx.graph, facts.slugs):
        slug = run.use.slug
        known = [one for one in facts.of(slug) if allowed.isdisjoint(id.upper() for id in one.ids)]
        if not known:
            continue
        tags = releases.tags(slug)
        if isinstance(tags, NotKnown) and slug not in silent:
            silent.add(slug)
            reason = f"nobody can tell which release of {quoted(slug)} runs, because {tags.reason}"
            yield Unknown(run.at, run.subject, reason)
        commit = releases.commit(run)
        compromise = facts.compromised_by(slug, commit) if commit is not None else None
        if compromise is not None and any(one.compromise == compromise for one in known):
            yield _malicious(run, compromise)
            continue
        release = releases.of(run)
        found = found_in(known, run, release)
        if found.certain or found.perhaps or found.hijacked:
            yield _hit(run, release, found, known, facts)
        elif found.unclear and (slug, commit or run.use.ref) not in unknown:
            unknown.add((slug, commit or run.use.ref))
            yield Unknown(run.at, run.subject, _reason(run, release, found.unclear, ctx.online is not None))


def _malicious(run: Run, compromise: Compromise) -> Hit:
    return Hit(
        run.at,
        run.subject,
        f"{_name(run)} is the code of an attacker ({compromise.id}): {compromise.what}. Take another commit, and replace every "
        "secret that its runs could read",
        "critical",
        evidence=(compromise.id, "malicious"),
    )


def _hit(run: Run, release: Release | None, found: Found, known: list[Advisory], facts: AdvisoryFacts) -> Hit:
    holes = found.certain or found.perhaps
    said = (*holes, *found.hijacked)
    worst = max((one.severity for one in holes), default=Severity.INFO)
    fixed = repaired(known, run.use.path, release.version if release is not None else None)
    parts = []
    if holes:
        parts.append(f"{_name(run)}{_called(run, release)} {_has(run, holes, bool(found.certain), facts)}")
    for one in found.hijacked:
        if one.compromise is not None:
            of = "its repository" if parts else f"the repository of {_name(run)}"
            history = f"{_when(one.compromise)}{one.compromise.what}"
            parts.append(f"{of} was taken over, {_described(one, facts)}: {history}")
    if found.hijacked:
        parts.append("if this ran then, replace the secrets of those runs")
    if run.kind == "hook":
        parts.append("the advisory is about the action of this repository, and the hook may not have it")
    parts.append(_advice(run, release, fixed))
    return Hit(
        run.at,
        run.subject,
        "; ".join(parts),
        "transitive" if run.kind == "locked" else VARIANTS[worst] if holes else "hijacked",
        _confidence(run, release, found),
        evidence=tuple(sorted(one.id for one in said)),
    )


def _confidence(run: Run, release: Release | None, found: Found) -> Confidence:
    if run.kind == "hook" or not (found.certain or found.hijacked):
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


def _reason(run: Run, release: Release | None, unclear: tuple[Advisory, ...], asked: bool) -> str:
    ids = ", ".join(one.id for one in unclear[:SHOWN]) + (
        f" and {more} more" if (more := len(unclear) - SHOWN) > 0 else ""
    )
    name = quoted(run.use.name, 100)
    if release is None:
        what = f"nothing says which version of {name} this commit is"
    else:
        what = f"{quoted(release.name)} does not say which version of {name} this commit is"
    help = "write its full version behind it"
    return f"{what}, and some have {ids}; {help}" + ("" if asked else ", or ask with `--online`")
