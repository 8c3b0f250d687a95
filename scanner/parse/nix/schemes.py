"""Which attribute sets are flake references: what each of Nix's fetchers takes (libfetchers of Nix 2.34.8).

Two questions to an attribute set: whether it is a reference at all (`defect`: what `original` and flake.nix must
be), and whether a lock may hold it as `locked` (`locked_defect`, which asks the first one, too). Nix refuses a whole lock
for one bad attribute. Both answers were compared with those of Nix 2.34.8 for 7,881 attribute sets.
"""

from collections.abc import Callable, Mapping
from string import ascii_letters, digits
from typing import Final, NamedTuple

from scanner.model.quoting import quoted
from scanner.parse.nix.hashes import parse_nar_hash, parse_rev
from scanner.parse.nix.reference import Attribute
from scanner.parse.nix.uri import NoUri, git_uri, parse_uri

FORGES: Final = frozenset(("github", "gitlab", "sourcehut"))
ARCHIVES: Final = frozenset(("tarball", "file"))

_FORGE: Final = "owner repo ref rev narHash lastModified host treeHash"
_ARCHIVE: Final = "url narHash name unpack rev revCount lastModified"
_SPECIAL: Final = ("type", "dir", "__final")
_TAKES: Final = {
    scheme: frozenset((*names.split(), *_SPECIAL))
    for scheme, names in {
        "github": _FORGE,
        "gitlab": _FORGE,
        "sourcehut": _FORGE,
        "git": "url ref rev shallow submodules lfs exportIgnore lastModified revCount narHash allRefs name dirtyRev "
        "dirtyShortRev verifyCommit keytype publicKey publicKeys",
        "hg": "url ref rev revCount narHash name",
        "tarball": _ARCHIVE,
        "file": _ARCHIVE,
        "path": "path rev revCount lastModified narHash",
        "indirect": "id ref rev narHash",
    }.items()
}
TYPES: Final = frozenset(_TAKES)
"""The types that Nix knows."""

_EXPERIMENTAL: Final = ("verifyCommit", "keytype", "publicKey", "publicKeys")
_NULL_REV: Final = bytes(20)

_ALNUM: Final = ascii_letters + digits
_HOST: Final = frozenset(f"{_ALNUM}.-")
_ID: Final = frozenset(f"{_ALNUM}_-")
_BAD_IN_REF: Final = frozenset(map(chr, range(0x21))) | frozenset("\x7f~^:?*[\\")
_PLAIN_REF: Final = frozenset(f"{_ALNUM}_./@+-")


class Defect(NamedTuple):
    """What is wrong with an attribute set, and at which attribute (None: at none of them).

    The reason is for users and continues the name of the reference: "has a `ref` that …". No period at its end.
    """

    attribute: str | None
    reason: str


def defect(attributes: Mapping[str, Attribute]) -> Defect | None:
    """What Nix refuses in a reference, wherever it stands (`FlakeRef::fromAttrs`).

    A `type` that Nix does not know is no defect yet: Nix reads over such an `original` (see `locked_defect`).
    """
    scheme = attributes.get("type")
    if not isinstance(scheme, str):
        if scheme is None:
            return Defect(None, "has no `type`")
        return Defect("type", "has a `type` that is not a text")
    taken = _TAKES.get(scheme)
    if taken is not None and not attributes.keys() <= taken:
        name = next(name for name in attributes if name not in taken)
        return Defect(name, f"has {quoted(name)}, which the type `{scheme}` does not take")
    return _not_text(attributes, "dir") or _CHECKS.get(scheme, _nothing)(attributes) or _common(attributes)


