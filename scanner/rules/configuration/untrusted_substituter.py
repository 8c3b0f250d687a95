"""See untrusted_substituter.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.nix_caches import OFFICIAL, Cache, caches_in_use, key_name
from scanner.analysis.nix_settings import Place, SettingInUse
from scanner.analysis.patterns import covered
from scanner.engine import Context, rule
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted
from scanner.parse.nix.setting import Word

SHOWN = 5
ANY_PACKAGE = "any package with a build of its own"


class Options(NamedTuple):
    trusted: tuple[str, ...] = ()


@rule(
    "untrusted-substituter",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    options=Options,
    variants={"impostor": Severity.HIGH},
    tags=("supply-chain", "CWE-829", "CICD-SEC-3"),
)
def untrusted_substituter(ctx: Context[Options]) -> Iterator[Hit]:
    official = ctx.knowledge.nix_setting("trusted-public-keys")
    caches: dict[str, list[Cache]] = {}
    keys: dict[str, list[_Key]] = {}
    for file in caches_in_use(ctx.graph, ctx.knowledge):
        for cache in file.caches:
            if cache.host and not _fine(cache, ctx.options.trusted):
                caches.setdefault(cache.address, []).append(cache)
        for key, setting in file.keys:
            if key_name(key) != OFFICIAL:
                if not covered(key_name(key), ctx.options.trusted):
                    keys.setdefault(key.text, []).append(_Key(key, setting))
            elif official is not None and key.text not in official.default and _claims_official(key):
                yield _impostor(key, setting)
    # A cache is said once, where it reaches most people.
    claimed = {cache.key.text for found in caches.values() for cache in found if cache.key is not None}
    for address, found in caches.items():
        yield _cache(address, found)
    for text, places in keys.items():
        if text not in claimed:
            yield _key(places)


class _Key(NamedTuple):
    word: Word
    setting: SettingInUse


def _claims_official(key: Word) -> bool:
    return key.text.startswith(f"{OFFICIAL}-1:")


def _impostor(key: Word, setting: SettingInUse) -> Hit:
    message = (
        f"this key bears the name of the one of {OFFICIAL}, but it is another one: whoever made it can sign whatever "
        "they like in its name; remove it, the right key is trusted without being named"
    )
    return Hit(key.at.first_line(), setting.subject, message, "impostor", evidence=(key.text,))


def _fine(cache: Cache, trusted: tuple[str, ...]) -> bool:
    """Official, vouched for, without a key that makes its packages count, or another rule's finding."""
    if cache.host == OFFICIAL or cache.keyless or cache.is_mirror:
        return True
    if cache.trusted or cache.runs_program or cache.is_open:
        return True
    return covered(cache.host, trusted) or covered(cache.address.partition("://")[2], trusted)


def _cache(address: str, caches: list[Cache]) -> Hit:
    caches.sort(key=lambda cache: _reach(cache.setting))
    first = caches[0]
    related = [Note(first.key.at.first_line(), "the key of this cache")] if first.key is not None else []
    return Hit(
        first.word.at.first_line(),
        first.setting.subject,
        f"{quoted(address)} may replace {ANY_PACKAGE} {first.setting.place.reach}; "
        f"if you vouch for it, add {quoted(first.host)} to `trusted` of `untrusted-substituter` in "
        "snowfence.yaml, else remove it and its key",
        evidence=(address,),
        related=(*related, *_further([cache.word for cache in caches])),
    )


def _key(places: list[_Key]) -> Hit:
    places.sort(key=lambda place: _reach(place.setting))
    key, setting = places[0]
    name = key.text.partition(":")[0]
    return Hit(
        key.at.first_line(),
        setting.subject,
        f"whoever holds the key {quoted(name)} may sign {ANY_PACKAGE} {setting.place.reach}, from whatever cache it comes; "
        f"if you vouch for it, add {quoted(key_name(key))} to `trusted` of `untrusted-substituter` in "
        "snowfence.yaml, else remove it",
        evidence=(name,),
        related=_further([place.word for place in places]),
    )


def _reach(setting: SettingInUse) -> tuple[int, int]:
    """The lower, the more people it concerns: a flake's own file at the root first."""
    order = 0 if setting.place is Place.FLAKE else 1 if setting.place is Place.CONF else 2
    return order, setting.at.path.count("/")


def _further(words: list[Word]) -> tuple[Note, ...]:
    places = {word.at.first_line(): None for word in words}
    return tuple(Note(at, "named here, too") for at in list(places)[1:SHOWN])
