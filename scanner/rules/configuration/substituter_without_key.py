"""See substituter_without_key.md."""

from collections.abc import Iterator

from scanner.analysis.settings.caches import REMOTE, caches_in_use
from scanner.analysis.settings.in_use import Place
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted


@rule(
    "substituter-without-key",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    area="nix-trust",
    tags=("nix", "supply-chain", "maintenance", "CWE-347", "CICD-SEC-9"),
)
def substituter_without_key(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for file in caches_in_use(ctx.graph, ctx.knowledge):
        seen: set[str] = set()
        for cache in file.caches:
            if (
                not cache.keyless
                or cache.setting.name != "substituters"
                or cache.scheme not in REMOTE
                or cache.trusted
                or cache.is_open  # said by insecure-substituter
                or cache.is_mirror
                or cache.address in seen
            ):
                continue
            seen.add(cache.address)
            where = "this flake" if cache.setting.place is Place.FLAKE else "this file"
            # Cachix names its keys after the cache; elsewhere a cache may hand on packages that others have signed.
            confidence = Confidence.HIGH if cache.host.endswith(".cachix.org") else None
            yield Hit(
                cache.word.at.first_line(),
                cache.setting.subject,
                f"no key of {quoted(cache.host)} is trusted in {where}, so Nix asks this cache and then takes nothing "
                "from it, and people switch signatures off; add its key to `extra-trusted-public-keys` or remove it",
                confidence=confidence,
                evidence=(cache.address,),
            )
