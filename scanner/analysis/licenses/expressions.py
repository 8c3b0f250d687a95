"""SPDX license expressions (SPDX 3.0.1, Annex B: https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/).

`license-expression` parses them and brings the list of ids. Each licence is then read by what SPDX means by its name: `GPL-2.0-or-later`,
`GPL-2.0+` and `MPL-1.1+` are a version and those after it, deprecated names (`GPL-2.0`) are the ones that replace them.
"""

import re
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from license_expression import Licensing, get_license_index

from scanner.model.nearest import closest, nearest
from scanner.model.quoting import quoted

MAX_LENGTH: Final = 1000
"""Characters of an expression; the longest of real packages have some hundreds."""

_LATER: Final = "-or-later"
_ONLY: Final = "-only"
_OWN: Final = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")
_NEVER: Final = frozenset(("bsd-2", "gpl", "verbatim-man-pages"))
"""Names that the list of `license-expression` has, and that of SPDX has not."""

_COMMON: Final = (
    "MIT",
    "Apache-2.0",
    "BSD-3-Clause",
    "BSD-2-Clause",
    "BSD-4-Clause",
    "GPL-3.0-only",
    "LGPL-3.0-only",
    "AGPL-3.0-only",
    "MPL-2.0",
    "ISC",
    "Unlicense",
    "Zlib",
    "BSL-1.0",
    "CC0-1.0",
    "CC-BY-4.0",
    "EPL-2.0",
    "EUPL-1.2",
)
"""What is most likely meant by a short name, first; SPDX has hundreds that nobody uses."""

_SUFFIX: Final = re.compile(r"[-_]licen[cs]e$")
_SHORT: Final = re.compile(r"(?<=[a-uw-z])-?v?(?=\d)")
_VERSION: Final = re.compile(r"(.+?-)(\d+(?:\.\d+)+)(.*)")
_REPLACED: Final = {
    "ecos-2.0": ("GPL-2.0-or-later", "eCos-exception-2.0"),
    "gpl-2.0-with-autoconf-exception": ("GPL-2.0-only", "Autoconf-exception-2.0"),
    "gpl-2.0-with-classpath-exception": ("GPL-2.0-only", "Classpath-exception-2.0"),
    "gpl-2.0-with-font-exception": ("GPL-2.0-only", "Font-exception-2.0"),
    "gpl-2.0-with-gcc-exception": ("GPL-2.0-only", "GCC-exception-2.0"),
    "gpl-3.0-with-autoconf-exception": ("GPL-3.0-only", "Autoconf-exception-3.0"),
    "gpl-3.0-with-gcc-exception": ("GPL-3.0-only", "GCC-exception-3.1"),
    "wxwindows": ("LGPL-2.0-or-later", "WxWindows-exception-3.1"),
}
"""Deprecated ids that stand for a licence with an exception (https://spdx.org/licenses/, "Deprecated License Identifiers")."""


class License(NamedTuple):
    """One licence: its SPDX id without `-only` and `-or-later`, whether `later` versions may be chosen instead, and the exception that
    is granted with it."""

    id: str
    later: bool = False
    exception: str | None = None

    def __str__(self) -> str:
        return _name(self.id, self.later) + (f" WITH {self.exception}" if self.exception else "")

    @property
    def versions(self) -> tuple[str, ...]:
        """The ids that it is a choice of: its own, and with `later` those of the later versions that there are."""
        return _from(self.id) if self.later else (self.id,)


class Both(NamedTuple):
    """All of them hold at once (`AND`)."""

    parts: "tuple[Expression, ...]"


class Either(NamedTuple):
    """Whoever takes the code chooses one of them (`OR`)."""

    parts: "tuple[Expression, ...]"


Expression = License | Both | Either


class NoLicense(ValueError):
    """A text is no license expression; the message says why, as the end of a sentence."""


@lru_cache(maxsize=1024)
def read(text: str) -> Expression:
    """Reads an expression.

    Raises:
        NoLicense: it is none, or names a licence that SPDX does not have.
    """
    if len(text) > MAX_LENGTH:
        raise NoLicense(f"it has more than {MAX_LENGTH} characters")
    try:
        found = _grammar().parse(text, simple=True)
    except Exception:  # its own errors, and of what it does not expect (`( )`) those of Python
        found = None
    if found is None:
        raise NoLicense(f"{quoted(text)} is no SPDX license expression")
    return _expression(found)


@lru_cache(maxsize=1024)
def read_license(text: str) -> License:
    """Reads a single licence, as lists have them. In what others write, `GPL-2.0` is read as SPDX reads it; in a list of one's own it is
    to be said what is meant.

    Raises:
        NoLicense: it is none, an expression of several, or a deprecated name for one version or all that follow.
    """
    found = read(text)
    if not isinstance(found, License):
        raise NoLicense(f"{quoted(text)} names several licences; list each of them")
    name = text.strip(" ()").partition(" ")[0]
    now = _ids().licenses.get(name.lower(), "")
    if now.endswith(_ONLY) and _base(now).lower() == name.lower():
        raise NoLicense(f"{quoted(name)} does not say whether later versions are meant; write {_choice(now)}")
    return found


def id_of(text: str) -> str | None:
    """The id of one licence that a text is, as SPDX writes it; a deprecated one (`GPL-3.0`) stays what it is. None for an expression, also
    for an id with `+` behind it."""
    return _spelt().get(text.lower())


