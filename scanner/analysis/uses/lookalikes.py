"""Names that somebody may have written for a well-known one by mistake, or to be mistaken for it.

Which slips count is what typomania checks for (RustFoundation/typomania, as zizmor 1.32 sets it up): a character left out, doubled,
swapped with its neighbour or hit beside it on the keyboard, a number behind the name, `repo/owner` for `owner/repo`. Read in
the other direction, too: `rn` for `m` and `vv` for `w` look alike.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Final, NamedTuple

_KEYS: Final = {
    "1": "2qil", "2": "1qw3", "3": "2we4", "4": "3er5", "5": "4rt6s", "6": "5ty7", "7": "6yu8", "8": "7ui9",
    "9": "8io0", "0": "9op-", "-": "_0p.", "_": "-0p.", "q": "12wa", "w": "23esaq", "e": "34rdsw", "r": "45tfde",
    "t": "56ygfr", "y": "67uhti", "u": "78ijyv", "i": "189olkjuy", "o": "90pli", "p": "0-o", "a": "qwsz",
    "s": "wdxza5", "d": "erfcxs", "f": "rgvcd", "g": "thbvf", "h": "yjnbg", "j": "uikmnh", "k": "iolmj",
    "l": "iopk1", "z": "asx", "x": "zsdc", "c": "xdfv", "v": "cfgbu", "b": "vghn", "n": "bhjm", "m": "njk",
    ".": "-_", "/": "-_",
}  # fmt: skip
"""For a character that was written, those that may have been meant."""

_ALIKE: Final = (("m", "rn"), ("rn", "m"), ("w", "vv"), ("vv", "w"))
_SMALL: Final = frozenset("-_.")
_LONGEST: Final = 140  # GitHub: 39 characters of an owner, 100 of a repository
_EDGE: Final = 3
"""A slip touches at most two neighbouring characters, so in a name of seven or more one edge is untouched."""


class Slip(NamedTuple):
    """The well-known name, and what is different."""

    name: str
    what: str


class Lookalikes:
    """Well-known `owner/repository` names, indexed so that a name is compared with few of them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names: Final = tuple(names)
        self._answers: dict[str, Slip | None] = {}

    @cached_property
    def _known(self) -> dict[str, str]:
        return {name.lower(): name for name in self._names}

    @cached_property
    def _edges(self) -> dict[tuple[bool, str], list[str]]:
        found: dict[tuple[bool, str], list[str]] = {}
        for name in self._known:
            found.setdefault((True, name[:_EDGE]), []).append(name)
            found.setdefault((False, name[-_EDGE:]), []).append(name)
        return found

    def slip(self, slug: str) -> Slip | None:
        """Which well-known name a slug (`owner/repository`, lower case) resembles; None for one of an owner who has the
        well-known one, too, since nobody squats on their own name."""
        if slug not in self._answers:
            self._answers[slug] = self._slip(slug)
        return self._answers[slug]

    def _slip(self, slug: str) -> Slip | None:
        if slug in self._known or len(slug) > _LONGEST:
            return None
        owner, _, repository = slug.partition("/")
        near = self._edges.get((True, slug[:_EDGE]), []) + self._edges.get((False, slug[-_EDGE:]), [])
        for name in near:
            if abs(len(name) - len(slug)) <= 1 and not name.startswith(f"{owner}/"):
                what = _difference(slug, name)
                if what is not None:
                    return Slip(self._known[name], what)
        for name, what in (
            (slug.rstrip("0123456789").rstrip("-"), "has a number behind it"),
            (f"{repository}/{owner}", "has owner and repository swapped"),
        ):
            if name in self._known and name != slug and not name.startswith(f"{owner}/"):
                return Slip(self._known[name], what)
        return None


def _difference(written: str, meant: str) -> str | None:
    """The one slip between two names, in words; None when there is none, or more."""
    start = 0
    for one, other in zip(written, meant, strict=False):
        if one != other:
            break
        start += 1
    end = 0
    limit = min(len(written), len(meant)) - start
    while end < limit and written[-1 - end] == meant[-1 - end]:
        end += 1
    is_now, was = written[start : len(written) - end], meant[start : len(meant) - end]
    match len(is_now), len(was):
        case 0, 1:
            return f"leaves out {_shown(was)}"
        case 1, 0:
            if start > 0 and written[start - 1] == is_now:
                return f"doubles {_shown(is_now)}"
            return f"has a {_shown(is_now)} too many" if is_now in _SMALL else None
        case 2, 2 if is_now == was[::-1]:
            return f"swaps {_shown(was[0])} and {_shown(was[1])}"
        case 1, 1 if was in _KEYS.get(is_now, ""):
            return f"has {_shown(is_now)} for {_shown(was)}"
    for one, other in _ALIKE:
        if len(meant) - len(written) == len(other) - len(one) and _replaced(
            written, meant, start, one, other
        ):
            return f"has {_shown(one)} for {_shown(other)}"
    return None


def _replaced(written: str, meant: str, start: int, one: str, other: str) -> bool:
    # The first difference may lie inside a pair: `rn` for `rm` begins one character before it.
    return any(
        written.startswith(one, at) and meant == written[:at] + other + written[at + len(one) :]
        for at in (start, start - 1)
        if at >= 0
    )


def _shown(text: str) -> str:
    return f"`{text}`"
