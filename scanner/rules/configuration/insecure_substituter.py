"""See insecure_substituter.md."""

from collections.abc import Iterator

from scanner.analysis.settings.caches import Cache, caches_in_use
from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted


@rule(
    "insecure-substituter",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="nix-trust",
    variants={"unencrypted": Severity.LOW},
    tags=("nix", "supply-chain", "CWE-319", "CWE-347", "CWE-494", "CICD-SEC-9", "SLSA:dependencies"),
)
def insecure_substituter(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    files = caches_in_use(ctx.graph, ctx.knowledge)
    yield from once(hit for file in files for cache in file.caches for hit in _judge(cache))


def _judge(cache: Cache) -> Iterator[Hit]:
    variant = None
    if cache.runs_program:
        problem = f"{quoted('remote-program')} makes the Nix daemon start a program of the setting's choice; remove it"
    elif cache.trusted:
        way = "anybody on the way to it" if cache.is_open else "whoever controls the cache"
        problem = (
            f"{quoted('trusted')} lets {quoted(cache.address)} hand out packages without a signature, so {way} "
            "decides what is installed; remove it and add the cache's key to `extra-trusted-public-keys`"
        )
    elif cache.is_open:
        variant = "unencrypted"
        problem = (
            f"{quoted(cache.address)} is asked without encryption: signatures protect the packages, but anybody on "
            "the way sees what you install and can hold updates back; use `https://`"
        )
    else:
        return
    yield Hit(
        cache.word.at.first_line(),
        cache.setting.subject,
        problem,
        variant,
        evidence=(cache.address, variant or ""),
    )
