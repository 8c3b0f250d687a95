"""Names that are nearly those of somebody well known: typing errors, and what only looks the same.

Whoever holds such a name on a forge decides what everybody builds who has made the mistake ("typosquatting"). Known are the
owners of the global flake registry and those whom many real locks have; an owner that was seen in real locks
is never taken for a mistake.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from scanner.knowledge.tables import Knowledge, Owner

HOSTS: Final = (
    *("github.com", "raw.githubusercontent.com", "codeload.github.com", "api.github.com", "gist.github.com"),
    *("gitlab.com", "codeberg.org", "git.sr.ht", "bitbucket.org", "flakehub.com", "api.flakehub.com"),
    *("channels.nixos.org", "releases.nixos.org", "nixos.org", "cache.nixos.org", "gitlab.freedesktop.org"),
    *("gitlab.gnome.org", "git.lix.systems", "gitlab.haskell.org", "hackage.haskell.org", "tangled.org"),
)
"""Hosts that real locks name, and those that they lead to."""

_ANOTHER_ALPHABET: Final = "has letters of another alphabet, but reads like"
_LONGEST: Final = 60
_SURE_LENGTH: Final = 7
_SHORTEST: Final = 5

# What looks alike in the fonts of editors and forges. Digits stand for letters, and capital I for l, so both cases fold.
_ALIKE: Final = str.maketrans({"i": "l", "1": "l", "|": "l", "0": "o", "5": "s"})
_PAIRS: Final = (("rn", "m"), ("vv", "w"))
# Letters of other alphabets that no font tells from ours (the common part of Unicode's confusables); what only adds a mark
# to a letter is folded by decomposition.
_FOREIGN: Final = str.maketrans(
    "\u0430\u0432\u0435\u0437\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0455\u0456\u0458\u0501\u051b\u051d"
    "\u03b1\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u0131\u0251\u0261\u217c\u0578\u057d\u0585",
    "abe3kmhopctyxsijdqwaeikvoptuxiaglnuo",
)


class Lookalike(NamedTuple):
    """The name that was probably meant, how the other differs from it (a phrase), and whether that is beyond doubt."""

    meant: str
    how: str
    sure: bool


class Lookalikes:
    """Answers for one run: each name is compared once, with the few known ones that can be near."""

    __slots__ = ("_answers", "_by_host", "_hosts", "_knowledge")

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._by_host: dict[str, dict[str, list[str]]] = {}
        self._hosts: dict[str, list[str]] | None = None
        self._answers: dict[tuple[str, str, str], Lookalike | None] = {}

    def owner(self, host: str, owner: str, repository: str) -> Lookalike | None:
        """For an owner on a forge. `repository` is what is taken from there: one that the known owner has too leaves no
        doubt."""
        key = (host, owner.lower(), repository.lower())
        if key not in self._answers:
            self._answers[key] = self._owner(*key)
        return self._answers[key]

    def host(self, host: str) -> Lookalike | None:
        """For the host of a URL (lower case, no port)."""
        if host in HOSTS or not host:
            return None
        if self._hosts is None:
            self._hosts = _index(HOSTS)
        for known in _candidates(host, self._hosts):
            how = _difference(host, known)
            if how is not None:
                return Lookalike(known, how.phrase, True)
        for known in HOSTS[:8]:
            if host.startswith(f"{known}."):
                return Lookalike(known, "goes on behind the whole name of", True)
        return None

    def _owner(self, host: str, owner: str, repository: str) -> Lookalike | None:
        owners = self._knowledge.owners
        if (host, owner) in owners or not owner:
            return None
        if host not in self._by_host:
            self._by_host[host] = _index(
                name for (place, name), known in owners.items() if place == host and known.known
            )
        found: Lookalike | None = None
        for name in _candidates(owner, self._by_host[host]):
            answer = _judged(owner, repository, owners[host, name])
            if answer is not None and (found is None or answer.sure > found.sure):
                found = answer
        if found is None and not owner.isascii():  # no forge has such names
            return Lookalike(_plain(owner), _ANOTHER_ALPHABET, True)
        return found


def _judged(owner: str, repository: str, known: Owner) -> Lookalike | None:
    name = known.name.lower()
    how = _difference(owner, name)
    if how is None:
        return None
    same = repository in known.repositories
    if not (same or how.invisible) and (
        len(name) < _SHORTEST or (len(name) < _SURE_LENGTH and not how.same_letters)
    ):
        return None  # short names are near each other by chance
    return Lookalike(known.name, how.phrase, same or how.invisible)


class _Difference(NamedTuple):
    """`same_letters`: only their order or the hyphens differ. `invisible`: to the eye nothing does."""

    phrase: str
    same_letters: bool = False
    invisible: bool = False


def _difference(name: str, known: str) -> _Difference | None:
    """How a name in lower case differs from a known one; None when they are not one error apart."""
    if name == known:
        return None
    if _skeleton(name) == _skeleton(known):
        if name.isascii():
            return _Difference("looks in many fonts like", True, True)
        return _Difference(_ANOTHER_ALPHABET, True, True)
    if _squeezed(name) == _squeezed(known):
        return _Difference("has its hyphens at other places than", True)
    start = 0
    while start < min(len(name), len(known)) and name[start] == known[start]:
        start += 1
    if len(name) == len(known):
        if (
            name[start + 2 :] == known[start + 2 :]
            and name[start : start + 2] == known[start : start + 2][::-1]
        ):
            return _Difference("has two letters the other way round than", True)
        if name[start + 1 :] == known[start + 1 :]:
            return _Difference("is one letter away from")
    elif len(name) == len(known) + 1 and name[start + 1 :] == known[start:]:
        return _Difference("has one letter more than")
    elif len(name) + 1 == len(known) and name[start:] == known[start + 1 :]:
        return _Difference("has one letter less than")
    return None


def _squeezed(name: str) -> str:
    return name.replace("-", "").replace("_", "").replace(".", "")


def _skeleton(name: str) -> str:
    """What a reader sees: one letter for all that look alike."""
    if not name.isascii():
        name = _plain(name)
    for pair, letter in _PAIRS:
        name = name.replace(pair, letter)
    return name.translate(_ALIKE)


def _plain(name: str) -> str:
    """A name in the letters of our alphabet that it seems to be written in."""
    from unicodedata import combining, normalize  # only what is no name of a forge needs it

    bare = "".join(char for char in normalize("NFKD", name) if not combining(char))
    return bare.lower().translate(_FOREIGN)


def _index(names: Iterable[str]) -> dict[str, list[str]]:
    """Known names by every key under which a near name may ask for them."""
    found: dict[str, list[str]] = {}
    for name in names:
        for key in _keys(name):
            found.setdefault(key, []).append(name)
    return found


def _candidates(name: str, index: dict[str, list[str]]) -> Iterator[str]:
    seen: set[str] = set()
    for key in _keys(name) if len(name) <= _LONGEST else ():
        for known in index.get(key, ()):
            if known not in seen:
                seen.add(known)
                yield known


def _keys(name: str) -> Iterator[str]:
    """The name, what the eye sees of it, and itself without each of its letters: names one edit apart share one."""
    yield name
    yield f"={_skeleton(name)}"
    yield f"-{_squeezed(name)}"
    for at in range(len(name)):
        yield name[:at] + name[at + 1 :]
