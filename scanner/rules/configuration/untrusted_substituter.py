"""See untrusted_substituter.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.patterns import covered
from scanner.analysis.settings.caches import OFFICIAL, Cache, caches_in_use, key_name
from scanner.analysis.settings.in_use import Place, SettingInUse
from scanner.analysis.settings.own_repository import own_repository
from scanner.engine import Context, rule
from scanner.graph.ids import file_id
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
    area="nix-trust",
    options=Options,
    variants={"impostor": Severity.HIGH, "own": Severity.INFO},
    tags=("nix", "supply-chain", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
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
    # A cache is said once, where it reaches most people, and those of one file together.
    claimed = {cache.key.text for found in caches.values() for cache in found if cache.key is not None}
    own = own_repository(ctx.graph)
    files: dict[tuple[str, bool], list[list[Cache]]] = {}
    for found in caches.values():
        found.sort(key=lambda cache: _reach(cache.setting))
        first = found[0]
        mine = own.is_cache(first.host, first.address.partition("://")[2].partition("/")[2])
        files.setdefault((first.setting.at.path, mine), []).append(found)
    for (_, mine), group in files.items():
        yield _caches(group, mine)
    signers: dict[tuple[str, bool], list[list[_Key]]] = {}
    for text, places in keys.items():
        if text not in claimed:
            places.sort(key=lambda place: _reach(place.setting))
            mine = own.is_cache(key_name(places[0].word))
            signers.setdefault((places[0].setting.at.path, mine), []).append(places)
    for (_, mine), keyed in signers.items():
        yield _keys(keyed, mine)


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


def _caches(group: list[list[Cache]], own: bool) -> Hit:
    """The caches of one file, each with its places."""
    first = group[0][0]
    related = [Note(first.key.at.first_line(), "the key of this cache")] if first.key is not None else []
    related += _further([cache.word for cache in group[0]])
    related += [Note(one[0].word.at.first_line(), "another cache") for one in group[1:SHOWN]]
    names, hosts = _listed([one[0].address for one in group]), _listed([one[0].host for one in group])
    return Hit(
        first.word.at.first_line(),
        first.setting.subject,
        f"{names} may replace {ANY_PACKAGE} {first.setting.place.reach}; {_advice(hosts, len(group), own, 'and its key')}",
        "own" if own else None,
        evidence=tuple(sorted(one[0].address for one in group)),
        related=tuple(related),
        about=file_id(first.setting.at.path),
    )


def _keys(group: list[list[_Key]], own: bool) -> Hit:
    """The keys of one file that belong to no cache, each with its places."""
    key, setting = group[0][0]
    names = [one[0].word.text.partition(":")[0] for one in group]
    hosts = _listed([*dict.fromkeys(key_name(one[0].word) for one in group)])
    what = f"the key {quoted(names[0])}" if len(names) == 1 else f"one of the keys {_listed(names)}"
    return Hit(
        key.at.first_line(),
        setting.subject,
        f"whoever holds {what} may sign {ANY_PACKAGE} {setting.place.reach}, from whatever cache it comes; "
        f"{_advice(hosts, len(group), own)}",
        "own" if own else None,
        evidence=tuple(sorted(names)),
        about=file_id(setting.at.path),
        related=(
            *_further([place.word for place in group[0]]),
            *(Note(one[0].word.at.first_line(), "another key") for one in group[1:SHOWN]),
        ),
    )


def _advice(hosts: str, number: int, own: bool, more: str = "") -> str:
    option = "to `trusted` of `untrusted-substituter` in snowfence.yaml"
    if own:
        who = "it seems" if number == 1 else "they seem"
        return f"{who} to be this repository's own: if so, add {hosts} {option}"
    if number > 1:
        return f"add those that you vouch for ({hosts}) {option}, and remove the others"
    return f"if you vouch for it, add {hosts} {option}, else remove it {more}".rstrip()


def _listed(names: list[str]) -> str:
    shown = [quoted(name) for name in names[:SHOWN]]
    if len(names) > SHOWN:
        return f"{', '.join(shown)} and {len(names) - SHOWN} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _reach(setting: SettingInUse) -> tuple[int, int]:
    """The lower, the more people it concerns: a flake's own file at the root first."""
    order = 0 if setting.place is Place.FLAKE else 1 if setting.place is Place.CONF else 2
    return order, setting.at.path.count("/")


def _further(words: list[Word]) -> tuple[Note, ...]:
    places = {word.at.first_line(): None for word in words}
    return tuple(Note(at, "named here, too") for at in list(places)[1:SHOWN])