def _expression(found: Any) -> Expression:
    match type(found).__name__:
        case "OR":
            return Either(tuple(_expression(one) for one in found.args))
        case "AND":
            return Both(tuple(_expression(one) for one in found.args))
        case "LicenseWithExceptionSymbol":
            return _license(found.license_symbol.key, found.exception_symbol.key)
    return _license(found.key, None)


def _license(name: str, exception: str | None) -> License:
    replaced = _REPLACED.get(name.lower())
    if replaced is not None and exception is None:
        name, exception = replaced
    known = _ids()
    granted = known.exceptions.get(exception.lower()) if exception is not None else None
    if exception is not None and granted is None:
        advice = nearest(exception, tuple(known.exceptions.values()))
        raise NoLicense(f"SPDX has no exception {quoted(exception)}{advice}")
    if _OWN.fullmatch(name):
        return License(name, False, granted)
    id = known.licenses.get(name.lower())
    later = id is None and name.endswith("+")
    if later:
        id = known.licenses.get(name[:-1].lower())
    if id is None:
        raise NoLicense(f"SPDX has no licence {quoted(name)}{_meant(name, known)}")
    return License(_base(id), later or id.endswith(_LATER), granted)


def _meant(name: str, known: "_Ids") -> str:
    """Advice behind a name that SPDX does not have: `GPLv3` and `Apache-2` are more often written than misspelt."""
    start = _SUFFIX.sub("", _SHORT.sub("-", name.lower()))
    longer = [id for key, id in known.licenses.items() if key == id.lower() and _continues(key, start)]
    if longer and start:
        likely = next((one for one in _COMMON if one in longer), None)
        return f"; did you mean {_choice(likely or min(longer, key=_likely))}?"
    alike = tuple(one for one in known.licenses.values() if one[:1].lower() == name[:1].lower())
    found = closest(name, (*_COMMON, *alike))
    return f"; did you mean {quoted(found)}?" if found is not None else ""


def _continues(name: str, start: str) -> bool:
    """Whether a name begins with these words or numbers, and not in the middle of one."""
    return name.startswith(start) and not name[len(start) : len(start) + 1].isalnum()


def _likely(id: str) -> tuple[list[int], int, str]:
    """By which the newest version comes first, then the shortest name, and those without a version come last."""
    return [-part for part in _number(_base(id))] or [1], len(id), id


def _choice(id: str) -> str:
    """An id, and that of the same version and those after it, where both have one."""
    return " or ".join(quoted(one) for one in ([id, _base(id) + _LATER] if id.endswith(_ONLY) else [id]))


def _base(id: str) -> str:
    return id.removesuffix(_LATER).removesuffix(_ONLY)


class _Ids(NamedTuple):
    """The ids of SPDX by their names in lower case, deprecated names leading to the ids in their place; `versions` are the ids of the same
    licence (without `-only` and `-or-later`), the oldest first."""

    licenses: dict[str, str]
    exceptions: dict[str, str]
    versions: dict[tuple[str, str], list[str]]


@cache
def _spelt() -> dict[str, str]:
    """The ids of licences by their names in lower case, those of deprecated ones among them."""
    return {
        id.lower(): id
        for row in get_license_index()
        if not row["is_exception"]
        for id in (row.get("spdx_license_key") or "", *row["other_spdx_license_keys"])
        if id
        and not id.startswith("LicenseRef-")
        and not id.endswith("+")
        and " " not in id
        and id.lower() not in (*_NEVER, *_REPLACED)
    }


@cache
def _ids() -> _Ids:
    licenses: dict[str, str] = {}
    exceptions: dict[str, str] = {}
    renamed: dict[str, str] = {}
    for row in get_license_index():
        id: str = row.get("spdx_license_key") or ""
        if not id or id.startswith("LicenseRef-") or id.lower() in _REPLACED:
            continue
        kind = exceptions if row["is_exception"] else licenses
        kind[id.lower()] = id
        for name in row["other_spdx_license_keys"]:
            own = not name.startswith("LicenseRef-") and " " not in name
            if own and name.lower() not in _NEVER and kind is licenses:
                renamed[name.lower()] = id
    versions: dict[tuple[str, str], list[str]] = {}
    for base in dict.fromkeys(_base(id) for id in licenses.values()):
        if (found := _VERSION.fullmatch(base)) is not None:
            versions.setdefault((found[1], found[3]), []).append(base)
    for several in versions.values():
        several.sort(key=_number)
    return _Ids(renamed | licenses, exceptions, versions)


def _number(id: str) -> tuple[int, ...]:
    found = _VERSION.fullmatch(id)
    return tuple(int(part) for part in found[2].split(".")) if found is not None else ()


def _from(id: str) -> tuple[str, ...]:
    """An id and those of the later versions of the licence."""
    found = _VERSION.fullmatch(id)
    several = _ids().versions.get((found[1], found[3]), []) if found is not None else []
    return tuple(several[several.index(id) :]) if id in several else (id,)


def _name(id: str, later: bool) -> str:
    gnu = f"{id}{_LATER}".lower() in _ids().licenses
    if gnu:
        return id + (_LATER if later else _ONLY)
    return f"{id}+" if later else id


@cache
def _grammar() -> Any:
    # Without a list of its own it takes every name, so that ours can say what a wrong one is like.
    return Licensing()