def locked_defect(attributes: Mapping[str, Attribute]) -> Defect | None:
    """What Nix refuses in the `locked` part of a node: what `defect` says, and what is not locked by anything."""
    found = defect(attributes)
    if found is not None:
        return found
    scheme = attributes["type"]
    if scheme not in _TAKES:
        return Defect("type", f"has the type {quoted(str(scheme))}, which Nix does not know")
    if "rev" in attributes and scheme not in ARCHIVES and scheme != "path":
        found = _not_rev(attributes)
    if found is None and not _is_locked_by_rev(attributes):
        found = _bad_hash(attributes)
    if found is None and is_unlocked(attributes):
        found = Defect(None, "has neither a commit nor a `narHash`, so that nothing locks it")
    if found is None and "__final" in attributes:
        found = Defect("__final", "has `__final`, which is for the inside of Nix and makes it crash")
    return found


def is_unlocked(attributes: Mapping[str, Attribute]) -> bool:
    """Whether Nix refuses it as "unlocked input": nothing says what was locked. A relative path needs nothing."""
    return "narHash" not in attributes and not is_locked(attributes) and not is_relative(attributes)


def is_locked(attributes: Mapping[str, Attribute]) -> bool:
    """Whether an input is locked for Nix (`isLocked`): by a revision, or what has none by its hash.

    A repository without commit is not, though a `narHash` makes Nix read it with a warning. Nor is a relative path, which
    is locked with the flake that it is a part of.
    """
    scheme = attributes.get("type")
    if scheme in ARCHIVES or scheme == "path":
        value = attributes.get("narHash")
        return isinstance(value, str) and parse_nar_hash(value) is not None
    return _is_locked_by_rev(attributes)


def is_relative(attributes: Mapping[str, Attribute]) -> bool:
    """Whether it is a path within the flake that names it."""
    path = attributes.get("path")
    return attributes.get("type") == "path" and isinstance(path, str) and not path.startswith("/")


def is_ref(text: str) -> bool:
    """Whether Git could have a branch, tag or other ref of this name (git-check-ref-format(1))."""
    if not text or text == "@" or not _BAD_IN_REF.isdisjoint(text):
        return False
    if text[0] in "./" or text[-1] in "./" or (text[0] == "-" and "/" not in text):
        return False
    return not (
        ".." in text
        or "//" in text
        or "/." in text
        or "@{" in text
        or text.endswith(".lock")
        or ".lock/" in text
    )


def is_plain_ref(text: str) -> bool:
    """Whether a text is a ref that needs no quoting: what Mercurial inputs and `id/ref` take."""
    return bool(text) and text[0] in f"{_ALNUM}@" and _PLAIN_REF.issuperset(text)


def is_id(text: str) -> bool:
    """Whether a text can be the name of a registry's entry, and of an input of a follows."""
    return text[:1] in ascii_letters and bool(text) and _ID.issuperset(text)


def _is_locked_by_rev(attributes: Mapping[str, Attribute]) -> bool:
    scheme, rev = attributes.get("type"), attributes.get("rev")
    if scheme not in FORGES and scheme not in ("git", "hg"):
        return False
    found = parse_rev(rev) if isinstance(rev, str) else None
    return found is not None and not (scheme == "git" and found.octets == _NULL_REV)


def _bad_hash(attributes: Mapping[str, Attribute]) -> Defect | None:
    value = attributes.get("narHash")
    if value is None:
        return None
    if not isinstance(value, str):
        return _not_text(attributes, "narHash")
    if parse_nar_hash(value) is None:
        return Defect(
            "narHash", f"has a `narHash` that is no SHA-256 hash of the form `sha256-…`: {quoted(value)}"
        )
    return None


def _not_rev(attributes: Mapping[str, Attribute]) -> Defect | None:
    wrong = _not_text(attributes, "rev")
    rev = attributes["rev"]
    if wrong is not None or not isinstance(rev, str):
        return wrong
    found = parse_rev(rev)
    if found is None:
        return Defect("rev", f"has a `rev` that is no full commit id: {quoted(rev)}")
    if attributes["type"] in FORGES and found.algorithm != "sha1":
        return Defect("rev", f"has a `rev` that is no SHA-1 commit id: {quoted(rev)}")
    return None


