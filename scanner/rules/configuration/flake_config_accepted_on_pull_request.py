"""See flake_config_accepted_on_pull_request.md."""

from collections.abc import Iterator

from scanner.analysis.settings.accepted import Acceptance, acceptances
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted

SHOWN = 5


@rule(
    "flake-config-accepted-on-pull-request",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    area="exposure",
    variants={"guarded": Severity.LOW, "limited": Severity.LOW},
    tags=("nix", "privilege", "supply-chain", "CWE-829", "CICD-SEC-4", "SLSA:build-L3"),
)
def flake_config_accepted_on_pull_request(ctx: Context[NoOptions]) -> Iterator[Hit]:
    jobs: dict[tuple[str, str], list[Acceptance]] = {}
    for found in acceptances(ctx.graph, ctx.knowledge):
        if found.job is not None and found.way is not None:
            jobs.setdefault((found.job.id, found.setting.at.path), []).append(found)
    for accepted in jobs.values():
        yield from _judge(accepted)


def _judge(accepted: list[Acceptance]) -> Iterator[Hit]:
    first = accepted[0]
    job, way = first.job, first.way
    if job is None or way is None:
        return
    serious = way.at_stake
    places = {found.setting.whole: None for found in accepted}
    related = [Note(way.trigger, f"{quoted(way.event)} starts the job")]
    if first.step is not None and first.step.id != first.setting.subject:
        related.append(Note(first.step.place(), "evaluates the flake"))
    related += [Note(at, "here, too") for at in list(places)[1:SHOWN]]
    harm = (
        f"the job {quoted(job.label)} holds {way.holds}"
        if serious
        else f"the job {quoted(job.label)} holds little today, but what it caches and reports is theirs"
    )
    variant = None if serious else "limited"
    start = f"anybody's {quoted(way.event)} brings"
    if serious and first.gate is not None:
        variant, start = (
            "guarded",
            f"once {quoted(first.gate.label)} lets it through, a {quoted(way.event)} brings",
        )
        related.append(Note(first.gate.place(), "looks at who started the run"))
    yield Hit(
        first.setting.whole,
        job.id,
        f"{start} a flake.nix whose caches, keys and hooks Nix takes unasked, and {harm}; "
        "do not accept the flake's configuration here, write the caches that you trust into the workflow",
        variant,
        evidence=(way.event,),
        related=tuple(related),
    )
