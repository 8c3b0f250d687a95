"""Known vulnerabilities of components: what advisories say of the actions, hooks and versions of Nix in the bill, whatever a policy switches
off, and what somebody has decided about them (VEX).

What cannot be told (which version a commit is) is no vulnerability: `snowfence scan` counts it as undecided. Scores are not made up: an
advisory has the severity that its authors gave it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

from scanner import HOME
from scanner.analysis.evaluation.installed import Installed, installed
from scanner.analysis.evaluation.versions import defects, repaired_in
from scanner.analysis.remotes.asking import asking_of
from scanner.analysis.remotes.running import Run
from scanner.analysis.remotes.vulnerable import Seen, seen
from scanner.analysis.uses.affected import repaired
from scanner.graph.graph import Graph
from scanner.graph.ids import remote_id
from scanner.graph.nodes.workflows import ImageNode
from scanner.knowledge.advisories import Advisory, AdvisoryFacts, Compromise
from scanner.knowledge.tables import Knowledge, NixAdvisory
from scanner.knowledge.weaknesses import in_words
from scanner.model.online import Online
from scanner.model.source import Span
from scanner.model.vex import Decisions
from scanner.rules.actions.known_vulnerable_actions import known_vulnerable_actions
from scanner.rules.evaluation.vulnerable_nix_version import vulnerable_nix_version
from scanner.sbom.bill import (
    CERTAINTY,
    Affected,
    Analysis,
    Component,
    Properties,
    Rating,
    Reference,
    Status,
    Vulnerability,
    id_of,
    line_of,
)
from scanner.sbom.hook_repositories import hook_repository_id
from scanner.sbom.nix_installers import nix_installer_id
from scanner.sbom.ranges import nix_range, range_of

Certainty = Literal["certain", "claimed", "possible", "past"]
"""Whether a component has it: `claimed` where only a comment says which version it is, `possible` where it may be one without; `past`: a tag that
the files follow led to the code of an attacker for some time."""

_CERTAINTIES: Final[tuple[Certainty, ...]] = ("certain", "claimed", "possible", "past")
_LEAST_SETTLED_FIRST: Final = (
    "exploitable",
    "in_triage",
    "resolved",
    "resolved_with_pedigree",
    "not_affected",
    "false_positive",
)
_UNAFFECTED: Final = frozenset(("not_affected", "false_positive"))
_REPLACE: Final = "take another commit, and replace every secret that its runs could read"
_REPLACE_PAST: Final = "take it by the commit of a release, and replace the secrets of the runs of that time"


class _About(NamedTuple):
    """What is said of a vulnerability whoever has it."""

    id: str
    source: str
    url: str
    aliases: tuple[str, ...] = ()
    rating: Rating | None = None
    cwes: tuple[int, ...] = ()
    description: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    properties: Properties = ()


class _Case(NamedTuple):
    """A place at which a component with the id `component` is used and has a vulnerability."""

    about: _About
    component: str
    certainty: Certainty
    range: str | None
    recommendation: str | None
    analysis: Analysis | None


def vulnerabilities(
    graph: Graph,
    components: Iterable[Component],
    knowledge: Knowledge,
    online: Online | None = None,
    decisions: Decisions | None = None,
) -> tuple[Vulnerability, ...]:
    """Every known vulnerability of the `components`, in the order of their ids. Servers are asked where `online` is somebody who may."""
    versions = {one.id: one.version for one in components}
    found: dict[tuple[str, str], list[_Case]] = {}
    for case in _cases(graph, knowledge, online, decisions or {}):
        if case.component in versions:
            found.setdefault((case.about.id, case.component), []).append(case)
    groups: dict[str, dict[tuple[object, ...], list[_Case]]] = {}
    for (id, _), cases in sorted(found.items()):
        one = _together(cases)
        key = (one.certainty, one.recommendation, one.analysis)
        groups.setdefault(id, {}).setdefault(key, []).append(one)
    return tuple(
        _vulnerability(id if number == 1 else f"{id}#{number}", cases, versions)
        for id, several in groups.items()
        for number, cases in enumerate(several.values(), 1)
    )


def _together(cases: list[_Case]) -> _Case:
    """What holds for a component that is used in several places: the surest of what is said, and the worst of what was decided."""
    best = min(cases, key=lambda one: (_CERTAINTIES.index(one.certainty), one.recommendation or ""))
    decided = [one.analysis for one in cases if one.analysis is not None]
    analysis = min(decided, key=_by_state) if len(decided) == len(cases) else None
    return best._replace(analysis=analysis)


def _by_state(one: Analysis) -> tuple[int, str, str]:
    return _LEAST_SETTLED_FIRST.index(one.state), one.justification or "", one.detail or ""


def _vulnerability(key: str, cases: list[_Case], versions: Mapping[str, str | None]) -> Vulnerability:
    about, first = cases[0].about, cases[0]
    references = tuple(Reference(id, *_registry(id)) for id in about.aliases)
    return Vulnerability(
        key=key,
        id=about.id,
        source=about.source,
        source_url=about.url,
        affects=tuple(
            Affected(one.component, versions[one.component], one.range, _status(one)) for one in cases
        ),
        references=references,
        ratings=(about.rating,) if about.rating is not None else (),
        cwes=about.cwes,
        description=about.description,
        recommendation=first.recommendation,
        advisories=tuple(dict.fromkeys((about.url, *(one.url for one in references)))),
        published=about.published,
        updated=about.updated,
        analysis=first.analysis,
        properties=(*about.properties, (CERTAINTY, first.certainty)),
    )


def _status(one: _Case) -> Status:
    """Whether the version that is used has it: not where somebody has decided that, and nobody knows where it cannot be told for certain."""
    if one.analysis is not None and one.analysis.state in _UNAFFECTED:
        return "unaffected"
    return "affected" if one.certainty == "certain" else "unknown"


def _cases(
    graph: Graph, knowledge: Knowledge, online: Online | None, decisions: Decisions
) -> Iterator[_Case]:
    for one in seen(graph, knowledge.advisories, asking_of(online)):
        yield from _of_code(one, knowledge.advisories, decisions)
    for read in installed(graph, knowledge):
        component = nix_installer_id(read) if read.image is None else _image_of(graph, read)
        if component is not None and read.version is not None:
            for defect in defects(read.version, knowledge.nix_advisories):
                about = _about_nix(defect, knowledge.advisories)
                fixed = repaired_in(read.version, knowledge.nix_advisories)
                analysis = _analysis(decisions, vulnerable_nix_version.id, read.at, (defect.id,))
                yield _Case(about, component, "certain", nix_range(defect), f"install {fixed}", analysis)


# ---------------------------------------------------------------- actions and hooks


def _of_code(one: Seen, facts: AdvisoryFacts, decisions: Decisions) -> Iterator[_Case]:
    run = one.run
    component = _component_of(run)
    if one.attack is not None:
        about = _about_attack(one.attack, facts)
        analysis = _analysis(decisions, known_vulnerable_actions.id, run.at, (about.id, *about.aliases))
        yield _Case(about, component, "certain", None, _REPLACE, analysis)
        return
    claimed = one.release is not None and one.release.says in ("comment", "elsewhere")
    holes: tuple[tuple[Certainty, tuple[Advisory, ...]], ...] = (
        ("claimed" if claimed else "certain", one.found.certain),
        ("possible", one.found.perhaps),
        ("past", one.found.hijacked),
    )
    version = one.release.version if one.release is not None else None
    fixed = repaired(one.known, run.use.path, version) if one.found.any else None
    for certainty, those in holes:
        # An advisory is about the action of a repository, and its hooks may not have it.
        sure: Certainty = "possible" if run.kind == "hook" and certainty != "past" else certainty
        for advisory in those:
            analysis = _analysis(decisions, known_vulnerable_actions.id, run.at, advisory.ids)
            advice = f"take {fixed} or newer" if fixed is not None else None
            if certainty == "past":
                goes_on = advisory.compromise is not None and advisory.compromise.goes_on
                advice = _REPLACE if goes_on else _REPLACE_PAST
            about = _about(advisory, facts)
            yield _Case(about, component, sure, range_of(advisory, run.use.path), advice, analysis)


def _component_of(run: Run) -> str:
    """The id of the component that runs."""
    if run.kind == "hook":
        return hook_repository_id(run.taken.remote, run.taken.ref)
    kind = "reusable-workflow" if run.use.path.endswith((".yml", ".yaml")) else "action"
    return id_of(f"{kind}:{remote_id(run.use)}")


def _about(one: Advisory, facts: AdvisoryFacts) -> _About:
    source, url = _registry(one.id)
    attack = one.compromise
    return _About(
        one.id,
        source,
        url,
        one.aliases,
        Rating(str(one.rated), source, url) if one.rated is not None else None,
        tuple(int(text[4:]) for text in one.cwe if text.startswith("CWE-") and text[4:].isdecimal()),
        line_of(attack.what if attack is not None else in_words(one.cwe) or "") or None,
        _day(one.published),
        _day(one.modified),
        _probable(one.ids, facts),
    )


def _about_attack(attack: Compromise, facts: AdvisoryFacts) -> _About:
    """The advisory of an attack, or what is known without one."""
    told = (one for slug in sorted(attack.slugs) for one in facts.of(slug) if one.id == attack.id)
    advisory = next(told, None)
    if advisory is not None:
        return _about(advisory._replace(compromise=attack), facts)
    return _About(attack.id, *_registry(attack.id), description=line_of(attack.what))


def _probable(ids: tuple[str, ...], facts: AdvisoryFacts) -> Properties:
    """Whether and how probably it is exploited, where that is known."""
    found = [("snowfence:exploited", "true")] if facts.exploited(ids) else []
    score = facts.exploit_score(ids)
    if score is not None:
        found.insert(0, ("snowfence:epss", f"{score:.5f}"))
    return tuple(found)


# ---------------------------------------------------------------- Nix


def _about_nix(one: NixAdvisory, facts: AdvisoryFacts) -> _About:
    return _About(one.id, *_registry(one.id), description=one.what, properties=_probable((one.id,), facts))


def _image_of(graph: Graph, read: Installed) -> str | None:
    """The id of the image that holds Nix."""
    for edge in graph.out(read.node.id, "uses"):
        at = edge.at
        if at is not None and at.source is read.at.source and at.start <= read.at.start < at.end:
            return id_of(edge.target) if isinstance(graph.nodes[edge.target], ImageNode) else None
    return None


# ---------------------------------------------------------------- both


def _analysis(decisions: Decisions, rule: str, at: Span, ids: tuple[str, ...]) -> Analysis | None:
    """What was decided about a vulnerability at a place. Taken out without a word about it, it has been seen and no more."""
    decision = decisions.get((rule, at.path, at.start))
    if decision is None:
        return None
    detail = line_of(decision.reason) or None
    vex = decision.vex
    if vex is None or (vex.advisories and _upper(vex.advisories).isdisjoint(_upper(ids))):
        return Analysis("in_triage", detail=detail)
    return Analysis(vex.state, vex.justification, vex.responses, detail)


def _upper(ids: Iterable[str]) -> frozenset[str]:
    return frozenset(id.upper() for id in ids)


def _registry(id: str) -> tuple[str, str]:
    """Who gave an id, and its page there."""
    if id.startswith("GHSA-"):
        return "GitHub Advisory Database", f"https://github.com/advisories/{id}"
    if id.startswith("CVE-"):
        return "CVE", f"https://www.cve.org/CVERecord?id={id}"
    if id.startswith("SNOWFENCE-"):
        return "snowfence", HOME
    return "OSV", f"https://osv.dev/vulnerability/{id}"


def _day(text: str | None) -> datetime | None:
    """A day as an advisory has it; None for what is none."""
    try:
        return datetime.fromisoformat(text[:10]).replace(tzinfo=UTC) if text is not None else None
    except ValueError:
        return None
