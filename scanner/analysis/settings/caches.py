"""Binary caches and the keys that are trusted beside them, for each file that sets them."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from scanner.analysis.locks.references import url_of
from scanner.analysis.settings.in_use import TRUE, Place, SettingInUse, known, settings_in_use
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import ActionNode
from scanner.knowledge.tables import Knowledge
from scanner.parse.nix.hosts import is_local_host
from scanner.parse.nix.setting import Word

OFFICIAL: Final = "cache.nixos.org"
REMOTE: Final = frozenset(("http", "https", "s3"))
"""Schemes of caches whose answers need a signature and come over a network."""

_CACHES: Final = ("substituters", "trusted-substituters")
_KEYS: Final = "trusted-public-keys"


class Cache(NamedTuple):
    """A cache as a setting names it; `address` is its URL without options, in lower case.

    `key` is the trusted key that was found for it; `keyless` is true when none of the keys can be its own.
    """

    word: Word
    setting: SettingInUse
    address: str
    scheme: str
    host: str
    options: Mapping[str, str]
    key: Word | None = None
    keyless: bool = False

    @property
    def trusted(self) -> bool:
        """`?trusted=true`: what it hands out needs no signature."""
        return self.options.get("trusted", "") in TRUE

    @property
    def runs_program(self) -> bool:
        return self.scheme in ("ssh", "ssh-ng") and "remote-program" in self.options

    @property
    def is_open(self) -> bool:
        """Whether it is asked without encryption, over a network."""
        return self.scheme == "http" and not is_local_host(self.host) and not self.host.endswith(".onion")

    @property
    def is_mirror(self) -> bool:
        """Copies of the official cache hand on its signatures and need no key of their own."""
        return self.address.rstrip("/").endswith("/nix-channels/store") or self.host.startswith(
            ("mirror.", "mirrors.")
        )


class Caches(NamedTuple):
    """The caches of one file, each once for each place, and the keys that belong to none of them."""

    caches: tuple[Cache, ...]
    keys: tuple[tuple[Word, SettingInUse], ...]


def cache_of(word: Word, setting: SettingInUse) -> Cache:
    address, _, query = word.text.partition("?")
    url = url_of(address)
    options = {}
    for part in query.split("&") if query else ():
        name, _, value = part.partition("=")
        options[name] = value
    authority = address.partition("://")[2].partition("/")[0].rpartition("@")[2]
    if not url.host and "://" not in address:  # a path or the name of a store
        return Cache(word, setting, address, "", "", options)
    # Without user and password: it is shown in messages.
    shown = f"{url.scheme}://{authority}{url.path.rstrip('/')}".lower()
    return Cache(word, setting, shown, url.scheme, url.host, options)


def key_name(key: Word) -> str:
    """The name of a key without the number behind it: `example.cachix.org` of `example.cachix.org-1:…`."""
    name = key.text.partition(":")[0]
    base, dash, number = name.rpartition("-")
    return (base if dash and number.isdecimal() else name).lower()


@per_graph
def caches_in_use(graph: Graph, knowledge: Knowledge) -> tuple[Caches, ...]:
    """The caches and keys of each file. A workflow may use what the repository's flake trusts, so keys of flakes
    count for it."""
    files: dict[str, list[SettingInUse]] = {}
    named: set[str] = set()
    cachix = any(node.use.slug == "cachix/cachix-action" for node in graph.of(ActionNode))
    for setting in settings_in_use(graph, knowledge):
        if setting.name in _CACHES or setting.name == _KEYS:
            files.setdefault(setting.at.path, []).append(setting)
            if setting.name == _KEYS:
                named.update(key_name(word) for word in setting.words)
    return tuple(_matched(settings, named, cachix) for settings in files.values())


def _matched(settings: list[SettingInUse], named: set[str], cachix: bool) -> Caches:
    """`named` are the keys of the repository; `cachix` is true when an action adds keys of cachix to jobs."""
    caches = [
        cache_of(word, setting)
        for setting in settings
        if setting.name in _CACHES
        for word in setting.words
        if known(word)
    ]
    keys = [(word, setting) for setting in settings if setting.name == _KEYS for word in setting.words]
    unread = any(not known(word) for word, _ in keys)
    keys = [(word, setting) for word, setting in keys if known(word) and ":" in word.text]
    by_name = {key_name(word): word for word, _ in reversed(keys)}
    found: list[Cache] = []
    claimed: set[str] = set()
    for cache in caches:
        names = _names_of(cache) if cache.host != OFFICIAL else iter(())
        name = next((name for name in names if name in by_name), None)
        if name is not None:
            claimed.add(name)
        found.append(cache._replace(key=by_name[name] if name is not None else None))
    open = any(cache.key is None and cache.host != OFFICIAL for cache in found)
    rest = [(word, setting) for word, setting in keys if key_name(word) not in claimed]
    spare = [word for word, _ in rest if key_name(word) != OFFICIAL]
    if open and not spare and not unread:
        outside = settings[0].place is not Place.FLAKE
        found = [
            cache._replace(
                keyless=cache.key is None
                and cache.host != OFFICIAL
                and not (outside and any(name in named for name in _names_of(cache)))
                and not (outside and _added_by_cachix(cache, cachix))
            )
            for cache in found
        ]
    elif open:  # a key that is named otherwise may be theirs
        rest = [(word, setting) for word, setting in rest if key_name(word) == OFFICIAL]
    return Caches(tuple(found), tuple(rest))


def _names_of(cache: Cache) -> Iterator[str]:
    """The names that a cache's key can have, the most usual first."""
    yield cache.host
    parts = cache.host.split(".")
    if not cache.host.endswith(".cachix.org") and len(parts) > 2:
        yield ".".join(parts[1:])
    yield from (part for part in cache.address.partition("://")[2].split("/")[1:] if part)


def _added_by_cachix(cache: Cache, action: bool) -> bool:
    """Whether a workflow lets cachix itself add the key."""
    text = cache.word.at.source.text
    return cache.host.endswith(".cachix.org") and (action or "cachix use" in text or "CACHIX_" in text)