def _not_text(attributes: Mapping[str, Attribute], *names: str) -> Defect | None:
    """An attribute that must be a text, if it is there, and is none."""
    for name in names:
        value = attributes.get(name)
        if value is not None and not isinstance(value, str):
            return Defect(name, f"has a `{name}` that is not a text")
    return None


def _common(attributes: Mapping[str, Attribute]) -> Defect | None:
    """What Nix checks of each reference (`fixupInput`)."""
    for name in ("revCount", "lastModified"):
        value = attributes.get(name)
        if isinstance(value, str | bool):
            return Defect(name, f"has a `{name}` that is not a number")
    return _not_text(attributes, "ref")


def _missing(attributes: Mapping[str, Attribute], *names: str) -> Defect | None:
    for name in names:
        if name not in attributes:
            return Defect(None, f"has no `{name}`")
    return _not_text(attributes, *names)


def _nothing(attributes: Mapping[str, Attribute]) -> Defect | None:
    return None


def _forge(attributes: Mapping[str, Attribute]) -> Defect | None:
    wrong = _missing(attributes, "owner", "repo") or _not_text(attributes, "ref", "rev")
    if wrong is not None:
        return wrong
    ref, host = attributes.get("ref"), attributes.get("host")
    if "rev" in attributes:
        if ref is not None:
            return Defect("ref", "has a `ref` and a `rev`, of which it can have one")
        wrong = _not_rev(attributes)
        if wrong is not None:
            return wrong
    if isinstance(ref, str) and not is_ref(ref):
        return _bad_ref(ref)
    if host is not None:
        if not isinstance(host, str):
            return _not_text(attributes, "host")
        if not _HOST.issuperset(host):
            return Defect("host", f"has a `host` that is no host name: {quoted(host)}")
    return None


def _git(attributes: Mapping[str, Attribute]) -> Defect | None:
    for name in _EXPERIMENTAL:
        if name in attributes:
            return Defect(name, f"has `{name}`, which needs Nix's experimental feature `verified-fetches`")
    wrong = _not_text(attributes, "ref")
    ref = attributes.get("ref")
    if wrong is None and isinstance(ref, str) and not is_ref(ref):
        wrong = _bad_ref(ref)
    wrong = wrong or _missing(attributes, "url")
    if wrong is not None:
        return wrong
    uri = git_uri(str(attributes["url"]))
    if isinstance(uri, NoUri):
        return Defect("url", f"has a `url` that {uri.reason}")
    for name in ("shallow", "submodules", "allRefs"):
        value = attributes.get(name)
        if value is not None and not isinstance(value, bool):
            return Defect(name, f"has a `{name}` that is neither `true` nor `false`")
    return None


def _mercurial(attributes: Mapping[str, Attribute]) -> Defect | None:
    wrong = _missing(attributes, "url") or _not_text(attributes, "ref")
    if wrong is not None:
        return wrong
    uri = parse_uri(str(attributes["url"]))
    if isinstance(uri, NoUri):
        return Defect("url", f"has a `url` that {uri.reason}")
    ref = attributes.get("ref")
    return _bad_ref(ref) if isinstance(ref, str) and not is_plain_ref(ref) else None


def _path(attributes: Mapping[str, Attribute]) -> Defect | None:
    return _missing(attributes, "path")


def _indirect(attributes: Mapping[str, Attribute]) -> Defect | None:
    wrong = _missing(attributes, "id")
    name = attributes.get("id")
    if wrong is None and isinstance(name, str) and not is_id(name):
        return Defect("id", f"has an `id` that is no name of letters, digits, `-` and `_`: {quoted(name)}")
    return wrong


def _bad_ref(ref: str) -> Defect:
    return Defect("ref", f"has a `ref` that cannot be a branch or tag: {quoted(ref)}")


_CHECKS: Final[dict[str, Callable[[Mapping[str, Attribute]], Defect | None]]] = {
    "github": _forge,
    "gitlab": _forge,
    "sourcehut": _forge,
    "git": _git,
    "hg": _mercurial,
    "path": _path,
    "indirect": _indirect,
}
